"""The other direction: a person asks something of a device and watches it to its end, in every edition."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from spoken import simulated, speaking
from wire import Sender, frame, hour_packet, running_gateway, wait_until

from qingyuan.kit.errors import BadInput, Forbidden, Refused
from qingyuan.kit.log import Origin
from qingyuan.kit.queries import lines
from qingyuan.kit.rounds import RoundIncomplete
from qingyuan.recording.api import fill_gaps
from qingyuan.recording.logic import gaps
from qingyuan.recording.queries import window
from qingyuan.sensing import talking
from qingyuan.sensing.api import command_device, define_dialect, register_device, withdraw_command
from qingyuan.sensing.gateway import Gateway
from qingyuan.sensing.logic import commanding
from qingyuan.sensing.queries import (
    Channel,
    Command,
    CommandState,
    Device,
    FaultCount,
    Silence,
    commands_of,
    reports_of,
)
from qingyuan_science.hj212 import EDITION_2005, EDITION_2025, EDITION_2025_SM4, STANDARD, Dialect
from qingyuan_science.worlds import Behaviour

pytestmark = pytest.mark.django_db(transaction=True)
HERE = Origin("administrator", "127.0.0.1")
KEY = "0000000000000000"
EDITIONS = {
    "2005": (EDITION_2005, "88888880000001"),
    "2017": (STANDARD, "T" * 24),
    "2025": (EDITION_2025, "T" * 24),
    "2025 with SM4": (EDITION_2025_SM4, "T" * 24),
}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talking, "LOOK_S", 0.05)
    monkeypatch.setattr(talking, "STEP_S", 0.02)
    monkeypatch.setattr(talking, "OVER_TIME_S", 0.4)
    monkeypatch.setattr(talking, "EXECUTION_S", 5.0)


@pytest.fixture
def port(db: None) -> Iterator[int]:
    with running_gateway() as (_, port):
        yield port


def registered(station: Any, dialect: Dialect, mn: str) -> Device:
    define_dialect(STANDARD, title_zh="标准", title_en="Standard")
    define_dialect(dialect, title_zh="试验", title_en="Under test")
    device = register_device(mn, station=station, dialect=dialect.code)
    if dialect.cipher != "none":
        device.key = KEY
        device.save()
    return device


@pytest.fixture(params=EDITIONS)
def pair(request: Any, station: Any) -> tuple[Device, Any]:
    """A registered device, and the simulated one that speaks for it."""
    dialect, mn = EDITIONS[request.param]
    return registered(station, dialect, mn), simulated(dialect, mn)


@pytest.fixture
def modern(station: Any) -> Device:
    return registered(station, STANDARD, "T" * 24)


def ended(command: Command, patience: float = 60.0) -> Command:
    def has_ended() -> bool:
        command.refresh_from_db()
        return command.has_ended

    assert wait_until(has_ended, patience), f"{command} did not end: sent {command.sent}, uploads {command.uploads}"
    return command


def asked(device: Device, code: str, person: Any, **arguments: Any) -> Command:
    return command_device(device, code, arguments, user=person, why="on a test", origin=HERE)


def test_the_clock_is_read_in_every_edition(pair: Any, cast: Any, port: int) -> None:
    device, speaker = pair
    with speaking(speaker, port):
        command = ended(asked(device, "read-clock", cast.administrator))
    assert command.state == CommandState.DONE
    shown = dict(pair for group in command.answer for pair in group)["SystemTime"]
    told = datetime.strptime(f"{shown}+0800", "%Y%m%d%H%M%S%z")
    assert abs(told - datetime.now(UTC)) < timedelta(seconds=20)
    acts = [line.act for line in lines(f"device/{device.pk}", ("CommandGiven", "CommandSent", "CommandEnded"))]
    assert acts == ["CommandEnded", "CommandSent", "CommandGiven"]


def test_the_past_is_fetched_in_every_edition(pair: Any, cast: Any, port: int, station: Any) -> None:
    device, speaker = pair
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
    local = f"{hour.astimezone(commanding.clock.SHANGHAI):%Y%m%d%H%M%S}"
    with speaking(speaker, port):
        command = ended(asked(device, "hour-history", cast.administrator, BeginTime=local, EndTime=local))
    assert command.state == CommandState.DONE
    assert command.uploads >= 1
    stored = [
        len(window(channel.pk, "h", hour, hour + timedelta(hours=1)))
        for channel in Channel.objects.filter(station=station)
    ]
    assert sum(stored) >= 3


def test_a_command_that_ends_while_its_progress_waits_to_be_kept_is_told_to_have_ended(
    modern: Device, cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_turn = Gateway._in_writer

    async def after_others(self: Gateway, work: Any, *values: Any) -> Any:
        if work is commanding.keep:
            await asyncio.sleep(0.5)  # the writer commits what the device says meanwhile
        return await in_turn(self, work, *values)

    monkeypatch.setattr(Gateway, "_in_writer", after_others)
    with running_gateway() as (_, port), speaking(simulated(STANDARD, modern.mn), port):
        command = ended(asked(modern, "read-clock", cast.administrator), 15.0)
    assert command.state == CommandState.DONE


def test_a_new_password_is_known_here_once_the_device_has_taken_it(modern: Device, cast: Any, port: int) -> None:
    modern.password = "123456"
    modern.save()
    speaker = simulated(STANDARD, modern.mn)
    speaker.logger.pw = "123456"
    with speaking(speaker, port):
        command = ended(asked(modern, "set-password", cast.administrator, NewPW="654321"))
        assert command.state == CommandState.DONE
        assert (command.arguments, command.secrets) == ({}, {})
        modern.refresh_from_db()
        assert modern.password == "654321"
        assert ended(asked(modern, "read-clock", cast.administrator)).state == CommandState.DONE
    assert "654321" not in str([line.detail for line in lines(f"device/{modern.pk}")])


@pytest.mark.parametrize(
    ("behaviour", "state", "returns"),
    [
        (Behaviour(qn_rtn=2), CommandState.REFUSED, (2, None)),
        (Behaviour(exe_rtn=5), CommandState.FAILED, (1, 5)),
        (Behaviour(silent=True), CommandState.UNANSWERED, (None, None)),
    ],
)
def test_what_a_device_does_not_do_is_said_so(
    modern: Device, cast: Any, port: int, behaviour: Behaviour, state: str, returns: Any
) -> None:
    with speaking(simulated(STANDARD, modern.mn, behaviour), port):
        command = ended(asked(modern, "set-realtime-interval", cast.administrator, RtdInterval=60))
    assert (command.state, (command.qn_rtn, command.exe_rtn)) == (state, returns)
    assert command.sent == (4 if behaviour.silent else 1)


def test_a_device_that_asks_for_the_time_is_given_it(modern: Device, port: int) -> None:
    speaker = simulated(STANDARD, modern.mn, Behaviour(skew=timedelta(minutes=7)))
    with speaking(speaker, port):
        speaker.announce("1013")
        assert wait_until(lambda: Command.objects.filter(code="set-clock").exists())
        assert ended(Command.objects.get(code="set-clock")).state == CommandState.DONE
    assert abs(speaker.logger.clock_offset) < timedelta(seconds=3)
    assert reports_of(modern).filter(kind="ClockWanted").exists()


def test_a_device_of_2025_that_asks_for_a_new_key_goes_on_under_it(station: Any, port: int) -> None:
    device = registered(station, EDITION_2025_SM4, "T" * 24)
    speaker = simulated(EDITION_2025_SM4, device.mn)
    with speaking(speaker, port):
        speaker.announce("1014")
        assert wait_until(lambda: Command.objects.filter(code="set-key").exists(), 60.0)
        assert ended(Command.objects.get(code="set-key")).state == CommandState.DONE
        device.refresh_from_db()
        assert device.key.encode() == speaker.logger.key != KEY.encode()
        known, answered = device.packets, speaker.answered
        assert wait_until(lambda: Device.objects.get(pk=device.pk).packets > known, 90.0)  # a real-time packet
        assert wait_until(lambda: speaker.answered > answered, 60.0)
    assert Command.objects.get(code="set-key").secrets == {}


def test_a_check_against_a_standard_is_asked_for_and_its_result_is_taken(station: Any, cast: Any, port: int) -> None:
    device = registered(station, EDITION_2025, "T" * 24)
    with speaking(simulated(EDITION_2025, device.mn), port) as speaker:
        assert ended(asked(device, "check-standard", cast.administrator, PolId="w01018")).state == CommandState.DONE
        assert wait_until(lambda: reports_of(device).filter(kind="StandardCheck").exists(), 60.0)
        assert wait_until(lambda: speaker.waiting == 0, 60.0), "the result was never answered"


def test_the_raw_data_of_cyclic_analysers_are_fetched(station: Any, cast: Any, port: int) -> None:
    device = registered(station, EDITION_2025, "T" * 24)
    begin, end = (
        f"{(datetime.now(UTC) - timedelta(hours=hours)).astimezone(commanding.clock.SHANGHAI):%Y%m%d%H%M%S}"
        for hours in (3, 1)
    )
    with speaking(simulated(EDITION_2025, device.mn), port):
        command = ended(asked(device, "cycle-data", cast.administrator, BeginTime=begin, EndTime=end))
    assert (command.state, command.exe_rtn) == (CommandState.DONE, 1)
    assert reports_of(device).filter(kind="CycleData").exists()


def test_a_device_that_is_not_there_leaves_the_command_to_expire(modern: Device, cast: Any, port: int) -> None:
    command = asked(modern, "read-clock", cast.administrator)
    Command.objects.update(expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    commanding.tidy()
    assert ended(command).state == CommandState.EXPIRED


def test_a_command_is_taken_back_before_it_is_sent_and_not_after(modern: Device, cast: Any) -> None:
    command = asked(modern, "read-clock", cast.administrator)
    assert withdraw_command(command.pk, cast.administrator).state == CommandState.WITHDRAWN
    with pytest.raises(Refused, match=r"taken back|撤回"):
        withdraw_command(command.pk, cast.administrator)


def test_only_administrators_change_what_a_device_measures(modern: Device, cast: Any) -> None:
    asked(modern, "read-clock", cast.officer)
    with pytest.raises(Forbidden):
        asked(modern, "set-clock", cast.officer, SystemTime="20261122100000")
    with pytest.raises(Forbidden):
        asked(modern, "read-clock", cast.duty_officer)
    with pytest.raises(BadInput):
        command_device(
            modern, "set-clock", {"SystemTime": "20261122100000"}, user=cast.administrator, why=" ", origin=HERE
        )


def test_arguments_that_are_not_the_commands_own_are_refused_before_anything_is_sent(modern: Device, cast: Any) -> None:
    with pytest.raises(BadInput, match="30 to 3600"):
        asked(modern, "set-realtime-interval", cast.administrator, RtdInterval=5)
    with pytest.raises(BadInput, match="one of"):
        asked(modern, "read-alarm-limits", cast.administrator, PolId="w01018")
    assert not Command.objects.exists()


def test_states_and_site_information_are_kept_once_as_reports(modern: Device, port: int) -> None:
    sender = Sender(port)
    for qn in ("20261122100001000", "20261122100002000"):
        sender.send(
            frame(
                f"QN={qn};ST=32;CN=2021;PW=123456;MN={modern.mn};Flag=5;"
                "CP=&&DataTime=20261122100000;SB1-RS=1;SB2-RS=0&&"
            )
        )
        assert b"CN=9014" in sender.answer()
    kept = reports_of(modern).filter(kind="InstallationState")
    assert sorted((one.subject, one.values["value"]) for one in kept) == [("SB1", "1"), ("SB2", "0")]


def test_parts_that_never_come_are_named(modern: Device, port: int) -> None:
    sender = Sender(port)
    for minute, pno in (("00", "PNUM=2;PNO=1;"), ("01", "")):
        sender.send(
            frame(
                f"QN=202611221000{minute}000;ST=32;CN=2011;PW=123456;MN={modern.mn};Flag={7 if pno else 5};{pno}"
                f"CP=&&DataTime=2026112210{minute}00;w01018-Rtd=12.5,w01018-Flag=N&&"
            )
        )
        assert b"CN=9014" in sender.answer()
    assert Channel.objects.filter(factor="w01018").exists()
    assert not FaultCount.objects.filter(error="MissingPart").exists()


def test_what_is_missing_after_a_silence_is_asked_for(modern: Device, channel: Any, port: int) -> None:
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    sender = Sender(port)
    for hours in (6, 5, 1):
        local = (now - timedelta(hours=hours)).astimezone(commanding.clock.SHANGHAI)
        sender.send(hour_packet(modern.mn, f"{local:%Y%m%d%H}0000", 40.0, qn=f"2026112210000{hours}000"))
        assert b"CN=9014" in sender.answer()
    Silence.objects.create(device=modern, began_at=now - timedelta(hours=4), ended_at=now - timedelta(minutes=10))
    assert fill_gaps() == 1
    command = commands_of(modern).get()
    first, last = (now - timedelta(hours=hours) for hours in (4, 2))
    assert command.code == "hour-history"
    assert command.arguments == {
        name: f"{at.astimezone(commanding.clock.SHANGHAI):%Y%m%d%H%M%S}"
        for name, at in (("BeginTime", first), ("EndTime", last))
    }
    assert fill_gaps() == 0


def test_a_gap_is_asked_for_again_when_the_answer_broke_off_and_no_more_once_the_device_has_answered(
    modern: Device, channel: Any, port: int
) -> None:
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    sender = Sender(port)
    local = (now - timedelta(hours=6)).astimezone(commanding.clock.SHANGHAI)
    sender.send(hour_packet(modern.mn, f"{local:%Y%m%d%H}0000", 40.0))
    assert b"CN=9014" in sender.answer()
    Silence.objects.create(device=modern, began_at=now - timedelta(hours=4), ended_at=now - timedelta(minutes=10))
    for state in (CommandState.UNANSWERED, CommandState.UNFINISHED):
        assert fill_gaps() == 1
        assert fill_gaps() == 0  # while it is on its way
        commands_of(modern).filter(state=CommandState.WAITING).update(state=state)
    assert fill_gaps() == 1
    commands_of(modern).filter(state=CommandState.WAITING).update(state=CommandState.DONE)
    assert fill_gaps() == 0
    assert Silence.objects.get().settled_at is not None
    assert commands_of(modern).count() == 3


def test_a_device_that_cannot_be_asked_keeps_no_other_from_its_turn(
    modern: Device, channel: Any, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    local = (now - timedelta(hours=6)).astimezone(commanding.clock.SHANGHAI)
    sender = Sender(port)
    sender.send(hour_packet(modern.mn, f"{local:%Y%m%d%H}0000", 40.0))
    assert b"CN=9014" in sender.answer()
    broken = Silence.objects.create(
        device=modern, began_at=now - timedelta(hours=5), ended_at=now - timedelta(minutes=20)
    )
    Silence.objects.create(device=modern, began_at=now - timedelta(hours=4), ended_at=now - timedelta(minutes=10))
    missing = gaps.missing

    def fails(silence: Silence, kind: str) -> Any:
        if silence.pk == broken.pk:
            raise OverflowError("date value out of range")
        return missing(silence, kind)

    monkeypatch.setattr(gaps, "missing", fails)
    with pytest.raises(RoundIncomplete, match=f"1 failed: device {modern.mn}: OverflowError"):
        fill_gaps()  # the job fails with it, so that the list of jobs shows it
    assert commands_of(modern).count() == 1


def test_a_device_that_never_answers_is_asked_three_times(modern: Device, channel: Any, port: int) -> None:
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    sender = Sender(port)
    local = (now - timedelta(hours=6)).astimezone(commanding.clock.SHANGHAI)
    sender.send(hour_packet(modern.mn, f"{local:%Y%m%d%H}0000", 40.0))
    assert b"CN=9014" in sender.answer()
    Silence.objects.create(device=modern, began_at=now - timedelta(hours=4), ended_at=now - timedelta(minutes=10))
    made = []
    for _ in range(5):
        made.append(fill_gaps())
        commands_of(modern).filter(state=CommandState.WAITING).update(state=CommandState.UNANSWERED)
    assert made == [1, 1, 1, 0, 0]


def test_an_electricity_meter_of_2025_is_asked_for_the_real_time_values_that_it_missed(station: Any, port: int) -> None:
    station.kind = "power-meter"
    station.save()
    meter = registered(station, EDITION_2025, "T" * 24)
    now = datetime.now(UTC).replace(microsecond=0)
    sender = Sender(port)
    spoken = (240, 238, 236, 5)  # minutes ago
    for number, ago in enumerate(spoken):
        local = (now - timedelta(minutes=ago)).astimezone(commanding.clock.SHANGHAI)
        sender.send(
            frame(
                f"QN=2026112210000000{number};ST=44;CN=2011;PW=123456;MN={meter.mn};Flag=9;"
                f"CP=&&DataTime={local:%Y%m%d%H%M%S};d30406-Rtd=12.5,d30406-Flag=N&&"
            )
        )
        assert b"CN=9014" in sender.answer()
    Silence.objects.create(device=meter, began_at=now - timedelta(minutes=236), ended_at=now - timedelta(minutes=6))
    assert fill_gaps() == 1
    command = commands_of(meter).get()
    assert command.code == "production-history"
    begins = (now - timedelta(minutes=236)).astimezone(commanding.clock.SHANGHAI)
    assert command.arguments["BeginTime"] == f"{begins:%Y%m%d%H%M%S}"
    assert commanding.written(meter, command.code, command.arguments).st == "44"


def test_a_device_heard_after_a_long_silence_is_noted(modern: Device, port: int) -> None:
    Device.objects.filter(pk=modern.pk).update(last_seen_at=datetime.now(UTC) - timedelta(hours=5))
    sender = Sender(port)
    sender.send(hour_packet(modern.mn, "20261122090000", 40.0))
    assert sender.answer()
    silence = Silence.objects.get(device=modern)
    assert silence.ended_at - silence.began_at > timedelta(hours=4)


def test_a_device_is_asked_on_the_connection_that_it_was_heard_on_last(modern: Device, cast: Any, port: int) -> None:
    old, new = Sender(port), Sender(port)
    for number, sender in enumerate((old, new)):
        sender.send(hour_packet(modern.mn, "20261122090000", 40.0, qn=f"2026112210000{number}000"))
        assert b"CN=9014" in sender.answer()
    old.close()
    asked(modern, "read-clock", cast.administrator)
    assert b"CN=1011" in new.answer()


def test_an_answer_without_a_password_does_not_bring_the_next_command(station: Any, cast: Any, port: int) -> None:
    dialect, mn = EDITIONS["2005"]
    device = registered(station, dialect, mn)
    device.password = "999888"
    device.save()
    real, stranger = Sender(port), Sender(port)
    data = f"ST=32;CN=2061;PW=999888;MN={mn};Flag=1;CP=&&DataTime=20261122090000;011-Avg=40&&"
    real.send(frame(f"QN=20261122100000000;{data}"))
    assert real.answer()
    stranger.send(frame(f"ST=91;CN=9013;MN={mn};Flag=0;CP=&&QN=20261122100000000&&"))
    assert stranger.answer(0.5) == b""
    asked(device, "read-clock", cast.administrator)
    assert b"CN=1011" in real.answer()
    assert stranger.answer(0.3) == b""


def test_a_device_that_has_hung_up_is_not_asked_in_vain(modern: Device, cast: Any, port: int) -> None:
    brief = Sender(port)
    brief.send(hour_packet(modern.mn, "20261122090000", 40.0))
    brief.close()
    assert wait_until(lambda: Device.objects.get(pk=modern.pk).packets == 1)
    command = asked(modern, "read-clock", cast.administrator)
    assert not wait_until(lambda: Command.objects.get(pk=command.pk).state != CommandState.WAITING, 1.0)


def test_what_no_row_can_hold_in_an_answer_ends_no_gateway(modern: Device, cast: Any, port: int) -> None:
    sender = Sender(port)
    sender.send(hour_packet(modern.mn, "20261122090000", 40.0))
    assert sender.answer()
    command = asked(modern, "read-clock", cast.administrator)
    asking = sender.answer()
    qn = asking[asking.index(b"QN=") + 3 :][:17].decode()
    head = f"QN={qn};ST={{}};CN={{}};PW=123456;MN={modern.mn};Flag=4;CP=&&"
    sender.send(frame(head.format(91, 9011) + "QnRtn=1&&"))
    sender.send(frame(head.format(32, 1011) + "SystemTime=20261122\0100000&&"))
    sender.send(frame(head.format(91, 9012) + "ExeRtn=1&&"))
    assert ended(command).state == CommandState.DONE
    sender.send(hour_packet(modern.mn, "20261122100000", 41.0, qn="20261122110000000"))
    assert b"20261122110000000" in sender.answer()


def test_the_time_that_a_device_is_given_is_that_of_the_sending(modern: Device, port: int) -> None:
    commanding.give(modern, "set-clock", {}, why="the device asked for it")
    Command.objects.update(asked_at=datetime(2026, 1, 1, tzinfo=UTC))
    with speaking(simulated(STANDARD, modern.mn), port):
        command = ended(Command.objects.get())
    assert command.state == CommandState.DONE
    assert command.arguments == {}


def test_a_profile_says_how_often_a_device_is_asked(station: Any, cast: Any, port: int) -> None:
    patient = registered(station, Dialect("one-repeat", re_count=1), "T" * 24)
    sender = Sender(port)
    sender.send(hour_packet(patient.mn, "20261122090000", 40.0))
    assert b"CN=9014" in sender.answer()
    command = ended(asked(patient, "read-clock", cast.administrator))
    assert (command.state, command.sent) == (CommandState.UNANSWERED, 2)


def test_commands_for_absent_devices_hold_up_no_other(modern: Device, cast: Any, port: int) -> None:
    absent = register_device("A" * 24, station=modern.station, dialect=STANDARD.code)
    given = commanding.give(absent, "read-clock", {})
    Command.objects.bulk_create(
        Command(device=absent, code="read-clock", asked_at=given.asked_at, expires_at=given.expires_at)
        for _ in range(commanding.AT_ONCE)
    )
    with speaking(simulated(STANDARD, modern.mn), port):
        assert ended(asked(modern, "read-clock", cast.administrator)).state == CommandState.DONE


def test_an_exchange_that_still_moves_is_not_ended_for_its_age(modern: Device, cast: Any) -> None:
    command = asked(modern, "read-clock", cast.administrator)
    old, now = datetime(2026, 1, 1, tzinfo=UTC), datetime.now(UTC)
    Command.objects.update(state=CommandState.ACCEPTED, sent_at=old, moved_at=now)
    commanding.tidy()
    command.refresh_from_db()
    assert command.state == CommandState.ACCEPTED
    Command.objects.update(moved_at=old)
    commanding.tidy()
    command.refresh_from_db()
    assert command.state == CommandState.UNFINISHED


def test_a_device_that_has_a_key_is_not_believed_in_the_clear(station: Any, port: int) -> None:
    dialect, mn = EDITIONS["2025 with SM4"]
    device = registered(station, dialect, mn)
    sender = Sender(port)
    sender.send(hour_packet(device.mn, "20261122090000", 40.0, flag=9))
    assert wait_until(lambda: FaultCount.objects.filter(error="NotEnciphered").exists())
    assert not Channel.objects.filter(factor="w01018").exists()


def test_a_long_report_holds_up_nobody_and_is_kept(modern: Device, port: int) -> None:
    import random

    log = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=6_000))
    talker, other = Sender(port), Sender(port)
    cp = f"DataTime=20261122100000;PolId=w01018;i11001-Info=//{log}//"
    talker.send(frame(f"QN=20261122100001000;ST=32;CN=3020;PW=123456;MN={modern.mn};Flag=5;CP=&&{cp}&&"))
    other.send(hour_packet(modern.mn, "20261122090000", 40.0))
    assert other.answer()
    assert talker.answer()
    assert reports_of(modern).filter(kind="SiteInformation").exists()
