"""What a split message lacks is named under its sender, and asked for again by a command that everybody can see."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from wire import Sender, frame, running_gateway, wait_until

from qingyuan.kit import log
from qingyuan.kit.clock import SHANGHAI
from qingyuan.kit.queries import lines
from qingyuan.recording.api import fill_gaps, readings
from qingyuan.recording.logic import gaps
from qingyuan.sensing import gateway as gateway_module
from qingyuan.sensing.api import define_dialect, register_device
from qingyuan.sensing.events import PartsMissing
from qingyuan.sensing.gateway import Gateway
from qingyuan.sensing.queries import CommandState, Device, FaultCount, commands_of
from qingyuan_science.hj212 import STANDARD, Dialect, PartsCollector

pytestmark = pytest.mark.django_db(transaction=True)
MN, OTHER = "S" * 24, "O" * 24
ENDS = Dialect("stamps the end", stamp="end")
HOUR = timedelta(hours=1)


@pytest.fixture
def heard(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Gateway, Sender]]:
    """A gateway that waits half a second for parts; what a device may send by itself is not waited for."""
    monkeypatch.setattr(gateway_module, "SWEEP_S", 0.1)
    monkeypatch.setattr(readings, "OWN_TIME", timedelta())
    with running_gateway() as (gateway, port):
        gateway.registry.parts = PartsCollector(patience=0.5)
        yield gateway, Sender(port)


def registered(station: Any, mn: str = MN, dialect: Dialect = STANDARD) -> Device:
    define_dialect(dialect, title_zh=dialect.code, title_en=dialect.code)
    return register_device(mn, station=station, dialect=dialect.code)


def stamp(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y%m%d%H%M%S}"


def hour(at: datetime, factors: str, *, split: str = "", mn: str = MN, cn: str = "2061") -> bytes:
    """Hour data of some factors, as one packet or as a part."""
    values = ";".join(f"{code}-Avg=12.5,{code}-Flag=N" for code in factors.split())
    flag, qn = (7, f"{stamp(at)}00{split[-2]}") if split else (5, f"{stamp(at)}000")
    return frame(f"QN={qn};ST=32;CN={cn};PW=123456;MN={mn};Flag={flag};{split}CP=&&DataTime={stamp(at)};{values}&&")


def whole_hour() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def send(sender: Sender, *packets: bytes) -> None:
    for packet in packets:
        sender.send(packet)
        assert b"CN=9014" in sender.answer()


def given_up(mn: str = MN) -> bool:
    return wait_until(lambda: FaultCount.objects.filter(error="MissingPart", mn=mn).exists())


def test_a_part_that_never_came_is_asked_for_up_to_three_times(station: Any, heard: tuple[Gateway, Sender]) -> None:
    device, now = registered(station), whole_hour()
    lost = now - 2 * HOUR
    send(heard[1], hour(lost - HOUR, "w01018 w21003"), hour(lost, "w01018", split="PNUM=2;PNO=1;"))
    assert given_up()
    made = []
    for _ in range(5):
        made += [fill_gaps(), fill_gaps()]  # of what is on its way nothing more is asked
        commands_of(device).filter(state=CommandState.WAITING).update(state=CommandState.UNFINISHED)
    assert made == [1, 0, 1, 0, 1, 0, 0, 0, 0, 0]
    command = commands_of(device).first()
    assert command is not None
    assert (command.code, command.arguments) == ("hour-history", {"BeginTime": stamp(lost), "EndTime": stamp(lost)})
    assert command.why == "parts of a message did not come"
    (line,) = lines(acts=("PartsMissing",))
    assert (line.detail["cn"], line.detail["parts"], line.detail["missing"]) == ("2061", 2, [2])
    assert lines(f"device/{device.pk}", acts=("CommandGiven",)).count() == 3


def test_a_part_that_comes_late_is_not_asked_for(station: Any, heard: tuple[Gateway, Sender]) -> None:
    device, lost = registered(station), whole_hour() - 2 * HOUR
    send(heard[1], hour(lost - HOUR, "w01018 w21003"), hour(lost, "w01018", split="PNUM=2;PNO=1;"))
    assert given_up()
    send(heard[1], hour(lost, "w21003", split="PNUM=2;PNO=2;"))
    assert (fill_gaps(), commands_of(device).count()) == (0, 0)


def test_what_the_device_has_answered_to_is_not_asked_for_again(station: Any, heard: tuple[Gateway, Sender]) -> None:
    device, lost = registered(station), whole_hour() - 2 * HOUR
    send(heard[1], hour(lost - HOUR, "w01018 w21003"), hour(lost, "w01018", split="PNUM=2;PNO=1;"))
    assert given_up()
    assert fill_gaps() == 1
    commands_of(device).update(state=CommandState.DONE)
    assert fill_gaps() == 0


def test_hours_that_stand_together_are_asked_for_in_one_request(station: Any, heard: tuple[Gateway, Sender]) -> None:
    device, now = registered(station), whole_hour()
    send(heard[1], hour(now - 9 * HOUR, "w01018 w21003"))
    send(heard[1], *(hour(now - ago * HOUR, "w01018", split="PNUM=2;PNO=1;") for ago in (8, 3, 2)))
    assert wait_until(lambda: lines(acts=("PartsMissing",)).count() == 3)
    assert fill_gaps() == 2
    spans = sorted((one.arguments["BeginTime"], one.arguments["EndTime"]) for one in commands_of(device))
    assert spans == [(stamp(now - 8 * HOUR),) * 2, (stamp(now - 3 * HOUR), stamp(now - 2 * HOUR))]


def test_of_a_device_that_stamps_the_end_the_span_reaches_to_the_end(
    station: Any, heard: tuple[Gateway, Sender]
) -> None:
    device, lost = registered(station, dialect=ENDS), whole_hour() - 2 * HOUR
    send(heard[1], hour(lost, "w01018 w21003"), hour(lost + HOUR, "w01018", split="PNUM=2;PNO=1;"))
    assert given_up()
    assert fill_gaps() == 1
    assert commands_of(device).get().arguments == {"BeginTime": stamp(lost), "EndTime": stamp(lost + HOUR)}


def test_the_fault_is_its_senders_though_another_speaks(
    station: Any, heard: tuple[Gateway, Sender], monkeypatch: pytest.MonkeyPatch
) -> None:
    registered(station)
    register_device(OTHER, station=station, dialect=STANDARD.code)
    monkeypatch.setattr(gateway_module, "SWEEP_S", 1e6)
    heard[0].registry.parts = PartsCollector(patience=0.0)
    send(heard[1], hour(whole_hour() - 2 * HOUR, "w01018", split="PNUM=2;PNO=1;"))
    send(heard[1], hour(whole_hour() - 2 * HOUR, "w01018", mn=OTHER))
    assert given_up()
    assert not FaultCount.objects.filter(error="MissingPart", mn=OTHER).exists()


def test_real_time_values_are_not_asked_for_where_no_edition_has_a_request_for_them(
    station: Any, heard: tuple[Gateway, Sender]
) -> None:
    device, lost = registered(station), whole_hour() - 2 * HOUR
    part = hour(lost, "w01018", split="PNUM=2;PNO=1;", cn="2011").replace(b"-Avg", b"-Rtd")[6:-6]
    send(heard[1], frame(part))
    assert given_up()
    assert (fill_gaps(), commands_of(device).count()) == (0, 0)


def lost(device: Device, cn: str, at: datetime) -> None:
    """A line of the log: a message lacked a part."""
    us = int(at.timestamp()) * 1_000_000
    log.write(PartsMissing(device.pk, device.mn, cn, stamp(at), us, 2, [2]))


def test_a_device_that_loses_parts_all_day_keeps_no_other_from_being_asked(
    station: Any, heard: tuple[Gateway, Sender], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings, "MOST_SILENCES", 5)
    monkeypatch.setattr(gaps, "MOST_OF_A_DEVICE", 5, raising=False)
    loud, now = registered(station), whole_hour()
    quiet = register_device(OTHER, station=station, dialect=STANDARD.code)
    for place in range(12):
        lost(loud, "2061", now - (3 + 2 * place) * HOUR)
    for second in range(12):
        lost(loud, "2011", now - timedelta(seconds=second))
    lost(quiet, "2061", now - 2 * HOUR)
    fill_gaps()
    assert commands_of(quiet).count() == 1
    assert commands_of(loud).count() <= 5


def test_what_a_clock_that_runs_ahead_has_lost_is_not_asked_for_without_end(
    station: Any, heard: tuple[Gateway, Sender]
) -> None:
    device = registered(station)
    lost(device, "2051", datetime.now(UTC) + timedelta(minutes=50))
    made = []
    for _ in range(5):
        made.append(fill_gaps())
        commands_of(device).filter(state=CommandState.WAITING).update(state=CommandState.UNFINISHED)
    assert made == [1, 1, 1, 0, 0]
