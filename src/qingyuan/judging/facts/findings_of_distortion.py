"""Findings that tell of distorted data."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar

from qingyuan.judging.fact import FACTS
from qingyuan.judging.facts._found import OfFindings
from qingyuan_science.detect import DETECTORS
from qingyuan_science.plugins import Source, Text

OTHERS = ("clock_offset", "mark_abuse", "step_after_service")


@FACTS
@dataclass(frozen=True)
class FindingsOfDistortion(OfFindings):
    """Findings of the detectors whose cause is distorted data, and of those that look at clocks, marks and service."""

    code: ClassVar[str] = "findings_of_distortion"
    title: ClassVar[Text] = Text("疑似数据失真线索数", "Findings of distorted data")
    source: ClassVar[Source] = Source("生态环境监测条例", Text("第二十五条", "article 25"))
    validity: ClassVar[Text] = Text("线索不等于造假，须现场核实。", "A lead is no proof; it needs a look on site.")

    @staticmethod
    def detectors() -> Collection[str]:
        """The detectors of that cause."""
        return (*OTHERS, *(one.code for one in DETECTORS if one.cause == "distorted data"))
