"""The air quality index of a day."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._air import DAY, DAY_ITEMS, FEED_AQI, NOT_MONITORED, UNIT, answer_index
from qingyuan_science.calc.wording import once
from qingyuan_science.plugins import Example, Source, Text


@TOPICS
@dataclass(frozen=True)
class AirIndexDay(Topic):
    """Compute the index of a day from concentrations, by the edition in force on that day.

    Notes
    -----
    An AQI that a feed brings along is never used; it is compared, and the difference explained where a rule does.
    """

    code: ClassVar[str] = "air_index_day"
    title: ClassVar[Text] = Text("空气质量指数（日报）", "Air quality index of a day")
    source: ClassVar[Source] = Source(
        "HJ 633-2012, HJ 633-2026", "4", note=Text("以数据日期选用", "by the day of the data")
    )
    fields: ClassVar[tuple[Field, ...]] = (
        DAY,
        Field("concentrations", Asked.NUMBERS, Text("污染物浓度", "Concentrations"), UNIT, choices=DAY_ITEMS),
        NOT_MONITORED,
        FEED_AQI,
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("2026-02-28,PM2.5 日均值 70", "2026-02-28, daily PM2.5 of 70"),
            (Text("HJ 633-2012:AQI 94，良", "HJ 633-2012: AQI 94, good"),),
        ),
        Example(
            Text("次日同样浓度，来源仍报 94", "the same the day after; the feed still says 94"),
            (
                Text(
                    "HJ 633-2026:AQI 110，轻度污染；来源按旧标准",
                    "HJ 633-2026: AQI 110, lightly polluted; the feed is by 2012",
                ),
            ),
        ),
        Example(
            Text("2026-07-01，臭氧 8 小时 820", "2026-07-01, 8-hour ozone of 820"),
            (Text("IAQI 取 300，重度污染", "IAQI 300, heavily polluted"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "day": "2026-02-28",
            "concentrations": {"SO2": 8, "NO2": 36, "PM10": 98, "PM2.5": 70, "CO": 0.9, "O3_8h": 88, "O3_1h": 104},
        },
        {
            "day": "2026-03-01",
            "concentrations": {"SO2": 8, "NO2": 36, "PM10": 98, "PM2.5": 70, "CO": 0.9, "O3_8h": 88},
            "feed_aqi": 94,
        },
        {
            "day": "2026-07-01",
            "concentrations": {"SO2": 5, "NO2": 30, "PM10": 60, "PM2.5": 33, "CO": 0.6, "O3_8h": 820},
        },
    )

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
        result, clauses, notes = answer_index(given, given["day"], "day")
        return Answer(result, once(clauses), tuple(notes))
