"""Which discharge limit binds a value: the case by time of building and water, then permit, local or national."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import numpy as np

from qingyuan_science.plugins import Source, Text, folded
from qingyuan_science.series import Averaging
from qingyuan_science.standards.errors import BrokenTable, UnknownLimit
from qingyuan_science.standards.limits import EVERY_LEVEL, Limit, all_limits, limits_for
from qingyuan_science.standards.rounding import round_half_even
from qingyuan_science.standards.sourced import row_source, source_of, tables_of

Basis = Literal["permit", "local", "national"]
_RULES = "emission/rules"


@dataclass(frozen=True)
class Binding:
    """The limit that binds, and whose it is.

    Parameters
    ----------
    limit : Limit
        The limit, with the figure that binds.
    basis : {"permit", "local", "national"}
    name : Text
        The basis in words.
    laxer : bool
        Whether the figure is laxer than the national standard's, which a local standard may not be.
    sources : tuple of Source
        The rule of precedence and the clause of the limit.
    """

    limit: Limit
    basis: Basis
    name: Text
    laxer: bool
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Verdict:
    """One value held against a limit.

    Parameters
    ----------
    rounded : float [unit of the limit]
        The value by the decimals of the limit.
    over : bool
        Whether it is beyond.
    multiple : float or None [1]
        Exceedance multiple C/S - 1 above a maximum, None where it is kept or the limit is a range.
    """

    rounded: float
    over: bool
    multiple: float | None


def limits_named(item: str, standard: str, level: str, on: date) -> tuple[Limit, ...]:
    """List the limits of a standard for one item, of every case and averaging time.

    Parameters
    ----------
    item : str
        Name in Chinese or English, or code of the factor.
    standard, level : str
        As in `limits_for`.
    on : datetime.date
        Day of the data in China.

    Returns
    -------
    tuple of Limit
        In the order printed; empty where the standard sets none.

    Raises
    ------
    UnknownStandard, UnknownLevel
        As in `limits_for`.
    """
    limits_for("", standard, level, None)  # refuses unknown standards and levels
    return tuple(
        one
        for one in all_limits()
        if standard in (one.standard, one.standard.rpartition("-")[0])
        and one.level in (level, EVERY_LEVEL)
        and _is_called(one, item)
        and one.in_force(on)
    )


def national_limit(candidates: tuple[Limit, ...], averaging: Averaging, case: str) -> Limit:
    """Choose the limit of one averaging time and case.

    Parameters
    ----------
    candidates : tuple of Limit
        As `limits_named` gives them.
    averaging : Averaging
    case : str
        Name of a case; the main one if empty.

    Returns
    -------
    Limit

    Raises
    ------
    UnknownLimit
        None fits; says which there are.
    """
    for one in candidates:
        if one.averaging is averaging and one.case == case:
            return one
    there = "; ".join(f"{one.averaging} {one.case or 'main case'}" for one in candidates) or "none for this item"
    raise UnknownLimit(f"found {averaging} {case or 'main case'}, expected one of: {there}")


def case_named(candidates: tuple[Limit, ...], asked: str) -> str | None:
    """Find a case by its code or by the words of the standard.

    Parameters
    ----------
    candidates : tuple of Limit
        As `limits_named` gives them.
    asked : str
        Code of a case, or its condition as printed, in either language.

    Returns
    -------
    str or None
        The code, empty for the main case; None where nothing is asked for or no candidate is called so.
    """
    for one in candidates:
        words = {_unspaced(name) for name in one.condition.names()} if one.condition else set()
        if asked and (asked == one.case or _unspaced(folded(asked)) in words):
            return one.case
    return None


def _unspaced(text: str) -> str:
    return "".join(text.split())


def case_of(
    candidates: tuple[Limit, ...], built: date | None, water_temperature: float | None
) -> tuple[str, Source | None]:
    """Find the case that the time of building or the temperature of the water calls for.

    Parameters
    ----------
    candidates : tuple of Limit
        As `limits_named` gives them.
    built : datetime.date, optional
        When the plant was built.
    water_temperature : float, optional
        Temperature of the water. [°C]

    Returns
    -------
    tuple of str and Source or None
        The case, empty for the main one, and the rule applied.

    Source
    ------
    GB 8978-1996 tables 2 and 4; GB 18918-2002 table 1; GB 13223-2011 table 1.
    """
    cases = {one.case for one in candidates}
    families = {one.standard.rpartition("-")[0] for one in candidates}
    for table in (*tables_of(_RULES, "built"), *tables_of(_RULES, "temperature")):
        for row in table.rows:
            fits = (
                row["standard"] in families
                and row["case"] in cases
                and ("levels" not in row or {one.level for one in candidates} <= set(row["levels"]))
            )
            old = "built_to" in row and built is not None and built <= row["built_to"]
            cold = "water_to" in row and water_temperature is not None and water_temperature <= row["water_to"]
            if fits and (old or cold):
                return str(row["case"]), row_source(table, row)
    return "", None


def binding_limit(national: Limit, *, local: float | None = None, permit: float | None = None) -> Binding:
    """Choose among the figures of permit, local and national standard.

    Parameters
    ----------
    national : Limit
        The limit of the national standard.
    local, permit : float, optional [unit of the limit]
        Figures of a local standard and of the permit.

    Returns
    -------
    Binding
        The permit's figure where there is one, else the local, else the national.

    Raises
    ------
    BrokenTable
        The national limit is a range and cannot be replaced by one figure.

    Examples
    --------
    >>> from qingyuan_science.standards import limit
    >>> found = binding_limit(limit("gb18918-2002:1A:w01018:day"), local=30.0)
    >>> found.basis, found.limit.high, found.laxer
    ('local', 30.0, False)
    """
    given: dict[str, float | None] = {"permit": permit, "local": local}
    sources, chosen = [], None
    for table in tables_of(_RULES, "order"):
        for row in table.rows:
            figure = given.get(row["basis"])
            if chosen is None and (figure is not None or row["basis"] == "national"):
                chosen = (row["basis"], Text(*row["name"]), figure)
                sources.append(row_source(table, row))
    if chosen is None:
        raise BrokenTable(f"{_RULES}: found no row for the national standard, expected one")
    basis, name, figure = chosen
    limit = national if figure is None else _with_figure(national, figure)
    printed = source_of(national.standard, national.clause, national.status)
    sources = [printed] if basis == "national" else [*sources, printed]
    return Binding(limit, basis, name, _is_laxer(limit, national), tuple(sources))


def judge_value(value: float, limit: Limit) -> Verdict:
    """Hold one value against a limit, rounded to the decimals of the limit first.

    Parameters
    ----------
    value : float [unit of the limit]
    limit : Limit

    Returns
    -------
    Verdict

    Source
    ------
    GB/T 8170-2008, clause 4.3.3.

    Examples
    --------
    >>> from qingyuan_science.standards import limit
    >>> judge_value(65.0, limit("gb18918-2002:1A:w01018:day"))
    Verdict(rounded=65.0, over=True, multiple=0.3)
    """
    rounded = round_half_even(round(value, 12), limit.decimals)
    over = bool(limit.exceeded(np.array([value]))[0])
    multiple = None
    if over and limit.direction == "max":
        multiple = round_half_even(round(float(limit.times_over(np.array([rounded]))[0]), 9), 2)
    return Verdict(rounded, over, multiple)


def judged_averaging(medium: str, standard: str) -> tuple[Averaging, Source]:
    """Say which mean of automatic monitoring decides exceedance.

    Parameters
    ----------
    medium : str
        ``water`` or ``gas``.
    standard : str
        Number of the standard, with or without year.

    Returns
    -------
    tuple of Averaging and Source
        The daily mean for waste water and incinerators, the hourly mean for other gas.
    """
    (table,) = tables_of(_RULES, "judged")
    rows = [row for row in table.rows if row["medium"] == medium]
    named = [row for row in rows if row.get("standard") in (standard, standard.rpartition("-")[0])]
    row = (named or [row for row in rows if "standard" not in row])[0]
    return Averaging(row["averaging"]), row_source(table, row)


def amendments(standard: str, on: date) -> tuple[Text, ...]:
    """Say what is known of amendments whose text is not held here.

    Parameters
    ----------
    standard : str
        Number of the standard, with or without year.
    on : datetime.date
        Day of the data in China.

    Returns
    -------
    tuple of Text
        Empty where there is none.

    Examples
    --------
    >>> from datetime import date
    >>> len(amendments("GB 18918", date(2026, 2, 28))), len(amendments("GB 18918", date(2026, 3, 1)))
    (0, 1)
    """
    return tuple(
        Text(*row["says"])
        for table in tables_of(_RULES, "amendments")
        if table.in_force(on)
        for row in table.rows
        if row["standard"] in (standard, standard.rpartition("-")[0])
    )


def _is_called(limit: Limit, item: str) -> bool:
    return bool(item) and (item == limit.factor or folded(item) in limit.item.names())


def _with_figure(limit: Limit, figure: float) -> Limit:
    if limit.direction == "range":
        raise BrokenTable(f"{limit.code}: found the single figure {figure}, expected none: the limit is a range")
    written = f"{figure:.12f}".rstrip("0").partition(".")[2]
    decimals = max(limit.decimals, len(written))
    if limit.direction == "max":
        return replace(limit, decimals=decimals, high=figure)
    return replace(limit, decimals=decimals, low=figure)


def _is_laxer(limit: Limit, national: Limit) -> bool:
    if limit.high is not None and national.high is not None:
        return limit.high > national.high
    if limit.low is not None and national.low is not None:
        return limit.low < national.low
    return False
