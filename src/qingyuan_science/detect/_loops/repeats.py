"""Loops that lay a day beside every earlier stretch."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.detect._loops import compiled
from qingyuan_science.detect._tables import Floats, Positions

_LEAST_CHANGES = 6
_LEAST_EQUAL = 3  # fewer equal changes at one shift are chance
_LANES = 64
_KNUTH = 2654435761


class Laid(NamedTuple):
    """A series on an even grid, ready to be compared with itself."""

    weight: Floats  # information of a change, nought where the value stays [bit]
    change: Floats  # change between neighbours, bounded; nought where unknown
    scale: Floats  # one over the length of the changes of the day that begins here, nought where there are few
    previous: Positions  # where the same value stood before; negative where it did not
    a_day: int


@compiled
def _pairs(number: Positions, known: int) -> Positions:
    """How often, among the values known, each value follows the one before it; itself left out.

    Pairs are told apart by an open table, for which their numbers are spread by Knuth's multiplicative hashing.
    """
    room, slots, found = 2, np.zeros(number.size, np.int64), np.zeros(number.size, np.int64)
    while room < 2 * number.size:
        room *= 2
    pair, count = np.full(room, -1), np.zeros(room, np.int64)
    for at in range(1, number.size):
        key = number[at - 1] * number.size + number[at]
        slot = key * _KNUTH >> 8 & room - 1
        while pair[slot] >= 0 and pair[slot] != key:
            slot = slot + 1 & room - 1
        if at < known:
            pair[slot], count[slot] = key, count[slot] + 1
        slots[at] = slot
    for at in range(1, number.size):
        found[at] = count[slots[at]] - (at < known)
    return found


@compiled
def met_before(grid: Floats, by_value: Positions, known: int) -> tuple[Positions, NDArray[np.int64], Positions]:
    """Where each value stood before, how often it is among the others known, and how often after the value before it.

    `by_value` has the places by value.
    """
    number, seen = np.zeros(grid.size, np.int64), np.zeros(grid.size, np.int64)
    for place in range(1, grid.size):
        here, before = by_value[place], by_value[place - 1]
        number[here] = number[before] if grid[here] == grid[before] else place
    last, previous = np.full(grid.size, -1), np.empty(grid.size, np.int64)
    count = np.zeros(grid.size, np.int64)
    for at in range(grid.size):
        previous[at], last[number[at]] = last[number[at]], at
        count[number[at]] += at < known
    for at in range(grid.size):
        seen[at] = count[number[at]] - (at < known)
    return previous, seen, _pairs(number, known)


@compiled
def bits(laid: Laid, ends: Positions, length: int, first: Positions) -> Floats:
    """Information in the changes of the last values that agree with one earlier stretch, for the best shift.

    Each change meets the earlier values equal to its own; bits are summed by shift, in order of time, and grow.
    """
    found = np.full(ends.size, np.nan)
    for number in range(ends.size):
        begin = ends[number] + 1 - length
        shifts = ends[number] + 2 - laid.a_day - first[number] - length
        if shifts <= 0:
            continue
        told, agreeing, most = np.zeros(shifts), np.zeros(shifts, np.int64), 0.0
        for at in range(length):
            weight, earliest = laid.weight[begin + at], first[number] + at
            met = laid.previous[begin + at] if weight > 0.0 else -1
            while met >= earliest:
                shift = met - earliest
                if shift < shifts:
                    told[shift] += weight
                    agreeing[shift] += 1
                    if agreeing[shift] >= _LEAST_EQUAL:
                        most = max(most, told[shift])
                met = laid.previous[met]
        found[number] = most
    return found


@compiled
def unlike(laid: Laid, ends: Positions, first: Positions) -> Floats:
    """One minus the greatest correlation of a day's changes with those of an earlier stretch."""
    found, a_day = np.full(ends.size, np.nan), laid.a_day
    product, most = np.empty(laid.change.size), np.empty(_LANES)
    for number in range(ends.size):
        begin, earliest = ends[number] + 1 - a_day, first[number]
        now = laid.change[begin : begin + a_day]
        if np.count_nonzero(now) < _LEAST_CHANGES:
            continue
        shifts = begin - a_day + 1 - earliest
        product[:shifts], most[:] = 0.0, 0.0
        for at in range(a_day):
            earlier = laid.change[earliest + at : earliest + at + shifts]
            for shift in range(shifts):
                product[shift] += earlier[shift] * now[at]
        for block in range(0, shifts, _LANES):  # lane by lane, for one greatest of all would be waited for
            for lane in range(min(_LANES, shifts - block)):
                alike = product[block + lane] * laid.scale[earliest + block + lane]
                most[lane] = alike if alike > most[lane] else most[lane]
        found[number] = max(1.0 - most.max() / np.sqrt(np.sum(now * now)), 1e-6)
    return found
