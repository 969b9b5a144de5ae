"""What nobody may read lies enciphered in the database, and is as before where it is used."""

import pytest
from django.db import connection
from django.test import override_settings
from psycopg import sql

from qingyuan.kit.errors import SealedOtherwise
from qingyuan.sensing.api import define_feed
from qingyuan.sensing.queries import Device, Feed

pytestmark = pytest.mark.django_db
SETTINGS = {"url": "https://data.example/rows.json", "headers": "Authorization: Bearer s3cret", "minutes": "10"}


def lying(table: str, column: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT {} FROM {}").format(sql.Identifier(column), sql.Identifier(table)))
        (value,) = cursor.fetchone()
    return str(value)


def test_a_feeds_password_cannot_be_read_from_the_table_and_is_as_before_where_it_is_used() -> None:
    define_feed("meters", connector="pull", title_zh="电表", title_en="Meters", settings=SETTINGS)
    assert "s3cret" not in lying("sensing_feed", "settings")
    assert Feed.objects.get().settings["headers"] == SETTINGS["headers"]


def test_a_devices_key_cannot_be_read_from_the_table(device: Device) -> None:
    Device.objects.update(key="0123456789abcdef")
    assert "0123456789abcdef" not in lying("sensing_device", "key")
    assert Device.objects.get().key == "0123456789abcdef"


def test_with_another_platforms_key_it_is_said_what_is_missing() -> None:
    define_feed("meters", connector="pull", title_zh="电表", title_en="Meters", settings=SETTINGS)
    with override_settings(SECRET_KEY="another"), pytest.raises(SealedOtherwise, match="secret_key"):
        Feed.objects.get()
