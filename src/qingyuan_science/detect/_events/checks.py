"""Checks of each signal before it is believed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Bounds:
    """What a signal can be at all.

    Parameters
    ----------
    low, high : float
        Between which values the sensor can read [unit of the signal].
    stuck : int
        From how many equal values in a row a signal counts as stuck; 0 never [rows].
    """

    low: float = -np.inf
    high: float = np.inf
    stuck: int = 0


@dataclass(frozen=True)
class Checked:
    """Rows with only the values that can be believed, and how many could not be.

    Parameters
    ----------
    rows : ndarray of shape (n, s)
        The values; NaN where missing, impossible or stuck [unit of each signal].
    missing, impossible, stuck : ndarray of int, shape (s,)
        How many values of each signal were left out, and why.
    run : ndarray of int, shape (s,)
        Equal values in a row at the end, for the next rows.
    last : ndarray of shape (s,)
        Last value of each signal, for the next rows.
    """

    rows: Floats
    missing: NDArray[np.int64]
    impossible: NDArray[np.int64]
    stuck: NDArray[np.int64]
    run: NDArray[np.int64]
    last: Floats


def checked(rows: Floats, bounds: tuple[Bounds, ...], before: Checked | None = None) -> Checked:
    """Leave out what cannot be believed.

    Parameters
    ----------
    rows : ndarray of shape (n, s)
        Values in order of time [unit of each signal].
    bounds : tuple[Bounds, ...]
        What each signal can be.
    before : Checked or None
        What was found in the rows before.

    Returns
    -------
    Checked
        The rows; a stuck signal is left out from the value on at which it counts as stuck.
    """
    low, high = (np.array([getattr(one, end) for one in bounds]) for end in ("low", "high"))
    limit = np.array([one.stuck or np.iinfo(np.int64).max for one in bounds])
    missing = np.isnan(rows)
    impossible = ~missing & ((rows < low) | (rows > high) | np.isinf(rows))
    run = np.zeros((len(rows) + 1, rows.shape[1]), dtype=np.int64)
    last = np.full(rows.shape[1], np.nan)
    if before is not None:
        run[0], last = before.run, before.last
    earlier = np.vstack([last, rows[:-1]]) if len(rows) else rows
    for at, same in enumerate(rows == earlier, start=1):
        run[at] = np.where(same, run[at - 1] + 1, 1)
    stuck = ~missing & ~impossible & (run[1:] >= limit)
    kept = np.where(missing | impossible | stuck, np.nan, rows)
    none, wrong, still = (kind.sum(axis=0).astype(np.int64) for kind in (missing, impossible, stuck))
    return Checked(kept, none, wrong, still, run[-1], rows[-1] if len(rows) else last)
