"""Patrol flights: entered with drone, area and pilot, with pictures as evidence, and what was seen becomes findings."""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import NINE
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from driving import driving_east
from pages import get, words
from PIL import ExifTags, Image
from shapely import box

from qingyuan.inspecting.api import photo_faults
from qingyuan.inspecting.queries import Flight, FlightMedia, Sighting
from qingyuan.judging.queries import Finding
from qingyuan.kit import log
from qingyuan.kit.errors import BadInput
from qingyuan.places.api import draw_zone, register_station
from qingyuan.sensing.api import define_feed

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
CLIP = Path(__file__).resolve().parents[2] / "footage" / "outlet.webm"
PURPOSE = "Quarterly patrol of the source"


def photo(at: datetime | None = None, place: tuple[float, float] | None = None, colour: str = "green") -> bytes:
    """A photo as a drone takes it; its header is of Exif 2.32, 4.6.6."""
    exif = Image.Exif()
    if at is not None:
        own = exif.get_ifd(ExifTags.IFD.Exif)
        own[ExifTags.Base.DateTimeOriginal] = f"{at + timedelta(hours=8):%Y:%m:%d %H:%M:%S}"
        own[ExifTags.Base.OffsetTimeOriginal] = "+08:00"
    if place is not None:
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = (
            "E",
            (place[0] // 1, 0.0, place[0] % 1 * 3600),
        )
        gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", (place[1] // 1, 0.0, place[1] % 1 * 3600)
        gps[ExifTags.GPS.GPSAltitude] = 120.0
    body = BytesIO()
    Image.new("RGB", (64, 48), colour).save(body, "JPEG", exif=exif)
    return body.getvalue()


@pytest.fixture
def drone(grid: SimpleNamespace) -> Any:
    station = register_station("drone-1", title_zh="无人机", title_en="Drone One", kind="drone", lon=100.05, lat=30.1)
    define_feed("drone-1", connector="push", title_zh="机", title_en="Drone", stations=[station])
    draw_zone(
        "zone-1",
        title_zh="水源地",
        title_en="The source",
        kind="water-source",
        shape=box(100.05, 30.099, 100.06, 30.101),
    )
    return station


@pytest.fixture
def flight(drone: Any, browser: Browser) -> Flight:
    """Ten minutes from nine, entered on the page."""
    values = {
        "station": "drone-1", "zone": "zone-1", "purpose": PURPOSE, "pilot": "Wu",
        "starts_at": "2026-11-22T09:00:00", "ends_at": "2026-11-22T09:10:00",
    }  # fmt: skip
    answer = browser("officer").post(reverse("flight-new"), values)
    assert answer.status_code == 302
    found = Flight.objects.get()
    assert (found.starts_at, found.pilot, found.zone.code) == (NINE, "Wu", "zone-1")
    assert browser("officer").post(reverse("flight-new"), values).status_code == 422  # it is entered once
    return found


def bring(browser: Browser, flight: Flight, *contents: bytes, name: str = "a.jpg", **more: str) -> Any:
    files = [SimpleUploadedFile(name, content) for content in contents]
    return browser("officer").post(
        reverse("flight-bring", kwargs={"flight_id": flight.pk}), {"pictures": files, **more}
    )


@pytest.mark.mission("S2-38")
def test_photos_keep_their_bytes_place_and_instant_and_the_log_their_hash(flight: Flight, browser: Browser) -> None:
    at = NINE + timedelta(minutes=3)
    raw = photo(at, (100.0525, 30.1))
    assert bring(browser, flight, raw, raw).status_code == 302
    row = FlightMedia.objects.get()
    assert (row.sha256, row.taken_at) == (hashlib.sha256(raw).hexdigest(), at)
    assert (row.lon, row.lat, row.height_m) == (pytest.approx(100.0525), pytest.approx(30.1), 120.0)
    answer = browser("duty_officer").get(reverse("flight-picture", kwargs={"media_id": row.pk}))
    assert b"".join(answer.streaming_content) == raw
    (line,) = [one for one in log.about(f"flight/{flight.pk}") if one.act == "FlightFilmed"]
    assert line.detail["media"] == [row.sha256]
    assert list(photo_faults()) == [None]
    row.path.write_bytes(b"changed")
    (fault,) = photo_faults()
    assert fault is not None
    assert "expected" in fault
    row.path.unlink()


@pytest.mark.mission("S2-38")
def test_what_is_no_picture_or_of_another_day_is_refused_with_what_was_found(flight: Flight, browser: Browser) -> None:
    assert "expected a whole image" in words(bring(browser, flight, b"GIF89a"))
    old = bring(browser, flight, photo(NINE - timedelta(days=1)))
    assert "2026-11-21 01:00:00Z, expected a time of the flight" in words(old)
    assert not FlightMedia.objects.exists()


@pytest.mark.mission("S2-38")
def test_a_picture_without_a_place_of_its_own_stands_where_the_drone_was_then(
    flight: Flight, drone: Any, browser: Browser
) -> None:
    from qingyuan.recording.api import keep_drives
    from qingyuan.recording.events import ReadingsAppended
    from qingyuan.sensing.queries import Channel

    driving_east(drone, NINE, seconds=120)
    channel = Channel.objects.get(station=drone, factor="longitude")
    span = [channel.pk, "r", *(round((NINE + timedelta(seconds=one)).timestamp() * 1e6) for one in (0, 119))]
    keep_drives(ReadingsAppended(id=0, spans=[span]))
    bring(browser, flight, photo(NINE + timedelta(seconds=60)))
    bring(browser, flight, CLIP.read_bytes(), name="b.webm", begins_at="2026-11-22T09:01:00")
    page = get(browser("officer"), "flight", flight_id=flight.pk)
    east = 100.05 + 60 * 10 / 96_201.0  # 10 m/s for a minute
    assert words(page).count(f"{east:.5f}, 30.10000 · by the way flown at that instant") == 2
    # 1.19 km of way; the area is 965 m by 222 m, of which 200 m lie within 100 m of a way through its middle
    listed = words(get(browser("officer"), "flights"))
    assert re.search(r"1\.2 9\d%", listed), listed
    layers = browser("officer").get(reverse("flight-layers", kwargs={"flight_id": flight.pk})).json()
    (way,) = browser("officer").get(next(one["url"] for one in layers if one["code"] == "way")).json()["features"]
    assert way["geometry"]["type"] == "LineString"


@pytest.mark.mission("S2-38")
def test_what_was_seen_becomes_a_finding_that_leads_back_to_flight_and_photo(flight: Flight, browser: Browser) -> None:
    bring(browser, flight, photo(NINE + timedelta(minutes=3), (100.0525, 30.1)))
    media = FlightMedia.objects.get()
    officer, note = browser("officer"), reverse("flight-note", kwargs={"flight_id": flight.pk})
    seen = {"picture": media.pk, "category": "waste", "what": "Bags on the bank", "lon": 100.0525, "lat": 30.1,
            "at": "2026-11-22T09:03:00"}  # fmt: skip
    assert officer.post(note, {**seen, "at": "2026-11-22T12:00:00"}).status_code == 422
    assert officer.post(note, seen).status_code == 302
    sighting = Sighting.objects.get()
    report = reverse("flight-report", kwargs={"flight_id": flight.pk, "sighting_id": sighting.pk})
    assert officer.post(report).status_code == 302
    assert officer.post(report).status_code == 409
    finding = Finding.objects.get()
    assert (finding.started_at, finding.lon, finding.lat) == (NINE + timedelta(minutes=3), 100.0525, 30.1)
    page = get(browser("duty_officer"), "finding", finding_id=finding.pk).content.decode()
    assert f"/flights/{flight.pk}/#sighting-{sighting.pk}" in page
    assert reverse("flight-picture-small", kwargs={"media_id": media.pk}) in page
    assert media.sha256 in page
    assert f"/findings/{finding.pk}/" in get(officer, "flight", flight_id=flight.pk).content.decode()
    assert [one.act for one in log.about(f"flight/{flight.pk}")][-1] == "SightingReported"
    media.path.unlink()


@pytest.mark.mission("S2-38")
def test_flights_are_found_by_kind_of_area_and_an_area_says_how_often_it_was_flown_over(
    flight: Flight, browser: Browser
) -> None:
    client = browser("duty_officer")
    assert PURPOSE in words(get(client, "flights", {"kind": "water-source"}))
    assert "No flight fits" in words(get(client, "flights", {"kind": "reserve"}))
    assert re.search(r"The source zone-1 .*drinking-water source 1 11-22 09:00", words(get(client, "zones")))


@pytest.mark.mission("S2-38")
def test_who_answers_for_another_town_sees_neither_flight_nor_picture(flight: Flight, browser: Browser) -> None:
    bring(browser, flight, photo(NINE))
    media = FlightMedia.objects.get()
    for role in ("other_grid_worker", "enterprise"):
        for name, named in (("flight", {"flight_id": flight.pk}), ("flight-picture", {"media_id": media.pk})):
            assert browser(role).get(reverse(name, kwargs=named)).status_code in (403, 404), role
    media.path.unlink()


@pytest.mark.mission("S2-38")
def test_an_area_is_drawn_from_geojson_and_a_wrong_one_is_refused(grid: SimpleNamespace, browser: Browser) -> None:
    values = {"code": "z-2", "title_zh": "园区", "title_en": "Park", "kind": "industrial-park"}
    ring = [[100.05, 30.1], [100.06, 30.1], [100.06, 30.11], [100.05, 30.1]]
    address, client = reverse("zone-new"), browser("analyst")
    good = '{"type": "Polygon", "coordinates": [' + str(ring) + "]}"
    assert client.post(address, {**values, "boundary": good}).status_code == 302
    assert "Park" in words(get(client, "zones"))
    for bad in ("x", '{"type": "Point", "coordinates": [100.05, 30.1]}', "[]"):
        assert client.post(address, {**values, "boundary": bad}).status_code == 422
    with pytest.raises(BadInput, match="touches no grid cell"):
        draw_zone("z-3", title_zh="远", title_en="Far", kind="reserve", shape=box(0, 0, 1, 1))
