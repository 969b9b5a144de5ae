"""Walls of cameras: of an enterprise and of all, with newest pictures, states, and live ones where they may play."""

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import NINE, OFFICE, jpeg
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pages import get, words

from qingyuan.kit import log
from qingyuan.places.api import NetworkPart, enter_control, place_in_network, register_station
from qingyuan.sensing.api import bring_footage, register_camera
from qingyuan.sensing.queries import Camera

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
SINCE = date(2026, 1, 1)
HLS = "https://media.test:8443/live/cam-1/index.m3u8"


def camera(code: str, place: Any, looks_at: str = "outlet", **more: Any) -> Camera:
    values = {"title_zh": f"摄像头{code}", "title_en": f"Camera {code}", "looks_at": looks_at, "owner": "局", **more}
    return register_camera(code, place, values, valid_from=SINCE)


@pytest.fixture
def filmed(station: Any, enterprise: Any, cast: SimpleNamespace) -> SimpleNamespace:
    """Two cameras at the works, one of them with a picture of ten minutes ago, and one at a river station elsewhere."""
    outlet = camera("cam-1", station, live_url=HLS)
    waste = camera("cam-2", enterprise, "hazardous-waste", infrared=True)
    river = register_station("river-1", title_zh="河", title_en="River", kind="surface-water", lon=100.3, lat=30.1)
    place_in_network(river, NetworkPart(drinking_source=True))
    other = camera("cam-3", river, "water")
    bring_footage(cast.officer, "cam-1", "a.jpg", jpeg(), begins_at=NINE + timedelta(hours=1), origin=OFFICE)
    return SimpleNamespace(outlet=outlet, waste=waste, other=other)


@pytest.mark.mission("S2-15")
def test_an_enterprise_has_all_its_cameras_on_its_page_and_on_a_wall(
    filmed: SimpleNamespace, enterprise: Any, browser: Browser
) -> None:
    for page in ("enterprise", "enterprise-video"):
        text = words(get(browser("analyst"), page, code=enterprise.code))
        for said in ("Camera cam-1", "East Water outlet", "Camera cam-2", "Hazardous-waste handling", "No picture yet"):
            assert said in text, page
        assert "Camera cam-3" not in text
        assert "no live address" in text
    wall = get(browser("analyst"), "enterprise-video", code=enterprise.code).content.decode()
    assert wall.count('<img src="/footage/') == 1
    assert HLS not in wall
    assert "Live picture" in wall


def test_an_enterprise_without_cameras_says_so(enterprise: Any, browser: Browser) -> None:
    text = words(get(browser("analyst"), "enterprise-video", code=enterprise.code))
    assert "No camera is entered for this enterprise" in text
    assert "Play live pictures here" not in text


def test_an_enterprise_sees_none_of_it(filmed: SimpleNamespace, enterprise: Any, browser: Browser) -> None:
    assert "Camera cam-1" not in words(get(browser("enterprise"), "enterprise", code=enterprise.code))


PLAYER = 'data-island="live"'


def test_live_pictures_play_only_from_media_servers_that_are_allowed_and_the_log_says_who_opened_them(
    filmed: SimpleNamespace, enterprise: Any, browser: Browser, settings: LazySettings
) -> None:
    client = browser("duty_officer")
    shut = get(client, "enterprise-video", {"live": "yes"}, code=enterprise.code)
    assert PLAYER not in shut.content.decode()
    assert "its media server is not among those that pages may play from" in words(shut)
    assert "media-src" not in shut.headers["Content-Security-Policy"]
    settings.LIVE_HOSTS = ["https://media.test:8443"]
    for page, named in (("enterprise-video", {"code": enterprise.code}), ("video-wall", {})):
        assert "Play live pictures here" in words(get(client, page, **named))
        open_page = get(client, page, {"live": "yes"}, **named)
        assert open_page.content.decode().count(PLAYER) == 1, page
        assert HLS not in open_page.content.decode(), page
        assert "media-src 'self' blob: https://media.test:8443" in open_page.headers["Content-Security-Policy"]
    assert PLAYER in get(client, "camera", code="cam-1").content.decode()
    assert not list(log.about(f"camera/{filmed.outlet.pk}"))[1:]
    answer = client.post(reverse("camera-play", kwargs={"code": "cam-1"}))
    assert answer.json() == {"address": HLS, "form": "hls"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert [one.act for one in log.about(f"camera/{filmed.outlet.pk}")][-1] == "LiveOpened"


def test_who_may_not_see_live_pictures_gets_neither_address_nor_player(
    filmed: SimpleNamespace, enterprise: Any, browser: Browser, settings: LazySettings
) -> None:
    settings.LIVE_HOSTS = ["https://media.test:8443"]
    for role in ("grid_worker", "administrator"):
        page = get(browser(role), "camera", code="cam-1")
        assert PLAYER not in page.content.decode()
        assert "media.test" not in page.content.decode() + page.headers["Content-Security-Policy"]
        assert browser(role).post(reverse("camera-play", kwargs={"code": "cam-1"})).status_code == 403


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("https://media.test:8443/player.html?cam=1", "its address is a page of the media server"),
        ("https://who:secret@media.test:8443/live/cam.m3u8", "its address carries a password"),
        ("https://elsewhere.test/live/cam.m3u8", "its media server is not among those"),
        ("http://media.test/live/cam.m3u8", "its address is http"),
    ],
)
def test_a_live_address_that_cannot_play_says_why_and_tells_nothing_of_itself(
    station: Any, browser: Browser, settings: LazySettings, address: str, why: str
) -> None:
    settings.LIVE_HOSTS = ["https://media.test:8443", "http://media.test"]
    camera("cam-9", station, live_url=address)
    client = browser("duty_officer")
    page = client.get(reverse("camera", kwargs={"code": "cam-9"}), secure=True)
    assert why in words(page)
    assert PLAYER not in page.content.decode()
    assert "live/cam" not in page.content.decode() + page.headers["Content-Security-Policy"]
    refused = client.post(reverse("camera-play", kwargs={"code": "cam-9"}), secure=True)
    assert (refused.status_code, why in refused.json()["detail"]) == (409, True)
    assert "secret" not in refused.content.decode()


@pytest.mark.parametrize("ending", [".live.mp4", ".webm", ".m3u8?token=a"])
def test_the_forms_of_address_that_play_in_a_page(
    station: Any, browser: Browser, settings: LazySettings, ending: str
) -> None:
    settings.LIVE_HOSTS = ["https://media.test:8443"]
    camera("cam-9", station, live_url=f"https://media.test:8443/live/cam{ending}")
    answer = browser("duty_officer").post(reverse("camera-play", kwargs={"code": "cam-9"})).json()
    assert answer["form"] == ("hls" if "m3u8" in ending else "file")


def test_a_camera_whose_newest_picture_is_old_says_so(
    filmed: SimpleNamespace, station: Any, cast: SimpleNamespace, browser: Browser
) -> None:
    camera("cam-4", station)
    bring_footage(cast.officer, "cam-4", "b.jpg", jpeg("red"), begins_at=NINE - timedelta(hours=5), origin=OFFICE)
    text = words(get(browser("analyst"), "video-wall", {"q": "cam-4"}))
    assert "No new picture" in text


@pytest.mark.mission("S4-12")
def test_cameras_are_found_by_what_they_look_at_point_enterprise_area_class_and_infrared(
    filmed: SimpleNamespace, enterprise: Any, grid: SimpleNamespace, browser: Browser
) -> None:
    enter_control(enterprise, level="municipal", document="名录", days=(SINCE, None))
    client = browser("analyst")

    def found(page: str, **query: str) -> set[str]:
        text = words(get(client, page, query))
        return {code for code in ("cam-1", "cam-2", "cam-3") if f"Camera {code}" in text}

    for page in ("cameras", "video-wall"):
        assert found(page) == {"cam-1", "cam-2", "cam-3"}
        assert found(page, looks="hazardous-waste") == {"cam-2"}
        assert found(page, infrared="yes") == {"cam-2"}
        assert found(page, point="outlet-1") == {"cam-1"}
        assert found(page, enterprise=enterprise.code) == {"cam-1", "cam-2"}
        assert found(page, area=grid.other_town.code) == {"cam-3"}
        assert found(page, **{"class": "municipal"}) == {"cam-1", "cam-2"}
        assert found(page, **{"class": "drinking"}) == {"cam-3"}
        assert found(page, q="River") == {"cam-3"}
        assert found(page, q="nothing") == set()


@pytest.mark.mission("S4-12")
def test_260_cameras_at_75_points_come_in_pages_with_as_many_queries_as_a_few(grid: Any, browser: Browser) -> None:
    points = [
        register_station(
            f"p-{number:02}",
            title_zh=f"点{number}",
            title_en=f"Point {number}",
            kind="ambient-air",
            lon=100.05,
            lat=30.1,
        )
        for number in range(75)
    ]
    looks = ("outlet", "treatment", "hazardous-waste", "area")
    for number in range(4):
        camera(f"c-{number:03}", points[number], looks[number])
    client = browser("analyst")
    counts = {}
    for page in ("cameras", "video-wall"):
        get(client, page)
        with CaptureQueriesContext(connection) as few:
            get(client, page)
        counts[page] = len(few)
    for number in range(4, 260):
        camera(f"c-{number:03}", points[number % 75], looks[number % 4], infrared=number % 2 == 0)
    assert "260 cameras at 75 points" in words(get(client, "cameras"))
    for page, shown in (("cameras", 50), ("video-wall", 24)):
        with CaptureQueriesContext(connection) as many:
            text = words(get(client, page))
        assert len(many) <= counts[page] + 1
        assert text.count("Camera c-") == shown
    assert words(get(client, "cameras", {"page": "6"})).count("Camera c-") == 10
    assert words(get(client, "video-wall", {"looks": "hazardous-waste", "infrared": "yes"})).count("Camera c-") == 24
