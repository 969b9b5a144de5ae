"""Observations that a feed posts: through the door of the feeds, which keeps the bytes and counts what is wrong."""

from typing import Any

from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput, NotFound
from qingyuan.recording.api import append
from qingyuan.sensing.api import Delivery, Payload, Rows, Segment, map_name, take_in_payloads
from qingyuan.sensing.connector import BadPayload, Observed
from qingyuan.sensing.queries import FeedName
from qingyuan.showing.sta.addresses import number_in
from qingyuan.showing.sta.documents import observation_id
from qingyuan.showing.sta.entities import ENTITIES
from qingyuan.showing.sta.errors import NotTaken
from qingyuan.showing.sta.pages import Asked, scoped
from qingyuan.showing.sta.writing.posted import KINDS_SENT

__all__ = ["deliver", "deliver_many", "deliver_one", "keep_undone"]


def deliver_one(asked: Asked, path: str, document: Any, body: bytes) -> str:
    """Take in one Observation; its number.

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
    _name(asked, {number})
    delivery = deliver(asked, path, body)
    for observed in delivery.read.observed:
        return _number(observed)
    raise BadInput("found no observation, expected one")


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
    received = round(clock.now().timestamp() * 1_000_000)
    payload = Payload(f"POST {path}\r\n\r\n".encode() + body, asked.reader.address, received)
    feed = asked.reader.author()
    (delivery,) = take_in_payloads(feed, [payload], append)
    if delivery.fault == BadPayload.__name__ or (delivery.fault and not partly):
        raise NotTaken(delivery.note, delivery.fault, feed, payload)
    return delivery


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


def _name(asked: Asked, numbers: set[int]) -> None:
    """Enter the datastreams into the feed's table of names, where they are not in it yet."""
    feed = asked.reader.author()
    known = {stream.pk: stream for stream in scoped(asked, ENTITIES["Datastream"]).filter(pk__in=numbers)}
    for number in numbers - set(known):
        raise NotFound(f"found Datastream {number}, expected one of a station of feed {feed.code}")
    names = {f"Datastreams({number})": stream for number, stream in known.items()}
    entered = set(FeedName.objects.filter(feed=feed, name__in=names).values_list("name", flat=True))
    for name in names.keys() - entered:
        stream = names[name]
        if stream.kind not in KINDS_SENT:
            raise BadInput(f"found {name} of means that the platform computes, expected readings as sent")
        map_name(feed, name, stream.channel, kind=stream.kind, origin=asked.reader.origin)
