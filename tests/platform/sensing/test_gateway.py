"""The gateway on a real socket: what is answered is stored, and no sender disturbs another."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from wire import Sender, frame, hour_packet, running_gateway, wait_until

from qingyuan.kit import log
from qingyuan.recording.queries import window
from qingyuan.sensing.api import adopt_device, verify_segments
from qingyuan.sensing.queries import Channel, Device, DeviceReport, FaultCount, RawPacket, packet_bytes

pytestmark = pytest.mark.django_db(transaction=True)
MN = "T" * 24
NINE = datetime(2026, 11, 22, 1, tzinfo=UTC)  # 09:00 in Shanghai


@pytest.fixture
def port(device: Any) -> Iterator[int]:
    with running_gateway() as (_, port):
        yield port


@pytest.fixture
def sender(port: int) -> Iterator[Sender]:
    sender = Sender(port)
    yield sender
    sender.close()


def cod_at(at: datetime) -> list[float]:
    channel = Channel.objects.get(factor="w01018", basis="measured")
    return list(window(channel.pk, "h", at, at + timedelta(hours=1)).value)


def fault(name: str) -> FaultCount:
    assert wait_until(lambda: FaultCount.objects.filter(error=name).exists()), f"no fault {name} was counted"
    return FaultCount.objects.get(error=name)


@pytest.mark.mission("S2-13")
def test_an_answered_packet_is_stored_with_its_bytes(sender: Sender) -> None:
    packet = hour_packet(MN, "20261122090000", 43.5)
    sender.send(packet)
    answer = sender.answer()
    assert b"CN=9014" in answer
    assert b"QN=20261122100001000" in answer
    assert cod_at(NINE) == [43.5]
    assert packet_bytes(RawPacket.objects.get(cn="2061")).raw == packet


def test_a_packet_cut_anywhere_arrives_whole(sender: Sender) -> None:
    packet = hour_packet(MN, "20261122090000", 43.5)
    for position in range(0, len(packet), 7):
        sender.send(packet[position : position + 7])
    assert b"CN=9014" in sender.answer()
    assert cod_at(NINE) == [43.5]


def test_glued_packets_are_answered_one_by_one(sender: Sender) -> None:
    sender.send(
        b"".join(hour_packet(MN, f"202611220{hour}0000", 40 + hour, qn=f"2026112210000{hour}000") for hour in (7, 8, 9))
    )
    answers = b""
    while answers.count(b"CN=9014") < 3:
        got = sender.answer()
        assert got, "an answer is missing"
        answers += got
    assert cod_at(NINE) == [49.0]


def test_a_resent_packet_is_answered_again_and_stored_once(sender: Sender) -> None:
    for _ in range(2):
        sender.send(hour_packet(MN, "20261122090000", 43.5))
        assert b"CN=9014" in sender.answer()
    assert cod_at(NINE) == [43.5]
    assert RawPacket.objects.filter(cn="2061").count() == 2


def test_a_correction_replaces_the_value_and_the_log_keeps_the_old_one(sender: Sender) -> None:
    for value in (43.5, 47.25):
        sender.send(hour_packet(MN, "20261122090000", value))
        sender.answer()
    assert cod_at(NINE) == [47.25]
    channel = Channel.objects.get(factor="w01018", basis="measured")
    line = next(line for line in log.about(f"channel/{channel.pk}") if line.act == "ReadingsCorrected")
    assert line.detail["old"][0][2] == "43.5"


def test_a_wrong_checksum_is_counted_kept_and_not_answered(sender: Sender) -> None:
    good = hour_packet(MN, "20261122090000", 43.5)
    sender.send(good[:-6] + b"0000\r\n")
    assert fault("BadChecksum").count == 1
    assert packet_bytes(RawPacket.objects.get(error="BadChecksum")).raw.startswith(b"##")
    sender.send(hour_packet(MN, "20261122080000", 20))
    answer = sender.answer()
    assert answer.count(b"CN=9014") == 1


def data_packet(data_time: str, items: str = "", pw: str = "123456") -> bytes:
    return frame(f"QN=1;ST=32;CN=2061;PW={pw};MN={MN};Flag=5;CP=&&DataTime={data_time}{items}&&")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + b"x" * 4000, "NoFrameHead"),
        (b"##9999" + b"x" * 12_000, "BadChecksum"),
        (b"##abcd" + b"MN=;" * 1000, "BadLength"),
        (data_packet("20991231000000"), "BadTime"),
        (data_packet("19700101000000"), "BadTime"),
        (data_packet("20261122090000", pw="wrong1"), "BadPassword"),
        (data_packet("20261122090000", ";zz9999-Avg=1,zz9999-Flag=N"), "UnknownFactor"),
        (data_packet("20261122090000", ";w01018-Avg=9e99,w01018-Flag=N"), "AbsurdValue"),
    ],
    ids=["noise", "false length", "length of letters", "year 2099", "year 1970", "password", "factor", "value"],
)
def test_bad_input_is_named_counted_and_kept_while_others_are_served(port: int, data: bytes, name: str) -> None:
    bad, good = Sender(port), Sender(port)
    bad.send(data)
    good.send(hour_packet(MN, "20261122080000", 20))
    assert b"CN=9014" in good.answer()
    bad.close()
    assert fault(name).count >= 1
    assert fault(name).detail
    good.send(hour_packet(MN, "20261122090000", 21, qn="20261122100002000"))
    assert b"CN=9014" in good.answer()
    assert cod_at(NINE) == [21.0]
    good.close()


def test_text_in_an_unknown_encoding_is_named_and_kept(sender: Sender) -> None:
    sender.send(
        frame(b"QN=1;ST=32;CN=3020;PW=123456;MN=" + MN.encode() + b";Flag=5;CP=&&i11001-Info=//\xff\xfe\x81//&&")
    )
    assert fault("BadEncoding").count == 1


def test_ten_megabytes_without_an_end_do_not_fill_the_memory_or_stop_others(port: int) -> None:
    bad, good = Sender(port), Sender(port)
    for _ in range(160):
        bad.send(b"#" * 65_536)
        if _ % 40 == 0:
            good.send(hour_packet(MN, "20261122090000", 30 + _))
            assert b"CN=9014" in good.answer()
    bad.close()
    assert fault("NoFrameHead").count >= 1
    kept = RawPacket.objects.filter(error="NoFrameHead")
    assert 1 <= kept.count() <= 20
    assert max(kept.values_list("length", flat=True)) <= 4096
    good.close()


def test_a_peer_that_sends_a_byte_at_a_time_holds_nobody_up(port: int) -> None:
    slow, good = Sender(port), Sender(port)
    packet = hour_packet(MN, "20261122090000", 43.5)
    for byte in packet[:20]:
        slow.send(bytes([byte]))
        good.send(hour_packet(MN, "20261122080000", 20))
        assert b"CN=9014" in good.answer()
    slow.send(packet[20:])
    assert b"CN=9014" in slow.answer()
    slow.close()
    good.close()


def test_a_frame_left_unfinished_is_ended_counted_and_kept(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qingyuan.sensing.gateway.UNFINISHED_S", 0.5)
    slow = Sender(port)
    slow.send(hour_packet(MN, "20261122090000", 43.5)[:60])
    assert slow.answer(patience=10) == b""
    assert fault("Truncated").count == 1
    slow.close()


def test_an_unknown_device_is_quarantined_adopted_and_backfilled(port: int, station: Any, cast: Any) -> None:
    stranger = Sender(port)
    for hour in (7, 8, 9):
        stranger.send(hour_packet("NEWDEVICE00000", f"202611220{hour}0000", 40 + hour, qn=f"2026112210000{hour}000"))
        assert b"CN=9014" in stranger.answer()
    device = Device.objects.get(mn="NEWDEVICE00000")
    assert (device.state, device.packets) == ("quarantined", 3)
    assert not Channel.objects.filter(factor="w01018").exists()
    adopt_device(device.pk, station, log.Origin("administrator", "10.0.0.9"))
    _deliver_waiting_events()
    assert cod_at(NINE) == [49.0]
    assert not RawPacket.objects.filter(state="quarantined").exists()
    stranger.send(hour_packet("NEWDEVICE00000", "20261122100000", 55.0, qn="20261122110001000"))
    assert b"CN=9014" in stranger.answer()
    assert cod_at(NINE + timedelta(hours=1)) == [55.0]
    stranger.close()


def test_frames_refused_before_anybody_knew_their_device_are_decoded_with_it(
    port: int, station: Any, cast: Any
) -> None:
    from dataclasses import replace

    from qingyuan.sensing.api import define_dialect
    from qingyuan_science.hj212 import STANDARD

    short = define_dialect(replace(STANDARD, code="short", length_digits=1), title_zh="短", title_en="Short")
    stranger = Sender(port)
    early = hour_packet("NEWDEVICE00000", "20261122090000", 49.0).replace(b"##0", b"##", 1)
    stranger.send(early + hour_packet("NEWDEVICE00000", "20261122100000", 55.0))
    assert b"CN=9014" in stranger.answer()
    state = "ST=32;CN=2021;PW=123456;MN=NEWDEVICE00000;Flag=5;CP=&&DataTime=20261122090000;SB1-RS=1&&"
    stranger.send(frame(f"QN=20261122100002000;{state}"))
    assert b"CN=9014" in stranger.answer()
    refused = RawPacket.objects.get(state="rejected")
    assert (packet_bytes(refused).raw, refused.error) == (early, "BadLength")
    Device.objects.filter(mn="NEWDEVICE00000").update(dialect=short)
    adopt_device(Device.objects.get(mn="NEWDEVICE00000").pk, station, log.Origin("administrator", "10.0.0.9"))
    _deliver_waiting_events()
    assert (cod_at(NINE), cod_at(NINE + timedelta(hours=1))) == ([49.0], [55.0])
    assert not RawPacket.objects.exclude(state="decoded").exists()
    assert [report.kind for report in DeviceReport.objects.all()] == ["InstallationState"]
    stranger.close()


def test_a_device_that_is_entered_by_hand_has_what_it_sent_before_read_again(
    port: int, station: Any, device: Any
) -> None:
    from dataclasses import replace

    from qingyuan.recording.api import append
    from qingyuan.sensing.api import define_dialect, read_device_again, register_device
    from qingyuan_science.hj212 import STANDARD

    stranger = Sender(port)
    stranger.send(hour_packet("NEWDEVICE00000", "20261122090000", 49.0).replace(b"##0", b"##", 1))
    stranger.close()
    assert fault("BadLength").count == 1
    define_dialect(replace(STANDARD, code="short", length_digits=1), title_zh="短", title_en="Short")
    entered = register_device("NEWDEVICE00000", station=station, dialect="short")
    assert read_device_again(entered, append, log.PLATFORM) == (1, 1)
    assert cod_at(NINE) == [49.0]


def test_the_2005_edition_is_understood_and_answered_in_its_own_form(port: int, station: Any) -> None:
    from qingyuan.sensing.api import define_dialect, register_device
    from qingyuan_science.hj212 import EDITION_2005

    define_dialect(EDITION_2005, title_zh="2005 版", title_en="2005 edition")
    register_device("88888880000001", station=station, password="123456", dialect=EDITION_2005.code)
    with running_gateway() as (_, port2005):
        old = Sender(port2005)
        old.send(
            frame(
                "QN=20261122100001000;ST=32;CN=2061;PW=123456;MN=88888880000001;Flag=1;"
                "CP=&&DataTime=20261122090000;011-Cou=1.2,011-Min=40,011-Avg=41.5,011-Max=44,011-Flag=N&&"
            )
        )
        answer = old.answer()
        assert b"CN=9014" in answer
        assert b"CP=&&QN=20261122100001000" in answer
        old.close()
    assert cod_at(NINE) == [41.5]


def test_the_raw_segments_form_a_chain_that_notices_a_changed_byte(sender: Sender) -> None:
    from django.db import connection

    from qingyuan.kit.errors import LogBroken

    for hour in (7, 8, 9):
        sender.send(hour_packet(MN, f"202611220{hour}0000", 40 + hour))
        sender.answer()
    assert verify_segments() == 3
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE sensing_rawsegment SET body = (SELECT body FROM sensing_rawsegment ORDER BY id LIMIT 1)"
            " WHERE id = (SELECT max(id) FROM sensing_rawsegment)"
        )
    with pytest.raises(LogBroken, match="raw segment"):
        verify_segments()


def _deliver_waiting_events() -> None:
    """Run the jobs that wait, as the worker would."""
    from loop_runner import run_waiting_jobs

    run_waiting_jobs()


def test_an_address_cannot_fill_the_quarantine_and_registered_devices_go_on(
    port: int, device: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qingyuan.sensing.logic.strangers.MOST", 3)
    sender = Sender(port)
    for number in range(5):
        sender.send(hour_packet(f"STRANGER{number:016d}", "20261122090000", 1.0, qn=f"2026112210000{number:04d}"))
    sender.send(hour_packet(device.mn, "20261122090000", 43.5, qn="20261122100009999"))
    answers = b""
    while b"QN=20261122100009999" not in answers:
        answers += sender.answer()
    assert answers.count(b"QN=20261122100000") == 3
    assert Device.objects.filter(state="quarantined").count() == 3
    assert fault("TooManyStrangers").count >= 1


def test_a_number_that_no_database_holds_spoils_no_other_packet(port: int, device: Any) -> None:
    sender = Sender(port)
    sender.send(hour_packet(device.mn, "20261122090000", 43.5))
    assert b"CN=9014" in sender.answer()
    hostile = Sender(port)
    hostile.send(hour_packet("BAD\0MN", "20261122090000", 1.0, qn="20261122100002000"))
    sender.send(hour_packet(device.mn, "20261122100000", 44.5, qn="20261122100003000"))
    assert b"QN=20261122100003000" in sender.answer()
    assert fault("BadHeader").detail.startswith("found MN")
