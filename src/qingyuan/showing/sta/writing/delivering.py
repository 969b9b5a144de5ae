"""Observations that a feed posts: through the door of the feeds, which keeps the bytes and counts what is wrong."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput, NotFound
from qingyuan.recording.api import append
from qingyuan.recording.queries import EPOCH, OfFeed, stored, streams_of_feed
from qingyuan.sensing.api import Delivery, Payload, Rows, Segment, Target, map_name, take_in_payloads
from qingyuan.sensing.connector import BadPayload, Observed
from qingyuan.sensing.queries import Channel, Feed
from qingyuan.showing.sta.addresses import number_in
from qingyuan.showing.sta.documents import COLUMNS, MICROSECOND, Value, observation_id
from qingyuan.showing.sta.entities import ENTITIES
from qingyuan.showing.sta.errors import NotTaken
from qingyuan.showing.sta.pages import Asked
from qingyuan.showing.sta.readers import Reader
from qingyuan.showing.sta.writing.posted import KINDS_SENT


@dataclass
class Kept:
    """What was refused and kept in a group; whoever undoes the `outermost` one keeps it anew."""

    outermost: bool
    refused: list[NotTaken] = field(default_factory=list)


_group: ContextVar[Kept | None] = ContextVar("group", default=None)


def stream_meant(path: str, document: Any) -> int:
    """The number of the Datastream that one Observation is posted to.

    Raises
    ------
    BadInput
        Neither the path nor the document names one.
    """
    if path == "Observations":
        if not isinstance(document, dict):
            raise BadInput(f"found {document!r:.80}, expected an Observation as an object")
        return number_in(document.get("Datastream"), ENTITIES["Datastream"])
    return number_in({"@iot.id": path.partition("(")[2].partition(")")[0].strip("'")}, ENTITIES["Datastream"])


def deliver_one(asked: Asked, path: str, document: Any, body: bytes) -> Value:
    """Take in one Observation; the reading as it stands then.

    Raises
    ------
    BadInput
        It is no reading; its bytes are kept and the fault is counted.
    NotFound
        There is no such Datastream for this feed.
    """
    feed, number = asked.reader.author(), stream_meant(path, document)
    channel, kind, _entered, _meant = named(asked, {number})[number]
    payload = payload_of(asked.reader, path, body)
    (taken,) = take_in(feed, [payload])
    check(feed, taken.delivery, payload, partly=False)
    return reading_of(taken, number, (channel, kind))


@dataclass(frozen=True)
class Taken:
    """What became of a payload, and its readings: from row `first` of `rows` on; all of these are `new`, or not all."""

    delivery: Delivery
    rows: Rows
    first: int
    new: bool


def take_in(feed: Feed, payloads: Sequence[Payload], meant: Mapping[str, Target] | None = None) -> list[Taken]:
    """Store payloads of a feed in one transaction; committed unless one is open already."""
    stored: list[tuple[Rows, int]] = []

    def sink(rows: Rows, segment: Segment) -> int:
        stored.append((rows, append(rows, segment)))
        return stored[-1][1]

    deliveries = take_in_payloads(feed, payloads, sink, meant)
    ((rows, changed),) = stored
    found, first = [], 0
    for delivery in deliveries:
        found.append(Taken(delivery, rows, first, new=changed == len(rows)))
        first += delivery.readings
    return found


def reading_of(taken: Taken, number: int, stream: tuple[int, str]) -> Value:
    """The reading that one Observation brought, as it stands; `stream` is channel and kind of that number.

    Raises
    ------
    NotFound
        It was left out on purpose.
    """
    if taken.new and taken.delivery.readings:
        return _as_stored(taken, number)
    at = taken.delivery.read.observed[0].at  # sent again: the first that was received stands
    for found in stored([stream[0]], stream[1], at, at + MICROSECOND):
        return Value._make((*(getattr(found, name) for name in COLUMNS), number))
    raise NotFound(f"found Datastream {number} left out of the feed on purpose; the request is kept, and no reading")


def deliver_many(asked: Asked, document: Any, body: bytes) -> list[str]:
    """Take in data arrays: the address of each Observation in their order, or `error: …` where it is no reading.

    Raises
    ------
    BadInput
        The document as a whole cannot be read.
    NotFound
        It names a Datastream that is not this feed's.
    """
    blocks = document if isinstance(document, list) else []
    streams = ENTITIES["Datastream"]
    named(asked, {number_in(block.get("Datastream"), streams) for block in blocks if isinstance(block, dict)})
    delivery = deliver(asked, "CreateObservations", body, partly=True)
    told = dict(detail.partition(": ")[::2] for _, detail in delivery.read.faults)
    root = f"{asked.root}/Observations"
    told.update({observed.where: delivery.refused.get(observed.where, "") for observed in delivery.read.observed})
    numbers = {observed.where: _number(observed) for observed in delivery.read.observed}
    answers = []
    for place, block in enumerate(blocks):
        for row in range(len(block.get("dataArray") or ())):
            where = f"[{place}].dataArray[{row}]"
            answers.append(f"error: {told[where]}" if told.get(where) else f"{root}('{numbers[where]}')")
    return answers


def deliver(asked: Asked, path: str, body: bytes, *, partly: bool = False) -> Delivery:
    """Hand a request to the feeds' door.

    Raises
    ------
    NotTaken
        Something in it is no reading, unless the sound part is enough.
    """
    feed, payload = asked.reader.author(), payload_of(asked.reader, path, body)
    (delivery,) = take_in_payloads(feed, [payload], append)
    check(feed, delivery, payload, partly=partly)
    return delivery


def payload_of(reader: Reader, path: str, body: bytes) -> Payload:
    """A request as a feed's payload: what was posted, after a line that says where to."""
    received = round(clock.now().timestamp() * 1_000_000)
    return Payload(f"POST {path}\r\n\r\n".encode() + body, reader.address, received)


def check(feed: Feed, delivery: Delivery, payload: Payload, *, partly: bool) -> None:
    """Refuse what is no reading.

    Raises
    ------
    NotTaken
        Something in it is none, unless the sound part is enough.
    """
    if not delivery.fault:
        return
    refused = NotTaken(delivery.note, delivery.fault, feed, payload)
    group = _group.get()
    if group is not None:
        group.refused.append(refused)
    if delivery.fault == BadPayload.__name__ or not partly:
        raise refused


def _as_stored(taken: Taken, stream: int) -> Value:
    rows, row = taken.rows, taken.first
    numbers = (None if column[row] != column[row] else column[row] for column in rows.numbers)  # NaN: none was sent
    key = rows.channel[row], chr(rows.kind[row]), EPOCH + rows.at[row] * MICROSECOND
    return Value._make((*key, *numbers, chr(rows.mark[row]), EPOCH + rows.received[row] * MICROSECOND, stream))


@contextmanager
def kept_for_a_group() -> Iterator["Kept"]:
    """While this lasts, note what is refused and kept, since the transaction around it may yet be undone.

    Yields
    ------
    Kept
        Of groups inside this one too.
    """
    outer = _group.get()
    own = Kept(outermost=outer is None)
    token = _group.set(own)
    try:
        yield own
    finally:
        _group.reset(token)
        if outer is not None:
            outer.refused += own.refused


def keep_undone(refused: NotTaken) -> str:
    """Keep and count anew what was refused in a transaction that was undone; what there is to say of it."""
    (kept,) = take_in_payloads(refused.feed, [refused.payload], _store_nothing)
    return str(NotTaken(refused.why, kept.fault, refused.feed, refused.payload))


def _store_nothing(rows: Rows, segment: Segment) -> int:
    """Of a group that fell no reading is stored, not even a sound one beside the fault."""
    return 0


def _number(observed: Observed) -> str:
    stream = observed.name.removeprefix("Datastreams(").rstrip(")")
    return observation_id(int(stream), observed.at) if stream.isdigit() else ""


def named(asked: Asked, numbers: Collection[int]) -> dict[int, OfFeed]:
    """Datastreams of a feed, entered into its table of names where they are not in it yet.

    Raises
    ------
    NotFound
        One is not of a station of the feed.
    BadInput
        One is of means that the platform computes.
    """
    feed = asked.reader.author()
    names = {number: f"Datastreams({number})" for number in numbers}
    known = streams_of_feed(feed, names)
    for number in set(numbers) - set(known):
        raise NotFound(f"found Datastream {number}, expected one of a station of feed {feed.code}")
    for number, stream in known.items():
        if stream.entered:
            continue
        if stream.kind not in KINDS_SENT:
            raise BadInput(f"found {names[number]} of means that the platform computes, expected readings as sent")
        channel = Channel.objects.get(pk=stream.channel_id)
        map_name(feed, names[number], channel, kind=stream.kind, origin=asked.reader.origin)
    return known
