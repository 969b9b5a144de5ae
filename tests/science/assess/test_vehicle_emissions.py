"""Emissions of motor vehicles: the words of a registry, the product and its sources, and shares."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan_science import calc
from qingyuan_science.assess.vehicles.emitted import Cell, Kilometres, Lacks, emitted
from qingyuan_science.assess.vehicles.factors import (
    EVAPORATED,
    PER_DAY,
    POLLUTANTS,
    Conditions,
    Factor,
    corrections,
    shipped_factors,
    with_own,
)
from qingyuan_science.assess.vehicles.naming import CLASSES, FUELS, STAGES, fuel_of, stage_of, vehicle_class
from qingyuan_science.calc.topic import TOPICS
from qingyuan_science.calc.words import is_worded
from qingyuan_science.plugins import Source
from qingyuan_science.standards.errors import NoEdition

calc.load()
DAY = date(2026, 11, 20)
SURVEY = Source("QX 2026-17", "表1")
FAR = [Kilometres(code, "", "", 10_000.0, SURVEY) for code in CLASSES]
TRUCK = Cell("heavy_truck", "diesel", "4", 1000)


@pytest.mark.parametrize(
    ("kind", "use", "expected"),
    [
        ("小型轿车", "非营运", "small_passenger"),
        ("微型面包车", "", "small_passenger"),
        ("轿车", "非营运", "small_passenger"),
        ("小型轿车", "出租客运", "taxi"),
        ("大型普通客车", "公交客运", "bus"),
        ("大型双层客车", "公路客运", "large_passenger"),
        ("中型越野客车", "", "medium_passenger"),
        ("重型半挂牵引车", "货运", "heavy_truck"),
        ("重型自卸货车", "货运", "heavy_truck"),
        ("轻型厢式货车", "", "light_truck"),
        ("微型封闭货车", "", "light_truck"),
        ("中型普通半挂车", "", "trailer"),
        ("普通二轮摩托车", "", "motorcycle"),
        ("轻便二轮摩托车", "", "moped"),
        ("三轮汽车", "", "three_wheeler"),
        ("低速自卸货车", "", "low_speed_truck"),
        ("Heavy trucks", "", "heavy_truck"),
        ("重型专项作业车", "", ""),
        ("", "", ""),
    ],
)
def test_the_class_follows_from_type_and_use(kind: str, use: str, expected: str) -> None:
    assert vehicle_class(kind, use) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("汽油", "petrol"), ("柴油", "diesel"), ("天然气", "gaseous"), ("LNG", "gaseous"),
     ("电", "electric"), ("氢燃料", "electric"),
     ("插电式混合动力", "hybrid"), ("液化石油气", "gaseous"), ("", ""), ("煤", "")],
)  # fmt: skip
def test_the_fuel_is_told_by_its_word(text: str, expected: str) -> None:
    assert fuel_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("国六", "6"), ("国Ⅵb", "6"), ("国6A", "6"), ("国V", "5"), ("国ⅳ", "4"), ("China III", "3"), ("国0", "0"),
     ("国一前", "0"), ("5", "5"), ("国七", ""), ("欧盟", ""), ("GB17691-2018", ""), ("", "")],
)  # fmt: skip
def test_the_stage_is_told_by_its_numeral(text: str, expected: str) -> None:
    assert stage_of(text) == expected


@pytest.mark.mission("S1-18")
def test_the_product_is_vehicles_times_kilometres_times_factor() -> None:
    found = emitted([TRUCK], shipped_factors(DAY), [Kilometres("heavy_truck", "", "", 75_000.0, SURVEY)], on=DAY)
    # 1000 × 75,000 × (2.2, 0.129, 5.554, 0.138, 0.153) g/km / 10⁶
    for pollutant, tonnes in zip(POLLUTANTS, (165.0, 9.675, 416.55, 10.35, 11.475), strict=True):
        assert found.total(pollutant) == pytest.approx(tonnes)
    row = found.of("NOx")[0]
    assert [one.document for one in row.sources] == ["道路机动车大气污染物排放清单编制技术指南（试行）", "QX 2026-17"]
    assert "二手" in str(row.sources[0].note)


def test_what_lacks_adds_nothing_and_its_share_is_told() -> None:
    cells = [TRUCK, Cell("small_passenger", "petrol", "6", 2000), Cell("", "petrol", "4", 500),
             Cell("small_passenger", "", "4", 250), Cell("small_passenger", "petrol", "", 125),
             Cell("bus", "diesel", "4", 125)]  # fmt: skip
    far = [one for one in FAR if one.vehicle_class != "bus"]
    found = emitted(cells, shipped_factors(DAY), far, on=DAY)
    whys = [row.lacks for row in found.of("CO")]
    assert whys == [Lacks.NOTHING, Lacks.FACTOR, Lacks.CLASS, Lacks.FUEL, Lacks.STAGE, Lacks.KILOMETRES]
    assert found.uncounted("CO") == pytest.approx(3000 / 4000)
    assert found.total("CO") == pytest.approx(1000 * 10_000 * 2.2 / 1e6)


def test_electric_vehicles_and_trailers_are_counted_and_give_off_nothing() -> None:
    cells = [Cell("small_passenger", "electric", "", 700), Cell("trailer", "", "", 300)]
    found = emitted(cells, shipped_factors(DAY), [], on=DAY)
    assert [(found.total(one), found.uncounted(one)) for one in POLLUTANTS] == [(0.0, 0.0)] * 5
    assert found.by(lambda cell: cell.fuel, "CO") == {}


def test_nothing_known_is_no_nought() -> None:
    found = emitted([Cell("bus", "gaseous", "6", 10)], shipped_factors(DAY), FAR, on=DAY)
    assert found.total("NOx") is None
    assert emitted([], shipped_factors(DAY), FAR, on=DAY).uncounted("NOx") == 0.0


def test_an_own_factor_wins_and_is_not_corrected() -> None:
    own = Factor("heavy_truck", "diesel", "4", "NOx", 3.0, "g/km", SURVEY, own=True)
    cold = Conditions(temperature=5.0, altitude=2000.0, speed=15.0)
    found = emitted([TRUCK], with_own(shipped_factors(DAY), [own]), FAR, on=DAY, under=cold)
    assert found.total("NOx") == pytest.approx(30.0)  # 1000 × 10,000 × 3 / 10⁶
    assert found.of("NOx")[0].corrected == ()


def test_evaporation_is_counted_by_the_day_and_only_with_a_factor_of_ones_own() -> None:
    cell = Cell("small_passenger", "petrol", "4", 1000)
    own = Factor(*("small_passenger", "petrol", "4", EVAPORATED), 2.0, PER_DAY, SURVEY, own=True)
    assert EVAPORATED not in {row.pollutant for row in emitted([cell], shipped_factors(DAY), FAR, on=DAY).rows}
    found = emitted([cell], with_own(shipped_factors(DAY), [own]), [], on=DAY)
    assert found.total(EVAPORATED) == pytest.approx(0.73)  # 1000 × 2 × 365 / 10⁶
    assert found.of("CO")[0].lacks == Lacks.KILOMETRES


def test_the_most_particular_kilometres_count() -> None:
    far = [Kilometres("heavy_truck", *kind, value, SURVEY) for kind, value in (
        (("", ""), 1.0), (("", "4"), 2.0), (("diesel", ""), 3.0), (("diesel", "4"), 4.0))]  # fmt: skip
    for kept in (4, 3, 2, 1):
        row = emitted([TRUCK], shipped_factors(DAY), far[:kept], on=DAY).of("CO")[0]
        assert row.kilometres is not None
        assert row.kilometres.value == kept


@pytest.mark.parametrize(
    ("key", "under", "expected"),
    [
        (("small_passenger", "petrol", "4", "CO"), Conditions(temperature=9.9), [1.36]),
        (("small_passenger", "petrol", "4", "CO"), Conditions(temperature=10.0), [1.0]),
        (("small_passenger", "petrol", "4", "CO"), Conditions(temperature=25.1), [1.23]),
        (("heavy_truck", "diesel", "4", "PM2.5"), Conditions(temperature=0.0), [1.7]),
        (("bus", "diesel", "4", "PM2.5"), Conditions(temperature=0.0), [1.87]),
        (("heavy_truck", "diesel", "4", "HC"), Conditions(temperature=0.0), [None]),
        (("small_passenger", "diesel", "4", "NOx"), Conditions(altitude=1600.0), [None]),
        (("heavy_truck", "diesel", "4", "NOx"), Conditions(altitude=1600.0), [1.02]),
        (("heavy_truck", "diesel", "4", "NOx"), Conditions(altitude=1500.0), [1.0]),
        (("taxi", "petrol", "4", "HC"), Conditions(altitude=1501.0), [2.46]),
        (("taxi", "petrol", "4", "CO"), Conditions(speed=19.9), [1.69]),
        (("taxi", "petrol", "4", "CO"), Conditions(speed=20.0), [1.26]),
        (("taxi", "petrol", "4", "CO"), Conditions(speed=30.0), [1.0]),
        (("taxi", "petrol", "4", "CO"), Conditions(speed=35.0), [0.79]),
        (("taxi", "petrol", "4", "CO"), Conditions(speed=80.0), [0.39]),
        (("taxi", "petrol", "4", "CO"), Conditions(speed=80.1), [0.62]),
        (("heavy_truck", "diesel", "4", "CO"), Conditions(speed=50.0), [None]),
        (("taxi", "petrol", "4", "CO"), Conditions(5.0, 2000.0, 15.0), [1.36, 1.58, 1.69]),
    ],
)
def test_corrections_are_those_of_the_table(key: Any, under: Conditions, expected: list[float | None]) -> None:
    assert [one.value for one in corrections(shipped_factors(DAY)[key], under, DAY)] == expected


def test_no_factor_is_made_up_for_stage_six_gas_or_hybrids() -> None:
    keys = shipped_factors(DAY)
    assert {key[1] for key in keys} == {"petrol", "diesel"}
    assert max(key[2] for key in keys) == "5"
    assert {key[0] for key in keys} <= set(CLASSES)
    with pytest.raises(NoEdition, match="found 2010-01-01"):
        shipped_factors(date(2010, 1, 1))


cells = st.lists(
    st.builds(Cell, st.sampled_from(list(CLASSES)), st.sampled_from(list(FUELS)), st.sampled_from(list(STAGES)),
              st.integers(0, 10**6)), max_size=30,
)  # fmt: skip


@given(cells)
def test_parts_add_up_to_the_whole_by_each_part(fleet: list[Cell]) -> None:
    found = emitted(fleet, shipped_factors(DAY), FAR, on=DAY)
    for pollutant in POLLUTANTS:
        for part in ("vehicle_class", "fuel", "stage"):
            sums = found.by(lambda cell, part=part: getattr(cell, part), pollutant)
            assert sum(sums.values()) == pytest.approx(found.total(pollutant) or 0.0)
        assert 0.0 <= found.uncounted(pollutant) <= 1.0


@given(cells, st.integers(2, 9))
def test_a_fleet_so_many_times_as_large_gives_off_so_many_times_as_much(fleet: list[Cell], times: int) -> None:
    larger = [Cell(one.vehicle_class, one.fuel, one.stage, times * one.vehicles) for one in fleet]
    one, other = (emitted(each, shipped_factors(DAY), FAR, on=DAY) for each in (fleet, larger))
    for pollutant in POLLUTANTS:
        assert (other.total(pollutant) or 0.0) == pytest.approx((one.total(pollutant) or 0.0) * times)
        assert other.uncounted(pollutant) == pytest.approx(one.uncounted(pollutant))


def test_worked_questions_come_out_as_their_examples_say() -> None:
    first, second = (calc.answer("vehicle_emissions", one) for one in TOPICS.get("vehicle_emissions").questions)
    sums = {row["pollutant"]: row for row in first.result["pollutants"]}
    assert (sums["NOx"]["tonnes"], sums["NOx"]["uncounted"]) == (416.55, 0.0)
    assert sums["NOx"]["share_by_class"] == {"heavy_truck": 100.0}
    assert {row["uncounted"] for row in second.result["pollutants"]} == {60.0}  # 3000 of 5000
    assert first.clauses[-1].document == "QX 2026-17"


def names_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set() if set(value) == {"zh", "en"} else set(value).union(*map(names_in, value.values()))
    return set().union(*map(names_in, value)) if isinstance(value, list) else set()


def test_every_name_in_an_answer_has_words() -> None:
    for question in TOPICS.get("vehicle_emissions").questions:
        names = names_in(calc.answer("vehicle_emissions", question).result) - set(STAGES)
        assert [name for name in names if not is_worded(name)] == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fleet": []}, "at least one kind"),
        ({"fleet": [{"class": "bus", "fuel": "diesel", "stage": "4", "vehicles": -1}]}, r"fleet\[0\].vehicles"),
        ({"fleet": [{"class": "tank", "fuel": "diesel", "stage": "4", "vehicles": 1}]}, "one of small_passenger"),
        ({"kilometres": [{"class": "bus", "kilometres": -5, "document": "x"}]}, "not below nought"),
        ({"day": "1999-01-01"}, "1999-01-01"),
    ],
)
def test_what_cannot_be_is_refused(change: dict[str, Any], message: str) -> None:
    question = {**TOPICS.get("vehicle_emissions").questions[0], **change}
    with pytest.raises(calc.BadQuestion, match=message):
        calc.answer("vehicle_emissions", question)
