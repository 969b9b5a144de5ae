"""Observations that come one by one: those of a feed that wait for each other are written in one transaction.

Whoever gets a feed's turn takes in everything that waits for it by then, as the gateway does with packets. A program
that sends one after the other waits for nobody; with several at once there is one commit for all of them.
"""

from dataclasses import dataclass, field
from threading import Lock

from django.db import DatabaseError, connection

from qingyuan.recording.api import append
from qingyuan.sensing.api import Delivery, Payload, Rows, Segment, take_in_payloads
from qingyuan.sensing.queries import Feed

MOST = 100
LARGEST = 64 * 1024  # a request that is larger goes by itself [byte]


@dataclass(frozen=True)
class Taken:
    """What became of a payload, and its readings: from row `first` of `rows` on; all of these are `new`, or not all."""

    delivery: Delivery
    rows: Rows
    first: int
    new: bool


@dataclass(eq=False)
class _Waiting:
    payload: Payload
    taken: Taken | None = None


@dataclass
class _Queue:
    turn: Lock = field(default_factory=Lock)
    waiting: list[_Waiting] = field(default_factory=list)


_queues: dict[int, _Queue] = {}


def take_in(feed: Feed, payload: Payload) -> Taken:
    """Store a payload, perhaps in one transaction with others of the feed; committed unless a transaction is open."""
    if connection.in_atomic_block or len(payload.raw) > LARGEST:
        return _take_in(feed, [payload])[0]
    queue, own = _queues.setdefault(feed.pk, _Queue()), _Waiting(payload)
    queue.waiting.append(own)
    with queue.turn:
        if own in queue.waiting:
            _take_turn(feed, queue, own)
    return own.taken or _take_in(feed, [payload])[0]  # by itself, where a batch broke


def _take_turn(feed: Feed, queue: _Queue, own: _Waiting) -> None:
    """Take in what waits, the own payload with it."""
    queue.waiting.remove(own)
    batch = [own, *queue.waiting[: MOST - 1]]
    del queue.waiting[: len(batch) - 1]
    try:
        found = _take_in(feed, [one.payload for one in batch])
    except DatabaseError:
        if len(batch) == 1:
            raise
        return
    for one, taken in zip(batch, found, strict=True):
        one.taken = taken


def _take_in(feed: Feed, payloads: list[Payload]) -> list[Taken]:
    stored: list[tuple[Rows, int]] = []

    def sink(rows: Rows, segment: Segment) -> int:
        stored.append((rows, append(rows, segment)))
        return stored[-1][1]

    deliveries = take_in_payloads(feed, payloads, sink)
    ((rows, changed),) = stored
    found, first = [], 0
    for delivery in deliveries:
        found.append(Taken(delivery, rows, first, new=changed == len(rows)))
        first += delivery.readings
    return found
