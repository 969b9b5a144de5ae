"""Numbers that are sums, counts or products of files lead to what they were made of, and from there to the bytes."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from loop_runner import run_waiting_jobs
from pages import get, words

from qingyuan.kit import clock
from qingyuan.places.api import register_station
from qingyuan.recording.api import append
from qingyuan.sensing.api import Payload, define_channel, define_feed, take_in_payloads
from qingyuan.sensing.queries import Channel, Scan, SpotFile
from qingyuan.showing.wayback import reading_address

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
HOUR = timedelta(hours=1)
HEAD = "latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,confidence,version,bright_ti5,frp,daynight"
MAY_1 = date(2026, 5, 1)


@pytest.fixture
def in_may() -> Iterator[None]:
    """The tenth of May 2026, ten in the morning."""
    with clock.wound_to(datetime(2026, 5, 10, 2, tzinfo=UTC)):
        yield


@pytest.fixture
def flow(station: Any, channel: Any) -> Any:
    return define_channel(station, factor="w00000", unit="m3/h")


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - 8 * HOUR


def the_loop_runs() -> None:
    with clock.wound_to(datetime.now(UTC)):  # handlers begin when the platform was set up, which is now
        run_waiting_jobs()


def links(page: Any) -> list[str]:
    return re.findall(r'href="([^"]+)"', page.content.decode())


def us(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)


def test_the_mass_of_a_day_leads_to_each_hour_of_concentration_and_flow(
    in_may: None, channel: Any, flow: Any, readings: Any, browser: Browser
) -> None:
    start = midnight(MAY_1)
    readings(channel, "h", [(start + n * HOUR, 40.0) for n in range(3)])  # mg/L = g/m3
    readings(flow, "h", [(start + n * HOUR, 100.0) for n in range(2)])
    the_loop_runs()
    outlet = get(
        browser("analyst"), "emissions-outlet", {"year": 2026, "part": "5", "factor": "w01018"}, code="outlet-1"
    )
    address = "/emissions/outlets/outlet-1/days/2026-05-01/?factor=w01018"
    assert address in links(outlet)
    page = browser("analyst").get(address)
    told = words(page)
    assert "COD: 8.00 kg" in told, "40 g/m³ × 100 m³/h of two hours; nothing is known of the third flow"
    assert told.count("4.00") >= 2
    found = [one for one in links(page) if one.startswith("/readings/")]
    ms = [round((start + n * HOUR).timestamp() * 1000) for n in range(3)]
    assert [one for one in found if f"/{channel.pk}/" in one] == [f"/readings/{channel.pk}/h/{at}/" for at in ms]
    assert [one for one in found if f"/{flow.pk}/" in one] == [f"/readings/{flow.pk}/h/{at}/" for at in ms[:2]]


def test_the_mass_of_a_day_without_hours_leads_to_its_day_means(
    in_may: None, channel: Any, flow: Any, readings: Any, browser: Browser
) -> None:
    readings(channel, "d", [(midnight(MAY_1), 50.0)])
    readings(flow, "d", [(midnight(MAY_1), 10.0)])
    the_loop_runs()
    page = get(browser("analyst"), "emissions-day", {"factor": "w01018"}, code="outlet-1", day="2026-05-01")
    assert "COD: 12.00 kg" in words(page), "50 g/m³ × 10 m³/h × 24 h"
    assert "No hour came of this day" in words(page)
    at = round(midnight(MAY_1).timestamp() * 1000)
    assert {f"/readings/{one.pk}/d/{at}/" for one in (channel, flow)} <= set(links(page))


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_mass_is_asked_for_on_a_day_that_nobody_measured(
    in_may: None, channel: Any, flow: Any, browser: Browser, day: str
) -> None:
    address = reverse("emissions-day", kwargs={"code": "outlet-1", "day": day})
    page = browser("analyst").get(address, {"factor": "w01018"})
    assert page.status_code == 422
    assert f"Found day “{day}”, expected one from 1990-01-01 to 2100-12-31." in words(page)


def test_a_station_asked_for_hours_that_never_came_names_the_values_that_did(
    in_may: None, channel: Any, readings: Any, browser: Browser
) -> None:
    readings(channel, "d", [(midnight(MAY_1), 50.0)])
    asked = {"kind": "h", "from": "2026-05-01", "to": "2026-05-02"}
    page = get(browser("analyst"), "station", asked, code="outlet-1")
    assert "No such values came in this range, but others: Days · 1" in words(page)
    assert "?kind=d&amp;from=2026-05-01&amp;to=2026-05-02&amp;factor=w01018" in page.content.decode()


def fires(*rows: str) -> bytes:
    return "\n".join((HEAD, *rows)).encode()


EAST = "30.05,100.15,340,0.4,0.4,2026-11-22,0112,N20,h,2.0NRT,290,8.1,D"
WEST = "30.06,100.16,340,0.4,0.4,2026-11-22,0112,N20,h,2.0NRT,290,7.3,D"


@pytest.fixture
def two_files(cast: Any) -> list[SpotFile]:
    """Two products of satellites that a folder brought at once, so that their bytes share a segment."""
    feed = define_feed("fires", connector="spots", title_zh="火点", title_en="Fires")
    came = [(f"{name}.csv", fires(row)) for name, row in (("first", EAST), ("second", WEST))]
    take_in_payloads(feed, [Payload(raw, name, us(clock.now())) for name, raw in came], append)
    files = list(SpotFile.objects.order_by("pk"))
    assert files[0].segment == files[1].segment
    return files


def test_each_of_several_satellite_files_leads_to_its_own_bytes(two_files: list[SpotFile], browser: Browser) -> None:
    client = browser("analyst")
    for file, row in zip(two_files, (EAST, WEST), strict=True):
        (address,) = (one for one in links(get(client, "spot-file", file_id=file.pk)) if one.startswith("/packets/"))
        assert client.get(f"{address}bytes/").content == fires(row)


def test_a_spot_leads_whoever_sees_all_of_its_file_to_the_bytes(two_files: list[SpotFile], browser: Browser) -> None:
    officer = browser("officer")
    address = next(one for one in links(get(officer, "spots")) if "/evidence/" in one)
    page = officer.get(address, follow=True)
    assert page.status_code == 200
    assert "Take away as it came" in words(page)
    assert browser("enterprise").get(page.request["PATH_INFO"]).status_code == 404


def ring(at: datetime) -> dict[str, Any]:
    rays = [
        {"at": (at + timedelta(seconds=n)).isoformat(), "azimuth": n * 30.0, "elevation": 1.0, "values": [0.2, 0.3]}
        for n in range(12)
    ]
    return {"lidar": "L-1", "quantity": "extinction", "range_m": [500, 1000], "rays": rays}


def test_a_scan_of_a_lidar_leads_to_the_file_that_brought_it(cast: Any, browser: Browser) -> None:
    station = register_station("L-1", title_zh="雷达", title_en="Lidar One", kind="lidar", lon=100.05, lat=30.1)
    feed = define_feed("lidars", connector="lidar", title_zh="雷达", title_en="Lidars", stations=[station])
    sent = [json.dumps(ring(clock.now() - n * HOUR)).encode() for n in (2, 1)]
    take_in_payloads(feed, [Payload(raw, f"{n}.json", us(clock.now())) for n, raw in enumerate(sent)], append)
    client = browser("duty_officer")
    for scan in Scan.objects.all():
        assert reverse("scan-evidence", kwargs={"scan_id": scan.pk}) in links(get(client, "scan", scan_id=scan.pk))
        page = get(client, "scan-evidence", scan_id=scan.pk)
        raw = client.get(f"{page.headers['Location']}bytes/").content
        assert hashlib.sha256(raw).hexdigest() == scan.sha256


def test_each_number_of_the_three_layers_lists_what_it_counted(case: Any, browser: Browser) -> None:
    client = browser("analyst")
    page = get(client, "layers")
    counted = dict(re.findall(r'<dd><a href="([^"]+)">(\d+)[^<]*</a></dd>', page.content.decode()))
    found = {address.replace("&amp;", "&"): int(number) for address, number in counted.items()}
    assert found["/findings/?state=all&since=30&by=detectors"] == 1
    for address, name in (("findings", "finding"), ("cases", "case")):
        listed = [client.get(one) for one in found if one.startswith(f"/{address}/")]
        assert listed, address
        for one in listed:
            number = found[one.request["PATH_INFO"] + "?" + one.request["QUERY_STRING"]]
            assert len({link for link in links(one) if re.fullmatch(rf"/{address}/\d+/", link)}) == number, name
    known = client.get(next(one for one in found if "known=cases" in one).partition("#")[0])
    assert [one.enterprise.code for one in known.context["page"]] == [case.station.enterprise.code]
    firm = case.station.enterprise.code
    assert {f"/findings/?q={firm}", f"/cases/?q={firm}", f"/enterprises/{firm}/#outlets"} <= set(links(page))


def test_findings_are_narrowed_by_time_by_finder_and_by_enterprise(case: Any, browser: Browser) -> None:
    client = browser("analyst")
    firm = case.station.enterprise.code

    def count(**asked: str) -> int:
        return len(get(client, "findings", {"state": "all", **asked}).context["rows"])

    assert (count(), count(q=firm), count(q="91000000"), count(by="clues"), count(since="30")) == (1, 1, 0, 0, 1)
    with clock.wound_to(clock.now() + timedelta(days=31)):
        assert (count(since="30"), count(since="365")) == (0, 1)


def test_a_reading_of_a_microsecond_leads_to_its_packet(station: Any, browser: Browser) -> None:
    at = clock.now() - HOUR + timedelta(microseconds=341_824)
    feed = define_feed("plant", connector="push", title_zh="厂", title_en="Plant", stations=[station])
    told = {"readings": [{"name": "outlet-1/w01018", "at": at.isoformat(), "value": 43.5}]}
    take_in_payloads(feed, [Payload(json.dumps(told).encode(), "10.0.0.9:1", us(clock.now()))], append)
    channel = Channel.objects.get()
    page = browser("administrator").get(reading_address(channel.pk, "r", at))
    assert "readings[0] outlet-1/w01018" in words(page)


def test_a_finding_leads_from_its_worst_value_and_from_the_signs_of_pollution_to_readings(
    case: Any, browser: Browser
) -> None:
    page = get(browser("analyst"), "finding", finding_id=case.finding_id)
    found = case.finding
    worst = max(found.evidence, key=lambda point: point[1])
    assert dict((one["label"], one.get("href")) for one in page.context["facts"])["Worst value"] == (
        f"/readings/{found.channel_id}/{found.kind}/{worst[0] // 1000}/"
    )
    (behind,) = page.context["pollution"]["behind"]
    assert behind["title"] == "COD"
    assert browser("analyst").get(behind["href"]).context["rows"]
