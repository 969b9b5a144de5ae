"""What was not stored in whole: of each door listed with reason and bytes, and read again singly and together."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from casefile import NINE
from django.test import Client
from django.urls import reverse
from pages import get, words
from wire import hour_packet

from qingyuan.kit.queries import lines
from qingyuan.recording.api import append
from qingyuan.recording.queries import window
from qingyuan.sensing.api import Payload, define_feed, map_name, take_in_payloads
from qingyuan.sensing.queries import Device, Feed, RawPacket, feed_packets

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
TIMES = ("2026-11-22T09:00:00+08:00", "2026-11-22T09:05:00+08:00")
MQTT = {"host": "broker.example", "topic": "{station}/{factor}", "time": "t", "values": "v"}
ITEMS = {"name": "n", "values": "v", "time": "t"}
PULL, FOLDER = {**ITEMS, "url": "https://data.example/", "form": "json"}, {**ITEMS, "path": "meters"}
NAME = "outlet-1/w01018"
DOORS: dict[str, tuple[str, dict[str, str], dict[str, str], list[str]]] = {  # connector, settings at first and mended
    "push": ("push", {}, {}, [json.dumps({"readings": [{"name": "cod", "at": at, "value": 43.5}]}) for at in TIMES]),
    "mqtt": ("mqtt", MQTT | {"form": "number"}, MQTT, [json.dumps({"t": at, "v": 43.5}) for at in TIMES]),
    "pull": (
        "pull", PULL | {"list": "items"}, PULL | {"list": "rows"},
        [json.dumps({"rows": [{"n": NAME, "t": at, "v": 43.5}]}) for at in TIMES],
    ),
    "folder": ("folder", FOLDER | {"values": "value"}, FOLDER, [f"n,t,v\n{NAME},{at},43.5\n" for at in TIMES]),
    "sensorthings": (
        "sta", {}, {},
        ["POST Observations\r\n\r\n" + json.dumps({"Datastream": {"@iot.id": 7}, "phenomenonTime": at, "result": 43.5})
         for at in TIMES],
    ),
}  # fmt: skip


@pytest.fixture
def administrator(browser: Browser) -> Client:
    return browser("administrator")


def told(channel: Any) -> list[float]:
    return window(channel.pk, "r", NINE, NINE + timedelta(hours=1)).value.tolist()


def entered(connector: str, settings: dict[str, str], station: Any) -> Feed:
    return define_feed(
        "plant", connector=connector, title_zh="厂", title_en="Plant", settings=settings, stations=[station]
    )


def deliver(feed: Feed, *payloads: str) -> None:
    at = round(NINE.timestamp() * 1e6) + 600_000_000
    sent = [Payload(raw.encode(), NAME, at + number) for number, raw in enumerate(payloads)]
    take_in_payloads(feed, sent, append)


@pytest.mark.parametrize("door", DOORS)
def test_what_a_door_brought_and_was_not_stored_is_read_again_once_the_cause_is_mended(
    door: str, channel: Any, station: Any, administrator: Client
) -> None:
    connector, settings, mended, payloads = DOORS[door]
    feed = entered(connector, settings, station)
    deliver(feed, *payloads)
    listed = get(administrator, "feed-letters", code="plant")
    newest, oldest = (row["packet"] for row in listed.context["letters"])
    reason = "Name that nobody explained" if settings == mended else "Cannot be read"
    assert words(listed).count(reason) == 2
    assert [row["text"].replace("\\x0d", "\r") for row in listed.context["letters"]] == payloads[::-1]
    feed = entered(connector, mended, station)
    for name in ("cod", "Datastreams(7)") if settings == mended else ():
        map_name(feed, name, channel)
    again = reverse("packet-read-again", kwargs={"packet_id": oldest.pk})
    assert "everything in it is stored now" in words(administrator.post(again, follow=True))
    assert told(channel) == [43.5]
    newest.refresh_from_db()
    assert newest.error
    administrator.post(reverse("feed-read-again", kwargs={"code": "plant"}))
    assert told(channel) == [43.5, 43.5]
    assert "Everything was stored" in words(get(administrator, "feed-letters", code="plant"))
    assert [line.detail["stored"] for line in lines(acts=("FeedReplayed",))] == [[newest.pk], [oldest.pk]]


def test_more_than_a_page_of_them_are_listed_page_by_page(station: Any, administrator: Client) -> None:
    deliver(entered("push", {}, station), *(f"<xml {number}>" for number in range(23)))
    assert "all 23" in words(get(administrator, "feed", code="plant"))
    pages = [get(administrator, "feed-letters", {"page": number}, code="plant") for number in (1, 2)]
    assert [len(page.context["letters"]) for page in pages] == [20, 3]
    assert "<xml 0>" in words(pages[1])


def test_one_that_is_read_again_in_vain_says_why_and_counts_no_name_twice(station: Any, administrator: Client) -> None:
    feed = entered("push", {}, station)
    deliver(feed, *DOORS["push"][3])
    packet = feed_packets(feed).first()
    assert packet is not None
    answer = administrator.post(reverse("packet-read-again", kwargs={"packet_id": packet.pk}), follow=True)
    assert "Read again, and still: Name that nobody explained" in words(answer)
    assert "cod 2" in words(get(administrator, "feed", code="plant"))


def test_a_payload_on_which_its_connector_fails_can_still_be_looked_at(
    station: Any, administrator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qingyuan.sensing.connectors import push

    def fails(raw: bytes) -> Any:
        raise ZeroDivisionError("by the plug-in")

    feed = entered("push", {}, station)
    monkeypatch.setattr(push, "read_pushed", fails)
    deliver(feed, "poison")
    page = get(administrator, "packet", packet_id=feed_packets(feed).get().pk)
    assert (page.status_code, "poison" in words(page)) == (200, True)
    assert "Could not be taken in" in words(page)


def test_what_was_brought_by_hand_says_where_it_is_brought_again(station: Any, administrator: Client) -> None:
    layout = {"time": "time", "at": "outlet-1", "columns": '{"COD": {"name": "w01018"}}'}
    feed = entered("table", layout, station)
    deliver(feed, "no table")
    page = get(administrator, "feed", code="plant")
    assert "bring the file again from its own page" in words(page)
    assert "Read all again" not in words(page)
    assert f'href="{reverse("imports")}"' in page.content.decode()


def kept(raw: bytes, mn: str = "") -> RawPacket:
    """A frame that was refused, as the gateway keeps it."""
    from qingyuan.sensing.logic.raw import segments

    segment = segments.append(segments.Body(raw, 1, NINE))
    return RawPacket.objects.create(
        segment_id=segment.id, length=len(raw), offset=0, received_at=NINE, peer="10.0.0.9:4711", mn=mn,
        state="rejected", error="BadChecksum", note="found 0000, computed 1C80",
    )  # fmt: skip


def test_a_refused_frame_says_why_it_cannot_be_read_again_until_its_device_is_in_use(
    device: Device, stranger: Device, channel: Any, administrator: Client
) -> None:
    nameless, unknown = kept(b"GET / HTTP/1.1"), kept(hour_packet("U" * 24, "20261122090000", 1.0))
    waiting, known = (kept(hour_packet(one.mn, "20261122090000", 68.4)) for one in (stranger, device))
    reasons = {
        nameless: "It names no device (MN)",
        unknown: f"It names the device {'U' * 24}, which nobody has entered.",
        waiting: "Its device is in quarantine",
    }
    for packet, why in reasons.items():
        assert why in words(get(administrator, "packet", packet_id=packet.pk))
        assert administrator.post(reverse("packet-read-again", kwargs={"packet_id": packet.pk})).status_code == 409
    assert "Cannot be read again" not in words(get(administrator, "packet", packet_id=known.pk))
    answer = administrator.post(reverse("packet-read-again", kwargs={"packet_id": known.pk}), follow=True)
    assert "everything in it is stored now" in words(answer)
    known.refresh_from_db()
    assert (known.mn, known.cn, known.state) == (device.mn, "2061", "decoded")
    assert window(channel.pk, "h", NINE, NINE + timedelta(hours=1)).value.tolist() == [68.4]


def test_refused_frames_of_a_device_are_listed_with_reason_and_bytes(device: Device, administrator: Client) -> None:
    packet = kept(hour_packet(device.mn, "20261122090000", 68.4)[:-6] + b"0000\r\n", device.mn)
    listed = get(administrator, "device-letters", mn=device.mn)
    assert [row["packet"] for row in listed.context["letters"]] == [packet]
    for said in ("Wrong checksum", f"MN={device.mn}", "Read all again", "Read this one again"):
        assert said in words(listed)
