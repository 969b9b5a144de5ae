"""Pollution equivalents and the environmental tax, each with its arithmetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan_science.standards.errors import OutsideRule, UnknownEntry
from qingyuan_science.standards.tax.equivalents import (
    by_mass,
    by_other,
    by_ph,
    by_small_source,
    pollutant,
    pollutants,
    taxed_of,
)
from qingyuan_science.standards.tax.rates import (
    checked_rate,
    in_fen,
    noise_tax,
    solid_tax,
    taxed_share,
)


def test_the_law_names_ten_fifty_one_and_forty_four_pollutants() -> None:
    """Annex 2, parts 1, 2 and 5."""
    groups = [one.group for one in pollutants()]
    assert [groups.count(group) for group in ("water_1", "water_2", "air")] == [10, 51, 44]


@pytest.mark.parametrize(
    ("name", "medium", "value"),
    [
        ("总汞", "water", 0.0005),
        ("六价铬", "water", 0.02),
        ("COD", "water", 1),
        ("氨氮", "water", 0.8),
        ("总磷", "water", 0.25),
        ("悬浮物", "water", 4),
        ("SO2", "air", 0.95),
        ("a21026", "air", 0.95),
        ("一般性粉尘", "air", 4),
        ("烟尘", "air", 2.18),
        ("苯", "air", 0.05),
        ("苯", "water", 0.02),
    ],
)
def test_equivalent_values(name: str, medium: str, value: float) -> None:
    assert pollutant(name, medium).value == value


@pytest.mark.parametrize("name", ["苯并(a)芘", "苯并\uff08a\uff09芘", "苯并\uff08A\uff09芘"])
def test_a_name_is_the_same_in_either_width_of_its_signs(name: str) -> None:
    assert pollutant(name, "water") == next(one for one in pollutants() if one.name.zh.startswith("苯并"))


def test_a_pollutant_of_another_medium_is_refused() -> None:
    with pytest.raises(UnknownEntry, match="water"):
        pollutant("SO2", "water")
    with pytest.raises(OutsideRule):
        by_mass("SO2", "air", -1)


@pytest.mark.parametrize(
    ("ph", "value"),
    [
        (0, 0.06), (0.99, 0.06), (1, 0.125), (2, 0.25), (3, 0.5), (4, 1), (5, 5), (5.99, 5),
        (9.01, 1), (10, 1), (10.01, 0.5), (11, 0.5), (12, 0.25), (13, 0.125), (13.01, 0.06), (14, 0.06),
    ],
)  # fmt: skip
def test_bands_of_ph_hold_their_lower_edge_when_acid_and_their_upper_when_alkaline(ph: float, value: float) -> None:
    """Annex 2, part 3: 5 ≤ pH < 6 and 9 < pH ≤ 10."""
    assert by_ph(ph, 10).number == pytest.approx(10 / value)


@pytest.mark.parametrize("ph", [6, 7, 9])
def test_neutral_water_has_no_equivalents(ph: float) -> None:
    assert by_ph(ph, 1000).number == 0


def test_colour_coliforms_and_small_sources_by_hand() -> None:
    """500 t half beyond the limit in colour: 250/5; 33 t with coliforms: 33/3.3; 60 cattle: 60/0.1; 28 t: 28/2.8."""
    assert by_other("colour", 250).number == 50
    assert by_other("coliforms", 33).number == pytest.approx(10)
    assert by_small_source("cattle", 60).number == pytest.approx(600)
    assert by_small_source("hospital_disinfecting", 28, by_water=True).number == pytest.approx(10)
    with pytest.raises(OutsideRule, match="more than 50"):
        by_small_source("cattle", 50)
    with pytest.raises(OutsideRule, match="by head"):
        by_small_source("pigs", 600, by_water=True)


def test_the_first_three_of_air_are_taxed() -> None:
    """95/0.95 = 100, 190/0.95 = 200, 167/16.7 = 10, 10.9/2.18 = 5."""
    found = taxed_of(
        by_mass(name, "air", mass) for name, mass in (("SO2", 95), ("NOx", 190), ("CO", 167), ("烟尘", 10.9))
    )
    assert [(one.name.en, one.number, one.taxed) for one in found] == [
        ("NOx", 200, True),
        ("SO2", 100, True),
        ("CO", 10, True),
        ("smoke dust", 5, False),
    ]


def test_the_first_five_of_class_1_and_three_others_are_taxed() -> None:
    heavy = [("总汞", 0.0005), ("总镉", 0.005), ("总铬", 0.04), ("六价铬", 0.02), ("总砷", 0.02), ("总铅", 0.0125)]
    others = [("氨氮", 8), ("总磷", 5), ("石油类", 3), ("悬浮物", 4)]
    found = taxed_of(by_mass(name, "water", mass) for name, mass in (*heavy, *others))
    assert sum(one.taxed for one in found if one.group == "water_1") == 5
    assert [one.name.zh for one in found if not one.taxed] == ["总铅", "悬浮物（SS）"]


def test_of_cod_bod_and_toc_only_the_largest_is_taxed_and_gives_its_place_to_the_next() -> None:
    found = taxed_of(
        by_mass(name, "water", mass) for name, mass in (("COD", 100), ("BOD5", 40), ("氨氮", 8), ("总磷", 1))
    )
    assert [(one.name.en, one.taxed) for one in found] == [
        ("COD", True),
        ("BOD5", False),
        ("ammonia nitrogen", True),
        ("total phosphorus", True),
    ]


def test_of_coliforms_and_chlorine_only_one_is_taxed() -> None:
    found = taxed_of([by_other("coliforms", 33), by_other("residual_chlorine", 66)])
    assert [one.taxed for one in found] == [True, False]
    assert found[0].number == pytest.approx(20)


masses = st.dictionaries(
    st.sampled_from([one.name.zh for one in pollutants() if one.group == "air"]), st.floats(0, 1e5)
)


@given(masses)
def test_the_taxed_are_the_largest_and_no_more_than_three(amounts: dict[str, float]) -> None:
    found = taxed_of(by_mass(name, "air", mass) for name, mass in amounts.items())
    taxed, rest = [one.number for one in found if one.taxed], [one.number for one in found if not one.taxed]
    assert len(taxed) <= 3
    assert not taxed or not rest or min(taxed) >= max(rest)


@given(st.floats(-50, 100), st.floats(-50, 100))
def test_cleaner_discharge_never_pays_a_larger_share(first: float, second: float) -> None:
    dirty, clean = sorted((first, second))
    assert taxed_share(clean)[0] <= taxed_share(dirty)[0]


@pytest.mark.parametrize(("below", "share"), [(None, 100), (29.99, 100), (30, 75), (49.99, 75), (50, 50), (90, 50)])
def test_reductions(below: float | None, share: float) -> None:
    """Environmental Protection Tax Law, article 13."""
    assert taxed_share(below)[0] == share
    assert taxed_share(below, all_kept=False)[0] == 100


@pytest.mark.parametrize(("medium", "low", "high"), [("air", 1.2, 12), ("water", 1.4, 14)])
def test_rates_stay_inside_the_band(medium: str, low: float, high: float) -> None:
    for rate in (low, high):
        assert checked_rate(medium, rate).document == "环境保护税法"
    for rate in (low - 0.01, high + 0.01):
        with pytest.raises(OutsideRule, match=f"{low:g} to {high:g}"):
            checked_rate(medium, rate)


@pytest.mark.parametrize(
    ("over", "tax"),
    [(1, 350), (3, 350), (3.5, 700), (6, 700), (7, 1400), (12, 2800), (15, 5600), (16, 11200), (40, 11200)],
)
def test_noise_by_the_table(over: float, tax: float) -> None:
    """Annex 1; a half decibel counts up."""
    assert noise_tax(over, days=15).tax == tax


def test_noise_halved_and_doubled() -> None:
    assert noise_tax(5, days=14).tax == 350
    assert noise_tax(5, days=15, points=2, boundary=100.0).units == 1
    assert noise_tax(5, days=15, points=2, boundary=100.1).tax == 1400
    assert noise_tax(5, days=15, points=1, boundary=500).tax == 700
    for over, days in ((0.4, 20), (5, 0), (5, 32)):
        with pytest.raises(OutsideRule):
            noise_tax(over, days=days)


def test_solid_waste_and_fen() -> None:
    assert [solid_tax(kind, 2)[0] for kind in ("coal_gangue", "tailings", "hazardous", "slag_ash_other")] == [
        10, 30, 2000, 50,
    ]  # fmt: skip
    assert in_fen(1.005) == 1.01
    with pytest.raises(UnknownEntry, match="tailings"):
        solid_tax("mud", 1)
