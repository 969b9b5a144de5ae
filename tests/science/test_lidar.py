"""Polar values of lidars: where they lie, and what stands out."""

import numpy as np
import pytest

from qingyuan_science.lidar import BadThreshold, Polar, hotspots, runs, threshold_of


def around(values: np.ndarray, *, elevation: float = 0.0, turn: float = 360.0) -> Polar:
    rays, gates = values.shape
    azimuth = np.arange(rays) * turn / rays
    return Polar((106.0, 29.0), azimuth, np.full(rays, elevation), 100.0 + np.arange(gates) * 100.0, values)


def test_a_place_a_kilometre_to_the_east_lies_on_the_same_latitude() -> None:
    lon, lat = around(np.zeros((4, 3))).place(90.0, 1000.0)
    assert float(lat) == pytest.approx(29.0)
    assert float(lon) == pytest.approx(106.0 + 1.0 / (111.195 * np.cos(np.radians(29.0))))


def test_a_region_is_told_once_with_its_middle_and_area() -> None:
    values = np.full((36, 20), 0.1)
    values[9, 9:12] = 0.9  # at 90°, 1000 to 1200 m
    values[9, 10] = 1.5
    (found,) = hotspots(around(values), 0.5, least=3)
    assert (found.gates, found.value, found.mean) == (3, 1.5, pytest.approx(1.1))
    assert found.bearing == pytest.approx(90.0)
    assert found.metres == pytest.approx(1100.0)
    assert found.area == pytest.approx(np.radians(10.0) * (1000 + 1100 + 1200) * 100.0)


def test_a_region_across_north_is_one_only_where_the_scan_goes_around() -> None:
    values = np.full((36, 20), 0.1)
    values[[35, 0], 5:9] = 0.9
    assert len(hotspots(around(values), 0.5)) == 1
    assert len(hotspots(around(values, turn=180.0), 0.5)) == 2


def test_gates_that_touch_at_a_corner_only_are_two_regions() -> None:
    values = np.full((36, 20), 0.1)
    values[9, 5:9] = values[10, 9:13] = 0.9
    assert len(hotspots(around(values), 0.5)) == 2


def test_the_blind_zone_and_missing_values_stand_out_of_nothing() -> None:
    values = np.full((36, 20), 0.1)
    values[:, 0] = 9.0  # at 100 m
    values[3, 5:9] = np.nan
    assert hotspots(around(values), 0.5) == ()
    assert threshold_of(around(values)) == pytest.approx(0.1)


def test_a_tilted_beam_is_above_the_ground_and_nearer_on_the_map() -> None:
    values = np.full((36, 20), 0.1)
    values[0, 8:12] = 0.9  # 900 to 1200 m along the beam
    (found,) = hotspots(around(values, elevation=60.0), 0.5)
    assert found.metres == pytest.approx(1050.0 / 2)
    assert found.height == pytest.approx(1050.0 * np.sin(np.radians(60.0)))


def test_a_percentile_is_between_none_and_all() -> None:
    with pytest.raises(BadThreshold, match="expected 0 to 100"):
        threshold_of(around(np.zeros((4, 3))), 101.0)


def test_runs_put_together_say_the_row() -> None:
    row = np.random.default_rng(5).integers(-1, 4, 500)
    again = np.full(500, -1)
    for first, after, number in runs(row):
        again[first:after] = number
    assert again.tolist() == row.tolist()
