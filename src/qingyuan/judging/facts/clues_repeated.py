"""Places in a grid cell that people reported about again and again."""

from collections import defaultdict
from dataclasses import dataclass
from typing import ClassVar

from qingyuan.judging.fact import FACTS, Asked, CellFact, Told
from qingyuan.judging.facts._in_cells import cell_of, finding_says, in_cells, told_by_cell
from qingyuan.judging.models import Finding, FindingState
from qingyuan.judging.queries import REPORTED
from qingyuan_science.plugins import Source, Text, parameter

MADE_BY_THE_PLATFORM = ["screening_row", "suspected_problem"]


@FACTS
@dataclass(frozen=True)
class CluesRepeated(CellFact):
    """Clues that people reported about one and the same place, where there are several; without those dismissed."""

    code: ClassVar[str] = "clues_repeated"
    title: ClassVar[Text] = Text("重复反映线索数", "Clues about one place, repeated")
    source: ClassVar[Source] = Source(
        "清源", Text("线索", "findings"), note=Text("人员上报的线索", "clues that people reported")
    )
    least: int = parameter(2, "1", 2, 100, title=Text("同一地点至少几次", "How often about one place at least"))

    def over(self, asked: Asked) -> dict[int, Told]:
        """How many there are."""
        rows = Finding.objects.filter(
            in_cells(asked.cells), detector=REPORTED, started_at__lt=asked.end, ended_at__gte=asked.start
        ).exclude(state=FindingState.DISMISSED).exclude(edition__has_any_keys=MADE_BY_THE_PLATFORM)  # fmt: skip
        at: dict[tuple[int, int | None], list[Finding]] = defaultdict(list)
        for row in rows.select_related("station__cell", "cell").order_by("-started_at", "pk"):
            at[cell_of(row), row.station_id].append(row)
        found: dict[int, list[Finding]] = defaultdict(list)
        for (cell, _station), several in at.items():
            if len(several) >= self.least:
                found[cell] += several
        return told_by_cell(asked, found, Text("没有重复反映", "no place reported repeatedly"), finding_says)
