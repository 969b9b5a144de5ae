"""Stations of every kind speak, are shown with their newest value, and keep to their part in the network."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from loop_runner import run_waiting_jobs
from pages import get, words
from wire import frame

from qingyuan.kit import clock
from qingyuan.places.api import place_in_network, register_station
from qingyuan.places.queries import NetworkPart
from qingyuan.recording.api import append
from qingyuan.sensing.api import Payload, define_channel, define_dialect, define_feed, register_device, take_in_payloads
from qingyuan.sensing.logic.intake import Arrival, take_in
from qingyuan.sensing.logic.registry import Registry
from qingyuan.sensing.queries import Channel
from qingyuan_science.hj212 import STANDARD, Frame, Framer

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
NINE = datetime(2026, 11, 22, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
# kind of station: system code (HJ 212-2017, table 5), fields of a real-time packet, what the watch page then says
SPEAKING = {
    "ambient-air": ("22", "a34004-Rtd=36,a34004-Flag=N", "Ambient-air station", "36"),
    "surface-water": ("21", "w01009-Rtd=7.4,w01009-Flag=N", "Surface-water station", "7.4"),
    "weather": ("22", "a01007-Rtd=3.2,a01007-Flag=N;a01008-Rtd=90,a01008-Flag=N", "Weather station", "3.2"),
    "dust-site": ("39", "a34001-Rtd=412,a34001-Flag=N", "Construction-dust site", "412"),
    "fume": ("31", "LAMPBLACK-Rtd=1.7,LAMPBLACK-Flag=N", "Cooking-fume point", "1.7"),
    "noise": ("23", "LA-Rtd=58.3,LA-Flag=N", "Noise station", "58.3"),
}


def standing(kind: str, code: str = "new-1", **part: Any) -> Any:
    station = register_station(code, title_zh=code, title_en=code, kind=kind, lon=100.05, lat=30.1)
    place_in_network(station, NetworkPart(**part))
    return station


def the_loop_runs() -> None:
    with clock.wound_to(datetime.now(UTC)):  # handlers begin when the platform was set up, which is now
        run_waiting_jobs()


def spoken(station: Any, system: str, fields: str, at: datetime = NINE) -> None:
    """A packet of real-time values comes in by the gateway's own door."""
    define_dialect(STANDARD, title_zh="标准", title_en="Standard")
    mn = station.code.upper().ljust(24, "0")
    register_device(mn, station=station, password="123456")
    local = at.astimezone(clock.SHANGHAI)
    text = f"QN=1;ST={system};CN=2011;PW=123456;MN={mn};Flag=5;CP=&&DataTime={local:%Y%m%d%H%M%S};{fields}&&"
    (cut,) = Framer(STANDARD).feed(frame(text))
    assert isinstance(cut, Frame)
    arrival = Arrival(cut.raw, "10.0.0.9:4711", round(at.timestamp() * 1_000_000), cut.segment, STANDARD)
    take_in([arrival], Registry(), append)
    assert (arrival.fault, arrival.note) == ("", "")


@pytest.mark.mission("S1-12")
@pytest.mark.mission("S1-13")
@pytest.mark.mission("S1-17")
@pytest.mark.mission("S1-22")
@pytest.mark.parametrize("kind", SPEAKING)
def test_what_a_station_of_any_kind_sends_is_shown_at_once_with_the_way_to_its_bytes(
    kind: str, cast: SimpleNamespace, browser: Browser
) -> None:
    system, fields, title, value = SPEAKING[kind]
    station = standing(kind)
    spoken(station, system, fields, clock.now() - timedelta(seconds=30))
    the_loop_runs()
    watched = get(browser("duty_officer"), "watch")
    page = words(watched)
    assert title in page
    assert value in page
    at_station = get(browser("duty_officer"), "station", code=station.code)
    assert title in words(at_station)
    channel = Channel.objects.filter(station=station).order_by("pk")[0]
    assert f"/readings/{channel.pk}/r/" in at_station.content.decode()
    (from_board,) = re.findall(rf"/readings/{channel.pk}/r/\d+/", watched.content.decode())
    packet = words(browser("duty_officer").get(from_board))
    name, _, sent = fields.split(",")[0].partition("=")
    assert name in packet
    assert sent in packet
    shown = browser("duty_officer").get("/api/map/layers/stations").json()
    assert station.code in {one["properties"]["title"] for one in shown["features"]}


@pytest.mark.mission("S1-21")
def test_a_checkpoint_delivers_its_traffic_through_a_feed(cast: SimpleNamespace, browser: Browser) -> None:
    station = standing("traffic", "gate-7")
    feed = define_feed("traffic", connector="push", title_zh="卡口", title_en="Checkpoints", stations=[station])
    at = (clock.now() - timedelta(minutes=2)).isoformat()
    raw = (
        f'{{"readings": [{{"name": "gate-7/trafficflow", "at": "{at}", "value": 1260}},'
        f' {{"name": "gate-7/trafficspeed", "at": "{at}", "value": 10, "unit": "m/s"}}]}}'
    )
    received = round(clock.now().timestamp() * 1_000_000)
    told = take_in_payloads(feed, [Payload(raw.encode(), "10.0.0.9", received)], append)
    assert told[0].faults == []
    the_loop_runs()
    page = words(get(browser("duty_officer"), "watch"))
    assert "Traffic checkpoint" in page
    assert "vehicles/h" in page
    assert "1260" in page.replace(",", "").replace(" ", "")
    assert "36.0" in page  # 10 m/s


def test_only_kinds_of_which_there_are_stations_are_offered(browser: Browser, cast: SimpleNamespace) -> None:
    standing("noise")
    page = words(get(browser("duty_officer"), "watch"))
    assert "All Noise station" in page
    assert "Traffic checkpoint" not in page


@pytest.fixture
def air(readings: Any) -> Callable[..., Any]:
    """A station of ambient air with PM2.5 of one day in spring and of this morning."""

    def make(code: str, value: float, **part: Any) -> Any:
        station = standing("ambient-air", code, **part)
        channel = define_channel(station, factor="a34004", unit="µg/m3")
        readings(channel, "d", [(datetime(2026, 4, 1, tzinfo=clock.SHANGHAI), value)])
        readings(channel, "h", [(NINE - n * HOUR, value) for n in range(8)])
        return station

    return make


@pytest.mark.mission("S2-12")
def test_micro_stations_show_and_warn_but_no_area_is_assessed_by_them(air: Any, browser: Browser) -> None:
    air("a-1", 35.0, level="municipal")
    air("m-1", 400.0, level="micro")
    the_loop_runs()
    client = browser("leader")
    page = words(get(client, "air", {"year": 2026, "part": 4}))
    assert "a-1" in page
    assert "m-1" not in page
    assert "400" not in page
    day = words(get(client, "air-day", day=date(2026, 4, 1).isoformat()))
    assert "m-1" not in day
    assert "Ambient-air station · Micro-station" in words(get(client, "places"))


@pytest.mark.mission("S1-14")
def test_stations_and_their_quality_are_looked_at_by_level(air: Any, browser: Browser) -> None:
    for code, level in (("n-1", "national"), ("p-1", "provincial"), ("c-1", "municipal"), ("m-1", "micro")):
        air(code, 35.0, level=level)
    client = browser("leader")
    days = {"from": "2026-11-22", "to": "2026-11-22"}
    for code, level in (("n-1", "national"), ("m-1", "micro")):
        for page in (get(client, "places", {"level": level}), get(client, "quality", {"level": level, **days})):
            told = words(page)
            assert code in told
            assert not {"n-1", "p-1", "c-1", "m-1"} - {code} & set(told.split())


def test_an_administrator_gives_a_station_its_level(browser: Browser, cast: SimpleNamespace) -> None:
    station = standing("ambient-air", "a-1")
    entered = {
        "code": "a-1", "title_zh": "一", "title_en": "One", "kind": "ambient-air", "lon": 100.05, "lat": 30.1,
        "cell": station.cell_id, "body": "river", "level": "national",
    }  # fmt: skip
    assert browser("administrator").post(f"/admin/places/station/{station.pk}/change/", entered).status_code == 302
    station.refresh_from_db()
    assert station.level == "national"
