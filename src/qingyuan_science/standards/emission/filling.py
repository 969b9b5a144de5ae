"""What stands in for emission that was not measured, over a whole quarter of hours or any run of days."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.plugins import Source
from qingyuan_science.standards.emission.validity import (
    Medium,
    Substitute,
    capture_rate,
    daily_substitute,
    hourly_substitute,
)
from qingyuan_science.standards.errors import OutsideRule
from qingyuan_science.standards.sourced import tables_of

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]
_TABLES = {"gas": "substitution", "water": "substitution_water"}


@dataclass(frozen=True)
class Gap:
    """A run of periods without valid data, and what the rule made of it.

    Places are counted from the first period looked at, so that those of the history are negative.

    Parameters
    ----------
    begin, end : int
        Places of its first period and of the one after its last.
    substitute : Substitute or None
        What stands in for each of its periods; None where the rule says nothing.
    looked_at : ndarray, shape (substitute.of,)
        Places of the valid periods of which the largest was taken, oldest first.
    amounts : ndarray, shape (substitute.of,) [kg]
        What was emitted in each of them.
    largest : int or None
        Place of the one taken, the newest where several are as large.
    capture : float or None [%]
        Capture rate of the quarter, where the rule goes by it.
    """

    begin: int
    end: int
    substitute: Substitute | None
    looked_at: Places
    amounts: Values
    largest: int | None
    capture: float | None = None


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
    gaps : tuple of Gap
        Every run of periods without valid data, oldest first.
    """

    amounts: Values
    left: int
    sources: tuple[Source, ...]
    gaps: tuple[Gap, ...] = ()


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
    Every gap counts as one by fault or maintenance (table 6): which calibration was the last one passed, from which
    table 5 would count back, is not asked for here.

    Source
    ------
    HJ 75-2017, 12 and table 6.
    """
    missing = np.isnan(mass) & ~stopped
    capture = capture_rate(len(mass) - first, invalid=int(missing[first:].sum()), stopped=int(stopped[first:].sum()))
    valid = ~np.isnan(mass) & ~stopped

    def rule(begin: int, end: int) -> Substitute:
        return hourly_substitute(capture or 0.0, end - begin, mass[:begin][valid[:begin]].tolist(), "other")

    return _filled(_Known(mass, valid, missing, first), rule, capture)


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
    Days before the gap are taken for those before the last passed calibration, which is not asked for here; nor are
    samples taken by hand, which would come first.

    Source
    ------
    HJ 356-2019, 8.
    """

    def rule(begin: int, _end: int) -> Substitute:
        return daily_substitute(mass[:begin][valid[:begin]].tolist())

    return _filled(_Known(mass, valid, ~valid & ~stopped, first), rule)


@dataclass(frozen=True)
class _Known:
    """What is known of each period, and from which on it is asked for."""

    mass: Values
    valid: Flags
    missing: Flags
    first: int


def _filled(known: _Known, rule: Callable[[int, int], Substitute], capture: float | None = None) -> Filled:
    """Each gap with what the rule puts in."""
    amounts, gaps = np.full(len(known.mass), np.nan), []
    for begin, end in _runs(known.missing):
        if end <= known.first:
            continue
        try:
            found = rule(begin, end)
        except OutsideRule:  # the rule says nothing of it: counted among those left
            nothing = np.zeros(0, np.int64), np.zeros(0)
            gaps.append(Gap(begin - known.first, end - known.first, None, *nothing, None, capture))
            continue
        amounts[begin:end] = found.amount
        places = np.flatnonzero(known.valid[:begin])[-found.of :] - known.first
        masses = known.mass[places + known.first]
        largest = int(places[masses == found.amount][-1])
        gaps.append(Gap(begin - known.first, end - known.first, found, places, masses, largest, capture))
    sources = tuple(dict.fromkeys(one.substitute.source for one in gaps if one.substitute))
    left = int((known.missing & np.isnan(amounts))[known.first :].sum())
    return Filled(amounts[known.first :], left, sources, tuple(gaps))


def _runs(flags: Flags) -> Iterator[tuple[int, int]]:
    """Begin and end of each run of true flags."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
