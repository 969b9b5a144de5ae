"""What the stages hand on: readings as columns, and the raw segment that they came in."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from qingyuan_science.hj212.bulk.layout import Bytes, Integers, Read


@dataclass(frozen=True)
class Segment:
    """A stored batch of raw packets."""

    id: int
    hash: bytes


class Packets(NamedTuple):
    """What the packets of a `Read` are: of each a shape, the letter of its kind, and when it came [µs since 1970 UTC].

    A shape is a stretch of `channels`, from its `begins` to its `ends`: those of its readings in their order.
    """

    shapes: Integers
    kinds: Bytes
    received: Integers
    channels: Integers
    begins: Integers
    ends: Integers


def _integers() -> "array[int]":
    return array("q")


def _numbers() -> "tuple[array[float], ...]":
    return tuple(array("d") for _ in range(4))


@dataclass
class Rows:
    """Decoded readings, column by column; times in microseconds since 1970 UTC, NaN where a number is missing.

    `numbers` holds the columns value, low, high and total. All are plain buffers, which numpy reads as they are.
    """

    channel: "array[int]" = field(default_factory=_integers)
    kind: bytearray = field(default_factory=bytearray)
    at: "array[int]" = field(default_factory=_integers)
    numbers: "tuple[array[float], ...]" = field(default_factory=_numbers)
    mark: bytearray = field(default_factory=bytearray)
    received: "array[int]" = field(default_factory=_integers)

    def add(
        self, key: tuple[int, str, int], numbers: tuple[float, float, float, float], mark: str, received: int
    ) -> None:
        """Append one reading; `key` is (channel, kind, at)."""
        channel, kind, at = key
        columns = [(number,) for number in numbers]
        self.extend((channel,), kind.encode(), columns, marks=mark.encode(), instants=(at, received))

    def extend(
        self,
        channels: Sequence[int],
        kind: bytes,
        numbers: Sequence[Sequence[float]],
        *,
        marks: bytes,
        instants: tuple[int, int],
    ) -> None:
        """Append the readings of one packet; `numbers` are four columns, `instants` are `at` and `received`."""
        count = len(channels)
        self.channel.extend(channels)
        self.kind += kind * count
        self.at.extend([instants[0]] * count)
        for column, more in zip(self.numbers, numbers, strict=True):
            column.extend(more)
        self.mark += marks
        self.received.extend([instants[1]] * count)

    def extend_many(self, found: Read, packets: Packets) -> None:
        """Append the readings of many packets."""
        sizes = packets.ends[packets.shapes] - packets.begins[packets.shapes]
        before = packets.begins[packets.shapes] - (np.cumsum(sizes) - sizes)
        self.channel.frombytes(packets.channels[np.arange(len(found.marks)) + before.repeat(sizes)].tobytes())
        self.kind += packets.kinds.repeat(sizes).tobytes()
        self.at.frombytes(found.at.repeat(sizes).tobytes())
        for column, more in zip(self.numbers, found.numbers, strict=True):
            column.frombytes(more.tobytes())
        self.mark += found.marks.tobytes()
        self.received.frombytes(packets.received.repeat(sizes).tobytes())

    def __len__(self) -> int:
        return len(self.at)
