"""Findings that rest on electricity."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar

from qingyuan.judging.fact import FACTS
from qingyuan.judging.facts._found import OfFindings
from qingyuan_science.detect import DETECTORS
from qingyuan_science.plugins import Source, Text


@FACTS
@dataclass(frozen=True)
class FindingsOfElectricity(OfFindings):
    """Findings of the detectors that say nothing without meters of production and treatment."""

    code: ClassVar[str] = "findings_of_electricity"
    title: ClassVar[Text] = Text("用电异常线索数", "Findings by electricity")
    source: ClassVar[Source] = Source("排污许可管理条例", "", note=Text("分表计电", "separate meters"))
    validity: ClassVar[Text] = Text(
        "没有分表计电的企业总是 0。", "An enterprise without separate meters always has none."
    )

    @staticmethod
    def detectors() -> Collection[str]:
        """The detectors that need electricity."""
        return [one.code for one in DETECTORS if "electricity" in one.needs]
