"""How long ago an enterprise was inspected."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.inspecting.models import Inspection
from qingyuan.judging.fact import FACTS, Asked, Fact, Link, Told
from qingyuan.kit.clock import SHANGHAI
from qingyuan_science.plugins import Source, Text


@FACTS
@dataclass(frozen=True)
class DaysSinceInspection(Fact):
    """Days of the calendar from the newest inspection record to the end of the time; not known where there is none."""

    code: ClassVar[str] = "days_since_inspection"
    title: ClassVar[Text] = Text("距上次现场核查天数", "Days since the last inspection")
    source: ClassVar[Source] = Source(
        "清源", Text("现场核查", "inspections"), note=Text("现场核查记录", "inspection records")
    )
    validity: ClassVar[Text] = Text(
        "只有本平台记录的核查；从未核查的企业为“未知”。",
        "Inspections recorded here only; an enterprise never inspected is “unknown”.",
    )
    unit: ClassVar[str] = "d"

    def measure(self, asked: Asked) -> dict[int, Told]:
        """The days since the newest record."""
        rows = Inspection.objects.filter(case__station__enterprise__in=asked.enterprises, at__lt=asked.end)
        newest = rows.order_by("case__station__enterprise_id", "-at", "-pk").distinct("case__station__enterprise_id")
        found = dict.fromkeys(asked.enterprises, Told(None, Text("没有现场核查记录", "no inspection on record")))
        for row in newest.select_related("case__station"):
            said, last = (at.astimezone(SHANGHAI).date() for at in (row.at, asked.end))
            days, case = (last - said).days, row.case
            link = Link("case", str(case.pk), Text(f"{case.number} {case.title_zh}", f"{case.number} {case.title_en}"))
            sentence = Text(f"上次现场核查在 {said}，{days} 天前", f"last inspected on {said}, {days} days ago")
            found[case.place.enterprise_id or 0] = Told(float(days), sentence, (link,))
        return found
