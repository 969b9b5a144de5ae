"""Whether monthly values rise or fall over the years: the seasonal Mann-Kendall test with Sen's slope."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
LEAST_YEARS = 3
_TWO_SIDED_95 = 1.959963984540054  # quantile of the normal distribution


@dataclass(frozen=True)
class Trend:
    """What the test says.

    Parameters
    ----------
    score : int
        Mann-Kendall score, over all seasons: pairs of years that rose less pairs that fell.
    variance : float
        Its variance without a trend, ties counted.
    z : float
        The score in standard deviations, corrected for continuity.
    p : float
        Probability of such a score, or one farther from nought, without a trend; two-sided.
    slope, low, high : float [unit per year]
        Sen's slope over all seasons, and the limits of its 95 % confidence interval.
    values : int
        Values that were compared.
    """

    score: int
    variance: float
    z: float
    p: float
    slope: float
    low: float
    high: float
    values: int

    def is_clear(self, level: float = 0.05) -> bool:
        """Whether the test rejects that there is no trend."""
        return self.p < level


def long_enough(values: Values) -> bool:
    """Whether a record is long enough for the test.

    Parameters
    ----------
    values : ndarray, shape (years, seasons)
        NaN where there is no value.

    Returns
    -------
    bool
        At least three years of values in three quarters of the seasons.

    Source
    ------
    Hirsch, Slack and Smith (1982) found the normal distribution good enough from three years of monthly values on; that
    a quarter of the seasons may lack them is this project's choice.
    """
    enough = (~np.isnan(values)).sum(axis=0) >= LEAST_YEARS
    return bool(enough.sum() * 4 >= values.shape[1] * 3)


def seasonal_trend(values: Values) -> Trend | None:
    """Test for a trend that is the same in every season, and estimate its slope.

    Parameters
    ----------
    values : ndarray, shape (years, seasons) [unit]
        One value a season and year, for example a month; NaN where there is none. Years without a row would shift the
        slope: leave them in as NaN.

    Returns
    -------
    Trend or None
        None where no two values of a season can be compared, or all values are equal. Whether the record is long enough
        to believe it is told by `long_enough`.

    Notes
    -----
    Values of neighbouring months are taken as independent; where they are not, the true p is larger.

    Source
    ------
    Hirsch, Slack and Smith (1982), Techniques of trend analysis for monthly water quality data, Water Resources
    Research 18, 107-121; Sen (1968), Journal of the American Statistical Association 63, 1379-1389; the interval as in
    Gilbert (1987), Statistical Methods for Environmental Pollution Monitoring, 16.4 and 17.3.

    Examples
    --------
    >>> found = seasonal_trend(np.array([[10.0, 10, 10, 5, 10, 20, 18, 17, 15, 24, 15]]).T)
    >>> found.score, round(found.variance, 2), round(found.z, 3)
    (22, 155.33, 1.685)
    """
    score, variance, slopes = 0, 0.0, [np.empty(0)]
    for season in values.T:
        years = np.flatnonzero(~np.isnan(season))
        known = season[years]
        later, earlier = np.tril_indices(len(known), -1)
        rises = known[later] - known[earlier]
        score += int(np.sign(rises).sum())
        variance += _variance(known)
        slopes.append(rises / (years[later] - years[earlier]))
    ordered = np.sort(np.concatenate(slopes))
    if not len(ordered) or variance <= 0:
        return None
    deviation = math.sqrt(variance)
    z = (score - (score > 0) + (score < 0)) / deviation
    low, high = _interval(ordered, deviation)
    p = math.erfc(abs(z) / math.sqrt(2.0))
    return Trend(score, variance, z, p, float(np.median(ordered)), low, high, int((~np.isnan(values)).sum()))


def _variance(known: Values) -> float:
    """Variance of one season's score; equal values make it smaller."""
    _, tied = np.unique(known, return_counts=True)
    count = len(known)
    return float(count * (count - 1) * (2 * count + 5) - (tied * (tied - 1) * (2 * tied + 5)).sum()) / 18.0


def _interval(ordered: Values, deviation: float) -> tuple[float, float]:
    reach = _TWO_SIDED_95 * deviation
    ranks = [(len(ordered) - reach) / 2.0, (len(ordered) + reach) / 2.0 + 1.0]
    low, high = np.interp(ranks, np.arange(1, len(ordered) + 1), ordered)
    return float(low), float(high)
