"""Cuts a stream of bytes into frames, by the length field alone."""

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.hj212.cipher import LITERAL, Keys, deciphered, looks_enciphered
from qingyuan_science.hj212.dialect import STANDARD, Dialect
from qingyuan_science.hj212.errors import (
    BadChecksum,
    BadLength,
    Hj212Error,
    NoFrameEnd,
    NoFrameHead,
    NoKey,
    SegmentTooLong,
    Truncated,
    shown,
)

_LONGEST_HEAD: Final = 6
_CRC_WIDTH: Final = 4
_MOST_DISPUTES: Final = 8
_UNFINISHED_HEAD: Final = re.compile(rb"#(?:#[0-9]{0,3})?\Z")
_MARK: Final = re.compile(rb"##(?=[^#])")
_LINE_ENDS: Final = re.compile(rb"[\r\n]*")
_LITERAL_START: Final = re.compile(rb"[Cc][Pp]=&&(?=\{0[xX])")
_LITERAL_SO_FAR: Final = re.compile(rb"[{0-9A-Fa-fxX,]*\Z")
_WIDEST_CHARACTER: Final = 4
_WIDEST_LITERAL: Final = 5


@dataclass(frozen=True, slots=True)
class Frame:
    """A sound frame: its bytes from ``##`` on, and the data segment in it.

    `raw` ends with CR LF where the dialect demands it, otherwise with the CRC. Of an enciphered frame `raw` is what
    came over the line and `segment` what it says.
    """

    raw: bytes
    segment: bytes
    enciphered: bool = field(default=False, repr=False)


@dataclass(frozen=True, slots=True)
class BadFrame:
    """Bytes that are no sound frame, and why."""

    raw: bytes
    error: Hj212Error


class _Head(NamedTuple):
    """A frame head in the bytes at hand: where it starts, where its length text ends, the length of the segment."""

    start: int
    end: int
    length: int


@cache
def _head_pattern(length_digits: int) -> re.Pattern[bytes]:
    return re.compile(rb"##([0-9]{%d,4})" % length_digits)


@cache
def _crc_pattern(crc_digits: int) -> re.Pattern[bytes]:
    return re.compile(rb"[0-9A-Fa-f]{%d,4}" % crc_digits)


class Framer:
    """Takes bytes as they arrive and gives frames; opens no connection, keeps no clock.

    Parameters
    ----------
    dialect : Dialect
        How the sender speaks.
    max_segment : int
        Longest data segment that is taken; the standard's own limit is 1024, some senders exceed it. [byte]
    keys : callable, optional
        Gives the SM4 keys of a device, see `cipher.Keys`. Without it enciphered frames are refused as `NoKey` where
        the dialect expects them.

    Attributes
    ----------
    plain : bool
        Whether `feed_in_bulk` may be called: the sender frames to the letter of the standard, in the clear.

    Notes
    -----
    The end of a frame is where its length text says, never where CR LF, ``##`` or ``&&`` happen to stand: each of
    them may occur in a value. When the CRC does not fit, the length itself may be the damaged part, so the search
    goes on right after the ``##`` and the frame is given up only as far as the next head in it.

    What comes out does not depend on how the stream was cut into pieces. Apart from line ends between frames, each
    byte that goes in comes out in exactly one `Frame` or `BadFrame`. Bytes that belong to no frame are gathered until
    a head follows, or as many have come as the longest frame has, or `close` is called. No more is held than the
    longest frame. Heads that claim the same bytes in vain are believed eight deep, so that the time taken stays in
    proportion to the bytes whatever they are; the next such head is given up with all that it claims.

    Source
    ------
    HJ 212-2017, structure of the communication packet, and annex A (CRC).

    Examples
    --------
    >>> framer = Framer()
    >>> framer.feed(b"noise##0000FF")
    [BadFrame(raw=b'noise', error=NoFrameHead("'noise'", '##', 0))]
    >>> framer.pending
    8
    >>> framer.feed(bytes.fromhex("46460d0a"))
    [Frame(raw=b'##0000FFFF\\r\\n', segment=b'')]
    """

    def __init__(self, dialect: Dialect = STANDARD, max_segment: int = 9999, keys: Keys | None = None) -> None:
        self._dialect = dialect
        self._max_segment = max_segment
        self._keys = keys
        self._characters = dialect.length_counts == "characters"
        self._ciphers = dialect.cipher != "none"
        widest = _WIDEST_CHARACTER if self._characters else _WIDEST_LITERAL if self._ciphers else 1
        self._longest = _LONGEST_HEAD + widest * max_segment + _CRC_WIDTH + 2
        strict = dialect.crc == "standard" and dialect.crc_digits == 4 and dialect.length_digits == 4
        odd = dialect.length_excess or self._characters or self._ciphers
        self.plain = strict and dialect.require_crlf and not odd
        self._head = _head_pattern(dialect.length_digits)
        self._crc = _crc_pattern(dialect.crc_digits)
        self._held = b""
        self._searched = 0
        self._consumed = 0
        self._disputes: list[int] = []

    @property
    def pending(self) -> int:
        """Bytes held that are not yet part of a frame. [byte]"""
        return len(self._held)

    def feed(self, data: bytes) -> list[Frame | BadFrame]:
        """Take bytes as they arrived.

        Parameters
        ----------
        data : bytes
            Any number of bytes, cut anywhere.

        Returns
        -------
        list of Frame or BadFrame
            What these bytes completed, in the order of the stream.
        """
        return self._take(data, final=False)

    def feed_in_bulk(
        self, data: bytes, cut: Callable[[bytes, int], NDArray[np.int64]]
    ) -> tuple[bytes, NDArray[np.int64]]:
        """Take bytes as they arrived, and cut the sound frames that they begin with all at once.

        Parameters
        ----------
        data : bytes
            Any number of bytes, cut anywhere.
        cut : callable
            `bulk.frames`, or what gives the same.

        Returns
        -------
        frames : bytes
            Sound frames, end to end; what `feed` would have given one by one. Call `feed` for what is behind them.
        edges : int array, shape (n + 1,)
            Where the first begins, and where each ends. [byte]
        """
        data = self._held + data
        edges = cut(data, self._max_segment)
        taken = int(edges[-1])
        self._held = data[taken:]
        self._consumed += taken
        self._searched = 0 if taken else self._searched
        return data[:taken], edges

    def close(self) -> list[Frame | BadFrame]:
        """Take the end of the stream, or give up waiting for the rest of a frame.

        Returns
        -------
        list of Frame or BadFrame
            The unfinished frame as `BadFrame`, and whatever was waiting behind its head: sound frames too, where its
            length was the damaged part.

        Notes
        -----
        The framer is empty afterwards and may be used again.
        """
        return self._take(b"", final=True)

    def _take(self, data: bytes, final: bool) -> list[Frame | BadFrame]:
        data = self._held + data
        found: list[Frame | BadFrame] = []
        at = 0
        while at < len(data):
            items, end = self._step(data, at, final)
            if not items and end == at:
                break
            found += items
            self._searched = 0
            at = end
        self._held = data[at:]
        self._consumed += at
        return found

    def _step(self, data: bytes, at: int, final: bool) -> tuple[list[Frame | BadFrame], int]:
        """Take what stands at `at` and say where it ends; `at` itself if more bytes are needed."""
        if data[at] in b"\r\n":
            lines = _LINE_ENDS.match(data, at)
            return [], lines.end() if lines else at
        window = min(len(data), at + self._longest)
        start, head = self._seek(data, at + self._searched, window, final)
        if head and head.start == at:
            return self._frame(data, head, final)
        if head or final or window - at == self._longest:
            return self._noise(data, at, start), start
        self._searched = start - at
        return [], at

    def _seek(self, data: bytes, at: int, end: int, final: bool) -> tuple[int, _Head | None]:
        """Find the next head in data[at:end], or else the place where an unfinished one starts."""
        excess = self._dialect.length_excess
        for match in self._head.finditer(data, at, end):
            if match.end() == end and end - match.start() < _LONGEST_HEAD and not final:
                return match.start(), None
            length = int(match[1]) - excess
            if 0 <= length <= self._max_segment:
                return match.start(), _Head(match.start(), match.end(), length)
        unfinished = None if final else _UNFINISHED_HEAD.search(data, max(at, end - _LONGEST_HEAD), end)
        return (unfinished.start() if unfinished else end), None

    def _frame(self, data: bytes, head: _Head, final: bool) -> tuple[list[Frame | BadFrame], int]:
        """Take the frame that a head announces, or give its bytes up as far as the next head in them."""
        crlf = self._dialect.require_crlf
        length = self._extent(data, head)
        if length is None and not final:
            return [], head.start
        crc_at = head.end + (head.length if length is None else length)
        crc_text = self._crc.match(data, crc_at, crc_at + _CRC_WIDTH)
        crc_end = crc_text.end() if crc_text else crc_at + _CRC_WIDTH
        needed = max(crc_end + 2 * crlf, crc_at + _CRC_WIDTH)
        if len(data) < needed and not final:
            return [], head.start
        segment = data[head.end : crc_at]
        clear = self._proven(segment, int(crc_text[0], 16)) if crc_text else None
        if clear is not None and (not crlf or data.startswith(b"\r\n", crc_end)):
            end = crc_end + 2 * crlf
            return [Frame(data[head.start : end], clear, clear != segment)], end
        error = self._fault(data, head, clear, (crc_at, crc_end, needed))
        if isinstance(error, NoKey):
            return [BadFrame(data[head.start : needed], error)], needed
        end = self._given_up(data, head, min(needed, len(data)), final)
        return [BadFrame(data[head.start : end], error)], end

    def _fault(self, data: bytes, head: _Head, clear: bytes | None, places: tuple[int, int, int]) -> Hj212Error:
        """Say why the bytes that a head claims are no frame, given where CRC and frame end."""
        crc_at, crc_end, needed = places
        if len(data) < needed:
            expected = f"{needed - head.start} bytes as its length {head.length} says"
            return Truncated(f"{len(data) - head.start} bytes", expected, self._consumed + head.start)
        if clear is not None:
            return NoFrameEnd(shown(data[crc_end : crc_end + 2]), "CR LF", self._consumed + crc_end)
        crc_text = self._crc.fullmatch(data, crc_at, crc_end)
        sent = crc_text[0].decode("ascii").upper() if crc_text else shown(data[crc_at:crc_end])
        segment, place = data[head.end : crc_at], self._consumed + crc_at
        computed = f"{self._dialect.algorithms[0](segment):04X}"
        ended = crc_text and (needed == crc_end or data.startswith(b"\r\n", crc_end))
        if self._ciphers and ended and looks_enciphered(segment, self._dialect):
            return NoKey(sent, computed, place, hint="the content is enciphered, and no key at hand fits")
        return BadChecksum(sent, computed, place)

    def _extent(self, data: bytes, head: _Head) -> int | None:
        """How many bytes the data segment takes; None while too few are at hand to tell. [byte]"""
        if self._characters:
            return _extent_of_text(data, head.end, head.length, self._dialect.encodings)
        start = self._ciphers and _LITERAL_START.search(data, head.end, head.end + head.length)
        if not start:
            return head.length
        literal = LITERAL.match(data, start.end())
        if literal is None:
            unfinished = _LITERAL_SO_FAR.match(data, start.end()) and len(data) < head.start + self._longest
            return None if unfinished else head.length
        if head.end + head.length > literal.end():
            return head.length
        return head.length + len(literal[0]) - (literal[0].count(b",") + 1)

    def _proven(self, segment: bytes, crc: int) -> bytes | None:
        """What the segment says, in the clear, if the CRC proves it."""
        fits = self._fits(segment, crc)
        if fits and not (self._ciphers and looks_enciphered(segment, self._dialect)):
            return segment
        candidates = deciphered(segment, self._dialect, self._keys) if self._keys else ()
        return next((clear for clear in candidates if self._fits(clear, crc)), None)

    def _fits(self, segment: bytes, crc: int) -> bool:
        return any(compute(segment) == crc for compute in self._dialect.algorithms)

    def _given_up(self, data: bytes, head: _Head, end: int, final: bool) -> int:
        """How far to give up the bytes that a head claims: to the next head in them, unless too many claims overlap."""
        place = self._consumed + head.start
        self._disputes = [until for until in self._disputes if until > place]
        if len(self._disputes) >= _MOST_DISPUTES:
            return end
        self._disputes.append(self._consumed + end)
        return self._seek(data, head.start + 2, end, final)[0]

    def _noise(self, data: bytes, at: int, end: int) -> list[Frame | BadFrame]:
        """Name what is wrong with bytes in which no head was found; part them where a ``##`` stands."""
        mark = _MARK.search(data, at, end)
        bare = data[at : mark.start() if mark else end]
        found: list[Frame | BadFrame] = []
        if bare:
            found.append(BadFrame(bare, NoFrameHead(shown(bare), "##", self._consumed + at)))
        if mark:
            error = self._bad_length(data[mark.end() : end], self._consumed + mark.end())
            found.append(BadFrame(data[mark.start() : end], error))
        return found

    def _bad_length(self, text: bytes, place: int) -> Hj212Error:
        digits = text[:4]
        excess = self._dialect.length_excess
        if len(digits) == 4 and digits.isdigit() and int(digits) > self._max_segment + excess:
            return SegmentTooLong(f"length {digits.decode('ascii')}", f"at most {self._max_segment + excess}", place)
        return BadLength(shown(digits), f"{self._dialect.length_digits} decimal digits, at least {excess:04d}", place)


def _extent_of_text(data: bytes, at: int, characters: int, encodings: tuple[str, ...]) -> int | None:
    """How many bytes so many characters take; None while too few bytes are at hand to tell. [byte]"""
    piece = data[at : at + _WIDEST_CHARACTER * characters]
    if piece[:characters].isascii():
        return characters
    for encoding in encodings:
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(piece)
        except UnicodeDecodeError as error:
            text = piece[: error.start].decode(encoding)
            if len(text) < characters:
                continue
        return len(text[:characters].encode(encoding)) if len(text) >= characters else None
    return characters
