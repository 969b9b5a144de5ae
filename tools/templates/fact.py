"""TODO: what is counted, in one line."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.judging.fact import FACTS, Asked, OverDays, Told
from qingyuan_science.plugins import Source, Text


@FACTS
@dataclass(frozen=True)
class NameOfThePlugin(OverDays):
    """TODO: what the number is, and what counts once or not at all; `Fact` with `measure` where it is about now."""

    code: ClassVar[str] = "code_of_the_plugin"
    title: ClassVar[Text] = Text("TODO", "TODO")
    source: ClassVar[Source] = Source("TODO: the rule that defines it, or Qingyuan", "TODO", note="TODO")
    validity: ClassVar[Text] = Text("TODO", "TODO: what the number does not show; leave it out if there is nothing")
    unit: ClassVar[str] = "1"  # TODO: h, d, %, kg, or 1 for a count

    def over(self, asked: Asked) -> dict[int, Told]:
        """TODO: the number, by a number of queries that does not depend on how many enterprises are asked about."""
        raise NotImplementedError("TODO code_of_the_plugin.over")
