"""Clips as bytes: tiny MP4 made box by box after ISO/IEC 14496-12, and the WebM that Chromium recorded."""

import struct
from pathlib import Path

SAMPLE = Path(__file__).resolve().parents[1] / "footage" / "outlet.webm"


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def entry(codec: bytes, width: int, height: int) -> bytes:
    return box(codec, bytes(24), struct.pack(">HH", width, height), bytes(50))


def track(codec: bytes, scale: int) -> bytes:
    """The boxes of ISO/IEC 14496-12 that describe a track of pictures, with no samples of its own."""
    header = box(b"tkhd", struct.pack(">IIII", 0, 0, 0, 1), bytes(68))
    times = box(b"mdhd", struct.pack(">IIIII", 0, 0, 0, scale, 0), bytes(4))
    handler = box(b"hdlr", bytes(8), b"vide", bytes(13))
    described = box(b"stsd", struct.pack(">II", 0, 1), entry(codec, 1280, 720))
    return box(b"trak", header, box(b"mdia", times, handler, box(b"minf", box(b"stbl", described))))


def mp4(codec: bytes = b"avc1", ticks: int = 75_000, *more: bytes) -> bytes:
    """Ten thousand ticks a second."""
    movie = box(b"mvhd", struct.pack(">IIIII", 0, 0, 0, 10_000, ticks), bytes(80))
    return (
        box(b"ftyp", b"isom", bytes(4)) + box(b"moov", movie, track(codec, 90_000), *more) + box(b"mdat", b"pictures")
    )


def fragments(*durations: int) -> bytes:
    """As a media server records: no length in front, the samples of each fragment say theirs."""
    usual = box(b"mvex", box(b"trex", struct.pack(">IIIIII", 0, 1, 1, 0, 0, 0)))
    parts = [
        box(b"moof", box(b"traf", box(b"tfhd", struct.pack(">II", 0, 1)),
                         box(b"trun", struct.pack(">IIII", 0x100, 2, duration, duration))))
        for duration in durations
    ]  # fmt: skip
    return mp4(b"avc1", 0, usual) + b"".join(parts)
