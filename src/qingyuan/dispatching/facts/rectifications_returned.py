"""Rectifications that were sent back."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.dispatching.facts._cases import MOST_LINKS, link_to
from qingyuan.dispatching.models import Case, Evidence
from qingyuan.judging.fact import FACTS, Asked, OverDays, Told
from qingyuan_science.plugins import Source, Text


@FACTS
@dataclass(frozen=True)
class RectificationsReturned(OverDays):
    """Rectification records that a supervisor sent back in that time, which voids them."""

    code: ClassVar[str] = "rectifications_returned"
    title: ClassVar[Text] = Text("整改被退回次数", "Rectifications sent back")
    source: ClassVar[Source] = Source(
        "清源", Text("案件", "cases"), note=Text("因退回而作废的材料", "evidence voided by a move")
    )

    def over(self, asked: Asked) -> dict[int, Told]:
        """How many there are."""
        found: dict[int, list[Case]] = {one: [] for one in asked.enterprises}
        rows = Evidence.objects.filter(
            case__station__enterprise__in=asked.enterprises, kind="rectification",
            voided_at__gte=asked.start, voided_at__lt=asked.end,
        )  # fmt: skip
        for row in rows.select_related("case__station").order_by("-voided_at", "pk"):
            found[row.case.place.enterprise_id or 0].append(row.case)
        return {one: _told(asked, cases) for one, cases in found.items()}


def _told(asked: Asked, cases: list[Case]) -> Told:
    window = asked.words
    sentence = Text(f"{window.zh}整改被退回 {len(cases)} 次", f"rectifications sent back {window.en}: {len(cases)}")
    each = list(dict.fromkeys(cases))
    return Told(float(len(cases)), sentence, tuple(link_to(case) for case in each[:MOST_LINKS]))
