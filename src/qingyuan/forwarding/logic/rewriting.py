"""A packet as it was received, in a header that the platform above knows; what stands in CP is never touched."""

import re
from datetime import UTC, datetime, timedelta

from qingyuan.forwarding.logic.choosing import Sender
from qingyuan.forwarding.logic.covering import Cover
from qingyuan.forwarding.queries import Names
from qingyuan.kit import clock
from qingyuan_science.hj212 import BadHeader, Dialect, Frame, Framer, NoFrameHead, crc
from qingyuan_science.hj212.cipher import as_literal, encipher
from qingyuan_science.hj212.codes import EDITIONS

_CP = re.compile(rb"[;,]?\s*[Cc][Pp]\s*=\s*&&")
_FIELD = re.compile(rb"\s*([A-Za-z]+)\s*=([^;,]*)")
_WANTS_ANSWER = 1
_AROUND = 6
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def frames_of(raw: bytes, packets: int, sender: Sender) -> list[Frame]:
    """The frames of a row of raw packets, each with what it says in the clear."""
    if sender.plain and packets == 1 and raw.endswith(b"\r\n") and len(raw) == _AROUND * 2 + int(raw[2:_AROUND]):
        return [Frame(raw, raw[_AROUND:-_AROUND])]
    framer = Framer(sender.dialect, keys=sender.keys)
    frames = [one for one in (*framer.feed(raw), *framer.close()) if isinstance(one, Frame)]
    if not frames:
        raise NoFrameHead(repr(raw[:20]), "a frame that can still be read, by the sender's profile and keys")
    return frames


def written(
    frame: Frame, how: tuple[Sender, Cover], received_us: int, *, rf: bool = False
) -> tuple[str, str, str, bytes]:
    """MN, QN and CN of a frame as it goes out, and its bytes: those that came, unless the header has to change.

    With `rf` it is marked as sent again.

    Raises
    ------
    BadHeader
        It has no CP, or no CN.
    CameEnciphered
        It came enciphered, and would go in the clear.
    """
    sender, cover = how
    found = _CP.search(frame.segment)
    if found is None:
        raise BadHeader(repr(frame.segment[:40]), "fields and CP=&&")
    fields = {name.decode().upper(): value.strip() for name, value in _FIELD.findall(frame.segment[: found.start()])}
    told = dict(fields)
    _name(fields, sender.names)
    fields["FLAG"] = _flag(fields.get("FLAG", b""), sender.dialect.edition)
    if not fields.get("QN", b"").isdigit():
        fields = {"QN": request_number(received_us).encode(), **{k: v for k, v in fields.items() if k != "QN"}}
    if rf:
        fields["RF"] = b"1"
    if not fields.get("CN"):
        raise BadHeader(repr(frame.segment[:40]), "a field CN")
    mn, cn = fields.get("MN", b"").decode("ascii", "replace"), fields["CN"].decode()
    key = cover.key_for(mn, cn, came_enciphered=frame.enciphered)
    if key is not None:
        data = _under(key, _header(fields), frame.segment[found.end() :], cover.dialect)
    elif fields == told and not frame.enciphered and sender.plain:
        data = frame.raw
    else:
        data = _framed(_header(fields) + frame.segment[_content(found) :])
    return mn, fields["QN"].decode(), cn, data


def _content(found: re.Match[bytes]) -> int:
    """Where CP begins, behind what parts it from the header."""
    return found.start() + len(found[0]) - len(found[0].lstrip(b";, "))


def _name(fields: dict[str, bytes], names: Names) -> None:
    for name, value in (("MN", names.mn), ("PW", names.password), ("ST", names.system)):
        if value:
            fields[name] = value.encode()


def _flag(told: bytes, edition: str) -> bytes:
    """Flag with the bit that asks for an answer."""
    flag = int(told) if told.isdigit() else EDITIONS[edition].flag_version << 2
    return told if flag & _WANTS_ANSWER else b"%d" % (flag | _WANTS_ANSWER)


def _header(fields: dict[str, bytes]) -> bytes:
    return b"".join(b"%s=%s;" % (_SPELLED.get(name, name).encode(), value) for name, value in fields.items())


_SPELLED = {"FLAG": "Flag"}


def _framed(segment: bytes) -> bytes:
    return b"##%04d%s%04X\r\n" % (len(segment), segment, crc(segment))


def _under(key: bytes, header: bytes, content: bytes, dialect: Dialect) -> bytes:
    """A frame with enciphered content; length and CRC are those of the segment in the clear."""
    if not content.endswith(b"&&"):
        raise BadHeader(repr(content[-20:]), "a content that ends with &&")
    hidden = encipher(content[:-2], key)
    hidden = as_literal(hidden) if dialect.cipher == "sm4-literal" else hidden
    clear = header + b"CP=&&" + content
    return b"##%04d%sCP=&&%s&&%04X\r\n" % (len(clear), header, hidden, crc(clear))


def request_number(received_us: int, place: int = 0) -> str:
    """A QN out of when something came and its place among what came with it, so that it is the same each time. [µs]"""
    at = (_EPOCH + (received_us // 1000 + place) * _MILLISECOND).astimezone(clock.SHANGHAI)
    return f"{at:%Y%m%d%H%M%S}{at.microsecond // 1000:03d}"
