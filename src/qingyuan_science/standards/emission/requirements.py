"""What a standard demands that no mean of automatic data is judged by."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from qingyuan_science.plugins import Source, Text, folded
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
    case : str
        Name of the process that it is for, empty where it is for all.
    averaging : str
        Time over which it judges: ``hour``, ``day``, ``test`` or ``five_minute``.
    low, high : float or None [unit]
        The figure, where there is one.
    decimals : int
        Decimals of that figure as printed.
    unit : str
    reference_oxygen : float or None
        Oxygen content to which the concentration must be converted first [%].
    source : Source
    """

    standard: str
    level: str
    item: Text
    demand: Text
    kind: str
    case: str
    averaging: str
    low: float | None
    high: float | None
    decimals: int
    unit: str
    reference_oxygen: float | None
    source: Source

    def is_case(self, asked: str) -> bool:
        """Tell whether a process that was asked for is the one that the demand is for.

        Parameters
        ----------
        asked : str
            Code of the case, or the words that the item brackets.

        Returns
        -------
        bool
        """
        bracketed = {folded(name).partition("(")[2].rstrip(")") for name in (self.item.zh, self.item.en)}
        return bool(self.case) and folded(asked) in {self.case, *bracketed}


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
    figure, oxygen = low if high is None else high, table.more.get("oxygen")
    return Requirement(
        standard=table.document,
        level=row["level"],
        item=Text(*row["item"]),
        demand=Text(*row["demand"]),
        kind=row["kind"],
        case=row.get("case", ""),
        averaging=row["averaging"],
        low=None if low is None else float(low),
        high=None if high is None else float(high),
        decimals=-int(figure.as_tuple().exponent) if isinstance(figure, Decimal) else 0,
        unit=row.get("unit", table.unit),
        reference_oxygen=None if oxygen is None else float(oxygen),
        source=row_source(table, row),
    )
