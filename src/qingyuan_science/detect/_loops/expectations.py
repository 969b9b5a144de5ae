"""The loop that learns what other channels let expect of a channel, again and again from its past."""

from typing import NamedTuple

import numpy as np

from qingyuan_science.compiling import compiled, laned
from qingyuan_science.detect._loops.stretches import summed
from qingyuan_science.detect._loops.waves import Scale, products, table, weighed
from qingyuan_science.detect._tables import Floats, Positions, Spans

Used = tuple[Positions, Positions, Positions]  # values, where their parts begin, and on which days it is learned


class Times(NamedTuple):
    """When it is learned: from which day on, every how many days, from how many parts at most and how many values."""

    first_days: int
    again_days: int
    parts: int
    least: int


@compiled
def gathered(target: Floats, inputs: Floats, days: Spans, times: Times) -> tuple[Used, Floats]:
    """Which values are used, where their parts begin, on which days it is learned; and the inputs of the first part.

    A value is used where the target is known, and any of the inputs, shape (k, n). A part ends where it is learned; the
    last one, behind that, is not learned from.
    """
    used, count = np.empty(target.size, np.int64), 0
    bounds, begins, parts = np.zeros(days[0].size + 2, np.int64), np.empty(days[0].size, np.int64), 1
    for day in range(days[0].size):
        due = day >= times.first_days and (day - times.first_days) % times.again_days == 0
        if due and count >= times.least:
            bounds[parts], begins[parts - 1], parts = count, day, parts + 1
        for at in range(days[0][day], days[1][day]):
            known = False
            for one in range(len(inputs)):
                known |= np.isfinite(inputs[one, at])
            used[count] = at
            count += known and np.isfinite(target[at])
    bounds[parts] = count
    first = np.empty((len(inputs), bounds[1] if parts > 1 else 0))
    for one in range(len(inputs)):
        for number in range(first.shape[1]):
            value = inputs[one, used[number]]
            first[one, number] = value if np.isfinite(value) else np.nan
    return (used[:count], bounds[: parts + 1], begins[: parts - 1]), first


@laned
def _dot(one: Floats, other: Floats) -> float:
    total = 0.0
    for at in range(one.size):
        total += one[at] * other[at]
    return total


@compiled
def solved(square: Floats, product: Floats) -> Floats:
    """What a symmetric positive definite table takes to a product (Cholesky); the table is overwritten."""
    count, found = product.size, product.copy()
    for row in range(count):
        for column in range(row):
            left = square[row, column] - _dot(square[row, :column], square[column, :column])
            square[row, column] = left / square[column, column]
        square[row, row] = np.sqrt(square[row, row] - _dot(square[row, :row], square[row, :row]))
        found[row] = (found[row] - _dot(square[row, :row], found[:row])) / square[row, row]
    for row in range(count - 1, -1, -1):
        found[row] /= square[row, row]
        for column in range(row):
            found[column] -= square[row, column] * found[row]
    return found


@compiled
def _learned(parts: tuple[Floats, Floats, Floats], kept: tuple[int, int], penalty: Floats) -> tuple[Floats, float]:
    """Weights of the features, and the mean beside which they stand, from parts added up in order of time.

    Of each part there are the sums of products of features, of those with the target, and how many values it has and
    their sum.
    """
    squares, targets, sums = parts
    square, product, sizes = squares[kept[0]].copy(), targets[kept[0]].copy(), sums[kept[0]].copy()
    for one in range(kept[0] + 1, kept[1]):
        square += squares[one]
        product += targets[one]
        sizes += sums[one]
    mean = sizes[1] / sizes[0]
    product -= mean * square[0]  # the first feature is 1
    for one in range(penalty.size):
        square[one, one] += penalty[one]
    return solved(square, product), mean


@compiled
def told(
    values: tuple[Floats, Floats],
    used: Used,
    days: Spans,
    how: tuple[Times, Scale, tuple[Floats, Floats], Floats],
) -> Floats:
    """What is expected at each time; NaN before anything is learned.

    `values` are the target and the inputs, shape (k, n); `used` is what `gathered` found; `how` is when it is learned,
    how inputs are scaled, the waves, and how much each coefficient is held back.
    """
    (target, inputs), (chosen, bounds, begins), (times, scale, waves, penalty) = values, used, how
    found, rows = np.full(target.size, np.nan), table(inputs, chosen, scale, waves)
    known, count = target[chosen], begins.size
    squares, targets = np.empty((count, penalty.size, penalty.size)), np.empty((count, penalty.size))
    sums, unknown = np.empty((count, 2)), (chosen.size, chosen.size + 1)
    for part in range(count):
        first, at, end = bounds[part], bounds[part + 1], bounds[part + 2]
        squares[part] = products(rows, (first, at))
        for one in range(penalty.size):
            targets[part, one] = _dot(rows[one][first:at], known[first:at])
        sums[part, 0], sums[part, 1] = at - first, summed(known[first:at])
        kept = max(0, part + 1 - times.parts), part + 1
        day, after = begins[part], min(begins[part] + times.again_days, days[0].size)
        if sums[kept[0] : kept[1], 0].sum() >= times.least:
            weights, mean = _learned((squares, targets, sums), kept, penalty)
            found[days[0][day] : days[1][after - 1]] = weighed(rows, weights, mean, unknown)[0]
            found[chosen[at:end]] = weighed(rows, weights, mean, (at, end))
    return found
