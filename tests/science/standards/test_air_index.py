"""The air quality index: HJ 633-2012 table 1, HJ 633-2026 table 3, typed here a second time."""

import time
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan_science.standards.air import (
    AirEdition,
    air_edition,
    air_editions,
    air_index,
    edition_named,
    levels,
    sub_index,
)
from qingyuan_science.standards.air.index import rounded_concentration

OLD, NEW = (edition_named(document) for document in ("HJ 633-2012", "HJ 633-2026"))
IAQI = (0, 50, 100, 150, 200, 300, 400, 500)
# HJ 633-2012, table 1
BREAKPOINTS = {
    ("SO2", "24h"): (0, 50, 150, 475, 800, 1600, 2100, 2620),
    ("SO2", "1h"): (0, 150, 500, 650, 800),
    ("NO2", "24h"): (0, 40, 80, 180, 280, 565, 750, 940),
    ("NO2", "1h"): (0, 100, 200, 700, 1200, 2340, 3090, 3840),
    ("PM10", "24h"): (0, 50, 150, 250, 350, 420, 500, 600),
    ("CO", "24h"): (0, 2, 4, 14, 24, 36, 48, 60),
    ("CO", "1h"): (0, 5, 10, 35, 60, 90, 120, 150),
    ("O3", "1h"): (0, 160, 200, 300, 400, 800, 1000, 1200),
    ("O3", "8h"): (0, 100, 160, 215, 265, 800),
    ("PM2.5", "24h"): (0, 35, 75, 115, 150, 250, 350, 500),
}
# HJ 633-2026, table 3: what differs, and particles of the hour by the points of 24 hours (4.2.4)
PM25_2026, PM10_2026 = (0, 35, 60, 115, 150, 250, 350, 500), (0, 50, 120, 250, 350, 420, 500, 600)
BREAKPOINTS_2026 = BREAKPOINTS | {
    ("PM2.5", "24h"): PM25_2026,
    ("PM2.5", "1h"): PM25_2026,
    ("PM10", "24h"): PM10_2026,
    ("PM10", "1h"): PM10_2026,
}
PRINTED = {"HJ 633-2012": BREAKPOINTS, "HJ 633-2026": BREAKPOINTS_2026}
ITEMS = [
    pytest.param(edition, item, id=f"{edition.document}-{report}-{item.name}")
    for edition in air_editions()
    for report, items in edition.items.items()
    for item in items
]
every_item = pytest.mark.parametrize(("edition", "item"), ITEMS)


def day(edition: AirEdition, **more: float) -> float:
    names = {"pm25": "PM2.5", "pm10": "PM10", "so2": "SO2", "no2": "NO2", "co": "CO", "o3": "O3_8h", "o3_1h": "O3_1h"}
    found = air_index({names[name]: [value] for name, value in more.items()}, edition, "day")
    return float(found.aqi[0])


@every_item
def test_every_break_point_gives_its_iaqi_and_the_next_step_one_more(edition, item):
    printed = PRINTED[edition.document][item.pollutant, item.averaging]
    step = 10.0**-item.decimals
    for concentration, expected in zip(printed, IAQI, strict=False):
        assert sub_index([concentration], item)[0] == expected
        if concentration != printed[-1]:
            assert sub_index([concentration + step], item)[0] > expected
        if concentration:
            assert expected - 25 <= sub_index([concentration - step], item)[0] <= expected


@every_item
def test_every_item_has_the_break_points_printed(edition, item):
    assert tuple(item.concentration) == PRINTED[edition.document][item.pollutant, item.averaging]


@pytest.mark.parametrize(
    ("edition", "day_items", "hour_items"),
    [
        (
            OLD,
            {"SO2", "NO2", "PM10", "PM2.5", "CO", "O3_1h", "O3_8h"},
            {"SO2", "SO2_24h", "NO2", "CO", "O3", "O3_8h", "PM10_24h", "PM2.5_24h"},
        ),
        (NEW, {"SO2", "NO2", "PM10", "PM2.5", "CO", "O3_8h"}, {"SO2", "NO2", "PM10", "PM2.5", "CO", "O3"}),
    ],
)  # fmt: skip
def test_each_report_counts_its_items(edition, day_items, hour_items):
    """HJ 633-2012, clause 4; HJ 633-2026, clauses 4.2.2 and 4.2.3."""
    assert {item.name for item in edition.items["day"]} == day_items
    assert {item.name for item in edition.items["hour"]} == hour_items


@pytest.mark.parametrize(
    ("edition", "pm25", "expected"),
    [
        (OLD, 70, 94),  # (100-50)/(75-35)*(70-35)+50 = 93.75
        (NEW, 70, 110),  # (150-100)/(115-60)*(70-60)+100 = 109.09
        (OLD, 75, 100),
        (NEW, 75, 114),  # 50/55*15+100 = 113.64
        (NEW, 60, 100),
        (OLD, 35.5, 52),  # 35.5 rounds to the even 36: 50/40*1+50 = 51.25
        (OLD, 34.5, 49),  # 34.5 rounds to the even 34: 50/35*34 = 48.57
        (OLD, 501, 500),
        (OLD, 5000, 500),
    ],
)
def test_fine_particles_by_hand(edition, pm25, expected):
    assert day(edition, pm25=pm25) == expected


def test_the_edition_is_chosen_by_the_day_of_the_data():
    assert air_edition(date(2026, 2, 28)) is OLD
    assert air_edition(date(2026, 3, 1)) is NEW


def test_ozone_of_eight_hours_beyond_800_hands_over_to_the_hour_in_2012_and_stays_at_300_in_2026():
    """HJ 633-2012, table 1, note 3; HJ 633-2026, table 3, note."""
    # 1 h: (400-300)/(1000-800)*(900-800)+300 = 350
    assert day(OLD, o3=801, o3_1h=900) == 350
    assert np.isnan(day(OLD, o3=801))
    assert day(NEW, o3=801) == day(NEW, o3=5000) == 300


def test_sulphur_dioxide_of_the_hour_beyond_800_hands_over_to_the_day_in_2012_and_stays_at_200_in_2026():
    """HJ 633-2012, table 1, note 2; HJ 633-2026, table 3, note."""
    # 24 h: (300-200)/(1600-800)*(1000-800)+200 = 225
    old = air_index({"SO2": [801.0, 700.0], "SO2_24h": [1000.0, 1000.0]}, OLD, "hour")
    assert old.aqi.tolist() == [225, 167]  # 700: (200-150)/(800-650)*(700-650)+150 = 166.67
    assert air_index({"SO2": [2000.0]}, NEW, "hour").aqi.tolist() == [200]


def test_binary_noise_is_not_rounded_up():
    pm25 = NEW.items["day"][-1]
    exact = [concentration for concentration in range(501) if sub_index([concentration], pm25)[0] == 100]
    assert exact == [60]  # 59: 50/25*24+50 = 98
    # CO 1.4 mg/m3 is 35 exactly: 50/2*1.4; 0.7*50 in binary is 34.99999999999999
    co = next(item for item in NEW.items["day"] if item.name == "CO")
    assert sub_index([1.4, 0.28, 2.2], co).tolist() == [35, 8, 55]  # 0.28 rounds to 0.3: 7.5


def test_concentrations_are_rounded_half_to_even_first():
    """GB/T 8170-2008, 3.2; a mean that is a tie but for binary noise is a tie."""
    co = next(item for item in NEW.items["day"] if item.name == "CO")
    assert rounded_concentration([0.85, 0.95, (0.7 + 0.8) / 2, 0.25], co).tolist() == [0.8, 1.0, 0.8, 0.2]


def test_the_index_of_2026_is_at_least_one():
    """HJ 633-2026, clause 4.1.1."""
    assert day(NEW, pm25=0) == 1
    assert day(OLD, pm25=0) == 0


def test_primary_pollutants_are_all_with_the_largest_iaqi_and_none_up_to_50():
    index = air_index({"PM2.5": [70.0, 35.0], "PM10": [137.5, 50.0], "NO2": [20.0, 40.0]}, OLD, "day")
    # PM10 137.5 rounds to 138: 50/100*88+50 = 94, as PM2.5
    assert {name: found.tolist() for name, found in index.primary.items()} == {
        "PM2.5": [True, False],
        "PM10": [True, False],
        "NO2": [False, False],
    }
    assert not any(found.any() for found in index.exceeding.values())


def test_pollutants_in_exceedance_are_those_above_100():
    index = air_index({"PM2.5": [76.0], "NO2": [81.0], "SO2": [150.0]}, OLD, "day")
    assert {name: bool(found[0]) for name, found in index.exceeding.items()} == {
        "PM2.5": True,
        "NO2": True,
        "SO2": False,
    }


@pytest.mark.parametrize(
    ("aqi", "level", "hex"),
    [
        (50, 1, "#00E400"), (51, 2, "#FFFF00"), (100, 2, "#FFFF00"), (101, 3, "#FF7E00"), (150, 3, "#FF7E00"),
        (151, 4, "#FF0000"), (200, 4, "#FF0000"), (201, 5, "#99004C"), (300, 5, "#99004C"), (301, 6, "#7E0023"),
        (500, 6, "#7E0023"),
    ],
)  # fmt: skip
def test_levels_and_official_colours(aqi, level, hex):
    """HJ 633-2012 table 2, HJ 633-2026 table 1, annex A: purple is 153, 0, 76."""
    for edition in air_editions():
        assert edition.category(aqi).level == level == levels([aqi], edition)[0]
        assert edition.category(aqi).hex == hex
        red, green, blue = edition.category(aqi).rgb
        assert f"#{red:02X}{green:02X}{blue:02X}" == hex


def test_missing_values_stay_missing_and_do_not_count():
    index = air_index({"PM2.5": [np.nan, np.nan], "PM10": [60.0, np.nan]}, NEW, "day")
    assert index.aqi[0] == 58  # 50/70*10+50 = 57.14
    assert np.isnan(index.aqi[1])
    assert np.isnan(levels(index.aqi, NEW)[1])
    assert not any(found[1] for found in index.primary.values())


def test_a_pollutant_that_is_no_item_of_the_report_is_refused_by_its_name():
    with pytest.raises(KeyError, match="O3_1h"):
        air_index({"O3_1h": [100.0]}, NEW, "day")


@given(st.data())
def test_more_of_a_pollutant_never_lowers_its_iaqi(data):
    edition = data.draw(st.sampled_from(air_editions()))
    item = data.draw(st.sampled_from(edition.items[data.draw(st.sampled_from(["hour", "day"]))]))
    top = float(item.concentration[-1]) * (1.2 if not np.isnan(item.above) else 1.0)
    one, other = sorted(data.draw(st.tuples(*[st.floats(0, top)] * 2)))
    lower, higher = sub_index([one, other], item)
    assert lower <= higher
    assert lower >= 0
    assert higher <= 500


@given(st.floats(0, 1000), st.floats(0, 1000))
def test_the_index_is_never_below_any_of_its_parts(pm25, pm10):
    index = air_index({"PM2.5": [pm25], "PM10": [pm10]}, NEW, "day")
    assert all(index.aqi[0] >= part[0] for part in index.iaqi.values())


def test_a_day_of_hours_at_15000_stations_is_quick():
    random = np.random.default_rng(1)
    shape = (15_000, 24)
    values = {item.name: random.gamma(2.0, 30.0, shape).round(1) for item in NEW.items["hour"]}
    values["CO"] = random.gamma(2.0, 0.5, shape).round(2)
    started = time.perf_counter()
    index = air_index(values, NEW, "hour")
    assert time.perf_counter() - started < 3.0  # measured: 0.06 s
    assert index.aqi.shape == shape
    place = (731, 5)
    alone = air_index({name: [array[place]] for name, array in values.items()}, NEW, "hour")
    assert alone.aqi[0] == index.aqi[place]


def test_a_pollutant_beyond_its_table_without_another_averaging_time_leaves_no_index_in_2012():
    """HJ 633-2012, table 1, notes 2 and 3: the rest give 40, but ozone above 800 is no excellent air."""
    assert np.isnan(day(OLD, o3=801, no2=32))  # 50/40*32 = 40
    assert day(OLD, o3=800, no2=32) == 300
    assert day(OLD, o3=801, o3_1h=900, no2=32) == 350
    assert day(NEW, o3=801, no2=32) == 300
    assert np.isnan(day(OLD, o3=801, o3_1h=np.nan, no2=32))


def test_each_place_of_an_array_loses_its_index_by_itself():
    values = {"SO2": [900.0, 900.0, 600.0, np.nan], "SO2_24h": [700.0, np.nan, np.nan, np.nan], "NO2": [10.0] * 4}
    index = air_index(values, OLD, "hour")
    # 24 h: (200-150)/(800-475)*(700-475)+150 = 184.6; 1 h: (150-100)/(650-500)*(600-500)+100 = 133.3; 50/100*10 = 5
    assert index.aqi[[0, 2, 3]].tolist() == [185, 134, 5]
    assert np.isnan(index.aqi[1])
    assert index.lost["SO2"].tolist() == [False, True, False, False]
