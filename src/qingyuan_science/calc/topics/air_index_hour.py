"""The air quality index of an hour."""

from dataclasses import dataclass
from datetime import timedelta, timezone
from typing import Any, ClassVar

from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._air import FEED_AQI, HOUR_ITEMS, NOT_MONITORED, UNIT, answer_index
from qingyuan_science.calc.wording import once
from qingyuan_science.plugins import Example, Source, Text

_CHINA = timezone(timedelta(hours=8))


@TOPICS
@dataclass(frozen=True)
class AirIndexHour(Topic):
    """Compute the real-time index of an hour, by the edition in force when the hour began.

    Notes
    -----
    In 2026 the hour means of all six pollutants count, particles by the break points of 24 hours. In 2012 particles
    counted as 24-hour running means and ozone also as the running mean of eight hours.
    """

    code: ClassVar[str] = "air_index_hour"
    title: ClassVar[Text] = Text("空气质量指数（实时报）", "Air quality index of an hour")
    source: ClassVar[Source] = Source(
        "HJ 633-2012, HJ 633-2026", "4.2", note=Text("以数据日期选用", "by the day of the data")
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field("at", Asked.TIME, Text("小时起始时间", "Start of the hour")),
        Field(
            "concentrations",
            Asked.NUMBERS,
            Text("小时均值（2012 版另需滑动均值）", "Hour means (2012: with running means)"),
            UNIT,
            choices=HOUR_ITEMS,
        ),
        NOT_MONITORED,
        FEED_AQI,
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("2026-03-01 08 时，PM2.5 小时均值 61", "08:00 on 2026-03-01, hourly PM2.5 of 61"),
            (Text("AQI 101，轻度污染", "AQI 101, lightly polluted"),),
        ),
        Example(
            Text("2025-06-01 15 时，臭氧 1 小时 250", "15:00 on 2025-06-01, ozone of 250 in the hour"),
            (Text("AQI 125，超标污染物为臭氧", "AQI 125, exceeding: ozone"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "at": "2026-03-01T08:00:00+08:00",
            "concentrations": {"SO2": 9, "NO2": 41, "PM10": 88, "PM2.5": 61, "CO": 0.8, "O3": 35},
        },
        {
            "at": "2025-06-01T15:00:00+08:00",
            "concentrations": {
                "SO2": 9, "NO2": 20, "CO": 0.5, "O3": 250, "O3_8h": 170, "PM10_24h": 70, "PM2.5_24h": 35,
            },
        },
    )  # fmt: skip

    def answer(self, given: Given) -> Answer:
        """Answer with AQI, level, colour, primary pollutants and every IAQI.

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
        result, clauses, notes = answer_index(given, given["at"].astimezone(_CHINA).date(), "hour")
        return Answer(result, once(clauses), tuple(notes))
