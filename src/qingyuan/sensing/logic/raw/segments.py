"""Raw segments: compressed batches of packets. The hash of each covers every packet in it and the segment before.

A segment is a small Merkle tree of its packets, so that one packet can be shown to be of it without the others.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import zstandard
from django.db import connection

from qingyuan.kit import merkle
from qingyuan.kit.errors import LogBroken
from qingyuan.sensing.logic.raw import packets
from qingyuan.sensing.logic.rows import Segment
from qingyuan.sensing.models import RawSegment
from qingyuan.sensing.prepared import repeated, statements_repeated

START = bytes(32)
_LOCK = 0x71_79_72_61_77  # any fixed number; gateways take turns on the chain
_COMPRESSOR = zstandard.ZstdCompressor(level=1)  # packets repeat themselves: level 3 takes longer, and no less room
_PLACES = (
    'SELECT segment_id, "offset", length, (extract(epoch FROM received_at) * 1000000)::bigint, peer'
    ' FROM sensing_rawpacket WHERE segment_id = ANY(%s) ORDER BY segment_id, "offset", id'
)
_TAKE_TURN = "SELECT pg_advisory_xact_lock(%s)"
_LAST = "SELECT hash FROM sensing_rawsegment ORDER BY id DESC LIMIT 1"  # sees what was committed while we waited
_APPEND = (
    "INSERT INTO sensing_rawsegment (received_at, packets, body, previous, hash) VALUES (%s, %s, %s, %s, %s)"
    " RETURNING id"
)
_WITH_PACKETS = (
    f"WITH s AS ({_APPEND}), p AS (INSERT INTO sensing_rawpacket"  # noqa: S608 made of constants
    ' (segment_id, "offset", length, packets, received_at, peer, mn, cn, state, error, note)'
    " SELECT s.id, r.offset, r.length, r.packets, timestamptz 'epoch' + r.at * interval '1 us',"
    " r.peer, r.mn, r.cn, r.state, r.error, r.note FROM s,"
    " unnest(%s::int[], %s::int[], %s::int[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[],"
    ' %s::text[], %s::text[]) AS r("offset", length, packets, at, peer, mn, cn, state, error, note))'
    " SELECT id FROM s"
)
_CHUNK = 100
LARGE = 1 << 16  # bytes of a body


@dataclass(frozen=True)
class Body:
    """The bytes of a batch, how many packets they hold, and the hash of each packet; without hashes it is one piece."""

    data: bytes
    packets: int
    received_at: datetime
    leaves: Sequence[bytes] = ()


@dataclass(frozen=True)
class Place:
    """Where a packet lies in its segment, when it came and from whom."""

    offset: int
    length: int
    received_us: int
    peer: str

    def stamp(self) -> bytes:
        """What stands before the packet's bytes where its hash is made."""
        return f"{self.received_us} {self.peer}\n".encode()

    def cut(self, data: bytes) -> bytes:
        """The packet out of its segment's bytes."""
        return data[self.offset : self.offset + self.length]

    def leaf(self, data: bytes) -> bytes:
        """The packet's hash, with its stamp."""
        return merkle.leaf_hash(self.stamp() + self.cut(data))


@dataclass(frozen=True)
class Opened:
    """A segment unpacked, with what it takes to show a packet to be of it."""

    id: int
    data: bytes
    places: tuple[Place, ...]
    previous: bytes
    hash: bytes

    @cached_property
    def stamped(self) -> bool:
        """Whether the hash is over its packets one by one, or over the bytes in one piece."""
        return bool(self.places) and link(self.previous, self.leaves()) == self.hash

    def leaves(self) -> list[bytes]:
        return [place.leaf(self.data) for place in self.places]

    def index_of(self, place: Place) -> int:
        """Which packet lies there; one without bytes begins where the next one does, so all of the place counts."""
        return self.places.index(place)

    def around(self, place: Place) -> tuple[bytes, bytes]:
        """What stands before and after a packet in the leaf that it is of."""
        if self.stamped:
            return place.stamp(), b""
        return self.data[: place.offset], self.data[place.offset + place.length :]

    def sound(self) -> bool:
        """Whether the bytes, and where packets were cut where that is known, are those of the hash."""
        return self.stamped or link(self.previous, [merkle.leaf_hash(self.data)]) == self.hash


def append(body: Body, lines: Sequence[packets.Line] = ()) -> Segment:
    """Store a body as the next link of the chain, in the caller's transaction; `lines` are its packets if they are few.

    Packets that are not given are stored by `packets.store` afterwards.
    """
    leaves = body.leaves or [merkle.leaf_hash(body.data)]
    compressed = _COMPRESSOR.compress(body.data)
    with _as_bytes(len(compressed)), connection.cursor() as cursor:
        previous = _previous(cursor)
        hashed = link(previous, leaves)
        values: list[Any] = [body.received_at, body.packets, compressed, previous, hashed]
        columns = [list(column) for column in zip(*lines, strict=True)]
        cursor.execute(_WITH_PACKETS if lines else _APPEND, values + columns)
        return Segment(cursor.fetchone()[0], hashed)


def _as_bytes(size: int) -> AbstractContextManager[None]:
    """Large bodies travel as they are and apart from the statement, where hexadecimal digits in it would be read."""
    return statements_repeated() if size > LARGE and not repeated() else nullcontext()


def _previous(cursor: Any) -> bytes:
    """The hash of the last segment, once it is our turn to append the next one."""
    if repeated():
        cursor.execute(_TAKE_TURN, [_LOCK])
        cursor.execute(_LAST)
    else:
        cursor.execute(f"{_TAKE_TURN}; {_LAST}", [_LOCK])
        cursor.nextset()
    row = cursor.fetchone()
    return bytes(row[0]) if row else START


def take_turn() -> None:
    """Wait until no other transaction writes to the chain; before the turn on the log, whoever needs both."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_TURN, [_LOCK])


def link(previous: bytes, leaves: Sequence[bytes]) -> bytes:
    """The hash of a segment: over the segment before and the root of the tree of its packets."""
    return merkle.node_hash(previous, merkle.root_of(leaves))


def places_in(segment_ids: Sequence[int]) -> dict[int, list[Place]]:
    """Where the packets of each segment lie, in their order, by one query."""
    found: dict[int, list[Place]] = {segment_id: [] for segment_id in segment_ids}
    with connection.cursor() as cursor:
        cursor.execute(_PLACES, [list(found)])
        for segment_id, *place in cursor.fetchall():
            found[segment_id].append(Place(*place))
    return found


def opened(segment: RawSegment, places: Sequence[Place]) -> Opened:
    """A segment unpacked."""
    data = zstandard.decompress(bytes(segment.body))
    return Opened(segment.pk, data, tuple(places), bytes(segment.previous), bytes(segment.hash))


def faults() -> Iterator[str | None]:
    """Walk the chain: for each segment what is wrong with it, or None."""
    previous, chunk = START, []
    for segment in RawSegment.objects.order_by("pk").iterator(chunk_size=_CHUNK):
        chunk.append(segment)
        if len(chunk) == _CHUNK:
            yield from _faults_of(chunk, previous)
            previous, chunk = bytes(chunk[-1].hash), []
    yield from _faults_of(chunk, previous)


def _faults_of(segments: Sequence[RawSegment], previous: bytes) -> Iterator[str | None]:
    places = places_in([segment.pk for segment in segments])
    for segment in segments:
        if bytes(segment.previous) != previous:
            yield f"raw segment {segment.pk} does not follow the segment before it"
        else:
            yield _fault_of(segment, places[segment.pk])
        previous = bytes(segment.hash)


def _fault_of(segment: RawSegment, places: Sequence[Place]) -> str | None:
    try:
        sound = opened(segment, places).sound()
    except zstandard.ZstdError as error:
        return f"raw segment {segment.pk} was changed after it was written: {error}"
    return None if sound else f"raw segment {segment.pk}, or where its packets lie, was changed after it was written"


def verify() -> int:
    """Walk the chain; see `qingyuan.sensing.api.verify_segments`."""
    count = 0
    for fault in faults():
        if fault is not None:
            raise LogBroken(fault)
        count += 1
    return count
