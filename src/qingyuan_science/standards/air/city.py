"""From the assessment points of a city to the city."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qingyuan_science.standards.air.running import least_counts

Values = NDArray[np.float64]


def city_mean(points: ArrayLike, total: int, share: float | None = None) -> tuple[Values, NDArray[np.int64]]:
    """Concentration of a city: the mean over its assessment points, never a mean of their indices.

    Parameters
    ----------
    points : float array, shape (points, ...) [any unit]
        Means at each point; NaN where a point has no valid value.
    total : int
        Assessment points that the city has.
    share : float, optional [1]
        Share of the points that must be valid; 0.75 if left out.

    Returns
    -------
    tuple of ndarray, shape (...)
        The mean, NaN with too few valid points, and how many are valid.

    Source
    ------
    HJ 663-2013, city scale (not checked against the text).

    Examples
    --------
    >>> mean, valid = city_mean([[30.0], [40.0], [float("nan")], [50.0]], total=4)
    >>> float(mean[0]), int(valid[0])
    (40.0, 3)
    """
    values = np.asarray(points, dtype=np.float64)
    valid = ~np.isnan(values)
    count = valid.sum(axis=0)
    mean = np.where(valid, values, 0.0).sum(axis=0) / np.maximum(count, 1)
    return np.where(count >= points_needed(total, share), np.round(mean, 9), np.nan), count


def points_needed(total: int, share: float | None = None) -> int:
    """How many points of a city must be valid.

    Parameters
    ----------
    total : int
        Assessment points that the city has.
    share : float, optional [1]
        Share of the points; 0.75 if left out.

    Returns
    -------
    int
        At least one.

    Source
    ------
    HJ 663-2013, city scale (not checked against the text).

    Examples
    --------
    >>> points_needed(4), points_needed(5)
    (3, 4)
    """
    wanted = least_counts()[0]["share_of_points"] if share is None else share
    return max(1, math.ceil(round(wanted * total, 9)))
