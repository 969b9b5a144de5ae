"""Concentrations of ambient air held against the limits of their day."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._air import DAY, UNDECIDED, verdict
from qingyuan_science.calc.wording import both, figure, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.air.period import grade_limit
from qingyuan_science.standards.limit_entries import Limit
from qingyuan_science.standards.reading import Status

_FACTORS = {
    "SO2": "a21026", "NO2": "a21004", "CO": "a21005", "O3": "a05024", "PM10": "a34002", "PM2.5": "a34004",
    "TSP": "a34001", "NOx": "a21002", "Pb": "a20044", "BaP": "a25044",
}  # fmt: skip


@TOPICS
@dataclass(frozen=True)
class AmbientLimit(Topic):
    """Hold concentrations against the limits of GB 3095 that were in force on the day of the data.

    Notes
    -----
    Values are rounded to the decimals of the limit first; equal to the limit keeps it.
    """

    code: ClassVar[str] = "ambient_limit"
    title: ClassVar[Text] = Text("环境空气浓度限值评判", "Ambient air against its limits")
    source: ClassVar[Source] = Source("GB 3095-2012, GB 3095-2026", Text("表1、表2", "Tables 1 and 2"))
    fields: ClassVar[tuple[Field, ...]] = (
        DAY,
        Field(
            "averaging",
            Asked.CHOICE,
            Text("平均时间", "Averaging time"),
            choices=("hour", "day", "day_max_8h", "quarter", "year"),
        ),
        Field("values", Asked.NUMBERS, Text("浓度", "Concentrations"), "µg/m³; CO: mg/m³", choices=tuple(_FACTORS)),
        Field("grade", Asked.CHOICE, Text("功能区", "Grade"), choices=("1", "2"), default="2"),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("2026-03-01 日均值 PM2.5 70、PM10 120", "daily means on 2026-03-01: PM2.5 70, PM10 120"),
            (Text("PM2.5 超标 0.17 倍（60），PM10 达标（120）", "PM2.5 beyond 60 by 0.17; PM10 keeps 120"),),
        ),
        Example(
            Text("2031-01-01 起最终阶段：PM2.5 55", "final limits from 2031-01-01: PM2.5 55"),
            (Text("超标 0.1 倍（50）", "beyond 50 by 0.1"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {"day": "2026-03-01", "averaging": "day", "values": {"PM2.5": 70, "PM10": 120}},
        {"day": "2031-01-01", "averaging": "day", "values": {"PM2.5": 55}},
    )

    def answer(self, given: Given) -> Answer:
        """Answer with limit, verdict and exceedance multiple of each pollutant.

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
        rows, clauses = [], []
        for name, value in given["values"].items():
            if value is None:
                continue
            if value < 0:
                raise BadQuestion(f"values.{name}", value, "a concentration of at least 0")
            try:
                limit = grade_limit(_FACTORS[name], given["averaging"], given["grade"], given["day"])
            except LookupError as error:
                expected = f"a pollutant with a limit over a {given['averaging']} on {given['day']}"
                raise BadQuestion(f"values.{name}", value, expected) from error
            row, *unknown = _row(name, value, limit)
            rows.append(row)
            clauses += [limit.source, *unknown]
        if not rows:
            raise BadQuestion("values", given["values"], "at least one concentration")
        over = [row["item"] for row in rows if row["over"]]
        rounding = Source(
            "GB/T 8170-2008", "4.3", Text("修约后比较", "compared after rounding"), status=Status.VERIFIED_SECONDARY
        )
        notes = (UNDECIDED,) if any(row["over"] is None for row in rows) else ()
        return Answer({"over": over, "items": rows}, once((*clauses, rounding)), notes)


def _row(name: str, value: float, limit: Limit) -> tuple[Any, ...]:
    """What is told of one pollutant, and the clause that is not known where its rounding is not."""
    rounded, over, unknown = verdict(name, value, limit)
    row = {
        "item": name,
        "value": value,
        "rounded": figure(rounded, limit.decimals),
        "limit": limit.high,
        "unit": limit.unit,
        "limit_name": both(limit.title),
        "over": over,
        "multiple": figure(float(limit.times_over(np.array([rounded]))[0]), 2) if over else None,
    }
    return (row, unknown) if unknown else (row,)
