"""What a grade is (评价): one file that makes a score and a level out of indicators, and says why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from qingyuan_science.plugins import Example, Plugin, Registry, Source, Text


@dataclass(frozen=True)
class Level:
    """A level that a grade can give.

    Parameters
    ----------
    code : str
    name : Text
    least : float
        The score from which on it is given. [points]
    source : Source
    """

    code: str
    name: Text
    least: float
    source: Source


@dataclass(frozen=True)
class Marked:
    """An indicator with its points.

    Parameters
    ----------
    code : str
    weight : float
        Its share of the whole. [%]
    points : float or None
        Of 100; None where it was not assessed. [points]
    """

    code: str
    weight: float
    points: float | None


@dataclass(frozen=True)
class Signs:
    """What moves the level beside the score: veto items, incidents and add-on items, by how many there are."""

    vetoes: int = 0
    incidents: int = 0
    green: int = 0


@dataclass(frozen=True)
class Graded:
    """A grade.

    Parameters
    ----------
    score : float or None
        Of 100; None where too little was assessed. [points]
    level : Level or None
    gained : tuple of float or None
        What each indicator brings to the score, in the order given; None where it is left out. [points]
    assessed : float
        Weight of the indicators that were assessed, of all that carry weight. [%]
    said : tuple of Text
        Why it is this level, a step a sentence.
    clauses : tuple of Source
        Every rule applied.
    """

    score: float | None
    level: Level | None
    gained: tuple[float | None, ...]
    assessed: float
    said: tuple[Text, ...]
    clauses: tuple[Source, ...]


@dataclass(frozen=True)
class WorkedGrade(Example):
    """A worked example of a grade.

    Parameters
    ----------
    marks : tuple of Marked
    signs : Signs
    score : float or None
        The score that must come out. [points]
    level : str
        Code of the level that must come out; empty for none.
    """

    marks: tuple[Marked, ...]
    signs: Signs
    score: float | None
    level: str


@dataclass(frozen=True)
class Grading(Plugin):
    """Base of the grades."""

    kind: ClassVar[Text] = Text("评价", "Grades")

    @staticmethod
    def levels() -> tuple[Level, ...]:
        """List the levels, the best first.

        Returns
        -------
        tuple of Level
        """
        raise NotImplementedError

    def grade(self, marks: Sequence[Marked], signs: Signs) -> Graded:
        """Make the score and the level.

        Parameters
        ----------
        marks : sequence of Marked
        signs : Signs

        Returns
        -------
        Graded

        Raises
        ------
        OutsideRule
            A weight or a number of points is outside 0 to 100.
        """
        raise NotImplementedError(f"{type(self).__name__} does not grade")


GRADINGS: Registry[Grading] = Registry(Grading)


def deducted(value: float, curve: Sequence[tuple[float, float]]) -> float:
    """Read off how many points a value costs.

    Parameters
    ----------
    value : float
        A number about an enterprise, in its unit.
    curve : sequence of (float, float)
        Values, ascending, each with the points that it costs of 100; straight between them, level beyond the ends.

    Returns
    -------
    float
        [points]

    Examples
    --------
    >>> [deducted(value, [(0, 0), (10, 20), (25, 50), (50, 100)]) for value in (-1, 0, 5, 10, 17.5, 60)]
    [0.0, 0.0, 10.0, 20.0, 35.0, 100.0]
    """
    before = curve[0]
    if value <= before[0]:
        return float(before[1])
    for after in curve[1:]:
        if value <= after[0]:
            share = (value - before[0]) / (after[0] - before[0])
            return float(before[1] + share * (after[1] - before[1]))
        before = after
    return float(before[1])
