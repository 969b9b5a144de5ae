"""The table of a regression on values, their products and random cosine waves."""

from math import factorial, pi
from typing import Final

import numpy as np

from qingyuan_science.detect._loops import fused
from qingyuan_science.detect._tables import Floats

_PI_REST: Final = 1.2246467991473532e-16  # of pi, beyond what a float holds
_SERIES: Final = tuple((-1) ** (term % 2) / factorial(2 * term) for term in range(11, -1, -1))


@fused
def _cosines(angle: Floats) -> None:
    """Put the cosine in place of each angle: of what is left beside whole half turns, by its series; to 1e-15. [rad]"""
    for at in range(angle.size):
        turns = np.floor(angle[at] / pi + 0.5)
        left = (angle[at] - turns * pi) - turns * _PI_REST
        square, cosine = left * left, 0.0
        for term in _SERIES:
            cosine = cosine * square + term
        angle[at] = cosine - 2.0 * (turns - 2.0 * np.floor(0.5 * turns)) * cosine


@fused
def table(scaled: Floats, waves: Floats, phases: Floats) -> Floats:
    """For each row 1, its values, half their products two by two, and the cosines of the waves."""
    values, products = scaled.shape[1], scaled.shape[1] * (scaled.shape[1] + 1) // 2
    first = 1 + values + products
    found = np.empty((len(scaled), first + phases.size))
    for number in range(len(scaled)):
        row, value = found[number], scaled[number]
        row[0], row[1 : values + 1] = 1.0, value
        at = values + 1
        for one in range(values):
            for other in range(one, values):
                row[at] = 0.5 * value[one] * value[other]
                at += 1
        angle = row[first:]
        angle[:] = phases
        for one in range(values):
            for wave in range(phases.size):
                angle[wave] += value[one] * waves[one, wave]
        _cosines(angle)
    return found
