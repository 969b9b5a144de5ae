"""What stands in for emission that was not measured, over a whole quarter of hours or any run of days."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.plugins import Source
from qingyuan_science.standards.emission.validity import Medium, capture_rate, daily_substitute, hourly_substitute
from qingyuan_science.standards.errors import OutsideRule
from qingyuan_science.standards.sourced import tables_of

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]
_TABLES = {"gas": "substitution", "water": "substitution_water"}


@dataclass(frozen=True)
class Filled:
    """What was put in, and what could not be.

    Parameters
    ----------
    amounts : ndarray, shape (n,) [kg]
        Of each period looked at; NaN where nothing stands in, because it was measured, stood still, or no rule fits.
    left : int
        Periods that are neither measured nor filled.
    sources : tuple of Source
        The clauses applied.
    """

    amounts: Values
    left: int
    sources: tuple[Source, ...]


def has_substitutes(factor: str, medium: Medium) -> bool:
    """Whether the rules on substitutes name a factor.

    Parameters
    ----------
    factor : str
        Code of HJ 212.
    medium : {"water", "gas"}

    Returns
    -------
    bool

    Examples
    --------
    >>> has_substitutes("a21026", "gas"), has_substitutes("a21005", "gas"), has_substitutes("w01018", "water")
    (True, False, True)
    """
    (table,) = tables_of("monitoring/validity", _TABLES[medium])
    return factor in table.more["factors"]


def fill_hours(mass: Values, stopped: Flags, first: int) -> Filled:
    """What stands in for the hours of a quarter of flue gas without valid data.

    Parameters
    ----------
    mass : ndarray, shape (n,) [kg/h]
        Emission of each hour; NaN where it is not known. Hours before ``first`` are history only.
    stopped : ndarray of bool, shape (n,)
        Hours in which the source stood still.
    first : int
        Place of the quarter's first hour; the quarter reaches to the end of the arrays, which may be now.

    Returns
    -------
    Filled
        Of the hours from ``first`` on.

    Notes
    -----
    Every gap counts as one by fault or maintenance (table 6): the platform keeps no record of passed calibrations from
    which table 5 would count back.

    Source
    ------
    HJ 75-2017, 12 and table 6.
    """
    missing = np.isnan(mass) & ~stopped
    amounts = np.full(len(mass), np.nan)
    capture = capture_rate(len(mass) - first, invalid=int(missing[first:].sum()), stopped=int(stopped[first:].sum()))
    sources: dict[Source, None] = {}
    valid = ~np.isnan(mass) & ~stopped
    for begin, end in _runs(missing):
        if end <= first or capture is None:
            continue
        try:
            found = hourly_substitute(capture, end - begin, mass[:begin][valid[:begin]].tolist(), "other")
        except OutsideRule:  # the rule says nothing of it: counted among those left
            continue
        amounts[begin:end] = found.amount
        sources[found.source] = None
    return Filled(amounts[first:], int((missing & np.isnan(amounts))[first:].sum()), tuple(sources))


def fill_days(mass: Values, valid: Flags, stopped: Flags, first: int) -> Filled:
    """What stands in for the days of waste water without a valid daily mean.

    Parameters
    ----------
    mass : ndarray, shape (n,) [kg/d]
        Amount of each day, as far as it is known.
    valid : ndarray of bool, shape (n,)
        Days with a valid daily mean.
    stopped : ndarray of bool, shape (n,)
        Days on which the source stood still all day.
    first : int
        Place of the first day looked at; days before are history only.

    Returns
    -------
    Filled
        Of the days from ``first`` on.

    Notes
    -----
    Days before the gap are taken for those before the last passed calibration, of which the platform keeps no record;
    nor does it know of samples taken by hand, which would come first.

    Source
    ------
    HJ 356-2019, 8.
    """
    missing = ~valid & ~stopped
    amounts = np.full(len(mass), np.nan)
    sources: dict[Source, None] = {}
    for begin, end in _runs(missing):
        if end <= first:
            continue
        try:
            found = daily_substitute(mass[:begin][valid[:begin]].tolist())
        except OutsideRule:  # the rule says nothing of it: counted among those left
            continue
        amounts[begin:end] = found.amount
        sources[found.source] = None
    return Filled(amounts[first:], int((missing & np.isnan(amounts))[first:].sum()), tuple(sources))


def _runs(flags: Flags) -> Iterator[tuple[int, int]]:
    """Begin and end of each run of true flags."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
