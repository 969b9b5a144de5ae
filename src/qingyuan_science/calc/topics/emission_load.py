"""Masses emitted, from concentration and flow."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._emission import within
from qingyuan_science.calc.wording import figure
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.emission.loads import Load, Medium, load_of
from qingyuan_science.standards.reading import Status


@TOPICS
@dataclass(frozen=True)
class EmissionLoad(Topic):
    """Add up what an outlet emitted by day, month and year, with the mean weighted by flow.

    Notes
    -----
    Gas counts with the concentration as measured and the dry flow at standard state, never with the converted one. A
    period without concentration or flow is counted as missing and adds nothing; see missing_data_substitution.
    """

    code: ClassVar[str] = "emission_load"
    title: ClassVar[Text] = Text("排放量核算", "Mass emitted")
    source: ClassVar[Source] = Source(
        "HJ 212-2017",
        Text("附录 D", "annex D"),
        Text("排放量=浓度×流量", "mass = concentration × flow"),
        status=Status.PARTLY,
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field("medium", Asked.CHOICE, Text("介质", "Medium"), choices=("water", "gas")),
        Field(
            "periods",
            Asked.TABLE,
            Text("各时段（小时或日）", "Periods, hours or days"),
            columns=(
                Field("day", Asked.DATE, Text("日期", "Day")),
                Field("concentration", Asked.NUMBER, Text("浓度", "Concentration"), "mg/L, mg/m³", default=None),
                Field("flow", Asked.NUMBER, Text("时段流量", "Volume of the period"), "m³", default=None),
            ),
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                "废水两日：COD 40、60 mg/L，流量 1000、3000 m³",
                "two days of water: COD 40 and 60 mg/L, 1000 and 3000 m³",
            ),
            (Text("40+180 = 220 kg，加权均值 55 mg/L", "40 + 180 = 220 kg; weighted mean 55 mg/L"),),
        ),
        Example(
            Text(
                "废气一小时：实测 35 mg/m³,10⁶ m³；下一小时无流量", "gas: 35 mg/m³ and 10⁶ m³; next hour without flow"
            ),
            (Text("35 kg，缺失 1 个时段", "35 kg, one period missing"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "medium": "water",
            "periods": [
                {"day": "2026-10-31", "concentration": 40, "flow": 1000},
                {"day": "2026-11-01", "concentration": 60, "flow": 3000},
            ],
        },
        {
            "medium": "gas",
            "periods": [
                {"day": "2026-11-01", "concentration": 35, "flow": 1000000},
                {"day": "2026-11-01", "concentration": 30},
            ],
        },
    )

    def answer(self, given: Given) -> Answer:
        """Answer with masses by day, month, year and in all.

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
        rows, medium = given["periods"], given["medium"]
        if not rows:
            raise BadQuestion("periods", [], "at least one period")
        for number, row in enumerate(rows):
            for name in ("concentration", "flow"):
                within(f"periods[{number}].{name}", row[name], 0)
        whole = _load(rows, medium)
        result = {
            **_written(whole, medium),
            "days": _grouped(rows, medium, lambda day: day.isoformat()),
            "months": _grouped(rows, medium, lambda day: f"{day:%Y-%m}"),
            "years": _grouped(rows, medium, lambda day: f"{day:%Y}"),
        }
        notes: tuple[Text, ...] = ()
        if whole.missing:
            notes = (
                Text(
                    f"{whole.missing} 个时段缺少浓度或流量，未计入排放量",
                    f"{whole.missing} periods lack concentration or flow and add nothing",
                ),
            )
        return Answer(result, (self.source,), notes)


def _load(rows: Sequence[dict[str, Any]], medium: Medium) -> Load:
    return load_of([(row["concentration"], row["flow"]) for row in rows], medium)


def _written(load: Load, medium: Medium) -> dict[str, Any]:
    return {
        "mass": figure(load.mass, 6),
        "flow": figure(load.flow, 3),
        "weighted_mean": figure(load.mean(medium), 3),
        "measured": load.measured,
        "missing_periods": load.missing,
    }


def _grouped(rows: Sequence[dict[str, Any]], medium: Medium, key: Callable[[date], str]) -> list[dict[str, Any]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(key(row["day"]), []).append(row)
    return [{"period": name, **_written(_load(groups[name], medium), medium)} for name in sorted(groups)]
