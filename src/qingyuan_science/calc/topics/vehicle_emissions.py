"""What a fleet of motor vehicles gives off in a year, and whose share that is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.assess.vehicles.emitted import Cell, Emitted, Inventory, Kilometres, Lacks, emitted
from qingyuan_science.assess.vehicles.factors import (
    EVAPORATED,
    PER_DAY,
    PER_KM,
    POLLUTANTS,
    Conditions,
    Factor,
    shipped_factors,
    with_own,
)
from qingyuan_science.assess.vehicles.naming import CLASSES, FUELS, STAGES
from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.wording import both, figure, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.reading import Status

_CLASS = Field("class", Asked.CHOICE, Text("车型", "Class"), choices=tuple(CLASSES))
_FUEL = Field("fuel", Asked.CHOICE, Text("燃料", "Fuel"), choices=tuple(FUELS))
_STAGE = Field("stage", Asked.CHOICE, Text("排放阶段", "Emission stage"), choices=tuple(STAGES))
_DOCUMENT = Field("document", Asked.TEXT, Text("来源文件", "Document"))
_CLAUSE = Field("clause", Asked.TEXT, Text("表号或页码", "Table or page"), default="")
_ALL = ("", *FUELS)
_OWN = Text("采用自有排放系数", "factors of the authority's own were used")
_AS_GIVEN = Text("提问所给", "as given in the question")
_UNCORRECTED = Text("部分车辆没有相应修正系数，按 1 计", "some kinds have no such correction: counted as 1")


@TOPICS
@dataclass(frozen=True)
class VehicleEmissions(Topic):
    """Calculate vehicles times kilometres of a year times factor times corrections, with the share of each kind.

    Notes
    -----
    Kinds without a factor or without kilometres add nothing; the share of vehicles for which that is so is told.
    Kilometres are never taken from a table of the library.
    """

    code: ClassVar[str] = "vehicle_emissions"
    title: ClassVar[Text] = Text("机动车排放量与分担率", "Emissions of motor vehicles and their shares")
    source: ClassVar[Source] = Source(
        "道路机动车大气污染物排放清单编制技术指南（试行）",
        Text("排放量计算", "calculation of emissions"),
        status=Status.UNVERIFIED,
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field("day", Asked.DATE, Text("按哪一天有效的系数", "Factors of which day")),
        Field(
            "fleet",
            Asked.TABLE,
            Text("保有量", "Fleet"),
            columns=(_CLASS, _FUEL, _STAGE, Field("vehicles", Asked.WHOLE, Text("辆数", "Vehicles"))),
        ),
        Field(
            "kilometres",
            Asked.TABLE,
            Text("年均行驶里程", "Kilometres of a year"),
            columns=(
                _CLASS,
                Field("fuel", Asked.CHOICE, Text("燃料（空为全部）", "Fuel, empty for all"), choices=_ALL, default=""),
                Field("stage", Asked.CHOICE, Text("排放阶段（空为全部）", "Stage, empty for all"),
                      choices=("", *STAGES), default=""),
                Field("kilometres", Asked.NUMBER, Text("公里", "Kilometres"), "km"),
                _DOCUMENT,
                _CLAUSE,
            ),
            default=[],
        ),
        Field(
            "factors",
            Asked.TABLE,
            Text("自有排放系数（优先于内置）", "Own factors, before those of the table"),
            columns=(
                _CLASS, _FUEL, _STAGE,
                Field("pollutant", Asked.CHOICE, Text("污染物", "Pollutant"), choices=(*POLLUTANTS, EVAPORATED)),
                Field("value", Asked.NUMBER, Text("系数", "Factor")),
                Field("unit", Asked.CHOICE, Text("单位", "Unit"), choices=(PER_KM, PER_DAY), default=PER_KM),
                _DOCUMENT, _CLAUSE,
            ),
            default=[],
        ),
        Field("temperature", Asked.NUMBER, Text("平均气温（空为不修正）", "Mean temperature"), "°C", default=None),
        Field("altitude", Asked.NUMBER, Text("海拔（空为不修正）", "Altitude"), "m", default=None),
        Field("speed", Asked.NUMBER, Text("平均车速（空为不修正）", "Mean speed"), "km/h", default=None),
    )  # fmt: skip
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                "1000 辆国四柴油重型货车，年均 75000 km（自有里程）",
                "1000 heavy diesel trucks of China IV, 75,000 km",
            ),
            (Text("NOx 1000×75000×5.554/10⁶ = 416.55 t", "NOx 1000 × 75,000 × 5.554 / 10⁶ = 416.55 t"),),
        ),
        Example(
            Text(
                "另有 3000 辆国六汽油小客车，无系数；1000 辆纯电动",
                "beside them 3000 petrol cars of China VI, 1000 electric",
            ),
            (Text("60% 的车辆没有系数，不计入", "60 % of the vehicles have no factor and add nothing"),),
        ),
    )  # fmt: skip
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "day": "2026-11-20",
            "fleet": [{"class": "heavy_truck", "fuel": "diesel", "stage": "4", "vehicles": 1000}],
            "kilometres": [{"class": "heavy_truck", "kilometres": 75000, "document": "QX 2026-17"}],
        },
        {
            "day": "2026-11-20",
            "fleet": [
                {"class": "heavy_truck", "fuel": "diesel", "stage": "4", "vehicles": 1000},
                {"class": "small_passenger", "fuel": "petrol", "stage": "6", "vehicles": 3000},
                {"class": "small_passenger", "fuel": "electric", "stage": "6", "vehicles": 1000},
            ],
            "kilometres": [
                {"class": "heavy_truck", "kilometres": 75000, "document": "QX 2026-17"},
                {"class": "small_passenger", "kilometres": 12000, "document": "QX 2026-17"},
            ],
        },
    )

    def answer(self, given: Given) -> Answer:
        """Answer with tonnes of each pollutant, shares by class, fuel and stage, and each product.

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
            A number is below nought, or no kind of vehicle is given.
        """
        found = _inventory(given)
        rows = [row for row in found.rows if row.cell.vehicles]
        names = list(dict.fromkeys(row.pollutant for row in found.rows))
        result = {
            "pollutants": [_sum(found, name) for name in names],
            "items": [_product(row) for row in rows],
        }
        clauses = [self.source, *(source for row in rows if not row.lacks for source in row.sources)]
        notes = [_OWN] if any(row.factor and row.factor.own for row in rows) else []
        if any(one.value is None for row in rows for one in row.corrected):
            notes.append(_UNCORRECTED)
        return Answer(result, once(clauses), tuple(notes))


def _inventory(given: Given) -> Inventory:
    if not given["fleet"]:
        raise BadQuestion("fleet", given["fleet"], "at least one kind of vehicle")
    for table, field in (("fleet", "vehicles"), ("kilometres", "kilometres"), ("factors", "value")):
        for place, row in enumerate(given[table]):
            if row[field] < 0:
                raise BadQuestion(f"{table}[{place}].{field}", row[field], "a number not below nought")
    own = (
        Factor(row["class"], row["fuel"], row["stage"], row["pollutant"], row["value"], row["unit"], _source(row), True)
        for row in given["factors"]
    )
    far = (
        Kilometres(row["class"], row["fuel"], row["stage"], row["kilometres"], _source(row))
        for row in given["kilometres"]
    )
    cells = [Cell(row["class"], row["fuel"], row["stage"], row["vehicles"]) for row in given["fleet"]]
    under = Conditions(given["temperature"], given["altitude"], given["speed"])
    return emitted(cells, with_own(shipped_factors(given["day"]), own), far, on=given["day"], under=under)


def _source(row: Mapping[str, Any]) -> Source:
    return Source(row["document"], row["clause"] or _AS_GIVEN, status=Status.UNVERIFIED)


def _sum(found: Inventory, pollutant: str) -> dict[str, Any]:
    total = found.total(pollutant)
    parts = {
        "share_by_class": found.by(lambda cell: cell.vehicle_class, pollutant),
        "share_by_fuel": found.by(lambda cell: cell.fuel, pollutant),
        "share_by_stage": found.by(lambda cell: cell.stage, pollutant),
    }
    shares = {
        name: {code: figure(100 * tonnes / total, 2) for code, tonnes in part.items()} if total else {}
        for name, part in parts.items()
    }
    return {
        "pollutant": pollutant,
        "tonnes": figure(total, 6),
        "uncounted": figure(100 * found.uncounted(pollutant), 2),
        **shares,
    }


def _product(row: Emitted) -> dict[str, Any]:
    return {
        "vehicle_class": row.cell.vehicle_class,
        "fuel": row.cell.fuel,
        "stage": row.cell.stage,
        "pollutant": row.pollutant,
        "vehicles": row.cell.vehicles,
        "kilometres": row.kilometres.value if row.kilometres else None,
        "emission_factor": row.factor.value if row.factor else None,
        "unit": row.factor.unit if row.factor else None,
        "corrected_by": figure(row.correction, 6),
        "tonnes": figure(row.tonnes, 6),
        "lacks": both(_LACKS[row.lacks]) if row.lacks else None,
        "document": row.factor.source.document if row.factor else None,
    }


_LACKS = {
    Lacks.CLASS: Text("车型不明", "class unknown"),
    Lacks.FUEL: Text("燃料不明", "fuel unknown"),
    Lacks.STAGE: Text("排放阶段不明", "stage unknown"),
    Lacks.FACTOR: Text("无排放系数", "no factor"),
    Lacks.KILOMETRES: Text("无年均行驶里程", "no kilometres"),
}
