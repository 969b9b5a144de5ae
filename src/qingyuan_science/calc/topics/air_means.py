"""Running and daily means of the hours of one day."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.wording import figure, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.air.running import (
    HOURS_OF_DAY,
    daily_maximum_8h,
    daily_mean,
    eight_hour_means,
    least_counts,
    moving_mean,
)


@TOPICS
@dataclass(frozen=True)
class AirMeans(Topic):
    """Average the hours of a day, with the counts that make a mean valid."""

    code: ClassVar[str] = "air_means"
    title: ClassVar[Text] = Text("空气日均值与 8 小时滑动均值", "Daily and running means of air")
    source: ClassVar[Source] = Source("GB 3095-2026", Text("表4", "Table 4"))
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            "hours",
            Asked.SERIES,
            Text(
                "0 时起 24 个小时均值，缺测留空；其前可加前一日至多 24 个小时",
                "The 24 hour means from 00:00, empty where missing; up to 24 hours of the day before may stand first",
            ),
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("臭氧：夜间 40、午后 8 小时 200", "ozone: 40 at night, 200 over eight hours of the afternoon"),
            (Text("日最大 8 小时 200，日均值 93.3", "daily maximum 8-hour mean 200, daily mean 93.3"),),
        ),
        Example(
            Text("仅 19 个小时有效", "only 19 valid hours"),
            (Text("日均值无效", "no valid daily mean"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {"hours": [40] * 12 + [200] * 8 + [40] * 4},
        {"hours": [40] * 19 + [None] * 5},
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the daily mean, the running 8-hour means and their maximum.

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
        hours = np.array([np.nan if one is None else one for one in given["hours"]])
        if not HOURS_OF_DAY <= hours.size <= 2 * HOURS_OF_DAY:
            raise BadQuestion("hours", int(hours.size), f"{HOURS_OF_DAY} to {2 * HOURS_OF_DAY} hours")
        mean, valid = daily_mean(hours[-HOURS_OF_DAY:])
        largest, windows = daily_maximum_8h(hours[-HOURS_OF_DAY:])
        counts, sources = least_counts()
        running_24h = moving_mean(hours, HOURS_OF_DAY, int(counts["hours_of_day"]))
        result = {
            "daily_mean": figure(float(mean), 3),
            "valid_hours": int(valid),
            "hours_needed": int(counts["hours_of_day"]),
            "maximum_8h": figure(float(largest), 3),
            "valid_windows": int(windows),
            "windows_needed": int(counts["windows_of_day"]),
            "running_8h": [figure(float(one), 3) for one in eight_hour_means(hours)[-HOURS_OF_DAY:]],
            "running_24h": [figure(float(one), 3) for one in running_24h[-HOURS_OF_DAY:]],
        }
        notes = () if not np.isnan(mean) else (Text("有效小时不足，日均值无效", "too few valid hours: no daily mean"),)
        used = (sources["hours_of_day"], sources["hours_of_8h"], sources["windows_of_day"])
        return Answer(result, once(used), notes)
