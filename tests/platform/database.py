"""The fixture that every test with a database needs; conftest files import it."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

_EMPTY = """DO $$ DECLARE name text; BEGIN
SET LOCAL session_replication_role = replica;
FOREACH name IN ARRAY ARRAY[{tables}] LOOP EXECUTE 'DELETE FROM ' || quote_ident(name); END LOOP;
END $$"""


@pytest.fixture(scope="session", autouse=True)
def tables_are_emptied_row_by_row() -> Iterator[None]:
    """After a test that commits, few rows lie in few of some two hundred tables; to truncate all takes far longer.

    Triggers and foreign keys stay out of it, as with TRUNCATE, which takes a superuser; sequences go on, as before.
    """
    from django.db.backends.postgresql.operations import DatabaseOperations

    def sql_flush(_self: Any, _style: Any, tables: Sequence[str], **_: Any) -> list[str]:
        names = ", ".join("'" + table.replace("'", "''") + "'" for table in tables)
        return [_EMPTY.format(tables=names)] if tables else []

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(DatabaseOperations, "sql_flush", sql_flush)
        yield


@pytest.fixture(autouse=True)
def readings_of_this_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each test rolls its partitions back, so what is remembered of them goes too; committed ones are dropped.

    A year of the demo's days would otherwise be hundreds of tables to empty after every test that follows.

    Lines of the log get their numbers at once in a test that never commits.
    """
    mark = request.node.get_closest_marker("django_db")
    if mark is None:
        yield
        return
    request.getfixturevalue("_django_db_helper")
    from django.db import connection

    from qingyuan.kit import log
    from qingyuan.recording.logic import partitions

    partitions.forget()
    if connection.in_atomic_block:
        log.number_at_once()  # the test reads what it writes, and never commits
    yield
    partitions.forget()
    if mark.kwargs.get("transaction"):
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE recording_latest, recording_correction")
            cursor.execute("SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'recording_reading'::regclass")
            days = [name for (name,) in cursor.fetchall()]
            for begins in range(0, len(days), 100):
                cursor.execute("DROP TABLE " + ", ".join(days[begins : begins + 100]))
