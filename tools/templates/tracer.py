"""TODO code_of_the_plugin: how it tells the source, in one line."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.trace import TRACERS, Candidate, Evidence, WorkedTrace
from qingyuan_science.trace._terms import Looking
from qingyuan_science.trace._weighing import Found, Weighing


@TRACERS
@dataclass(frozen=True)
class NameOfThePlugin(Weighing):
    """TODO Rank what by what; own monitors, permit, findings and visits are weighed by the base."""

    code: ClassVar[str] = "code_of_the_plugin"
    along: ClassVar[str] = "water"  # TODO or air: by which candidates are gathered
    title: ClassVar[Text] = Text("TODO 名称", "TODO title")
    source: ClassVar[Source] = Source("TODO paper", "TODO page")
    validity: ClassVar[Text] = Text("TODO 适用范围", "TODO where it holds, and where it errs")
    examples: ClassVar[tuple[WorkedTrace, ...]] = ()  # TODO one that names a source, one that cannot tell

    shown_by: float = parameter(0.5, "1", 0.0, 1.0, title=Text("TODO 含义", "TODO which chance it takes for granted"))

    def on_the_way(
        self, looking: Looking, candidate: Candidate, candidates: Sequence[Candidate]
    ) -> tuple[Evidence, ...]:
        """Return what lies between a candidate and the place: a sentence, and how much more probable it makes it."""
        raise NotImplementedError("TODO code_of_the_plugin.on_the_way")

    def unregistered(self, candidates: Sequence[Candidate], evidence: Found) -> float:
        """Return the logarithm of how probable the same is for a source that is not registered."""
        raise NotImplementedError("TODO code_of_the_plugin.unregistered")
