"""Says what one recorded packet holds, or what is wrong with it, as plain objects for people and scripts.

Recorded packets lost their line ends, got their lengths edited and stand beside noise; what a stream must refuse can
be told here with a warning, as long as the checksum proves the data segment.
"""

import base64
import json
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final, NamedTuple

from qingyuan_science.hj212.checksum import VARIANTS
from qingyuan_science.hj212.cipher import LITERAL, Keys, deciphered, looks_enciphered
from qingyuan_science.hj212.codes import SYSTEMS
from qingyuan_science.hj212.dialect import STANDARD, Dialect
from qingyuan_science.hj212.errors import (
    BadChecksum,
    BadLength,
    BadLine,
    BadTime,
    Hj212Error,
    NoFrameHead,
    NoKey,
    Truncated,
    shown,
)
from qingyuan_science.hj212.message import Message, parse
from qingyuan_science.hj212.times import instant

_LENGTH: Final = re.compile(rb"##([0-9]{1,4})[0-9]*")
_NO_LENGTH: Final = re.compile(rb"##()")
_CRC: Final = re.compile(rb"[0-9A-Fa-f]{3,4}")
_ENDING: Final = re.compile(rb"(?<!CP=)&&(?P<crc>[0-9A-Fa-f]{3,4})")
_NEXT_OR_END: Final = re.compile(rb"[ \t\r\n]*(?:##|\Z)")
_TEXT_ENCODINGS: Final = ("utf-8", "utf8", "ascii", "latin-1", "latin1", "iso-8859-1", "gbk", "gb2312", "gb18030")


class _Cut(NamedTuple):
    """One way to cut a packet: its data segment, the CRC text behind it, where that text ends."""

    segment: bytes
    crc: bytes
    end: int


def decode_packet(raw: bytes, dialect: Dialect | None = None, keys: Keys | None = None) -> dict[str, Any]:
    """Explain one recorded packet.

    Parameters
    ----------
    raw : bytes
        The packet from ``##`` on; line end, and noise before it, may be there.
    dialect : Dialect, optional
        How the sender speaks; HJ 212-2017 where not given.
    keys : callable, optional
        Gives the SM4 keys of a device, see `cipher.Keys`.

    Returns
    -------
    dict
        ``{"ok": True, "st", "cn", "mn", "qn", "flag", "data_time", "values"}``, with None for what was not sent; and,
        where there is something to tell, ``pnum``, ``pno``, ``cp`` (the (name, value) pairs that belong to no factor,
        except DataTime) and ``warnings``. Or ``{"ok": False, "error", "detail"}`` with the name of one of the errors
        of this package. Only types that JSON has.

    Notes
    -----
    Raises nothing, whatever the bytes. A wrong CRC is an error whatever else may be wrong. A length text that does
    not fit is a warning if the CRC proves the segment that ends at the final ``&&``.

    Examples
    --------
    >>> decode_packet(b"##0021ST=91;CN=9014;CP=&&&&4980")
    {'ok': True, 'st': '91', 'cn': '9014', 'mn': None, 'qn': None, 'flag': None, 'data_time': None, 'values': {}}
    >>> decode_packet(b"##0021ST=91;CN=9014;CP=&&&&4981")
    {'ok': False, 'error': 'BadChecksum', 'detail': 'found 4981, computed 4980, at byte 27'}
    """
    warnings: list[str] = []
    try:
        message = parse(_segment(raw, dialect or STANDARD, keys, warnings), dialect or STANDARD)
    except Hj212Error as error:
        return _failure(error)
    return _explained(message, [*warnings, *_oddities(message, dialect or STANDARD)])


def decode_lines(
    lines: Iterable[bytes], dialect: Dialect | None = None, keys: Keys | None = None
) -> Iterator[dict[str, Any]]:
    """Explain recorded packets, one a line.

    Parameters
    ----------
    lines : iterable of bytes
        Each line a packet, or a JSON object with the packet under ``raw`` and, optionally, under ``encoding`` how
        that text becomes bytes: ``utf-8`` (where not given), ``latin-1``, ``gbk``, ``hex`` or ``base64``. Blank lines
        are passed over.
    dialect : Dialect, optional
        How the senders speak; HJ 212-2017 where not given.
    keys : callable, optional
        Gives the SM4 keys of a device, see `cipher.Keys`.

    Yields
    ------
    dict
        What `decode_packet` gives; for a line that holds no packet, error ``BadLine``.

    Examples
    --------
    >>> list(decode_lines([b"hello", b"{}"]))[1]
    {'ok': False, 'error': 'BadLine', 'detail': "found nothing, expected text under 'raw'"}
    """
    for line in lines:
        if not line.strip():
            continue
        try:
            raw = _packet(line)
        except Hj212Error as error:
            yield _failure(error)
        else:
            yield decode_packet(raw, dialect, keys)


def _packet(line: bytes) -> bytes:
    """Take the packet out of a line."""
    line = line.removeprefix(b"\xef\xbb\xbf")
    if not line.lstrip().startswith(b"{"):
        return line
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadLine(shown(line.strip()), f"a JSON object ({error})") from None
    raw, encoding = record.get("raw"), record.get("encoding") or "utf-8"
    if not isinstance(raw, str):
        raise BadLine("nothing" if raw is None else shown(repr(raw)), "text under 'raw'")
    try:
        return _bytes(raw, str(encoding).lower())
    except ValueError as error:
        raise BadLine(shown(raw), f"text that is {shown(str(encoding))} ({error})") from None


def _bytes(raw: str, encoding: str) -> bytes:
    if encoding in _TEXT_ENCODINGS:
        return raw.encode(encoding)
    if encoding == "hex":
        return bytes.fromhex(raw)
    if encoding == "base64":
        return base64.b64decode(raw, validate=True)
    raise BadLine(f"encoding {shown(encoding)}", f"hex, base64 or one of {', '.join(_TEXT_ENCODINGS)}")


def _failure(error: Hj212Error) -> dict[str, Any]:
    return {"ok": False, "error": type(error).__name__, "detail": str(error)}


def _segment(raw: bytes, dialect: Dialect, keys: Keys | None, warnings: list[str]) -> bytes:
    """Find the data segment that the CRC proves, and note what was odd on the way."""
    length = _LENGTH.search(raw) or _NO_LENGTH.search(raw)
    if length is None:
        raise NoFrameHead(shown(raw.strip()), "##", 0)
    cuts = _cuts(raw, length, dialect)
    proven = next(((cut, clear) for cut in cuts if (clear := _clear(cut, dialect, keys)) is not None), None)
    if proven is None:
        raise _fault(raw, length, cuts, dialect)
    if noise := raw[: length.start()].strip():
        warnings.append(f"{len(noise)} bytes stand before ##: {shown(noise)}")
    cut, clear = proven
    counted = len(clear) if clear != cut.segment else _counted(cut.segment, dialect)
    expected = b"%04d" % (counted + dialect.length_excess)
    if length[1] != expected and (len(length[1]) < dialect.length_digits or int(length[1]) != int(expected)):
        warnings.append(f"the length text does not fit: found {shown(length[1])}, expected {shown(expected)}")
    if rest := raw[cut.end :].strip():
        warnings.append(f"{len(rest)} bytes after the packet were not read, with {rest.count(b'##')} '##' in them")
    return clear


def _clear(cut: _Cut, dialect: Dialect, keys: Keys | None) -> bytes | None:
    """The data segment in the clear, if the CRC proves it."""
    if _proves(cut, dialect) and not (dialect.cipher != "none" and looks_enciphered(cut.segment, dialect)):
        return cut.segment
    candidates = deciphered(cut.segment, dialect, keys) if keys else ()
    return next((clear for clear in candidates if _proves(cut._replace(segment=clear), dialect)), None)


def _counted(segment: bytes, dialect: Dialect) -> int:
    """What the length text of this segment says by the dialect, apart from its excess."""
    if dialect.length_counts == "bytes":
        return len(segment)
    return len(segment.decode(dialect.encodings[0], "replace"))


def _said(length: re.Match[bytes], dialect: Dialect) -> int:
    """How long the data segment is by the length text; negative where it says nothing."""
    return int(length[1]) - dialect.length_excess if length[1] else -1


def _cuts(raw: bytes, length: re.Match[bytes], dialect: Dialect) -> list[_Cut]:
    """Ways to cut the packet: as its length says, at the ending before another packet, at the last ending."""
    cuts = []
    start, said = length.end(1), _said(length, dialect)
    if said >= 0 and (crc := _CRC.match(raw, start + said, start + said + 4)):
        cuts.append(_Cut(raw[start : crc.start()], crc[0], crc.end()))
    before_next = (e for e in _ENDING.finditer(raw, length.end()) if _NEXT_OR_END.match(raw, e.end()))
    for ending in (*islice(before_next, 1), *deque(_ENDING.finditer(raw, length.end()), maxlen=1)):
        cuts.append(_Cut(raw[length.end() : ending.start("crc")], ending["crc"], ending.end()))
    return cuts


def _proves(cut: _Cut, dialect: Dialect) -> bool:
    crc = int(cut.crc, 16)
    return len(cut.crc) >= dialect.crc_digits and any(crc == compute(cut.segment) for compute in dialect.algorithms)


def _fault(raw: bytes, length: re.Match[bytes], cuts: list[_Cut], dialect: Dialect) -> Hj212Error:
    """Say why no cut is proven, for the likeliest end of the packet."""
    start, said = length.end(1), _said(length, dialect)
    at_length = [cut for cut in cuts if len(cut.segment) == said]
    if endings := [cut for cut in cuts if cut.segment.endswith(b"&&")] or at_length:
        return _bad_checksum(endings[0], dialect)
    if said < 0:
        return BadLength(shown(length[1] or raw[start : start + 4]), "4 decimal digits", start)
    if len(raw) < start + said + 4:
        found, expected = len(raw) - length.start(), start + said + 4 - length.start()
        return Truncated(f"{found} bytes", f"{expected} as the length says", length.start())
    computed = dialect.algorithms[0](raw[start : start + said])
    return BadChecksum(shown(raw[start + said : start + said + 4]), f"{computed:04X}", start + said)


def _bad_checksum(cut: _Cut, dialect: Dialect) -> BadChecksum:
    computed = dialect.algorithms[0](cut.segment)
    sent = int(cut.crc, 16)
    if looks_enciphered(cut.segment, dialect) and (dialect.cipher != "none" or LITERAL.search(cut.segment)):
        hint = "the content is enciphered, and no key at hand fits"
        return NoKey(cut.crc.decode("ascii").upper(), f"{computed:04X}", cut.end - len(cut.crc), hint=hint)
    hint = ""
    if sent == computed:
        hint = "a leading zero is missing: for this sender choose a dialect with crc_digits 3"
    elif also := [name for name, compute in VARIANTS.items() if compute(cut.segment) == sent]:
        hint = f"it is the CRC of the kind {also[0]}: for this sender choose a dialect with crc {also[0]}"
    return BadChecksum(cut.crc.decode("ascii").upper(), f"{computed:04X}", cut.end - len(cut.crc), hint=hint)


def _explained(message: Message, warnings: list[str]) -> dict[str, Any]:
    pairs = [pair for group in message.cp for pair in group]
    plain = [[name, value] for name, value in pairs if "-" not in name and name.lower() != "datatime"]
    extra = {"pnum": message.pnum, "pno": message.pno, "cp": plain or None, "warnings": warnings or None}
    return {
        "ok": True,
        "st": message.st,
        "cn": message.cn,
        "mn": message.mn or None,
        "qn": message.qn or None,
        "flag": message.flag,
        "data_time": message.data_time,
        "values": message.values(),
        **{name: value for name, value in extra.items() if value is not None},
    }


def _oddities(message: Message, dialect: Dialect) -> Iterator[str]:
    """What in a readable message is not as the standard has it."""
    if message.st not in SYSTEMS:
        yield f"ST {shown(message.st)} is no system of the standard"
    for name, value in message.header_extras:
        yield f"header field {shown(name)} with {shown(value)} was not understood"
    if message.data_time is not None:
        try:
            instant(message.data_time, dialect)
        except BadTime as error:
            yield f"DataTime: {error}"
    names = Counter(name for group in message.cp for name, _ in group if "-" in name)
    for name, count in names.items():
        if count > 1:
            yield f"{shown(name)} stands {count} times; the last value is given"
