"""Waste water held against the discharge limit that binds it."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._emission import (
    BUILT,
    DAY,
    LOCAL,
    PERMIT,
    ROUNDED,
    Asking,
    asking,
    bound,
    case_field,
    case_known,
    concentrations,
    each_once,
    judged_row,
    level_field,
    notes_on,
    refused_items,
    within,
)
from qingyuan_science.calc.wording import once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.emission.binding import amendments
from qingyuan_science.standards.emission.requirements import judged_by_removal

_STANDARDS = ("GB 8978", "GB 18918")
_DEGREES = (-5.0, 100.0)  # [°C]; waste water is neither ice nor steam


@TOPICS
@dataclass(frozen=True)
class DischargeLimit(Topic):
    """Hold concentrations in waste water against GB 8978 or GB 18918, a local standard or the permit.

    Notes
    -----
    The permit's figure wins where there is one, then the local standard's. Limits judge the daily mean weighted by
    flow; an hourly mean is shown beside its limit and not judged.
    """

    code: ClassVar[str] = "discharge_limit"
    title: ClassVar[Text] = Text("废水排放限值评判", "Waste water against its limits")
    source: ClassVar[Source] = Source("GB 8978-1996, GB 18918-2002", Text("表1~4", "Tables 1 to 4"))
    fields: ClassVar[tuple[Field, ...]] = (
        DAY,
        Field("standard", Asked.CHOICE, Text("标准", "Standard"), choices=_STANDARDS),
        level_field(_STANDARDS),
        Field(
            "values",
            Asked.NUMBERS,
            Text("各项目数值（按限值单位）", "Value of each item, in the unit of its limit"),
            "mg/L",
        ),
        Field(
            "averaging",
            Asked.CHOICE,
            Text("数值的平均时间", "Mean that was taken"),
            choices=("day", "hour"),
            default="day",
        ),
        case_field(_STANDARDS),
        BUILT,
        Field("water_temperature", Asked.NUMBER, Text("水温", "Water temperature"), "°C", default=None),
        Field("influent", Asked.NUMBERS, Text("进水浓度", "Concentration that comes in"), "mg/L", default={}),
        LOCAL,
        PERMIT,
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                "污水处理厂一级A：COD 65、氨氮 6、水温 10 ℃", "sewage plant, class 1A: COD 65, NH3-N 6, water at 10 °C"
            ),
            (Text("COD 超标 0.3 倍（65/50-1）；氨氮达标（8）", "COD beyond 50 by 65/50 - 1 = 0.3; NH3-N keeps 8"),),
        ),
        Example(
            Text("同上，COD 40，许可证 30", "the same plant, COD 40, permit 30"),
            (Text("超许可限值 0.33 倍（40/30-1）", "beyond the permit by 40/30 - 1 = 0.33"),),
        ),
        Example(
            Text("1996 年建厂，二级，悬浮物 180", "plant of 1996, class 2, suspended solids 180"),
            (Text("达标（表2：200；1998 年后建为 150）", "kept: Table 2 allows 200; built after 1997 it is 150"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "day": "2026-11-20",
            "standard": "GB 18918",
            "level": "1A",
            "values": {"COD": 65, "氨氮": 6},
            "water_temperature": 10,
        },
        {"day": "2026-11-20", "standard": "GB 18918", "level": "1A", "values": {"COD": 40}, "permit": {"COD": 30}},
        {"day": "2026-11-20", "standard": "GB 8978", "level": "2", "values": {"悬浮物": 180}, "built": "1996-05-01"},
    )

    def answer(self, given: Given) -> Answer:
        """Answer with limit, verdict and exceedance multiple of each item.

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
        within("water_temperature", given["water_temperature"], *_DEGREES)
        ask = asking(given, "water")
        known = concentrations(given["values"])
        refused_items(given, "local", "permit", "influent")
        rows: list[dict[str, Any]] = []
        clauses: list[Source] = []
        notes: list[Text] = []
        several = {name: bound(name, ask, given["local"].get(name), given["permit"].get(name)) for name in known}
        case_known(ask, several.values())
        each_once(several)
        for name, value in known.items():
            found = several[name]
            row = judged_row(name, value, found, ask.averaging)
            clauses.extend(found.sources)
            notes.extend(notes_on(name, found, ask.averaging))
            removal = judged_by_removal(name, given["influent"].get(name) or 0.0) if _is_class_3(ask) else None
            if removal is not None and found.binding is not None and found.binding.basis == "national":
                share = (1.0 - value / given["influent"][name]) * 100.0
                row |= {"limit": f"> {removal[0]:g} %", "removal": round(share, 1), "over": share <= removal[0]}
                row["multiple"] = None
                clauses.append(removal[1])
            rows.append(row)
        over = [row["item"] for row in rows if row["over"]]
        notes.extend(amendments(given["standard"], given["day"]))
        return Answer({"over": over, "items": rows}, once((*clauses, ROUNDED)), tuple(notes))


def _is_class_3(ask: Asking) -> bool:
    return ask.standard == "GB 18918" and ask.level == "3"
