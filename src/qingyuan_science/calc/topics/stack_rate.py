"""The rate that a stack may emit by its height, and several stacks as one."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._emission import refusing, within
from qingyuan_science.calc.wording import both, figure, once
from qingyuan_science.calc.words import word_for
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.emission.stacks import RateLimit, Stack, equivalent_stack, stack_rate_limit
from qingyuan_science.standards.rounding import round_half_even

_LOWEST, _HIGHEST = 0.1, 1000.0  # m


@TOPICS
@dataclass(frozen=True)
class StackRate(Topic):
    """Find the highest permitted rate of GB 16297 for a stack, or for several that stand close together.

    Notes
    -----
    Between two heights of the table it is interpolated, outside it goes with the square of the height. Each rule that
    is not kept (5 m above buildings, at least 15 m) halves it.
    """

    code: ClassVar[str] = "stack_rate"
    title: ClassVar[Text] = Text("排气筒最高允许排放速率", "Permitted rate of a stack")
    source: ClassVar[Source] = Source(
        "GB 16297-1996", Text("表2、7.1~7.4，附录 A、B", "Table 2, 7.1 to 7.4, annexes A and B")
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field("item", Asked.TEXT, Text("污染物", "Pollutant")),
        Field(
            "stacks",
            Asked.TABLE,
            Text("排气筒（多个时按等效排气筒）", "Stacks (several are taken as one)"),
            columns=(
                Field("height", Asked.NUMBER, Text("高度", "Height"), "m"),
                Field("rate", Asked.NUMBER, Text("排放速率", "Rate emitted"), "kg/h", default=None),
                Field(
                    "distance",
                    Asked.NUMBER,
                    Text("与前一排气筒的距离", "Distance from the one before"),
                    "m",
                    default=None,
                ),
            ),
        ),
        Field("grade", Asked.CHOICE, Text("功能区级别", "Grade of the area"), choices=("2", "3"), default="2"),
        Field("case", Asked.TEXT, Text("工艺（留空为一般情形）", "Process (empty: the main one)"), default=""),
        Field(
            "above_buildings",
            Asked.YES_NO,
            Text("高出周围 200 m 内建筑 5 m 以上", "5 m or more above the buildings within 200 m"),
            default=True,
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("二氧化硫，二级，25 m 排气筒，排放 10 kg/h", "SO2, grade 2, stack of 25 m, 10 kg/h"),
            (Text("4.3+(15-4.3)×5/10 = 9.65 kg/h，超标", "4.3 + (15-4.3)×5/10 = 9.65 kg/h: beyond"),),
        ),
        Example(
            Text("二氧化硫，二级，120 m，未高出建筑 5 m", "SO2, grade 2, 120 m, not 5 m above buildings"),
            (Text("170×(120/100)²×50% = 122.4 kg/h", "170×(120/100)²×50 % = 122.4 kg/h"),),
        ),
        Example(
            Text("两根 30 m、40 m，相距 50 m，各 2、3 kg/h", "30 m and 40 m, 50 m apart, 2 and 3 kg/h"),
            (Text("等效高度 √((30²+40²)/2) = 35.36 m,5 kg/h", "as one of √((30²+40²)/2) = 35.36 m with 5 kg/h"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {"item": "SO2", "stacks": [{"height": 25, "rate": 10}]},
        {"item": "二氧化硫", "stacks": [{"height": 120}], "above_buildings": False},
        {"item": "SO2", "stacks": [{"height": 30, "rate": 2}, {"height": 40, "rate": 3, "distance": 50}]},
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the rate permitted, how it was found, and whether the stack keeps it.

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
        stack, sources = _one(given["stacks"])
        with refusing("item", given["item"]):
            limit = stack_rate_limit(
                given["item"],
                stack.height,
                grade=given["grade"],
                case=given["case"],
                above_buildings=given["above_buildings"],
            )
        result = {
            "item": both(limit.item),
            "height": figure(stack.height, 2),
            "permitted_rate": figure(limit.rate, 4),
            "by_height": figure(limit.before, 4),
            "found_by": both(word_for(limit.found)),
            "halved": [both(word_for(one)) for one in limit.halved],
            **_verdict(stack, limit, known=all(row["rate"] is not None for row in given["stacks"])),
        }
        return Answer(result, once((*limit.sources, *sources)), _notes(limit))


def _one(rows: list[dict[str, Any]]) -> tuple[Stack, tuple[Source, ...]]:
    if not rows:
        raise BadQuestion("stacks", [], "at least one stack")
    for number, row in enumerate(rows):
        within(f"stacks[{number}].height", row["height"], _LOWEST, _HIGHEST)
        within(f"stacks[{number}].rate", row["rate"], 0)
        if number and (row["distance"] is None or row["rate"] is None or rows[0]["rate"] is None):
            raise BadQuestion(f"stacks[{number}].distance", row["distance"], "a distance, and a rate of every stack")
    several = [Stack(row["height"], row["rate"] or 0.0) for row in rows]
    if len(several) == 1:
        return several[0], ()
    distances = [row["distance"] for row in rows[1:]]
    with refusing("stacks", distances):
        stack, source = equivalent_stack(several, distances)
    return stack, (source,)


def _verdict(stack: Stack, limit: RateLimit, *, known: bool) -> dict[str, Any]:
    if not known:
        return {"rate": None, "over": None, "multiple": None}
    over = round(stack.rate, 9) > limit.rate
    multiple = round_half_even(round(stack.rate / limit.rate - 1, 9), 2) if over else None
    return {"rate": figure(stack.rate, 4), "over": over, "multiple": multiple}


def _notes(limit: RateLimit) -> tuple[Text, ...]:
    if len(limit.halved) < 2:
        return ()
    return (Text("两条规定均未满足，速率先后各减一半", "two rules are not kept: the rate is halved by each of them"),)
