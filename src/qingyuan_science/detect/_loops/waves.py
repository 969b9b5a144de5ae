"""The table of a regression on values, their products and random cosine waves."""

from math import factorial, pi
from typing import Final

import numpy as np

from qingyuan_science.detect._loops import fused
from qingyuan_science.detect._tables import Floats

Scale = tuple[Floats, Floats, float]

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
def _values_and_products(rows: Floats, scale: Scale, found: Floats) -> None:
    values, at, (middle, spread, farthest) = rows.shape[1], rows.shape[1] + 1, scale
    found[0] = 1.0
    for one in range(values):
        for number in range(len(rows)):
            apart = min(max((rows[number, one] - middle[one]) / spread[one], -farthest), farthest)
            found[1 + one, number] = apart if np.isfinite(rows[number, one]) else 0.0
    for one in range(1, values + 1):
        for other in range(one, values + 1):
            product, value, by = found[at], found[one], found[other]
            for number in range(product.size):
                product[number] = 0.5 * value[number] * by[number]
            at += 1


@fused
def _angles(values: Floats, waves: Floats, phases: Floats, found: Floats) -> None:
    for wave in range(phases.size):
        angle = found[wave]
        angle[:] = phases[wave]
        for one in range(len(values)):
            times, value = waves[one, wave], values[one]
            for number in range(angle.size):
                angle[number] += times * value[number]


def table(rows: Floats, scale: Scale, waves: Floats, phases: Floats) -> Floats:
    """The features of rows.

    Parameters
    ----------
    rows : ndarray of shape (n, k)
        Values; what is not finite counts as usual.
    scale : tuple
        What is usual of each value, its spread, and how many spreads away it says no more.
    waves, phases : ndarray of shape (k, w), (w,)
        Directions of the waves, on the scale of spreads, and their phases [rad].

    Returns
    -------
    ndarray of shape (f, n)
        For each row 1, its scaled values, half their products two by two, and the cosines of the waves; a row has the
        same features whatever other rows there are.
    """
    values = rows.shape[1]
    first = 1 + values + values * (values + 1) // 2
    found = np.empty((first + phases.size, len(rows)))
    _values_and_products(rows, scale, found)
    _angles(found[1 : values + 1], waves, phases, found[first:])
    _cosines(found[first:].reshape(-1))  # in one loop of its own, which a compiler can lay out in lanes
    return found


@fused
def weighed(features: Floats, weights: Floats, more: float) -> Floats:
    """The weighed sum of the features of each row, and some more; the same whatever other rows there are."""
    found = np.full(features.shape[1], more)
    for one in range(weights.size):
        weight, feature = weights[one], features[one]
        for number in range(found.size):
            found[number] += weight * feature[number]
    return found
