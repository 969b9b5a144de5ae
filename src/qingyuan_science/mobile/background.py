"""What the air would hold along a drive without the sources beside the road."""

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.mobile.track import Floats
from qingyuan_science.series import SECOND

WINDOW_S, PERCENTILE = 600.0, 10.0
KNOTS = 20  # the percentile is taken so many times a window, and in between lies a straight line


def background(
    at: NDArray[np.int64], value: Floats, window: float = WINDOW_S, percentile: float = PERCENTILE
) -> Floats:
    """Return the background at each reading: a low percentile of the readings around it.

    Parameters
    ----------
    at : ndarray of int64, shape (n,)
        Ascending. [µs]
    value : ndarray of float64, shape (n,)
        [unit]
    window : float
        The readings up to half of this before and after count. [s]
    percentile : float
        Which one of them. [%]

    Returns
    -------
    ndarray of float64, shape (n,) [unit]
        Never above the reading itself.

    Source
    ------
    After the idea of Brantley et al. 2014, Atmos. Meas. Tech. 7: the background is drawn through the low values of the
    time series itself. The percentile, the window of ten minutes, and that it is never above the reading are our own
    choice: long against the passage of a plume (some 10 to 60 s), short against the day's course of the city.

    Examples
    --------
    >>> calm = np.full(601, 20.0)
    >>> calm[300:330] = 80.0  # half a minute through a plume
    >>> set(background(np.arange(601) * 1_000_000, calm).tolist())
    {20.0}
    """
    if not at.size:
        return np.zeros(0)
    seconds = at / SECOND
    count = max(int(np.ceil((seconds[-1] - seconds[0]) / (window / KNOTS))), 1) + 1
    knots = np.linspace(seconds[0], seconds[-1], count)
    firsts = np.searchsorted(seconds, knots - window / 2, side="left")
    afters = np.searchsorted(seconds, knots + window / 2, side="right")
    level = [
        np.percentile(value[first:after], percentile) if after > first else np.nan
        for first, after in zip(firsts, afters, strict=True)
    ]
    known = np.isfinite(level)
    return np.asarray(np.minimum(np.interp(seconds, knots[known], np.asarray(level)[known]), value))
