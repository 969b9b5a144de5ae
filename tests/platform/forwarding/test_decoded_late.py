"""What is decoded after its turn has passed is handed on too: once, and only by one of the two ways."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from above import Above, handing_on, platform_above, settle
from wire import Sender, frame, hour_packet, running_gateway

from qingyuan.forwarding.api import define_destination, hand_on_late
from qingyuan.forwarding.queries import Destination, Names, Undelivered, deliveries_of, undelivered_of
from qingyuan.kit import delivery, log
from qingyuan.kit.queries import lines
from qingyuan.recording.api import append
from qingyuan.sensing.api import (
    Payload,
    adopt_device,
    define_channel,
    define_dialect,
    define_feed,
    map_name,
    read_device_again,
    replay_feed,
    take_in_payloads,
)
from qingyuan.sensing.events import PacketsReadAgain
from qingyuan.sensing.queries import Device, RawPacket
from qingyuan_science.hj212 import EDITION_2025
from qingyuan_science.series import microseconds

pytestmark = pytest.mark.django_db(transaction=True)
MN, STRANGER = "T" * 24, "NEWDEVICE00000"


@pytest.fixture
def sender(device: Any) -> Iterator[Sender]:
    with running_gateway() as (_, port):
        delivery.subscribe()
        yield Sender(port)


def destination(above: Above, since: date = date(2020, 1, 1), **values: Any) -> Destination:
    told = {"title_zh": "省平台", "title_en": "Province", "host": "127.0.0.1", "port": above.port, "what": ["h"]}
    terms = {"over_time_s": 1, "re_count": 1, "reason": "省厅要求"}
    identities = values.pop("identities", None)
    return define_destination("province", told | terms | values, valid_from=since, identities=identities)


def hours(mn: str, *numbers: int, pw: str = "123456") -> list[bytes]:
    return [hour_packet(mn, f"20261122{hour:02d}0000", 10.0 + hour, qn=f"202611231000{hour:02d}000", pw=pw)
            for hour in numbers]  # fmt: skip


def send(sender: Sender, packets: list[bytes]) -> None:
    for packet in packets:
        sender.send(packet)
        assert b"CN=90" in sender.answer()


def passed(one: Destination) -> bool:
    last = RawPacket.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    one.refresh_from_db()
    return one.position >= last


def adopt(station: Any) -> None:
    adopt_device(Device.objects.get(mn=STRANGER).pk, station, log.PLATFORM)
    delivery.run_until_quiet()


def test_what_a_device_sent_before_it_was_adopted_is_handed_on_when_it_is(
    sender: Sender, station: Any, monkeypatch: Any
) -> None:
    with platform_above() as above, handing_on(monkeypatch):
        one = destination(above)
        send(sender, [*hours(STRANGER, 1, 2), *hours(MN, 1), *hours(STRANGER, 3)])
        settle(lambda: passed(one))
        assert above.received == hours(MN, 1)
        adopt(station)
        settle(lambda: passed(one) and (one.accepted, one.waiting) == (4, 0))
    assert above.received == hours(MN, 1) + hours(STRANGER, 1, 2, 3)
    assert not undelivered_of(one).exists()
    for packet in RawPacket.objects.all():
        (told,) = deliveries_of(packet)
        assert (told.destination, told.result) == (one, "accepted")
    kept = [row[0] for line in lines(acts=("LatePacketsHandedOn",)) for row in line.detail["packets"]]
    assert sorted(kept) == [packet.pk for packet in RawPacket.objects.filter(mn=STRANGER).order_by("pk")]


def test_what_the_cursor_has_not_reached_yet_is_left_to_it(sender: Sender, station: Any, monkeypatch: Any) -> None:
    with platform_above() as above, handing_on(monkeypatch):
        above.close()
        one = destination(above)
        send(sender, hours(STRANGER, 1, 2))
        adopt(station)
        above.open()
        settle(lambda: passed(one) and one.waiting == 0)
    assert above.received == hours(STRANGER, 1, 2)
    assert not lines(acts=("LatePacketsHandedOn",)).exists()


def test_packets_that_are_read_again_are_handed_on_once(sender: Sender, device: Any, monkeypatch: Any) -> None:
    with platform_above() as above, handing_on(monkeypatch):
        one = destination(above)
        sender.send(b"".join(hours(MN, 1, 2, pw="654321")))  # of a wrong password, so nobody answers
        settle(lambda: RawPacket.objects.filter(state="rejected").count() == 2 and passed(one))
        assert above.received == []
        Device.objects.filter(mn=MN).update(password="654321")
        for _ in range(2):  # the second time nothing is left to be read again
            read_device_again(Device.objects.get(mn=MN), append, log.PLATFORM)
            delivery.run_until_quiet()
            settle(lambda: lines(acts=("LatePacketsHandedOn",)).exists() and passed(one))
    assert above.received == hours(MN, 1, 2, pw="654321")


def test_refused_again_it_lies_among_what_did_not_arrive(sender: Sender, station: Any, monkeypatch: Any) -> None:
    def strict(packet: bytes) -> bytes:
        qn = packet[9 : packet.index(b";")].decode()
        return frame(f"QN={qn};ST=91;CN=9014;PW=123456;MN={STRANGER};Flag=4;CP=&&QnRtn=4&&")

    with platform_above(strict) as above, handing_on(monkeypatch):
        one = destination(above)
        send(sender, hours(STRANGER, 1))
        settle(lambda: passed(one))
        adopt(station)
        settle(lambda: undelivered_of(one).filter(why="refused").exists() and passed(one) and one.waiting == 0)
    (row,) = undelivered_of(one)
    assert (row.why, row.said, row.number, row.qn) == ("refused", "CN=9014 QnRtn=4", 1, "20261123100001000")
    assert one.accepted == 0


def test_a_platform_of_2025_is_told_that_it_comes_late(sender: Sender, station: Any, monkeypatch: Any) -> None:
    profile = define_dialect(EDITION_2025, title_zh="2025", title_en="2025")
    packet = hour_packet(STRANGER, "20261122090000", 43.5, flag=9)
    with platform_above() as above, handing_on(monkeypatch):
        one = destination(above, edition="2025")
        sender.send(packet)
        settle(lambda: RawPacket.objects.exists() and passed(one))
        Device.objects.filter(mn=STRANGER).update(dialect=profile)
        adopt(station)
        settle(lambda: above.received)
    head, content = packet[6:-6].split(b"CP=&&")
    assert above.received == [frame(head + b"RF=1;CP=&&" + content)]


def test_what_is_too_old_for_the_platform_is_counted_there_and_not_sent(
    sender: Sender, station: Any, monkeypatch: Any
) -> None:
    with platform_above() as above, handing_on(monkeypatch):
        one = destination(above, keep_hours=24)
        send(sender, hours(STRANGER, 1, 2))
        settle(lambda: passed(one))
        first = RawPacket.objects.order_by("pk")[0]
        RawPacket.objects.filter(pk=first.pk).update(received_at=datetime.now(UTC) - timedelta(hours=25))
        adopt(station)
        settle(lambda: bool(above.received) and passed(one) and one.accepted == 1)
    assert above.received == hours(STRANGER, 2)
    assert (one.left_out, RawPacket.objects.filter(state="decoded").count()) == (1, 2)


def test_a_payload_that_waited_for_a_name_is_told_whole_once_it_is_replayed(
    sender: Sender, station: Any, monkeypatch: Any
) -> None:
    define_channel(station, factor="w01018", unit="mg/L")
    feed = define_feed("push", connector="push", title_zh="推送", title_en="Push", settings={}, stations=[station])
    at = datetime(2026, 11, 21, 1, tzinfo=UTC)
    told = [
        {"name": name, "kind": "h", "at": at.isoformat(), "value": value}
        for name, value in ((f"{station.code}/w01018", 30.125), ("meter 8", 7.5))
    ]
    received = microseconds(datetime.now(UTC))
    with platform_above() as above, handing_on(monkeypatch):
        one = destination(above, identities={station.code: Names("U" * 24, "654321", "32")})
        document = json.dumps({"readings": told}).encode()
        take_in_payloads(feed, [Payload(document, "10.0.0.1:5", received)], append)
        settle(lambda: passed(one))
        map_name(feed, "meter 8", define_channel(station, factor="w01001", unit=""), kind="h")
        replay_feed(feed, append, log.PLATFORM)
        delivery.run_until_quiet()
        settle(lambda: lines(acts=("LatePacketsHandedOn",)).exists())
    (packet,) = above.received
    content = packet.split(b"DataTime=")[1]
    assert content.startswith(b"20261121090000;w01001-Avg=7.5,w01001-Flag=N;w01018-Avg=30.125,w01018-Flag=N&&")


@pytest.mark.parametrize(("form", "times"), [("received", 1), ("anew", 2)])
def test_of_what_was_handed_on_only_what_is_made_anew_is_told_again_when_more_of_it_is_stored(
    sender: Sender, device: Any, monkeypatch: Any, form: str, times: int
) -> None:
    with platform_above() as above, handing_on(monkeypatch):
        one = destination(above, form=form)
        send(sender, hours(MN, 1))
        settle(lambda: passed(one))
        hand_on_late(PacketsReadAgain(device.pk, 1, 1, grown=[RawPacket.objects.get().pk]))
        settle(lambda: len(above.received) == times and not Undelivered.objects.filter(delivered_at=None).exists())
    assert len(set(above.received)) == 1
