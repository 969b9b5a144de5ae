"""Loops over rows of several signals: their joint score, and which score so many of the last rows reach."""

import numpy as np

from qingyuan_science.compiling import compiled
from qingyuan_science.detect._loops.stretches import summed
from qingyuan_science.detect._loops.windows import put_in_order
from qingyuan_science.detect._tables import Floats, Positions


@compiled
def norms(deviations: Floats, cap: float) -> Floats:
    """The root of the summed squares of each row, each value up to a cap; what is not known adds nothing."""
    found, squares = np.empty(len(deviations)), np.empty(deviations.shape[1])
    for number in range(len(deviations)):
        for signal in range(squares.size):
            size = min(abs(deviations[number, signal]), cap)
            squares[signal] = 0.0 if np.isnan(deviations[number, signal]) else size * size
        found[number] = np.sqrt(summed(squares))
    return found


@compiled
def nth_of_windows(score: Floats, window: int, place: int) -> Floats:
    """Of each window of scores the one at a place in order of value; the windows are few scores long."""
    found, part = np.empty(max(0, score.size - window + 1)), np.empty(window)
    for first in range(found.size):
        part[:] = score[first : first + window]
        put_in_order(part)
        found[first] = part[place]
    return found


@compiled
def lasting(between: tuple[Floats, Positions], share: float, held: Floats, least: tuple[int, Floats]) -> Floats:
    """Quantiles time after time, each signal's between two values of so many, after what held before; shape (t + 1, s).

    Where one is of too few values, it stays what it was; none is less than the least.
    """
    bounds, counts = between
    found = np.empty((len(counts) + 1, held.size))
    found[0] = held
    for signal in range(held.size):
        last = held[signal]
        for number in range(len(counts)):
            low, high = bounds[0, number, signal], bounds[1, number, signal]
            place = max(counts[number, signal] - 1, 0) * share
            part = place - int(place)
            if counts[number, signal] >= least[0]:
                last = low + (high - low) * part if part < 0.5 else high - (high - low) * (1.0 - part)
            found[number + 1, signal] = max(last, least[1][signal])
    return found
