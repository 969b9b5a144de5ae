"""The composite index of cities' air, and their ranking."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic, named_once
from qingyuan_science.calc.topics._air import DAY_COLUMNS, concentrations
from qingyuan_science.calc.wording import both, figure, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.air.period import composite_index, grade_limit, weighted_index
from qingyuan_science.standards.ranking import places_of

_PM25 = "a34004"
_WEIGHTED_FROM = date(2026, 1, 1)
_ITEMS = tuple(column for column in DAY_COLUMNS if column.name != "O3_1h")


@TOPICS
@dataclass(frozen=True)
class AirCompositeIndex(Topic):
    """Compute the composite index of cities and rank them, the smallest index first.

    Notes
    -----
    A period that spans a change of limits is computed by both sets, because neither figure alone can be compared.
    """

    code: ClassVar[str] = "air_composite_index"
    title: ClassVar[Text] = Text("环境空气质量综合指数与排名", "Composite index and ranking of cities' air")
    source: ClassVar[Source] = Source("环办监测〔2018〕19号", Text("环境空气质量综合指数", "composite index"))
    fields: ClassVar[tuple[Field, ...]] = (
        Field("first_day", Asked.DATE, Text("时段首日", "First day of the period")),
        Field("last_day", Asked.DATE, Text("时段末日", "Last day of the period")),
        Field(
            "cities",
            Asked.TABLE,
            Text(
                "各城市统计值（CO 为第 95、O3 为第 90 百分位数）", "Figures of the cities (CO 95th, O3 90th percentile)"
            ),
            columns=(Field("city", Asked.TEXT, Text("城市", "City")), *_ITEMS),
        ),
        Field(
            "weighted",
            Asked.YES_NO,
            Text("另算加权综合指数（不参与排名）", "Also compute a weighted index, which does not rank"),
            default=False,
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                "2026 年 4 月，PM2.5 30、PM10 60、SO2 6、NO2 20、CO 0.8、O3 160",
                "April 2026: PM2.5 30, PM10 60, SO2 6, NO2 20, CO 0.8, O3 160",
            ),
            (Text("1 + 1 + 0.1 + 0.5 + 0.2 + 1 = 3.80", "1 + 1 + 0.1 + 0.5 + 0.2 + 1 = 3.80"),),
        ),
        Example(
            Text("同上甲市，另算加权", "the first city again, with the weighted index"),
            (
                Text(
                    "3×1 + 1 + 0.1 + 2×0.5 + 0.2 + 2×1 = 7.30（未见生态环境部文件）",
                    "3×1 + 1 + 0.1 + 2×0.5 + 0.2 + 2×1 = 7.30 (no document of the ministry was found)",
                ),
            ),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "first_day": "2026-04-01",
            "last_day": "2026-04-30",
            "cities": [
                {"city": "甲市", "SO2": 6, "NO2": 20, "PM10": 60, "PM2.5": 30, "CO": 0.8, "O3_8h": 160},
                {"city": "乙市", "SO2": 6, "NO2": 20, "PM10": 45, "PM2.5": 21, "CO": 0.8, "O3_8h": 120},
            ],
        },
        {
            "first_day": "2026-04-01",
            "last_day": "2026-04-30",
            "cities": [{"city": "甲市", "SO2": 6, "NO2": 20, "PM10": 60, "PM2.5": 30, "CO": 0.8, "O3_8h": 160}],
            "weighted": True,
        },
    )

    def answer(self, given: Given) -> Answer:
        """Answer with single indices, sums and places, by each set of limits in force within the period.

        Parameters
        ----------
        given : mapping
            The fields of the question, read.

        Returns
        -------
        Answer

        Raises
        ------
        BadQuestion
            A value cannot be what its field asks for; names the field, what was found and expected.
        """
        first, last = given["first_day"], given["last_day"]
        if first > last:
            raise BadQuestion("last_day", last.isoformat(), f"a day from {first} on")
        if given["weighted"] and first < _WEIGHTED_FROM:
            raise BadQuestion("weighted", True, f"false for a period that begins before {_WEIGHTED_FROM}")
        try:
            days = _days_of_limits(first, last)
        except LookupError as error:
            raise BadQuestion("first_day", first.isoformat(), "a day from 2016-01-01 on") from error
        named_once("cities", [one["city"] for one in given["cities"]], "city")
        measured = [
            (city["city"], concentrations({item.name: city[item.name] for item in _ITEMS}, f"cities[{number}]"))
            for number, city in enumerate(given["cities"])
        ]
        sets, clauses, notes = [], [], []
        for day in days:
            cities, used = _ranked(measured, day, weighted=given["weighted"])
            limit = grade_limit(_PM25, "year", "2", day)
            sets.append({"standard": limit.standard, "limits": both(limit.title), "cities": cities})
            clauses += used
            lacking = [row["city"] for row in cities if row["index"] is None]
            if lacking:
                names = ", ".join(lacking)
                notes.append(Text(f"{names} 缺少项目，不参加排名", f"{names}: items missing, not ranked"))
        if len(sets) > 1:
            notes.append(
                Text("时段跨越标准更替，两套限值分别计算", "the limits changed within the period: both are applied")
            )
        if given["weighted"]:
            notes.append(
                Text(
                    "加权综合指数未见生态环境部文件，仅供参考，不参与排名",
                    "no document of the ministry was found for the weighted index: for orientation only, not ranked by",
                )
            )
        return Answer({"by_standard": sets}, once(clauses), _once_each(notes))


def _once_each(notes: Sequence[Text]) -> tuple[Text, ...]:
    return tuple(dict.fromkeys(notes))


def _days_of_limits(first: date, last: date) -> list[date]:
    """A day for each set of limits in force within the period, earliest first."""
    days, day = [], first
    while True:
        days.append(day)
        until = grade_limit(_PM25, "year", "2", day).valid_to
        if until is None or until >= last:
            return days
        day = date.fromordinal(until.toordinal() + 1)


def _ranked(
    cities: Sequence[tuple[str, dict[str, float]]], day: date, *, weighted: bool
) -> tuple[list[dict[str, Any]], list[Source]]:
    rows: list[dict[str, Any]] = []
    clauses: list[Source] = []
    for city, figures in cities:
        parts, total, used = composite_index(figures, day)
        clauses += used
        largest = max(parts, key=lambda part: part.value / part.standard, default=None)
        rows.append(
            {
                "city": city,
                "index": figure(total, 2),
                "main_item": largest.item if largest else None,
                "largest_index": largest.index if largest else None,
                "parts": [
                    {
                        "item": part.item,
                        "statistic": both(part.statistic),
                        "value": part.value,
                        "limit": part.standard,
                        "index": part.index,
                    }
                    for part in parts
                ],
            }
        )
        if weighted:
            heavier, source = weighted_index(parts, day)
            rows[-1]["weighted_index"] = figure(heavier, 2)
            clauses.append(source)
    places = places_of([row["index"] for row in rows])
    ranked = [{"place": place, **row} for place, row in zip(places, rows, strict=True)]
    return sorted(ranked, key=lambda row: (row["place"] is None, row["place"])), clauses
