"""Limits of noise by kind of place, class of zone and period; taking background off a measured level."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.errors import NoEdition, OutsideRule, UnknownEntry
from qingyuan_science.standards.rounding import round_half_even
from qingyuan_science.standards.sourced import row_source, tables_of

Period = Literal["day", "night"]
_FILE = "noise/limits"


@dataclass(frozen=True)
class NoiseLimit:
    """One limit.

    Parameters
    ----------
    standard : str
    zone : Text
        What the class is for.
    limit : float [dB]
        Equivalent level.
    peak : float or None [dB]
        Highest level of one noise at night; None where the standard sets none.
    source : Source
    """

    standard: str
    zone: Text
    limit: float
    peak: float | None
    source: Source


@dataclass(frozen=True)
class Corrected:
    """A measured level with the background taken off.

    Parameters
    ----------
    level : float or None [dB]
        None where the background is too near: lower it first.
    correction : float or None [dB]
    difference : float [dB]
        Measured less background, before rounding.
    source : Source
    """

    level: float | None
    correction: float | None
    difference: float
    source: Source


def noise_kinds() -> dict[str, tuple[str, ...]]:
    """List the kinds of place with their classes.

    Returns
    -------
    dict of str to tuple of str
    """
    return {str(table.more["kind"]): tuple(row["class"] for row in table.rows) for table in tables_of(_FILE, "limits")}


def noise_limit(
    kind: str, zone: str, period: Period, on: date, *, indoors: bool = False, noise: str = "sudden"
) -> NoiseLimit:
    """Look a limit up.

    Parameters
    ----------
    kind : str
        ``ambient``, ``factory``, ``community`` or ``construction``.
    zone : str
        Class of the zone; ``site`` for construction.
    period : {"day", "night"}
    on : datetime.date
        Day of the measurement in China.
    indoors : bool
        Whether it was measured indoors, because the boundary is less than 1 m from a sensitive building.
    noise : str
        What the peak is: ``sudden`` or ``frequent``.

    Returns
    -------
    NoiseLimit

    Raises
    ------
    UnknownEntry
        There is no such kind or class; says which there are.
    NoEdition
        No edition holds on that day.
    OutsideRule
        The standard has no rule for measuring indoors.

    Source
    ------
    GB 3096-2008, GB 12348-2008, GB 22337-2008, GB 12523-2011 and GB 12523-2025, table 1.

    Examples
    --------
    >>> from datetime import date
    >>> found = noise_limit("factory", "2", "night", date(2026, 11, 22), noise="frequent")
    >>> found.limit, found.peak
    (50.0, 60.0)
    """
    of_kind = [table for table in tables_of(_FILE, "limits") if table.more["kind"] == kind]
    if not of_kind:
        raise UnknownEntry(f"kind: found {kind!r}, expected one of: {', '.join(noise_kinds())}")
    table = next((one for one in of_kind if one.in_force(on)), None)
    if table is None:
        raise NoEdition(f"{kind}: found {on}, expected a day from {min(one.valid_from for one in of_kind)} on")
    row = next((one for one in table.rows if one["class"] == zone), None)
    if row is None:
        raise UnknownEntry(f"class: found {zone!r}, expected one of: {', '.join(noise_kinds()[kind])}")
    less = 0.0
    if indoors:
        if "indoor_less" not in table.more:
            raise OutsideRule(f"indoors: found yes, expected no: {table.document} has no rule for it")
        less = float(table.more["indoor_less"])
    limit = float(row[period]) - less
    above = table.more.get("peak", {}).get(noise) if period == "night" else None
    peak = None if above is None else limit + float(above)
    return NoiseLimit(table.document, Text(*row["zone"]), limit, peak, row_source(table, row))


def background_corrected(measured: float, background: float) -> Corrected:
    """Take the background off a measured level.

    Parameters
    ----------
    measured, background : float [dB]
        Level with the source running, and without it.

    Returns
    -------
    Corrected

    Raises
    ------
    OutsideRule
        The background is louder than what was measured with the source.

    Source
    ------
    GB 12348-2008, 5.7 and table 4.

    Examples
    --------
    >>> background_corrected(58.0, 50.0).level, background_corrected(58.0, 56.0).level
    (57.0, None)
    """
    difference = round(measured - background, 9)
    if difference < 0:
        raise OutsideRule(f"background: found {background:g} dB, expected no more than measured, {measured:g} dB")
    (table,) = tables_of("noise/rules", "background")
    if difference > table.more["none_above"]:
        return Corrected(measured, 0.0, difference, table.source)
    if difference < table.more["lower_first_below"]:
        return Corrected(None, None, difference, table.source)
    whole = round_half_even(difference, 0)
    row = next(row for row in table.rows if row["from"] <= whole <= row["to"])
    return Corrected(round(measured + row["correction"], 9), float(row["correction"]), difference, table.source)
