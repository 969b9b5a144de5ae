"""How far days depart from what was expected of them, beside what is usual at their level, alone and together."""

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.detect._surprise import LEAST_LEARNED
from qingyuan_science.detect._tables import Floats

_MEAN_LOG = -0.635  # mean of the logarithm of the size of a standard normal figure: -(Euler's constant + log 2) / 2


def usual_spread(rest: Floats, level: Floats, learned: NDArray[np.bool_], least: float) -> Floats:
    """Return how far days of each level usually lie from what was expected.

    Parameters
    ----------
    rest : ndarray of shape (d,)
        What was found less what was expected, a figure a day, best of logarithms.
    level : ndarray of shape (d,)
        What was expected.
    learned : ndarray of bool, shape (d,)
        The days from which it is learned.
    least : float
        Least spread that means anything.

    Returns
    -------
    ndarray of shape (d,)
        The spread at the level of each day, as a standard deviation; NaN where a day has no level.

    Source
    ------
    Harvey 1976, Estimating regression models with multiplicative heteroscedasticity, Econometrica 44: the logarithm of
    the size of the rest, as a straight line of the level.

    Notes
    -----
    An analyser is off by a share of the level, and by some units whatever the level: the logarithm of clean days moves
    more. Beyond the levels learned from, the spread stays what it is at their ends.
    """
    known = learned & np.isfinite(rest) & np.isfinite(level)
    if np.count_nonzero(known) < LEAST_LEARNED:
        return np.where(np.isfinite(level), least, np.nan)
    size, at = np.log(np.maximum(np.abs(rest[known]), least)), level[known]
    middle = at.mean()
    apart = at - middle
    square = float((apart * apart).sum())
    slope = float((apart * size).sum()) / square if square > 0.0 else 0.0
    line = size.mean() - _MEAN_LOG + slope * (np.clip(level, at.min(), at.max()) - middle)
    return np.asarray(np.maximum(np.exp(line), least))


def together(rest: Floats, spread: Floats, count: int) -> tuple[Floats, Floats]:
    """Put days together, so that a departure that lasts stands out from what comes and goes.

    Parameters
    ----------
    rest, spread : ndarray of shape (d,)
        What each day departs by, and what is usual; NaN is left out.
    count : int
        How many days: the day itself and those before it [d].

    Returns
    -------
    ndarray of shape (d,), ndarray of shape (d,)
        Mean of the days, those that usually spread less weighing more (inverse of the variance), and the spread that
        the mean of such days would have if they were independent; NaN where the day itself is not known.
    """
    weight = np.where(np.isfinite(rest), spread**-2.0, 0.0)
    weighed = np.where(weight > 0.0, rest * weight, 0.0)
    total, mean = weight.copy(), weighed.copy()
    for back in range(1, count):
        total[back:] += weight[:-back]
        mean[back:] += weighed[:-back]
    known = weight > 0.0
    scale = np.where(known, total, 1.0)
    return np.where(known, mean / scale, np.nan), np.where(known, scale**-0.5, np.nan)
