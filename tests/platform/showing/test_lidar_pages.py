"""Scans of a lidar: through a feed, on the map, heights over a day, hot spots and clues."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import NINE
from django.test import Client
from pages import get, words

from qingyuan.judging.queries import Finding
from qingyuan.kit import clock
from qingyuan.places.api import register_station
from qingyuan.recording.api import append
from qingyuan.sensing.api import Payload, define_feed, take_in_payloads
from qingyuan.sensing.queries import RawPacket, Scan

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]


@pytest.fixture
def feed(cast: SimpleNamespace) -> Any:
    station = register_station("L-1", title_zh="雷达", title_en="Lidar One", kind="lidar", lon=100.05, lat=30.1)
    return define_feed("lidars", connector="lidar", title_zh="雷达", title_en="Lidars", stations=[station])


def deliver(feed: Any, document: dict[str, Any]) -> Any:
    received = round(clock.now().timestamp() * 1_000_000)
    (told,) = take_in_payloads(feed, [Payload(json.dumps(document).encode(), "10.0.0.9", received)], append)
    return told


def around(at: datetime, code: str = "L-1") -> dict[str, Any]:
    """A ring of 72 rays to 3 km with a plume to the east, 1500 to 1800 m away."""
    ranges = [100 * n for n in range(1, 31)]
    rays = []
    for n in range(72):
        plume = 17 <= n <= 19
        values = [0.9 if plume and 1500 <= metres <= 1800 else 0.2 + 0.001 * (n % 5) for metres in ranges]
        told = (at + timedelta(seconds=n)).isoformat()
        rays.append({"at": told, "azimuth": n * 5.0, "elevation": 1.0, "values": values})
    return {"lidar": code, "quantity": "extinction", "range_m": ranges, "rays": rays}


@pytest.mark.mission("S2-11")
def test_a_scan_is_on_the_map_with_its_hot_spot_which_becomes_a_clue(feed: Any, browser: Browser) -> None:
    told = deliver(feed, around(NINE))
    assert (told.scans, told.faults) == (1, [])
    scan = Scan.objects.get()
    assert RawPacket.objects.filter(segment_id=scan.segment).exists()  # the bytes are kept
    duty = browser("duty_officer")
    assert "Lidar One" in words(get(duty, "lidars"))
    page = words(get(duty, "scan", scan_id=scan.pk))
    assert "Hot spot 1" in page
    assert "0.900" in page
    assert "90°" in page  # rays at 85°, 90° and 95°
    layers = {one["code"]: one for one in duty.get(f"/api/scans/{scan.pk}/layers").json()}
    pieces = duty.get(layers["scan"]["url"]).json()["features"]
    used = {one["properties"]["colour_key"] for one in pieces}
    assert len(used) > 1
    assert used <= {one["value"] for one in layers["scan"]["legend"]}
    (spot,) = duty.get(layers["hotspots"]["url"]).json()["features"]
    lon, lat = spot["geometry"]["coordinates"]
    assert (lon - 100.05) * 96_201 == pytest.approx(1650, abs=10)
    assert lat == pytest.approx(30.1, abs=1e-4)
    asked = {"hotspot": f"{lon:.5f},{lat:.5f}", "percentile": "99", "what": "A plume to the east."}
    answer = duty.post(f"/scans/{scan.pk}/clue/", asked, follow=True)
    clue = Finding.objects.get()
    assert clue.edition["seen"]["sha256"] == scan.sha256
    shown = words(answer)
    assert "A plume to the east." in shown
    assert "What the lidar saw" in shown
    assert duty.post(f"/scans/{scan.pk}/clue/", asked).status_code == 422
    assert duty.get("/api/map/layers/lidar_scans").json()["features"]


def test_profiles_of_a_fixed_beam_are_heights_over_the_day(feed: Any, browser: Browser) -> None:
    for n in range(6):
        at = (NINE + timedelta(minutes=10 * n)).isoformat()
        rays = [{"at": at, "azimuth": 0, "elevation": 90, "values": [0.4, 0.3, 0.2, 0.1]}]
        deliver(feed, {"lidar": "L-1", "range_m": [100, 200, 300, 400], "rays": rays})
    page = get(browser("duty_officer"), "lidar", code="L-1")
    assert "6 profiles" in words(page)
    assert page.content.decode().count('<path d="M') >= 2


def test_the_same_scan_twice_is_one_and_another_lidar_is_refused(feed: Any) -> None:
    assert deliver(feed, around(NINE)).scans == 1
    assert deliver(feed, around(NINE)).scans == 0
    told = deliver(feed, around(NINE, "L-2"))
    assert [fault for fault, _detail in told.faults] == ["BadPayload"]
    assert "L-1" in told.faults[0][1]
    assert Scan.objects.count() == 1


def test_a_lidar_elsewhere_is_not_shown(feed: Any, browser: Browser) -> None:
    deliver(feed, around(NINE))
    scan = Scan.objects.get()
    client = browser("other_grid_worker")
    assert "Lidar One" not in words(client.get("/lidars/"))
    assert client.get(f"/scans/{scan.pk}/").status_code == 404
    assert client.get(f"/api/scans/{scan.pk}/layers/scan").status_code == 404
    assert client.get("/lidars/L-1/").status_code == 404


def test_a_threshold_that_cannot_be_is_refused_in_words(feed: Any, browser: Browser) -> None:
    deliver(feed, around(NINE))
    answer = browser("duty_officer").get(f"/scans/{Scan.objects.get().pk}/?percentile=140")
    assert answer.status_code == 422
    assert "140" in words(answer)


def test_a_higher_threshold_leaves_nothing(feed: Any, browser: Browser) -> None:
    deliver(feed, around(NINE))
    page = get(browser("duty_officer"), "scan", {"value": "2"}, scan_id=Scan.objects.get().pk)
    assert "Nothing in this scan stands out" in words(page)
