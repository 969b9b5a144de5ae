"""What `loops` must know of packets that are alike: their bytes but for the values, and what the values mean."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Integers = NDArray[np.int64]

PLAIN, NUMBER, FLAG, TIME = 0, 1, 2, 3
"""What a value of a packet is read as; a plain one is not read."""

QN_LENGTH: Final = 17
"""Characters of QN: a time with milliseconds. HJ 212-2017. [1]"""

AROUND: Final = 6
"""Bytes of a frame before its data segment (mark and length), and behind it (CRC, CR LF). HJ 212-2017. [byte]"""


class Layout(NamedTuple):
    """What the packets of one form look like, and what their values are.

    A packet is the literals in turn with a value between each two; the first value is QN. `literals` joins them, and
    `cuts` says where each ends. `roles` says for each value behind QN what it is read as; `places` names for each of
    value, low, high and total, and each reading, the value that it is (negative where it is missing), `flags` the
    value that is its flag (negative where it has none), and `marks` the mark for each flag. A packet
    whose numbers come to more than `largest`, without their signs, is not taken.
    """

    literals: Bytes
    cuts: Integers
    roles: Integers
    places: Integers
    flags: Integers
    marks: Bytes
    largest: float


class Clock(NamedTuple):
    """How the time of a packet becomes an instant: UTC offset, shift, and the step to which it is rounded down. [µs]

    An instant before `earliest` or after `latest` is not taken. [µs since 1970 UTC]
    """

    offset: int
    shift: int
    step: int
    earliest: int
    latest: int


class Read(NamedTuple):
    """What stood in packets: an instant for each packet; for each reading of each packet numbers and mark."""

    at: Integers
    numbers: NDArray[np.float64]
    marks: Bytes
