"""A vehicle's drive on the map, over time, its peaks with who lay upwind, and the way to a clue."""

import json
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import NINE
from django.test import Client
from driving import deliver, driving_east, the_loop_runs, vehicle
from pages import get, words

from qingyuan.judging.queries import Finding
from qingyuan.kit import clock
from qingyuan.places.api import register_station
from qingyuan.recording.api import append
from qingyuan.recording.queries import Drive
from qingyuan.sensing.api import define_channel

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
START = NINE + timedelta(minutes=20)


@pytest.fixture
def drive(cast: SimpleNamespace) -> Drive:
    """Six kilometres to the east from 09:20 on, out of East One into East Two."""
    driving_east(vehicle(), START)
    the_loop_runs()
    return Drive.objects.get()


@pytest.mark.mission("S2-10")
def test_a_drive_is_on_the_map_in_colours_and_over_time_with_its_peak(drive: Drive, browser: Browser) -> None:
    duty = browser("duty_officer")
    assert "Vehicle One" in words(get(duty, "drives"))
    page = words(get(duty, "drive", drive_id=drive.pk))
    assert "6.0 km" in page
    assert "Peak 1" in page
    assert "+150" in page  # 180 over a background of 30
    layers = {one["code"]: one for one in duty.get(f"/api/drives/{drive.pk}/layers").json()}
    assert {"towns", "track", "peaks"} <= set(layers)
    track = duty.get(layers["track"]["url"]).json()["features"]
    used = {one["properties"]["colour_key"] for one in track}
    assert used <= {one["value"] for one in layers["track"]["legend"]}
    assert len(used) > 1
    assert all("µg/m³" in one["title"] for one in layers["track"]["legend"])
    chart = duty.get(f"/api/drives/{drive.pk}/series").json()
    assert len(chart["series"][0]["points"]) == 600
    assert [one["title"] for one in chart["windows"]] == ["Peak 1"]
    moments = duty.get(f"/api/drives/{drive.pk}/moments").json()
    assert moments[300][0] == round((START + timedelta(seconds=300)).timestamp() * 1000)
    assert moments[300][1] == pytest.approx(100.05 + 3000 / 96_201, abs=1e-5)


def test_a_drive_that_goes_on_stays_one_drive_and_says_so(cast: SimpleNamespace, browser: Browser) -> None:
    now, station = clock.now(), vehicle()
    driving_east(station, now - timedelta(seconds=300), seconds=150, plume=(0, 0))
    the_loop_runs()
    before = Drive.objects.get()
    driving_east(station, now - timedelta(seconds=150), seconds=150, lon=100.05 + 1500 / 96_201, plume=(0, 0))
    the_loop_runs()
    after = Drive.objects.get()
    assert after.pk == before.pk
    assert after.metres == pytest.approx(2 * before.metres, rel=0.02)
    assert "Under way" in words(get(browser("duty_officer"), "drives"))
    assert "Under way" in words(get(browser("duty_officer"), "drive", drive_id=after.pk))
    shown = browser("duty_officer").get("/api/map/layers/mobile_tracks").json()["features"]
    assert [one["properties"]["colour_key"] for one in shown] == ["running"]


def test_positions_off_the_globe_are_refused_at_the_door_and_a_jump_is_left_out(cast: SimpleNamespace) -> None:
    station = vehicle()
    at = (START + timedelta(seconds=77, milliseconds=500)).isoformat()
    told = deliver(station, [{"name": "car-1/longitude", "at": at, "value": 181.0}])
    assert [fault for fault, _detail in told.faults] == ["AbsurdValue"]
    assert "180" in told.faults[0][1]
    driving_east(station, START)
    deliver(station, [
        {"name": "car-1/longitude", "at": at, "value": 101.5}, {"name": "car-1/latitude", "at": at, "value": 30.1},
    ])  # fmt: skip
    the_loop_runs()
    drive = Drive.objects.get()
    assert drive.refused == 1
    assert drive.metres == pytest.approx(5990, rel=0.01)


def test_who_answers_for_a_part_sees_that_part_of_the_drive(cast: SimpleNamespace, browser: Browser) -> None:
    driving_east(vehicle(), START, lon=100.19, seconds=400, plume=(350, 380))  # out of East Town after 97 s
    the_loop_runs()
    (drive,) = Drive.objects.all()
    east, west = (
        browser(name).get(f"/api/drives/{drive.pk}/moments").json() for name in ("grid_worker", "other_grid_worker")
    )
    assert 0 < len(east) < len(west) < 400
    assert max(lon for _at, lon, _lat in east) <= 100.2
    assert min(lon for _at, lon, _lat in west) >= 100.2
    assert "Peak 1" not in words(get(browser("grid_worker"), "drive", drive_id=drive.pk))
    assert "Peak 1" in words(get(browser("other_grid_worker"), "drive", drive_id=drive.pk))


def test_a_drive_elsewhere_is_in_nobody_elses_list(drive: Drive, browser: Browser) -> None:
    client = browser("other_grid_worker")
    assert "Vehicle One" not in words(client.get("/drives/"))
    assert client.get(f"/drives/{drive.pk}/").status_code == 404
    assert browser("enterprise").get("/drives/").status_code == 403


@pytest.mark.mission("S3-29")
def test_a_peak_says_who_lay_upwind_and_becomes_a_clue_with_what_was_measured(
    drive: Drive, enterprise: Any, readings: Any, browser: Browser
) -> None:
    air = register_station("air-1", title_zh="空气站", title_en="Air", kind="ambient-air", lon=100.06, lat=30.12)
    passing = START + timedelta(seconds=315)
    for factor, unit, value in (("a01007", "m/s", 2.0), ("a01008", "°", 270.0)):  # from the west, where the works stand
        readings(define_channel(air, factor=factor, unit=unit), "r", [(passing, value)])
    duty = browser("duty_officer")
    driving_east(vehicle("car-3"), START, plume=(400, 430))
    the_loop_runs()
    page = get(duty, "drive", drive_id=Drive.objects.get(station__code="car-3").pk)
    assert "W 2.0 m/s" in words(page)
    assert "East Water Ltd" not in words(page)  # four kilometres away
    driving_east(vehicle("car-2"), START, plume=(100, 130))
    the_loop_runs()
    near = Drive.objects.get(station__code="car-2")
    page = get(duty, "drive", drive_id=near.pk)
    assert "East Water Ltd" in words(page)
    key = round((START + timedelta(seconds=100)).timestamp()) * 1_000_000
    asked = {"peak": str(key), "factor": "a34004", "delay": "0", "what": "Smoke over the road."}
    answer = duty.post(f"/drives/{near.pk}/clue/", asked, follow=True)
    clue = Finding.objects.get()
    assert answer.redirect_chain[-1][0] == f"/findings/{clue.pk}/"
    assert clue.cell.path == "01/01/01"
    assert clue.edition["seen"]["value"] == 180.0
    assert [one[1] for one in clue.edition["seen"]["readings"] if one[1] > 100] == [180.0] * 30
    shown = words(answer)
    assert "Smoke over the road." in shown
    assert "What the drive measured" in shown
    kept = duty.get(f"/api/findings/{clue.pk}/readings").json()
    assert max(value for _at, value in kept["series"][0]["points"]) == 180.0
    again = duty.post(f"/drives/{near.pk}/clue/", asked)
    assert again.status_code == 422
    assert Finding.objects.count() == 1


def test_a_clue_outside_the_own_territory_is_refused(drive: Drive, browser: Browser) -> None:
    answer = browser("other_grid_worker").post(f"/drives/{drive.pk}/clue/", {"peak": "1", "what": "x"})
    assert answer.status_code == 404
    assert not Finding.objects.exists()


def test_two_drives_over_the_same_road_are_compared_square_by_square(drive: Drive, browser: Browser) -> None:
    driving_east(vehicle("car-2"), START, plume=(0, 0))
    the_loop_runs()
    other = Drive.objects.get(station__code="car-2")
    duty = browser("duty_officer")
    page = words(duty.get(f"/drives/compare/?drive={drive.pk}&drive={other.pk}"))
    assert "squares were passed by every drive" in page
    assert "105" in page  # the median of 180 and 30 or 31 where the plume was
    layers = duty.get(f"/api/drives/compare?drive={drive.pk}&drive={other.pk}").json()
    shown = duty.get(next(one["url"] for one in layers if one["code"] == "squares")).json()["features"]
    assert len(shown) == pytest.approx(6000 / 50, abs=4)


def test_a_drive_is_taken_away_as_a_table_and_as_a_map(drive: Drive, browser: Browser) -> None:
    duty = browser("duty_officer")
    lines = duty.get(f"/drives/{drive.pk}/table/?form=csv").content.decode("utf-8-sig").splitlines()
    assert len(lines) == 601
    assert lines[301].split(",")[4] == "180.0"
    assert duty.get(f"/drives/{drive.pk}/table/?form=xlsx").content[:2] == b"PK"
    found = json.loads(duty.get(f"/drives/{drive.pk}/table/?form=geojson").content)
    assert found["properties"]["station"] == "car-1"
    assert {one["geometry"]["type"] for one in found["features"]} == {"LineString"}


def test_a_response_delay_moves_the_peak_back_along_the_road(drive: Drive, browser: Browser) -> None:
    duty = browser("duty_officer")
    plain, late = (
        duty.get(f"/api/drives/{drive.pk}/layers/peaks?factor=a34004&delay={delay}").json()["features"][0]
        for delay in ("0", "10")
    )
    moved = (plain["geometry"]["coordinates"][0] - late["geometry"]["coordinates"][0]) * 96_201
    assert moved == pytest.approx(100.0, abs=1.0)  # ten seconds at ten metres a second
    refused = duty.get(f"/drives/{drive.pk}/?delay=1e9")
    assert refused.status_code == 422
    assert "1e9" in words(refused)


def test_withdrawn_positions_take_the_drive_with_them(cast: SimpleNamespace) -> None:
    from qingyuan.recording.api import keep_drives
    from qingyuan.recording.events import ReadingsWithdrawn
    from qingyuan.sensing.queries import Channel

    driving_east(vehicle(), START)
    the_loop_runs()
    channel = Channel.objects.get(factor="longitude")
    first, last = (round(at.timestamp() * 1_000_000) for at in (START, START + timedelta(seconds=599)))
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM recording_reading WHERE channel_id = %s", [channel.pk])
    keep_drives(ReadingsWithdrawn(id=1, spans=[[channel.pk, "r", first, last]]))
    assert not Drive.objects.exists()


@pytest.mark.mission("S3-18")
@pytest.mark.parametrize("kind", ["vehicle", "drone"])
def test_a_terminal_that_speaks_hj_212_under_its_own_codes_is_on_the_map_at_once(
    kind: str, cast: SimpleNamespace, browser: Browser
) -> None:
    from wire import frame

    from qingyuan.sensing.api import define_dialect, register_device
    from qingyuan.sensing.logic.intake import Arrival, take_in
    from qingyuan.sensing.logic.registry import Registry
    from qingyuan_science.hj212 import Dialect, Framer

    own = Dialect("moving", codes={"lng": "longitude", "lat": "latitude"})
    define_dialect(own, title_zh="走航", title_en="Moving")
    station = register_station("T-1", title_zh="终端", title_en="Terminal One", kind=kind, lon=100.05, lat=30.1)
    mn = "T1".ljust(24, "0")
    register_device(mn, station=station, password="123456", dialect=own.code)
    now, registry = clock.now().replace(microsecond=0), Registry()
    for second in range(60):
        at = now + timedelta(seconds=second - 70)
        lon = 100.05 + second * 10 / 96_201
        fields = f"lng-Rtd={lon:.6f},lng-Flag=N;lat-Rtd=30.1,lat-Flag=N;a34004-Rtd={30 + second % 2},a34004-Flag=N"
        local = at.astimezone(clock.SHANGHAI)
        text = f"QN=1;ST=22;CN=2011;PW=123456;MN={mn};Flag=5;CP=&&DataTime={local:%Y%m%d%H%M%S};{fields}&&"
        (cut,) = Framer(own).feed(frame(text))
        arrival = Arrival(cut.raw, "10.0.0.9:4711", round(at.timestamp() * 1_000_000), cut.segment, own)
        take_in([arrival], registry, append)
        assert (arrival.fault, arrival.note) == ("", "")
    the_loop_runs()
    (shown,) = browser("duty_officer").get("/api/map/layers/mobile_tracks").json()["features"]
    assert shown["properties"]["title"] == "Terminal One"
    assert shown["properties"]["colour_key"] == "running"
    assert Drive.objects.get().metres == pytest.approx(590, rel=0.01)
