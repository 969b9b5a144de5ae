"""Cases that people found to be violations, counted by kind."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.dispatching.facts._cases import counted
from qingyuan.dispatching.queries import violations_between
from qingyuan.judging.fact import Asked, OverDays, Told
from qingyuan_science.plugins import Source, Text


@dataclass(frozen=True)
class OfViolations(OverDays):
    """Base of the facts that count cases by what they were found to be, on the day on which a person said so."""

    source: ClassVar[Source] = Source(
        "清源", Text("案件", "cases"), note=Text("认定的违法行为", "violations determined")
    )
    violation: ClassVar[str] = ""  # every kind where it is empty

    def over(self, asked: Asked) -> dict[int, Told]:
        """How many there are, the newest first."""
        rows = violations_between(asked.enterprises, asked.start, asked.end)
        if self.violation:
            rows = rows.filter(violation=self.violation)
        words = Text(f"{asked.words.zh}{self.title.zh.removesuffix('数')}", f"{self.title.en}, {asked.words.en}")
        return counted(asked, rows, words)
