"""Hours that people marked as maintenance, calibration or fault."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from qingyuan.judging.fact import FACTS, Asked, Link, OverDays, Told
from qingyuan.judging.logic.surroundings import RECORDS
from qingyuan.recording.queries import MarkedSpan
from qingyuan_science.plugins import Source, Text


@FACTS
@dataclass(frozen=True)
class HoursMarked(OverDays):
    """Time that people marked as maintenance, calibration or fault and did not withdraw, at the station with the most.

    Spans that overlap count once.
    """

    code: ClassVar[str] = "hours_marked"
    title: ClassVar[Text] = Text("人工标记运维时长", "Hours marked as service by people")
    source: ClassVar[Source] = Source("污染物排放自动监测设备标记规则", "2022")
    validity: ClassVar[Text] = Text(
        "只计人工标记，设备自带的标记不计。", "Marks of people only; those that a device sends are not counted."
    )
    unit: ClassVar[str] = "h"
    decimals: ClassVar[int] = 1

    def over(self, asked: Asked) -> dict[int, Told]:
        """The most marked time of one station."""
        spans: dict[int, dict[int, list[MarkedSpan]]] = {one: defaultdict(list) for one in asked.enterprises}
        rows = MarkedSpan.objects.filter(
            station__enterprise__in=asked.enterprises, starts_at__lt=asked.end, ends_at__gt=asked.start,
            withdrawn_at=None, code__in=RECORDS,
        )  # fmt: skip
        for row in rows.select_related("station").order_by("starts_at", "pk"):
            spans[row.station.enterprise_id or 0][row.station_id].append(row)
        return {one: _told(asked, list(spans[one].values())) for one in asked.enterprises}


def _told(asked: Asked, stations: list[list[MarkedSpan]]) -> Told:
    window = asked.words
    if not stations:
        return Told(0.0, Text(f"{window.zh}没有人工标记", f"nothing was marked by people {window.en}"))
    summed = sorted(((_length(asked, rows), rows) for rows in stations), key=lambda one: -one[0])
    hours, rows = summed[0]
    station = rows[0].station
    sentence = Text(
        f"{station.title_zh}{window.zh}被标记运维、校准或故障共 {hours:.1f} 小时（{len(rows)} 次）",
        f"{station.title_en}: {hours:.1f} hours {window.en} marked as maintenance, calibration or fault "
        f"(marks: {len(rows)})",
    )
    return Told(hours, sentence, tuple(Link.to_station(each[0].station, asked) for _hours, each in summed[:5]))


def _length(asked: Asked, rows: list[MarkedSpan]) -> float:
    """Hours that the spans cover together; they come by their beginning."""
    covered, until = timedelta(), datetime.min.replace(tzinfo=asked.start.tzinfo)
    for row in rows:
        begins, ends = max(row.starts_at, asked.start, until), min(row.ends_at, asked.end)
        covered += max(ends - begins, timedelta())
        until = max(until, ends)
    return covered / timedelta(hours=1)
