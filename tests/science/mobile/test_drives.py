"""Tracks, drives, background, peaks and means along the way, against figures worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan_science.mobile import (
    Placed,
    Track,
    background,
    cut,
    distances,
    mean_along,
    mean_wind,
    peaks,
    placed,
    squares,
    stops,
    track_of,
    upwind,
)
from qingyuan_science.series import SECOND, Series

A_DEGREE_M = 111_195.08  # of latitude on a sphere of 6371.0088 km: its circumference over 360


def series(seconds: object, values: object, marks: str = "") -> Series:
    at = np.asarray(seconds, np.int64) * SECOND
    return Series(at, np.asarray(values, float), np.array(list(marks or "N" * at.size)), "µg/m³")


def northward(seconds: np.ndarray, metres: np.ndarray) -> Track:
    return Track(seconds.astype(np.int64) * SECOND, np.full(seconds.size, 106.0), 29.0 + metres / A_DEGREE_M)


def along(metres: object, values: object, every_s: float = 1.0) -> Placed:
    way = np.asarray(metres, float)
    at = (np.arange(way.size) * every_s * SECOND).astype(np.int64)
    return Placed(at, np.asarray(values, float), 106.0 + way * 0, 29.0 + way / A_DEGREE_M, way, "µg/m³")


def test_a_degree_of_longitude_at_sixty_degrees_is_half_as_long_as_one_of_latitude() -> None:
    (east,), (north,) = distances([10.0, 11.0], [60.0, 60.0]), distances([10.0, 10.0], [59.5, 60.5])
    assert north == pytest.approx(A_DEGREE_M, abs=1)
    assert east == pytest.approx(A_DEGREE_M / 2, rel=1e-4)


def test_positions_off_the_globe_without_a_fix_or_too_far_away_are_refused_and_counted() -> None:
    lat = 29.0 + np.arange(40) * 10.0 / A_DEGREE_M
    lon = np.full(40, 106.0)
    lat[7], lon[12], lat[12], lat[20] = 91.0, 0.0, 0.0, 29.5  # outside; no fix; half a degree away within a second
    track, refused = track_of(series(range(40), lon), series(range(40), lat))
    assert (len(track), refused.outside, refused.jumped) == (37, 2, 1)
    assert track.metres == pytest.approx(390.0, abs=0.5)


def test_a_wrong_first_position_does_not_cost_those_that_agree_after_it() -> None:
    lat = 29.0 + np.arange(30) * 10.0 / A_DEGREE_M
    lat[0] = 35.0
    track, refused = track_of(series(range(30), np.full(30, 106.0)), series(range(30), lat))
    assert (len(track), refused.jumped) == (29, 1)


def test_positions_marked_as_not_valid_are_no_positions() -> None:
    lat = 29.0 + np.arange(10) * 10.0 / A_DEGREE_M
    track, _refused = track_of(series(range(10), np.full(10, 106.0), "NNNNDNNNNN"), series(range(10), lat))
    assert len(track) == 9


def test_a_drive_ends_where_nothing_is_known_for_long_and_where_it_stood_for_long() -> None:
    driving = np.arange(0, 300)
    seconds = np.concatenate((driving, driving + 1000, [1299 + n * 10 for n in range(1, 240)], driving + 1299 + 2400))
    moving = [np.arange(300) * 10.0, 3000 + np.arange(300) * 10.0, np.full(239, 5990.0), 5990 + np.arange(300) * 10.0]
    found = cut(northward(seconds, np.concatenate(moving)))
    # 0–299 s; 700 s of nothing; 1000–1299 s; 40 minutes of standing; another 300 s
    assert [(int(seconds[first]), int(seconds[after - 1])) for first, after in found] == [
        (0, 299), (1000, pytest.approx(1299, abs=4)), (pytest.approx(3699, abs=4), 3998),
    ]  # fmt: skip


def test_what_never_leaves_its_yard_is_no_drive() -> None:
    wander = np.random.default_rng(7).normal(0.0, 3.0, 3600)
    assert cut(northward(np.arange(3600), wander)) == ()


def test_standing_at_a_light_makes_no_way_though_gps_wanders() -> None:
    random = np.random.default_rng(3)
    metres = np.concatenate(
        (np.arange(100) * 10.0, 990.0 + random.normal(0.0, 3.0, 120), 1000.0 + np.arange(100) * 10.0)
    )
    track = northward(np.arange(320), metres)
    (stop,) = stops(track)
    assert stop.seconds == pytest.approx(120, abs=6)
    assert np.abs(np.diff(metres)).sum() > 2200  # what the positions alone would add up to
    assert track.metres == pytest.approx(1990.0, abs=15)


def test_a_reading_belongs_where_its_air_was_drawn_in() -> None:
    track = northward(np.arange(0, 101, 10), np.arange(0, 101, 10) * 15.0)
    found = placed(series([25, 60, 130], [1.0, 2.0, 3.0]), track, delay=5.0)
    assert found.along.tolist() == pytest.approx([300.0, 825.0])  # at 20 s and 55 s; at 125 s it was not there any more


def test_readings_are_not_placed_where_nothing_is_known_of_the_way() -> None:
    track = northward(np.array([0, 10, 200, 210]), np.array([0.0, 100.0, 2000.0, 2100.0]))
    assert placed(series([5, 100, 205], [1.0, 2.0, 3.0]), track).value.tolist() == [1.0, 3.0]


def test_a_thousand_readings_at_a_light_count_no_more_than_its_ten_metres() -> None:
    way = np.concatenate((np.arange(0, 1000, 10), np.full(1000, 1000.0), np.arange(1010, 2000, 10))).astype(float)
    values = np.where(way == 1000.0, 100.0, 20.0)
    found = along(way, values)
    assert values.mean() > 85
    assert mean_along(found) == pytest.approx(20.0 + 80.0 * 10.0 / 1990.0)  # half a step before it, half a step after


def test_the_background_keeps_the_slow_course_and_leaves_out_the_plume() -> None:
    at = np.arange(3600) * SECOND
    slow = 30.0 + 10.0 * np.arange(3600) / 3600
    values = slow.copy()
    values[1000:1060] += 200.0
    found = background(at, values)
    assert np.all(found <= values)
    assert np.abs(found[1000:1060] - slow[1000:1060]).max() < 1.0


@given(st.integers(0, 2**32 - 1), st.floats(0.1, 50.0), st.floats(0.0, 100.0))
def test_background_and_peaks_do_not_depend_on_the_unit(seed: int, scale: float, base: float) -> None:
    random = np.random.default_rng(seed)
    values = base + random.gamma(2.0, 3.0, 400)
    values[150:170] += 300.0
    way = np.arange(400) * 8.0
    one, other = peaks(along(way, values)), peaks(along(way, values * scale))
    assert other.background == pytest.approx(one.background * scale)
    assert [(peak.first, peak.last, peak.top) for peak in other.found] == [
        (peak.first, peak.last, peak.top) for peak in one.found
    ]


def test_two_plumes_are_two_peaks_the_higher_first_with_extent_and_load() -> None:
    values = np.tile([20.0, 21.0, 20.0, 19.0], 300)
    values[300:321] = 80.0
    values[800:811] = 220.0
    first, second = peaks(along(np.arange(1200) * 10.0, values)).found
    assert (first.value, first.metres, first.seconds) == (220.0, 100.0, 10.0)
    assert (second.value, second.metres, second.seconds) == (80.0, 200.0, 20.0)
    assert second.background == pytest.approx(19.0)  # the tenth percentile of a quarter at 19
    assert first.load == pytest.approx(11 * 10.0 * (220.0 - 19.0))


def test_one_odd_reading_is_no_peak() -> None:
    values = np.tile([20.0, 21.0], 300)
    values[100] = 500.0
    assert peaks(along(np.arange(600) * 10.0, values)).found == ()


def test_an_even_drive_has_no_peaks() -> None:
    assert peaks(along(np.arange(600) * 10.0, np.full(600, 35.0))).found == ()


def test_a_square_passed_three_times_has_the_median_of_its_passes() -> None:
    there = np.linspace(2.0, 48.0, 24)
    passes = [along(there, np.full(24, value)) for value in (30.0, 90.0, 40.0)]
    shifted = [Placed(one.at, one.value, one.lon + 1e-4, one.lat, one.along) for one in passes]
    found = [one for one in squares(shifted, size=100.0) if one.drives == 3]
    assert len(found) in (1, 2)  # where the edge of a square lies is not ours to choose
    assert {one.median for one in found} == {40.0}


def test_coming_back_after_a_minute_is_another_pass_of_the_same_drive() -> None:
    at = np.concatenate((np.arange(5), 300 + np.arange(5))) * SECOND
    way = np.concatenate((np.arange(5) * 2.0, 1000.0 + np.arange(5) * 2.0))
    here = Placed(at, np.repeat([10.0, 50.0], 5), np.full(10, 106.00021), np.full(10, 29.00021), way)
    (square,) = squares([here])
    assert square.passes == ((0, 10.0), (0, 50.0))


def test_only_what_lies_towards_the_wind_and_near_is_upwind() -> None:
    # one kilometre to the north, the east, the south, and ten to the north
    lon, lat = [106.0, 106.01028, 106.0, 106.0], [29.008993, 29.0, 28.991007, 29.08993]
    (found,) = upwind((106.0, 29.0), (lon, lat), (350.0, 2.0))
    assert (found.index, round(found.metres), round(found.bearing) % 360, round(found.aside)) == (0, 1000, 0, 10)


def test_in_calm_nothing_can_be_said_of_upwind() -> None:
    assert upwind((106.0, 29.0), ([106.0], [29.001]), (0.0, 0.4)) == ()
    assert upwind((106.0, 29.0), ([106.0], [29.001]), mean_wind(np.zeros(0), np.zeros(0))) == ()
