"""MP4 (ISO/IEC 14496-12): its boxes walked for length, codec and size of the picture; no picture is decoded."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from qingyuan.sensing.filmed.film import BadFilm, Film

MOST_BOXES: Final = 200_000  # a fragment a tenth of a second for hours; more is no recording
PLAYED: Final = {
    b"avc1": "H.264", b"avc3": "H.264", b"av01": "AV1", b"vp09": "VP9",
}  # fmt: skip
"""Sample entries that current browsers play on every system."""

KNOWN: Final = {b"hvc1": "H.265", b"hev1": "H.265", b"mp4v": "MPEG-4 part 2", b"mjpg": "Motion JPEG"}
_HEAD = struct.Struct(">I4s")
_ENDLESS = 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF


@dataclass(frozen=True)
class Box:
    """One box: its kind, and where its content begins and ends. [B]"""

    kind: bytes
    start: int
    end: int


@dataclass
class _Track:
    """The track of pictures: its number, ticks in a second, codec and size; how long a sample lasts if nothing else."""

    number: int
    scale: int
    codec: bytes
    width: int
    height: int
    usual: int = 0


def look(raw: bytes) -> Film:
    """What an MP4 says of itself.

    Raises
    ------
    BadFilm
        It is cut short, its parts do not fit, or browsers do not play it.
    """
    try:
        return _look(raw)
    except struct.error as error:
        raise BadFilm("found a box that is too short for its kind, expected a whole MP4") from error


def _look(raw: bytes) -> Film:
    boxes = list(_boxes(raw, 0, len(raw)))
    movie = next((box for box in boxes if box.kind == b"moov"), None)
    if movie is None:
        raise BadFilm("found an MP4 that lacks its index, expected a recording that was finished")
    parts = list(_boxes(raw, movie.start, movie.end))
    header = next((box for box in parts if box.kind == b"mvhd"), None)
    tracks = [_track(raw, box) for box in parts if box.kind == b"trak"]
    track = next((one for one in tracks if one is not None), None)
    if header is None or track is None:
        raise BadFilm("found an MP4 without a track of pictures, expected one")
    if track.codec not in PLAYED:
        found = KNOWN.get(track.codec) or track.codec.decode("latin-1")
        raise BadFilm(f"found video in {found}, expected H.264, AV1 or VP9, which every browser plays")
    if not any(box.kind == b"mdat" for box in boxes):
        raise BadFilm("found an MP4 that lacks its pictures, expected a recording that was finished")
    seconds = _length(raw, header) or _extended(raw, parts, header) or _fragments(raw, boxes, parts, track)
    return Film("video/mp4", PLAYED[track.codec], track.width, track.height, seconds)


def _boxes(raw: bytes, start: int, end: int) -> Iterator[Box]:
    at = start
    for _ in range(MOST_BOXES):
        if at >= end:
            return
        if end - at < _HEAD.size:
            raise BadFilm(f"found {end - at} bytes at the end, expected whole boxes: the MP4 is cut short")
        size, kind = _HEAD.unpack_from(raw, at)
        head = _HEAD.size
        if size == 1:
            (size,), head = struct.unpack_from(">Q", raw, at + head), 16
        elif size == 0:
            size = end - at
        if not head <= size <= end - at:
            raise BadFilm(f"found {end - at} bytes, expected {size} as their box says: the MP4 is cut short")
        yield Box(kind, at + head, at + size)
        at += size
    raise BadFilm(f"found more boxes, expected at most {MOST_BOXES}")


def _child(raw: bytes, box: Box, *path: bytes) -> Box | None:
    """The first box down a path of kinds."""
    found: Box | None = box
    for kind in path:
        if found is None:
            return None
        found = next((one for one in _boxes(raw, found.start, found.end) if one.kind == kind), None)
    return found


def _length(raw: bytes, header: Box) -> float:
    """What the header of the movie or of a track (mvhd, mdhd) says it lasts; 0 where it does not. [s]"""
    scale, ticks = _scale_and_ticks(raw, header)
    return ticks / scale if scale and ticks not in _ENDLESS else 0.0


def _scale_and_ticks(raw: bytes, header: Box) -> tuple[int, int]:
    if header.end == header.start:
        raise BadFilm("found an empty header, expected a whole MP4")
    at = header.start
    scale, ticks = struct.unpack_from(">IQ", raw, at + 20) if raw[at] == 1 else struct.unpack_from(">II", raw, at + 12)
    return int(scale), int(ticks)


def _extended(raw: bytes, parts: list[Box], header: Box) -> float:
    """What a recording in fragments says it lasts in all (mehd). [s]"""
    extends = next((box for box in parts if box.kind == b"mvex"), None)
    box = _child(raw, extends, b"mehd") if extends else None
    scale = _scale_and_ticks(raw, header)[0]
    if box is None or not scale or box.end == box.start:
        return 0.0
    (ticks,) = struct.unpack_from(">Q" if raw[box.start] == 1 else ">I", raw, box.start + 4)
    return float(ticks / scale)


def _track(raw: bytes, box: Box) -> _Track | None:
    """A track, if it is one of pictures."""
    handler = _child(raw, box, b"mdia", b"hdlr")
    if handler is None or raw[handler.start + 8 : handler.start + 12] != b"vide":
        return None
    header, times = _child(raw, box, b"tkhd"), _child(raw, box, b"mdia", b"mdhd")
    described = _child(raw, box, b"mdia", b"minf", b"stbl", b"stsd")
    if header is None or times is None or described is None:
        raise BadFilm("found a track without its description, expected a whole MP4")
    (number,) = struct.unpack_from(">I", raw, header.start + (20 if raw[header.start] == 1 else 12))
    entry = next(_boxes(raw, described.start + 8, described.end), None)
    if entry is None:
        raise BadFilm("found a track without its description, expected a whole MP4")
    width, height = struct.unpack_from(">HH", raw, entry.start + 24)
    return _Track(number, _scale_and_ticks(raw, times)[0], entry.kind, width, height)


def _fragments(raw: bytes, boxes: list[Box], parts: list[Box], track: _Track) -> float:
    """How long the samples of all fragments last together. [s]"""
    for box in parts:
        for one in _boxes(raw, box.start, box.end) if box.kind == b"mvex" else ():
            if one.kind == b"trex" and struct.unpack_from(">I", raw, one.start + 4)[0] == track.number:
                (track.usual,) = struct.unpack_from(">I", raw, one.start + 12)
    ticks = 0
    for box in boxes:
        for one in _boxes(raw, box.start, box.end) if box.kind == b"moof" else ():
            ticks += _ticks_of(raw, one, track) if one.kind == b"traf" else 0
    return ticks / track.scale if track.scale else 0.0


def _ticks_of(raw: bytes, fragment: Box, track: _Track) -> int:
    """How long the samples of one fragment of a track last (tfhd, trun). [ticks]"""
    header = _child(raw, fragment, b"tfhd")
    if header is None:
        raise BadFilm("found a fragment without its header, expected a whole MP4")
    flags, number = struct.unpack_from(">II", raw, header.start)
    if number != track.number:
        return 0
    usual = track.usual
    if flags & 0x8:
        before = (8 if flags & 0x1 else 0) + (4 if flags & 0x2 else 0)
        (usual,) = struct.unpack_from(">I", raw, header.start + 8 + before)
    runs = [box for box in _boxes(raw, fragment.start, fragment.end) if box.kind == b"trun"]
    return sum(_ticks_of_run(raw, run, usual) for run in runs)


def _ticks_of_run(raw: bytes, run: Box, usual: int) -> int:
    flags, count = struct.unpack_from(">II", raw, run.start)
    if not flags & 0x100:
        return int(count * usual)
    at = run.start + 8 + (4 if flags & 0x1 else 0) + (4 if flags & 0x4 else 0)
    width = 4 * bin(flags & 0xF00).count("1")
    if at + count * width > run.end:
        raise BadFilm("found fewer samples than the fragment says, expected all: the MP4 is cut short")
    return sum(struct.unpack_from(">I", raw, at + sample * width)[0] for sample in range(count))
