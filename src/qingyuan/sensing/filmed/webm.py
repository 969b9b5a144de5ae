"""WebM (EBML, RFC 8794 and RFC 9559): its elements walked for length, codec and size of the picture."""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from qingyuan.sensing.filmed.film import BadFilm, Film

MOST_ELEMENTS: Final = 500_000
PLAYED: Final = {"V_VP8": "VP8", "V_VP9": "VP9", "V_AV1": "AV1"}
NS_A_TICK: Final = 1_000_000  # where the file does not say (RFC 9559, TimestampScale)
PICTURES: Final = 1
EBML, DOC_TYPE, SEGMENT, CLUSTER = 0x1A45DFA3, 0x4282, 0x18538067, 0x1F43B675
INFO, SCALE, DURATION = 0x1549A966, 0x2AD7B1, 0x4489
TRACKS, TRACK, KIND, CODEC, VIDEO, WIDTH, HEIGHT = 0x1654AE6B, 0xAE, 0x83, 0x86, 0xE0, 0xB0, 0xBA
CLUSTER_AT, SIMPLE_BLOCK, BLOCK_GROUP, BLOCK = 0xE7, 0xA3, 0xA0, 0xA1
INSIDE: Final = {EBML, SEGMENT, CLUSTER, INFO, TRACKS, TRACK, VIDEO, BLOCK_GROUP}
"""Elements whose content is elements; the rest is values, and what is not asked for is passed over."""

UNENDED: Final = {SEGMENT, CLUSTER}
"""Those that a recording may leave without a size while it is being made."""


@dataclass
class _Said:
    """What the elements say so far; times in ticks."""

    doc_type: str = ""
    scale: int = NS_A_TICK
    duration: float = 0.0
    tracks: list[dict[int, int | str]] = field(default_factory=list)
    cluster_at: int = 0
    blocks: list[int] = field(default_factory=list)


def look(raw: bytes) -> Film:
    """What a WebM says of itself; where it does not say how long it is, the times of its first and last blocks do.

    Raises
    ------
    BadFilm
        It is cut short, its parts do not fit, or browsers do not play it.
    """
    said = _Said()
    for name, start, end in _elements(raw):
        _take(said, name, raw[start : min(end, start + 64)])
    if said.doc_type != "webm":
        raise BadFilm(f"found a container {said.doc_type[:20]!r}, expected webm")
    video = next((track for track in said.tracks if track.get(KIND) == PICTURES), None)
    if video is None or not said.blocks:
        raise BadFilm("found a WebM without pictures, expected a recording that was finished")
    codec = str(video.get(CODEC, ""))
    if codec not in PLAYED:
        raise BadFilm(f"found video in {codec[:20]!r}, expected VP8, VP9 or AV1")
    size = int(video.get(WIDTH, 0)), int(video.get(HEIGHT, 0))
    return Film("video/webm", PLAYED[codec], *size, _length(said))


def _length(said: _Said) -> float:
    """What it lasts; the last picture stays as long as the one before it did. [s]"""
    ticks = said.duration
    if not (math.isfinite(ticks) and ticks > 0):
        times = sorted(set(said.blocks))
        last = times[-1] - times[-2] if len(times) > 1 else 0
        ticks = times[-1] - times[0] + last
    return ticks * said.scale / 1e9


def _take(said: _Said, name: int, value: bytes) -> None:
    if name == DOC_TYPE:
        said.doc_type = _text(value)
    elif name == SCALE:
        said.scale = _whole(value) or NS_A_TICK
    elif name == DURATION:
        said.duration = _real(value)
    elif name == TRACK:
        said.tracks.append({})
    elif name in (KIND, WIDTH, HEIGHT, CODEC) and said.tracks:
        said.tracks[-1].setdefault(name, _text(value) if name == CODEC else _whole(value))
    elif name == CLUSTER_AT:
        said.cluster_at = _whole(value)
    elif name in (SIMPLE_BLOCK, BLOCK):
        said.blocks.append(said.cluster_at + _offset(value))


def _elements(raw: bytes) -> Iterator[tuple[int, int, int]]:
    """Every element in turn, those inside of others after them: its name, and where its content lies."""
    at = 0
    for _ in range(MOST_ELEMENTS):
        if at >= len(raw):
            return
        name, at = _number(raw, at, keep_marker=True)
        size, start = _number(raw, at)
        unended = size == (1 << 7 * (start - at)) - 1
        end = len(raw) if unended else start + size
        if end > len(raw) or (unended and name not in UNENDED):
            raise BadFilm(
                f"found {len(raw) - start} bytes, expected {size} as their element says: the WebM is cut short"
            )
        yield name, start, end
        at = start if name in INSIDE else end
    raise BadFilm(f"found more elements, expected at most {MOST_ELEMENTS}")


def _number(raw: bytes, at: int, *, keep_marker: bool = False) -> tuple[int, int]:
    """A number of variable length (RFC 8794, 4), and where it ends."""
    first = raw[at] if at < len(raw) else 0
    length = 9 - first.bit_length()
    if not first or at + length > len(raw) or (keep_marker and length > 4):
        raise BadFilm(f"found {max(0, len(raw) - at)} bytes that begin no element, expected a whole WebM")
    number = int.from_bytes(raw[at : at + length], "big")
    return number if keep_marker else number & ((1 << 7 * length) - 1), at + length


def _whole(value: bytes) -> int:
    return int.from_bytes(value[:8], "big")


def _real(value: bytes) -> float:
    forms = {4: ">f", 8: ">d"}
    return float(struct.unpack(forms[len(value)], value)[0]) if len(value) in forms else 0.0


def _text(value: bytes) -> str:
    return value.rstrip(b"\0").decode("ascii", "replace")


def _offset(block: bytes) -> int:
    """The time of a block within its cluster, which stands behind the number of its track. [ticks]"""
    _track, at = _number(block, 0)
    if at + 2 > len(block):
        raise BadFilm("found a block without its time, expected a whole WebM")
    return int(struct.unpack_from(">h", block, at)[0])
