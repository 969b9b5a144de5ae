"""Surface water: GB 3838-2002 table 1, typed here a second time; 环办〔2011〕22号; TLI; CWQI."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan_science.standards import UnknownFactor
from qingyuan_science.standards.water import (
    CLASSES,
    change_between,
    item_classes,
    item_named,
    judge,
    oxygen_saturation,
    river_status,
    shares_of,
    trophic_index,
    trophic_state,
    water_class,
    water_items,
)
from qingyuan_science.standards.water.city import city_water_index, index_of
from qingyuan_science.standards.water.sections import exceedance_rates, main_pollutants_of_river, mean_of, means_by_item

# GB 3838-2002, table 1: greatest value of classes I to V [mg/L; count/L]
HIGHEST = {
    ("CODMn", "river"): (2, 4, 6, 10, 15),
    ("COD", "river"): (15, 15, 20, 30, 40),
    ("BOD5", "river"): (3, 3, 4, 6, 10),
    ("NH3-N", "river"): (0.15, 0.5, 1.0, 1.5, 2.0),
    ("TP", "river"): (0.02, 0.1, 0.2, 0.3, 0.4),
    ("TP", "lake"): (0.01, 0.025, 0.05, 0.1, 0.2),
    ("TN", "lake"): (0.2, 0.5, 1.0, 1.5, 2.0),
    ("Cu", "river"): (0.01, 1.0, 1.0, 1.0, 1.0),
    ("Zn", "river"): (0.05, 1.0, 1.0, 2.0, 2.0),
    ("F", "river"): (1.0, 1.0, 1.0, 1.5, 1.5),
    ("Se", "lake"): (0.01, 0.01, 0.01, 0.02, 0.02),
    ("As", "river"): (0.05, 0.05, 0.05, 0.1, 0.1),
    ("Hg", "river"): (0.00005, 0.00005, 0.0001, 0.001, 0.001),
    ("Cd", "river"): (0.001, 0.005, 0.005, 0.005, 0.01),
    ("Cr6", "river"): (0.01, 0.05, 0.05, 0.05, 0.1),
    ("Pb", "river"): (0.01, 0.01, 0.05, 0.05, 0.1),
    ("CN", "river"): (0.005, 0.05, 0.2, 0.2, 0.2),
    ("phenols", "river"): (0.002, 0.002, 0.005, 0.01, 0.1),
    ("petroleum", "river"): (0.05, 0.05, 0.05, 0.5, 1.0),
    ("LAS", "lake"): (0.2, 0.2, 0.2, 0.3, 0.3),
    ("S", "river"): (0.05, 0.1, 0.2, 0.5, 1.0),
    ("coliforms", "river"): (200, 2000, 10000, 20000, 40000),
}


def classes(item, *values, body="river", **more):
    return [CLASSES[code] for code in item_classes(values, water_items("basic")[item], body, **more)]


@pytest.mark.parametrize(("item", "body"), HIGHEST)
def test_every_limit_is_the_end_of_its_class_and_a_little_more_is_the_next(item, body):
    printed = HIGHEST[item, body]
    for highest in printed:
        best = CLASSES[printed.index(highest)]
        worse = CLASSES[len(printed) - printed[::-1].index(highest)]
        assert classes(item, highest, highest * 1.001, body=body) == [best, worse]


def test_oxygen_classes_and_saturation():
    """GB 3838-2002, table 1: at least 7.5, 6, 5, 3, 2 mg/L; class I also from 90 % saturation on."""
    assert classes("DO", 7.5, 7.4, 6, 5.9, 5, 4.9, 3, 2.9, 2, 1.9) == [
        "I", "II", "II", "III", "III", "IV", "IV", "V", "V", "worse",
    ]  # fmt: skip
    assert classes("DO", 7.0, saturation=90.0) == ["I"]
    assert classes("DO", 7.0, saturation=89.9) == ["II"]
    # 468/(31.6+28) = 7.852 mg/L; 7.2/7.852 = 91.7 %
    assert round(float(oxygen_saturation(7.2, 28.0)), 1) == 91.7


def test_ph_outside_six_to_nine_is_worse_than_v():
    assert classes("pH", 6, 9, 7.5, 5.9, 9.1) == ["I", "I", "I", "worse", "worse"]


def test_lakes_and_rivers_differ_in_phosphorus_and_only_lakes_have_nitrogen():
    assert classes("TP", 0.06) == ["II"]
    assert classes("TP", 0.06, body="lake") == ["IV"]
    assert item_classes([3.0], water_items("basic")["TN"], "river").tolist() == [-1]


def test_missing_values_have_no_class():
    assert item_classes([np.nan, 0.1], water_items("basic")["NH3-N"]).tolist() == [-1, 0]


def test_values_are_compared_in_full_unless_rounding_is_asked_for():
    """GB/T 8170-2008, 4.3.1 and 4.3.2."""
    assert classes("NH3-N", 1.004) == ["IV"]
    assert classes("NH3-N", 1.004, rounded=True) == ["III"]


def test_the_worst_item_decides_and_nitrogen_and_coliforms_stand_apart():
    found = judge({"pH": 7.0, "DO": 8.0, "TP": 0.03, "TN": 3.0, "coliforms": 90000}, "lake")
    assert found.code == "III"
    assert [one.item.item for one in found.deciding] == ["TP"]
    assert {one.item.item: one.code for one in found.apart} == {"TN": "worse", "coliforms": "worse"}


def test_class_one_is_decided_by_no_item():
    found = judge({"pH": 7.0, "DO": 9.0, "NH3-N": 0.1})
    assert (found.code, found.deciding, found.main_pollutants) == ("I", (), ())


def test_exceedance_multiples_are_the_ratio_less_one_and_oxygen_and_ph_have_none():
    found = judge({"NH3-N": 2.3, "DO": 1.0, "pH": 9.5, "COD": 20.0})
    assert {one.item.item: one.multiple for one in found.over} == {"NH3-N": 1.3, "DO": None, "pH": None}
    assert found.main_pollutants[0].label.zh == "氨氮（1.3）"


def test_exceedance_is_against_the_target_of_the_section():
    assert [one.multiple for one in judge({"NH3-N": 1.0}, target="II").over] == [1.0]  # 1.0/0.5 - 1
    assert judge({"NH3-N": 1.5}, target="IV").over == ()


def test_main_pollutants_are_three_with_heavy_metals_first_then_class_then_multiple():
    found = judge({"COD": 45.0, "NH3-N": 1.2, "TP": 0.9, "BOD5": 4.5, "Cd": 0.006})
    # TP worse than V (3.5), COD worse than V (1.25), NH3-N IV (0.2), BOD5 IV (0.1), Cd V (0.2) but first
    assert [one.item.item for one in found.main_pollutants] == ["Cd", "TP", "COD"]


@pytest.mark.parametrize("target", ["II", "IV"])
def test_main_pollutants_are_worse_than_class_iii_whatever_the_target(target):
    found = judge({"NH3-N": 0.8, "COD": 25.0}, target=target)  # III and IV
    assert [one.item.item for one in found.main_pollutants] == ["COD"]
    assert [(name.zh, share) for name, share in main_pollutants_of_river([found])] == [("化学需氧量", 100.0)]


def test_items_are_found_by_short_name_printed_name_and_code():
    assert item_named("铬（六价）", "basic").item == item_named("w20117", "basic").item == "Cr6"
    with pytest.raises(UnknownFactor, match="nothing"):
        item_named("nothing", "basic")


def test_twenty_one_items_decide_and_the_drinking_tables_hold_five_and_eighty():
    """GB 3838-2002, tables 1 to 3, less water temperature, total nitrogen and faecal coliforms."""
    assert sum(not one.apart for one in water_items("basic").values()) == 21
    assert len(water_items("supplementary")) == 5
    assert len(water_items("specific")) == 80
    limits = {one.name.zh: one.limit for one in water_items("supplementary", "specific").values()}
    assert (limits["铁"], limits["硝酸盐"], limits["铊"], limits["微囊藻毒素-LR"]) == (0.3, 10.0, 0.0001, 0.001)


@pytest.mark.parametrize(
    ("code", "status"),
    [("I", "优"), ("II", "优"), ("III", "良好"), ("IV", "轻度污染"), ("V", "中度污染"), ("worse", "重度污染")],
)
def test_status_of_a_section(code, status):
    """环办〔2011〕22号, table 1."""
    assert water_class(code).status.zh == status


@pytest.mark.parametrize(
    ("good", "middling", "worst", "status"),
    [
        (9, 1, 0, "优"), (90, 0, 10, "优"), (89, 11, 0, "良好"), (75, 0, 25, "良好"), (74, 26, 0, "轻度污染"),
        (60, 21, 19, "轻度污染"), (60, 20, 20, "中度污染"), (50, 11, 39, "中度污染"), (50, 10, 40, "重度污染"),
    ],
)  # fmt: skip
def test_status_of_a_river_by_shares(good, middling, worst, status):
    """环办〔2011〕22号, table 2."""
    shares = shares_of(["II"] * good + ["IV"] * middling + ["worse"] * worst)
    assert river_status(shares)[0].zh == status


@pytest.mark.parametrize(
    ("before", "after", "moved", "word"),
    [
        (["III"] * 10, ["III"] * 9 + ["IV"], -10.0, "no clear change"),
        (["III"] * 8 + ["IV"] * 2, ["III"] * 10, 20.0, "somewhat better"),
        (["III"] * 8 + ["IV"] * 2, ["III"] * 6 + ["worse"] * 4, -60.0, "clearly worse"),
        (["worse"] * 5, ["V"] * 5, 100.0, "clearly better"),
    ],
)
def test_change_is_the_share_of_good_less_the_share_of_worst(before, after, moved, word):
    found = change_between(shares_of(before), shares_of(after))
    assert (found[0], found[1].en) == (moved, word)


def test_means_are_arithmetic_and_those_of_ph_by_hydrogen_ions():
    assert means_by_item([{"COD": 10.0, "TP": None}, {"COD": 25.0, "TP": 0.1}]) == {"COD": 17.5, "TP": 0.1}
    # (1e-7 + 1e-8)/2 = 5.5e-8
    assert mean_of("pH", [7.0, 8.0]) == pytest.approx(-math.log10(5.5e-8))
    assert mean_of("pH", [7.0, 8.0], ph_by_hydrogen=False) == 7.5


def test_rates_count_samples_and_river_pollutants_count_sections():
    samples = [judge({"NH3-N": value, "COD": cod}) for value, cod in ((1.2, 10.0), (0.8, 22.0), (1.6, 25.0))]
    assert exceedance_rates(samples) == {"NH3-N": 66.7, "COD": 66.7}
    assert [(name.en, share) for name, share in main_pollutants_of_river(samples[:1])] == [("ammonia nitrogen", 100.0)]


def test_trophic_index_by_hand():
    """环办〔2011〕22号; the arithmetic stands beside the figures."""
    parts, index, _ = trophic_index({"chla": 10.0, "TP": 0.05, "TN": 1.0, "SD": 1.0, "CODMn": 4.0})
    assert [round(part.index, 3) for part in parts] == [50.006, 45.709, 54.53, 51.18, 37.979]
    assert [round(part.weight, 4) for part in parts] == [0.2663, 0.1879, 0.1790, 0.1834, 0.1834]
    assert index == 48.0  # 13.317 + 8.589 + 9.761 + 9.387 + 6.966 = 48.02


@pytest.mark.parametrize(
    ("index", "state"),
    [(29.9, "贫营养"), (30, "中营养"), (50, "中营养"), (50.1, "轻度富营养"), (60, "轻度富营养"), (60.1, "中度富营养"),
     (70, "中度富营养"), (70.1, "重度富营养"), (2000, "重度富营养")],
)  # fmt: skip
def test_trophic_states(index, state):
    assert trophic_state(index)[0].zh == state


def test_nothing_has_no_trophic_index():
    with pytest.raises(ValueError, match="SD: found 0"):
        trophic_index({"chla": 10.0, "TP": 0.05, "TN": 1.0, "SD": 0.0, "CODMn": 4.0})


def test_city_index_by_hand():
    """环办监测〔2017〕51号: C/S, S/C for oxygen, distance from 7 for pH; rivers and lakes by their sections."""
    items = water_items("basic")
    assert index_of(items["pH"], 6.5, "river") == 0.5
    assert index_of(items["pH"], 8.0, "river") == 0.5
    assert index_of(items["DO"], 2.5, "river") == 2.0
    rivers = [{"NH3-N": 0.4, "DO": 4.0}, {"NH3-N": 0.8, "DO": 6.0}]  # 0.6/1.0 + 5/5 = 1.6
    lakes = [{"TP": 0.1}]  # 0.1/0.05 = 2
    assert city_water_index(rivers, lakes)[:3] == (1.7333, 1.6, 2.0)  # (1.6*2 + 2*1)/3
    with pytest.raises(ValueError, match="none"):
        city_water_index([], [])


@given(st.data())
def test_a_worse_value_never_improves_the_class(data):
    item = data.draw(st.sampled_from([one for one in water_items("basic").values() if one.item != "pH"]))
    body = data.draw(st.sampled_from(["river", "lake"]))
    scale = (
        30.0 if item.item == "DO" else 3.0 * HIGHEST.get((item.item, body), HIGHEST.get((item.item, "river"), (9,)))[-1]
    )
    one, other = sorted(data.draw(st.tuples(*[st.floats(0, scale)] * 2)), reverse=item.item == "DO")
    better, worse = item_classes([one, other], item, body)
    assert better <= worse


@given(st.dictionaries(st.sampled_from(["NH3-N", "COD", "TP", "DO"]), st.floats(0, 50), min_size=1), st.floats(0, 50))
def test_one_more_item_never_improves_the_class(values, more):
    before, after = judge(values), judge({**values, "CODMn": more})
    assert CLASSES.index(before.code or "I") <= CLASSES.index(after.code or "I")
    assert (after.code == "I") == (after.deciding == ())


@pytest.mark.parametrize(
    ("oxygen", "saturation", "code"),
    [(5.9, 90.3, "I"), (7.0, 89.9, "II"), (4.5, 92.0, "I"), (4.5, 89.9, "IV"), (7.5, np.nan, "I"), (1.0, 90.0, "I")],
)
def test_water_saturated_to_90_percent_is_class_i_whatever_its_oxygen(oxygen, saturation, code):
    """GB 3838-2002, table 1: class I of dissolved oxygen is 90 % saturation, or 7.5 mg/L."""
    assert classes("DO", oxygen, saturation=saturation) == [code]
    found = judge({"DO": oxygen}, target="I", saturation=saturation)
    assert (found.code, bool(found.over)) == (code, code != "I")


def test_oxygen_that_is_missing_has_no_class_at_any_saturation():
    item = water_items("basic")["DO"]
    assert item_classes([np.nan, 5.9, 5.9], item, saturation=[95.0, 95.0, 80.0]).tolist() == [-1, 0, 2]


@pytest.mark.parametrize(
    ("good", "middling", "worst", "status"),
    [
        (224, 25, 0, "良好"),  # 224/249 = 89.96 %, printed 90.0
        (1499, 500, 0, "轻度污染"),  # 74.99 %, printed 75.0
        (200, 201, 100, "轻度污染"),  # 100/501 = 19.96 % worse than V, printed 20.0
    ],
)
def test_the_status_of_a_river_is_decided_before_shares_are_rounded_for_printing(good, middling, worst, status):
    shares = shares_of(["II"] * good + ["IV"] * middling + ["worse"] * worst)
    assert river_status(shares)[0].zh == status


def test_the_change_of_a_river_is_decided_before_it_is_rounded_for_printing():
    moved, word, _source = change_between(shares_of(["IV"] * 404), shares_of(["III"] * 81 + ["IV"] * 323))
    assert (moved, word.zh) == (20.0, "明显好转"), "81 of 404 are 20.0495 points, beyond 20"


def test_months_are_means_of_their_days_and_years_of_their_months() -> None:
    from datetime import date, timedelta

    from qingyuan_science.standards.water import classes_of, mean_of_months, month_means

    days = [date(2026, 1, 30) + timedelta(days=number) for number in range(4)]
    means, counts = month_means("NH3-N", days, np.array([1.0, 1.4, 0.2, float("nan")]))
    assert (means.round(6).tolist(), counts.tolist()) == ([1.2, 0.2], [2, 1])
    assert float(mean_of_months("NH3-N", means)) == pytest.approx(0.7)
    whole, _items = classes_of({"NH3-N": means, "TN": np.array([9.0, 9.0])}, "river")
    assert whole.tolist() == [3, 1]


def test_oxygen_near_saturation_is_class_one_when_the_temperature_is_known() -> None:
    from qingyuan_science.standards.water import classes_of

    warm = {"DO": np.array([7.0]), "temperature": np.array([30.0])}  # 468 / 61.6 = 7.6: 92 % of it
    assert classes_of(warm, "river")[0].tolist() == [0]
    assert classes_of({"DO": np.array([7.0])}, "river")[0].tolist() == [1]
