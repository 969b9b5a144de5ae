"""Waste gas held against the emission limit that binds it."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._emission import (
    BUILT,
    DAY,
    LOCAL,
    PERMIT,
    ROUNDED,
    Bound,
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
    refusing,
)
from qingyuan_science.calc.wording import figure, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.emission.oxygen import conversion_source, converted

_STANDARDS = ("GB 13223", "GB 13271", "GB 16297", "GB 18485", "环发〔2015〕164号")


@TOPICS
@dataclass(frozen=True)
class EmissionLimit(Topic):
    """Hold concentrations in waste gas against the limit of the plant, converted by oxygen where the standard says so.

    Notes
    -----
    The permit's figure wins where there is one, then the local standard's. The hourly mean of the converted
    concentration is judged; of incinerators the daily mean too.
    """

    code: ClassVar[str] = "emission_limit"
    title: ClassVar[Text] = Text("废气排放限值评判", "Waste gas against its limits")
    source: ClassVar[Source] = Source(
        "GB 13223-2011, GB 13271-2014, GB 16297-1996, GB 18485-2014", Text("排放限值", "emission limits")
    )
    fields: ClassVar[tuple[Field, ...]] = (
        DAY,
        Field("standard", Asked.CHOICE, Text("标准", "Standard"), choices=_STANDARDS),
        level_field(_STANDARDS),
        Field("values", Asked.NUMBERS, Text("各污染物浓度", "Concentration of each pollutant"), "mg/m³"),
        Field(
            "oxygen",
            Asked.NUMBER,
            Text("实测含氧量（数值为实测时）", "Oxygen measured, if values are as measured"),
            "%",
            default=None,
        ),
        Field("converted", Asked.YES_NO, Text("数值已折算", "Values are converted already"), default=False),
        Field(
            "averaging",
            Asked.CHOICE,
            Text("数值的平均时间", "Mean that was taken"),
            choices=("hour", "day"),
            default="hour",
        ),
        case_field(_STANDARDS),
        BUILT,
        LOCAL,
        PERMIT,
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("新建燃煤锅炉：二氧化硫实测 250、含氧量 11%", "new coal boiler: SO2 250 as measured, oxygen 11 %"),
            (Text("折算 250×(21-9)/(21-11) = 300，达标", "converted 250×(21-9)/(21-11) = 300: kept"),),
        ),
        Example(
            Text("垃圾焚烧炉日均值：氮氧化物折算 275", "incinerator, daily mean: NOx 275 converted"),
            (Text("超标 0.1 倍（275/250-1）", "beyond 250 by 275/250 - 1 = 0.1"),),
        ),
        Example(
            Text("GB 16297 排气筒：二氧化硫 600", "GB 16297, stack: SO2 600"),
            (Text("超标 0.09 倍（600/550-1），不折算", "beyond 550 by 0.09; not converted"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {"day": "2026-11-20", "standard": "GB 13271", "level": "new_coal", "values": {"SO2": 250}, "oxygen": 11},
        {
            "day": "2026-11-20",
            "standard": "GB 18485",
            "level": "incinerator",
            "values": {"NOx": 275},
            "converted": True,
            "averaging": "day",
        },
        {"day": "2026-11-20", "standard": "GB 16297", "level": "stack", "values": {"二氧化硫": 600}},
    )

    def answer(self, given: Given) -> Answer:
        """Answer with converted value, limit, verdict and exceedance multiple of each pollutant.

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
        ask = asking(given, "gas")
        known = concentrations(given["values"])
        refused_items(given, "local", "permit")
        rows: list[dict[str, Any]] = []
        clauses: list[Source] = []
        notes: list[Text] = []
        several = {name: bound(name, ask, given["local"].get(name), given["permit"].get(name)) for name in known}
        case_known(ask, several.values())
        each_once(several)
        for name, value in known.items():
            found = several[name]
            counted, is_new = _counted(value, found, given)
            row = judged_row(name, counted, found, ask.averaging)
            rows.append({**row, "value": figure(value, 6), "converted": figure(counted, 3) if is_new else None})
            clauses.extend((*found.sources, *([conversion_source(given["standard"])] if is_new else [])))
            notes.extend(notes_on(name, found, ask.averaging))
        over = [row["item"] for row in rows if row["over"]]
        return Answer({"over": over, "items": rows}, once((*clauses, ROUNDED)), tuple(notes))


def _counted(value: float, found: Bound, given: Given) -> tuple[float, bool]:
    """The value to compare, and whether it was converted here."""
    reference = found.reference_oxygen
    if reference is None or given["converted"]:
        return value, False
    if given["oxygen"] is None:
        raise BadQuestion("oxygen", None, f"the oxygen measured, to convert to {reference:g} %, or converted values")
    with refusing("oxygen", given["oxygen"]):
        return converted(value, given["oxygen"], reference), True
