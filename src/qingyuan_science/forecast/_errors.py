"""Past errors laid out by the hour at which a forecast would have been made and the hours ahead."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from qingyuan_science.forecast._hours import Floats, Hours


def ahead(value: Floats, horizon: int) -> Floats:
    """Lay out what came after each hour.

    Parameters
    ----------
    value : ndarray of float64, shape (n,)
        A value an hour.
    horizon : int
        Hours ahead. [h]

    Returns
    -------
    ndarray of float64, shape (n, horizon)
        In row i column k the value of hour i + k + 1; NaN after the last.

    Examples
    --------
    >>> ahead(np.array([1.0, 2.0, 3.0]), 2).tolist()
    [[2.0, 3.0], [3.0, nan], [nan, nan]]
    """
    padded = np.append(value, np.full(horizon, np.nan))
    return sliding_window_view(padded[1:], horizon)


def since(hours: Hours, scaled: Floats, horizon: int) -> Floats:
    """How far the values went from that of each valid hour.

    Parameters
    ----------
    hours : Hours
        Which are valid.
    scaled : ndarray of float64, shape (n,)
        Values on the scale of errors, with NaN where none is valid.
    horizon : int
        Hours ahead. [h]

    Returns
    -------
    ndarray of float64, shape (m, horizon)
        A row each valid hour but the newest.
    """
    starts = np.flatnonzero(hours.valid[:-1])
    moved: Floats = ahead(scaled, horizon)[starts] - scaled[starts, None]
    return moved
