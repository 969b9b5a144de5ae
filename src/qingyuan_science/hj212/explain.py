"""Says what one recorded packet holds, or what is wrong with it, as plain objects for people and scripts.

Recorded packets lost their line ends, got their lengths edited and stand beside noise; what a stream must refuse can
be told here with a warning, as long as the checksum proves the data segment.
"""

import base64
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

from qingyuan_science.hj212.cipher import Keys
from qingyuan_science.hj212.codes import SYSTEMS
from qingyuan_science.hj212.cutting import cut_packet
from qingyuan_science.hj212.dialect import STANDARD, Dialect
from qingyuan_science.hj212.errors import BadLine, BadTime, Hj212Error, shown
from qingyuan_science.hj212.message import Message, parse
from qingyuan_science.hj212.times import instant

_TEXT_ENCODINGS: Final = ("utf-8", "utf8", "ascii", "latin-1", "latin1", "iso-8859-1", "gbk", "gb2312", "gb18030")


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
    packet = cut_packet(raw, dialect, keys)
    if packet.error is not None:
        raise packet.error
    if noise := raw[: packet.head].strip():
        warnings.append(f"{len(noise)} bytes stand before ##: {shown(noise)}")
    if not packet.length_fits(raw, dialect):
        expected = f"{packet.expected_length(raw, dialect):04d}"
        warnings.append(f"the length text does not fit: found {shown(packet.said)}, expected {shown(expected)}")
    if rest := raw[packet.cut.crc_end if packet.cut else 0 :].strip():
        warnings.append(f"{len(rest)} bytes after the packet were not read, with {rest.count(b'##')} '##' in them")
    return packet.clear or b""


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
