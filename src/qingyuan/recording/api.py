"""Verbs on readings: appending what came in, computing hour means, taking in what was quarantined, checking."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
from django.db import transaction

from qingyuan.kit import clock, log
from qingyuan.recording.events import HoursComputed, ReadingsAppended
from qingyuan.recording.logic import gaps, hours, references, store
from qingyuan.recording.logic.batch import Columns
from qingyuan.sensing import api as sensing
from qingyuan.sensing.api import Rows, Segment
from qingyuan.sensing.events import DeviceAdopted
from qingyuan.sensing.queries import requests_for, silences_to_settle

__all__ = [
    "append",
    "compute_hours",
    "compute_last_hour",
    "fill_gaps",
    "reference_faults",
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
