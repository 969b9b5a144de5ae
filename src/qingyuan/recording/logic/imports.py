"""Taking a table in so that it can be undone: what it made and what it replaced is noted in the same transaction."""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import zstandard
from django.db import connection, transaction
from django.utils.translation import gettext as _

from qingyuan.kit import clock, log
from qingyuan.kit.errors import Refused
from qingyuan.kit.log import Origin
from qingyuan.people.queries import User
from qingyuan.recording.events import ImportDone, ImportUndone, ReadingsWithdrawn
from qingyuan.recording.lake import below
from qingyuan.recording.lake.layout import DAY_US, KEY, instant
from qingyuan.recording.logic import partitions, withdrawn
from qingyuan.recording.logic.batch import Columns, binary_copy, columns_of
from qingyuan.recording.logic.sealed import upkeep
from qingyuan.recording.logic.withdrawn import Instants
from qingyuan.recording.models import Import, SealedDay
from qingyuan.recording.queries import EPOCH
from qingyuan.sensing import api as sensing
from qingyuan.sensing.api import Delivery, Payload, Rows, Segment, Sink
from qingyuan.sensing.queries import Feed
from qingyuan_science.series import microseconds, moment

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
_MOVED = (
    "SELECT channel_id, kind::text, array_agg((extract(epoch FROM at) * 1000000)::bigint ORDER BY at)"
    " FROM recording_importedreading WHERE import_id = %s GROUP BY channel_id, kind ORDER BY channel_id, kind"
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
    made.fault_counts = dict(Counter(fault for fault, _detail in delivery.faults))
    made.faults = _packed(delivery.faults)


def _packed(faults: Iterable[tuple[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(faults)
    return zstandard.compress(text.getvalue().encode())


@transaction.atomic
def undo(made: Import, why: str, by: By) -> Import:
    """Remove what an import made and give back what it changed, where nobody changed it since.

    Raises
    ------
    Refused
        Readings of it lie in the lake, or another process is changing the lake.
    """
    upkeep.alone_until_committed()
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_MOVED, [made.pk])
        moved = {(channel, kind): np.array(at, dtype=np.int64) for channel, kind, at in cursor.fetchall()}
        _refuse_if_sealed(made, moved)
        if moved:
            ends = moment(min(int(at[0]) for at in moved.values())), moment(max(int(at[-1]) for at in moved.values()))
            _take_back(cursor, made, ends, now)
    spans = withdrawn.spans(moved | withdrawn.forget_means(moved, now))
    made.kept = made.new + made.changed - made.removed - made.restored
    made.undone_by, made.undone_at, made.undone_why = by.user, now, why
    made.save()
    fact = ImportUndone(id=made.pk, name=made.name, removed=made.removed, restored=made.restored, kept=made.kept)
    log.write(fact, by.origin, why=why)
    if spans:
        log.write(ReadingsWithdrawn(id=made.segment or 0, spans=spans), by.origin, why=why)
    return made


def _refuse_if_sealed(made: Import, moved: Instants) -> None:
    """Refuse where the lake holds a reading as this import brought it: nothing is taken back out of the lake."""
    received = microseconds(made.made_at)
    for kind in sorted({kind for _channel, kind in moved}):
        own = {channel: at for (channel, letter), at in moved.items() if letter == kind}
        days = sorted({int(day) for at in own.values() for day in np.unique(at // DAY_US)})
        sealed = SealedDay.objects.filter(kind=kind, expired_at=None, day__in=[instant(day * DAY_US) for day in days])
        for day in sealed.order_by("day").values_list("day", flat=True):
            begins = datetime.combine(day, time(), UTC)
            rows = below.rows(list(own), kind, begins, begins + timedelta(days=1), columns=(*KEY, "received_at"))
            mine = rows.filter(rows["received_at"].to_physical() == received)
            for channel, at in zip(mine["channel"], mine["at"].to_physical(), strict=True):
                if at in own[channel]:
                    message = _(
                        "Readings of this import, of %(day)s, lie in the history lake already, so it cannot be undone."
                        " Import the right values over them; both stay on record."
                    )
                    raise Refused(message % {"day": f"{day:%Y-%m-%d}"})


def _take_back(cursor: Any, made: Import, ends: tuple[datetime, datetime], now: datetime) -> None:
    cursor.execute("ANALYZE recording_importedreading")
    cursor.execute(_KEEP, [now, made.pk, made.made_at, *ends])
    cursor.execute(_REMOVE, [made.pk, made.made_at, *ends])
    made.removed = cursor.rowcount
    cursor.execute(_RESTORE, [made.pk, made.made_at, *ends])
    made.restored = cursor.rowcount
