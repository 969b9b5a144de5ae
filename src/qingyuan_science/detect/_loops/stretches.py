"""Loops over stretches of values: how they move, and how alike two of them are."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.compiling import compiled
from qingyuan_science.detect._tables import Floats, Spans
from qingyuan_science.series import Series

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

_AT_ONCE, _STRANDS = 128, 8
_MOST_HOLES = 100  # times as many places as values


@compiled
def _strand(values: Floats, first: int, end: int) -> float:
    total = float(values[first])
    for at in range(first + _STRANDS, end, _STRANDS):
        total += values[at]
    return total


@compiled
def summed(values: Floats) -> float:
    """The sum as `numpy.sum` takes it, to the last bit: in eight strands, of halves where there are many."""
    count, total, after = values.size, 0.0, 0
    if count > _AT_ONCE:
        half = count // 2 - count // 2 % _STRANDS
        return summed(values[:half]) + summed(values[half:])
    if count >= _STRANDS:
        after = count - count % _STRANDS
        one = _strand(values, 0, after) + _strand(values, 1, after)
        two = _strand(values, 2, after) + _strand(values, 3, after)
        three = _strand(values, 4, after) + _strand(values, 5, after)
        four = _strand(values, 6, after) + _strand(values, 7, after)
        total = (one + two) + (three + four)
    for at in range(after, count):
        total += values[at]
    return total


@compiled
def _mean(values: Floats) -> float:
    return summed(values) / values.size


@compiled
def _deviation(values: Floats) -> float:
    """The standard deviation."""
    apart = values - _mean(values)
    return float(np.sqrt(summed(apart * apart) / values.size))


@compiled
def textures(values: Floats, spans: Spans, least: int, least_changes: int) -> Floats:
    """Curvature, relative roughness, relative spread and share of changes of each stretch; NaN where there is none."""
    found = np.full((4, spans[0].size), np.nan)
    for number in range(spans[0].size):
        row = values[spans[0][number] : spans[1][number]]
        if row.size < least:
            continue
        change, level = row[1:] - row[:-1], _mean(np.abs(row))
        changes = np.count_nonzero(change)
        found[3, number] = changes / change.size
        if changes >= least_changes and np.isfinite(level) and level > 0.0:
            found[0, number] = _deviation(change[1:] - change[:-1]) / np.maximum(_deviation(change), 1e-12 * level)
            found[1, number] = _mean(np.abs(change)) / level
            found[2, number] = _deviation(row) / level
    return found


@compiled
def bends(values: Floats, spans: Spans, least: int, least_changes: int) -> Floats:
    """Second differences beside the level of each stretch; NaN where there are none."""
    found = np.full(spans[0].size, np.nan)
    for number in range(spans[0].size):
        row = values[spans[0][number] : spans[1][number]]
        if row.size < least:
            continue
        change, level = row[1:] - row[:-1], _mean(np.abs(row))
        if np.count_nonzero(change) >= least_changes and 0.0 < level < np.inf:
            found[number] = _mean(np.abs(change[1:] - change[:-1])) / level
    return found


@compiled
def agreement(value: Floats, expected: Floats, spans: Spans, least: tuple[int, float]) -> Floats:
    """How far each stretch moves in step with what was expected, and its spread beside that of the expectation.

    Only values that both have count; of these there must be so many, and both must have so much of a spread.
    """
    found, both = np.full((2, spans[0].size), np.nan), np.empty((2, value.size))
    for number in range(spans[0].size):
        count = 0
        for at in range(spans[0][number], spans[1][number]):
            if np.isfinite(value[at]) and np.isfinite(expected[at]):
                both[0, count], both[1, count] = value[at], expected[at]
                count += 1
        if count < least[0]:
            continue
        one, other = both[0, :count], both[1, :count]
        one, other = one - _mean(one), other - _mean(other)
        spread, usual = np.sqrt(_mean(one * one)), np.sqrt(_mean(other * other))
        if min(spread, usual) >= least[1]:
            found[0, number], found[1, number] = _mean(one * other) / spread, spread / usual
    return found


@compiled
def _one_minus_square(one: Floats, other: Floats, least_changes: int) -> float:
    """One minus the squared correlation of two stretches; NaN where one of them hardly moves."""
    middle, other_middle, changes, other_changes = one[0], other[0], 0, 0
    for at in range(1, one.size):
        middle += one[at]
        other_middle += other[at]
        changes += one[at] != one[at - 1]
        other_changes += other[at] != other[at - 1]
    middle, other_middle = middle / one.size, other_middle / one.size
    square, other_square, product = 0.0, 0.0, 0.0
    for at in range(one.size):
        apart, other_apart = one[at] - middle, other[at] - other_middle
        square += apart * apart
        other_square += other_apart * other_apart
        product += apart * other_apart
    if min(changes, other_changes) < least_changes or not square * other_square > 0.0:
        return np.nan
    return max(1.0 - product * product / (square * other_square), 1e-9)


@compiled
def _held(at: Integers, other: tuple[Integers, Floats, Flags], period: int) -> Floats:
    found, place = np.full(at.size, np.nan), -1
    for number in range(at.size):
        while place + 1 < other[0].size and other[0][place + 1] <= at[number]:
            place += 1
        if place >= 0 and at[number] - other[0][place] < period and other[2][place]:
            found[number] = other[1][place]
    return found


def values_at(at: Integers, other: Series) -> Floats:
    """The valid value of another series at each time, as `_figures.values_at` has it; for times in order only."""
    return _held(at, (other.at, other.value, other.valid), _holding(other))


def logarithms_at(at: Integers, other: Series) -> Floats:
    """The natural logarithms of these values; NaN for what is not above nought."""
    return _held(at, (other.at, other.logarithms, other.valid), _holding(other))


def _holding(other: Series) -> int:
    return max(other.period if other.step is not None or len(other) > 1 else 0, 1)


@compiled
def _marked(there: Flags, at: Integers, begin: int, period: int) -> None:
    for number in range(at.size):
        place = (at[number] - begin) // period
        if 0 <= place < there.size and at[number] == begin + place * period:
            there[place] = True


def times_of_any(at: Integers, others: Sequence[Series], period: int) -> Integers:
    """The times at which any of several series has a value, between the first and the last of one of them.

    Only times on its grid; where it keeps to none itself, or is full of holes, its own times.
    """
    places = int(at[-1] - at[0]) // period + 1
    if places > _MOST_HOLES * at.size or ((at - at[0]) % period).any():
        return at
    there = np.zeros(places, np.bool_)
    for one in others:
        _marked(there, one.at, int(at[0]), period)
    _marked(there, at, int(at[0]), period)
    found: Integers = at[0] + np.flatnonzero(there) * period
    return found


@compiled
def closeness(value: Floats, others: Floats, spans: Spans, least: tuple[int, int]) -> tuple[Floats, Floats]:
    """How far other series, shape (c, n), are from being followed in each stretch, and in the closest half of it.

    Only values that both have count; of these and of their changes there must be so many. Halves begin a quarter apart.
    """
    whole, half = np.full((len(others), spans[0].size), np.nan), np.full((len(others), spans[0].size), np.nan)
    both = np.empty((2, value.size))
    for other in range(len(others)):
        for number in range(spans[0].size):
            count = 0
            for at in range(spans[0][number], spans[1][number]):
                if np.isfinite(value[at]) and np.isfinite(others[other, at]):
                    both[0, count], both[1, count] = value[at], others[other, at]
                    count += 1
            if count < least[0]:
                continue
            one, two, size = both[0, :count], both[1, :count], max(least[0], count // 2)
            whole[other, number] = _one_minus_square(one, two, least[1])
            for begin in range(0, count - size + 1, max(1, size // 2)):
                found = _one_minus_square(one[begin : begin + size], two[begin : begin + size], least[1])
                if np.isnan(half[other, number]) or found < half[other, number]:
                    half[other, number] = found
    return whole, half
