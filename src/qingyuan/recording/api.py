"""Verbs on readings: appending what came in, computing hour means, taking in what was quarantined."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import numpy as np
from django.db import connection, transaction

from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput
from qingyuan.kit.log import Origin
from qingyuan.recording.events import HoursComputed, ReadingsAppended, ReadingsChanged, StreamDescribed
from qingyuan.recording.logic import hours, store
from qingyuan.recording.logic.batch import Columns
from qingyuan.recording.models import KINDS, Stream
from qingyuan.sensing import api as sensing
from qingyuan.sensing.api import Rows, Segment
from qingyuan.sensing.events import DeviceAdopted
from qingyuan.sensing.queries import Channel

__all__ = ["append", "compute_hours", "compute_last_hour", "describe_stream", "note_streams", "take_in_quarantined"]

_NOTE = (
    "INSERT INTO recording_stream (channel_id, kind, name, description, properties)"
    " SELECT n.channel, n.kind, '', '', '{}' FROM unnest(%s::int[], %s::text[]) AS n(channel, kind)"
    " WHERE NOT EXISTS (SELECT FROM recording_stream s WHERE (s.channel_id, s.kind) = (n.channel, n.kind))"
    " ON CONFLICT DO NOTHING"
)


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


def note_streams(event: ReadingsChanged) -> None:
    """Enter the channels and kinds of which the first readings came (a handler of the loop).

    Parameters
    ----------
    event : ReadingsChanged
    """
    pairs = sorted({(int(channel), str(kind)) for channel, kind, _, _ in event.spans})
    if pairs:
        channels, kinds = zip(*pairs, strict=True)
        with connection.cursor() as cursor:
            cursor.execute(_NOTE, [list(channels), list(kinds)])


@transaction.atomic
def describe_stream(channel: Channel, kind: str, values: Mapping[str, Any], origin: Origin = log.PLATFORM) -> Stream:
    """Announce what will be measured at a channel, or describe it anew.

    Parameters
    ----------
    channel : Channel
    kind : str
        A letter of `KINDS`.
    values : mapping
        Any of `name`, `description`, `properties` and `instrument` (an Instrument); what is left out stays.
    origin : Origin

    Returns
    -------
    Stream

    Raises
    ------
    BadInput
        The kind is none of these, or the name is longer than 200 characters.
    """
    if kind not in KINDS:
        raise BadInput(f"found kind {kind!r}, expected one of: {', '.join(KINDS)}", "kind")
    if len(values.get("name", "")) > 200:
        raise BadInput(f"found name of {len(values['name'])} characters, expected at most 200", "name")
    stream, _ = Stream.objects.update_or_create(channel=channel, kind=kind, defaults=dict(values))
    told = {name: getattr(value, "pk", value) for name, value in values.items()}
    log.write(StreamDescribed(id=stream.pk, channel=channel.pk, kind=kind, values=told), origin)
    return stream
