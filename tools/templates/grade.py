"""TODO: what is graded, in one line."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from qingyuan_science.assess.grading import GRADINGS, Graded, Grading, Level, Marked, Signs, WorkedGrade
from qingyuan_science.plugins import Source, Text


@GRADINGS
@dataclass(frozen=True)
class NameOfThePlugin(Grading):
    """TODO: how indicators become a score and a score a level.

    Notes
    -----
    TODO: the formula, and how what was not assessed counts.
    """

    code: ClassVar[str] = "code_of_the_plugin"
    title: ClassVar[Text] = Text("TODO", "TODO")
    source: ClassVar[Source] = Source(
        "TODO: the rule that defines it", "TODO: clause", note="TODO: how far it was checked"
    )
    examples: ClassVar[
        tuple[WorkedGrade, ...]
    ] = ()  # TODO: one at each border, and one for each thing that moves a level

    @staticmethod
    def levels() -> tuple[Level, ...]:
        """List the levels, the best first.

        Returns
        -------
        tuple of Level
        """
        raise NotImplementedError("TODO code_of_the_plugin.levels")

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
        raise NotImplementedError("TODO code_of_the_plugin.grade")
