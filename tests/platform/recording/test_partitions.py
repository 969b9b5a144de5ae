"""A new day's partition is made beside those who read, and what comes in looks at no day but its own."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from qingyuan.recording.logic import partitions

pytestmark = pytest.mark.django_db(transaction=True)
DAY = date(2031, 5, 6)


def test_a_partition_is_made_while_somebody_reads_the_table() -> None:
    made = threading.Event()

    def make() -> None:
        with transaction.atomic():
            partitions.ensure([DAY])
        made.set()
        connection.close()

    partitions.forget()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM recording_reading")
        thread = threading.Thread(target=make)
        thread.start()
        assert made.wait(10), "the partition waited for the reader"
    thread.join(10)
    with connection.cursor() as cursor:
        cursor.execute("SELECT relispartition FROM pg_class WHERE relname = %s", [f"recording_reading_{DAY:%Y%m%d}"])
        assert cursor.fetchone() == (True,)
        cursor.execute(f"DROP TABLE recording_reading_{DAY:%Y%m%d}")
    partitions.forget()


def test_while_an_old_day_is_locked_resent_readings_are_merged_compared_and_judged_as_ever(
    channel: Any, readings: Callable[..., Any]
) -> None:
    from qingyuan.judging.api import judge_readings, set_watch
    from qingyuan.recording.api import compute_means
    from qingyuan.recording.queries import latest

    hours = [datetime(2031, 5, 6, hour, tzinfo=UTC) for hour in range(24)]
    with transaction.atomic():
        readings(channel, "h", [(hours[0] - timedelta(days=40), 1.0)])
        readings(channel, "h", [(at, 20.0) for at in hours])
    set_watch("exceedance", kind="h", valid_from=date(2020, 1, 1), station_kind=channel.station.kind)
    locked, done = threading.Event(), threading.Event()

    def lock() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE recording_reading_20310327 IN ACCESS EXCLUSIVE MODE")
            locked.set()
            done.wait(60)
        connection.close()

    thread = threading.Thread(target=lock)
    thread.start()
    assert locked.wait(10)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")
    try:
        with transaction.atomic():  # resent with other values, and kept as the newest
            event = readings(channel, "h", [(at, 21.0) for at in hours])
        compute_means(event)
        judge_readings(event)
        assert latest([channel.pk], "h", since=timedelta(days=9999))[channel.pk].value == 21.0
    finally:
        done.set()
        thread.join(10)
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
