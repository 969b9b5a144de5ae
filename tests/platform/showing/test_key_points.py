"""Key points: live video beside live values, with controlled sources, drinking water and air stations in one list."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from casefile import NINE
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from pages import get, words

from qingyuan.places.api import NetworkPart, enter_control, place_in_network, register_station
from qingyuan.sensing.api import define_channel, register_camera

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
HLS = "https://media.test:8443/live/cam-1/index.m3u8"
TITLES = {"works": "East Water outlet", "intake": "Intake", "air": "Park air", "plain": "Plain"}


@pytest.fixture
def points(station: Any, enterprise: Any, over_the_limit: Any, settings: LazySettings) -> None:
    """A state-controlled outlet above its limit with a live camera, an intake, an air station, and one of no class."""
    settings.LIVE_HOSTS = ["https://media.test:8443"]
    enter_control(enterprise, level="national", document="名录", days=(date(2026, 1, 1), None))
    kinds = {"intake": "surface-water", "air": "ambient-air", "plain": "surface-water"}
    made = {
        code: register_station(code, title_zh=code, title_en=TITLES[code], kind=kind, lon=100.05, lat=30.1)
        for code, kind in kinds.items()
    }
    intake = made["intake"]
    place_in_network(intake, NetworkPart(drinking_source=True))
    define_channel(intake, factor="w01001", unit="")
    values = {"title_zh": "头", "title_en": "Cam", "looks_at": "outlet", "owner": "局", "live_url": HLS}
    register_camera("cam-1", station, values, valid_from=date(2026, 1, 1))


@pytest.fixture
def over_the_limit(channel: Any, readings: Any) -> None:
    readings(channel, "h", [(NINE, 80.0)])


def listed(client: Client, **query: str) -> set[str]:
    text = words(get(client, "watch-points", {"point": "air", **query})).partition("Filter")[2]
    return {name for name, title in TITLES.items() if title in text}


@pytest.mark.mission("S4-10")
def test_one_list_has_sources_drinking_water_and_air_and_narrows_by_class_values_and_video(
    points: None, browser: Browser
) -> None:
    client = browser("duty_officer")
    assert listed(client) == {"works", "intake", "air"}
    assert listed(client, **{"class": "national"}) == {"works"}
    assert listed(client, **{"class": "drinking"}) == {"intake"}
    assert listed(client, **{"class": "air"}) == {"air"}
    assert listed(client, values="over") == {"works"}
    assert listed(client, values="offline") == {"intake", "air"}
    assert listed(client, video="live") == {"works"}
    assert listed(client, video="none") == {"intake", "air"}


@pytest.mark.mission("S4-10")
def test_the_chosen_point_has_its_player_beside_its_values_with_limits(points: None, browser: Browser) -> None:
    page = get(browser("duty_officer"), "watch-points", {"point": "outlet-1"})
    told = page.content.decode()
    assert told.count('data-island="live"') == 1
    assert reverse("camera-play", kwargs={"code": "cam-1"}) in told
    assert HLS not in told
    assert "media-src 'self' blob: https://media.test:8443" in page.headers["Content-Security-Policy"]
    now = words(get(browser("duty_officer"), "watch-point-values", code="outlet-1"))
    assert "80" in now
    assert "≤ 50" in now


@pytest.mark.mission("S4-10")
def test_the_map_shows_the_points_that_the_list_shows(points: None, browser: Browser) -> None:
    client = browser("duty_officer")
    (_towns, *_more, own) = client.get(reverse("watch-points-layers"), {"class": "drinking"}).json()
    (intake,) = client.get(own["url"]).json()["features"]
    assert (intake["properties"]["title"], intake["properties"]["href"]) == ("Intake", "/watch/points/?point=intake")


@pytest.mark.mission("S4-10")
def test_a_point_of_no_class_or_elsewhere_is_none(points: None, browser: Browser) -> None:
    for code in ("plain", "nowhere"):
        assert browser("duty_officer").get(reverse("watch-points"), {"point": code}).status_code == 404
