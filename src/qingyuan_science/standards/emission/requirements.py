"""What a standard demands that no mean of automatic data is judged by."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.sourced import SourcedTable, row_source, tables_of

_FILE = "emission/requirements"


@dataclass(frozen=True)
class Requirement:
    """One demand.

    Parameters
    ----------
    standard, level : str
        Number of the standard, and class or place.
    item, demand : Text
        The item, and the demand in words.
    kind : str
        ``not_detected``, ``not_visible``, ``test_mean`` or ``five_minute_mean``.
    low, high : float or None [unit]
        The figure, where there is one.
    unit : str
    source : Source
    """

    standard: str
    level: str
    item: Text
    demand: Text
    kind: str
    low: float | None
    high: float | None
    unit: str
    source: Source


def requirements(standard: str, on: date) -> tuple[Requirement, ...]:
    """List the demands of a standard on a day.

    Parameters
    ----------
    standard : str
        With or without year.
    on : datetime.date

    Returns
    -------
    tuple of Requirement
        Empty where there are none.

    Examples
    --------
    >>> [one.demand.en for one in requirements("GB 18918", date(2026, 11, 22))]
    ['not to be detected']
    """
    return tuple(
        _requirement(table, row)
        for table in tables_of(_FILE, "requirements")
        if table.in_force(on) and standard in (table.document, table.document.rpartition("-")[0])
        for row in table.rows
    )


def judged_by_removal(item: str, influent: float) -> tuple[float, Source] | None:
    """Say whether a class 3 sewage plant is judged by what it removes.

    Parameters
    ----------
    item : str
        Name in Chinese or English, or code of the factor.
    influent : float [mg/L]
        Concentration that comes in.

    Returns
    -------
    tuple of float and Source, or None
        Share that must be removed [%]; None where the concentration limit holds.

    Source
    ------
    GB 18918-2002, notes to table 1.

    Examples
    --------
    >>> judged_by_removal("COD", 400.0)[0], judged_by_removal("COD", 350.0)
    (60.0, None)
    """
    (table,) = tables_of(_FILE, "removal")
    for row in table.rows:
        if item in (*row["item"], row["factor"]) and influent > row["influent_above"]:
            return float(row["removal_above"]), row_source(table, row)
    return None


def _requirement(table: SourcedTable, row: dict[str, Any]) -> Requirement:
    low, high = row.get("min"), row.get("max")
    return Requirement(
        standard=table.document,
        level=row["level"],
        item=Text(*row["item"]),
        demand=Text(*row["demand"]),
        kind=row["kind"],
        low=None if low is None else float(low),
        high=None if high is None else float(high),
        unit=row.get("unit", table.unit),
        source=row_source(table, row),
    )
