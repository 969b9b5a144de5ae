"""Running means, cities, periods, warnings and forecast scores, each with its arithmetic."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan_science.standards.air import daily_maximum_8h, daily_mean, edition_named, eight_hour_means, moving_mean
from qingyuan_science.standards.air.city import city_mean, points_needed
from qingyuan_science.standards.air.period import composite_index, good_days, percentile
from qingyuan_science.standards.air.scoring import score
from qingyuan_science.standards.air.warning import longest_stretch, warning_rule, warnings_for
from qingyuan_science.standards.ranking import places_of

NEW = edition_named("HJ 633-2026")


def test_an_eight_hour_mean_needs_six_hours():
    """GB 3095-2026, table 4."""
    hours = np.arange(1.0, 11.0)
    np.testing.assert_allclose(eight_hour_means(hours), [np.nan] * 5 + [3.5, 4.0, 4.5, 5.5, 6.5])
    hours[[1, 2, 3]] = np.nan
    assert np.isnan(eight_hour_means(hours)[7])
    assert eight_hour_means(hours)[9] == (5 + 6 + 7 + 8 + 9 + 10) / 6


@given(st.lists(st.one_of(st.none(), st.floats(0, 500)), min_size=1, max_size=60), st.integers(2, 24))
def test_a_running_mean_is_the_mean_of_its_window(values, length):
    hours = np.array([np.nan if one is None else one for one in values])
    found = moving_mean(hours, length, 2)
    for end in range(hours.size):
        window = hours[max(0, end - length + 1) : end + 1]
        known = window[~np.isnan(window)]
        if known.size < 2:
            assert np.isnan(found[end])
        else:
            assert found[end] == pytest.approx(known.mean())


def test_the_daily_maximum_takes_the_windows_that_end_from_eight_to_midnight():
    hours = np.full(24, 40.0)
    hours[0:3] = 300.0  # before 08:00 only windows that also hold the hours after count: (3*300+5*40)/8 = 137.5
    assert daily_maximum_8h(hours)[0] == 137.5
    assert daily_maximum_8h(hours)[1] == 17


def test_too_few_windows_give_no_maximum_unless_it_is_above_the_limit():
    """HJ 663-2013: fourteen windows; a maximum above the limit counts all the same."""
    clean, dirty = np.full(24, 40.0), np.full(24, 200.0)
    clean[16:] = dirty[16:] = np.nan
    largest, windows = daily_maximum_8h(np.stack([clean, dirty]))
    assert windows.tolist() == [11, 11]  # windows that end at hours 8 to 18 still hold six values
    assert np.isnan(largest[0])
    assert largest[1] == 200


def test_a_day_needs_twenty_hours():
    """GB 3095-2026, table 4."""
    hours = np.full((2, 24), 30.0)
    hours[0, :4] = np.nan
    hours[1, :5] = np.nan
    mean, valid = daily_mean(hours)
    assert (mean[0], valid.tolist()) == (30.0, [20, 19])
    assert np.isnan(mean[1])


def test_a_city_is_the_mean_of_its_points_and_needs_three_in_four():
    mean, valid = city_mean([[30.0, 30.0], [41.0, np.nan], [np.nan, np.nan], [49.0, 50.0]], total=4)
    assert mean[0] == 40.0
    assert np.isnan(mean[1])
    assert valid.tolist() == [3, 2]
    assert [points_needed(total) for total in (1, 2, 3, 4, 8, 10)] == [1, 2, 3, 3, 6, 8]


def test_percentiles_lie_between_the_neighbours():
    """HJ 663: k = 1 + (n - 1) p."""
    assert percentile(list(range(1, 11)), 90) == 9.1  # k = 1 + 9*0.9 = 9.1
    assert percentile([5.0], 95) == 5.0
    assert np.isnan(percentile([np.nan], 95))


CITY = {"SO2": 6.0, "NO2": 20.0, "PM10": 70.0, "PM2.5": 35.0, "CO": 0.8, "O3_8h": 160.0}


@pytest.mark.parametrize(
    ("day", "total"),
    [
        (date(2025, 12, 31), 3.80),  # 0.1 + 0.5 + 70/70 + 35/35 + 0.2 + 1
        (date(2026, 3, 1), 4.13),  # 0.1 + 0.5 + 70/60 + 35/30 + 0.2 + 1 = 4.133
        (date(2031, 1, 1), 4.97),  # 6/20 + 20/30 + 70/50 + 35/25 + 0.2 + 1 = 4.967
    ],
)
def test_the_composite_index_is_the_sum_of_six_ratios_by_the_limits_of_the_day(day, total):
    assert composite_index(CITY, day)[1] == total


def test_a_city_without_one_item_has_no_composite_index():
    parts, total, _ = composite_index({**CITY, "CO": float("nan")}, date(2025, 1, 1))
    assert len(parts) == 5
    assert np.isnan(total)


def test_days_without_an_index_are_not_valid():
    assert good_days([float("nan"), 100.0, 101.0, 30.0]) == (2, 3, 66.7)
    assert np.isnan(good_days([float("nan")])[2])


def test_equal_values_share_a_place():
    assert places_of([4.0, 3.0, 4.0, 5.0]) == [2, 1, 2, 4]
    assert places_of([4.0, 3.0], best_first=False) == [1, 2]


@pytest.mark.parametrize(
    ("issued", "aqi", "level"),
    [
        (date(2020, 1, 1), [201, 201], "yellow"),
        (date(2020, 1, 1), [200, 300], None),
        (date(2020, 1, 1), [201] * 3, "orange"),
        (date(2020, 1, 1), [201, 301, 301, 201], "red"),
        (date(2020, 1, 1), [201, 301, 201, 201], "orange"),
        (date(2020, 1, 1), [500], "red"),
        (date(2025, 1, 1), [201], "yellow"),
        (date(2025, 1, 1), [151, 151], "yellow"),
        (date(2025, 1, 1), [151, 151, 151], "orange"),
        (date(2025, 1, 1), [201, 201], "orange"),
        (date(2025, 1, 1), [201, 301, 201], "red"),
        (date(2025, 1, 1), [150, 150, 150], None),
    ],
)
def test_warning_levels(issued, aqi, level):
    """2018/2019: 48, 72 and 96 hours above 200; 2024 as recalled."""
    rule, _ = warning_rule(issued)
    assert next((one.level for one in warnings_for(aqi, rule) if one.met), None) == level


@given(st.lists(st.integers(0, 500), min_size=1, max_size=10), st.integers(0, 9), st.integers(0, 300))
def test_worse_air_never_lowers_the_warning(aqi, at, more):
    worse = list(aqi)
    worse[at % len(aqi)] = min(500, worse[at % len(aqi)] + more)
    for issued in (date(2020, 1, 1), date(2025, 1, 1)):
        rule, _ = warning_rule(issued)
        before, after = ([one.met for one in warnings_for(days, rule)] for days in (aqi, worse))
        assert all(now or not was for was, now in zip(before, after, strict=True))


def test_a_missing_day_ends_a_stretch_even_when_days_are_bridged():
    assert longest_stretch([210, None, 220], 200, bridged=1) == 1
    assert longest_stretch([210, 100, 220], 200, bridged=1) == 3


def test_scores_by_every_rule():
    observed, forecast = [105, 80, 130, 100, np.nan], [95, 85, 125, 119, 50]
    low, high = [np.nan] * 5, [np.nan] * 5
    found = score(observed, forecast, (low, high), NEW)
    # levels 3 2 3 2 against 2 2 3 3; distances 10 5 5 19; warned: 125 and 119, polluted: 105 and 130
    assert (found.forecasts, found.strict_level, found.spanning_level) == (4, 50.0, 50.0)
    assert (found.within, found.hit_rate, found.false_alarm_ratio) == (100.0, 50.0, 50.0)
    ranged = score(observed, forecast, ([80, 70, 110, 104, 0], [110, 100, 140, 134, 0]), NEW, tolerance=9)
    assert (ranged.spanning_level, ranged.in_range, ranged.within) == (75.0, 75.0, 50.0)


def test_hits_are_counted_of_polluted_days_and_false_alarms_of_warnings():
    found = score([105, 130, 80, 70], [110, 90, 120, 130], ([np.nan] * 4, [np.nan] * 4), NEW)
    assert (found.hit_rate, found.false_alarm_ratio) == (50.0, 66.7)  # 1 of 2; 2 of 3


def test_without_polluted_days_there_is_no_hit_rate():
    found = score([50, 60], [55, 58], ([np.nan] * 2, [np.nan] * 2), NEW)
    assert np.isnan(found.hit_rate)
    assert np.isnan(found.false_alarm_ratio)
