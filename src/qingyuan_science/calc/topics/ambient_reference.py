"""Metals and fluoride of ambient air beside the reference values of GB 3095."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._emission import DAY, refusing, within
from qingyuan_science.calc.wording import both, figure
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.sourced import table_on

_ITEMS = ("Cd", "Hg", "As", "Cr6", "F")
_INFORMATIVE = Text(
    "附录A 为资料性附录：供地方制定标准参考，不是限值，不能据此判定超标",
    "annex A is informative: provinces may take its values up in standards of their own; they are no limits",
)


@TOPICS
@dataclass(frozen=True)
class AmbientReference(Topic):
    """Hold cadmium, mercury, arsenic, chromium(VI) and fluoride of ambient air beside the reference values of GB 3095.

    Notes
    -----
    The values of annex A are informative: no verdict of exceedance follows from them. Metals have yearly means in
    µg/m³; fluoride has means of an hour and a day in towns, and of a month and a growing season on pasture or farm land
    in µg/(dm²·d).
    """

    code: ClassVar[str] = "ambient_reference"
    title: ClassVar[Text] = Text("环境空气参考浓度限值（附录A）", "Reference values of ambient air, annex A")
    source: ClassVar[Source] = Source("GB 3095-2026", Text("附录A 表A.1", "Annex A, Table A.1"))
    fields: ClassVar[tuple[Field, ...]] = (
        DAY,
        Field(
            "averaging",
            Asked.CHOICE,
            Text("平均时间", "Averaging time"),
            choices=("hour", "day", "month", "growing_season", "year"),
            default="year",
        ),
        Field(
            "land",
            Asked.CHOICE,
            Text("区域（氟化物）", "Land, for fluoride"),
            choices=("urban", "pasture", "farm_forest"),
            default="urban",
        ),
        Field("values", Asked.NUMBERS, Text("浓度", "Concentrations"), "µg/m³", choices=_ITEMS),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("年均值：镉 0.006、汞 0.05", "yearly means: cadmium 0.006, mercury 0.05"),
            (Text("镉高于参考值 0.005，汞不高于 0.05", "cadmium above 0.005, mercury not above 0.05"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = ({"day": "2026-11-20", "values": {"Cd": 0.006, "Hg": 0.05}},)

    def answer(self, given: Given) -> Answer:
        """Answer with the reference value of each item and whether it is passed.

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
        with refusing("day", given["day"].isoformat()):
            table = table_on("air/states", "references", given["day"])
        known = {name: value for name, value in given["values"].items() if value is not None}
        if not known:
            raise BadQuestion("values", dict(given["values"]), "at least one value")
        rows = []
        for name, value in known.items():
            within(f"values.{name}", value, 0)
            row = _reference(table.rows, name, given)
            rows.append(
                {
                    "item": name,
                    "name": both(Text(*row["name"])),
                    "value": figure(value, 9),
                    "reference_value": float(row["value"]),
                    "unit": row.get("unit", table.unit),
                    "above_reference": value > float(row["value"]),
                }
            )
        return Answer({"items": rows}, (table.source,), (_INFORMATIVE,))


def _reference(rows: tuple[dict[str, Any], ...], name: str, given: Given) -> dict[str, Any]:
    """The row of an item, its averaging time and, for fluoride, its land."""
    there = [row for row in rows if row["item"] == name]
    for row in there:
        if row["averaging"] == given["averaging"] and row.get("land", given["land"]) == given["land"]:
            return row
    known = ", ".join(f"{row['averaging']}{' ' + row['land'] if 'land' in row else ''}" for row in there)
    asked = f"{given['averaging']} {given['land']}"
    raise BadQuestion(f"values.{name}", asked, f"an averaging time and land with a reference value: {known}")
