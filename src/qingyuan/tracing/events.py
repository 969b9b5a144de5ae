"""Facts of tracing."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.judging.events import FindingEvent
from qingyuan.kit.events import Event
from qingyuan_science.plugins import Text


@dataclass(frozen=True)
class SuspectsRanked(FindingEvent):
    """Known sources were ranked by how well they explain a finding; `suspects` are the first with their chances."""

    trace: int
    tracer: str
    version: str
    unknown: float
    suspects: list[tuple[str, float]]
    sentence_zh: str
    sentence_en: str

    def words(self) -> Text:
        return Text(f"溯源：{self.sentence_zh}", f"Traced: {self.sentence_en}")


@dataclass(frozen=True)
class SourceNamed(FindingEvent):
    """A person named the source that is to be looked at."""

    source: str
    name_zh: str
    name_en: str

    def words(self) -> Text:
        return Text(f"溯源结论：{self.name_zh}", f"Source named: {self.name_en}")


@dataclass(frozen=True)
class SourceSettled(FindingEvent):
    """What going there showed: whether the named source was it."""

    source: str
    name_zh: str
    name_en: str
    outcome: str

    def words(self) -> Text:
        if self.source == "unknown":
            was = self.outcome == "confirmed"
            return Text(
                "溯源核实：不是已知污染源" if was else "溯源核实：来自已知污染源",
                "Looked into: it was none of the known sources"
                if was
                else "Looked into: it was one of the known sources",
            )
        zh, en = ("属实", "it was the source") if self.outcome == "confirmed" else ("不属实", "it was not the source")
        return Text(f"溯源核实：{self.name_zh}{zh}", f"Source looked at: {self.name_en}, {en}")


@dataclass(frozen=True)
class TraceRuleChanged(Event):
    """A rule of tracing was entered or edited; it says this now."""

    subject_kind: ClassVar[str] = "trace-rule"
    id: int
    tracer: str
    detector: str
    station_kind: str
    station: str
    parameters: dict[str, float]
    enabled: bool
    valid: list[str]
