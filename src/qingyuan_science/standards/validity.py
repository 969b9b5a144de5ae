"""When a mean counts: the rules of the standards, by medium, averaging time and factor."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from qingyuan_science.plugins import Text
from qingyuan_science.series import Averaging, Statistic, ValidityRule
from qingyuan_science.standards.errors import BrokenTable
from qingyuan_science.standards.reading import Status, read_table


@dataclass(frozen=True)
class MeanRule:
    """One rule with where it stands.

    Parameters
    ----------
    medium : str
        Kind of station: outlet-water, outlet-gas, surface-water or ambient-air.
    averaging : Averaging
        The period.
    factors : tuple[str, ...]
        Codes it holds for; empty for every other factor of the medium.
    rule : ValidityRule or None
        What a mean needs; None where no such mean is taken.
    document : str
        The standard.
    clause : Text
        Where in it.
    status : Status
        How far the rule was checked against it.
    """

    medium: str
    averaging: Averaging
    factors: tuple[str, ...]
    rule: ValidityRule | None
    document: str
    clause: Text
    status: Status


@cache
def mean_rules() -> tuple[MeanRule, ...]:
    """Return every rule, in the order of the table.

    Returns
    -------
    tuple[MeanRule, ...]
        The rules.

    Raises
    ------
    BrokenTable
        A row lacks what every row must say.
    """
    return tuple(_rule(row) for row in read_table("validity")["rule"])


@cache
def mean_rule(medium: str, averaging: Averaging, factor: str) -> MeanRule | None:
    """Find the rule for one mean: the row that names the factor, else the row for every other factor.

    Parameters
    ----------
    medium : str
        Kind of station.
    averaging : Averaging
        The period.
    factor : str
        Code of the factor.

    Returns
    -------
    MeanRule or None
        None where the table says nothing of such a mean.

    Examples
    --------
    >>> found = mean_rule("outlet-gas", Averaging.HOUR, "a21026")
    >>> found.document, found.rule.needed, found.rule.due
    ('HJ 75-2017', 45, 60)
    """
    fitting = [row for row in mean_rules() if row.medium == medium and row.averaging is averaging]
    named = next((row for row in fitting if factor in row.factors), None)
    return named or next((row for row in fitting if not row.factors), None)


@cache
def oxygen_factor() -> str:
    """Return the code of the oxygen content by which gas values are converted."""
    return str(read_table("validity")["conversion"]["oxygen"])


@cache
def flow_factor() -> str:
    """Return the code of the flow by which means of waste water are weighted."""
    return str(read_table("validity")["weighting"]["flow"])


def _rule(row: dict[str, Any]) -> MeanRule:
    try:
        rule = None if row.get("no_mean") else _needs(row)
        return MeanRule(
            row["medium"],
            Averaging(row["averaging"]),
            tuple(row.get("factors", ())),
            rule,
            row["document"],
            Text(*row["clause"]),
            Status(row["status"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BrokenTable(f"validity: found {row}, expected medium, averaging, numbers and source ({error})") from error


def _needs(row: dict[str, Any]) -> ValidityRule:
    return ValidityRule(
        row["needed"],
        row["due"],
        spoiled_by_one=row.get("spoiled", False),
        statistic=Statistic(row.get("statistic", "mean")),
        least=row.get("least", 1),
    )
