"""The table of a regression on values, their products and random cosine waves."""

from math import factorial, pi
from typing import Final

import numpy as np

from qingyuan_science.compiling import compiled, fused, laned
from qingyuan_science.detect._tables import Floats, Positions

Scale = tuple[Floats, Floats, float]
Waves = tuple[Floats, Floats]

_PI_REST: Final = 1.2246467991473532e-16  # of pi, beyond what a float holds
_TURN: Final = 1.0 / pi
_SERIES: Final = tuple((-1) ** (term % 2) / factorial(2 * term) for term in range(10, -1, -1))
_LEAST_SPREAD: Final = 1e-12
_AT_ONCE: Final = 512  # rows whose values stay near while all their features are computed


@fused
def _cosines(angle: Floats) -> None:
    """Put the cosine in place of each angle: of what is left beside whole half turns, by its series; to 1e-14. [rad]"""
    for at in range(angle.size):
        turns = np.floor(angle[at] * _TURN + 0.5)
        left = (angle[at] - turns * pi) - turns * _PI_REST
        square, cosine = left * left, 0.0
        for term in _SERIES:
            cosine = cosine * square + term
        angle[at] = cosine - 2.0 * (turns - 2.0 * np.floor(0.5 * turns)) * cosine


@fused
def _values(inputs: Floats, chosen: Positions, scale: Scale, found: Floats) -> None:
    middle, spread, farthest = scale
    found[0] = 1.0
    for one in range(len(inputs)):
        value, given, usual, unit = found[1 + one], inputs[one], middle[one], spread[one]
        for number in range(chosen.size):
            there = given[chosen[number]]
            apart = min(max((there - usual) / unit, -farthest), farthest)
            value[number] = apart if np.isfinite(there) else 0.0
        value[chosen.size] = 0.0


@fused
def _product(value: Floats, by: Floats, found: Floats) -> None:
    for number in range(found.size):
        found[number] = 0.5 * value[number] * by[number]


@fused
def _add(times: tuple[float, float], value: Floats, other: Floats, found: Floats) -> None:
    one, two = times
    for number in range(found.size):
        found[number] = found[number] + one * value[number] + two * other[number]


@fused
def _features(inputs: Floats, chosen: Positions, how: tuple[Scale, Waves], found: Floats) -> None:
    scale, (directions, phases) = how
    values, last = len(inputs), len(inputs) * (len(inputs) + 3) // 2
    _values(inputs, chosen, scale, found)
    for first in range(0, found.shape[1], _AT_ONCE):
        after, at = min(found.shape[1], first + _AT_ONCE), values + 1
        for one in range(1, values + 1):
            for other in range(one, values + 1):
                _product(found[one][first:after], found[other][first:after], found[at][first:after])
                at += 1
        for wave in range(phases.size):
            angle = found[last + 1 + wave][first:after]
            angle[:] = phases[wave]
            for one in range(0, values, 2):  # in twos, for each sum is fetched and put back
                two = min(one + 1, values - 1)
                times = directions[one, wave], directions[two, wave] if two > one else 0.0
                _add(times, found[1 + one][first:after], found[1 + two][first:after], angle)
            _cosines(angle)


@compiled
def table(inputs: Floats, chosen: Positions, scale: Scale, waves: Waves) -> Floats:
    """The features of chosen rows, and behind them those of a row of which nothing is known.

    Parameters
    ----------
    inputs : ndarray of shape (k, n)
        Values; what is not finite counts as usual.
    chosen : ndarray of int, shape (m,)
        Which of the n rows.
    scale : tuple
        What is usual of each value, its spread, and how many spreads away it says no more.
    waves : tuple of ndarray of shape (k, w), (w,)
        Directions of the waves, on the scale of spreads, and their phases [rad].

    Returns
    -------
    ndarray of shape (f, m + 1)
        For each row 1, its scaled values, half their products two by two, and the cosines of the waves; a row has the
        same features whatever other rows there are.
    """
    values = len(inputs)
    found = np.empty((1 + values + values * (values + 1) // 2 + waves[1].size, chosen.size + 1))
    _features(inputs, chosen, (scale, waves), found)
    return found


@fused
def weighed(features: Floats, weights: Floats, more: float, stretch: tuple[int, int]) -> Floats:
    """The weighed sum of the features of each row of a stretch, and some more; whatever other rows there are."""
    found = np.full(stretch[1] - stretch[0], more)
    for one in range(weights.size):
        weight, feature = weights[one], features[one][stretch[0] : stretch[1]]
        for number in range(found.size):
            found[number] += weight * feature[number]
    return found


@laned
def _four_by_four(one: tuple[Floats, ...], other: tuple[Floats, ...]) -> tuple[float, ...]:
    """The sums of products of four features with four: of what is fetched, each is used four times."""
    (a, b, c, d), (e, f, g, h) = one, other
    ae = af = ag = ah = be = bf = bg = bh = ce = cf = cg = ch = de = df = dg = dh = 0.0
    for at in range(a.size):
        ae, af, ag, ah = ae + a[at] * e[at], af + a[at] * f[at], ag + a[at] * g[at], ah + a[at] * h[at]
        be, bf, bg, bh = be + b[at] * e[at], bf + b[at] * f[at], bg + b[at] * g[at], bh + b[at] * h[at]
        ce, cf, cg, ch = ce + c[at] * e[at], cf + c[at] * f[at], cg + c[at] * g[at], ch + c[at] * h[at]
        de, df, dg, dh = de + d[at] * e[at], df + d[at] * f[at], dg + d[at] * g[at], dh + d[at] * h[at]
    return ae, af, ag, ah, be, bf, bg, bh, ce, cf, cg, ch, de, df, dg, dh


@compiled
def _four(features: Floats, first: int, stretch: tuple[int, int]) -> tuple[Floats, Floats, Floats, Floats]:
    """Four features over a stretch; where there are not so many, the last one again."""
    last, (begin, end) = len(features) - 1, stretch
    one, two = features[first][begin:end], features[min(first + 1, last)][begin:end]
    return one, two, features[min(first + 2, last)][begin:end], features[min(first + 3, last)][begin:end]


@compiled
def products(features: Floats, stretch: tuple[int, int]) -> Floats:
    """The sums, over a stretch of rows, of the products of features two by two; whatever other rows there are."""
    count = len(features)
    found = np.empty((count + 3, count + 3))
    for one in range(0, count, 4):
        for other in range(one, count, 4):
            sums = _four_by_four(_four(features, one, stretch), _four(features, other, stretch))
            for number in range(16):
                row, column = one + number // 4, other + number % 4
                found[row, column] = found[column, row] = sums[number]
    return found[:count, :count].copy()


@compiled
def middle_and_spread(ordered: Floats) -> tuple[Floats, Floats]:
    """Median and standard deviation of rows in order of value, what is not known last; 0 where nothing is known."""
    middle, spread = np.zeros(len(ordered)), np.full(len(ordered), _LEAST_SPREAD)
    for number in range(len(ordered)):
        row, count, total, square = ordered[number], 0, 0.0, 0.0
        while count < row.size and np.isfinite(row[count]):
            total += row[count]
            count += 1
        for at in range(count):
            square += (row[at] - total / count) ** 2
        if count:
            middle[number] = (row[(count - 1) // 2] + row[count // 2]) / 2.0
            spread[number] = np.sqrt(square / count) + _LEAST_SPREAD
    return middle, spread


@compiled
def mean_of_known(rows: Floats) -> Floats:
    """The mean of each column over the rows that are known there, added in their order; NaN where none is."""
    total, count = np.zeros(rows.shape[1]), np.zeros(rows.shape[1])
    for row in rows:
        for at in range(row.size):
            known = np.isfinite(row[at])
            total[at] += row[at] if known else 0.0
            count[at] += known
    return np.where(count > 0.0, total / np.maximum(count, 1.0), np.nan)
