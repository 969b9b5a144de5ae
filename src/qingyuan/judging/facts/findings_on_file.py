"""Findings of every kind."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.judging.fact import FACTS
from qingyuan.judging.facts._found import OfFindings
from qingyuan_science.plugins import Source, Text


@FACTS
@dataclass(frozen=True)
class FindingsOnFile(OfFindings):
    """Findings of all detectors and of people, without those dismissed."""

    code: ClassVar[str] = "findings_on_file"
    title: ClassVar[Text] = Text("线索数（全部类型）", "Findings of every kind")
    source: ClassVar[Source] = Source(
        "清源", Text("线索", "findings"), note=Text("未被排除的线索", "findings that are not dismissed")
    )
    validity: ClassVar[Text] = Text("包括由筛查录入的线索。", "What was entered from a screening is counted too.")
