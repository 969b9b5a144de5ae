"""Raw segments: each packet can be shown to be of its segment, and no change of either goes unnoticed."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from wire import hour_packet

from qingyuan.kit.errors import LogBroken
from qingyuan.kit.verifier import verify_bundle as verifier
from qingyuan.recording.api import append, reference_faults
from qingyuan.sensing.api import prove_packets, segment_faults, verify_segments
from qingyuan.sensing.logic.intake import Arrival, take_in
from qingyuan.sensing.logic.raw import segments
from qingyuan.sensing.logic.registry import Registry
from qingyuan.sensing.queries import RawPacket, RawSegment
from qingyuan_science.hj212 import STANDARD, Frame, Framer

pytestmark = pytest.mark.django_db
RECEIVED_US = 1_780_000_000_123_456


@pytest.fixture
def three_segments(device: Any) -> list[RawSegment]:
    """Of one, two and five packets."""
    registry, stamp = Registry(), RECEIVED_US
    for count in (1, 2, 5):
        arrivals = []
        for _ in range(count):
            stamp += 1_000_001
            hour = (stamp - RECEIVED_US) // 1_000_001
            (frame,) = Framer(STANDARD).feed(hour_packet(device.mn, f"202605200{hour}0000", 40.0 + hour))
            assert isinstance(frame, Frame)
            arrivals.append(Arrival(frame.raw, f"10.0.0.{hour}:47", stamp, frame.segment, STANDARD))
        take_in(arrivals, registry, append)
    return list(RawSegment.objects.order_by("pk"))[-3:]


def run(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_untouched_segments_hold(three_segments: list[RawSegment]) -> None:
    assert list(segment_faults()) == [None] * RawSegment.objects.count()
    assert verify_segments() == RawSegment.objects.count()
    assert list(reference_faults()) == []


def test_every_packet_is_proven_to_be_of_its_segment(three_segments: list[RawSegment]) -> None:
    proofs = list(prove_packets(list(RawPacket.objects.all())))
    assert len(proofs) == 8
    for proof in proofs:
        body = proof.before + proof.raw + proof.after
        assert proof.raw.startswith(b"##")
        assert body.endswith(proof.raw)
        root = verifier.root_by_path(verifier.leaf_hash(body), proof.index, proof.count, proof.path)
        assert root is not None
        segment = RawSegment.objects.get(pk=proof.packet.segment_id)
        assert verifier.node_hash(proof.previous, root) == bytes(segment.hash)


def test_a_packet_of_a_body_hashed_in_one_piece_is_proven_with_the_whole_body() -> None:
    data = b"first|second"
    made = segments.append(segments.Body(data, 2, datetime(2026, 5, 1, tzinfo=UTC)))
    for offset, length in ((0, 6), (6, 6)):
        RawPacket.objects.create(
            segment_id=made.id,
            offset=offset,
            length=length,
            received_at=datetime(2026, 5, 1, tzinfo=UTC),
            state="decoded",
        )
    proofs = list(prove_packets(list(RawPacket.objects.filter(segment=made.id))))
    assert [(proof.before, proof.raw, proof.after) for proof in proofs] == [
        (b"", b"first|", b"second"),
        (b"first|", b"second", b""),
    ]
    for proof in proofs:
        leaf = verifier.leaf_hash(proof.before + proof.raw + proof.after)
        assert verifier.node_hash(proof.previous, leaf) == made.hash
    assert verify_segments() == RawSegment.objects.count()


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE sensing_rawpacket SET received_at = received_at + interval '1 microsecond' WHERE id = %s",
        "UPDATE sensing_rawpacket SET peer = '10.0.0.99:1' WHERE id = %s",
        'UPDATE sensing_rawpacket SET "offset" = "offset" + 1 WHERE id = %s',
        "UPDATE sensing_rawpacket SET length = length - 1 WHERE id = %s",
        "UPDATE sensing_rawpacket SET segment_id = (SELECT min(id) FROM sensing_rawsegment) WHERE id = %s",
        "DELETE FROM sensing_rawpacket WHERE id = %s",
        "INSERT INTO sensing_rawpacket (segment_id, \"offset\", length, received_at, peer, mn, cn, state, error, note)"
        " SELECT segment_id, \"offset\", length, received_at, peer, mn, cn, state, error, note"
        " FROM sensing_rawpacket WHERE id = %s",
    ],
)  # fmt: skip
def test_a_change_of_where_a_packet_lies_or_whence_it_came_is_found(
    three_segments: list[RawSegment], tampering: str
) -> None:
    packet = RawPacket.objects.filter(segment=three_segments[2]).order_by("pk")[2]
    run(tampering, packet.pk)
    told = [fault for fault in segment_faults() if fault]
    assert any(f"raw segment {three_segments[2].pk}, or where its packets lie, was changed" in fault for fault in told)


def test_changed_bytes_are_found_and_named(three_segments: list[RawSegment]) -> None:
    import zstandard

    target = three_segments[1]
    data = zstandard.decompress(bytes(target.body)).replace(b"42", b"24", 1)
    run("UPDATE sensing_rawsegment SET body = %s WHERE id = %s", zstandard.compress(data), target.pk)
    with pytest.raises(LogBroken, match=f"raw segment {target.pk}, or where"):
        verify_segments()
    run("UPDATE sensing_rawsegment SET body = 'nonsense' WHERE id = %s", target.pk)
    with pytest.raises(LogBroken, match=f"raw segment {target.pk} was changed"):
        verify_segments()


def test_a_segment_that_is_gone_is_missed_by_the_next_one_and_by_the_log(three_segments: list[RawSegment]) -> None:
    gone, following = three_segments[1].pk, three_segments[2].pk
    run("DELETE FROM sensing_rawpacket WHERE segment_id = %s", gone)
    run("DELETE FROM sensing_rawsegment WHERE id = %s", gone)
    assert [fault for fault in segment_faults() if fault] == [
        f"raw segment {following} does not follow the segment before it"
    ]
    (told,) = reference_faults()
    assert told.endswith(f"names raw segment {gone}, which is missing")


def test_a_chain_made_anew_is_found_by_what_the_log_says(three_segments: list[RawSegment]) -> None:
    """Whoever changes a packet and makes every hash again is caught by the lines that name the old ones."""
    import zstandard

    previous = bytes(three_segments[0].previous)
    for segment in three_segments:
        places = segments.places_in([segment.pk])[segment.pk]
        data = zstandard.decompress(bytes(segment.body)).replace(b"Avg=4", b"Avg=3")
        hashed = segments.link(previous, [place.leaf(data) for place in places])
        run(
            "UPDATE sensing_rawsegment SET body = %s, previous = %s, hash = %s WHERE id = %s",
            zstandard.compress(data), previous, hashed, segment.pk,
        )  # fmt: skip
        previous = hashed
    assert verify_segments() == RawSegment.objects.count()
    told = list(reference_faults())
    assert len(told) == 3
    assert all("with hash" in fault and "found" in fault for fault in told)
