"""Grades of firms by performance in heavy pollution, and levels of environmental credit."""

from dataclasses import dataclass

from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.errors import OutsideRule, UnknownEntry
from qingyuan_science.standards.sourced import row_source, tables_of

_FILE = "procedure/grades"


@dataclass(frozen=True)
class Grade:
    """A grade of performance.

    Parameters
    ----------
    grade : str
    name, measure : Text
        Name, and what a warning asks of the firm.
    source : Source
    """

    grade: str
    name: Text
    measure: Text
    source: Source


@dataclass(frozen=True)
class CreditLevel:
    """A level of environmental credit.

    Parameters
    ----------
    colour : str
    badge, name : Text
    source : Source
    least : float
        The score from which on it is given. [points]
    """

    colour: str
    badge: Text
    name: Text
    source: Source
    least: float


def performance_grades() -> tuple[Grade, ...]:
    """List the grades, the best first.

    Returns
    -------
    tuple of Grade
    """
    (table,) = tables_of(_FILE, "performance")
    return tuple(
        Grade(row["grade"], Text(*row["name"]), Text(*row["measure"]), row_source(table, row)) for row in table.rows
    )


def performance_grade(grade: str) -> Grade:
    """Look a grade up.

    Parameters
    ----------
    grade : str
        Such as A, B or ``benchmark``, or its Chinese name.

    Returns
    -------
    Grade

    Raises
    ------
    UnknownEntry
        There is no such grade.

    Examples
    --------
    >>> performance_grade("C").measure.zh
    '以停代限'
    """
    for one in performance_grades():
        if grade in (one.grade, one.name.zh):
            return one
    raise UnknownEntry(f"found {grade!r}, expected one of: {', '.join(one.grade for one in performance_grades())}")


def credit_level(score: float, *, green_items: int = 0, veto: bool = False) -> CreditLevel:
    """Find the level of credit of a score.

    Parameters
    ----------
    score : float [points]
        0 to 100.
    green_items : int
        Add-on items met; green takes two.
    veto : bool
        Whether a veto item applies, which makes red of every score.

    Returns
    -------
    CreditLevel

    Raises
    ------
    OutsideRule
        The score is outside 0 to 100.

    Examples
    --------
    >>> [credit_level(score, green_items=2).colour for score in (100, 99, 80, 79, 60, 59)]
    ['green', 'blue', 'blue', 'yellow', 'yellow', 'red']
    >>> credit_level(100).colour, credit_level(100, veto=True).colour
    ('blue', 'red')
    """
    if not 0 <= score <= 100:
        raise OutsideRule(f"score: found {score:g}, expected 0 to 100 points")
    (table,) = tables_of(_FILE, "credit")
    for row in table.rows:
        earned = row["colour"] != "green" or green_items >= table.more["green_items"]
        worst = row is table.rows[-1]
        if worst or (score >= row["from"] and earned and not veto):
            return CreditLevel(row["colour"], Text(*row["badge"]), Text(*row["name"]), table.source, float(row["from"]))
    raise AssertionError("the last level takes every score")
