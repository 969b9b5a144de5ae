"""What people reported."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.judging.fact import FACTS, Asked, OverDays, Told
from qingyuan.judging.facts._found import counted
from qingyuan.judging.models import Finding, FindingState
from qingyuan.judging.queries import REPORTED
from qingyuan_science.plugins import Source, Text


@FACTS
@dataclass(frozen=True)
class CluesReported(OverDays):
    """Clues that people reported, without those dismissed and those entered from a screening."""

    code: ClassVar[str] = "clues_reported"
    title: ClassVar[Text] = Text("人员反映线索数", "Clues reported by people")
    source: ClassVar[Source] = Source(
        "清源", Text("线索", "findings"), note=Text("人员上报的线索", "clues that people reported")
    )

    def over(self, asked: Asked) -> dict[int, Told]:
        """How many there are."""
        rows = Finding.objects.filter(
            station__enterprise__in=asked.enterprises, started_at__lt=asked.end, ended_at__gte=asked.start,
            detector=REPORTED, edition__screening_row__isnull=True, edition__suspected_problem__isnull=True,
        ).exclude(state=FindingState.DISMISSED)  # fmt: skip
        return counted(asked, list(rows.select_related("station").order_by("-severity", "-started_at", "pk")))
