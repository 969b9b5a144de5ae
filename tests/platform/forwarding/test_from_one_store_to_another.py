"""Handed on to a gateway of our own, under other numbers: the store above holds exactly the same readings."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from above import handing_on, settle
from wire import HOST, Sender, frame, free_port, hour_packet, running_gateway

from qingyuan.forwarding.api import define_destination
from qingyuan.forwarding.queries import Destination, Names, undelivered_of
from qingyuan.places.api import register_station
from qingyuan.recording.api import append
from qingyuan.recording.queries import stored
from qingyuan.sensing.api import Payload, define_channel, define_dialect, define_feed, register_device, take_in_payloads
from qingyuan.sensing.gateway import Tls
from qingyuan.sensing.queries import Channel, Device, RawPacket
from qingyuan_science.hj212 import EDITION_2005
from qingyuan_science.series import microseconds

pytestmark = pytest.mark.django_db(transaction=True)
MN, ABOVE = "T" * 24, "U" * 24
TODAY = date(2020, 1, 1)


@pytest.fixture
def port(device: Any) -> Iterator[int]:
    with running_gateway() as (_, port):
        yield port


@pytest.fixture
def twin(device: Any) -> Any:
    """The same outlet as the platform above has it, in the same tables."""
    there = register_station(
        "outlet-above", title_zh="上级平台的排口", title_en="Outlet above", kind="outlet-water", lon=100.05, lat=30.1
    )
    register_device(ABOVE, station=there, password="654321")
    return there


def readings(station: Any) -> list[tuple[Any, ...]]:
    """All that is stored of a station as it was sent, but for when it came."""
    names = dict(Channel.objects.filter(station=station).values_list("pk", "factor"))
    rows = stored(names, "rmthd", datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    return sorted(
        (names[row.channel_id], row.kind, row.at, row.value, row.low, row.high, row.total, row.mark) for row in rows
    )


def destination(port: int, station: Any, **values: Any) -> Destination:
    names = values.pop("names", {MN: Names(ABOVE, "654321")})
    told = {
        "title_zh": "省平台", "title_en": "Province", "host": HOST, "port": port, "what": ["r", "m", "h", "d"],
        "over_time_s": 5, "re_count": 1, "reason": "省厅要求",
    }  # fmt: skip
    return define_destination("province", told | values, valid_from=TODAY, stations=[station], identities=names)


def all_settled(one: Destination) -> bool:
    last = RawPacket.objects.exclude(mn=ABOVE).order_by("-pk").values_list("pk", flat=True).first() or 0
    one.refresh_from_db()
    return one.position >= last


def test_the_store_above_holds_the_same_readings(port: int, station: Any, twin: Any, monkeypatch: Any) -> None:
    sender = Sender(port)
    for hour in range(24):
        sender.send(hour_packet(MN, f"20261121{hour:02d}0000", 10 + hour / 7, qn=f"202611220000{hour:02d}000"))
    sender.send(hour_packet(MN, "20261121050000", 99.5, qn="20261122000100000"))  # a correction
    answers = b""
    while answers.count(b"CN=9014") < 25:
        answers += sender.answer()
    with handing_on(monkeypatch):
        one = destination(port, station)
        settle(lambda: all_settled(one))
    assert len(readings(station)) == 24
    assert readings(twin) == readings(station)


def test_a_device_of_another_edition_is_told_anew(port: int, station: Any, twin: Any, monkeypatch: Any) -> None:
    define_dialect(EDITION_2005, title_zh="2005", title_en="2005")
    register_device("88888880000001", station=station, password="123456", dialect=EDITION_2005.code)
    Device.objects.filter(mn=MN).delete()
    sender = Sender(port)
    for minute in range(0, 60, 10):
        content = f"DataTime=2026112109{minute:02d}00;011-Cou=1.25,011-Min=20.5,011-Avg={21 + minute / 60},011-Flag=D"
        sender.send(frame(f"ST=32;CN=2051;PW=123456;MN=88888880000001;CP=&&{content}&&"))
    settle(lambda: len(readings(station)) == 6)
    with handing_on(monkeypatch):
        one = destination(port, station, names={"88888880000001": Names(ABOVE, "654321")})
        settle(lambda: all_settled(one))
    assert readings(twin) == readings(station)
    assert {row[0] for row in readings(twin)} == {"w01018"}
    raw = RawPacket.objects.filter(mn=ABOVE)
    assert sum(packet.packets for packet in raw) == 6


def test_what_came_by_another_door_is_told_anew(port: int, station: Any, twin: Any, monkeypatch: Any) -> None:
    define_channel(station, factor="w01018", unit="mg/L")
    feed = define_feed("push", connector="push", title_zh="推送", title_en="Push", settings={}, stations=[station])
    at = datetime(2026, 11, 21, 1, tzinfo=UTC)
    for number in range(3):
        told = [
            {"name": f"{station.code}/w01018", "kind": kind, "at": (at + number * timedelta(hours=1)).isoformat(),
             "value": 30.125 + number}
            for kind in ("r", "h")
        ]  # fmt: skip
        document = json.dumps({"readings": told}).encode()
        take_in_payloads(feed, [Payload(document, "10.0.0.1:5", microseconds(at + timedelta(days=1)) + number)], append)
    assert len(readings(station)) == 6
    with handing_on(monkeypatch):
        one = destination(port, station, names={station.code: Names(ABOVE, "654321", "32")})
        settle(lambda: all_settled(one))
    assert readings(twin) == readings(station)
    assert not undelivered_of(one).exists()


def test_over_tls_only_a_platform_that_is_vouched_for_is_given_anything(
    station: Any, twin: Any, certificate: str, monkeypatch: Any
) -> None:
    known = Path(certificate).read_text()
    vouching = known[known.index("-----BEGIN CERTIFICATE") :]
    tls = Tls(free_port(), certificate)
    with running_gateway(tls) as (_, port):
        sender = Sender(port)
        sender.send(hour_packet(MN, "20261121090000", 43.5))
        assert b"CN=9014" in sender.answer()
        with handing_on(monkeypatch):
            one = destination(tls.port, station, tls=True)
            settle(lambda: "certificate" in str(Destination.objects.values_list("trouble", flat=True)[0]).lower())
            assert readings(twin) == []
            destination(tls.port, station, tls=True, tls_authority=vouching)
            settle(lambda: all_settled(one))
    assert readings(twin) == readings(station) != []
