"""Where each raw packet lies: rows of the packet table, in PostgreSQL's binary COPY form."""

import struct
from collections.abc import Iterable
from functools import lru_cache

from django.db import connection

POSTGRES_EPOCH_US = 946_684_800_000_000
_COPY = (
    'COPY sensing_rawpacket (segment_id, "offset", length, packets, received_at, peer, mn, cn, state, error, note)'
    " FROM STDIN (FORMAT BINARY)"
)
_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_PLACE = struct.Struct(">h iq ii ii ii iq")
_LENGTH = struct.Struct(">i")
Line = tuple[int, int, int, int, str, str, str, str, str, str]


def line(place: tuple[int, int], packets: int, received_us: int, *texts: str) -> Line:
    """One row but for its segment, for a statement: `place` is offset and length; the rest is as of `row`."""
    peer, mn, cn, state, error, note = map(storable, texts)
    return (*place, packets, received_us, peer, mn, cn, state, error, note)


def row(place: tuple[int, int, int], packets: int, received_us: int, *texts: str) -> bytes:
    """One row: `place` is segment, offset and length; `texts` are peer, MN, CN, state, error and note."""
    segment, offset, length = place
    begins = _PLACE.pack(11, 8, segment, 4, offset, 4, length, 4, packets, 8, received_us - POSTGRES_EPOCH_US)
    return begins + _texts(texts)


@lru_cache(maxsize=8192)  # a connection says the same of all its sound packets
def _texts(texts: tuple[str, ...]) -> bytes:
    return b"".join(_LENGTH.pack(len(data)) + data for data in (storable(text).encode() for text in texts))


def storable(text: str) -> str:
    """The text without NUL and halves of a letter, which PostgreSQL does not hold."""
    whole = text if text.isascii() else text.encode(errors="replace").decode()
    return whole.replace("\0", "\N{REPLACEMENT CHARACTER}")


def store(rows: Iterable[bytes]) -> None:
    """Add rows to the packet table, in the caller's transaction."""
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.write(b"".join((_SIGNATURE, *rows, _END)))
