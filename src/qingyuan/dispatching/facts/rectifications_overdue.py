"""Rectifications that were not finished in time."""

from dataclasses import dataclass
from typing import ClassVar

from django.db.models import F

from qingyuan.dispatching.facts._cases import counted
from qingyuan.dispatching.models import Task
from qingyuan.judging.fact import FACTS, Asked, OverDays, Told
from qingyuan.people.queries import Role
from qingyuan_science.plugins import Source, Text


@FACTS
@dataclass(frozen=True)
class RectificationsOverdue(OverDays):
    """Cases whose rectification fell due in that time and was not done by then."""

    code: ClassVar[str] = "rectifications_overdue"
    title: ClassVar[Text] = Text("整改逾期案件数", "Rectifications overdue")
    source: ClassVar[Source] = Source("清源", Text("案件", "cases"), note=Text("整改任务", "tasks of rectification"))

    def over(self, asked: Asked) -> dict[int, Told]:
        """How many cases there are, the newest first."""
        rows = Task.objects.filter(
            case__station__enterprise__in=asked.enterprises, role=Role.DEPARTMENT_HANDLER,
            due_at__gte=asked.start, due_at__lt=asked.end,
        ).exclude(done_at__lte=F("due_at"))  # fmt: skip
        cases = {row.case_id: row.case for row in rows.select_related("case__station").order_by("-due_at", "pk")}
        return counted(
            asked, cases.values(), Text(f"{asked.words.zh}整改逾期", f"rectifications overdue {asked.words.en}")
        )
