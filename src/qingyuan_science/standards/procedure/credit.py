"""What environmental credit of enterprises is scored by: indicators with their weights, veto items, incidents."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.procedure.grades import CreditLevel
from qingyuan_science.standards.sourced import row_source, tables_of

_FILE = "procedure/grades"


@dataclass(frozen=True)
class CreditIndicator:
    """An indicator of environmental credit.

    Parameters
    ----------
    code : str
    name, group : Text
    weight : float or None
        Its share of the 100 points; None where it was not obtained and a bureau sets it. [%]
    source : Source
        With how far it was checked.
    """

    code: str
    name: Text
    group: Text
    weight: float | None
    source: Source


@dataclass(frozen=True)
class CreditSign:
    """What moves the level beside the score.

    Parameters
    ----------
    code : str
    kind : {"veto", "incident", "green"}
        A veto makes red of every score, an incident lowers the level, green takes several green items.
    name : Text
    source : Source
    """

    code: str
    kind: str
    name: Text
    source: Source


@cache
def credit_indicators() -> tuple[CreditIndicator, ...]:
    """List the 21 indicators in their four groups.

    Returns
    -------
    tuple of CreditIndicator

    Examples
    --------
    >>> [one.weight for one in credit_indicators() if one.code in ("compliance", "penalties", "risk", "media")]
    [15.0, 10.0, 15.0, None]
    """
    (groups,), (table,) = tables_of(_FILE, "credit_groups"), tables_of(_FILE, "credit_indicators")
    titles = {row["code"]: Text(*row["name"]) for row in groups.rows}
    return tuple(
        CreditIndicator(
            row["code"], Text(*row["name"]), titles[row["group"]], _number(row.get("weight")), row_source(table, row)
        )
        for row in table.rows
    )


@cache
def credit_signs() -> tuple[CreditSign, ...]:
    """List the veto items, the incident that lowers the level, and the green item.

    Returns
    -------
    tuple of CreditSign
    """
    (table,) = tables_of(_FILE, "credit_signs")
    return tuple(CreditSign(row["code"], row["kind"], Text(*row["name"]), row_source(table, row)) for row in table.rows)


@cache
def credit_levels() -> tuple[CreditLevel, ...]:
    """List the levels, the best first.

    Returns
    -------
    tuple of CreditLevel
    """
    (table,) = tables_of(_FILE, "credit")
    return tuple(
        CreditLevel(row["colour"], Text(*row["badge"]), Text(*row["name"]), table.source, float(row["from"]))
        for row in table.rows
    )


def incident_lowers() -> int:
    """Tell by how many levels a general incident lowers the level.

    Returns
    -------
    int
        [levels]
    """
    (table,) = tables_of(_FILE, "credit")
    return int(table.more["incident_lowers"])


def _number(weight: int | Decimal | None) -> float | None:
    return None if weight is None else float(weight)
