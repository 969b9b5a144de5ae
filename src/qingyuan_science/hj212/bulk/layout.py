"""What `loops` must know of packets that are alike: their bytes but for the values, and what the values mean."""

from collections.abc import Sequence
from itertools import accumulate
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


class Shelf(NamedTuple):
    """Layouts side by side, the arrays of all end to end.

    `ends` has a row more than there are layouts: where the literals, cuts, roles and readings of each begin, and where
    those of the last end. `grids` holds offset, shift and step of each one's clock.
    """

    literals: Bytes
    cuts: Integers
    roles: Integers
    places: Integers
    flags: Integers
    marks: Bytes
    largest: NDArray[np.float64]
    grids: Integers
    ends: Integers


class Stretch(NamedTuple):
    """Runs of sound frames, end to end, that came over any number of connections.

    `edges` says where the first frame begins, and where each ends; `ends` with which frame each run begins, and one
    more. `layouts` says for each run by which of the layouts its frames are read, negative where by none; `latest` is
    the last instant that is taken of it. No instant before `earliest` is. [byte; µs since 1970 UTC]
    """

    data: Bytes
    edges: Integers
    ends: Integers
    layouts: Integers
    latest: Integers
    earliest: int


class Read(NamedTuple):
    """What stood in packets: an instant for each packet; for each reading of each packet numbers and mark."""

    at: Integers
    numbers: NDArray[np.float64]
    marks: Bytes


def shelved(layouts: Sequence[Layout], grids: Sequence[tuple[int, int, int]]) -> Shelf:
    """Layouts side by side, with offset, shift and step of the clock of each. [µs]"""
    sizes = [(len(one.literals), len(one.cuts), len(one.roles), len(one.flags)) for one in layouts]
    ends = np.zeros((len(layouts) + 1, 4), np.int64)
    np.cumsum(np.array(sizes, np.int64), axis=0, out=ends[1:])
    return Shelf(
        literals=np.concatenate([one.literals for one in layouts]),
        cuts=np.concatenate([one.cuts for one in layouts]),
        roles=np.concatenate([one.roles for one in layouts]),
        places=np.concatenate([one.places for one in layouts], axis=1),
        flags=np.concatenate([one.flags for one in layouts]),
        marks=np.concatenate([one.marks for one in layouts]),
        largest=np.array([one.largest for one in layouts], np.float64),
        grids=np.array(grids, np.int64),
        ends=ends,
    )


def stretch(
    runs: Sequence[tuple[bytes, Integers]], layouts: Sequence[int], latest: Sequence[int], earliest: int
) -> Stretch:
    """Runs end to end: of each its bytes, and where its first frame begins and each ends. [byte]"""
    counts = [len(edges) - 1 for _, edges in runs]
    begins = list(accumulate((len(data) for data, _ in runs), initial=0))
    edges = np.zeros(sum(counts) + 1, np.int64)
    np.concatenate([own[1:] for _, own in runs], out=edges[1:])
    edges[1:] += np.repeat(np.array(begins[:-1], np.int64), counts)
    return Stretch(
        data=np.frombuffer(b"".join([data for data, _ in runs]), np.uint8),
        edges=edges,
        ends=np.array(list(accumulate(counts, initial=0)), np.int64),
        layouts=np.array(layouts, np.int64),
        latest=np.array(latest, np.int64),
        earliest=earliest,
    )
