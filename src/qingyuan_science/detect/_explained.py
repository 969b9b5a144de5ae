"""What other channels let expect of a channel, learned again and again from the past only."""

from collections import deque
from collections.abc import Iterable
from functools import cache, reduce
from math import ceil
from operator import add
from typing import NamedTuple

import numpy as np

from qingyuan_science.detect._days import Days
from qingyuan_science.detect._tables import Floats

_LEAST_VALUES = 8
_LEAST_HOURS = 10.0  # learned values for each input
_TURNS = 4  # waves for each input
_LOUDNESS = 150.0  # the waves weigh together as so many would, each of them as much as a value
_WIDTH = 0.3
_FARTHEST = 4.0  # standard deviations beyond which an input says no more


class _Part(NamedTuple):
    """What regression takes of some rows: sums of the products of features, and of those with the target."""

    rows: int
    square: Floats
    product: Floats
    total: float


class Learning(NamedTuple):
    """How expectations are learned.

    Parameters
    ----------
    first_days : int
        Days that must have passed before anything is expected [d].
    again_days : int
        After how many days it is learned anew [d].
    window_days : int
        From how many days before it is learned [d].
    stiffness : float
        Weight of the penalty on coefficients; the greater, the smoother [1].
    """

    first_days: int
    again_days: int = 30
    window_days: int = 730
    stiffness: float = 30.0


def expected_from(inputs: Floats, target: Floats, days: Days, learning: Learning) -> Floats:
    """Expect a channel from others by ridge regression on them, their products and random cosine waves.

    Parameters
    ----------
    inputs : ndarray of shape (n, k)
        The other channels; NaN counts as usual.
    target : ndarray of shape (n,)
        The channel, best on a logarithmic scale; NaN is not learned from.
    days : Days
        The days of the n values.
    learning : Learning
        How it is learned.

    Returns
    -------
    ndarray of shape (n,)
        The expectation for each value, learned from earlier days only; NaN in the first days.

    Source
    ------
    Rahimi and Recht 2007, Random features for large-scale kernel machines, NIPS 20. Yu, Suresh, Choromanski,
    Holtmann-Rice, Kumar 2016, Orthogonal random features, NIPS 29: fewer waves do where directions are orthogonal.

    Notes
    -----
    What is usual of the inputs is learned once, when it is first learned, so that each value has one row of features
    for good. Rows are summed up once, in parts that end where something is learned, and to learn anew is to add up
    the parts: what it costs does not grow with how often the same rows are learned from.
    """
    from qingyuan_science.detect._loops.waves import table, usable, weighed

    told, used = np.full(target.size, np.nan), np.flatnonzero(usable(target, inputs))
    least = ceil(_LEAST_HOURS * inputs.shape[1])
    known = used.searchsorted(days.first)  # values before each day
    begins = [at for at in range(learning.first_days, len(days), learning.again_days) if known[at] >= least]
    if not begins:
        return told
    bounds = [0, *known[begins], used.size]
    given, values = np.concatenate([inputs[used], np.full((1, inputs.shape[1]), np.nan)]), target[used]
    rows = table(given, (*_middle_and_spread(given[: bounds[1]]), _FARTHEST), *_waves(inputs.shape[1]))
    parts: deque[_Part] = deque(maxlen=ceil(learning.window_days / learning.again_days))
    for begin, first, at, end in zip(begins, bounds, bounds[1:], bounds[2:], strict=False):
        parts.append(_part(rows, values, (int(first), int(at))))
        if sum(one.rows for one in parts) < least:
            continue
        weights, mean = _ridge(parts, _TURNS * inputs.shape[1], learning.stiffness)
        wanted = slice(days.first[begin], days.last[min(begin + learning.again_days, len(days)) - 1])
        told[wanted] = weighed(rows, weights, mean, (rows.shape[1] - 1, rows.shape[1]))[0]
        told[used[at:end]] = weighed(rows, weights, mean, (int(at), int(end)))
    return told


def day_medians(value: Floats, days: Days) -> Floats:
    """Return the median of each day.

    Parameters
    ----------
    value : ndarray of shape (n,)
        Values; NaN is left out.
    days : Days
        The days of the n values.

    Returns
    -------
    ndarray of shape (d,)
        NaN for a day with fewer than eight values.
    """
    from qingyuan_science.detect._loops import windows

    return windows.medians(value, days.spans, _LEAST_VALUES)


@cache
def _waves(inputs: int) -> tuple[Floats, Floats]:
    """Directions and phases of the waves: part of the method, the same in every run.

    Directions come in turns, as many as there are inputs, at right angles to each other; their lengths are those of
    directions drawn at random.
    """
    random, count = np.random.default_rng(0), _TURNS * inputs
    turns = [np.linalg.qr(random.standard_normal((inputs, inputs)))[0] for _ in range(_TURNS)]
    lengths = np.sqrt(random.chisquare(inputs, count))
    return _WIDTH * lengths * np.hstack(turns), random.uniform(0.0, 2.0 * np.pi, count)


def _part(rows: Floats, target: Floats, stretch: tuple[int, int]) -> _Part:
    from qingyuan_science.detect._loops.waves import products

    known = target[slice(*stretch)]
    return _Part(known.size, products(rows, stretch), rows[:, slice(*stretch)] @ known, float(known.sum()))


def _ridge(parts: Iterable[_Part], waves: int, stiffness: float) -> tuple[Floats, float]:
    """Weights of the features, and the mean beside which they stand, learned from all parts together."""
    count, square, product, total = (reduce(add, several) for several in zip(*parts, strict=True))
    penalty = np.full(len(square), stiffness)
    penalty[-waves:] *= waves / _LOUDNESS
    mean, product = total / count, product - total / count * square[0]  # the first feature is 1
    square = square.copy()
    square.reshape(-1)[:: len(square) + 1] += penalty
    return np.linalg.solve(square, product), mean


def _middle_and_spread(rows: Floats) -> tuple[Floats, Floats]:
    """Median and standard deviation of each column, what is not known left out; 0 where nothing is known."""
    from qingyuan_science.detect._loops.waves import middle_and_spread

    columns = np.ascontiguousarray(rows.T)
    return middle_and_spread(np.sort(np.where(np.isfinite(columns), columns, np.nan), axis=1))
