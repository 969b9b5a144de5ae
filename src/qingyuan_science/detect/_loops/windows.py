"""Loops that keep the values of a moving window in order."""

import numpy as np

from qingyuan_science.detect._loops import compiled
from qingyuan_science.detect._tables import Floats, Spans


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
def _replaced(ordered: Floats, known: int, old: float, new: float) -> None:
    """Put a value in place of another one among those in order."""
    at = np.searchsorted(ordered[:known], old)
    while at + 1 < known and ordered[at + 1] < new:
        ordered[at] = ordered[at + 1]
        at += 1
    while at > 0 and ordered[at - 1] > new:
        ordered[at] = ordered[at - 1]
        at -= 1
    ordered[at] = new


@compiled
def medians_before(rows: Floats, window: int, least: float) -> Floats:
    """The median of so many rows before each row but the first of them; NaN where fewer than `least` are known."""
    found, ordered = np.full((len(rows) - window, rows.shape[1]), np.nan), np.empty(window + 1)
    for signal in range(rows.shape[1]):
        known = 0
        for at in range(window):
            if np.isfinite(rows[at, signal]):
                ordered[known] = rows[at, signal]
                known += 1
        ordered[:known] = np.sort(ordered[:known])
        for number in range(len(found)):
            if known >= max(least, 1.0):
                found[number, signal] = (ordered[(known - 1) // 2] + ordered[known // 2]) / 2.0
            old, new = rows[number, signal], rows[number + window, signal]
            if np.isfinite(old) and np.isfinite(new):
                _replaced(ordered, known, old, new)
            elif np.isfinite(old):
                known = _without(ordered, known, old)
            elif np.isfinite(new):
                known = _with(ordered, known, new)
    return found


@compiled
def medians(values: Floats, spans: Spans) -> Floats:
    """The median of each stretch, what is not finite left out; NaN where nothing is left."""
    found, known = np.full(spans[0].size, np.nan), np.empty(values.size)
    for number in range(spans[0].size):
        count = 0
        for at in range(spans[0][number], spans[1][number]):
            if np.isfinite(values[at]):
                known[count] = values[at]
                count += 1
        if count:
            ordered = np.sort(known[:count])
            found[number] = (ordered[(count - 1) // 2] + ordered[count // 2]) / 2.0
    return found
