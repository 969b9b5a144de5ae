"""Findings that people dismissed."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.judging.fact import FACTS, Asked, OverDays, Told
from qingyuan.judging.facts._found import counted
from qingyuan.judging.models import Finding, FindingState
from qingyuan_science.plugins import Source, Text


@FACTS
@dataclass(frozen=True)
class FindingsDismissed(OverDays):
    """Findings that were dismissed in that time, whenever they began."""

    code: ClassVar[str] = "findings_dismissed"
    title: ClassVar[Text] = Text("被排除线索数", "Findings dismissed")
    source: ClassVar[Source] = Source(
        "清源", Text("线索", "findings"), note=Text("经人工排除的线索", "findings that people dismissed")
    )
    validity: ClassVar[Text] = Text(
        "多次排除可能说明设备常坏，也可能说明排除过宽。",
        "Many of them may tell of a poor instrument, or of dismissing too readily.",
    )

    def over(self, asked: Asked) -> dict[int, Told]:
        """How many there are."""
        rows = Finding.objects.filter(
            station__enterprise__in=asked.enterprises, state=FindingState.DISMISSED, merged_into=None,
            dismissed_at__gte=asked.start, dismissed_at__lt=asked.end,
        )  # fmt: skip
        return counted(asked, list(rows.select_related("station").order_by("-severity", "-started_at", "pk")))
