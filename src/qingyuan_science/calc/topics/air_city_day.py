"""The air of a city on a day, from its assessment points."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic, named_once
from qingyuan_science.calc.topics._air import (
    DAY,
    DAY_COLUMNS,
    DAY_ITEMS,
    FEED_AQI,
    NOT_MONITORED,
    answer_index,
    concentrations,
)
from qingyuan_science.calc.wording import figure, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.air.city import city_mean, points_needed
from qingyuan_science.standards.sourced import table_on


@TOPICS
@dataclass(frozen=True)
class AirCityDay(Topic):
    """Average the concentrations over the points, then compute the index; indices are never averaged."""

    code: ClassVar[str] = "air_city_day"
    title: ClassVar[Text] = Text("城市空气质量（日）", "Air quality of a city on a day")
    source: ClassVar[Source] = Source(
        "HJ 663-2013", Text("城市评价", "cities"), note=Text("未核对原文", "not checked against the text")
    )
    fields: ClassVar[tuple[Field, ...]] = (
        DAY,
        Field(
            "points",
            Asked.TABLE,
            Text("各点位浓度", "Concentrations at the points"),
            columns=(Field("point", Asked.TEXT, Text("点位", "Point")), *DAY_COLUMNS),
        ),
        Field("points_total", Asked.WHOLE, Text("评价点位总数", "Assessment points of the city"), default=None),
        Field("needed_share", Asked.NUMBER, Text("有效点位最低比例", "Least share of valid points"), "1", default=None),
        NOT_MONITORED,
        FEED_AQI,
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("三个点位 PM2.5 为 50、60、73", "PM2.5 of 50, 60 and 73 at three points"),
            (Text("城市均值 61,AQI 101", "city mean 61, AQI 101"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "day": "2026-11-20",
            "points_total": 4,
            "points": [
                {"point": "A", "SO2": 6, "NO2": 40, "PM10": 80, "PM2.5": 50, "CO": 0.7, "O3_8h": 61},
                {"point": "B", "SO2": 8, "NO2": 44, "PM10": 90, "PM2.5": 60, "CO": 0.8, "O3_8h": 66},
                {"point": "C", "SO2": 7, "NO2": 51, "PM10": 103, "PM2.5": 73, "CO": 0.9, "O3_8h": 70},
                {"point": "D", "SO2": 7},
            ],
        },
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the city's concentrations, the valid points of each, and the index.

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
        points = given["points"]
        total = len(points) if given["points_total"] is None else given["points_total"]
        if not points or total < len(points):
            raise BadQuestion("points_total", total, f"at least the {len(points)} points given, and one")
        named_once("points", [one["point"] for one in points], "point")
        measured = [
            concentrations({item: point[item] for item in DAY_ITEMS}, f"points[{number}]")
            for number, point in enumerate(points)
        ]
        means: dict[str, float | None] = {}
        rows: list[dict[str, Any]] = []
        for item in DAY_ITEMS:
            values = np.array([point.get(item, np.nan) for point in measured])
            mean, valid = city_mean(values[:, None], total, given["needed_share"])
            if valid[0]:
                means[item] = None if np.isnan(mean[0]) else float(mean[0])
                rows.append({"item": item, "mean": figure(means[item], 4), "points": int(valid[0])})
        asked = {**given, "concentrations": means}
        result, clauses, notes = answer_index(asked, given["day"], "day")
        needed = points_needed(total, given["needed_share"])
        thin = [row["item"] for row in rows if row["mean"] is None]
        if thin:
            names = ", ".join(thin)
            zh, en = f"{names} 有效点位少于 {needed} 个", f"{names}: fewer than {needed} valid points"
            notes.append(Text(zh, en))
        result = {**result, "means": rows, "points_needed": needed}
        return Answer(
            result, once((table_on("air/assessment", "coverage", given["day"]).source, *clauses)), tuple(notes)
        )
