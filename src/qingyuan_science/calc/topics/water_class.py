"""The class of one sample of surface water."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._water import (
    BODY,
    NAMES,
    NOT_DETECTED,
    ROUNDED,
    SATURATION,
    TARGET,
    TEMPERATURE,
    class_clauses,
    items_used,
    judged_words,
    left_out,
    row_of,
    told_clauses,
    values_of,
    with_not_detected,
)
from qingyuan_science.calc.wording import figure, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.reading import Status
from qingyuan_science.standards.water.classes import judge, oxygen_saturation
from qingyuan_science.standards.water.items import item_table

_COLDEST, _WARMEST = 0.0, 40.0
_MOST_OXYGEN = 500.0  # [%]; a bloom of algae reaches some 300


@TOPICS
@dataclass(frozen=True)
class SampleClass(Topic):
    """Judge a sample by its worst item: class, deciding items, what is beyond the target and by how much.

    Notes
    -----
    Water temperature, total nitrogen and faecal coliforms do not decide. pH outside its range is worse than V.
    """

    code: ClassVar[str] = "water_class"
    title: ClassVar[Text] = Text("地表水水质类别（单因子）", "Class of a surface water sample")
    source: ClassVar[Source] = Source("GB 3838-2002", Text("5.1, 表1", "Table 1"))
    fields: ClassVar[tuple[Field, ...]] = (
        Field("day", Asked.DATE, Text("采样日期", "Day of sampling")),
        BODY,
        TARGET,
        Field("values", Asked.NUMBERS, Text("监测结果", "Results"), "mg/L", choices=NAMES),
        NOT_DETECTED,
        TEMPERATURE,
        SATURATION,
        ROUNDED,
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                "河流：氨氮 2.3、总磷 0.25、溶解氧 6.2",
                "river: ammonia nitrogen 2.3, total phosphorus 0.25, oxygen 6.2",
            ),
            (Text("劣Ⅴ类，氨氮（1.3）、总磷（0.2）", "worse than V; ammonia nitrogen (1.3), total phosphorus (0.2)"),),
        ),
        Example(
            Text("湖库：总磷 0.06、总氮 1.8", "lake: total phosphorus 0.06, total nitrogen 1.8"),
            (Text("Ⅳ类；总氮Ⅴ类单列", "class IV; total nitrogen apart, class V"),),
        ),
        Example(
            Text("溶解氧 7.2、水温 28 ℃，饱和率 91.7%", "oxygen 7.2 at 28 °C, saturation 91.7 %"),
            (Text("Ⅰ类", "class I"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {"day": "2026-11-20", "values": {"pH": 7.4, "DO": 6.2, "CODMn": 4.8, "NH3-N": 2.3, "TP": 0.25}},
        {"day": "2026-11-20", "body": "lake", "values": {"pH": 8.1, "总磷": 0.06, "总氮": 1.8, "溶解氧": 8.0}},
        {"day": "2026-08-01", "temperature": 28, "values": {"pH": 7.8, "DO": 7.2}, "not_detected": {"Pb": 0.002}},
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the class, its status and colour, and one row an item.

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
        values = values_of(given["values"], "values", "basic")
        halves = with_not_detected(values, given["not_detected"], "basic")
        saturation, clauses = _saturation(given, values)
        found = judge(values, given["body"], given["target"], saturation=saturation, rounded=given["rounded"])
        if found.code is None:
            raise BadQuestion("values", given["values"], "at least one item that decides the class")
        result = {
            **judged_words(found),
            "target": given["target"],
            "attained": not found.over,
            "saturation": figure(saturation, 1),
            "items": [row_of(one) for one in found.items],
            "apart": [row_of(one) for one in found.apart],
        }
        notes = (items_used(found), *left_out(values, given["body"]))
        return Answer(
            result, once((*class_clauses(rounded=given["rounded"]), *told_clauses([found]), *halves, *clauses)), notes
        )


def _saturation(given: Given, values: dict[str, float]) -> tuple[float, tuple[Source, ...]]:
    """The saturation as given, or from oxygen and water temperature; NaN where neither is known."""
    temperature = given["temperature"]
    if given["saturation"] is not None:
        if not 0 <= given["saturation"] <= _MOST_OXYGEN:
            raise BadQuestion("saturation", given["saturation"], f"a saturation of 0 to {_MOST_OXYGEN:g} %")
        return float(given["saturation"]), ()
    if temperature is None or "DO" not in values:
        return float(np.nan), ()
    if not _COLDEST <= temperature <= _WARMEST:
        raise BadQuestion("temperature", temperature, f"{_COLDEST:g} to {_WARMEST:g} °C")
    source = Source(
        "HJ 2.3-2018",
        Text("附录D", "Annex D"),
        Text("DOf = 468/(31.6+T); 未核对原文", "not checked against the text"),
        status=Status.UNVERIFIED,
    )
    return float(oxygen_saturation(values["DO"], temperature)), (source,)
