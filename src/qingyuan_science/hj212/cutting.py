"""Finds where a recorded packet ends: as its length says, or where the checksum proves that it does."""

import re
from collections import deque
from itertools import islice
from typing import Final, NamedTuple

from qingyuan_science.hj212.checksum import VARIANTS
from qingyuan_science.hj212.cipher import LITERAL, Keys, deciphered, looks_enciphered
from qingyuan_science.hj212.dialect import Dialect
from qingyuan_science.hj212.errors import (
    BadChecksum,
    BadLength,
    Hj212Error,
    NoFrameHead,
    NoKey,
    Truncated,
    shown,
)

_LENGTH: Final = re.compile(rb"##([0-9]{1,4})[0-9]*")
_NO_LENGTH: Final = re.compile(rb"##()")
_CRC: Final = re.compile(rb"[0-9A-Fa-f]{3,4}")
_ENDING: Final = re.compile(rb"(?<!CP=)&&(?P<crc>[0-9A-Fa-f]{3,4})")
_NEXT_OR_END: Final = re.compile(rb"[ \t\r\n]*(?:##|\Z)")


class Cut(NamedTuple):
    """One way to cut a packet: where its data segment begins and ends, the CRC text behind it, where that ends."""

    start: int
    end: int
    crc: bytes
    crc_end: int


class Packet(NamedTuple):
    """Where a packet stands in recorded bytes, and what it says.

    `head` is the place of its ``##`` and `said` its length text; `cut` is the likeliest way to cut it, None where the
    bytes show no end. `clear` is the data segment in the clear if the CRC proves it, otherwise `error` says why not.
    """

    head: int
    said: bytes
    cut: Cut | None
    clear: bytes | None
    error: Hj212Error | None

    def expected_length(self, raw: bytes, dialect: Dialect) -> int:
        """Tell what the length text should say.

        Parameters
        ----------
        raw : bytes
            What was cut.
        dialect : Dialect
            How the sender speaks: what the length counts.

        Returns
        -------
        int
            [byte, or character where the dialect counts these]
        """
        segment = raw[self.cut.start : self.cut.end] if self.cut else b""
        segment = segment if self.clear is None else self.clear
        counted = len(segment)
        if dialect.length_counts == "characters":
            counted = _characters(segment, dialect)
        return counted + dialect.length_excess

    def length_fits(self, raw: bytes, dialect: Dialect) -> bool:
        """Tell whether the length text says what it should.

        Parameters
        ----------
        raw, dialect
            As for `expected_length`.

        Returns
        -------
        bool
        """
        expected = self.expected_length(raw, dialect)
        return self.said == b"%04d" % expected or (
            len(self.said) >= dialect.length_digits and int(self.said) == expected
        )


def cut_packet(raw: bytes, dialect: Dialect, keys: Keys | None = None, at: int = 0) -> Packet:
    """Find the next packet in recorded bytes, and the data segment that its CRC proves.

    Parameters
    ----------
    raw : bytes
        Recorded bytes; line ends may be lost and lengths edited.
    dialect : Dialect
        How the sender speaks.
    keys : callable, optional
        Gives the SM4 keys of a device, see `cipher.Keys`.
    at : int
        Where to begin. [byte]

    Returns
    -------
    Packet

    Raises
    ------
    NoFrameHead
        No ``##`` follows.
    """
    length = _LENGTH.search(raw, at) or _NO_LENGTH.search(raw, at)
    if length is None:
        raise NoFrameHead(shown(raw[at:].strip()), "##", at)
    cuts = _cuts(raw, length, dialect)
    for cut in cuts:
        if (clear := _clear(raw, cut, dialect, keys)) is not None:
            return Packet(length.start(), length[1], cut, clear, None)
    likeliest, error = _fault(raw, length, cuts, dialect)
    return Packet(length.start(), length[1], likeliest, None, error)


def _clear(raw: bytes, cut: Cut, dialect: Dialect, keys: Keys | None) -> bytes | None:
    """The data segment in the clear, if the CRC proves it."""
    segment = raw[cut.start : cut.end]
    if _proves(cut, segment, dialect) and not (dialect.cipher != "none" and looks_enciphered(segment, dialect)):
        return segment
    candidates = deciphered(segment, dialect, keys) if keys else ()
    return next((clear for clear in candidates if _proves(cut, clear, dialect)), None)


def _characters(segment: bytes, dialect: Dialect) -> int:
    for encoding in dialect.encodings:
        try:
            return len(segment.decode(encoding))
        except UnicodeDecodeError:
            continue
    return len(segment)


def _said(length: re.Match[bytes], dialect: Dialect) -> int:
    """How long the data segment is by the length text; negative where it says nothing."""
    return int(length[1]) - dialect.length_excess if length[1] else -1


def _cuts(raw: bytes, length: re.Match[bytes], dialect: Dialect) -> list[Cut]:
    """Ways to cut the packet: as its length says, at the ending before another packet, at the last ending."""
    cuts = []
    start, said = length.end(1), _said(length, dialect)
    if said >= 0 and (crc := _CRC.match(raw, start + said, start + said + 4)):
        cuts.append(Cut(start, crc.start(), crc[0], crc.end()))
    before_next = (e for e in _ENDING.finditer(raw, length.end()) if _NEXT_OR_END.match(raw, e.end()))
    for ending in (*islice(before_next, 1), *deque(_ENDING.finditer(raw, length.end()), maxlen=1)):
        cuts.append(Cut(length.end(), ending.start("crc"), ending["crc"], ending.end()))
    return cuts


def _proves(cut: Cut, segment: bytes, dialect: Dialect) -> bool:
    crc = int(cut.crc, 16)
    return len(cut.crc) >= dialect.crc_digits and any(crc == compute(segment) for compute in dialect.algorithms)


def _fault(raw: bytes, length: re.Match[bytes], cuts: list[Cut], dialect: Dialect) -> tuple[Cut | None, Hj212Error]:
    """The likeliest end of the packet, and why it is not proven."""
    start, said = length.end(1), _said(length, dialect)
    at_length = [cut for cut in cuts if cut.end - cut.start == said]
    if endings := [cut for cut in cuts if raw.endswith(b"&&", cut.start, cut.end)] or at_length:
        return endings[0], _bad_checksum(raw[endings[0].start : endings[0].end], endings[0], dialect)
    if said < 0:
        return None, BadLength(shown(length[1] or raw[start : start + 4]), "4 decimal digits", start)
    if len(raw) < start + said + 4:
        found, expected = len(raw) - length.start(), start + said + 4 - length.start()
        return None, Truncated(f"{found} bytes", f"{expected} as the length says", length.start())
    computed = dialect.algorithms[0](raw[start : start + said])
    found_there = shown(raw[start + said : start + said + 4])
    return None, BadChecksum(found_there, f"{computed:04X}", start + said)


def _bad_checksum(segment: bytes, cut: Cut, dialect: Dialect) -> BadChecksum:
    computed = dialect.algorithms[0](segment)
    sent = int(cut.crc, 16)
    text, place = cut.crc.decode("ascii").upper(), cut.crc_end - len(cut.crc)
    if looks_enciphered(segment, dialect) and (dialect.cipher != "none" or LITERAL.search(segment)):
        hint = "the content is enciphered, and no key at hand fits"
        return NoKey(text, f"{computed:04X}", place, hint=hint)
    hint = ""
    if sent == computed:
        hint = "a leading zero is missing: for this sender choose a dialect with crc_digits 3"
    elif also := [name for name, compute in VARIANTS.items() if compute(segment) == sent]:
        hint = f"it is the CRC of the kind {also[0]}: for this sender choose a dialect with crc {also[0]}"
    return BadChecksum(text, f"{computed:04X}", place, hint=hint)
