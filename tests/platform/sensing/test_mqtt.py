"""MQTT against a real broker: what was acknowledged is stored, what is stored was acknowledged only afterwards."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from database import readings_of_this_test  # noqa: F401 a fixture
from django.db import OperationalError
from django.db.models import Sum
from listener import Broker, free_port, listening, needs_broker, until

from qingyuan.recording.api import append
from qingyuan.sensing.api import Rows, Segment, define_feed
from qingyuan.sensing.connectors import mqtt as door
from qingyuan.sensing.queries import Channel, FaultCount, Feed, PacketState, RawPacket, feed_packets

pytestmark = [pytest.mark.django_db(transaction=True), needs_broker]
NINE = "2026-11-22T09:00:00+08:00"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    started = Broker(tmp_path, free_port())
    started.start()
    yield started
    started.stop()


def subscribed(broker: Broker, station: Any, **settings: str) -> Feed:
    wire = {"host": "127.0.0.1", "port": str(broker.port), "filter": "plant/#", "topic": "plant/{station}/{factor}"}
    return define_feed(
        "broker", connector="mqtt", title_zh="厂区", title_en="Plant", settings=wire | settings, stations=[station]
    )


def message(value: float, minute: int) -> bytes:
    return json.dumps({"value": value, "t": f"2026-11-22T09:{minute:02d}:00+08:00"}).encode()


def stored() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM recording_reading WHERE kind = 'r'")
        return int(cursor.fetchone()[0])


@pytest.mark.mission("S3-17")
@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_messages_land_in_the_channel_that_their_topic_names(
    broker: Broker, station: Any, monkeypatch: pytest.MonkeyPatch, protocol: str
) -> None:
    feed = subscribed(broker, station, time="t", protocol=protocol)
    with listening(monkeypatch):
        wait_for_subscription(broker)
        broker.publish("plant/outlet-1/w01018", *(message(40 + n, n) for n in range(30)))
        until(lambda: stored() == 30)
    assert Channel.objects.get().factor == "w01018"
    packet = feed_packets(feed)[0]
    assert (packet.state, packet.peer, packet.cn) == (PacketState.DECODED, "plant/outlet-1/w01018", "mqtt")


def wait_for_subscription(broker: Broker) -> None:
    """Until a message that the broker keeps for whoever subscribes has come; it comes once."""
    broker.publish("plant/probe/x", b"{}", retain=True)
    until(lambda: RawPacket.objects.filter(peer__contains="probe").exists())


def test_what_could_not_be_committed_is_not_acknowledged_and_comes_again(
    broker: Broker, station: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribed(broker, station, time="t")
    failures = iter(range(3))

    def fails_at_first(rows: Rows, segment: Segment) -> int:
        if len(rows) and next(failures, None) is not None:
            raise OperationalError("the database went away")
        return append(rows, segment)

    with listening(monkeypatch, fails_at_first):
        wait_for_subscription(broker)
        broker.publish("plant/outlet-1/w01018", *(message(40 + n, n) for n in range(20)))
        until(lambda: stored() == 20)
    assert next(failures, None) is None
    assert Feed.objects.get().trouble == ""


def test_large_messages_are_committed_in_parts(broker: Broker, station: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    subscribed(broker, station, time="t")
    monkeypatch.setattr(door, "BATCH_BYTES", 1000)
    monkeypatch.setattr(door, "GATHER_S", 0.5)
    sizes: list[int] = []

    def measured(rows: Rows, segment: Segment) -> int:
        sizes.append(RawPacket.objects.filter(segment=segment.id).aggregate(size=Sum("length"))["size"])
        return append(rows, segment)

    with listening(monkeypatch, measured):
        wait_for_subscription(broker)
        large = [message(40 + n, n) + b" " * 400 for n in range(12)]
        broker.publish("plant/outlet-1/w01018", *large)
        until(lambda: stored() == 12)
    assert max(sizes) < 1000 + len(large[0])


def test_messages_that_nobody_acknowledges_are_bounded_by_their_bytes(
    broker: Broker, station: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribed(broker, station, time="t")
    monkeypatch.setattr(door, "BYTES_WITHOUT_ACKNOWLEDGEMENT", 1000)
    monkeypatch.setattr(door, "GATHER_S", 0.5)

    def left_out() -> int:
        return FaultCount.objects.filter(error="LeftOut").aggregate(count=Sum("count"))["count"] or 0

    with listening(monkeypatch):
        wait_for_subscription(broker)
        broker.publish("plant/outlet-1/w01018", *(message(40 + n, n) + b" " * 400 for n in range(12)), qos=0)
        until(lambda: left_out() > 0 and stored() + left_out() == 12)
    assert 0 < stored() < 12


def test_what_was_sent_while_nobody_listened_is_kept_by_the_broker(
    broker: Broker, station: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribed(broker, station, time="t")
    with listening(monkeypatch):
        wait_for_subscription(broker)
    broker.publish("plant/outlet-1/w01018", *(message(40 + n, n) for n in range(10)))
    assert stored() == 0
    with listening(monkeypatch):
        until(lambda: stored() == 10)


def test_a_broker_that_is_away_is_shown_as_trouble_until_it_is_back(
    broker: Broker, station: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribed(broker, station, time="t")
    with listening(monkeypatch):
        wait_for_subscription(broker)
        broker.stop()
        until(lambda: str(broker.port) in Feed.objects.get().trouble)
        broker.start()
        until(lambda: Feed.objects.get().trouble == "")
        broker.publish("plant/outlet-1/w01018", message(41, 1))
        until(lambda: stored() == 1)


def test_the_same_message_twice_is_one_reading(broker: Broker, station: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    feed = subscribed(broker, station, time="t")
    with listening(monkeypatch):
        wait_for_subscription(broker)
        before = feed_packets(feed).count()
        broker.publish("plant/outlet-1/w01018", message(41, 1), message(41, 1))
        until(lambda: feed_packets(feed).count() == before + 2)
    assert stored() == 1


def test_a_kept_message_without_a_time_is_no_reading_of_now(
    broker: Broker, station: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker.publish("plant/outlet-1/w01018", b"41.5", retain=True)
    feed = subscribed(broker, station, form="number")
    with listening(monkeypatch):
        until(lambda: feed_packets(feed).exists())
        broker.publish("plant/outlet-1/w01018", b"42.5", b"43.5")
        until(lambda: stored() == 2)
    kept = feed_packets(feed).order_by("pk")[0]
    assert (kept.state, kept.error) == (PacketState.REJECTED, "BadPayload")
    assert kept.peer.startswith("retained ")


def test_a_feed_that_is_switched_off_is_left_and_taken_up_again(
    broker: Broker, station: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribed(broker, station, time="t")
    with listening(monkeypatch):
        wait_for_subscription(broker)
        Feed.objects.update(enabled=False)
        time.sleep(0.6)
        broker.publish("plant/outlet-1/w01018", message(41, 1))
        time.sleep(0.3)
        assert stored() == 0
        Feed.objects.update(enabled=True)
        until(lambda: stored() == 1)
