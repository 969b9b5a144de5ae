"""Whether a surface water source of drinking water keeps its limits."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._water import (
    BODY,
    NOT_DETECTED,
    TARGET,
    class_clauses,
    class_words,
    left_out,
    row_of,
    values_of,
    with_not_detected,
)
from qingyuan_science.calc.wording import both, figure, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.rounding import round_half_even
from qingyuan_science.standards.water.classes import judge
from qingyuan_science.standards.water.items import WaterItem, item_table, water_items

_GROUPS = ("basic", "supplementary", "specific")
_ALL = water_items(*_GROUPS)
_NAMES = (*_ALL, *(zh for zh in dict.fromkeys(one.name.zh for one in _ALL.values()) if zh not in _ALL))


@TOPICS
@dataclass(frozen=True)
class DrinkingSource(Topic):
    """Judge a source by the class of table 1 and the single limits of tables 2 and 3.

    Notes
    -----
    Which items of table 3 are measured is the local authority's choice; only what was measured is judged.
    """

    code: ClassVar[str] = "drinking_source"
    title: ClassVar[Text] = Text("饮用水水源地水质评价", "Drinking-water source")
    source: ClassVar[Source] = Source("GB 3838-2002", Text("表1~表3", "Tables 1 to 3"))
    fields: ClassVar[tuple[Field, ...]] = (
        Field("day", Asked.DATE, Text("采样日期", "Day of sampling")),
        BODY,
        TARGET,
        Field("values", Asked.NUMBERS, Text("监测结果", "Results"), "mg/L", choices=_NAMES),
        NOT_DETECTED,
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                "水库：表1 均达Ⅲ类，铁 0.45、硫酸盐 80、锑 0.004",
                "reservoir: class III kept, iron 0.45, sulphate 80, antimony 0.004",
            ),
            (Text("不达标：铁超标 0.5 倍", "limits not kept: iron beyond by 0.5"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "day": "2026-11-10",
            "body": "lake",
            "values": {"pH": 7.6, "DO": 7.9, "CODMn": 2.8, "TP": 0.03, "铁": 0.45, "SO4": 80, "锑": 0.004},
        },
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the verdict, the class by table 1, and every item.

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
        if given["day"] < item_table("basic").valid_from:
            raise BadQuestion("day", given["day"].isoformat(), "a day from 2002-06-01 on")
        values = values_of(given["values"], "values", *_GROUPS)
        halves = with_not_detected(values, given["not_detected"], *_GROUPS)
        if not values:
            raise BadQuestion("values", given["values"], "at least one item")
        basic = {name: value for name, value in values.items() if _ALL[name].group == "basic"}
        found = judge(basic, given["body"], given["target"])
        single = [_single(_ALL[name], value) for name, value in values.items() if _ALL[name].limit is not None]
        over = [row_of(one) for one in found.over] + [row for row in single if row["over"]]
        result = {
            "kept": not over,
            "over": over,
            **class_words(found.code),
            "target": given["target"],
            "counts": {group: sum(_ALL[name].group == group for name in values) for group in _GROUPS},
            "items": [row_of(one) for one in found.items] + single,
            "apart": [row_of(one) for one in found.apart],
        }
        clauses = [*class_clauses(rounded=False), *halves]
        clauses += [item_table(group).source for group in _GROUPS[1:] if result["counts"][group]]
        return Answer(result, once(clauses), tuple(left_out(values, given["body"])))


def _single(item: WaterItem, value: float) -> dict[str, Any]:
    limit = item.limit or 0.0
    over = value > limit
    return {
        "item": item.item,
        "name": both(item.name),
        "value": figure(value, 9),
        "unit": "mg/L",
        "class": None,
        "target_limit": f"≤ {limit:g}",
        "over": over,
        "multiple": round_half_even(round(value / limit - 1.0, 9), 2) if over else None,
    }
