"""The binomial event discriminator: so many outliers among the last few rows are no chance."""

from math import comb

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def binomial_cdf(count: int, trials: int, share: float) -> float:
    """Probability of at most so many successes.

    Parameters
    ----------
    count, trials : int
        Successes and trials.
    share : float
        Probability of a success in one trial [1].

    Returns
    -------
    float
        The probability [1].

    Source
    ------
    Bernoulli 1713, Ars Conjectandi; values as in any table of the binomial distribution.

    Examples
    --------
    >>> binomial_cdf(4, 6, 0.5)
    0.890625
    """
    return sum(comb(trials, at) * share**at * (1.0 - share) ** (trials - at) for at in range(count + 1))


def event_probability(outliers: int, window: int, share: float) -> float:
    """Probability that outliers in a window are an event and no chance.

    Parameters
    ----------
    outliers, window : int
        Outliers among so many rows.
    share : float
        Share of outliers that chance gives [1].

    Returns
    -------
    float
        Probability that chance gives no more than these [1].

    Source
    ------
    McKenna, Hart, Klise, Cruz, Wilson 2007, ASCE World Environmental and Water Resources Congress, "Event detection
    from water quality time series": binomial event discriminator; EPA/600/R-10/036 describes it for CANARY.
    """
    return binomial_cdf(outliers, window, share)


def least_outliers(window: int, share: float, probability: float) -> int:
    """Return how many outliers in a window make an event.

    Parameters
    ----------
    window : int
        Rows in the window.
    share : float
        Share of outliers that chance gives [1].
    probability : float
        Event probability to be reached [1].

    Returns
    -------
    int
        The least number, at least 1; the whole window where no number reaches the probability.

    Examples
    --------
    With the settings of the tutorial of CANARY for its station B, four of six:

    >>> least_outliers(6, 0.5, 0.85)
    4
    """
    reaching = (count for count in range(1, window) if event_probability(count, window, share) >= probability)
    return next(reaching, window)


def nth_largest(score: Floats, window: int, count: int) -> Floats:
    """Return the score that so many of the last rows reach.

    Parameters
    ----------
    score : ndarray of shape (window - 1 + n,)
        Scores, those of the rows before first [1].
    window, count : int
        Rows looked at, and how many of them must reach the score.

    Returns
    -------
    ndarray of shape (n,)
        At least ``count`` of the last ``window`` rows exceed a threshold exactly where this value does, so that the
        discriminator becomes a score to which a threshold can be learned.
    """
    from qingyuan_science.detect._loops.scores import nth_of_windows

    return nth_of_windows(score, window, window - count)
