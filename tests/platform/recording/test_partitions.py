"""A new day's partition is made beside those who read: no packet waits for them."""

import threading
from datetime import date

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
