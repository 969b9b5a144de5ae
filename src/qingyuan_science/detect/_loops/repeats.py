"""Loops that lay a day beside every earlier stretch."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.compiling import compiled, fused
from qingyuan_science.detect._tables import Floats, Positions

_LEAST_CHANGES = 6
_LEAST_EQUAL = 3  # fewer equal changes at one shift are chance
_LANES = 128
_KNUTH = 2654435761

Counts = NDArray[np.int64]


class Laid(NamedTuple):
    """A series on an even grid, ready to be compared with itself."""

    weight: Floats  # information of a change, nought where the value stays [bit]
    change: Floats  # change between neighbours, bounded; nought where unknown
    scale: Floats  # one over the length of the changes of the day that begins here, nought where there are few
    previous: Positions  # where the same value stood before; negative where it did not
    a_day: int


@compiled
def _slots(keys: Counts, room: int) -> Positions:
    """A place in an open table of so many for each key, the same for equal ones: Knuth's multiplicative hashing."""
    key, filled, found = np.zeros(room, np.int64), np.zeros(room, np.bool_), np.empty(keys.size, np.int64)
    for at in range(keys.size):
        mixed = (keys[at] ^ keys[at] >> 32) * _KNUTH
        slot = (mixed ^ mixed >> 20) & room - 1
        while filled[slot] and key[slot] != keys[at]:
            slot = slot + 1 & room - 1
        filled[slot], key[slot], found[at] = True, keys[at], slot
    return found


class Met(NamedTuple):
    """What of each value is met before it, no farther back than is looked; what is unknown counts for nothing."""

    previous: Positions  # where the same value stood before, however far back; negative where it did not
    seen: Counts  # how often the same value stands there
    led: Counts  # how often the value before it does, itself left out
    after: Counts  # how often the same value follows the value before it
    known: Counts  # how many values are known there


@compiled
def met_before(bits_of: Counts, known: NDArray[np.bool_], back: int) -> Met:
    """Where each value stood before, and what is met of it within so many places before.

    Values are given by their bits.
    """
    room = 2
    while room < 2 * bits_of.size:
        room *= 2
    number = _slots(bits_of, room)
    pair = number.copy()
    pair[1:] += number[:-1] * room
    pair = _slots(pair, room)
    last, count, pairs = np.full(room, -1), np.zeros(room, np.int64), np.zeros(room, np.int64)
    previous, found, total = np.empty(number.size, np.int64), np.zeros((4, number.size), np.int64), 0
    for at in range(number.size):
        gone = at - back - 1
        if gone >= 0 and known[gone]:
            count[number[gone]] -= 1
            total -= 1
        if gone > 0 and known[gone] and known[gone - 1]:
            pairs[pair[gone]] -= 1
        previous[at], last[number[at]] = last[number[at]], at
        found[0, at], found[3, at] = count[number[at]], total
        if at > 0 and known[at - 1]:
            found[1, at], found[2, at] = count[number[at - 1]] - 1, pairs[pair[at]]
        if known[at]:
            count[number[at]] += 1
            total += 1
            pairs[pair[at]] += at > 0 and known[at - 1]
    return Met(previous, found[0], found[1], found[2], found[3])


@compiled
def _agreements(laid: Laid, stretch: tuple[int, int], first: int, into: tuple[Floats, Counts]) -> None:
    """Put in, by how far back, the information in changes equal to earlier ones, in order of time, and their number.

    Of the stretch from one place to another, each change meets the earlier values equal to its own: from a day back up
    to as far back as the stretch lies from the first place.
    """
    farthest, (told, agreeing) = stretch[0] - first, into
    told[:], agreeing[:] = 0.0, 0
    for at in range(stretch[0], stretch[1]):
        weight = laid.weight[at]
        met = laid.previous[at] if weight > 0.0 else -1
        while met >= at - farthest:
            back = at - met - laid.a_day
            if back >= 0:
                told[back] += weight
                agreeing[back] += 1
            met = laid.previous[met]


@compiled
def _most_told(told: Floats, agreeing: Counts, most: Floats) -> float:
    """The greatest of what is told where enough agrees; lane by lane, for one greatest of all would be waited for."""
    most[:] = 0.0
    for block in range(0, told.size, _LANES):
        here, count = told[block : block + _LANES], agreeing[block : block + _LANES]
        for lane in range(here.size):
            one = here[lane] if count[lane] >= _LEAST_EQUAL else 0.0
            most[lane] = one if one > most[lane] else most[lane]
    return float(most.max())


@compiled
def _most_told_by_three(told: Floats, agreeing: Counts, size: int, most: Floats) -> float:
    """The same of what three tell, each in a row, added up."""
    most[:] = 0.0
    for block in range(0, size, _LANES):
        after = min(size, block + _LANES)
        first, second, third = told[0][block:after], told[1][block:after], told[2][block:after]
        one, two, three = agreeing[0][block:after], agreeing[1][block:after], agreeing[2][block:after]
        for lane in range(first.size):
            whole = first[lane] + second[lane] + third[lane]
            whole = whole if one[lane] + two[lane] + three[lane] >= _LEAST_EQUAL else 0.0
            most[lane] = whole if whole > most[lane] else most[lane]
    return float(most.max())


@compiled
def bits(laid: Laid, ends: Positions, first: Positions) -> Floats:
    """Information in the changes of the last day, and of the last three, that agree with one earlier stretch.

    That of the best shift, for each place where a day ends; what lies before `first` is not looked at. Where three days
    follow each other without a gap, what three tell is what each tells by itself, added up.
    """
    a_day, found = laid.a_day, np.full((2, ends.size), np.nan)
    room = max(0, (ends - first).max() + 2 - 2 * a_day) if ends.size else 0
    told, agreeing = np.zeros((4, room)), np.zeros((4, room), np.int64)
    most = np.empty(_LANES)
    for number in range(ends.size):
        end, row = ends[number] + 1, number % 3
        shifts = end - 2 * a_day - first[number] + 1
        _agreements(laid, (end - a_day, end), first[number], (told[row, :shifts], agreeing[row, :shifts]))
        found[:, number] = _most_told(told[row, :shifts], agreeing[row, :shifts], most)
        longer = shifts - 2 * a_day
        if longer <= 1:
            continue
        if number > 1 and ends[number - 1] == end - 1 - a_day and ends[number - 2] == end - 1 - 2 * a_day:
            found[1, number] = _most_told_by_three(told, agreeing, longer, most)
        else:
            _agreements(laid, (end - 3 * a_day, end), first[number], (told[3, :longer], agreeing[3, :longer]))
            found[1, number] = _most_told(told[3, :longer], agreeing[3, :longer], most)
    return found


@fused
def _beside(earlier: Floats, now: Floats, product: Floats, other_product: Floats) -> None:
    """The products of the changes of two days with those of as long a stretch from each place.

    Days are padded to fours: of what is fetched, each is used for two days, and each sum is fetched once for four.
    """
    product[:], other_product[:] = 0.0, 0.0
    for at in range(0, now.shape[1], 4):
        one, two, three, four = earlier[at:], earlier[at + 1 :], earlier[at + 2 :], earlier[at + 3 :]
        first, second, third, fourth = now[0, at], now[0, at + 1], now[0, at + 2], now[0, at + 3]
        by_one, by_two, by_three, by_four = now[1, at], now[1, at + 1], now[1, at + 2], now[1, at + 3]
        for place in range(product.size):
            here, second_here, third_here, fourth_here = one[place], two[place], three[place], four[place]
            more = product[place] + here * first + second_here * second
            other = other_product[place] + here * by_one + second_here * by_two
            product[place] = more + third_here * third + fourth_here * fourth
            other_product[place] = other + third_here * by_three + fourth_here * by_four


@compiled
def _most_alike(product: Floats, scale: Floats, most: Floats) -> float:
    most[:] = 0.0
    for block in range(0, product.size, _LANES):
        here, times = product[block : block + _LANES], scale[block : block + _LANES]
        for lane in range(here.size):
            alike = here[lane] * times[lane]
            most[lane] = alike if alike > most[lane] else most[lane]
    return float(most.max())


@compiled
def _length(change: Floats) -> float:
    """The length of the changes of a day; nought where few changed."""
    square, changes = 0.0, 0
    for at in range(change.size):
        square += change[at] * change[at]
        changes += change[at] != 0.0
    return float(np.sqrt(square)) if changes >= _LEAST_CHANGES else 0.0


@compiled
def unlike(laid: Laid, ends: Positions, first: Positions) -> Floats:
    """One minus the greatest correlation of a day's changes with those of an earlier stretch; two days at a time."""
    found, a_day = np.full(ends.size, np.nan), laid.a_day
    change, most = np.append(laid.change, np.zeros(4)), np.empty(_LANES)
    now, product = np.zeros((2, a_day + -a_day % 4)), np.empty((2, change.size))
    for number in range(0, ends.size, 2):
        pair = number, min(number + 1, ends.size - 1)
        for row in range(2):
            now[row, :a_day] = change[ends[pair[row]] + 1 - a_day : ends[pair[row]] + 1]
        base = first[pair[0]]  # the earlier of the two, as the last place is that of the later
        places = ends[pair[1]] + 2 - 2 * a_day - base
        _beside(change[base:], now, product[0][:places], product[1][:places])
        for row in range(2):
            begin, after = first[pair[row]], ends[pair[row]] + 2 - 2 * a_day
            length = _length(now[row])
            if length > 0.0:
                alike = _most_alike(product[row][begin - base : after - base], laid.scale[begin:], most)
                found[pair[row]] = max(1.0 - alike / length, 1e-6)
    return found


@compiled
def bounded(change: Floats, most: float) -> Floats:
    """Changes, greater ones taken as the greatest, unknown ones as none."""
    found = np.zeros(change.size)
    for at in range(change.size):
        if not np.isnan(change[at]):
            found[at] = min(max(change[at], -most), most)
    return found


@compiled
def scales(change: Floats, a_day: int) -> Floats:
    """One over the length of the changes of the day that begins at each place; nought where few changed."""
    size = max(0, change.size - a_day + 1)
    squares, changes = np.zeros(size), np.zeros(size)
    for at in range(a_day):
        here = change[at : at + size]
        for place in range(here.size):
            squares[place] += here[place] * here[place]
            changes[place] += here[place] != 0.0
    for place in range(size):
        enough = changes[place] >= _LEAST_CHANGES and squares[place] > 0.0
        squares[place] = 1.0 / np.sqrt(squares[place]) if enough else 0.0
    return squares
