"""Taking a table in so that it can be undone: what it made and what it replaced is noted in the same transaction."""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import zstandard
from django.db import connection, transaction

from qingyuan.kit import clock, log
from qingyuan.kit.log import Origin
from qingyuan.people.queries import User
from qingyuan.recording.events import ImportDone, ImportUndone, ReadingsWithdrawn
from qingyuan.recording.logic import partitions
from qingyuan.recording.logic.batch import Columns, binary_copy, columns_of
from qingyuan.recording.models import Import
from qingyuan.recording.queries import EPOCH
from qingyuan.sensing import api as sensing
from qingyuan.sensing.api import Delivery, Payload, Rows, Segment, Sink
from qingyuan.sensing.queries import Feed
from qingyuan_science.series import microseconds

_COLUMNS = "channel_id, kind, at, value, low, high, total, mark, received_at"
_KEYS = "(r.channel_id, r.kind, r.at) = (s.channel_id, s.kind, s.at)"
_STAGE = (
    "CREATE TEMPORARY TABLE IF NOT EXISTS recording_import_staging (LIKE recording_reading INCLUDING STORAGE)"
    " ON COMMIT DELETE ROWS"
)
# A reading that somebody else puts in at the same time is waited for by the insert, and then counts as changed.
_NOTE_NEW = (
    f"WITH new AS (INSERT INTO recording_reading ({_COLUMNS}) SELECT {_COLUMNS} FROM recording_import_staging"  # noqa: S608
    " ORDER BY channel_id, kind, at ON CONFLICT DO NOTHING RETURNING channel_id, kind, at)"
    " INSERT INTO recording_importedreading (import_id, channel_id, kind, at) SELECT %s, channel_id, kind, at FROM new"
)
_BETWEEN = "r.at BETWEEN %s AND %s"  # so that only the partitions in question are looked into
_NOTE_OLD = (
    f"INSERT INTO recording_importedreading (import_id, {_COLUMNS})"  # noqa: S608 put together from constants
    " SELECT %s, r.channel_id, r.kind, r.at, r.value, r.low, r.high, r.total, r.mark, r.received_at"
    f" FROM recording_import_staging s JOIN recording_reading r ON {_KEYS} AND {_BETWEEN}"
    " WHERE (r.value, r.low, r.high, r.total, r.mark) IS DISTINCT FROM (s.value, s.low, s.high, s.total, s.mark)"
    " ORDER BY r.channel_id, r.kind, r.at FOR UPDATE OF r"
)
_MINE = f"FROM recording_importedreading s WHERE s.import_id = %s AND {_KEYS} AND r.received_at = %s AND {_BETWEEN}"
_REMOVE = f"DELETE FROM recording_reading r USING {_MINE.removeprefix('FROM ')} AND s.received_at IS NULL"  # noqa: S608
_RESTORE = (
    "UPDATE recording_reading r SET value = s.value, low = s.low, high = s.high, total = s.total, mark = s.mark,"  # noqa: S608
    f" received_at = s.received_at {_MINE} AND s.received_at IS NOT NULL"
)
_KEEP = (  # what was known until now stays known: see `known.rows_then`
    f"INSERT INTO recording_correction ({_COLUMNS}, replaced_at)"  # noqa: S608
    " SELECT r.channel_id, r.kind, r.at, r.value, r.low, r.high, r.total, r.mark, r.received_at, %s"
    f" FROM recording_reading r, {_MINE.removeprefix('FROM ')} ORDER BY r.channel_id, r.kind, r.at"
)
_SPANS = (
    "SELECT channel_id, kind, min(at), max(at) FROM recording_importedreading WHERE import_id = %s"
    " GROUP BY channel_id, kind ORDER BY channel_id, kind"
)
# Means computed here of periods that lose a reading go too; the loop computes anew those of which something is left.
_FORGET_MEANS = (
    "DELETE FROM recording_reading r"  # noqa: S608 put together from constants
    " USING (SELECT DISTINCT channel_id, date_trunc(%s, at, 'Asia/Shanghai') AS begins"
    " FROM recording_importedreading WHERE import_id = %s AND kind IN ('r', 'm')) s"
    f' WHERE r.channel_id = s.channel_id AND r.kind = %s::"char" AND r.at = s.begins AND {_BETWEEN}'
)
_MEANS = (("hour", "H"), ("day", "D"), ("minute", "M"))
_FORGET_TEN_MINUTES = (
    "DELETE FROM recording_reading r"  # noqa: S608 put together from constants
    " USING (SELECT DISTINCT channel_id, date_bin('10 minutes', at, 'epoch') AS begins"
    " FROM recording_importedreading WHERE import_id = %s AND kind IN ('r', 'm')) s"
    " WHERE r.channel_id = s.channel_id AND r.kind = 'T'::\"char\" AND r.at = s.begins"
    f" AND {_BETWEEN}"
)


@dataclass
class Noting:
    """A sink that notes, before it hands readings on, which are new and what stood where one changes."""

    number: int
    append: Sink
    segment: int = 0
    stored: int = 0
    new: int = 0
    changed: int = 0

    def __call__(self, rows: Rows, segment: Segment) -> int:
        self.segment = segment.id
        if not len(rows):
            return 0
        columns = columns_of(rows)
        self.stored = len(columns)
        partitions.ensure(_days(columns))
        with connection.cursor() as cursor:
            cursor.execute(_STAGE)
            statement = f"COPY recording_import_staging ({_COLUMNS}) FROM STDIN (FORMAT BINARY)"
            with cursor.copy(statement) as copy:
                copy.write(binary_copy(columns))
            cursor.execute(_NOTE_NEW, [self.number])
            self.new = cursor.rowcount
            cursor.execute("ANALYZE recording_import_staging")
            cursor.execute(_NOTE_OLD, [self.number, *_ends(columns)])
            self.changed = cursor.rowcount
        self.append(rows, segment)
        return self.new + self.changed


def _ends(columns: Columns) -> tuple[datetime, datetime]:
    """The first and the last instant. [UTC]"""
    first, last = int(columns.at.min()), int(columns.at.max())
    return EPOCH + timedelta(microseconds=first), EPOCH + timedelta(microseconds=last)


def _days(columns: Columns) -> set[date]:
    numbers = np.unique(columns.at // 86_400_000_000)
    return {(EPOCH + timedelta(days=int(number))).date() for number in numbers}


@dataclass(frozen=True)
class By:
    """Who acts, as the log and the rows name them; nobody for the command line."""

    user: User | None
    origin: Origin


@transaction.atomic
def take_in(feed: Feed, name: str, raw: bytes, *, by: By, append: Sink) -> Import:
    """Store a table of a feed as readings, and everything that is needed to undo it."""
    now = clock.now()
    made = Import.objects.create(
        feed=feed,
        name=name[:200],
        size=len(raw),
        sha256=hashlib.sha256(raw).hexdigest(),
        layout=feed.settings,
        made_by=by.user,
        made_at=now,
    )
    noting = Noting(made.pk, append)
    (delivery,) = sensing.take_in_payloads(feed, [Payload(raw, name, microseconds(now))], noting)
    _count(made, noting, delivery)
    made.save()
    fact = ImportDone(
        id=made.pk,
        name=made.name,
        feed=feed.code,
        segment=noting.segment,
        sha256=made.sha256,
        new=made.new,
        changed=made.changed,
        unchanged=made.unchanged,
        faulty=made.faulty,
    )
    log.write(fact, by.origin)
    return made


def _count(made: Import, noting: Noting, delivery: Delivery) -> None:
    made.segment = noting.segment
    made.new, made.changed = noting.new, noting.changed
    made.unchanged = noting.stored - noting.new - noting.changed
    made.repeated = delivery.readings - noting.stored
    made.fault_counts = dict(Counter(fault for fault, _ in delivery.faults))
    made.faults = _packed(delivery.faults)


def _packed(faults: Iterable[tuple[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(faults)
    return zstandard.compress(text.getvalue().encode())


@transaction.atomic
def undo(made: Import, why: str, by: By) -> Import:
    """Remove what an import made and give back what it changed, where nobody changed it since."""
    with connection.cursor() as cursor:
        cursor.execute(_SPANS, [made.pk])
        found = cursor.fetchall()
        if found:
            ends = (min(first for *_each, first, _last in found), max(last for *_each, last in found))
            _take_back(cursor, made, ends)
    spans = [[channel, kind, microseconds(first), microseconds(last)] for channel, kind, first, last in found]
    made.kept = made.new + made.changed - made.removed - made.restored
    made.undone_by, made.undone_at, made.undone_why = by.user, clock.now(), why
    made.save()
    fact = ImportUndone(id=made.pk, name=made.name, removed=made.removed, restored=made.restored, kept=made.kept)
    log.write(fact, by.origin, why=why)
    if spans:
        log.write(ReadingsWithdrawn(id=made.segment or 0, spans=spans), by.origin, why=why)
    return made


def _take_back(cursor: Any, made: Import, ends: tuple[datetime, datetime]) -> None:
    cursor.execute("ANALYZE recording_importedreading")
    cursor.execute(_KEEP, [clock.now(), made.pk, made.made_at, *ends])
    cursor.execute(_REMOVE, [made.pk, made.made_at, *ends])
    made.removed = cursor.rowcount
    cursor.execute(_RESTORE, [made.pk, made.made_at, *ends])
    made.restored = cursor.rowcount
    for period, kind in _MEANS:
        cursor.execute(_FORGET_MEANS, [period, made.pk, kind, ends[0] - timedelta(days=1), ends[1]])
    cursor.execute(_FORGET_TEN_MINUTES, [made.pk, ends[0] - timedelta(days=1), ends[1]])
