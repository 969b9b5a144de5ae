"""Problems that inspections confirmed."""

from dataclasses import dataclass
from typing import ClassVar

from django.db.models import QuerySet

from qingyuan.dispatching.queries import Case
from qingyuan.inspecting.models import Conclusion, Inspection
from qingyuan.judging.fact import FACTS, Asked, Link, OverDays, Told
from qingyuan_science.plugins import Source, Text

MOST_LINKS = 8


@FACTS
@dataclass(frozen=True)
class ProblemsConfirmed(OverDays):
    """Cases of which an inspection in that time found the problem real."""

    code: ClassVar[str] = "problems_confirmed"
    title: ClassVar[Text] = Text("核查属实问题数", "Problems confirmed on site")
    source: ClassVar[Source] = Source(
        "清源", Text("现场核查", "inspections"), note=Text("现场核查记录", "inspection records")
    )

    words: ClassVar[Text] = Text("现场核查属实", "problems confirmed on site")

    @staticmethod
    def narrowed(rows: QuerySet[Inspection]) -> QuerySet[Inspection]:
        """The inspections that are meant."""
        return rows

    def over(self, asked: Asked) -> dict[int, Told]:
        """How many cases, the newest first."""
        found: dict[int, dict[int, Case]] = {one: {} for one in asked.enterprises}
        rows = Inspection.objects.filter(
            case__station__enterprise__in=asked.enterprises, conclusion=Conclusion.CONFIRMED,
            at__gte=asked.start, at__lt=asked.end,
        )  # fmt: skip
        for row in self.narrowed(rows).select_related("case__station").order_by("-at", "-pk"):
            found[row.case.place.enterprise_id or 0].setdefault(row.case_id, row.case)
        return {one: _told(asked, list(cases.values()), self.words) for one, cases in found.items()}


def _told(asked: Asked, cases: list[Case], words: Text) -> Told:
    window = asked.words
    sentence = Text(f"{window.zh}{words.zh} {len(cases)} 件", f"{words.en} {window.en}: {len(cases)}")
    links = (
        Link("case", str(one.pk), Text(f"{one.number} {one.title_zh}", f"{one.number} {one.title_en}"))
        for one in cases[:MOST_LINKS]
    )
    return Told(float(len(cases)), sentence, tuple(links))
