"""Observations that a feed posts: through the door of the feeds, which keeps the bytes and counts what is wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput, NotFound
from qingyuan.recording.api import append
from qingyuan.recording.queries import EPOCH, stored, streams_of_feed
from qingyuan.sensing.api import Delivery, Payload, Rows, Segment, map_name, take_in_payloads
from qingyuan.sensing.connector import BadPayload, Observed
from qingyuan.sensing.queries import Channel
from qingyuan.showing.sta.addresses import number_in
from qingyuan.showing.sta.documents import COLUMNS, MICROSECOND, Value, observation_id
from qingyuan.showing.sta.entities import ENTITIES
from qingyuan.showing.sta.errors import NotTaken
from qingyuan.showing.sta.pages import Asked
from qingyuan.showing.sta.writing import together
from qingyuan.showing.sta.writing.posted import KINDS_SENT

__all__ = ["deliver", "deliver_many", "deliver_one", "keep_undone", "kept_for_a_group"]

_group: ContextVar[list[NotTaken] | None] = ContextVar("group", default=None)


def deliver_one(asked: Asked, path: str, document: Any, body: bytes) -> Value:
    """Take in one Observation; the reading as it stands then.

    Raises
    ------
    BadInput
        It is no reading; its bytes are kept and the fault is counted.
    NotFound
        There is no such Datastream for this feed.
    """
    if path == "Observations" and not isinstance(document, dict):
        raise BadInput(f"found {document!r:.80}, expected an Observation as an object")
    number = number_in(document.get("Datastream"), ENTITIES["Datastream"]) if path == "Observations" else _in_path(path)
    channel, kind = _name(asked, {number})[number]
    payload = _payload(asked, path, body)
    taken = together.take_in(asked.reader.author(), payload)
    _check(asked, taken.delivery, payload, partly=False)
    if taken.new and taken.delivery.readings:
        return _as_stored(taken, number)
    at = taken.delivery.read.observed[0].at  # sent again: the first that was received stands
    for found in stored([channel], kind, at, at + MICROSECOND):
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
    _name(asked, {number_in(block.get("Datastream"), streams) for block in blocks if isinstance(block, dict)})
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
    payload = _payload(asked, path, body)
    (delivery,) = take_in_payloads(asked.reader.author(), [payload], append)
    _check(asked, delivery, payload, partly=partly)
    return delivery


def _payload(asked: Asked, path: str, body: bytes) -> Payload:
    received = round(clock.now().timestamp() * 1_000_000)
    return Payload(f"POST {path}\r\n\r\n".encode() + body, asked.reader.address, received)


def _check(asked: Asked, delivery: Delivery, payload: Payload, *, partly: bool) -> None:
    if not delivery.fault:
        return
    refused = NotTaken(delivery.note, delivery.fault, asked.reader.author(), payload)
    group = _group.get()
    if group is not None:
        group.append(refused)
    if delivery.fault == BadPayload.__name__ or not partly:
        raise refused


def _as_stored(taken: together.Taken, stream: int) -> Value:
    rows, row = taken.rows, taken.first
    numbers = (None if column[row] != column[row] else column[row] for column in rows.numbers)  # NaN: none was sent
    key = rows.channel[row], chr(rows.kind[row]), EPOCH + rows.at[row] * MICROSECOND
    return Value._make((*key, *numbers, chr(rows.mark[row]), EPOCH + rows.received[row] * MICROSECOND, stream))


@contextmanager
def kept_for_a_group() -> Iterator[list[NotTaken]]:
    """While this lasts, note what is refused and kept, since the transaction around it may yet be undone.

    Yields
    ------
    list of NotTaken
        Of groups inside this one too.
    """
    outer, own = _group.get(), list[NotTaken]()
    token = _group.set(own)
    try:
        yield own
    finally:
        _group.reset(token)
        if outer is not None:
            outer += own


def keep_undone(refused: NotTaken) -> str:
    """Keep and count anew what was refused in a transaction that was undone; what there is to say of it."""
    (kept,) = take_in_payloads(refused.feed, [refused.payload], _store_nothing)
    return str(NotTaken(refused.why, kept.fault, refused.feed, refused.payload))


def _store_nothing(rows: Rows, segment: Segment) -> int:
    """Of a group that fell no reading is stored, not even a sound one beside the fault."""
    return 0


def _in_path(path: str) -> int:
    inside = path.partition("(")[2].partition(")")[0]
    return number_in({"@iot.id": inside.strip("'")}, ENTITIES["Datastream"])


def _number(observed: Observed) -> str:
    stream = observed.name.removeprefix("Datastreams(").rstrip(")")
    return observation_id(int(stream), observed.at) if stream.isdigit() else ""


def _name(asked: Asked, numbers: set[int]) -> dict[int, tuple[int, str]]:
    """Channel and kind of datastreams, entered into the feed's table of names where they are not in it yet."""
    feed = asked.reader.author()
    names = {number: f"Datastreams({number})" for number in numbers}
    known = streams_of_feed(feed, names)
    for number in numbers - set(known):
        raise NotFound(f"found Datastream {number}, expected one of a station of feed {feed.code}")
    for number, (channel, kind, entered) in known.items():
        if entered:
            continue
        if kind not in KINDS_SENT:
            raise BadInput(f"found {names[number]} of means that the platform computes, expected readings as sent")
        map_name(feed, names[number], Channel.objects.get(pk=channel), kind=kind, origin=asked.reader.origin)
    return {number: (channel, kind) for number, (channel, kind, _) in known.items()}
