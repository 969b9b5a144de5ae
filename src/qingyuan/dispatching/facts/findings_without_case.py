"""Findings in a grid cell that nobody took up."""

from collections import defaultdict
from dataclasses import dataclass
from typing import ClassVar

from qingyuan.dispatching.models import Case, Evidence
from qingyuan.judging.fact import FACTS, Asked, CellFact, Told
from qingyuan.judging.facts._in_cells import cell_of, finding_says, in_cells, told_by_cell
from qingyuan.judging.queries import Finding, FindingState
from qingyuan_science.plugins import Source, Text


@FACTS
@dataclass(frozen=True)
class FindingsWithoutCase(CellFact):
    """Findings that are open, were found in that time, and have no case; without those that satellites brought."""

    code: ClassVar[str] = "findings_without_case"
    title: ClassVar[Text] = Text("未立案线索数", "Open findings without a case")
    source: ClassVar[Source] = Source(
        "清源", Text("案件", "cases"), note=Text("线索与案卷", "findings and the files of cases")
    )

    def over(self, asked: Asked) -> dict[int, Told]:
        """How many there are, the gravest first."""
        rows = Finding.objects.filter(
            in_cells(asked.cells), state=FindingState.OPEN, merged_into=None, opened_at__gte=asked.start,
            opened_at__lt=asked.end, edition__suspected_problem__isnull=True,
        )  # fmt: skip
        listed = list(rows.select_related("station__cell", "cell").order_by("-severity", "-opened_at", "pk"))
        taken = set(Case.objects.filter(finding__in=listed).values_list("finding", flat=True))
        subjects = {f"finding/{one.pk}": one.pk for one in listed}
        filed = Evidence.objects.filter(subject__in=subjects, voided_at=None).values_list("subject", flat=True)
        taken |= {subjects[one] for one in filed}
        found: dict[int, list[Finding]] = defaultdict(list)
        for row in listed:
            if row.pk not in taken:
                found[cell_of(row)].append(row)
        nothing = Text("没有未立案的线索", "no open finding without a case")
        return told_by_cell(asked, found, nothing, finding_says)
