"""Data are handed on to a platform above over a real socket: nothing is lost, nothing is told twice."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from above import Above, accepted, handing_on, platform_above, qn_of, settle
from wire import Sender, frame, hour_packet, running_gateway

from qingyuan.forwarding.api import define_destination, delivery_faults, send_again
from qingyuan.forwarding.queries import Destination, Names, Run, Undelivered, deliveries_of, undelivered_of
from qingyuan.kit import log
from qingyuan.kit.queries import lines
from qingyuan.sensing.api import define_dialect, register_device
from qingyuan.sensing.queries import RawPacket
from qingyuan_science.hj212 import EDITION_2005

pytestmark = pytest.mark.django_db(transaction=True)
MN = "T" * 24
TODAY = date(2020, 1, 1)


@pytest.fixture
def port(device: Any) -> Iterator[int]:
    with running_gateway() as (_, port):
        yield port


@pytest.fixture
def sender(port: int) -> Sender:
    return Sender(port)


def destination(above: Above, **values: Any) -> Destination:
    told = {"title_zh": "省平台", "title_en": "Province", "host": "127.0.0.1", "port": above.port, "what": ["h"]}
    terms = {"over_time_s": 1, "re_count": 1, "reason": "省厅要求"}
    identities = values.pop("identities", None)
    return define_destination("province", told | terms | values, valid_from=TODAY, identities=identities)


def hours(count: int, first: int = 0) -> list[bytes]:
    return [
        hour_packet(MN, f"202611{1 + hour // 24:02d}{hour % 24:02d}0000", 10.0 + hour, qn=f"20261122{hour:09d}")
        for hour in range(first, first + count)
    ]


def send(sender: Sender, packets: list[bytes]) -> None:
    for packet in packets:
        sender.send(packet)
        assert b"CN=9014" in sender.answer()


def all_settled(one: Destination) -> bool:
    last = RawPacket.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    one.refresh_from_db()
    return one.position >= last


@pytest.mark.mission("S3-15")
def test_packets_arrive_as_they_were_received_and_in_order(sender: Sender, monkeypatch: Any) -> None:
    packets = hours(40)
    send(sender, packets[:25])
    with platform_above() as above, handing_on(monkeypatch):
        one = destination(above)
        send(sender, packets[25:])
        settle(lambda: all_settled(one))
    assert above.received == packets
    assert one.accepted == 40
    assert not undelivered_of(one).exists()


def test_every_packet_lies_in_one_run_that_says_when_it_was_sent_and_answered(sender: Sender, monkeypatch: Any) -> None:
    with platform_above() as above, handing_on(monkeypatch, keep_s=0.05):
        one = destination(above)
        for packet in hours(6):
            send(sender, [packet])
        settle(lambda: all_settled(one))
    runs = list(Run.objects.order_by("after"))
    assert [run.after for run in runs[1:]] == [run.up_to for run in runs[:-1]]
    assert sum(run.accepted for run in runs) == 6
    for packet in RawPacket.objects.all():
        (delivery,) = deliveries_of(packet)
        assert delivery.result == "accepted"
        assert packet.received_at <= delivery.sent_at <= delivery.answered_at
    told = list(lines(acts=("PacketsHandedOn",)))
    assert [line.detail["details"] for line in told] == [bytes(run.details_hash).hex() for run in runs[::-1]]
    log.verify()
    assert list(delivery_faults()) == [None] * len(runs)


def test_a_delivery_that_was_changed_afterwards_is_found(sender: Sender, monkeypatch: Any) -> None:
    with platform_above() as above, handing_on(monkeypatch, keep_s=0.05):
        one = destination(above)
        send(sender, hours(1))
        settle(lambda: all_settled(one))
        send(sender, hours(1, first=1))
        settle(lambda: all_settled(one))
    first, second = Run.objects.exclude(accepted=0).order_by("after")
    Run.objects.filter(pk=first.pk).update(details=bytes(second.details))
    assert list(delivery_faults()) == [f"delivery {first.pk} was changed after it was written", None]
    Run.objects.filter(pk=second.pk).delete()
    assert list(delivery_faults())[1] == f"delivery {second.pk} is gone, though the log names it"


def test_what_was_not_answered_when_a_line_broke_goes_out_again_under_its_own_number(
    sender: Sender, monkeypatch: Any
) -> None:
    silent = {"now": True}
    with platform_above(lambda packet: None if silent["now"] else accepted(packet)) as above, handing_on(monkeypatch):
        one = destination(above, over_time_s=30)
        send(sender, hours(5))
        settle(lambda: len(above.received) == 5)
        silent["now"] = False
        above.cut()
        settle(lambda: all_settled(one))
    assert above.received == hours(5) * 2
    assert one.accepted == 5


def test_while_the_platform_above_is_away_everything_waits_and_nothing_is_given_up(
    sender: Sender, monkeypatch: Any
) -> None:
    with platform_above() as above, handing_on(monkeypatch):
        one = destination(above)
        send(sender, hours(3))
        settle(lambda: all_settled(one))
        above.close()
        send(sender, hours(4, first=3))
        settle(lambda: Destination.objects.filter(waiting=4).exclude(trouble="").exists())
        above.open()
        settle(lambda: all_settled(one))
    assert above.received == hours(7)
    assert not undelivered_of(one).exists()


def test_a_platform_that_answers_nothing_takes_the_line_for_dead_and_loses_nothing(
    sender: Sender, monkeypatch: Any
) -> None:
    silent = {"now": True}
    with platform_above(lambda packet: None if silent["now"] else accepted(packet)) as above, handing_on(monkeypatch):
        one = destination(above)
        send(sender, hours(2))
        settle(lambda: above.opened > 1)
        silent["now"] = False
        settle(lambda: all_settled(one))
    assert above.received[:4] == hours(2) * 2  # sent, and repeated once
    assert one.accepted == 2
    assert not undelivered_of(one).exists()


def test_a_late_answer_still_counts_and_a_packet_is_repeated_until_it_comes(sender: Sender, monkeypatch: Any) -> None:
    seen: list[str] = []

    def late(packet: bytes) -> bytes | None:
        seen.append(qn_of(packet))
        return accepted(packet) if seen.count(qn_of(packet)) == 2 else None

    with platform_above(late) as above, handing_on(monkeypatch):
        one = destination(above)
        send(sender, hours(3))
        settle(lambda: all_settled(one))
    assert above.received == hours(3) * 2
    assert one.accepted == 3
    (delivery, *_) = deliveries_of(RawPacket.objects.order_by("pk")[0])
    assert delivery.tries == 2


def test_refused_and_unanswered_packets_are_kept_with_the_reason_and_can_be_sent_again(
    sender: Sender, monkeypatch: Any
) -> None:
    packets, strict = hours(4), {"now": True}

    def choosy(packet: bytes) -> bytes | None:
        if strict["now"] and packet == packets[1]:
            return accepted(packet, "QnRtn=3")
        return None if strict["now"] and packet == packets[2] else accepted(packet)

    with platform_above(choosy) as above, handing_on(monkeypatch):
        one = destination(above)
        send(sender, packets[:3])
        settle(lambda: above.received.count(packets[2]) == 2)
        send(sender, packets[3:])  # which is answered, so it is not the line that is dead
        settle(lambda: all_settled(one))
        kept = {row.qn: (row.why, row.said) for row in undelivered_of(one)}
        assert kept == {
            qn_of(packets[1]): ("refused", "CN=9014 QnRtn=3"), qn_of(packets[2]): ("unanswered", ""),
        }  # fmt: skip
        strict["now"] = False
        assert send_again(one, None, log.PLATFORM) == 2
        settle(lambda: not undelivered_of(one).exists())
    assert above.received[-2:] == [packets[1], packets[2]]
    assert all(row.delivered_at for row in Undelivered.objects.all())
    one.refresh_from_db()
    assert one.accepted == 4


def test_another_number_password_and_system_stand_in_a_new_header_with_a_right_checksum(
    sender: Sender, monkeypatch: Any
) -> None:
    names = {MN: Names("U" * 24, "654321", "33")}
    with platform_above() as above, handing_on(monkeypatch):
        one = destination(above, identities=names)
        send(sender, [hour_packet(MN, "20261122090000", 43.5, flag=5)])
        settle(lambda: all_settled(one))
    content = (
        "CP=&&DataTime=20261122090000;w01018-Cou=1.2,w01018-Min=42.5,w01018-Avg=43.5,w01018-Max=44.5,w01018-Flag=N&&"
    )
    head = f"QN=20261122100001000;ST=33;CN=2061;PW=654321;MN={'U' * 24};Flag=5;"
    assert above.received == [frame(head + content)]


def test_a_packet_that_wanted_no_answer_asks_for_one_on_its_way_up(sender: Sender, monkeypatch: Any) -> None:
    with platform_above() as above, handing_on(monkeypatch):
        one = destination(above)
        sender.send(hour_packet(MN, "20261122090000", 43.5, flag=4))
        settle(lambda: RawPacket.objects.exists())
        settle(lambda: all_settled(one))
    assert above.received == [hour_packet(MN, "20261122090000", 43.5, flag=5)]


def test_only_chosen_commands_and_stations_are_handed_on(sender: Sender, monkeypatch: Any, station: Any) -> None:
    minute = hour_packet(MN, "20261122090000", 7.0).replace(b"CN=2061", b"CN=2051")
    minute = frame(minute[6:-6])
    with platform_above() as above, handing_on(monkeypatch):
        one = destination(above, what=["m"], kinds=["outlet-water"])
        other = define_destination(
            "ministry",
            {"title_zh": "部", "title_en": "Ministry", "host": "127.0.0.1", "port": above.port, "what": ["h", "m"],
             "kinds": ["ambient-air"], "reason": "空气"},
            valid_from=TODAY,
        )  # fmt: skip
        send(sender, [*hours(2), minute])
        settle(lambda: all_settled(one) and all_settled(other))
    assert above.received == [minute]


def test_what_is_older_than_it_may_be_is_left_out_and_counted(sender: Sender, monkeypatch: Any) -> None:
    send(sender, hours(2))
    RawPacket.objects.filter(pk=RawPacket.objects.order_by("pk")[0].pk).update(received_at="2026-01-01T00:00Z")
    with platform_above() as above, handing_on(monkeypatch):
        one = destination(above, keep_hours=24)
        settle(lambda: all_settled(one))
    assert above.received == hours(2)[1:]
    assert (one.accepted, one.left_out) == (1, 1)


def test_a_lag_is_told_once_and_its_end_too(sender: Sender, monkeypatch: Any) -> None:
    send(sender, hours(2))
    RawPacket.objects.update(received_at="2026-01-01T00:00Z")
    with platform_above() as above, handing_on(monkeypatch):
        above.close()
        one = destination(above, lag_minutes=5)
        settle(lambda: lines(acts=("DestinationLags",)).exists())
        above.open()
        settle(lambda: lines(acts=("DestinationCaughtUp",)).exists())
    assert lines(acts=("DestinationLags",)).count() == 1
    assert lines(acts=("DestinationLags",))[0].detail["waiting"] == 2
    one.refresh_from_db()
    assert one.lagging_since is None


def test_a_platform_of_2005_answers_with_the_number_inside_and_no_device(
    port: int, station: Any, monkeypatch: Any
) -> None:
    define_dialect(EDITION_2005, title_zh="2005", title_en="2005")
    register_device("88888880000001", station=station, password="123456", dialect=EDITION_2005.code)

    def answer_of_2005(packet: bytes) -> bytes:
        return frame(f"ST=91;CN=9014;CP=&&QN={qn_of(packet)};CN=2061&&")

    sender = Sender(port)
    content = "DataTime=20261122090000;011-Avg=21.5,011-Flag=N"
    with platform_above(answer_of_2005) as above, handing_on(monkeypatch):
        one = destination(above, edition="2005")
        sender.send(frame(f"ST=32;CN=2061;PW=123456;MN=88888880000001;CP=&&{content}&&"))
        settle(lambda: RawPacket.objects.exists())
        settle(lambda: all_settled(one))
    (packet,) = above.received
    head, told = packet[6:-6].decode().split("CP=&&")
    assert head[20:] == ";ST=32;CN=2061;PW=123456;MN=88888880000001;Flag=1;"
    assert told == f"{content}&&"
    assert one.accepted == 1
