"""One partition of the reading table a day, made before it is needed."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from django.db import connection

from qingyuan.kit import clock

YOUNG_DAYS = 4  # a younger day is never sealed, so its partition is never dropped
_made: set[date] = set()


def ensure(days: Iterable[date]) -> None:
    """Make the partitions of these days (UTC) where they do not exist yet."""
    never_dropped = clock.now().date() - timedelta(days=YOUNG_DAYS)
    for day in sorted(set(days) - {day for day in _made if day > never_dropped}):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('recording_reading'))")
            cursor.execute("SELECT to_regclass(%s)", [f"recording_reading_{day:%Y%m%d}"])
            if cursor.fetchone()[0] is None:
                _make(day)


def _make(day: date) -> None:
    """Attach a table of its own: one created as a partition would wait for everybody who reads the whole."""
    begins = datetime(day.year, day.month, day.day, tzinfo=UTC)
    ends = begins + timedelta(days=1)
    name = f"recording_reading_{day:%Y%m%d}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {name} (LIKE recording_reading INCLUDING ALL)")
        cursor.execute(
            f"ALTER TABLE recording_reading ATTACH PARTITION {name}"
            f" FOR VALUES FROM ('{begins.isoformat()}') TO ('{ends.isoformat()}')"
        )


def remember(days: Iterable[date]) -> None:
    """Skip these days from now on; called once the transaction that made them has committed."""
    _made.update(days)


def forget() -> None:
    """Ask PostgreSQL again next time (another database, or dropped partitions)."""
    _made.clear()
