"""What is paid: rates inside the band of the law, reductions, noise and solid waste."""

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.errors import OutsideRule, UnknownEntry
from qingyuan_science.standards.sourced import SourcedTable, row_source, tables_of

_FILE = "tax/rates"


@dataclass(frozen=True)
class NoiseTax:
    """Tax on the noise of one month.

    Parameters
    ----------
    over : int [dB]
        Whole decibels beyond the limit.
    rate : float [CNY]
        By the table.
    units : int
        How often it is paid.
    halved : bool
        Whether less than 15 days exceeded.
    tax : float [CNY]
    source : Source
    """

    over: int
    rate: float
    units: int
    halved: bool
    tax: float
    source: Source


def checked_rate(medium: str, rate: float) -> Source:
    """Refuse a rate outside the band of the law.

    Parameters
    ----------
    medium : str
        ``air`` or ``water``.
    rate : float [CNY per equivalent]
        As the province fixed it for the year.

    Returns
    -------
    Source
        The clause of the band.

    Raises
    ------
    OutsideRule
        Says the band.

    Source
    ------
    Environmental Protection Tax Law, annex 1.
    """
    (table,) = tables_of(_FILE, "bands")
    row = next(row for row in table.rows if row["medium"] == medium)
    low, high = float(row["low"]), float(row["high"])
    if not low <= rate <= high:
        raise OutsideRule(f"rate of {medium}: found {rate:g}, expected {low:g} to {high:g} CNY per equivalent")
    return row_source(table, row)


def taxed_share(below: float | None, *, all_kept: bool = True) -> tuple[float, Source | None]:
    """Say which share of the tax is paid by how far concentrations lie below the limit.

    Parameters
    ----------
    below : float or None [%]
        By how much the concentration lies below the limit; None if not known.
    all_kept : bool
        Whether every pollutant of the outlet kept its limits in the month.

    Returns
    -------
    tuple of float and Source or None
        Share paid [%], and the clause if less than all of it.

    Source
    ------
    Environmental Protection Tax Law, article 13.

    Examples
    --------
    >>> taxed_share(29.9)[0], taxed_share(30.0)[0], taxed_share(50.0)[0], taxed_share(50.0, all_kept=False)[0]
    (100.0, 75.0, 50.0, 100.0)
    """
    (table,) = tables_of(_FILE, "reductions")
    if below is not None and all_kept:
        for row in table.rows:
            if below >= row["below_from"]:
                return float(row["taxed"]), table.source
    return 100.0, None


def reduction_source(medium: str) -> Source:
    """Where it stands which means of a month a reduction goes by.

    Parameters
    ----------
    medium : str
        ``air``: the mean of the hour means, ``water``: the mean of the day means. No single one may exceed its limit.

    Returns
    -------
    Source
    """
    (table,) = tables_of(_FILE, "reduction_means")
    return _ruled(table, next(row for row in table.rows if row["medium"] == medium))


def any_outlet_source() -> Source:
    """Where it stands that no tax is reduced in a month in which any outlet of the taxpayer exceeds a limit."""
    (table,) = tables_of(_FILE, "any_outlet")
    return _ruled(table, table.rows[0])


def automatic_data_source() -> Source:
    """Where it stands that missing and invalid times of automatic data are substituted before amounts are computed."""
    (table,) = tables_of(_FILE, "automatic_data")
    return _ruled(table, table.rows[0])


def _ruled(table: SourcedTable, row: dict[str, Any]) -> Source:
    """The clause of a table with what it says as its note."""
    return replace(row_source(table, row), note=Text(*row["rule"]))


def noise_tax(over: float, *, days: int, points: int = 1, boundary: float = 0.0) -> NoiseTax:
    """Tax on the noise of one unit in one month.

    Parameters
    ----------
    over : float [dB]
        Beyond the limit at the worst point.
    days : int
        Days of the month on which it exceeded.
    points : int
        Points of the boundary that exceed.
    boundary : float [m]
        Length of the boundary.

    Returns
    -------
    NoiseTax

    Raises
    ------
    OutsideRule
        The excess rounds to less than one decibel, or the days are none of a month.

    Source
    ------
    Environmental Protection Tax Law, annex 1.

    Examples
    --------
    >>> noise_tax(5.0, days=20).tax, noise_tax(5.0, days=10).tax, noise_tax(16.0, days=20, points=2, boundary=120.0).tax
    (700.0, 350.0, 22400.0)
    """
    whole = int(Decimal(repr(over)).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    if whole < 1 or not 1 <= days <= 31 or points < 1:
        found = f"{over:g} dB on {days} days at {points} points"
        raise OutsideRule(f"noise: found {found}, expected 1 dB or more on 1 to 31 days at one point or more")
    (table,) = tables_of(_FILE, "noise")
    row = next(row for row in table.rows if row["low"] <= whole <= row.get("high", whole))
    units = 2 if boundary > table.more["two_units_above_metres"] and points >= 2 else 1
    halved = days < table.more["half_below_days"]
    tax = row["rate"] * units * (0.5 if halved else 1.0)
    return NoiseTax(whole, float(row["rate"]), units, halved, in_fen(tax), table.source)


def solid_tax(kind: str, mass: float) -> tuple[float, Source]:
    """Tax on solid waste.

    Parameters
    ----------
    kind : str
        One of `solid_kinds`.
    mass : float [t]
        Produced less used, stored and disposed of by the rules.

    Returns
    -------
    tuple of float [CNY] and Source

    Raises
    ------
    UnknownEntry
        There is no such kind.
    OutsideRule
        The mass is below nought.

    Examples
    --------
    >>> solid_tax("tailings", 100.0)[0]
    1500.0
    """
    (table,) = tables_of(_FILE, "solid")
    row = next((row for row in table.rows if row["key"] == kind), None)
    if row is None:
        raise UnknownEntry(f"found {kind!r}, expected one of: {', '.join(solid_kinds())}")
    if mass < 0:
        raise OutsideRule(f"{kind}: found {mass:g} t, expected 0 or more")
    return in_fen(mass * row["rate"]), table.source


def solid_kinds() -> tuple[str, ...]:
    """List the kinds of solid waste."""
    (table,) = tables_of(_FILE, "solid")
    return tuple(row["key"] for row in table.rows)


def in_fen(amount: float) -> float:
    """Round money to the fen, a half up."""
    return float(Decimal(repr(round(amount, 9))).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))
