"""What other channels let expect of a channel, learned again and again from the past only."""

from typing import NamedTuple

import numpy as np

from qingyuan_science.detect._days import Days
from qingyuan_science.detect._tables import Floats, figures, medians

_LEAST_VALUES = 8
_LEAST_HOURS = 10.0  # learned values for each input
_MOST_ROWS = 5000  # more are thinned out evenly: hours in a row say much the same
_WAVES = 150
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
    Rahimi and Recht 2007, Random features for large-scale kernel machines, NIPS 20.
    """
    random = np.random.default_rng(0)  # the waves are part of the method: the same in every run
    waves = _WIDTH * random.standard_normal((inputs.shape[1], _WAVES)), random.uniform(0.0, 2.0 * np.pi, _WAVES)
    told = np.full(target.size, np.nan)
    for begin in range(learning.first_days, len(days), learning.again_days):
        end = min(begin + learning.again_days, len(days))
        known = slice(days.first[max(0, begin - learning.window_days)], days.last[begin - 1])
        wanted = slice(days.first[begin], days.last[end - 1])
        use = np.isfinite(target[known]) & np.isfinite(inputs[known]).any(axis=1)
        if use.sum() >= _LEAST_HOURS * inputs.shape[1]:
            chosen = np.flatnonzero(use)[:: -(-int(use.sum()) // _MOST_ROWS)]
            told[wanted] = _ridge(
                inputs[known][chosen], target[known][chosen], inputs[wanted], waves, stiffness=learning.stiffness
            )
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
    return np.asarray(figures(value, np.isfinite(value), days.spans, medians, least=_LEAST_VALUES)[0])


def _ridge(known: Floats, target: Floats, wanted: Floats, waves: tuple[Floats, Floats], *, stiffness: float) -> Floats:
    from qingyuan_science.detect._loops.waves import table

    filled = np.where(np.isfinite(known), known, np.nan)
    filled[:, ~np.isfinite(filled).any(axis=0)] = 0.0
    middle, spread = _middle_and_spread(filled)

    def features(rows: Floats) -> Floats:
        return table(np.nan_to_num(np.clip((rows - middle) / spread, -_FARTHEST, _FARTHEST)), *waves)

    learned, mean = features(known), float(target.mean())
    weights = np.linalg.solve(learned.T @ learned + stiffness * np.eye(learned.shape[1]), learned.T @ (target - mean))
    expectation: Floats = features(wanted) @ weights + mean
    return expectation


def _middle_and_spread(rows: Floats) -> tuple[Floats, Floats]:
    """Median and standard deviation of each column, NaN left out."""
    known = np.isfinite(rows)
    middle = [float(medians(column[used][None])[0]) for column, used in zip(rows.T, known.T, strict=True)]
    count = known.sum(axis=0)
    apart = np.where(known, rows - np.where(known, rows, 0.0).sum(axis=0) / count, 0.0)
    return np.array(middle), np.sqrt((apart * apart).sum(axis=0) / count) + 1e-12
