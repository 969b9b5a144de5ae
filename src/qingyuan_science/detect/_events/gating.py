"""Times at which the signals move for a known reason: rain, a change of flow, a step in the plant."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


def after_rain(rain: Floats, least: float, rows: int) -> Mask:
    """Mark rows in and after rain.

    Parameters
    ----------
    rain : ndarray of shape (n,)
        Rain of each row; NaN counts as none [mm].
    least : float
        From how much a row counts as rain [mm].
    rows : int
        For how many rows after rain the water still shows it [rows].

    Returns
    -------
    ndarray of bool, shape (n,)
        The rows concerned; a row's mark depends on that row and earlier ones only.
    """
    return _held(np.nan_to_num(rain, nan=0.0) >= least, rows)


def after_steps(operation: Floats, least: float, rows: int) -> Mask:
    """Mark rows at and after a step of flow, pressure or the state of a pump.

    Parameters
    ----------
    operation : ndarray of shape (n,)
        Signal of operation; NaN counts as no step [unit].
    least : float
        Change from one row to the next that counts as a step [unit].
    rows : int
        For how many rows after a step the water still shows it [rows].

    Returns
    -------
    ndarray of bool, shape (n,)
        The rows concerned.
    """
    change = np.abs(np.diff(operation, prepend=operation[:1]))
    return _held(np.nan_to_num(change, nan=0.0) >= least, rows)


def _held(cause: Mask, rows: int) -> Mask:
    index = np.arange(cause.size)
    last = np.maximum.accumulate(np.where(cause, index, -rows - 1))
    return np.asarray(index - last <= rows)
