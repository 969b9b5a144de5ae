"""Whether a mean of automatic monitoring counts, and how well the data come."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._emission import refusing
from qingyuan_science.calc.wording import figure, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.emission.validity import (
    capture_needed,
    capture_rate,
    effective_transmission,
    mean_validity,
)


@TOPICS
@dataclass(frozen=True)
class DataValidity(Topic):
    """Tell whether a mean at an outlet or of ambient air counts, and how well data come."""

    code: ClassVar[str] = "data_validity"
    title: ClassVar[Text] = Text("自动监测数据有效性与传输有效率", "Validity and delivery of monitoring data")
    source: ClassVar[Source] = Source("HJ 75-2017, HJ 356-2019, GB 3095-2026", Text("数据有效性", "validity of data"))
    fields: ClassVar[tuple[Field, ...]] = (
        Field("medium", Asked.CHOICE, Text("介质", "Medium"), choices=("gas", "water", "air")),
        Field("period", Asked.CHOICE, Text("时段", "Period"), choices=("hour", "day", "month", "quarter")),
        Field(
            "valid",
            Asked.WHOLE,
            Text("有效分钟、小时、天数或数据个数", "Valid minutes, hours, days or values"),
        ),
        Field("due", Asked.WHOLE, Text("应得个数（季度为小时数）", "Number due (hours of a quarter)"), default=None),
        Field("received", Asked.WHOLE, Text("实收个数（用于传输率）", "Number received, for the rates"), default=None),
        Field("stopped", Asked.WHOLE, Text("停运小时数（季度）", "Hours stopped, of a quarter"), "h", default=0),
        Field("month", Asked.DATE, Text("月份中的一天（月均值）", "A day of the month, for its mean"), default=None),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("烟气小时均值：44 个有效分钟", "flue gas, hour: 44 valid minutes"),
            (Text("无效（需 45）", "invalid: it takes 45"),),
        ),
        Example(
            Text("环境空气小时均值：45 个有效分钟", "ambient air, hour: 45 valid minutes"),
            (Text("有效（需 45）", "valid: it takes 45"),),
        ),
        Example(
            Text("2026 年 2 月：23 个有效日", "February 2026: 23 valid days"),
            (Text("有效（2 月需 23）", "valid: February takes 23"),),
        ),
        Example(
            Text("季度 2208 h，停运 208 h，有效 1900 h", "quarter of 2208 h, 208 h stopped, 1900 h valid"),
            (Text("捕集率 1900/2000 = 95%，合格", "captured 1900/2000 = 95 %: enough"),),
        ),
        Example(
            Text("废水一日应得 24、实收 20、有效 15", "water, one day: 24 due, 20 received, 15 valid"),
            (
                Text(
                    "15/24 <75%，无效；传输 83.3%、有效 75%、传输有效 62.5%",
                    "15 of 24 is below 75 %: invalid; 83.3 %, 75 %, 62.5 %",
                ),
            ),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {"medium": "gas", "period": "hour", "valid": 44},
        {"medium": "air", "period": "hour", "valid": 45},
        {"medium": "gas", "period": "month", "valid": 23, "month": "2026-02-01"},
        {"medium": "gas", "period": "quarter", "valid": 1900, "due": 2208, "stopped": 208},
        {"medium": "water", "period": "day", "valid": 15, "due": 24, "received": 20},
    )

    def answer(self, given: Given) -> Answer:
        """Answer with whether the mean counts, what it takes, and the rates.

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
        result, clauses = _quarter(given) if given["period"] == "quarter" else _mean(given)
        if given["received"] is not None:
            with refusing("received", given["received"]):
                due = result["due"]
                transmission, validity, effective, source = effective_transmission(
                    due, given["received"], given["valid"]
                )
            result |= {
                "transmission": figure(transmission, 1),
                "validity": figure(validity, 1),
                "effective": figure(effective, 1),
            }
            clauses.append(source)
        return Answer(result, once(clauses))


def _mean(given: Given) -> tuple[dict[str, Any], list[Source]]:
    field = "month" if given["period"] == "month" and given["month"] is None else "valid"
    with refusing(field, given[field]):
        found = mean_validity(given["medium"], given["period"], given["valid"], due=given["due"], month=given["month"])
    result = {"valid": found.valid, "had": found.had, "needed": found.needed, "due": found.due}
    return result, [found.source]


def _quarter(given: Given) -> tuple[dict[str, Any], list[Source]]:
    if given["medium"] != "gas":
        raise BadQuestion("period", "quarter", "hour, day or month: only flue gas has a capture rate")
    if given["due"] is None:
        raise BadQuestion("due", None, "the hours of the quarter")
    with refusing("valid", given["valid"]):
        invalid = given["due"] - given["stopped"] - given["valid"]
        rate = capture_rate(given["due"], invalid=invalid, stopped=given["stopped"])
    least, source = capture_needed()
    running = given["due"] - given["stopped"]
    result = {
        "valid": None if rate is None else rate >= least,
        "capture_rate": figure(rate, 2),
        "needed_rate": least,
        "had": given["valid"],
        "due": running,
    }
    return result, [source]
