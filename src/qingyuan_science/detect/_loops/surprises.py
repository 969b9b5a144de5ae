"""The loop that shows, without weighing each day, that no figure of any judged day surprises enough to be told."""

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.compiling import compiled
from qingyuan_science.detect._tables import Floats

_MARGIN = 1e-6  # of a logarithm; far more than two ways of computing it differ by


@compiled
def _compared(values: Floats, spread: Floats, low_is_strange: bool, as_ratio: bool) -> Floats:
    """Figures on the scale on which greater is stranger; NaN where nothing is known."""
    found = np.empty(values.size)
    for day in range(values.size):
        value = np.log(max(values[day], 1e-12)) if as_ratio and np.isfinite(values[day]) else values[day]
        value = (-value if low_is_strange else value) / (spread[day] if spread.size else 1.0)
        found[day] = value if np.isfinite(value) else np.nan
    return found


@compiled
def _tail(known: Floats, grain: float, part: float) -> tuple[float, float, float, float]:
    """How far the learned figures reach: begin of the tail, its share of days, its peaks and what they add up to."""
    ordered = np.sort(known)
    at = (ordered.size - 1) * (1.0 - part)
    low, high, beside = ordered[int(at)], ordered[min(int(at) + 1, ordered.size - 1)], at - int(at)
    start = low + (high - low) * beside if beside < 0.5 else high - (high - low) * (1.0 - beside)
    whole, met, peak = 0.0, 0, 0.0
    for day in range(known.size + 1):
        if day < known.size and known[day] > start:
            peak = max(peak, known[day] - start)
        elif peak > 0.0:
            whole, met, peak = whole + peak, met + 1, 0.0
    return start, (met + 1.0) / (known.size + 1.0), max(met, 1.0), max(whole, max(met, 1) * grain)


@compiled
def _beyond(figure: Floats, learned: NDArray[np.bool_], known: Floats, tail: tuple[float, float]) -> Floats:
    """The surprise of judged days beyond all that were learned, to a margin; of what else is known, 0."""
    found, most, ready = np.full(figure.size, np.nan), known.max(), False
    start, share, met, whole = 0.0, 0.0, 0.0, 0.0
    for day in range(figure.size):
        if learned[day] or np.isnan(figure[day]):
            continue
        found[day] = 0.0
        if figure[day] > most - _MARGIN * max(1.0, abs(most)):
            if not ready:
                (start, share, met, whole), ready = _tail(known, tail[0], tail[1]), True
            chance = share * (1.0 + max(figure[day] - start, 0.0) / whole) ** -met if whole > 0.0 else 0.0
            found[day] = -np.log10(max(min(1.0 / (1.0 + known.size), chance), 1e-300))
    return found


@compiled
def quiet(
    figures: tuple[Floats, Floats], traits: Floats, learned: NDArray[np.bool_], how: tuple[float, int, float]
) -> bool:
    """Whether surely no judged day's surprise, of all its figures together, passes a level.

    Parameters
    ----------
    figures : tuple of ndarray of shape (m, d)
        The figures of each day and their spreads, of which there may be no column.
    traits : ndarray of shape (m, 4)
        Of each figure its grain, whether low ones are strange, whether they are compared by ratio, and its weight.
    learned : ndarray of bool, shape (d,)
        The days learned from.
    how : tuple
        The level, how many days say what is usual, and which share of them shapes the tail.

    Returns
    -------
    bool
        False where it takes a closer look to tell.
    """
    (values, spreads), (level, least, tail) = figures, how
    each = np.full(values.shape, np.nan)
    for one in range(len(values)):
        figure = _compared(values[one], spreads[one], traits[one, 1] > 0.0, traits[one, 2] > 0.0)
        known, count = np.empty(figure.size), 0
        for day in range(figure.size):
            if learned[day] and np.isfinite(figure[day]):
                known[count], count = figure[day], count + 1
        if count < least:
            continue
        if not np.log10((1.0 + count) / 2.0) < level - _MARGIN:
            return False
        each[one] = _beyond(figure, learned, known[:count], (traits[one, 0], tail))
    for day in range(learned.size):
        total = 0.0
        for one in range(len(values)):
            total += 0.0 if np.isnan(each[one, day]) else traits[one, 3]
        for one in range(len(values)):
            if each[one, day] > 0.0 and each[one, day] + np.log10(traits[one, 3] / total) > level - _MARGIN:
                return False
    return level > 0.0
