"""A day of the hot table as a whole: which rows it has, whether they changed, and letting go of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from django.db import OperationalError, connection, transaction
from numpy.typing import NDArray
from psycopg import sql

from qingyuan.recording.known import POSTGRES_EPOCH_US
from qingyuan.recording.lake.layout import NUMBERS, frame
from qingyuan.recording.logic import partitions

if TYPE_CHECKING:
    import polars as pl

ROWS_AT_ONCE = 1_000_000
PATIENCE_MS = 500  # less than PostgreSQL's deadlock_timeout, so that sealing gives way and never another
_HEADER, _TRAILER = 19, 2
_ROW = np.dtype(
    [("fields", ">i2"), ("channel#", ">i4"), ("channel", ">i4"), ("at#", ">i4"), ("at", ">i8")]
    + [item for name in NUMBERS for item in ((f"{name}#", ">i4"), (name, ">f8"))]
    + [("mark#", ">i4"), ("mark", "S1"), ("received#", ">i4"), ("received", ">i8"), ("hash#", ">i4"), ("hash", ">i8")]
)
_ROWS = sql.SQL(
    "COPY (SELECT channel_id, at, coalesce(value, 'NaN'), coalesce(low, 'NaN'), coalesce(high, 'NaN'),"
    " coalesce(total, 'NaN'), mark, received_at, hash_record_extended(r, 0) FROM {} r"
    ' WHERE kind = {}::"char" AND channel_id BETWEEN {} AND {}) TO STDOUT (FORMAT BINARY)'
)
_FINGERPRINT = sql.SQL("SELECT count(*), coalesce(bit_xor(hash_record_extended(r, 0)), 0) FROM {} r")
_COUNTS = sql.SQL("SELECT kind::text, channel_id, count(*) FROM {} GROUP BY 1, 2 ORDER BY 1, 2")
_PARTITIONS = "SELECT relid::text FROM pg_partition_tree('recording_reading') WHERE isleaf"


@dataclass
class Fingerprint:
    """Number of rows and the exclusive or of their hashes: the same only if they are the same rows."""

    count: int = 0
    hashes: int = 0

    def take(self, hashes: NDArray[np.int64]) -> None:
        """Take rows in."""
        self.count += len(hashes)
        self.hashes ^= int(np.bitwise_xor.reduce(hashes)) if len(hashes) else 0

    def __str__(self) -> str:
        return f"{self.count}:{self.hashes}"


def days_before(day: date) -> list[date]:
    """Days before `day` that have a partition, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_PARTITIONS)
        names = [row[0] for row in cursor.fetchall()]
    letters = [name.rpartition("_")[2] for name in names]
    found = [date.fromisoformat(text) for text in letters if len(text) == 8 and text.isdigit()]
    return sorted(one for one in found if one < day)


def chunks(day: date) -> Iterator[tuple[str, int, int]]:
    """The day's rows in pieces that fit into memory: kind, first and last channel."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS.format(_table(day)))
        counts = cursor.fetchall()
    piece, gathered = None, 0
    for kind, channel, count in counts:
        if piece is not None and (kind != piece[0] or gathered + count > ROWS_AT_ONCE):
            yield piece
            piece, gathered = None, 0
        piece, gathered = (kind, piece[1] if piece else channel, channel), gathered + count
    if piece is not None:
        yield piece


def rows(day: date, chunk: tuple[str, int, int], seen: Fingerprint) -> "pl.DataFrame":
    """The rows of a chunk with the lake's columns; `seen` takes them in."""
    stream = bytearray()  # a row arrives at a time; a list of them would take several times the room
    with connection.cursor() as cursor, cursor.copy(_ROWS.format(_table(day), *chunk)) as copy:
        for row in copy:
            stream += row
    found = np.frombuffer(stream, dtype=_ROW, offset=_HEADER, count=(len(stream) - _HEADER - _TRAILER) // _ROW.itemsize)
    seen.take(found["hash"].astype(np.int64))
    return frame(
        {
            "channel": found["channel"],
            "at": found["at"].astype(np.int64) + POSTGRES_EPOCH_US,
            **{name: found[name] for name in NUMBERS},
            "mark": found["mark"],
            "received_at": found["received"].astype(np.int64) + POSTGRES_EPOCH_US,
        }
    )


def keep_writers_out(day: date) -> None:
    """Until the transaction ends nobody writes to the day."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(_table(day)))


def let_go(day: date, seen: Fingerprint) -> bool:
    """Empty the day's partition and drop it, if it still holds what was seen and nobody is at it; says whether.

    The partition alone is locked while its rows are compared, so that writers of other days go on. A reading that
    comes between the two steps finds the empty partition; then it is not dropped.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {PATIENCE_MS}")
            cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(_table(day)))
            if _fingerprint(day) != seen:
                return False
            cursor.execute(sql.SQL("TRUNCATE {}").format(_table(day)))
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {PATIENCE_MS}")
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('recording_reading'))")
            cursor.execute("LOCK TABLE ONLY recording_reading IN ACCESS EXCLUSIVE MODE")
            if not _fingerprint(day).count:
                cursor.execute(sql.SQL("DROP TABLE {}").format(_table(day)))
                partitions.forget()
    except OperationalError:
        return False  # somebody reads or writes there: the next round finds the day again
    return True


def _fingerprint(day: date) -> Fingerprint:
    with connection.cursor() as cursor:
        cursor.execute(_FINGERPRINT.format(_table(day)))
        return Fingerprint(*cursor.fetchone())


def _table(day: date) -> sql.Identifier:
    return sql.Identifier(f"recording_reading_{day:%Y%m%d}")
