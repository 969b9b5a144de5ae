"""From hours to the index of hours and days, and the figures of periods, by the edition of each day."""

from datetime import date, timedelta

import numpy as np
import pytest

from qingyuan_science.standards.air import (
    air_edition,
    air_figures,
    day_figures,
    days_needed,
    hour_items,
    index_by,
    index_of_days,
)

OLD, NEW = air_edition(date(2026, 2, 28)), air_edition(date(2026, 3, 1))
NAN = float("nan")
CLEAN = {"PM2.5": 20.0, "PM10": 40.0, "SO2": 9.0, "NO2": 20.0, "CO": 0.6, "O3_8h": 90.0}


def days(first: date, count: int) -> list[date]:
    return [first + timedelta(days=number) for number in range(count)]


def test_a_series_over_the_change_of_editions_is_judged_by_both() -> None:
    series = index_of_days(days(date(2026, 2, 27), 4), {name: np.full(4, value) for name, value in {
        **CLEAN, "PM10": 150.0}.items()})  # fmt: skip
    # PM10 of 150: IAQI 100 by table 1 of 2012; 50 / 130 * 30 + 100 = 111.5 by table 3 of 2026
    assert series.aqi.tolist() == [100.0, 100.0, 112.0, 112.0]
    assert series.level.tolist() == [2.0, 2.0, 3.0, 3.0]
    assert series.exceeding["PM10"].tolist() == [False] * 4  # only the edition of 2012 names them, and 100 is none


def test_exceeding_pollutants_are_named_until_the_last_day_of_2012s_edition() -> None:
    series = index_of_days(days(date(2026, 2, 28), 2), {"PM2.5": np.array([90.0, 90.0])})
    assert series.exceeding["PM2.5"].tolist() == [True, False]


def test_days_before_the_first_edition_have_no_index() -> None:
    series = index_of_days(days(date(2015, 12, 31), 2), {"PM2.5": np.array([90.0, 90.0])})
    assert np.isnan(series.aqi).tolist() == [True, False]


def test_where_a_pollutant_is_missing_2026_publishes_only_above_one_hundred() -> None:
    given = {"PM2.5": np.array([50.0, 130.0])}
    series = index_by(NEW, given, "day")
    assert np.isnan(series.aqi).tolist() == [True, False]
    assert series.withheld.tolist() == [True, False]
    assert index_by(OLD, given, "day").withheld.tolist() == [False, False]


def test_the_hourly_report_of_2012_takes_particles_over_24_hours_and_that_of_2026_over_one() -> None:
    hours = {"PM2.5": np.array([10.0] * 23 + [106.0])}
    assert hour_items(hours, OLD)["PM2.5_24h"][-1] == 14.0
    assert hour_items(hours, NEW)["PM2.5"][-1] == 106.0


def test_ozone_needs_fourteen_windows_unless_it_is_beyond_the_limit() -> None:
    morning = np.array([100.0] * 18 + [NAN] * 6)  # windows that end from 08:00 to 20:00 hold at least six hours
    assert day_figures(morning, "O3")["max_8h"] != day_figures(morning, "O3")["max_8h"]
    assert day_figures(morning * 1.7, "O3")["max_8h"] == pytest.approx(170.0)
    assert day_figures(np.array([100.0] * 19 + [NAN] * 5), "O3")["max_8h"] == 100.0


@pytest.mark.parametrize(
    ("first", "last", "needed"),
    [((2026, 1, 1), (2026, 1, 31), 27), ((2028, 2, 1), (2028, 2, 29), 25), ((2026, 1, 1), (2026, 3, 31), 79)],
)
def test_a_period_needs_its_valid_days(first: tuple[int, ...], last: tuple[int, ...], needed: int) -> None:
    assert days_needed(date(*first), date(*last)) == needed  # type: ignore[arg-type]


def test_the_figures_of_a_month_come_out_as_the_worked_example() -> None:
    city = {"SO2": 9.0, "NO2": 28.0, "PM10": 56.0, "PM2.5": 35.0, "CO": 1.0, "O3_8h": 144.0}
    items = {name: np.full(30, value) for name, value in city.items()}
    series = index_of_days(days(date(2025, 6, 1), 30), items)
    figures = air_figures((date(2025, 6, 1), date(2025, 6, 30)), series.aqi, series.level, items)
    assert (figures.composite, figures.thin, figures.valid) == (3.8, (), 30)
    assert figures.statistics == city
