"""Every upload and notice that the three editions know is answered, and what it tells lands somewhere or is named."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from wire import Sender, frame, running_gateway

from qingyuan.places.api import register_station
from qingyuan.places.queries import StationKind
from qingyuan.recording.queries import stored, window
from qingyuan.sensing.api import define_dialect, register_device
from qingyuan.sensing.queries import Channel, Command, Device, DeviceReport, FaultCount, RawPacket, reports_of
from qingyuan.showing.logic.devices.packets import packet_behind
from qingyuan_science.hj212 import EDITION_2025, STANDARD, Dialect

pytestmark = pytest.mark.django_db(transaction=True)
MN = "U" * 24
NINE = datetime(2026, 11, 22, 1, tzinfo=UTC)  # 09:00 in Shanghai


@pytest.fixture
def sender() -> Iterator[Sender]:
    with running_gateway() as (_, port):
        yield Sender(port)


@pytest.fixture
def modern(station: Any) -> Device:
    define_dialect(STANDARD, title_zh="标准", title_en="Standard")
    define_dialect(EDITION_2025, title_zh="二零二五", title_en="Of 2025")
    return register_device(MN, station=station, dialect=EDITION_2025.code)


@pytest.fixture
def meter(grid: Any) -> Device:
    """A noise station of the 2017 edition."""
    define_dialect(STANDARD, title_zh="标准", title_en="Standard")
    stand = register_station("N1", title_zh="噪声站", title_en="Noise", kind=StationKind.NOISE, lon=100.05, lat=30.1)
    return register_device(MN, station=stand)


def said(sender: Sender, cn: str, content: str, *, st: str = "32") -> bytes:
    sender.send(frame(f"QN=20261122100001000;ST={st};CN={cn};PW=123456;MN={MN};Flag=9;CP=&&{content}&&"))
    return sender.answer()


def values(device: Device, factor: str, kind: str, at: datetime = NINE) -> list[float]:
    channel = Channel.objects.get(station=device.station, factor=factor)
    return list(window(channel.pk, kind, at, at + timedelta(minutes=1)).value)


@pytest.mark.parametrize(
    ("cn", "content", "report"),
    [
        ("2013", "DataTime=20261122090000;w01018-SampleTime=20261122080000,w01018-Avg=33.1,w01018-Flag=N", "CycleData"),
        ("2062", "DataTime=20261122090000;w01018-SampleRd=49.1,w01018-StandardValue=50", "StandardCheck"),
        ("3021", "DataTime=20261122090000;PolId=w01018;i13007-Info=1.1", "SiteInformation"),
    ],
)
def test_an_upload_of_2025_is_answered_once_it_is_kept(
    modern: Device, sender: Sender, cn: str, content: str, report: str
) -> None:
    assert b"CN=9014" in said(sender, cn, content)
    assert [one.kind for one in reports_of(modern)] == [report]
    assert RawPacket.objects.get().error == ""


def test_the_wish_for_a_new_key_is_a_notice(modern: Device, sender: Sender) -> None:
    assert b"CN=9013" in said(sender, "1014", "")


def test_no_key_is_sent_in_the_clear_to_a_device_that_has_none(modern: Device, sender: Sender) -> None:
    said(sender, "1014", "")
    assert DeviceReport.objects.get().kind == "KeyWanted"
    assert not Command.objects.exists()


def test_a_mean_of_five_minutes_of_a_furnace_is_a_reading(modern: Device, sender: Sender) -> None:
    modern.station.kind = StationKind.OUTLET_GAS
    modern.station.save()
    assert b"CN=9014" in said(sender, "2111", "DataTime=20261122090000;a01901-Avg=871.5,a01901-Flag=N", st="31")
    assert values(modern, "a01901", "m") == [871.5]
    channel = Channel.objects.get(factor="a01901")
    found = packet_behind((channel, "m", NINE), RawPacket.objects.get().received_at)
    assert found is not None
    assert found[0].cn == "2111"


@pytest.mark.parametrize(
    ("cn", "content", "factor", "kind", "expected"),
    [
        ("2052", "DataTime=20261122090000;Leq-Rtd=53.2,Leq-Flag=N", "Leq", "r", 53.2),
        ("2051", "DataTime=20261122090000;Leq-Data=51.2,Leq-Flag=N", "Leq", "m", 51.2),
        ("2061", "DataTime=20261122090000;L10-Data=55,L10-Flag=N", "L10", "h", 55.0),
    ],
)
def test_noise_of_an_interval_lands_in_its_channel(
    meter: Device, sender: Sender, cn: str, content: str, factor: str, kind: str, expected: float
) -> None:
    assert b"CN=9014" in said(sender, cn, content, st="23")
    assert values(meter, factor, kind) == [expected]
    assert RawPacket.objects.get().note == ""


def test_noise_by_day_and_by_night_are_two_factors(meter: Device, sender: Sender) -> None:
    for _ in range(2):  # the second time it is read by its form
        said(sender, "2031", "DataTime=20261122000000;Leq-Data=52,Leq-DayData=53.2,Leq-NightData=44", st="23")
    midnight = NINE - timedelta(hours=9)
    assert [values(meter, factor, "d", midnight) for factor in ("Leq", "Ld", "Ln")] == [[52.0], [53.2], [44.0]]


def test_a_share_by_night_that_no_factor_names_is_named_as_a_fault(meter: Device, sender: Sender) -> None:
    said(sender, "2031", "DataTime=20261122000000;L10-NightData=44", st="23")
    assert FaultCount.objects.get().detail == "found factor L10: expected NightData of LA or Leq only"


@pytest.mark.parametrize(
    ("cn", "content", "error"),
    [
        ("2061", "DataTime=20261122090000;w01018-Avg=abc,w01018-Flag=N", "BadReading"),
        ("2061", "DataTime=20261122090000;w01018-Foo=1", "NoReading"),
        ("2061", "DataTime=20261122090000", "NoReading"),
        ("2099", "DataTime=20261122090000;w01018-Avg=1", "UnknownCommand"),
    ],
)
def test_what_says_nothing_that_can_be_stored_is_a_fault_and_not_simply_decoded(
    modern: Device, sender: Sender, cn: str, content: str, error: str
) -> None:
    assert b"CN=9014" in said(sender, cn, content)
    assert FaultCount.objects.get(mn=MN).error == error
    assert RawPacket.objects.get().note != ""


def test_a_value_that_is_no_number_takes_only_itself(modern: Device, sender: Sender) -> None:
    said(sender, "2061", "DataTime=20261122090000;w01018-Cou=3.5,w01018-Avg=--,w01018-Flag=N;w21003-Avg=1.2")
    channel = Channel.objects.get(factor="w01018")
    (one,) = stored([channel.pk], "h", NINE, NINE + timedelta(hours=1))
    assert (one.total, one.mark) == (3.5, "X")
    assert values(modern, "w21003", "h") == [1.2]


def test_an_empty_value_is_nothing_measured_and_no_fault(modern: Device, sender: Sender) -> None:
    said(sender, "2061", "DataTime=20261122090000;w01018-Avg=,w01018-Flag=F;w21003-Avg=1.2,w21003-Flag=N")
    assert not FaultCount.objects.exists()


def test_what_a_device_tells_is_dated_by_its_own_clock(station: Any, sender: Sender) -> None:
    define_dialect(STANDARD, title_zh="标准", title_en="Standard")
    abroad = Dialect("utc", utc_offset_minutes=0)
    define_dialect(abroad, title_zh="世界时", title_en="UTC")
    device = register_device(MN, station=station, dialect=abroad.code)
    said(sender, "2021", "DataTime=20261122010000;SB1-RS=1")
    assert [one.at for one in reports_of(device)] == [NINE]
