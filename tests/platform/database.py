"""Fixtures that every test with a database shares; conftest files import them."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from psycopg.conninfo import conninfo_to_dict


@pytest.fixture(scope="session")
def django_db_modify_db_settings(cluster: str) -> None:
    """Point the settings at the cluster of this test run."""
    parts = conninfo_to_dict(cluster)
    from django.db import connections

    for values in (settings.DATABASES["default"], connections["default"].settings_dict):
        values.update(
            NAME=str(parts.get("dbname", "qingyuan")),
            USER=str(parts.get("user", "")),
            PASSWORD=str(parts.get("password", "")),
            HOST=str(parts.get("host", "")),
            PORT=str(parts.get("port", "")),
        )


@pytest.fixture(autouse=True)
def readings_of_this_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each test rolls its partitions back, so what is remembered of them goes too; committed readings are emptied."""
    mark = request.node.get_closest_marker("django_db")
    if mark is None:
        yield
        return
    request.getfixturevalue("_django_db_helper")
    from django.db import connection

    from qingyuan.recording.logic import partitions

    partitions.forget()
    yield
    partitions.forget()
    if mark.kwargs.get("transaction"):
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE recording_reading")
