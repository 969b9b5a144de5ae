"""Packets to test with; checksums are written out from their definitions, so nothing is shared with the code."""

from collections.abc import Callable
from itertools import count

from hypothesis import strategies as st

from qingyuan_science.hj212 import Message

HEADER = "QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;"
ANNEX_A = (HEADER + "CP=&&RtdInterval=30&&").encode()
ANNEX_A_FRAME = b"##0101" + ANNEX_A + b"1C80\r\n"


def crc_by_definition(data: bytes) -> int:
    """HJ 212-2017 annex A, bit by bit."""
    return _bit_by_bit(data, lambda register, byte: (register >> 8) ^ byte)


def modbus_by_definition(data: bytes) -> int:
    """MODBUS over serial line V1.02, 6.2.2, bit by bit."""
    return _bit_by_bit(data, lambda register, byte: register ^ byte)


def _bit_by_bit(data: bytes, take: Callable[[int, int], int]) -> int:
    register = 0xFFFF
    for byte in data:
        register = take(register, byte)
        for _ in range(8):
            register, lost = register >> 1, register & 1
            register ^= 0xA001 if lost else 0
    return register


def framed(segment: bytes | str, crc: Callable[[bytes], int] = crc_by_definition) -> bytes:
    """A whole frame around a data segment; text is written in UTF-8."""
    data = segment.encode() if isinstance(segment, str) else segment
    return b"##%04d%s%04X\r\n" % (len(data), data, crc(data))


def whose_checksum_begins_with_zero() -> bytes:
    """A data segment whose CRC some senders write with three digits."""
    texts = (f"ST=32;CN=9014;MN={number};CP=&&&&".encode() for number in count())
    return next(text for text in texts if crc_by_definition(text) < 0x1000)


def with_cp(cp: str) -> bytes:
    """A data segment with this CP."""
    return f"{HEADER}CP=&&{cp}&&".encode()


_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters=";,=&/"), max_size=12).map(str.strip)
_NAME = _TEXT.filter(bool)
_LOG = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="&/"), max_size=20).map(
    "//{}//".format
)
_PAIR = st.tuples(_NAME, _TEXT | _LOG | st.floats(allow_nan=False, allow_infinity=False).map(repr))
_DIGITS = st.integers(0, 9999)

groups = st.lists(_PAIR, min_size=1, max_size=4).map(tuple)


@st.composite
def messages(draw: st.DrawFn, most_groups: int = 6) -> Message:
    """Messages that the writer accepts, short enough for one frame."""
    return Message(
        qn=draw(st.sampled_from(["", "20160801085857223", "20161231235959999"])),
        st=draw(_NAME),
        cn=draw(_NAME),
        pw=draw(_TEXT),
        mn=draw(_TEXT),
        flag=draw(st.none() | st.integers(0, 255)),
        pnum=draw(st.none() | _DIGITS),
        pno=draw(st.none() | _DIGITS),
        rf=draw(st.booleans()),
        cp=tuple(draw(st.lists(groups, max_size=most_groups))),
        edition=draw(st.sampled_from(["2005", "2017", "2025"])),
    )
