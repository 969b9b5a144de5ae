"""The administrator's pages of feeds: what waits is explained and read again, and no secret is ever shown."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import NINE
from django.test import Client
from django.urls import reverse
from pages import words

from qingyuan.kit.log import Origin
from qingyuan.recording.api import append
from qingyuan.recording.queries import window
from qingyuan.sensing.api import Payload, define_feed, issue_token, map_name, take_in_payloads
from qingyuan.sensing.queries import Channel, Feed, FeedName, feed_packets, waiting_names

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
MQTT = {"host": "broker.example", "password": "hidden-word", "filter": "#"}


@pytest.fixture
def administrator(browser: Browser) -> Client:
    return browser("administrator")


def deliver(feed: Feed, *names: str, at: datetime = NINE) -> None:
    readings = [{"name": name, "at": at.isoformat(), "value": 12.5} for name in names]
    raw = json.dumps({"readings": readings}).encode()
    take_in_payloads(feed, [Payload(raw, "10.0.0.8:443", round(at.timestamp() * 1e6))], append)


def page(client: Client, name: str = "feed", **values: Any) -> Any:
    return client.get(reverse(name, kwargs=values or {"code": "meters"} if name != "feeds" else None))


def act(client: Client, to: str, **fields: Any) -> Any:
    return client.post(reverse(to, kwargs={"code": "meters"}), fields)


def test_a_name_that_waits_is_explained_and_what_it_brought_is_stored(
    feed: Feed, station: Any, administrator: Client
) -> None:
    deliver(feed, "meter 7", "meter 7")
    assert "Names wait" in words(page(administrator, "feeds"))
    assert "meter 7" in words(page(administrator))
    own = words(page(administrator, "packet", packet_id=feed_packets(feed).get().pk))
    assert ("Names wait" in own, "Quarantined" in own) == (True, False)  # nobody adopts a payload
    act(administrator, "feed-name", name="meter 7", station=station.code, factor="w01018", unit="ug/L")
    told = act(administrator, "feed-read-again")
    assert told.status_code == 302
    assert "1 payloads were read again; 1 of them are sound now." in words(page(administrator))
    channel = Channel.objects.get(station=station, factor="w01018")
    assert list(window(channel.pk, "r", NINE, NINE + timedelta(hours=1)).value) == [0.0125]
    assert not waiting_names(feed).exists()
    assert "In order" in words(page(administrator, "feeds"))


def test_a_name_can_be_left_out_and_taken_back(feed: Feed, station: Any, administrator: Client) -> None:
    deliver(feed, "battery")
    act(administrator, "feed-name", **{"name": "battery", "leave-out": "1"})
    assert FeedName.objects.get().channel is None
    act(administrator, "feed-name", name="battery", station=station.code, factor="w01018", kind="h")
    row = FeedName.objects.get()
    assert row.channel is not None
    assert (row.channel.factor, row.kind) == ("w01018", "h")


@pytest.mark.parametrize(
    "fields",
    [
        {"station": "nowhere", "factor": "w01018"},
        {"station": "outlet-1", "factor": "smoke"},
        {"station": "outlet-1", "factor": "w01018", "unit": "kWh"},
        {"station": "outlet-1", "factor": "w01018", "kind": "rm"},
        {"station": "outlet-1", "factor": "w01018", "name": ""},
    ],
)
def test_a_meaning_that_cannot_be_is_refused(feed: Feed, administrator: Client, fields: dict[str, str]) -> None:
    answer = act(administrator, "feed-name", **({"name": "meter"} | fields))
    assert answer.status_code == 422
    assert not FeedName.objects.exists()


def test_payloads_that_could_not_be_read_are_shown_with_bytes_and_reason(feed: Feed, administrator: Client) -> None:
    take_in_payloads(feed, [Payload(b"<xml/>", "10.0.0.8:443", round(NINE.timestamp() * 1e6))], append)
    shown = words(page(administrator))
    assert "<xml/>" in shown
    assert "Cannot be read" in shown
    packet = feed_packets(feed).get()
    assert "BadPayload" in words(page(administrator, "packet", packet_id=packet.pk))
    fault = administrator.get(reverse("faults")).content.decode()
    assert f'href="{reverse("feed", kwargs={"code": "meters"})}"' in fault


def test_a_packet_of_a_feed_says_what_it_holds_to_whoever_may_see_all_of_it(
    feed: Feed, station: Any, browser: Browser
) -> None:
    deliver(feed, "outlet-1/w01018")
    packet = feed_packets(feed).get()
    assert "outlet-1/w01018" in words(page(browser("enterprise"), "packet", packet_id=packet.pk))
    assert page(browser("other_enterprise"), "packet", packet_id=packet.pk).status_code == 404


def test_a_token_is_shown_once(feed: Feed, administrator: Client) -> None:
    assert "cannot post" in words(page(administrator))
    answer = act(administrator, "feed-token")
    token = re.search(r'aria-label="Token">([^<]+)<', answer.content.decode())
    assert token is not None
    assert answer.headers["Cache-Control"] == "no-store"
    assert token[1] not in page(administrator).content.decode()
    sent = Client().post(
        "/api/v1/readings", b'{"readings": []}', content_type="application/json",
        headers={"authorization": f"Bearer {token[1]}"},
    )  # fmt: skip
    assert sent.status_code == 202


def test_the_token_of_a_sensorthings_feed_is_shown_with_the_door_that_it_opens(administrator: Client) -> None:
    define_feed("river", connector="sta", title_zh="河", title_en="River", settings={"station_kind": "surface-water"})
    answer = words(administrator.post(reverse("feed-token", kwargs={"code": "river"})))
    assert "POST http://testserver/sta/v1.1/ ·" in answer
    assert "/api/v1/readings" not in answer


def test_a_new_feed_is_entered_by_the_settings_of_its_connector(station: Any, administrator: Client) -> None:
    address = reverse("feed-new") + "?connector=mqtt"
    blank = administrator.get(address)
    assert "Topic filter" in words(blank)
    own = {"code": "plant", "title_zh": "厂区", "title_en": "Plant", "stations": station.code, "enabled": "on"}
    defaults = {"port": "1883", "tls": "no", "protocol": "5", "form": "json", "values": "value", "zone": "+08:00"}
    values = own | {f"setting-{name}": value for name, value in (defaults | MQTT).items()}
    wrong = administrator.post(address, values | {"setting-port": "x"})
    assert wrong.status_code == 422
    assert "expected a number from 1 to 65535" in words(wrong)
    assert "hidden-word" not in wrong.content.decode()
    assert administrator.post(address, values).status_code == 302
    feed = Feed.objects.get(code="plant")
    assert (feed.connector, feed.settings["password"], feed.settings["host"]) == (
        "mqtt", "hidden-word", "broker.example",
    )  # fmt: skip
    assert list(feed.stations.all()) == [station]
    taken = administrator.post(address, values)
    assert "There is a feed with this code already" in words(taken)
    assert administrator.get(reverse("feed-new") + "?connector=smoke").status_code == 422


def test_a_secret_is_never_shown_and_stays_when_it_is_left_empty(station: Any, administrator: Client) -> None:
    define_feed("meters", connector="mqtt", title_zh="厂区", title_en="Plant", settings=MQTT, stations=[station])
    form = page(administrator, "feed-settings")
    for shown in (form, page(administrator)):
        assert "hidden-word" not in shown.content.decode()
    fields = dict(re.findall(r'name="(setting-[a-z]+)" value="([^"]*)"', form.content.decode()))
    chosen = {"setting-tls": "yes", "setting-protocol": "5", "setting-form": "json"}
    values = {"title_zh": "新", "title_en": "New", "stations": station.code, **fields, **chosen}
    assert act(administrator, "feed-settings", **values).status_code == 302
    feed = Feed.objects.get()
    assert (feed.title_en, feed.enabled, feed.settings["password"], feed.settings["tls"]) == (
        "New", False, "hidden-word", "yes",
    )  # fmt: skip


def test_what_administrators_do_is_in_the_log_without_secrets(
    cast: SimpleNamespace, station: Any, administrator: Client
) -> None:
    from qingyuan.kit.queries import lines

    feed = define_feed("meters", connector="mqtt", title_zh="厂区", title_en="Plant", settings=MQTT)
    act(administrator, "feed-name", name="x", station=station.code, factor="w01018")
    act(administrator, "feed-read-again")
    written = list(lines(f"feed/{feed.pk}"))
    assert {line.act for line in written} == {"FeedDefined", "FeedNameMapped", "FeedReplayed"}
    assert {line.actor for line in written} == {"", cast.administrator.username}
    assert "hidden-word" not in str([line.detail for line in written])


def test_pages_ask_the_database_no_more_often_for_more_rows(
    feed: Feed, station: Any, administrator: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(100) as few:
        page(administrator, "feeds")
        page(administrator)
    for number in range(12):
        other = define_feed(f"more-{number}", connector="push", title_zh="x", title_en="x")
        issue_token(other, Origin("x"))
        deliver(other, "unknown")
        deliver(feed, f"name {number}", at=NINE + timedelta(seconds=number))
        channel, _ = Channel.objects.get_or_create(station=station, factor="w01018", defaults={"unit": "mg/L"})
        map_name(feed, f"known {number}", channel)
    with django_assert_max_num_queries(len(few.captured_queries) + 3) as many:
        page(administrator, "feeds")
        page(administrator)
    assert len(many.captured_queries) < 50
