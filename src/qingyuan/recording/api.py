"""Verbs on readings: appending what came in, computing hour means, taking in what was quarantined, checking."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
from django.db import transaction

from qingyuan.kit import clock, log
from qingyuan.recording.events import HoursComputed, ReadingsAppended
from qingyuan.recording.logic import hours, references, store
from qingyuan.recording.logic.batch import Columns
from qingyuan.sensing import api as sensing
from qingyuan.sensing.api import Rows, Segment
from qingyuan.sensing.events import DeviceAdopted

__all__ = ["append", "compute_hours", "compute_last_hour", "reference_faults", "take_in_quarantined"]


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


def reference_faults() -> Iterator[str]:
    """Hold every line of the log about a batch of readings against the raw segment that it names.

    Returns
    -------
    iterator of str
        One sentence for each line whose segment is gone, or has another hash than the line says.
    """
    return references.faults()
