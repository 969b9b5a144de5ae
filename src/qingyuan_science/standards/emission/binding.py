"""Which discharge limit binds a value: that of the permit, of a local standard, or the national one."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import numpy as np

from qingyuan_science.plugins import Source, Text
from qingyuan_science.series import Averaging
from qingyuan_science.standards.emission.cases import case_in_words
from qingyuan_science.standards.errors import BrokenTable, UnknownLimit
from qingyuan_science.standards.limits import Limit
from qingyuan_science.standards.rounding import round_half_even
from qingyuan_science.standards.sourced import row_source, tables_of

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
    alike = [case_in_words(one) for one in candidates if one.averaging is averaging]
    other = [f"{one.averaging} {case_in_words(one)}" for one in candidates]
    there = "; ".join(dict.fromkeys(alike or other)) or "none for this item"
    raise UnknownLimit(f"found {averaging} {case or 'main case'}, expected one of: {there}")


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
    printed = national.source
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
