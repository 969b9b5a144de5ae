"""Loops that keep the values of a moving window in order."""

import numpy as np

from qingyuan_science.detect._loops import compiled
from qingyuan_science.detect._tables import Floats


@compiled
def _without(ordered: Floats, known: int, value: float) -> int:
    """Take a value out of those in order; answers how many are left."""
    for at in range(np.searchsorted(ordered[:known], value), known - 1):
        ordered[at] = ordered[at + 1]
    return known - 1


@compiled
def _with(ordered: Floats, known: int, value: float) -> int:
    """Put a value among those in order; answers how many they are now."""
    place = np.searchsorted(ordered[:known], value)
    for at in range(known, place, -1):
        ordered[at] = ordered[at - 1]
    ordered[place] = value
    return known + 1


@compiled
def medians_before(rows: Floats, window: int, least: float) -> Floats:
    """The median of so many rows before each row but the first of them; NaN where fewer than `least` are known."""
    found, ordered = np.full((len(rows) - window, rows.shape[1]), np.nan), np.empty(window + 1)
    for signal in range(rows.shape[1]):
        known = 0
        for at in range(len(rows) - 1):
            if at >= window and np.isfinite(rows[at - window, signal]):
                known = _without(ordered, known, rows[at - window, signal])
            if np.isfinite(rows[at, signal]):
                known = _with(ordered, known, rows[at, signal])
            if at + 1 >= window and known >= max(least, 1.0):
                found[at + 1 - window, signal] = (ordered[(known - 1) // 2] + ordered[known // 2]) / 2.0
    return found
