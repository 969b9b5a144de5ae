"""Raw segments: compressed batches of packets, each chained to the one before by hash."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

import zstandard
from django.db import connection

from qingyuan.kit.errors import LogBroken
from qingyuan.sensing.logic.rows import Segment
from qingyuan.sensing.models import RawSegment

START = bytes(32)
_LOCK = 0x71_79_72_61_77  # any fixed number; gateways take turns on the chain
_COMPRESSOR = zstandard.ZstdCompressor(level=1)  # packets repeat themselves: level 3 takes longer, and no less room


@dataclass(frozen=True)
class Body:
    """The bytes of a batch, and how many packets they hold."""

    data: bytes
    packets: int
    received_at: datetime


def append(body: Body) -> Segment:
    """Store a body as the next link of the chain, in the caller's transaction."""
    take_turn()
    with connection.cursor() as cursor:
        cursor.execute("SELECT hash FROM sensing_rawsegment ORDER BY id DESC LIMIT 1")
        row = cursor.fetchone()
    previous = bytes(row[0]) if row else START
    segment = RawSegment.objects.create(
        received_at=body.received_at,
        packets=body.packets,
        body=_COMPRESSOR.compress(body.data),
        previous=previous,
        hash=link(previous, body.data),
    )
    return Segment(segment.pk, bytes(segment.hash))


def take_turn() -> None:
    """Wait until no other transaction writes to the chain; before the turn on the log, whoever needs both."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def link(previous: bytes, data: bytes) -> bytes:
    """SHA-256 over the hash of the segment before and this segment's bytes."""
    return hashlib.sha256(previous + data).digest()


def verify() -> int:
    """Walk the chain; see `qingyuan.sensing.api.verify_segments`."""
    previous, count = START, 0
    for segment in RawSegment.objects.order_by("pk").iterator(chunk_size=200):
        count += 1
        if bytes(segment.previous) != previous:
            raise LogBroken(f"raw segment {segment.pk} does not follow the segment before it")
        if link(previous, zstandard.decompress(bytes(segment.body))) != bytes(segment.hash):
            raise LogBroken(f"raw segment {segment.pk} was changed after it was written")
        previous = bytes(segment.hash)
    return count
