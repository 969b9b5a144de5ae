"""Gas concentrations converted (折算) to the reference oxygen content."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qingyuan_science.series.errors import AirOxygen
from qingyuan_science.series.measured import Series
from qingyuan_science.series.vocabulary import Mark
from qingyuan_science.series.weights import beside_of

OXYGEN_OF_AIR = 21.0
_RANK = {mark.value: place for place, mark in enumerate(Mark)}
_MARKS = np.array([mark.value for mark in Mark], dtype="<U1")


def convertible(oxygen: ArrayLike) -> NDArray[np.bool_]:
    """Tell which oxygen contents are those of flue gas: from 0 to below that of air.

    Parameters
    ----------
    oxygen : float array of any shape [%]

    Returns
    -------
    ndarray of bool
        False for NaN.
    """
    content = np.asarray(oxygen, dtype=np.float64)
    return np.asarray((content >= 0) & (content < OXYGEN_OF_AIR))


def at_reference(concentration: ArrayLike, oxygen: ArrayLike, reference: float) -> NDArray[np.float64]:
    """Convert concentrations to the reference oxygen content.

    Parameters
    ----------
    concentration : float array of any shape [mg/m3]
        Dry, at standard state.
    oxygen : float array of the same shape [%]
        Oxygen content measured, dry.
    reference : float [%]
        Reference oxygen content of the plant.

    Returns
    -------
    ndarray [mg/m3]
        NaN where the oxygen content is not from 0 to below that of air.

    Raises
    ------
    AirOxygen
        ``reference`` is not from 0 to below 21.

    Source
    ------
    GB 13271-2014, 5.2; HJ 212-2017, annex D.4.

    Examples
    --------
    >>> at_reference([35.0, 35.0], [9.0, -9.0], 6.0).tolist()
    [43.75, nan]
    """
    if not bool(convertible(reference)):
        raise AirOxygen(f"found reference oxygen {reference} %, expected from 0 to below {OXYGEN_OF_AIR:g} %")
    content = np.where(convertible(oxygen), oxygen, np.nan)
    return np.asarray(concentration, dtype=np.float64) * (OXYGEN_OF_AIR - reference) / (OXYGEN_OF_AIR - content)


def converted(measured: Series, oxygen: Series, reference: float) -> Series:
    """Convert measured concentrations by the oxygen content at the same instants.

    Parameters
    ----------
    measured : Series
        Concentrations, dry and at standard state.
    oxygen : Series
        Oxygen content, dry, stamped as the concentrations are [%].
    reference : float
        Reference oxygen content of the plant [%].

    Returns
    -------
    Series
        One value for each instant at which both stand. Its mark is the stronger of the two; where the oxygen content is
        below nought, or that of air or above, there is no value and the mark is ``X``.

    Raises
    ------
    AirOxygen
        ``reference`` is not between 0 and 21.

    Source
    ------
    HJ 212-2017, annex D.4, conversion by oxygen content; GB 13271-2014, 5.2.

    Notes
    -----
    C = C' · (21 - reference) / (21 - oxygen).

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> noon = datetime(2026, 11, 22, 4, tzinfo=UTC)
    >>> dust = Series.starting(noon, [35.0], unit="mg/m3", step=3600)
    >>> converted(dust, Series.starting(noon, [9.0], unit="%", step=3600), 6.0).value.tolist()
    [43.75]
    """
    place, beside = beside_of(oxygen, measured.at)
    own, content, mark = measured.value[beside], oxygen.value[place[beside]], oxygen.mark[place[beside]]
    value = at_reference(own, content, reference)
    impossible = ~np.isnan(content) & ~convertible(content)
    stronger = np.minimum(_ranks(measured.mark[beside]), _ranks(mark))
    marks = np.where(impossible, Mark.SUSPECT.value, _MARKS[stronger])
    return Series(measured.at[beside], value, marks, measured.unit, measured.step or float(measured.period) / 1e6)


def _ranks(marks: NDArray[np.str_]) -> NDArray[np.int64]:
    return np.array([_RANK[str(mark)] for mark in marks], dtype=np.int64)
