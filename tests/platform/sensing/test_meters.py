"""Electricity meters and working conditions: the same channels, by HJ 212-2025 or by a feed."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from wire import Sender, frame, running_gateway

from qingyuan.judging.api import judge_readings, set_watch
from qingyuan.judging.queries import Finding
from qingyuan.places.api import register_station
from qingyuan.places.queries import StationKind
from qingyuan.recording.api import append
from qingyuan.recording.queries import window
from qingyuan.sensing.api import Payload, define_dialect, define_feed, register_device, take_in_payloads
from qingyuan.sensing.queries import Channel, RawPacket
from qingyuan_science.hj212 import STANDARD

NINE = datetime(2026, 11, 22, 1, tzinfo=UTC)
MN = "M" * 24


def stand(enterprise: Any, kind: StationKind) -> Any:
    return register_station(
        f"point-{kind}", title_zh="一号点", title_en="Point one", kind=kind, lon=100.05, lat=30.1, enterprise=enterprise
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("kind", "system", "code", "unit"),
    [
        (StationKind.POWER_METER, "44", "d30406", "A"),
        (StationKind.WORKING_CONDITIONS, "45", "e30201", "A"),
        (StationKind.WORKING_CONDITIONS, "52", "e30501", "mg/L"),
    ],
)
def test_a_packet_of_2025_lands_in_a_channel_of_its_point(
    enterprise: Any, kind: StationKind, system: str, code: str, unit: str
) -> None:
    define_dialect(STANDARD, title_zh="标准", title_en="Standard")
    point = stand(enterprise, kind)
    register_device(MN, station=point)
    segment = (
        f"QN=20261122090001000;ST={system};CN=2011;PW=123456;MN={MN};Flag=9;CP=&&DataTime=20261122090000;"
        f"{code}-Rtd=12.5,{code}-Flag=N&&"
    )
    with running_gateway() as (_, port):
        sender = Sender(port)
        sender.send(frame(segment))
        assert b"CN=9014" in sender.answer()
    assert RawPacket.objects.get().error == ""
    channel = Channel.objects.get(station=point)
    assert (channel.factor, channel.unit) == (code, unit)
    assert list(window(channel.pk, "r", NINE, NINE + timedelta(hours=1)).value) == [12.5]


@pytest.mark.django_db
def test_a_meter_platform_delivers_power_energy_and_state(enterprise: Any, cast: Any) -> None:
    meter, point = stand(enterprise, StationKind.POWER_METER), stand(enterprise, StationKind.WORKING_CONDITIONS)
    feed = define_feed("meters", connector="push", title_zh="电", title_en="Power", stations=[meter, point])
    sent = {"activepower": (120.5, "kW"), "activeenergy": (88.1, "MWh"), "currenta": (201.0, "A")}
    readings = [
        {"name": f"{meter.code}/{code}", "at": NINE.isoformat(), "value": value, "unit": unit}
        for code, (value, unit) in sent.items()
    ]
    readings.append({"name": f"{point.code}/runstate", "at": NINE.isoformat(), "value": 1})
    raw = json.dumps({"readings": readings}).encode()
    (delivery,) = take_in_payloads(feed, [Payload(raw, "10.0.0.8:1", round(NINE.timestamp() * 1e6))], append)
    assert (delivery.readings, delivery.faults) == (4, [])
    channels = {channel.factor: channel for channel in Channel.objects.all()}
    energy = channels["activeenergy"]
    assert energy.unit == "kWh"
    assert list(window(energy.pk, "r", NINE, NINE + timedelta(hours=1)).value) == [pytest.approx(88_100.0)]
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.duty_officer)
    board = client.get(reverse("watch")).content.decode()
    for words in ("Electricity meter", "Working-condition point", "Active power"):
        assert words in board
    assert client.get(reverse("station", kwargs={"code": meter.code})).status_code == 200


@pytest.mark.django_db
def test_a_watch_over_every_kind_leaves_a_meter_in_peace(enterprise: Any, readings: Callable[..., Any]) -> None:
    meter = stand(enterprise, StationKind.POWER_METER)
    channel = Channel.objects.create(station=meter, factor="activepower", basis="measured", unit="kW")
    set_watch("exceedance", kind="h", valid_from=NINE.date())
    judge_readings(readings(channel, "h", [(NINE, 9_999.0)]))
    assert not Finding.objects.exists()
