"""Proofs of what arrived: the chain of raw segments, and single packets of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qingyuan.kit import merkle
from qingyuan.sensing.logic.raw import segments
from qingyuan.sensing.models import (
    RawPacket,
    RawSegment,
)


@dataclass(frozen=True)
class PacketProof:
    """One raw packet, and what shows it to be leaf `index` of its segment, whose hash the log names.

    The leaf's body is `before`, `raw` and `after` in a row: the stamp goes before a packet that was hashed by itself,
    and the rest of the segment stands around one that was not.
    """

    packet: RawPacket
    raw: bytes
    before: bytes
    after: bytes
    index: int
    count: int
    path: tuple[bytes, ...]
    previous: bytes


def verify_segments() -> int:
    """Walk the chain of raw segments.

    Returns
    -------
    int
        How many segments there are.

    Raises
    ------
    LogBroken
        A segment's bytes or its link to the segment before were changed, or a segment is missing.
    """
    return segments.verify()


def segment_faults() -> Iterator[str | None]:
    """Walk the chain of raw segments and tell of each whether it is whole.

    Returns
    -------
    iterator of str or None
        For each segment what is wrong with it, or None.
    """
    return segments.faults()


def prove_packets(packets: Sequence[RawPacket]) -> Iterator[PacketProof]:
    """The bytes of packets, each with what shows it to be of its segment.

    Parameters
    ----------
    packets : sequence of RawPacket

    Returns
    -------
    iterator of PacketProof
        In the order of the segments.
    """
    wanted: dict[int, list[RawPacket]] = {}
    for packet in packets:
        wanted.setdefault(packet.segment_id, []).append(packet)
    places = segments.places_in(list(wanted))
    for segment in RawSegment.objects.filter(pk__in=wanted).order_by("pk").iterator(chunk_size=100):
        found = segments.opened(segment, places[segment.pk])
        leaves = found.leaves() if found.stamped else [merkle.leaf_hash(found.data)]
        nodes = merkle.nodes_of(leaves)
        for packet in wanted[segment.pk]:
            received_us = round(packet.received_at.timestamp() * 1_000_000)
            place = segments.Place(packet.offset, packet.length, received_us, packet.peer)
            index = found.index_of(place) if found.stamped else 0
            yield PacketProof(
                packet, place.cut(found.data), *found.around(place), index=index, count=len(leaves),
                path=tuple(merkle.inclusion_proof(index, len(leaves), nodes)), previous=found.previous,
            )  # fmt: skip
