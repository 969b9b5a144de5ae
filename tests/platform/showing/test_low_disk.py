"""Whoever can make room, or call somebody who can, is told on every page before a disk is full."""

from typing import Any

import pytest
from django.test import Client

from qingyuan.kit import metrics
from qingyuan.kit.disk.room import rooms

pytestmark = pytest.mark.django_db
NEARLY_FULL = "磁盘空间即将用尽"


@pytest.fixture(autouse=True)
def no_room(settings: Any) -> None:
    settings.LOW_DISK_BYTES = 1 << 62


@pytest.mark.parametrize(
    ("role", "told"), [("administrator", True), ("duty_officer", True), ("analyst", False), ("enterprise", False)]
)
def test_a_disk_that_is_nearly_full_is_told_to_those_who_can_do_something(
    role: str, told: bool, client: Client, cast: Any
) -> None:
    client.force_login(getattr(cast, role))
    page = client.get("/map/").content.decode()
    assert (NEARLY_FULL in page) is told


def test_nobody_is_told_where_there_is_room(client: Client, cast: Any, settings: Any) -> None:
    settings.LOW_DISK_BYTES = 1
    client.force_login(cast.administrator)
    assert NEARLY_FULL not in client.get("/map/").content.decode()


def test_each_disk_is_told_once_with_what_the_system_says_of_it(settings: Any, tmp_path: Any) -> None:
    settings.DATA, settings.MEDIA_ROOT, settings.LAKE = tmp_path, tmp_path, "s3://bucket/lake"
    (room,) = rooms()
    assert 0 < room.free <= room.size
    assert room.is_low
    told = next(one for one in metrics.LogFigures().collect() if one.name == "qingyuan_disk_free_bytes")
    assert [sample.labels for sample in told.samples] == [{"folder": str(tmp_path)}]
