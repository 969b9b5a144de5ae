"""Gas concentrations converted (折算) to the reference oxygen content."""

import numpy as np

from qingyuan_science.series.errors import AirOxygen
from qingyuan_science.series.measured import Series
from qingyuan_science.series.vocabulary import Mark
from qingyuan_science.series.weights import beside_of

OXYGEN_OF_AIR = 21.0
_RANK = {mark.value: place for place, mark in enumerate(Mark)}
_MARKS = np.array([mark.value for mark in Mark], dtype="<U1")


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
        that of air or above, there is no value and the mark is ``X``.

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
    if not 0 <= reference < OXYGEN_OF_AIR:
        raise AirOxygen(f"found reference oxygen {reference} %, expected from 0 to below {OXYGEN_OF_AIR:g} %")
    place, beside = beside_of(oxygen, measured.at)
    own, content, mark = measured.value[beside], oxygen.value[place[beside]], oxygen.mark[place[beside]]
    airy = content >= OXYGEN_OF_AIR
    value = np.where(airy, np.nan, own * (OXYGEN_OF_AIR - reference) / (OXYGEN_OF_AIR - np.where(airy, 0.0, content)))
    stronger = np.minimum(_ranks(measured.mark[beside]), _ranks(mark))
    marks = np.where(airy, Mark.SUSPECT.value, _MARKS[stronger])
    return Series(measured.at[beside], value, marks, measured.unit, measured.step or float(measured.period) / 1e6)


def _ranks(marks: "np.typing.NDArray[np.str_]") -> "np.typing.NDArray[np.int64]":
    return np.array([_RANK[str(mark)] for mark in marks], dtype=np.int64)
