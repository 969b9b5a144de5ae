"""Merging a batch into the reading table: COPY into a staging table, insert what is new, correct what differs."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection, transaction

from qingyuan.kit import log
from qingyuan.recording.events import ReadingsCorrected
from qingyuan.recording.logic import partitions
from qingyuan.recording.logic.batch import Columns, binary_copy

COMPUTED = frozenset("HD")
_COLUMNS = "channel_id, kind, at, value, low, high, total, mark, received_at"
_STAGE = (
    "CREATE TEMPORARY TABLE IF NOT EXISTS recording_staging (LIKE recording_reading INCLUDING STORAGE)"
    " ON COMMIT DELETE ROWS"
)
_INSERT = f"INSERT INTO recording_reading ({_COLUMNS}) SELECT {_COLUMNS} FROM recording_staging ON CONFLICT DO NOTHING"
_DIFFERENT = "(r.value, r.low, r.high, r.total, r.mark) IS DISTINCT FROM (s.value, s.low, s.high, s.total, s.mark)"
_OLD = (
    "SELECT r.channel_id, r.kind, r.at, r.value, r.low, r.high, r.total, r.mark"
    f" FROM recording_staging s JOIN recording_reading r USING (channel_id, kind, at) WHERE {_DIFFERENT}"
)
_CORRECT = (
    "UPDATE recording_reading r SET value = s.value, low = s.low, high = s.high, total = s.total, mark = s.mark,"
    " received_at = s.received_at FROM recording_staging s"
    f" WHERE (r.channel_id, r.kind, r.at) = (s.channel_id, s.kind, s.at) AND {_DIFFERENT}"
)


def merge(columns: Columns) -> int:
    """Merge readings into the table inside the caller's transaction; returns how many were new or other than before.

    Resent readings change nothing. Where a resent reading differs, the new one stands and the old one is kept in the
    chained log.
    """
    if not len(columns):
        return 0
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("readings are merged inside a transaction, or staging is emptied")
    columns = columns.last_of_each()
    days = _days(columns)
    partitions.ensure(days)
    transaction.on_commit(lambda: partitions.remember(days))
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy(f"COPY recording_staging ({_COLUMNS}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(binary_copy(columns))
        cursor.execute(_INSERT)
        inserted = int(cursor.rowcount)
        if inserted < len(columns):
            cursor.execute(_OLD)
            old = cursor.fetchall()
            if old:
                cursor.execute(_CORRECT)
                _keep(old)
            return inserted + len(old)
    return inserted


def _days(columns: Columns) -> set[date]:
    numbers = np.unique(columns.at // 86_400_000_000)
    return {(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=int(number))).date() for number in numbers}


def _keep(old: list[tuple[Any, ...]]) -> None:
    by_channel: dict[int, list[list[Any]]] = defaultdict(list)
    for channel, kind, at, *numbers, mark in old:
        if kind in COMPUTED:
            continue  # a mean grows as its hour fills; what it was made of is kept, so nothing is lost
        texts = [None if number is None else repr(number) for number in numbers]
        by_channel[channel].append([kind, round(at.timestamp() * 1_000_000), *texts, mark])
    for channel, items in by_channel.items():
        log.write(ReadingsCorrected(id=channel, old=items), why="the sender sent other values for the same instants")
