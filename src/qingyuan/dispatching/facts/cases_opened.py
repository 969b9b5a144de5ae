"""Cases opened in a time."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.dispatching.facts._cases import counted
from qingyuan.dispatching.models import Case
from qingyuan.judging.fact import FACTS, Asked, OverDays, Told
from qingyuan_science.plugins import Source, Text


@FACTS
@dataclass(frozen=True)
class CasesOpened(OverDays):
    """Cases at the enterprise's stations that were opened in that time, closed ones too."""

    code: ClassVar[str] = "cases_opened"
    title: ClassVar[Text] = Text("立案数", "Cases opened")
    source: ClassVar[Source] = Source("清源", Text("案件", "cases"), note=Text("案件", "cases"))

    def over(self, asked: Asked) -> dict[int, Told]:
        """How many there are, the newest first."""
        rows = Case.objects.filter(
            station__enterprise__in=asked.enterprises, opened_at__gte=asked.start, opened_at__lt=asked.end
        )
        words = Text(f"{asked.words.zh}立案", f"cases opened {asked.words.en}")
        return counted(asked, rows.select_related("station").order_by("-opened_at", "pk"), words)
