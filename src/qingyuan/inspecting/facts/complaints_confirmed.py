"""Reports by people that a look on site confirmed."""

from dataclasses import dataclass
from typing import ClassVar

from django.db.models import QuerySet

from qingyuan.inspecting.facts.problems_confirmed import ProblemsConfirmed
from qingyuan.inspecting.models import Inspection
from qingyuan.judging.fact import FACTS
from qingyuan.judging.queries import REPORTED
from qingyuan_science.plugins import Source, Text


@FACTS
@dataclass(frozen=True)
class ComplaintsConfirmed(ProblemsConfirmed):
    """Cases about what people reported, of which an inspection in that time found the problem real."""

    code: ClassVar[str] = "complaints_confirmed"
    title: ClassVar[Text] = Text("查实的投诉反映数", "Complaints confirmed on site")
    source: ClassVar[Source] = Source(
        "清源", Text("现场核查", "inspections"), note=Text("现场核查记录", "inspection records")
    )
    words: ClassVar[Text] = Text("投诉反映经现场核查属实", "complaints confirmed on site")

    @staticmethod
    def narrowed(rows: QuerySet[Inspection]) -> QuerySet[Inspection]:
        """Those of cases that began with a report of people."""
        return rows.filter(case__finding__detector=REPORTED, case__finding__edition__screening_row__isnull=True)
