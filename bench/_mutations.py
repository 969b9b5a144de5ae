"""Hostile byte streams made of good packets: what bad lines, tired loggers and ill-meaning strangers send."""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from qingyuan_science.hj212 import Dialect, encode
from qingyuan_science.worlds import World

_SHARP = (
    b"##", b"&&", b"CP=&&", b";", b",", b"=", b"\r\n", b"\x00", b"\xff\xfe", b"#" * 40, b"##9999", b"##0000",
    b"##00-1", b"QN=", b"MN=" + b"A" * 200 + b";", b"Flag=-1;", b"Flag=99999999999999999999;", b"PNUM=0;PNO=0;",
    b"PNUM=9999999;PNO=9999999;", b"DataTime=99999999999999;", b"DataTime=20260230250000;", b"-Rtd=1e309;",
    b"-Avg=nan,", b"-Rtd=" + b"9" * 400 + b";", "流量".encode("gbk"), "化学需氧量".encode(), b"\xe6\xb5",
    b"'; DROP TABLE x; --", b"%s%n", b"\x1b[2J", b"{0x00,0xFF}", b"CN=9014;", b"CN=9012;", b"CN=1000;", b"\xed\xa0\x80",
    "٣".encode(),
)  # fmt: skip
_TABLE = tuple(
    (lambda register: [register := (register >> 1) ^ (0xA001 if register & 1 else 0) for _ in range(8)][-1])(byte)
    for byte in range(256)
)
Samples = Sequence[tuple[Dialect, bytes]]


def crc_apart(data: bytes) -> int:
    """The checksum of HJ 212-2017 annex A from a table of its own, apart from the library's."""
    register = 0xFFFF
    for byte in data:
        register = (register >> 8) ^ byte
        register = _TABLE[register & 0xFF] ^ (register & 0xFF00)
    return register


def framed(segment: bytes) -> bytes:
    """A frame around any bytes, with the right length and checksum."""
    return b"##%04d%s%04X\r\n" % (min(len(segment), 9999), segment, crc_apart(segment))


def samples(each: int = 6) -> list[tuple[Dialect, bytes]]:
    """Packets of every command that every station of the synthetic district sends, in the station's own dialect."""
    epoch = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
    world, found = World(epoch=epoch), []
    for station in world.stations:
        counts: dict[str, int] = {}
        for _, message in world.messages(station, epoch - timedelta(hours=30), epoch):
            counts[message.cn] = counts.get(message.cn, 0) + 1
            if counts[message.cn] <= each:
                dialect = station.dialect
                found.append((dialect, encode(message, dialect, None if dialect.cipher == "none" else bytes(16))))
    return found


def flip(dice: random.Random, data: bytearray) -> None:
    """Some bits turned over."""
    for _ in range(dice.randint(1, 4)):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)


def drop(dice: random.Random, data: bytearray) -> None:
    """A stretch lost."""
    at = dice.randrange(len(data))
    del data[at : at + dice.randint(1, 1 + len(data) // 4)]


def double(dice: random.Random, data: bytearray) -> None:
    """A stretch sent again, some times over."""
    at, size = dice.randrange(len(data)), dice.randint(1, 40)
    data[at:at] = data[at : at + size] * dice.choice((1, 2, 20))


def sharpen(dice: random.Random, data: bytearray) -> None:
    """What means something to a parser, at a place where it does not belong."""
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(len(data) + 1)
        data[at : at + dice.choice((0, 0, 3))] = dice.choice(_SHARP)


def lie(dice: random.Random, data: bytearray) -> None:
    """A length text that says something else."""
    near = max(0, len(data) - 12 + dice.randint(-3, 3))
    data[2:6] = b"%04d" % dice.choice((0, 1, near, dice.randrange(10_000), 9999))


def mend(dice: random.Random, data: bytearray) -> None:
    """Other content under a right length and checksum, so that it comes past the frame."""
    segment = data[6:-6]
    for _ in range(dice.randint(1, 3)):
        if segment:
            dice.choice((flip, drop, double, sharpen))(dice, segment)
    data[:] = framed(bytes(segment[:9999]))


def noise(dice: random.Random, data: bytearray) -> None:
    """No packet at all."""
    data[:] = dice.randbytes(dice.choice((1, 30, 600, 4_000)))


Change = Callable[[random.Random, bytearray], None]
CHANGES: tuple[Change, ...] = (flip, drop, double, sharpen, lie, mend, mend, mend, noise)


def hostile(dice: random.Random, packets: Sequence[bytes]) -> bytes:
    """A stream of one to three packets, at least one of them changed."""
    parts = [bytearray(dice.choice(packets)) for _ in range(dice.choice((1, 1, 2, 3)))]
    for part in parts[: dice.randint(1, len(parts))]:
        for _ in range(dice.choice((1, 1, 2))):
            if part:
                dice.choice(CHANGES)(dice, part)
    dice.shuffle(parts)
    return b"".join(parts)


def cut(dice: random.Random, data: bytes) -> list[bytes]:
    """A stream as it might come, in pieces."""
    places = sorted(dice.randrange(len(data) + 1) for _ in range(dice.choice((0, 0, 1, 3, 12))))
    return [data[first:last] for first, last in zip([0, *places], [*places, len(data)], strict=True)]
