"""The share of good days."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._air import (
    DAY,
    DAY_COLUMNS,
    NOT_MONITORED,
    clauses_of,
    edition_for,
    missing_items,
    of_report,
    published,
)
from qingyuan_science.calc.wording import both, figure, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.air.editions import AirEdition, air_editions
from qingyuan_science.standards.air.index import air_index
from qingyuan_science.standards.air.period import editions_within, good_days


@TOPICS
@dataclass(frozen=True)
class AirDaysGood(Topic):
    """Count the days of each category and the share of good ones, each day by the edition in force on it.

    Notes
    -----
    Where the days lie on both sides of a change, the share by each edition over all days stands beside, because years
    can only be compared by one edition. A day that has no AQI because a pollutant is missing is no valid day; neither
    is one with a concentration beyond the table for which no other averaging time was given. Days deducted with a
    document are a second figure; the first one stays.
    """

    code: ClassVar[str] = "air_days_good"
    title: ClassVar[Text] = Text("优良天数比例", "Share of good days")
    source: ClassVar[Source] = Source("HJ 633-2012, HJ 633-2026", Text("空气质量级别", "levels"))
    fields: ClassVar[tuple[Field, ...]] = (
        Field("days", Asked.TABLE, Text("逐日浓度", "Daily concentrations"), columns=(DAY, *DAY_COLUMNS)),
        Field(
            "deducted",
            Asked.TABLE,
            Text("经批准扣除的日期（如沙尘）", "Days deducted with approval, such as dust storms"),
            default=(),
            columns=(DAY, Field("document", Asked.TEXT, Text("批准文件", "Document"))),
        ),
        NOT_MONITORED,
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                "PM2.5:2026-02-28 为 70,03-01 为 70、03-02 为 60", "PM2.5: 70 on 2026-02-28, 70 on 03-01, 60 on 03-02"
            ),
            (Text("3 天中 2 天优良，66.7%；全按旧标准 100%", "2 of 3 days good, 66.7 %; all by 2012 100 %"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "days": [
                {"day": "2026-02-28", "SO2": 8, "NO2": 36, "PM10": 90, "PM2.5": 70, "CO": 0.9, "O3_8h": 60},
                {"day": "2026-03-01", "SO2": 8, "NO2": 36, "PM10": 90, "PM2.5": 70, "CO": 0.9, "O3_8h": 60},
                {"day": "2026-03-02", "SO2": 8, "NO2": 36, "PM10": 80, "PM2.5": 60, "CO": 0.9, "O3_8h": 60},
            ],
        },
    )

    def answer(self, given: Given) -> Answer:
        """Answer with counts by category, the share, and what changes it.

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
        days = given["days"]
        if not days:
            raise BadQuestion("days", [], "at least one day")
        if len({row["day"] for row in days}) != len(days):
            raise BadQuestion("days", "a day that stands twice", "each day once")
        own = [edition_for(row["day"], "days") for row in days]
        excused = given["not_monitored"]
        aqi, beyond = zip(*(_aqi(row, edition, excused) for row, edition in zip(days, own, strict=True)), strict=True)
        good, valid, share = good_days(aqi)
        counted = Counter(
            edition.category(value).level for value, edition in zip(aqi, own, strict=True) if not np.isnan(value)
        )
        result: dict[str, Any] = {
            "good_days": good,
            "valid_days": valid,
            "share": figure(share, 1),
            "by_category": [
                {"level": one.level, "category": both(one.name), "days": counted.get(one.level, 0)}
                for one in own[-1].categories
            ],
        }
        dates = [row["day"] for row in days]
        within = editions_within(min(dates), max(dates), air_editions())
        if len(within) > 1:
            result["by_edition"] = [_by_one(days, edition, excused) for edition in within]
        if given["deducted"]:
            result["after_deduction"] = _deducted(given["deducted"], dates, aqi)
        clauses = once(clause for edition in within for clause in clauses_of(edition))
        return Answer(result, clauses, _not_valid(len(days) - valid, sum(beyond)))


def _aqi(row: dict[str, Any], edition: AirEdition, excused: Sequence[dict[str, Any]]) -> tuple[float, bool]:
    """The AQI of a day as published, NaN where it is marked NA, and whether that is for a value beyond the table."""
    known, _ = of_report({name: value for name, value in row.items() if name != "day"}, edition, "day", "days")
    index = air_index(known, edition, "day")
    aqi, _ = published(index, edition, missing_items(known, edition, "day"), excused)
    return float("nan") if aqi is None else aqi, any(bool(is_one) for is_one in index.lost.values())


def _by_one(days: Sequence[dict[str, Any]], edition: AirEdition, excused: Sequence[dict[str, Any]]) -> dict[str, Any]:
    good, valid, share = good_days([_aqi(row, edition, excused)[0] for row in days])
    return {"edition": edition.document, "good_days": good, "valid_days": valid, "share": figure(share, 1)}


def _not_valid(days: int, beyond: int) -> tuple[Text, ...]:
    notes = []
    if days > beyond:
        notes.append(_left_out(days - beyond))
    if beyond:
        notes.append(
            Text(
                f"{beyond} 天有污染物超出分级表上限且无其他平均时间的浓度，AQI 无法计算，不计入有效天数，也非优良天",
                f"{beyond} days have a pollutant beyond the table and no other averaging time of it: no AQI, neither "
                "valid nor good days",
            )
        )
    return tuple(notes)


def _left_out(days: int) -> Text:
    return Text(
        f"{days} 天因缺少污染物而无 AQI（2026 版 5.3：其余污染物不高于 100 时记为 NA），不计入有效天数",
        f"{days} days have no AQI for want of a pollutant (2026, 5.3: NA unless the rest is above 100): not valid days",
    )


def _deducted(deducted: Sequence[dict[str, Any]], dates: Sequence[Any], aqi: Sequence[float]) -> dict[str, Any]:
    out = {row["day"] for row in deducted}
    unknown = out - set(dates)
    if unknown:
        raise BadQuestion("deducted", min(unknown).isoformat(), "a day that stands among the days")
    good, valid, share = good_days([value for day, value in zip(dates, aqi, strict=True) if day not in out])
    documents = [{"day": row["day"].isoformat(), "document": row["document"]} for row in deducted]
    return {"good_days": good, "valid_days": valid, "share": figure(share, 1), "deducted": documents}
