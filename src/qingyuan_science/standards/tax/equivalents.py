"""Pollution equivalents: amounts of pollutants made comparable, and those of an outlet that are taxed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from qingyuan_science.plugins import Source, Text, folded
from qingyuan_science.standards.errors import OutsideRule, UnknownEntry
from qingyuan_science.standards.sourced import SourcedTable, row_source, tables_of

_FILE = "tax/equivalents"
_BY_MASS = {"water_1": "water", "water_2": "water", "air": "air"}


@dataclass(frozen=True)
class Pollutant:
    """A pollutant with its equivalent value.

    Parameters
    ----------
    name : Text
    factor : str
        Code of HJ 212; empty where there is none.
    group : str
        ``water_1``, ``water_2`` or ``air``.
    value : float [kg]
        How much makes one equivalent.
    one_of : str
        Pollutants that share it are taxed once at one outlet.
    source : Source
    """

    name: Text
    factor: str
    group: str
    value: float
    one_of: str
    source: Source


@dataclass(frozen=True)
class Equivalents:
    """What one pollutant of an outlet comes to.

    Parameters
    ----------
    name : Text
    group : str
        ``water_1``, ``water_2`` (pH, colour and the like too), ``air`` or ``small``.
    amount : float [unit]
    unit : str
    value : float [unit]
    number : float [1]
        Equivalents.
    one_of : str
    source : Source
    taxed : bool
        Whether it is among those taxed; see `taxed_of`.
    """

    name: Text
    group: str
    amount: float
    unit: str
    value: float
    number: float
    one_of: str
    source: Source
    taxed: bool = False


@cache
def pollutants() -> tuple[Pollutant, ...]:
    """List every pollutant with an equivalent value by mass, in the order of the law.

    Returns
    -------
    tuple of Pollutant
    """
    return tuple(
        Pollutant(
            name=Text(*row["item"]),
            factor=row.get("factor", ""),
            group=group,
            value=float(row["value"]),
            one_of=row.get("one_of", ""),
            source=row_source(table, row),
        )
        for group in _BY_MASS
        for table in tables_of(_FILE, group)
        for row in table.rows
    )


def pollutant(name: str, medium: str) -> Pollutant:
    """Look a pollutant up.

    Parameters
    ----------
    name : str
        Name in Chinese, with or without what stands in brackets, or in English, or code of the factor.
    medium : str
        ``water`` or ``air``.

    Returns
    -------
    Pollutant

    Raises
    ------
    UnknownEntry
        The law taxes no such pollutant by mass in that medium.

    Examples
    --------
    >>> pollutant("COD", "water").value, pollutant("二氧化硫", "air").value
    (1.0, 0.95)
    """
    for one in pollutants():
        if _BY_MASS[one.group] == medium and name and (name == one.factor or folded(name) in one.name.names()):
            return one
    raise UnknownEntry(f"found {name!r}, expected a pollutant that the law taxes in {medium}, such as COD or SO2")


def by_mass(name: str, medium: str, mass: float) -> Equivalents:
    """Equivalents of a mass.

    Parameters
    ----------
    name, medium : str
        As in `pollutant`.
    mass : float [kg]

    Returns
    -------
    Equivalents

    Raises
    ------
    UnknownEntry
        The law taxes no such pollutant there.
    OutsideRule
        The mass is below nought.

    Examples
    --------
    >>> by_mass("SO2", "air", 95.0).number
    100.0
    """
    one = pollutant(name, medium)
    return _equivalents(one.name, one.group, (mass, "kg", one.value), one.one_of, source=one.source)


def by_ph(ph: float, water: float) -> Equivalents:
    """Equivalents of acid or alkaline water.

    Parameters
    ----------
    ph : float [1]
        From 0 to 14.
    water : float [t]

    Returns
    -------
    Equivalents
        Nought from 6 to 9.

    Raises
    ------
    OutsideRule
        The pH is outside 0 to 14, or the water below nought.

    Source
    ------
    Environmental Protection Tax Law, annex 2, part 3: on the acid side the lower edge of a band belongs to it, on the
    alkaline side the upper.

    Examples
    --------
    >>> by_ph(5.0, 100.0).number, by_ph(9.5, 100.0).number, by_ph(7.0, 100.0).number
    (20.0, 100.0, 0.0)
    """
    if not 0 <= ph <= 14:
        raise OutsideRule(f"pH: found {ph:g}, expected 0 to 14")
    (table,) = tables_of(_FILE, "water_ph")
    name = Text("pH 值", "pH")
    for row in table.rows:
        alkaline = "alkaline_low" in row and row["alkaline_low"] < ph <= row["alkaline_high"]
        if row["low"] <= ph < row["high"] or alkaline:
            return _equivalents(name, "water_2", (water, "t", float(row["value"])), "", source=table.source)
    found = _equivalents(name, "water_2", (water, "t", 1.0), "", source=table.source)
    return replace(found, number=0.0)


def by_other(key: str, amount: float) -> Equivalents:
    """Equivalents of colour, coliforms or residual chlorine.

    Parameters
    ----------
    key : str
        ``colour``, ``coliforms`` or ``residual_chlorine``.
    amount : float
        Water times the multiple by which colour exceeds its limit, else water that exceeds. [t]

    Returns
    -------
    Equivalents

    Raises
    ------
    UnknownEntry
        There is no such key.
    OutsideRule
        The amount is below nought.

    Examples
    --------
    >>> by_other("colour", 500.0 * 0.5).number
    50.0
    """
    table, row = _keyed("water_other", key)
    amounts = (amount, row.get("unit", "t"), float(row["value"]))
    return _equivalents(Text(*row["item"]), "water_2", amounts, row.get("one_of", ""), source=row_source(table, row))


def by_small_source(key: str, amount: float, *, by_water: bool = False) -> Equivalents:
    """Equivalents of a small source that is not measured: animals, beds or water.

    Parameters
    ----------
    key : str
        One of the keys of annex 2, part 4, such as ``pigs`` or ``catering``.
    amount : float
        Heads, birds, beds or water [t].
    by_water : bool
        Whether a hospital is counted by its water instead of its beds.

    Returns
    -------
    Equivalents

    Raises
    ------
    UnknownEntry
        There is no such key.
    OutsideRule
        The amount is below nought, the source is too small to be taxed, or cannot be counted by water.

    Examples
    --------
    >>> by_small_source("pigs", 600.0).number, by_small_source("catering", 100.0).number
    (600.0, 200.0)
    """
    table, row = _keyed("small", key)
    if by_water and "instead" not in row:
        raise OutsideRule(f"{key}: found a count by water, expected one by {row['unit']}")
    counted = row["instead"] if by_water else row
    if not by_water and "above" in row and amount <= row["above"]:
        raise OutsideRule(
            f"{key}: found {amount:g} {row['unit']}, expected more than {row['above']}: fewer are not taxed"
        )
    amounts = (amount, counted["unit"], float(counted["value"]))
    return _equivalents(Text(*row["item"]), "small", amounts, "", source=row_source(table, row))


def taxed_of(found: Iterable[Equivalents]) -> tuple[Equivalents, ...]:
    """Mark which pollutants of one outlet are taxed.

    Parameters
    ----------
    found : iterable of Equivalents
        Everything that one outlet discharged.

    Returns
    -------
    tuple of Equivalents
        Class 1 first, then the others, each by falling number of equivalents, with ``taxed`` set: the first five of
        class 1, the first three of other water pollutants, the first three of air; of pollutants that are taxed once
        only the one with most equivalents; small sources always.

    Source
    ------
    Environmental Protection Tax Law, articles 9 and 10, annex 2.
    """
    several = list(found)
    rows: list[Equivalents] = []
    for group in ("water_1", "water_2", "air", "small"):
        left = None if group == "small" else int(tables_of(_FILE, group)[0].more["first"])
        rows.extend(_first(sorted((one for one in several if one.group == group), key=lambda one: -one.number), left))
    return tuple(rows)


def _first(ranked: Sequence[Equivalents], left: int | None) -> list[Equivalents]:
    rows, once = [], set()
    for one in ranked:
        taxed = one.number > 0 and (left is None or left > 0) and one.one_of not in once
        if taxed and one.one_of:
            once.add(one.one_of)
        if taxed and left is not None:
            left -= 1
        rows.append(replace(one, taxed=taxed))
    return rows


def _equivalents(
    name: Text, group: str, amounts: tuple[float, str, float], one_of: str, *, source: Source
) -> Equivalents:
    amount, unit, value = amounts
    if amount < 0:
        raise OutsideRule(f"{name.en}: found {amount:g} {unit}, expected 0 or more")
    return Equivalents(name, group, amount, unit, value, round(amount / value, 9), one_of, source)


def _keyed(holds: str, key: str) -> tuple[SourcedTable, dict[str, Any]]:
    (table,) = tables_of(_FILE, holds)
    for row in table.rows:
        if row["key"] == key:
            return table, row
    raise UnknownEntry(f"found {key!r}, expected one of: {', '.join(row['key'] for row in table.rows)}")
