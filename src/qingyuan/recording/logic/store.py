"""Merging a batch into the reading table: COPY into a staging table, insert what is new, correct what differs."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection, transaction
from psycopg.errors import UniqueViolation

from qingyuan.kit import log
from qingyuan.recording.arrived import ONE_BY_ONE
from qingyuan.recording.events import ReadingsCorrected
from qingyuan.recording.logic import partitions
from qingyuan.recording.logic.batch import Columns, binary_copy
from qingyuan_science.series import moment

COMPUTED = frozenset("MTHD")


FEW = 20  # readings; COPY takes more turns than it saves


STAGED_AFTER_RESENT = 50  # batches; an attempt that fails costs about half a batch


_COLUMNS = "channel_id, kind, at, value, low, high, total, mark, received_at"


_STAGE = (
    "CREATE TEMPORARY TABLE IF NOT EXISTS recording_staging (LIKE recording_reading INCLUDING STORAGE)"
    " ON COMMIT DELETE ROWS"
)


_INSERT = f"INSERT INTO recording_reading ({_COLUMNS}) SELECT {_COLUMNS} FROM recording_staging ON CONFLICT DO NOTHING"


_INSERT_FEW = (
    f"INSERT INTO recording_reading ({_COLUMNS}) SELECT channel_id, kind, timestamptz 'epoch' + at * interval '1 us',"
    " value, low, high, total, mark, timestamptz 'epoch' + received_at * interval '1 us'"
    ' FROM unnest(%s::int[], %s::"char"[], %s::bigint[], %s::float8[], %s::float8[], %s::float8[], %s::float8[],'
    f' %s::"char"[], %s::bigint[]) AS sent({_COLUMNS}) ON CONFLICT DO NOTHING'
)


_DIFFERENT = "(r.value, r.low, r.high, r.total, r.mark) IS DISTINCT FROM (s.value, s.low, s.high, s.total, s.mark)"


_BOTH = (
    "FROM recording_staging s JOIN LATERAL (SELECT * FROM recording_reading r"
    f" WHERE (r.channel_id, r.kind, r.at) = (s.channel_id, s.kind, s.at) AND {ONE_BY_ONE}) r ON true"
)


# until the transaction ends nobody else changes what stands, so each value that is replaced is seen by who replaces it
_LOCK = (
    "SELECT count(*) FROM recording_staging s JOIN LATERAL (SELECT 1 FROM recording_reading r"
    f" WHERE (r.channel_id, r.kind, r.at) = (s.channel_id, s.kind, s.at) AND {ONE_BY_ONE} FOR NO KEY UPDATE) r ON true"
)


_OLD = (
    f"WITH old AS (SELECT r.*, s.received_at AS replaced_at {_BOTH}"
    f" WHERE {_DIFFERENT} AND s.received_at >= r.received_at"
    f"), kept AS (INSERT INTO recording_correction ({_COLUMNS}, replaced_at)"
    f" SELECT {_COLUMNS}, replaced_at FROM old ORDER BY channel_id, kind, at)"
    " SELECT channel_id, kind, at, value, low, high, total, mark FROM old ORDER BY channel_id, kind, at"
)


_CORRECT = (
    f"INSERT INTO recording_reading AS r ({_COLUMNS}) SELECT {_COLUMNS} FROM recording_staging"
    " ORDER BY channel_id, kind, at ON CONFLICT (channel_id, kind, at) DO UPDATE SET value = excluded.value,"
    " low = excluded.low, high = excluded.high, total = excluded.total, mark = excluded.mark,"
    f" received_at = excluded.received_at WHERE {_DIFFERENT.replace('s.', 'excluded.')}"
    " AND excluded.received_at >= r.received_at"
)


# what was received before the reading that stands, but decoded after it, is an earlier state of knowledge
_EARLIER = (
    f"INSERT INTO recording_correction ({_COLUMNS}, replaced_at)"
    " SELECT s.channel_id, s.kind, s.at, s.value, s.low, s.high, s.total, s.mark, s.received_at, r.received_at"
    f" {_BOTH}"
    " LEFT JOIN LATERAL (SELECT * FROM recording_correction k"
    " WHERE (k.channel_id, k.kind, k.at, k.received_at) = (s.channel_id, s.kind, s.at, s.received_at)"
    " ORDER BY k.id DESC LIMIT 1) k ON true"
    " WHERE s.received_at < r.received_at AND (k.id IS NULL OR (k.value, k.low, k.high, k.total, k.mark)"
    " IS DISTINCT FROM (s.value, s.low, s.high, s.total, s.mark))"
)


_KEPT = (
    f"INSERT INTO recording_correction ({_COLUMNS}, replaced_at)"
    ' SELECT channel_id, %(kind)s::"char", at, value, low, high, total, mark, received_at, replaced_at'
    " FROM unnest(%(channels)s::int[], %(times)s::timestamptz[], %(values)s::float8[], %(lows)s::float8[],"
    ' %(highs)s::float8[], %(totals)s::float8[], %(marks)s::"char"[], %(received)s::timestamptz[],'
    " %(replaced)s::timestamptz[])"
    " AS s(channel_id, at, value, low, high, total, mark, received_at, replaced_at)"
    " WHERE NOT EXISTS (SELECT FROM recording_correction k"
    ' WHERE (k.channel_id, k.kind, k.at, k.received_at) = (s.channel_id, %(kind)s::"char", s.at, s.received_at)'
    " AND (k.value, k.low, k.high, k.total, k.mark, k.replaced_at)"
    " IS NOT DISTINCT FROM (s.value, s.low, s.high, s.total, s.mark, s.replaced_at))"
)


def keep_corrections(kind: str, rows: Iterable[tuple[Any, ...]], replaced_at: Iterable[datetime]) -> None:
    """Keep readings of a kind that stood until `replaced_at`; a correction that is kept already stays one.

    Each row is (channel, at, value, low, high, total, mark, received_at).
    """
    names = ("channels", "times", "values", "lows", "highs", "totals", "marks", "received")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_KEPT, {"kind": kind, **columns, "replaced": list(replaced_at)})


def merge(columns: Columns) -> int:
    """Merge readings into the table inside the caller's transaction; returns how many were new or other than before.

    Resent readings change nothing. Where a resent reading differs, the one received last stands and the other is kept
    as a correction, which `as_of` answers from, and in the chained log. `columns` are in order, so that several writers
    take the rows of the table in the same turn.
    """
    if not len(columns):
        return 0
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("readings are merged inside a transaction, or staging is emptied")
    days = _days(columns)
    partitions.ensure(days)
    transaction.on_commit(lambda: partitions.remember(days))
    if len(columns) <= FEW:
        inserted = _insert(columns)
        return inserted if inserted == len(columns) else inserted + _merge(columns, binary_copy(columns))
    stream = binary_copy(columns)
    if _unseen.expected() and _append(stream):
        return len(columns)
    return _merge(columns, stream)


def _insert(columns: Columns) -> int:
    """Insert a few readings as new ones, by one statement; how many of them were."""
    numbers = [[None if number != number else number for number in column] for column in columns.numbers.T.tolist()]
    letters = [array.astype("U1").tolist() for array in (columns.kind, columns.mark)]
    times = [array.tolist() for array in (columns.at, columns.received)]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_FEW, [columns.channel.tolist(), letters[0], times[0], *numbers, letters[1], times[1]])
        return int(cursor.rowcount)


@dataclass
class _Unseen:
    """Whether readings are tried as new ones first; where some turn out to be resent, the next batches are not."""

    staged: int = 0

    def expected(self) -> bool:
        self.staged -= self.staged > 0
        return not self.staged

    def disappoint(self) -> None:
        self.staged = STAGED_AFTER_RESENT


_unseen = _Unseen()


def _append(stream: bytes) -> bool:
    """Copy readings straight into the table; False, and nothing copied, when one of them is there already."""
    try:
        with transaction.atomic():
            _copy(stream, "recording_reading")
    except UniqueViolation:
        _unseen.disappoint()
        return False
    return True


def _merge(columns: Columns, stream: bytes) -> int:
    """Copy readings into the staging table; insert those that are new, correct those that differ."""
    within = [moment(int(columns.at.min())), moment(int(columns.at.max()))]
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        cursor.execute("DELETE FROM recording_staging")  # a merge before this one in the same transaction left its rows
        _copy(stream, "recording_staging")
        cursor.execute(_INSERT)
        inserted = int(cursor.rowcount)
        if inserted == len(columns):
            return inserted
        cursor.execute(_LOCK, within)
        cursor.execute(_EARLIER, within)
        earlier = int(cursor.rowcount)
        cursor.execute(_OLD, within)
        old = cursor.fetchall()
        if old:
            cursor.execute(_CORRECT)
            keep(old)
        return inserted + len(old) + earlier


def _copy(stream: bytes, table: str) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({_COLUMNS}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(stream)


def _days(columns: Columns) -> set[date]:
    days = columns.at // 86_400_000_000
    numbers = np.unique(days[np.append(True, days[1:] != days[:-1])])
    return {(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=int(number))).date() for number in numbers}


def keep(old: list[tuple[Any, ...]]) -> None:
    """Write values that were replaced into the log: (channel, kind, at, value, low, high, total, mark) each."""
    by_channel: dict[int, list[list[Any]]] = defaultdict(list)
    for channel, kind, at, *numbers, mark in old:
        if kind in COMPUTED:
            continue  # a mean grows as its hour fills; what it was made of is kept, so nothing is lost
        texts = [None if number is None else repr(number) for number in numbers]
        by_channel[channel].append([kind, round(at.timestamp() * 1_000_000), *texts, mark])
    for channel, items in by_channel.items():
        log.write(ReadingsCorrected(id=channel, old=items), why="the sender sent other values for the same instants")
