"""What stands in for emission that was not measured."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._emission import refusing, within
from qingyuan_science.calc.wording import both, figure
from qingyuan_science.calc.words import word_for
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.emission.validity import daily_substitute, hourly_substitute

_LONGEST = 100_000  # h or d


@TOPICS
@dataclass(frozen=True)
class MissingDataSubstitution(Topic):
    """Replace the amounts of a gap in automatic monitoring: hours of flue gas, days of waste water.

    Notes
    -----
    Only the amount is replaced, never a concentration or a flow. Below a capture rate of 75 % the tables of HJ 75 say
    nothing, and nothing is replaced.
    """

    code: ClassVar[str] = "missing_data_substitution"
    title: ClassVar[Text] = Text("缺失数据的排放量替代", "Substitutes for missing emission data")
    source: ClassVar[Source] = Source("HJ 75-2017, HJ 356-2019", Text("表5、表6；8", "Tables 5 and 6; clause 8"))
    fields: ClassVar[tuple[Field, ...]] = (
        Field("medium", Asked.CHOICE, Text("介质", "Medium"), choices=("gas", "water")),
        Field(
            "before",
            Asked.SERIES,
            Text(
                "此前有效小时（废气）或有效日（废水）的排放量，由远及近",
                "Amounts of valid hours (gas) or days (water) before, oldest first",
            ),
            "kg",
        ),
        Field("gap", Asked.WHOLE, Text("连续缺失小时数或日数", "Hours or days missing in a row"), "h, d"),
        Field(
            "capture",
            Asked.NUMBER,
            Text("季度有效数据捕集率（废气）", "Capture rate of the quarter, for gas"),
            "%",
            default=None,
        ),
        Field(
            "kind",
            Asked.CHOICE,
            Text("失控时段或其他无效时段（废气）", "Monitor out of control, or another cause (gas)"),
            choices=("out_of_control", "other"),
            default="other",
        ),
        Field(
            "manual",
            Asked.SERIES,
            Text("当日手工监测排放量（废水）", "Amounts by hand samples of the day (water)"),
            "kg",
            default=(),
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                "捕集率 95%，缺 10 h，此前 3.0、2.0、2.5 kg/h", "capture 95 %, 10 h missing; 3.0, 2.0, 2.5 kg/h before"
            ),
            (Text("取 180 h 内最大值 3.0，共 30 kg", "the largest of 180 h, 3.0: 30 kg in all"),),
        ),
        Example(
            Text("废水缺 2 天，此前日排放量 100、120、90 kg", "water, 2 days missing; 100, 120, 90 kg a day before"),
            (Text("取 30 天内最大值 120，共 240 kg", "the largest of 30 days, 120: 240 kg in all"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {"medium": "gas", "before": [3.0, 2.0, 2.5], "gap": 10, "capture": 95},
        {"medium": "water", "before": [100, 120, 90], "gap": 2},
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the amount of one period and of the whole gap, and how it was found.

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
        before, manual = (_known(given[name], name) for name in ("before", "manual"))
        within("gap", given["gap"], 1, _LONGEST)
        if given["medium"] == "water":
            with refusing("before", given["before"]):
                found = daily_substitute(before, manual)
        elif given["capture"] is None or not 0 <= given["capture"] <= 100:
            raise BadQuestion("capture", given["capture"], "the capture rate of the quarter, 0 to 100 %")
        else:
            with refusing("before" if not before else "capture", given["capture"]):
                found = hourly_substitute(given["capture"], given["gap"], before, given["kind"])
        result = {
            "amount": figure(found.amount, 6),
            "whole_gap": figure(found.amount * given["gap"], 6),
            "method": both(word_for(found.method)),
            "looked_at": found.of,
            "asked_for": found.asked,
        }
        notes: tuple[Text, ...] = ()
        if found.method == "largest_of_valid" and found.of < found.asked:
            notes = (
                Text(
                    f"规定取 {found.asked} 个有效时段，仅有 {found.of} 个",
                    f"the rule looks at {found.asked} valid periods; only {found.of} were given",
                ),
            )
        return Answer(result, (found.source,), notes)


def _known(values: Any, field: str) -> list[float]:
    for value in values:
        within(field, value, 0)
    return [value for value in values if value is not None]
