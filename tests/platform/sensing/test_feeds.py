"""Data by another door than HJ 212: the same channels, the bytes kept, nothing dropped in silence."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from qingyuan.kit.errors import BadInput, Forbidden
from qingyuan.kit.log import Origin
from qingyuan.kit.queries import lines
from qingyuan.recording.api import append
from qingyuan.recording.queries import window
from qingyuan.sensing.api import (
    Payload,
    define_channel,
    define_feed,
    feed_by_token,
    issue_token,
    map_name,
    replay_feed,
    take_in_payloads,
)
from qingyuan.sensing.queries import (
    Channel,
    FaultCount,
    Feed,
    PacketState,
    feed_packets,
    feed_packets_received,
    packet_bytes,
    waiting_names,
)

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 11, 22, 1, tzinfo=UTC)
RECEIVED_US = 1_795_399_200_000_000  # 2026-11-23
ADMINISTRATOR = Origin("administrator", "127.0.0.1")


@pytest.fixture
def feed(station: Any) -> Feed:
    return define_feed("meters", connector="push", title_zh="电表平台", title_en="Meter platform", stations=[station])


def posted(*readings: dict[str, Any]) -> Payload:
    return Payload(json.dumps({"readings": readings}).encode(), "10.0.0.8:443", RECEIVED_US)


def reading(name: str, value: float | None, **more: Any) -> dict[str, Any]:
    return {"name": name, "at": "2026-11-22T09:00:00+08:00", "value": value, **more}


def values(channel: Channel, kind: str = "r") -> list[float]:
    return list(window(channel.pk, kind, NINE, NINE + timedelta(hours=1)).value)


def test_a_reading_named_by_station_and_factor_lands_in_its_channel_with_its_bytes(feed: Feed, station: Any) -> None:
    payload = posted(reading(f"{station.code}/w01018", 43.5))
    (delivery,) = take_in_payloads(feed, [payload], append)
    channel = Channel.objects.get(station=station, factor="w01018")
    assert (delivery.state, delivery.readings) == (PacketState.DECODED, 1)
    assert values(channel) == [43.5]
    behind = feed_packets_received(channel, datetime.fromtimestamp(RECEIVED_US / 1e6, UTC)).get()
    assert packet_bytes(behind).raw == payload.raw


def test_a_mapped_name_brings_its_kind_and_its_unit(feed: Feed, station: Any) -> None:
    channel = define_channel(station, factor="w01018", unit="mg/L")
    map_name(feed, "meter 7", channel, kind="h", unit="ug/L")
    take_in_payloads(feed, [posted(reading("meter 7", 50_500.0))], append)
    assert values(channel, "h") == [50.5]


def test_a_name_that_nobody_explained_waits_and_is_stored_once_it_is_mapped(feed: Feed, station: Any) -> None:
    (delivery,) = take_in_payloads(feed, [posted(reading("meter 8", 12.0))], append)
    assert delivery.state == PacketState.QUARANTINED
    assert FaultCount.objects.get(error="UnknownName").mn == "feed:meters"
    channel = define_channel(station, factor="w01018", unit="mg/L")
    map_name(feed, "meter 8", channel)
    assert replay_feed(feed, append, ADMINISTRATOR) == (1, 1)
    assert values(channel) == [12.0]
    assert feed_packets(feed).get().state == PacketState.DECODED
    assert replay_feed(feed, append, ADMINISTRATOR) == (0, 0)


def test_a_name_left_out_on_purpose_is_no_fault(feed: Feed) -> None:
    map_name(feed, "battery", None)
    (delivery,) = take_in_payloads(feed, [posted(reading("battery", 3.3))], append)
    assert (delivery.state, delivery.readings, delivery.fault) == (PacketState.DECODED, 0, "")


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"at": "2031-01-01T00:00:00+08:00"}, "BadTime"),
        ({"at": "2026-11-22 09:00"}, "BadReading"),
        ({"value": 1e12}, "AbsurdValue"),
        ({"value": "12"}, "BadReading"),
        ({"unit": "furlong"}, "BadUnit"),
        ({"mark": "?"}, "UnknownMark"),
        ({"kind": "H"}, "UnknownKind"),
        ({"kind": "rm"}, "UnknownKind"),
        ({"name": "a" * 201}, "BadName"),
        ({"name": "\0"}, "BadName"),
        ({"name": "\ud800"}, "BadName"),
        ({"colour": "red"}, "BadReading"),
    ],
)
def test_one_reading_that_is_wrong_is_counted_and_takes_no_other_with_it(
    feed: Feed, station: Any, more: dict[str, Any], fault: str
) -> None:
    name = f"{station.code}/w01018"
    take_in_payloads(feed, [posted(reading(name, 1.0) | more, reading(name, 43.5))], append)
    assert values(Channel.objects.get(station=station, factor="w01018")) == [43.5]
    assert FaultCount.objects.get().error == fault
    assert feed_packets(feed).get().error == fault


@pytest.mark.parametrize("raw", [b"", b"\xff\x00", b"[]", b'{"readings": 3}'])
def test_a_payload_that_cannot_be_read_is_kept_as_it_came(feed: Feed, raw: bytes) -> None:
    (delivery,) = take_in_payloads(feed, [Payload(raw, "10.0.0.8:443", RECEIVED_US)], append)
    assert (delivery.state, delivery.fault) == (PacketState.REJECTED, "BadPayload")
    assert packet_bytes(feed_packets(feed).get()).raw == raw


def test_a_feed_may_not_name_a_station_that_is_not_its_own(station: Any) -> None:
    stranger = define_feed("stranger", connector="push", title_zh="外来", title_en="Stranger")
    (delivery,) = take_in_payloads(stranger, [posted(reading(f"{station.code}/w01018", 1.0))], append)
    assert (delivery.state, delivery.readings) == (PacketState.QUARANTINED, 0)


def test_the_same_payload_twice_is_one_reading_and_two_packets(feed: Feed, station: Any) -> None:
    payload = posted(reading(f"{station.code}/w01018", 43.5))
    take_in_payloads(feed, [payload], append)
    take_in_payloads(feed, [payload], append)
    assert values(Channel.objects.get(station=station, factor="w01018")) == [43.5]
    assert feed_packets(feed).count() == 2
    feed.refresh_from_db()
    assert feed.packets == 2


def test_only_the_newest_token_of_an_enabled_feed_opens_the_door(feed: Feed) -> None:
    old = issue_token(feed, ADMINISTRATOR)
    new = issue_token(feed, ADMINISTRATOR)
    assert feed_by_token(new) == feed
    for token in (old, "", "x"):
        with pytest.raises(Forbidden):
            feed_by_token(token)
    Feed.objects.update(enabled=False)
    with pytest.raises(Forbidden):
        feed_by_token(new)
    assert new not in str([line.detail for line in lines(f"feed/{feed.pk}")])


def test_a_feed_with_a_connector_or_setting_that_nobody_knows_is_refused() -> None:
    with pytest.raises(BadInput, match=r"expected one of: .*push"):
        define_feed("x", connector="smoke", title_zh="x", title_en="x")
    with pytest.raises(BadInput, match="found setting 'colour'"):
        define_feed("x", connector="push", title_zh="x", title_en="x", settings={"colour": "red"})


def test_a_unit_that_does_not_convert_to_the_channels_is_refused(feed: Feed, station: Any) -> None:
    channel = define_channel(station, factor="w01018", unit="mg/L")
    with pytest.raises(BadInput, match="kWh"):
        map_name(feed, "meter", channel, unit="kWh")


def test_names_that_nobody_explained_are_listed_with_their_counts_until_they_are(feed: Feed, station: Any) -> None:
    take_in_payloads(feed, [posted(reading("a", 1.0), reading("a", 2.0), reading("b", 3.0))], append)
    take_in_payloads(feed, [posted(reading("a", 4.0))], append)
    assert [(one.name, one.count) for one in waiting_names(feed)] == [("a", 3), ("b", 1)]
    map_name(feed, "b", None)
    assert [one.name for one in waiting_names(feed)] == ["a"]
    define_feed("meters", connector="push", title_zh="x", title_en="x", stations=[station])
    map_name(feed, "a", define_channel(station, factor="w01018", unit="mg/L"))
    replay_feed(feed, append, ADMINISTRATOR)
    assert not waiting_names(feed).exists()


def test_a_connector_that_fails_on_one_payload_loses_neither_it_nor_the_next(
    feed: Feed, station: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qingyuan.sensing.connectors import push

    def fails(raw: bytes) -> Any:
        if raw == b"poison":
            raise ZeroDivisionError("by the plug-in")
        return reads(raw)

    reads = push.read_pushed
    monkeypatch.setattr(push, "read_pushed", fails)
    good = posted(reading(f"{station.code}/w01018", 43.5))
    poison, sound = take_in_payloads(feed, [Payload(b"poison", "10.0.0.8:443", RECEIVED_US), good], append)
    assert (poison.state, poison.fault) == (PacketState.REJECTED, "ConnectorFailed")
    assert sound.readings == 1
    assert packet_bytes(feed_packets(feed).get(error="ConnectorFailed")).raw == b"poison"


def test_half_of_a_letter_in_what_is_said_of_a_fault_stops_no_other(station: Any) -> None:
    feed = define_feed("things", connector="sta", title_zh="物", title_en="Things", stations=[station])
    halved = Payload(b'POST CreateObservations\r\n\r\n["\\ud800"]', "10.0.0.8:443", RECEIVED_US)
    empty = Payload(b"POST CreateObservations\r\n\r\n[]", "10.0.0.8:443", RECEIVED_US + 1)
    first, second = take_in_payloads(feed, [halved, empty], append)
    assert (first.fault, second.fault) == ("BadPayload", "")
    assert feed_packets(feed).get(error="BadPayload").note.startswith("[0]: found ?")


def test_a_payload_without_bytes_lends_its_place_to_no_other(feed: Feed) -> None:
    from qingyuan.sensing.api import prove_packets

    empty, full = Payload(b"", "a:1", RECEIVED_US), Payload(b'{"readings": []}', "b:2", RECEIVED_US + 1)
    take_in_payloads(feed, [empty, full], append)
    proofs = {proof.packet.peer: proof.raw for proof in prove_packets(list(feed_packets(feed)))}
    assert proofs == {"a:1": b"", "b:2": full.raw}
