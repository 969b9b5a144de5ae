"""Flow as the weight of a concentration: which flow belongs to which value, and the mass that the two make."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.series.measured import Series
from qingyuan_science.series.times import SECOND
from qingyuan_science.units import IncompatibleUnits, convert, scale

_KILOGRAMS_A_MILLIGRAM = 1e-6


@dataclass(frozen=True)
class Weights:
    """The flow that belongs to each value of a series.

    Parameters
    ----------
    flow : ndarray of float64, shape (n,)
        Flow at the instant of each value; 0 where it is not known or the value is not used [L/s].
    known : ndarray of bool, shape (n,)
        Whether a valid flow stands beside a used value.
    """

    flow: NDArray[np.float64]
    known: NDArray[np.bool_]


def weights_of(series: Series, flow: Series, used: NDArray[np.bool_]) -> Weights:
    """Find the flow beside each used value of a series.

    Parameters
    ----------
    series : Series
        The values to be weighted.
    flow : Series
        Flow, stamped as the values are [a unit that converts to L/s].
    used : ndarray of bool, shape (n,)
        Which of the values take part.

    Returns
    -------
    Weights
        A flow below nothing, as drift gives it, weighs nothing.

    Raises
    ------
    qingyuan_science.units.IncompatibleUnits
        ``flow`` is no flow.
    """
    place, beside = beside_of(flow, series.at)
    known = beside & used
    if not known.any():
        return Weights(convert(np.zeros(len(series)), flow.unit, "L/s"), known)
    known &= flow.valid[place]
    rate = convert(np.maximum(np.where(known, flow.value[place], 0.0), 0.0), flow.unit, "L/s")
    return Weights(rate, known)


def beside_of(other: Series, at: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Find the values of another series that are stamped with given times.

    Parameters
    ----------
    other : Series
        The series to look in.
    at : ndarray of int64, shape (n,)
        Times [µs].

    Returns
    -------
    tuple of ndarray, each of shape (n,)
        The place of each in ``other``, and whether there is one; a place means nothing where there is none.
    """
    if not len(other):
        return np.zeros(at.size, dtype=np.intp), np.zeros(at.size, dtype=np.bool_)
    place = np.minimum(np.searchsorted(other.at, at), len(other) - 1)
    return place, other.at[place] == at


def is_concentration(unit: str) -> bool:
    """Whether a unit is one of mass in water, so that flow may weight it.

    Parameters
    ----------
    unit : str
        A unit.

    Returns
    -------
    bool
        False for what only accompanies a concentration, such as a temperature or a conductivity.
    """
    try:
        scale(unit, "mg/L")
    except IncompatibleUnits:
        return False
    return True


def kilograms(series: Series, weights: Weights) -> NDArray[np.float64]:
    """Mass that passed at each value.

    Parameters
    ----------
    series : Series
        Concentrations of one spacing [mg/L or a unit like it].
    weights : Weights
        Their flow.

    Returns
    -------
    ndarray of shape (n,)
        Mass in one spacing [kg].

    Source
    ------
    HJ 212-2017, annex D.3: ΔG = ΔD · C, with ΔD = Q · T.
    """
    value = convert(np.where(weights.known, series.value, 0.0), series.unit, "mg/L")
    return np.asarray(value * weights.flow * (series.period / SECOND) * _KILOGRAMS_A_MILLIGRAM)
