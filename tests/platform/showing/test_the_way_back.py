"""From a number back to the bytes that brought it: cells of a table, shared payloads, computed means, corrections."""

import io
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook
from pages import get, words

from qingyuan.kit import log
from qingyuan.recording.api import append, compute_means, import_table
from qingyuan.sensing.api import Payload, define_channel, define_feed, take_in_payloads
from qingyuan.sensing.queries import Channel, feed_packets

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
NINE = datetime(2026, 11, 22, 1, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
COD_ROW = {"name": "outlet-1/w01018", "at": "2026-11-22T09:00:00+08:00", "value": 43.5}
LAYOUT = {"time": "time", "at": "outlet-1", "period": "h", "columns": '{"COD": {"name": "w01018", "unit": "mg/L"}}'}


def shown(browser: Browser, who: str, channel: Any, kind: str, at: datetime = NINE) -> Any:
    return get(browser(who), "reading", channel=channel.pk, kind=kind, at=round(at.timestamp() * 1000))


def us(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)


def workbook(rows: int) -> bytes:
    book = Workbook()
    book.active.append(["time", "COD"])
    for number in range(rows):
        book.active.append([NINE.replace(tzinfo=None) - number * HOUR + 8 * HOUR, 20 + number / 100])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_reading_out_of_a_large_table_leads_to_its_cell_and_to_the_file(station: Any, browser: Browser) -> None:
    feed = define_feed(
        "monthly", connector="table", title_zh="月报", title_en="Monthly", stations=[station], settings=LAYOUT
    )
    raw = workbook(700)
    import_table(feed, "report.xlsx", raw, origin=log.PLATFORM)
    page = shown(browser, "enterprise", Channel.objects.get(), "h", NINE - 650 * HOUR)
    assert "Where it says so Name Values as sent B652 (COD)" in words(page)
    assert "26.5" in words(page)
    (address,) = re.findall(r'href="(/packets/\d+/bytes/)"', page.content.decode())
    file = browser("enterprise").get(address)
    assert (file.content, file.headers["Content-Disposition"][-6:]) == (raw, '.xlsx"')


def test_whoever_may_see_one_station_of_a_payload_does_not_read_the_others_in_it(
    station: Any, cast: Any, browser: Browser
) -> None:
    from qingyuan.places.api import register_station

    other = register_station("far", title_zh="远", title_en="Far", kind="outlet-water", lon=100.05, lat=30.1)
    feed = define_feed("shared", connector="push", title_zh="共", title_en="Shared", stations=[station, other])
    told = {"readings": [COD_ROW, {**COD_ROW, "name": "far/w01018", "value": 77.125}]}
    take_in_payloads(feed, [Payload(json.dumps(told).encode(), "10.0.0.9:1", us(NINE))], append)
    channel = Channel.objects.get(station=station)
    page = shown(browser, "enterprise", channel, "r")
    assert "readings[0] outlet-1/w01018" in words(page)
    assert "77.125" not in page.content.decode()
    packet = feed_packets(feed).get()
    assert browser("enterprise").get(reverse("packet-bytes", kwargs={"packet_id": packet.pk})).status_code == 404
    assert "77.125" in shown(browser, "administrator", channel, "r").content.decode()


def test_of_payloads_that_came_at_one_instant_the_one_that_says_the_reading_is_shown(
    station: Any, browser: Browser
) -> None:
    feed = define_feed("plant", connector="push", title_zh="厂", title_en="Plant", stations=[station])
    values = ((NINE, 41.0), (NINE + MINUTE, 42.0))
    sent = [{"readings": [{**COD_ROW, "at": at.isoformat(), "value": value}]} for at, value in values]
    take_in_payloads(feed, [Payload(json.dumps(one).encode(), "10.0.0.9:1", us(NINE)) for one in sent], append)
    page = shown(browser, "administrator", Channel.objects.get(), "r", NINE + MINUTE)
    assert "value 42.0" in words(page)
    assert "41.0" not in words(page)


def test_the_bytes_of_a_devices_packet_are_a_file_for_administrators_only(packet: Any, browser: Browser) -> None:
    address = reverse("packet-bytes", kwargs={"packet_id": packet.pk})
    assert browser("enterprise").get(address).status_code == 403, "they hold its password"
    assert b"PW=123456" in browser("administrator").get(address).content


def test_a_day_shows_sent_hours_beside_computed_ones_and_the_flow_that_weights_them(
    channel: Any, readings: Any, browser: Browser
) -> None:
    flow = define_channel(channel.station, factor="w00000", unit="L/s")
    midnight = NINE - 9 * HOUR
    hours = [midnight + n * HOUR for n in range(24)]
    readings(channel, "H", [(at, 40.0) for at in hours[:3]])
    readings(channel, "h", [(at, 60.0) for at in hours])
    readings(flow, "h", [(at, 2.0) for at in hours])
    readings(channel, "D", [(midnight, 57.5)])
    page = shown(browser, "analyst", channel, "D", midnight)
    parts = [(one["channel"], one["kind"], len(one["rows"])) for one in page.context["parts"]]
    assert parts == [(channel.pk, "H", 3), (channel.pk, "h", 21), (flow.pk, "h", 24)]


def test_a_value_converted_here_shows_what_was_measured_and_the_oxygen(
    enterprise: Any, readings: Any, browser: Browser
) -> None:
    from qingyuan.places.api import apply_standard, register_station

    stack = register_station(
        "stack-1", title_zh="烟囱", title_en="Stack", kind="outlet-gas", lon=100.05, lat=30.1, enterprise=enterprise
    )
    apply_standard(stack, standard="GB 13271-2014", level="new_coal", valid_from=date(2020, 1, 1))
    dioxide = define_channel(stack, factor="a21026", unit="mg/m3")
    oxygen = define_channel(stack, factor="a19001", unit="%")
    minutes = [NINE - HOUR + n * MINUTE for n in range(60)]
    readings(oxygen, "r", [(at, 12.0) for at in minutes])
    compute_means(readings(dioxide, "r", [(at, 75.0) for at in minutes]))
    made = Channel.objects.get(station=stack, factor="a21026", basis="converted")
    page = shown(browser, "analyst", made, "H", NINE - HOUR)
    parts = [(one["channel"], len(one["rows"])) for one in page.context["parts"]]
    assert parts == [(dioxide.pk, 60), (oxygen.pk, 60)]
    assert f'href="/readings/{oxygen.pk}/' in page.content.decode()


def test_a_corrected_reading_shows_what_stood_before_and_the_packet_of_that(
    channel: Any, packet: Any, readings: Any, station: Any, browser: Browser
) -> None:
    readings(channel, "h", [(NINE, 68.4)])
    feed = define_feed("later", connector="push", title_zh="后", title_en="Later", stations=[station])
    body = json.dumps({"readings": [{**COD_ROW, "kind": "h"}]}).encode()
    take_in_payloads(feed, [Payload(body, "10.0.0.9:1", us(NINE + HOUR))], append)
    page = shown(browser, "analyst", channel, "h")
    (before,) = page.context["earlier"]
    assert (before["one"].value, before["packet"]) == (68.4, packet)
    assert "What stood here before" in words(page)
    assert reverse("packet", kwargs={"packet_id": packet.pk}) in page.content.decode()


def test_a_device_that_stands_elsewhere_now_leaves_the_way_back_at_its_old_station(
    packet: Any, device: Any, channel: Channel, readings: Callable[..., Any], browser: Browser
) -> None:
    from qingyuan.places.api import register_station

    readings(channel, "h", [(NINE, 68.4)])
    device.station = register_station(
        "outlet-9", title_zh="新排口", title_en="New outlet", kind="outlet-water", lon=100.3, lat=30.1
    )
    device.save(update_fields=["station"])
    assert f"/packets/{packet.pk}/" in shown(browser, "duty_officer", channel, "h").content.decode()
