"""Cases that are not closed."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.dispatching.facts._cases import counted
from qingyuan.dispatching.models import Case
from qingyuan.judging.fact import FACTS, Asked, Fact, Told
from qingyuan_science.plugins import Source, Text, parameter


@FACTS
@dataclass(frozen=True)
class CasesOpen(Fact):
    """Cases at the enterprise's stations that were open at the end of the time."""

    code: ClassVar[str] = "cases_open"
    title: ClassVar[Text] = Text("未结案件数", "Open cases")
    source: ClassVar[Source] = Source("清源", Text("案件", "cases"), note=Text("案件", "cases"))

    only_overdue: bool = parameter(False, "yes/no", False, True, title=Text("只计超期的", "Only those overdue"))

    def measure(self, asked: Asked) -> dict[int, Told]:
        """How many there are, the oldest first."""
        rows = Case.objects.filter(station__enterprise__in=asked.enterprises, opened_at__lt=asked.end)
        rows = rows.exclude(closed_at__lt=asked.end).select_related("station").order_by("opened_at", "pk")
        if self.only_overdue:
            return counted(asked, rows.filter(due_at__lte=asked.end), Text("超期未结案件", "cases open and overdue"))
        return counted(asked, rows, Text("未结案件", "open cases"))
