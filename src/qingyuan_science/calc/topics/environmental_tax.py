"""The environmental protection tax of a month."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._emission import refusing, within
from qingyuan_science.calc.topics._tax import equivalents_of, rows_of
from qingyuan_science.calc.wording import figure, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.reading import Status
from qingyuan_science.standards.tax.equivalents import Equivalents, taxed_of
from qingyuan_science.standards.tax.rates import (
    checked_rate,
    in_fen,
    noise_tax,
    solid_kinds,
    solid_tax,
    taxed_share,
)

_LOUDEST = 200.0  # dB


@TOPICS
@dataclass(frozen=True)
class EnvironmentalTax(Topic):
    """Compute the tax on air and water outlets, noise and solid waste of one month.

    Notes
    -----
    Each outlet is ranked by itself. The rates for air and water are those that the province fixed for the year; they
    are refused outside the band of the law. A concentration 30 % or 50 % below its limit lowers the tax on that
    pollutant, unless another of the outlet did not keep its limits.
    """

    code: ClassVar[str] = "environmental_tax"
    title: ClassVar[Text] = Text("环境保护税", "Environmental protection tax")
    source: ClassVar[Source] = Source(
        "环境保护税法", Text("附表一、附表二，第13条", "annexes 1 and 2, article 13"), status=Status.PARTLY
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            "outlets",
            Asked.TABLE,
            Text("各排放口的污染物", "Pollutants of each outlet"),
            columns=(
                Field("outlet", Asked.TEXT, Text("排放口", "Outlet")),
                Field("medium", Asked.CHOICE, Text("介质", "Medium"), choices=("air", "water")),
                Field("pollutant", Asked.TEXT, Text("污染物", "Pollutant")),
                Field("amount", Asked.NUMBER, Text("排放量", "Amount"), "kg, t"),
                Field("ph", Asked.NUMBER, Text("pH 值（pH 项）", "pH, for the item pH"), "1", default=None),
                Field(
                    "below", Asked.NUMBER, Text("浓度低于限值", "Concentration below its limit by"), "%", default=None
                ),
                Field("kept", Asked.YES_NO, Text("当月未超标", "Kept its limits in the month"), default=True),
            ),
        ),
        Field("air_rate", Asked.NUMBER, Text("大气污染物税额", "Rate for air"), "CNY", default=None),
        Field("water_rate", Asked.NUMBER, Text("水污染物税额", "Rate for water"), "CNY", default=None),
        Field(
            "noise",
            Asked.TABLE,
            Text("噪声", "Noise"),
            default=(),
            columns=(
                Field("over", Asked.NUMBER, Text("最高超标分贝", "Decibels beyond, worst point"), "dB"),
                Field("days", Asked.WHOLE, Text("超标天数", "Days beyond"), "d"),
                Field("points", Asked.WHOLE, Text("超标点数", "Points beyond"), default=1),
                Field("boundary", Asked.NUMBER, Text("边界长度", "Length of the boundary"), "m", default=0.0),
            ),
        ),
        Field(
            "solid",
            Asked.TABLE,
            Text("固体废物", "Solid waste"),
            default=(),
            columns=(
                Field("kind", Asked.CHOICE, Text("种类", "Kind"), choices=solid_kinds()),
                Field("mass", Asked.NUMBER, Text("应税量", "Mass taxed"), "t"),
            ),
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                "DA001：二氧化硫 95 kg（低于限值 40%）、氮氧化物 190 kg，每当量 1.2 元",
                "DA001: SO2 95 kg (40 % below), NOx 190 kg; 1.2 CNY",
            ),
            (Text("200×1.2 + 100×1.2×75% = 330 元", "200×1.2 + 100×1.2×75 % = 330 CNY"),),
        ),
        Example(
            Text(
                "DW001:COD 100 kg，1.4 元；噪声超 5 dB 共 10 天；尾矿 10 t",
                "DW001: COD 100 kg at 1.4 CNY; noise 5 dB over on 10 days; tailings 10 t",
            ),
            (Text("140 + 350 + 150 = 640 元", "140 + 350 + 150 = 640 CNY"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "outlets": [
                {"outlet": "DA001", "medium": "air", "pollutant": "SO2", "amount": 95, "below": 40},
                {"outlet": "DA001", "medium": "air", "pollutant": "NOx", "amount": 190},
            ],
            "air_rate": 1.2,
        },
        {
            "outlets": [{"outlet": "DW001", "medium": "water", "pollutant": "COD", "amount": 100}],
            "water_rate": 1.4,
            "noise": [{"over": 5, "days": 10}],
            "solid": [{"kind": "tailings", "mass": 10}],
        },
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the tax of each outlet, of noise and solid waste, and the sum.

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
        groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for number, row in enumerate(given["outlets"]):
            groups.setdefault((row["outlet"], row["medium"]), []).append({**row, "number": number})
        clauses: list[Source] = []
        outlets = [_outlet(rows, given, clauses) for rows in groups.values()]
        noise, solid = _noise(given["noise"], clauses), _solid(given["solid"], clauses)
        total = in_fen(sum(row["tax"] for row in (*outlets, *noise, *solid)))
        result = {"tax": total, "outlets": outlets, "noise": noise, "solid": solid}
        notes = (
            Text(
                "税额由省级确定，按提问所给计算", "provinces fix the rates; they are taken as given with the question"
            ),
        )
        return Answer(result, once((*clauses, self.source)), notes)


def _outlet(rows: Sequence[dict[str, Any]], given: Given, clauses: list[Source]) -> dict[str, Any]:
    medium = rows[0]["medium"]
    rate = given[f"{medium}_rate"]
    if rate is None:
        raise BadQuestion(f"{medium}_rate", None, f"the rate of the province for {medium}")
    with refusing(f"{medium}_rate", rate):
        clauses.append(checked_rate(medium, rate))
    found, below = [], {}
    for row in rows:
        where = f"outlets[{row['number']}].{'ph' if row['pollutant'].lower() == 'ph' else 'amount'}"
        one = equivalents_of(row["pollutant"], medium, row["amount"], row["ph"], field=where)
        if one.name in below:
            raise BadQuestion(
                f"outlets[{row['number']}].pollutant", row["pollutant"], "each pollutant of an outlet once"
            )
        if row["below"] is not None and row["below"] > 100:
            raise BadQuestion(f"outlets[{row['number']}].below", row["below"], "at most 100 %")
        found.append(one)
        below[one.name] = row["below"]
    ranked, kept = taxed_of(found), all(row["kept"] for row in rows)
    clauses.extend(one.source for one in ranked)
    items = [
        {**written, **_tax(one, rate, below[one.name], clauses, kept=kept)}
        for one, written in zip(ranked, rows_of(ranked), strict=True)
    ]
    tax = in_fen(sum(row["tax"] for row in items))
    return {"outlet": rows[0]["outlet"], "medium": medium, "rate": rate, "tax": tax, "items": items}


def _tax(one: Equivalents, rate: float, below: float | None, clauses: list[Source], *, kept: bool) -> dict[str, Any]:
    share, source = taxed_share(below, all_kept=kept)
    if source is not None and one.taxed:
        clauses.append(source)
    return {"taxed_share": share, "tax": in_fen(one.number * rate * share / 100.0) if one.taxed else 0.0}


def _noise(rows: Sequence[dict[str, Any]], clauses: list[Source]) -> list[dict[str, Any]]:
    written = []
    for number, row in enumerate(rows):
        within(f"noise[{number}].over", row["over"], 0, _LOUDEST)
        with refusing(f"noise[{number}].over", row["over"]):
            found = noise_tax(row["over"], days=row["days"], points=row["points"], boundary=row["boundary"])
        clauses.append(found.source)
        written.append(
            {"decibels_over": found.over, "units": found.units, "half": found.halved, "tax": figure(found.tax, 2)}
        )
    return written


def _solid(rows: Sequence[dict[str, Any]], clauses: list[Source]) -> list[dict[str, Any]]:
    written = []
    for number, row in enumerate(rows):
        within(f"solid[{number}].mass", row["mass"], 0)
        with refusing(f"solid[{number}].mass", row["mass"]):
            tax, source = solid_tax(row["kind"], row["mass"])
        clauses.append(source)
        written.append({"kind": row["kind"], "solid_mass": row["mass"], "tax": tax})
    return written
