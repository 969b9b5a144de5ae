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

from qingyuan.kit import clock, log
from qingyuan.recording.api import append, compute_means, import_table
from qingyuan.sensing.api import Payload, define_channel, define_feed, map_name, replay_feed, take_in_payloads
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


BY_NAME = {"url": "https://data.example/", "form": "csv", "time": "at"}
TWO_COLUMNS = b"at,COD,NH3\n2026-11-22 09:00,43.5,7.25\n"


def laid_out(at: datetime, values: str, *stations: Any) -> Any:
    """The feed of a service, read from an instant on by these columns."""
    with clock.wound_to(at):
        settings = {**BY_NAME, "values": values}
        return define_feed(
            "plant", connector="pull", title_zh="厂", title_en="Plant", settings=settings, stations=stations
        )


def meant(at: datetime, feed: Any, channel: Any) -> None:
    with clock.wound_to(at):
        map_name(feed, "cod", channel)


def deliver(feed: Any, raw: bytes, at: datetime = NINE) -> None:
    with clock.wound_to(at):
        take_in_payloads(feed, [Payload(raw, "https://data.example/", us(at))], append)


def test_a_payload_is_read_by_the_columns_that_held_when_it_came(channel: Any, browser: Browser) -> None:
    feed = laid_out(NINE - HOUR, "cod=COD")
    meant(NINE - HOUR, feed, channel)
    deliver(feed, TWO_COLUMNS)
    laid_out(NINE + HOUR, "cod=NH3")
    page = words(shown(browser, "administrator", channel, "r"))
    assert "line 2 cod at 2026-11-22 09:00:00 value 43.5" in page
    assert "value 7.25" not in page
    assert "Read by the settings that held when it was stored; the feed has others now." in page
    assert "Paths of the values cod=COD" in page
    now = words(get(browser("administrator"), "packet", {"settings": "now"}, packet_id=feed_packets(feed).get().pk))
    assert "value 7.25" in now
    assert "Read by the settings of now, not by those by which it was stored." in now


def test_a_table_is_read_by_the_layout_that_held_when_it_was_imported(station: Any, browser: Browser) -> None:
    raw = b"time,COD,NH3\n2026-11-22 09:00,43.5,7.25\n"
    for at, column in ((NINE - HOUR, "COD"), (NINE + HOUR, "NH3")):
        layout = {**LAYOUT, "columns": json.dumps({column: {"name": "w01018", "unit": "mg/L"}})}
        with clock.wound_to(at):
            feed = define_feed(
                "monthly", connector="table", title_zh="月报", title_en="M", stations=[station], settings=layout
            )
            if column == "COD":
                import_table(feed, "report.csv", raw, origin=log.PLATFORM)
    page = words(shown(browser, "enterprise", Channel.objects.get(), "h"))
    assert "B2 (COD)" in page
    assert "C2 (NH3)" not in page


def test_a_name_that_means_another_channel_now_still_leads_back_from_the_one_of_then(
    channel: Any, station: Any, browser: Browser
) -> None:
    feed = laid_out(NINE - HOUR, "cod=COD")
    meant(NINE - HOUR, feed, channel)
    deliver(feed, TWO_COLUMNS)
    meant(NINE + HOUR, feed, define_channel(station, factor="w21003", unit="mg/L"))
    assert "line 2 cod at 2026-11-22 09:00:00 value 43.5" in words(shown(browser, "administrator", channel, "r"))


def test_what_was_read_again_is_told_by_the_settings_of_that_time(channel: Any, browser: Browser) -> None:
    feed = laid_out(NINE - HOUR, "cod=CODcr")
    meant(NINE - HOUR, feed, channel)
    deliver(feed, TWO_COLUMNS)
    mended = laid_out(NINE + MINUTE, "cod=COD")
    with clock.wound_to(NINE + 2 * MINUTE):
        assert replay_feed(mended, append, log.PLATFORM) == (1, 1)
    laid_out(NINE + HOUR, "cod=NH3")
    page = words(shown(browser, "administrator", channel, "r"))
    assert "value 43.5" in page
    assert "Paths of the values cod=COD" in page


def test_where_the_log_does_not_tell_how_a_payload_was_read_the_page_says_so(channel: Any, browser: Browser) -> None:
    from django.db import connection

    feed = laid_out(NINE - HOUR, "cod=CODcr")
    meant(NINE - HOUR, feed, channel)
    deliver(feed, TWO_COLUMNS)
    with clock.wound_to(NINE + 2 * MINUTE):
        replay_feed(laid_out(NINE + MINUTE, "cod=COD"), append, log.PLATFORM)
    with connection.cursor() as cursor:  # as the log was written before it named what was read again
        cursor.execute("UPDATE kit_entry SET detail = detail - 'stored' WHERE act = 'FeedReplayed'")
    page = words(shown(browser, "administrator", channel, "r"))
    assert "value 43.5" in page
    assert "the log of that time does not say which ones" in page
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM kit_entry WHERE act IN ('FeedReplayed', 'FeedDefined')")
    assert "By which settings it was read then is not kept." in words(shown(browser, "administrator", channel, "r"))


def test_who_sees_a_feeds_stations_of_now_does_not_see_what_it_said_of_others_before(
    station: Any, browser: Browser
) -> None:
    from qingyuan.places.api import register_station

    other = register_station("far", title_zh="远", title_en="Far", kind="outlet-water", lon=100.05, lat=30.1)
    feed = define_feed("shared", connector="push", title_zh="共", title_en="Shared", stations=[station, other])
    told = {"readings": [COD_ROW, {**COD_ROW, "name": "far/w01018", "value": 77.125}]}
    take_in_payloads(feed, [Payload(json.dumps(told).encode(), "10.0.0.9:1", us(NINE))], append)
    define_feed("shared", connector="push", title_zh="共", title_en="Shared", stations=[station])
    page = shown(browser, "enterprise", Channel.objects.get(station=station), "r")
    assert "readings[0] outlet-1/w01018" in words(page)
    assert "77.125" not in page.content.decode()
