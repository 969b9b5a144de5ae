"""Writes messages as frames, strictly to the standard, and parts messages that are too long for one frame."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from qingyuan_science.hj212.cipher import as_literal, encipher
from qingyuan_science.hj212.codes import EDITIONS
from qingyuan_science.hj212.dialect import STRICT_BY_EDITION, Dialect
from qingyuan_science.hj212.errors import BadCp, BadEncoding, BadHeader, BadPart, MissingField, SegmentTooLong, shown
from qingyuan_science.hj212.message import HEADER_NAMES, Group, Message, Pair
from qingyuan_science.hj212.times import instant

_SPLIT_BIT: Final = 2
_CP_OPENS: Final = b"CP=&&"
_LOG: Final = re.compile(r"//(?:(?!//).)*//", re.DOTALL)
_CONTEXT: Final = frozenset(("datatime", "polid", "infoid"))
_ORDER: Final = {
    "2005": ("QN", "PNUM", "PNO", "ST", "CN", "PW", "MN", "Flag", "RF"),
    "2017": ("QN", "ST", "CN", "PW", "MN", "Flag", "PNUM", "PNO", "RF"),
    "2025": ("QN", "ST", "CN", "PW", "MN", "Flag", "PNUM", "PNO", "RF"),
}


def encode(message: Message, dialect: Dialect | None = None, key: bytes | None = None) -> bytes:
    """Write a message as one frame.

    Parameters
    ----------
    message : Message
        What to say.
    dialect : Dialect, optional
        How the receiver speaks: its CRC, what its length counts, its text encoding. The message's own edition to the
        letter where not given.
    key : bytes, optional
        SM4 key to encipher the content of CP with, see `cipher.key_to_use`; in the clear where not given.

    Returns
    -------
    bytes
        ``##``, length, data segment, CRC, CR LF.

    Raises
    ------
    MissingField
        ST or CN is empty.
    BadHeader, BadCp
        A name or value would not be read back as it is.
    BadEncoding
        The text cannot be written in the dialect's encoding.
    SegmentTooLong
        The data segment exceeds the edition's limit; see `split`.
    BadKey
        The key is not 16 bytes long.

    Source
    ------
    HJ 212-2017, structure of the communication packet and of the data segment; HJ/T 212-2005 for its order of fields;
    HJ 212-2025 for the cipher: the CRC is taken first, and the length text does not change (second-hand).

    Examples
    --------
    >>> cp = ((("RtdInterval", "30"),),)
    >>> message = Message("20160801085857223", "32", "1062", "100000", "010000A8900016F000169DC0", 5, cp=cp)
    >>> encode(message)[:23], encode(message)[-8:]
    (b'##0101QN=20160801085857', b'&&1C80\\r\\n')
    """
    dialect = dialect or STRICT_BY_EDITION[message.edition]
    header, cp = _written(message, dialect)
    edition = EDITIONS[message.edition]
    if len(header) + len(cp) > edition.segment_limit or len(cp) > edition.cp_limit:
        found = f"a data segment of {len(header) + len(cp)} bytes with a CP of {len(cp)}"
        raise SegmentTooLong(found, f"at most {edition.segment_limit} and {edition.cp_limit}")
    segment = header + cp
    crc = dialect.algorithms[0](segment)
    length = len(segment)
    if dialect.length_counts == "characters":
        length = len(segment.decode(dialect.encodings[0]))
    if key is not None:
        segment = header + _enciphered(cp, key, dialect)
    return b"##%04d%s%04X\r\n" % (length + dialect.length_excess, segment, crc)


def _enciphered(cp: bytes, key: bytes, dialect: Dialect) -> bytes:
    """The field CP with its content enciphered."""
    content = encipher(cp[len(_CP_OPENS) : -2], key)
    return b"%s%s&&" % (_CP_OPENS, as_literal(content) if dialect.cipher == "sm4-literal" else content)


def split(message: Message, limit: int = 1024, dialect: Dialect | None = None) -> list[Message]:
    """Part a message that is too long for one frame.

    Parameters
    ----------
    message : Message
        What to say, as one message.
    limit : int
        Longest data segment; the edition's limit of the CP field holds as well. [byte]
    dialect : Dialect, optional
        How the receiver speaks: its text encoding.

    Returns
    -------
    list of Message
        The message itself if it fits. Otherwise its parts in order, each with PNUM, PNO, bit 1 of Flag, DataTime and
        whole groups, so that each can be read alone.

    Raises
    ------
    SegmentTooLong
        One group alone does not fit.
    BadTime
        QN is to be counted up and is not a time.

    Source
    ------
    HJ 212-2017 C.49, C.50; HJ/T 212-2005.

    Notes
    -----
    A cut falls between groups, as in the examples; leading groups of DataTime, PolId and InfoId are repeated in each
    part. QN counts up by a millisecond from part to part, except in 2005, where it stays.

    Examples
    --------
    >>> groups = tuple(((f"w{n:05d}-Rtd", "1.0"), (f"w{n:05d}-Flag", "N")) for n in range(60))
    >>> cp = ((("DataTime", "20160801085857"),), *groups)
    >>> [(part.pno, part.pnum, len(encode(part))) for part in split(Message("", "32", "2011", flag=4, cp=cp))]
    [(1, 2, 975), (2, 2, 917)]
    """
    dialect = dialect or STRICT_BY_EDITION[message.edition]
    if _fits(message, limit, dialect):
        return [message]
    context = message.cp[: _context_length(message.cp)]
    flag = (message.flag if message.flag is not None else EDITIONS[message.edition].flag_version << 2) | _SPLIT_BIT
    widest = replace(message, flag=flag, pnum=9999, pno=9999)
    parts = list(_filled(widest, context, limit, dialect))
    return [
        replace(part, qn=_counted_up(message, number), pnum=len(parts), pno=number + 1)
        for number, part in enumerate(parts)
    ]


def joined(parts: Sequence[Message]) -> Message:
    """Put the parts of a split message together again.

    Parameters
    ----------
    parts : sequence of Message
        All parts, in any order; of parts with the same PNO the first counts.

    Returns
    -------
    Message
        One message with the QN of the first part, without PNUM and PNO. It may be too long for one frame.

    Raises
    ------
    BadPart
        There are none, one has no PNO, or one is missing.

    Examples
    --------
    >>> groups = tuple(((f"w{n:05d}-Rtd", "1.0"), (f"w{n:05d}-Flag", "N")) for n in range(60))
    >>> whole = Message("", "32", "2011", flag=4, cp=((("DataTime", "20160801085857"),), *groups))
    >>> joined(split(whole)[::-1]) == whole
    True
    """
    by_number = {part.pno: part for part in reversed(parts)}
    if not parts or None in by_number:
        raise BadPart(f"{len(parts)} parts with PNO {sorted(n for n in by_number if n is not None)}", "parts with PNO")
    numbers = range(1, (parts[0].pnum or 0) + 1)
    if missing := [number for number in numbers if number not in by_number]:
        raise BadPart(f"no part {missing[0]}", f"parts 1 to {parts[0].pnum}")
    ordered = [by_number[number] for number in numbers]
    first = ordered[0]
    repeated = first.cp[: _context_length(first.cp)]
    cp = [group for part in ordered[1:] for group in _without(part.cp, repeated)]
    flag = None if first.flag is None else first.flag & ~_SPLIT_BIT
    return replace(first, flag=flag, pnum=None, pno=None, cp=(*first.cp, *cp))


def _without(cp: tuple[Group, ...], leading: tuple[Group, ...]) -> tuple[Group, ...]:
    return cp[len(leading) :] if cp[: len(leading)] == leading else cp


def _context_length(cp: Sequence[Group]) -> int:
    length = 0
    while length < len(cp) and all(name.lower() in _CONTEXT for name, _ in cp[length]):
        length += 1
    return length


def _filled(widest: Message, context: tuple[Group, ...], limit: int, dialect: Dialect) -> Iterator[Message]:
    """Fill parts with as many groups as fit behind the context."""
    part = replace(widest, cp=context)
    for group in widest.cp[len(context) :]:
        longer = replace(part, cp=(*part.cp, group))
        if not _fits(longer, limit, dialect):
            yield part
            longer = replace(widest, cp=(*context, group))
            if not _fits(longer, limit, dialect):
                raise SegmentTooLong(shown(_cp((group,))), f"a group that fits into {limit} bytes")
        part = longer
    if len(part.cp) == len(context):
        raise SegmentTooLong(shown(_cp(context)), f"leading groups that fit into {limit} bytes")
    yield part


def _counted_up(message: Message, steps: int) -> str:
    if message.edition == "2005" or not message.qn or not steps:
        return message.qn
    dialect = STRICT_BY_EDITION[message.edition]
    moment = instant(message.qn, dialect) + timedelta(milliseconds=steps, minutes=dialect.utc_offset_minutes)
    return f"{moment:%Y%m%d%H%M%S}{moment.microsecond // 1000:03d}"


def _fits(message: Message, limit: int, dialect: Dialect) -> bool:
    header, cp = _written(message, dialect)
    return len(header) + len(cp) <= limit and len(cp) <= EDITIONS[message.edition].cp_limit


def _written(message: Message, dialect: Dialect) -> tuple[bytes, bytes]:
    """The header, and the field CP, as bytes."""
    encoding = dialect.encodings[0]
    header, cp = _header(message), f"CP=&&{_cp(message.cp)}&&"
    try:
        return header.encode(encoding), cp.encode(encoding)
    except UnicodeEncodeError as error:
        raise BadEncoding(shown(error.object[error.start : error.end]), f"text in {encoding}") from None


def _header(message: Message) -> str:
    fields = {
        "QN": message.qn,
        "ST": message.st,
        "CN": message.cn,
        "PW": message.pw,
        "MN": message.mn,
        "Flag": _count("Flag", message.flag, 255),
        "PNUM": _count("PNUM", message.pnum, 9999),
        "PNO": _count("PNO", message.pno, 9999),
        "RF": "1" if message.rf else "",
    }
    if not message.st or not message.cn:
        raise MissingField(f"ST {shown(message.st)}, CN {shown(message.cn)}", "both ST and CN")
    if doubled := [name for name, _ in message.header_extras if name.upper() in HEADER_NAMES]:
        raise BadHeader(f"{doubled[0]} among the unknown fields", "each known field once")
    pairs = [(name, fields[name]) for name in _ORDER[message.edition] if fields[name]]
    return "".join(_header_field(pair) for pair in (*pairs, *message.header_extras))


def _count(name: str, number: int | None, highest: int) -> str:
    if number is None:
        return ""
    if not 0 <= number <= highest:
        raise BadHeader(f"{name} {number}", f"0 to {highest}")
    return str(number)


def _header_field(pair: Pair) -> str:
    for text in pair:
        if text != text.strip() or any(mark in text for mark in (";", ",", "=", "&&")):
            raise BadHeader(shown(text), "text without ; , = && and without blanks around it")
    if not pair[0]:
        raise BadHeader(f"a value {shown(pair[1])} without a name", "a name")
    return "=".join(pair) + ";"


def _cp(groups: Sequence[Group]) -> str:
    content = ";".join(",".join(_cp_item(pair) for pair in group) for group in groups)
    if "&&" in content or not all(groups):
        raise BadCp(shown(content), "groups with at least one pair each, and no && in them")
    return content


def _cp_item(pair: Pair) -> str:
    name, value = pair
    if not name or name != name.strip() or any(mark in name for mark in ";,="):
        raise BadCp(f"the name {shown(name)}", "a name without ; , = and without blanks around it")
    if value.startswith("//") and _LOG.fullmatch(value):
        return f"{name}={value}"
    if value != value.strip() or value.startswith("//") or any(mark in value for mark in ";,"):
        raise BadCp(f"the value {shown(value)}", "a log //...//, or text without ; , and without blanks around it")
    return f"{name}={value}"
