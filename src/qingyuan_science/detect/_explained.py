"""What other channels let expect of a channel, learned again and again from the past only."""

from functools import cache
from math import ceil
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
    inputs : ndarray of shape (k, n)
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
    from qingyuan_science.detect._loops import expectations

    least, parts = ceil(_LEAST_HOURS * len(inputs)), ceil(learning.window_days / learning.again_days)
    times = expectations.Times(learning.first_days, learning.again_days, parts, least)
    used, first = expectations.gathered(target, inputs, days.spans, times)
    if not used[2].size:
        return np.full(target.size, np.nan)
    scale = (*_middle_and_spread(first), _FARTHEST)
    how = times, scale, _waves(len(inputs)), _penalty(len(inputs), learning.stiffness)
    return expectations.told((target, inputs), used, days.spans, how)


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


@cache
def _penalty(inputs: int, stiffness: float) -> Floats:
    """How much the coefficient of each feature is held back."""
    waves = _TURNS * inputs
    penalty = np.full(1 + inputs + inputs * (inputs + 1) // 2 + waves, stiffness)
    penalty[-waves:] *= waves / _LOUDNESS
    return penalty


def _middle_and_spread(rows: Floats) -> tuple[Floats, Floats]:
    """Median and standard deviation of each row, NaN left out; 0 where nothing is known."""
    from qingyuan_science.detect._loops.waves import middle_and_spread

    rows.sort(axis=1)
    return middle_and_spread(rows)
