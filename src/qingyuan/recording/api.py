"""Verbs on readings: appending what came in, computing hour means, taking in what was quarantined, checking."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import numpy as np
from django.conf import settings
from django.db import transaction

from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput
from qingyuan.kit.log import PLATFORM, Origin
from qingyuan.recording.events import HoursComputed, ReadingsAppended
from qingyuan.recording.lake import executors, parts, table
from qingyuan.recording.lake.ours import our_lake
from qingyuan.recording.lake.parts import DaySums
from qingyuan.recording.logic import gaps, hours, references, restoring, sealing, store, upkeep
from qingyuan.recording.logic.batch import Columns
from qingyuan.recording.logic.partitions import YOUNG_DAYS
from qingyuan.recording.logic.sealing import Sealed
from qingyuan.recording.logic.upkeep import Stats
from qingyuan.sensing import api as sensing
from qingyuan.sensing.api import Rows, Segment
from qingyuan.sensing.events import DeviceAdopted
from qingyuan.sensing.queries import requests_for, silences_to_settle

__all__ = [
    "DaySums",
    "Sealed",
    "Stats",
    "append",
    "check_lake",
    "compact_lake",
    "compute_hours",
    "compute_last_hour",
    "expire_readings",
    "fill_gaps",
    "lake_day_sums",
    "lake_stats",
    "reference_faults",
    "restore_days",
    "seal_old_days",
    "take_in_quarantined",
]


OWN_TIME = timedelta(minutes=5)


MOST_SILENCES = 500


def append(rows: Rows, segment: Segment) -> int:
    """Store decoded readings inside the caller's transaction and tell the loop.

    Parameters
    ----------
    rows : Rows
        Readings in any order; a resent one changes nothing, a corrected one replaces the old, which the log keeps.
    segment : Segment
        The raw packets that they came in.

    Returns
    -------
    int
        How many readings were new, or other than before.

    Notes
    -----
    The gateway is handed this function as its sink and acknowledges a packet only after the transaction committed.
    """
    if not len(rows):
        return 0
    columns = Columns(
        channel=np.frombuffer(rows.channel, dtype=np.int64).astype(np.int32),
        kind=np.frombuffer(rows.kind, dtype="S1"),
        at=np.frombuffer(rows.at, dtype=np.int64),
        numbers=np.column_stack([np.frombuffer(column, dtype=np.float64) for column in rows.numbers]),
        mark=np.frombuffer(rows.mark, dtype="S1"),
        received=np.frombuffer(rows.received, dtype=np.int64),
    ).in_order()
    changed = store.merge(columns)
    fact = ReadingsAppended(id=segment.id, segment_hash=segment.hash.hex(), count=len(columns), spans=columns.spans())
    log.write(fact)
    return changed


def compute_hours(event: ReadingsAppended) -> None:
    """Compute the means of every finished hour that a batch touched (a handler of the loop).

    Parameters
    ----------
    event : ReadingsAppended
    """
    _compute(event.id, hours.touched(event.spans, clock.now()))


def compute_last_hour() -> None:
    """Compute the means of the hour that has just ended, for every channel that has readings in it."""
    ends = clock.now().replace(minute=0, second=0, microsecond=0)
    _compute(0, hours.with_readings(ends - timedelta(hours=1), ends))


def _compute(segment_id: int, wanted: "hours.Wanted") -> None:
    columns = hours.means(wanted, clock.now()).in_order()
    if len(columns):
        with transaction.atomic():
            if store.merge(columns):
                log.write(HoursComputed(id=segment_id, spans=columns.spans()))


def take_in_quarantined(event: DeviceAdopted) -> None:
    """Decode and store everything that a device sent before it was adopted (a handler of the loop).

    Parameters
    ----------
    event : DeviceAdopted
    """
    sensing.decode_quarantined(event.id, append)


def seal_old_days() -> Iterator[Sealed]:
    """Move every day that is older than `QINGYUAN_HOT_DAYS` from the hot table into the lake, oldest first.

    Yields
    ------
    Sealed
        What came of each day. A day that somebody reads or writes at that moment is in the lake and stays in the hot
        table until the next time.

    Raises
    ------
    BadInput
        `QINGYUAN_HOT_DAYS` is too small.
    Refused
        Another process is changing the lake.
    """
    if settings.HOT_DAYS < YOUNG_DAYS:
        raise BadInput(f"QINGYUAN_HOT_DAYS is {settings.HOT_DAYS}, expected {YOUNG_DAYS} or more")
    with upkeep.alone():
        for day in sealing.old_days(clock.now(), timedelta(days=settings.HOT_DAYS)):
            yield sealing.seal(our_lake(), day, clock.now())


def compact_lake(*, thoroughly: bool = False) -> int:
    """Write months of the lake anew, sorted, whose readings lie in many files, and delete what is no longer needed.

    Parameters
    ----------
    thoroughly : bool
        Also months with a second file for a channel.

    Returns
    -------
    int
        How many months of a kind were written.

    Raises
    ------
    Refused
        Another process is changing the lake.
    """
    running = f"{clock.now() - timedelta(days=settings.HOT_DAYS):%Y-%m}"
    table.ensure(our_lake())
    with upkeep.alone(), _workers() as workers:
        return upkeep.compact(our_lake(), running, workers, thoroughly=thoroughly)


def expire_readings() -> int:
    """Take months out of the lake that are older than `QINGYUAN_KEEP_DAYS` says; the log names them.

    Returns
    -------
    int
        How many readings.

    Raises
    ------
    Refused
        Another process is changing the lake.
    """
    kept = {kind: timedelta(days=days) for kind, days in settings.KEEP_DAYS.items()}
    table.ensure(our_lake())
    with upkeep.alone():
        return upkeep.expire(our_lake(), kept, clock.now())


def restore_days(first: date, last: date, origin: Origin = PLATFORM) -> int:
    """Bring sealed days back to the hot table, for as long as a day stays there.

    Parameters
    ----------
    first, last : date
        UTC days, both included.
    origin : Origin

    Returns
    -------
    int
        How many readings the hot table did not have.

    Raises
    ------
    Refused
        Another process is changing the lake.
    """
    with upkeep.alone():
        return restoring.restore(our_lake(), first, last, origin)


def check_lake() -> list[str]:
    """Read the whole lake and compare it with what was sealed.

    Returns
    -------
    list of str
        What is wrong, a sentence each; empty when all is as it was sealed.

    Raises
    ------
    LakeMissing, Refused
    """
    with upkeep.alone(), _workers() as workers:
        return upkeep.check(our_lake(), workers)


def lake_stats() -> list[Stats]:
    """What the lake holds, by kind.

    Returns
    -------
    list of Stats

    Raises
    ------
    LakeMissing
    """
    return upkeep.stats(our_lake())


def lake_day_sums(kind: str = "h") -> DaySums:
    """Sum and number of valid values of every channel on every day of China in the lake.

    Parameters
    ----------
    kind : str
        A letter of `KINDS`.

    Returns
    -------
    DaySums
        In order of (channel, day); daily means are `total / count`.

    Raises
    ------
    LakeMissing
    """
    work = parts.parts_of(our_lake(), table.snapshot(our_lake()), [kind])
    with _workers() as workers:
        return parts.joined_sums(list(executors.run(parts.day_sums, work, workers)))


@contextmanager
def _workers() -> Iterator[executors.Workers]:
    with executors.executor(settings.LAKE_CLUSTER) as workers:
        yield workers


@transaction.atomic
def fill_gaps() -> int:
    """Ask the devices that came back for what is missing of the time in which they were not heard.

    Returns
    -------
    int
        How many requests were made. A device gets some minutes first to send by itself what it kept.
    """
    asked = 0
    for silence in silences_to_settle(clock.now() - OWN_TIME)[:MOST_SILENCES]:
        for kind, code in gaps.REQUEST_OF.items():
            span = gaps.missing(silence, kind)
            if span is not None and code in {one.code for one in requests_for(silence.device)}:
                sensing.ask_for_history(silence.device, code, *span, why="missing after a silence")
                asked += 1
        sensing.settle_silence(silence.pk)
    return asked


def reference_faults() -> Iterator[str]:
    """Hold every line of the log about a batch of readings against the raw segment that it names.

    Returns
    -------
    iterator of str
        One sentence for each line whose segment is gone, or has another hash than the line says.
    """
    return references.faults()
