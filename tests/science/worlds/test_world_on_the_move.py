"""The vehicle and the lidar of the synthetic world: what they say can be undone to the truth behind it."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from qingyuan_science.lidar import Polar, hotspots, threshold_of
from qingyuan_science.mobile import Track, cut, peaks, placed, stops
from qingyuan_science.mobile.track import bearings, distances
from qingyuan_science.series import Series, microseconds
from qingyuan_science.worlds import World
from qingyuan_science.worlds.moving.patrol import DELAY_S, Patrol
from qingyuan_science.worlds.moving.scanning import Lidar

EPOCH = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    return World(epoch=EPOCH)


def test_the_same_world_says_the_same_in_whatever_pieces_and_a_drive_is_under_way_when_it_begins(world: World) -> None:
    patrol = Patrol(world)
    assert patrol.between(EPOCH - timedelta(minutes=1), EPOCH) is not None
    one, other = (Patrol(World(epoch=EPOCH)).between(EPOCH, EPOCH + timedelta(minutes=1)) for _ in range(2))
    assert one is not None
    assert other is not None
    assert one.document == other.document
    names = {reading["name"] for reading in json.loads(one.document)["readings"]}
    assert {"QJ-V01/longitude", "QJ-V01/latitude", "QJ-V01/a34004"} <= names


def test_a_drive_halts_at_three_lights_and_its_peaks_lie_down_wind_of_their_sources(world: World) -> None:
    patrol = Patrol(world)
    said = patrol.between(EPOCH - timedelta(hours=3), EPOCH - timedelta(hours=1))
    assert said is not None
    track = Track(said.at, said.lon, said.lat)
    ((first, after),) = cut(track)
    drive = track.part(first, after)
    assert len(stops(drive)) == 3
    series = Series(said.at, said.pm10, np.full(said.at.size, "N"), "µg/m3")
    found = peaks(placed(series, drive, DELAY_S)).found
    assert found
    for peak in found:
        came = float(patrol.air.wind(np.array([peak.at]))[0][0])
        assert any(_explains(plume.place, plume.with_wind, peak.lon, peak.lat, came) for plume in patrol.air.plumes)


def _explains(source: object, with_wind: bool, lon: float, lat: float, came: float) -> bool:
    metres = float(distances([lon, source.x], [lat, source.y])[0])  # type: ignore[attr-defined]
    if not with_wind:
        return metres < 200.0
    towards = float(bearings(lon, lat, source.x, source.y))  # type: ignore[attr-defined]
    return metres < 3000.0 and abs((towards - came + 180.0) % 360.0 - 180.0) < 45.0


def test_a_scan_shows_both_boilers_as_hot_spots(world: World) -> None:
    lidar = Lidar(world)
    told = json.loads(lidar.scan(EPOCH, "around").document)
    values = np.array([ray["values"] for ray in told["rays"]], float)
    azimuth = np.array([ray["azimuth"] for ray in told["rays"]])
    scan = Polar(lidar.site, azimuth, np.full(azimuth.size, 2.0), np.array(told["range_m"]), values)
    found = hotspots(scan, threshold_of(scan, 98.0))
    for plume in lidar.air.plumes[:2]:
        near = [distances([one.lon, plume.place.x], [one.lat, plume.place.y])[0] for one in found]
        assert min(near) < 600.0


def test_scans_come_at_their_times_once_they_have_ended(world: World) -> None:
    due = list(Lidar(world).between(EPOCH, EPOCH + timedelta(hours=1)))
    assert [how for _at, how in due].count("around") == 4
    assert [how for _at, how in due].count("up") == 6
    assert all(microseconds(at) % 300_000_000 == 0 for at, _how in due)
