"""Every request of every edition, asked by a host and answered by a simulated device over bytes."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from qingyuan_science.hj212 import (
    EDITION_2005,
    EDITION_2025,
    EDITION_2025_SM4,
    REQUESTS,
    STANDARD,
    Addressee,
    Dialect,
    Exchange,
    Frame,
    Framer,
    Message,
    State,
    data_answer_9014,
    encode,
    instant,
    key_to_use,
    must_be_enciphered,
    notice_9013,
    parse,
    reports,
    request,
    requests_in,
)
from qingyuan_science.hj212.reports import (
    Alarm,
    AlarmLimits,
    Clock,
    CycleData,
    InstallationState,
    RetainedSample,
    RunningTime,
    SamplingPeriod,
    SerialNumber,
    Setting,
    SiteInformation,
    StandardCheck,
)
from qingyuan_science.worlds import Behaviour, Device, World

EDITIONS = {"2005": EDITION_2005, "2017": STANDARD, "2025": EDITION_2025, "2025 with SM4": EDITION_2025_SM4}
EVERY = [(name, kind.code) for name, dialect in EDITIONS.items() for kind in requests_in(dialect.edition)]
SECOND = timedelta(seconds=1)
ASKED = {
    "PolId": "w01018",
    "OverTime": "7",
    "ReCount": "2",
    "WarnTime": "9",
    "HardwareSerial": "6970000000001",
    "NewSK": "abcdefgh12345678",
    "LowValue": "1",
    "UpValue": "0.5e1",
    "AlarmTarget": "010-88888888",
    "ReportTime": "0115",
    "RtdInterval": "60",
    "MinInterval": "20",
    "NewPW": "654321",
    "CalibrationType": "1",
    "CTime": "4",
    "CstartTime": "01:30:00",
    "InfoId": "i13007",
    "Info": "0.5",
}


class Host:
    """The host's end of the line: it answers what wants an answer, and follows one exchange."""

    def __init__(self, world: World, dialect: Dialect, **options: object) -> None:
        station = world.station("QJ-W01")
        if dialect.edition == "2005":
            station = replace(station, mn="88888880000001")
        self.station = replace(station, dialect=dialect)
        self.now = world.epoch
        self.device = Device(world, self.station, self.now, **options)  # type: ignore[arg-type]
        self.device.connect()
        self.dialect, self.clock = dialect, 0.0
        self.key = self.device.logger.key
        self.framer = Framer(dialect, keys=lambda mn: (self.key, b"abcdefgh12345678"))
        self.heard: list[Message] = []
        self.frames: list[Frame] = []

    @property
    def to(self) -> Addressee:
        return Addressee(self.device.logger.mn, self.station.st, self.device.logger.pw)

    def arguments(self, code: str) -> dict[str, object]:
        given = {argument.name: ASKED.get(argument.name) for argument in REQUESTS[code].arguments_in(self.edition)}
        times = {"SystemTime": self.now, "SKCreateTime": self.now, "EndTime": self.now}
        given |= {name: at for name, at in times.items() if name in given}
        if "BeginTime" in given:
            given["BeginTime"] = self.now - timedelta(hours=50)
        if self.edition == "2005" and "PolId" in given:
            given["PolId"] = "011"
        return {name: value for name, value in given.items() if value is not None}

    @property
    def edition(self) -> str:
        return self.dialect.edition

    def ask(self, code: str, most: float = 200.0, **arguments: object) -> Exchange:
        """Ask, and wait for the end."""
        asked = request(code, self.to, self.now, self.dialect, **{**self.arguments(code), **arguments})  # type: ignore[arg-type]
        exchange = Exchange(asked, self.dialect)
        ends = self.clock + most
        while not exchange.ended and self.clock < ends:
            for message in exchange.tick(self.clock):
                self.say(message)
            self.listen(exchange)
            self.pass_time(1.0)
        return exchange

    def say(self, message: Message) -> None:
        key = key_to_use(message.cn, "host-to-device", self.dialect, self.key)
        self.device.receive(encode(message, self.dialect, key))

    def listen(self, exchange: Exchange | None = None) -> None:
        while data := self.device.to_send(self.clock):
            for frame in self.framer.feed(data):
                assert isinstance(frame, Frame), frame
                self.frames.append(frame)
                message = parse(frame.segment, self.dialect)
                self.heard.append(message)
                taken = exchange.take(message, self.clock) if exchange else None
                for reply in taken.replies if taken else ():
                    self.say(reply)
                if message.wants_answer:
                    answer = notice_9013 if message.cn in ("1013", "1014", "9015") else data_answer_9014
                    self.say(answer(message, self.dialect))

    def pass_time(self, seconds: float) -> None:
        self.clock += seconds
        self.now += seconds * SECOND
        self.device.advance(self.now)


@pytest.mark.parametrize(("name", "code"), EVERY)
def test_every_request_of_every_edition_comes_to_its_end(world: World, name: str, code: str) -> None:
    host = Host(world, EDITIONS[name], kinds=("2061",))
    if code in ("standard-checks", "site-information"):
        host.ask("check-standard" if code == "standard-checks" else "clean")
    exchange = host.ask(code, EndTime=host.now + timedelta(hours=1)) if code == "standard-checks" else host.ask(code)
    nothing = code in ("production-history",) or (code == "alarm-history" and exchange.exe_rtn == 100)
    assert exchange.state is (State.FAILED if nothing else State.DONE), (exchange.qn_rtn, exchange.exe_rtn)
    kind = REQUESTS[code]
    assert exchange.sent == 1
    assert exchange.late == 0
    if kind.kind == "request":
        assert exchange.qn_rtn == 1
    if not nothing:
        assert (exchange.uploads > 0) == (kind.uploads in ("one", "many")), exchange.uploads
        assert exchange.uploads <= 1 or kind.uploads == "many"
    assert host.device.ignored <= 1  # the 9014 to the 9012 of 2005 names no message of the device
    for message, frame in zip(host.heard, host.frames, strict=True):
        content = frame.segment.partition(b"CP=&&")[2][:-2]
        must = must_be_enciphered(message.cn, "device-to-host") and len(content) >= 16
        assert frame.enciphered == (name == "2025 with SM4" and must)


READ = [
    ("2017", "read-clock", Clock),
    ("2017", "read-realtime-interval", Setting),
    ("2017", "read-minute-interval", Setting),
    ("2017", "running-times", RunningTime),
    ("2017", "retain-over-limit", RetainedSample),
    ("2017", "read-sampling-period", SamplingPeriod),
    ("2017", "read-sampling-time", SamplingPeriod),
    ("2017", "read-serial-number", SerialNumber),
    ("2017", "site-information", SiteInformation),
    ("2005", "read-alarm-limits", AlarmLimits),
    ("2005", "read-host-address", Setting),
    ("2005", "read-report-time", Setting),
    ("2025", "cycle-data", CycleData),
]


@pytest.mark.parametrize(("name", "code", "kind"), READ)
def test_what_is_read_is_understood(world: World, name: str, code: str, kind: type) -> None:
    exchange = Host(world, EDITIONS[name], kinds=("2061",)).ask(code)
    assert exchange.last_upload is not None
    told = reports(exchange.last_upload, EDITIONS[name])
    assert told
    assert {type(one) for one in told} == {kind}


def test_a_clock_that_is_wrong_is_read_and_set(world: World) -> None:
    host = Host(world, STANDARD, behaviour=Behaviour(skew=timedelta(minutes=7)))
    before = host.now
    (clock,) = reports(host.ask("read-clock").last_upload)  # type: ignore[arg-type]
    assert isinstance(clock, Clock)
    assert abs(clock.shows - before - timedelta(minutes=7)) < 2 * SECOND
    host.ask("set-clock")
    before = host.now
    (clock,) = reports(host.ask("read-clock").last_upload)  # type: ignore[arg-type]
    assert abs(clock.shows - before) < 2 * SECOND  # type: ignore[union-attr]


def test_data_of_a_wrong_clock_carry_its_time(world: World) -> None:
    host = Host(world, STANDARD, kinds=("2011",), behaviour=Behaviour(skew=timedelta(days=2)))
    host.pass_time(60)
    host.listen()
    assert instant(host.heard[0].data_time or "") > host.now + timedelta(days=1, hours=23)


def test_a_new_password_counts_and_the_old_one_is_refused(world: World) -> None:
    host = Host(world, STANDARD, kinds=("2061",))
    old = host.to
    assert host.ask("set-password").state is State.DONE
    assert host.to.pw == "654321"
    assert host.ask("read-clock").state is State.DONE
    refused = Exchange(request("read-clock", old, host.now, host.dialect))
    for message in refused.tick(host.clock):
        host.say(message)
    host.listen(refused)
    assert (refused.state, refused.qn_rtn) == (State.REFUSED, 3)


def test_intervals_that_were_set_are_kept_to(world: World) -> None:
    host = Host(world, STANDARD, kinds=("2011", "2051"))
    host.ask("set-realtime-interval")
    host.ask("set-minute-interval")
    host.heard.clear()
    for _ in range(60):
        host.pass_time(60)
        host.listen()
    stamps = [message.data_time for message in host.heard if message.cn == "2011"]
    assert 58 <= len(stamps) <= 60
    assert {stamp[-2:] for stamp in stamps if stamp} == {"00"}
    assert [m.data_time[10:12] for m in host.heard if m.cn == "2051" and m.data_time] == ["00", "20", "40"]


def test_an_interval_that_cannot_be_kept_fails(world: World) -> None:
    exchange = Host(world, STANDARD).ask("set-realtime-interval", RtdInterval=31)
    assert (exchange.state, exchange.exe_rtn) == (State.FAILED, 3)


def test_real_time_data_stop_and_start_on_request(world: World) -> None:
    host = Host(world, STANDARD, kinds=("2011",))
    assert host.ask("stop-realtime").state is State.DONE
    host.heard.clear()
    for _ in range(5):
        host.pass_time(60)
        host.listen()
    assert host.heard == []
    host.ask("start-realtime")
    host.pass_time(60)
    host.listen()
    assert {message.cn for message in host.heard} == {"9011", "9012", "2011"}


def test_states_are_told_when_asked_for_and_when_they_change(world: World) -> None:
    host = Host(world, STANDARD, kinds=("2061",))
    host.ask("start-states")
    host.ask("calibrate")
    for _ in range(6):
        host.pass_time(60)
        host.listen()
    told = [one for message in host.heard for one in reports(message) if isinstance(one, InstallationState)]
    assert [one.value for one in told] == ["1", "2", "1"]


def test_the_past_is_sent_one_packet_at_a_time(world: World) -> None:
    host = Host(world, STANDARD, kinds=("2031",))
    asked = request("hour-history", host.to, host.now, BeginTime=host.now - timedelta(hours=5), EndTime=host.now)
    host.say(asked)
    first = host.framer.feed(host.device.to_send(0.0))
    assert [parse(one.segment).cn for one in first if isinstance(one, Frame)] == ["9011", "2061"]
    assert host.device.to_send(1.0) == b""
    again = host.framer.feed(host.device.to_send(10.0))
    assert again == first[1:]
    upload = parse(again[0].segment)  # type: ignore[union-attr]
    assert upload.qn != asked.qn
    host.say(data_answer_9014(upload))
    (second,) = host.framer.feed(host.device.to_send(11.0))
    assert parse(second.segment).data_time > upload.data_time  # type: ignore[union-attr, operator]


def test_a_host_that_never_answers_the_past_is_told_of_a_timeout(world: World) -> None:
    host = Host(world, STANDARD, kinds=("2031",))
    host.say(request("hour-history", host.to, host.now, BeginTime=host.now - timedelta(hours=5), EndTime=host.now))
    said = b"".join(host.device.to_send(10.0 * turn) for turn in range(8))
    messages = [parse(one.segment) for one in host.framer.feed(said) if isinstance(one, Frame)]
    assert [message.cn for message in messages] == ["9011", *["2061"] * 4, "9012"]
    assert messages[-1].get("ExeRtn") == "4"


def test_the_past_comes_whole_and_as_it_was_sent_first(world: World) -> None:
    host = Host(world, STANDARD, kinds=("2061",))
    for _ in range(4):
        host.pass_time(3600)
        host.listen()
    live = {message.data_time: message.cp for message in host.heard}
    host.heard.clear()
    span = {"BeginTime": host.now - timedelta(hours=6), "EndTime": host.now}
    exchange = host.ask("hour-history", **span)
    past = {message.data_time: message.cp for message in host.heard if message.cn == "2061"}
    assert exchange.uploads == len(past) >= 5
    assert live
    assert live.items() <= past.items()


def test_a_request_that_comes_twice_is_carried_out_once(world: World) -> None:
    host = Host(world, STANDARD, kinds=("2061",))
    asked = request("retain-over-limit", host.to, host.now)
    host.say(asked)
    host.listen()
    host.say(asked)
    host.listen()
    assert host.device.logger.bottle == 1
    assert [message.cn for message in host.heard] == ["9011", "3015", "9012", "9011", "9012"]


def test_limits_and_parameters_that_were_set_are_read_back(world: World) -> None:
    old = Host(world, EDITION_2005, kinds=("2061",))
    old.ask("set-alarm-limits")
    assert reports(old.ask("read-alarm-limits").last_upload) == (AlarmLimits("011", 1.0, 5.0),)  # type: ignore[arg-type]
    host = Host(world, STANDARD, kinds=("2061",))
    host.ask("set-parameter")
    (told,) = reports(host.ask("site-information").last_upload)  # type: ignore[arg-type]
    assert isinstance(told, SiteInformation)
    assert (told.factor, told.code, told.value) == ("w01018", "i13007", "0.5")
    log = host.ask("site-information", InfoId="i11001", BeginTime=None, EndTime=None)
    (line,) = reports(log.last_upload)  # type: ignore[arg-type]
    assert isinstance(line, SiteInformation)
    assert line.value == "设置参数 i13007"


def test_alarms_of_the_past_are_told_by_a_device_of_2005(world: World) -> None:
    host = Host(world, EDITION_2005, kinds=("2031",))
    host.ask("set-alarm-limits", LowValue=0, UpValue=0.01)
    exchange = host.ask("alarm-history")
    told = [one for message in host.heard for one in reports(message) if isinstance(one, Alarm)]
    assert len(told) == exchange.uploads
    alarms = [alarm for alarm in told if alarm.factor == "011"]
    assert len(alarms) >= 40
    assert all(alarm.raised and alarm.value is not None and alarm.value > 0.01 for alarm in alarms)


def test_a_standard_check_is_told_at_once_and_can_be_asked_for(world: World) -> None:
    host = Host(world, EDITION_2025, kinds=("2061",))
    host.ask("check-standard")
    host.listen()
    (check,) = [one for message in host.heard for one in reports(message) if isinstance(one, StandardCheck)]
    assert check.passed
    assert check.factor == "w01018"


def test_a_new_key_is_used_from_the_next_message_on(world: World) -> None:
    host = Host(world, EDITION_2025_SM4, kinds=("2011",))
    old = host.key
    assert host.ask("set-key").state is State.DONE
    assert host.device.logger.key == b"abcdefgh12345678" != old
    host.framer = Framer(host.dialect, keys=lambda mn: (b"abcdefgh12345678",))
    host.heard.clear()
    host.pass_time(60)
    host.listen()
    assert {message.cn for message in host.heard} == {"2011"}


MISBEHAVIOUR = [
    (Behaviour(silent=True), State.UNANSWERED, None, None),
    (Behaviour(qn_rtn=2), State.REFUSED, 2, None),
    (Behaviour(exe_rtn=5), State.FAILED, 1, 5),
    (Behaviour(slow=20.0), State.DONE, 1, 1),
    (Behaviour(slow=100.0), State.UNFINISHED, 1, None),
]


def test_a_log_asked_for_over_a_span_that_goes_backward_is_a_wrong_condition(world: World) -> None:
    host = Host(world, STANDARD, kinds=("2061",))
    host.ask("set-parameter")
    span = {"BeginTime": host.now - timedelta(hours=5), "EndTime": host.now}
    asked = request("site-information", host.to, host.now, PolId="w01018", InfoId="i11001", **span)  # type: ignore[arg-type]
    turned = {"BeginTime": "EndTime", "EndTime": "BeginTime"}
    groups = tuple(tuple((turned.get(name, name), value) for name, value in group) for group in asked.cp)
    host.say(replace(asked, cp=groups))
    for _ in range(5):
        host.listen()
        host.pass_time(1.0)
    assert [message.get("ExeRtn") for message in host.heard if message.cn == "9012"][-1] == "3"
    assert not [message for message in host.heard if message.cn == "3020"]


@pytest.mark.parametrize(("behaviour", "state", "qn_rtn", "exe_rtn"), MISBEHAVIOUR)
def test_a_device_that_misbehaves_is_told_apart(
    world: World, behaviour: Behaviour, state: State, qn_rtn: int | None, exe_rtn: int | None
) -> None:
    exchange = Host(world, STANDARD, kinds=("2061",), behaviour=behaviour).ask("read-clock")
    assert (exchange.state, exchange.qn_rtn, exchange.exe_rtn) == (state, qn_rtn, exe_rtn)
    assert exchange.sent == (4 if state is State.UNANSWERED else 1)


def test_a_device_of_2025_marks_what_it_sends_again_and_sends_new_data_first(world: World) -> None:
    host = Host(world, EDITION_2025, kinds=("2051",))
    host.device.disconnect()
    host.pass_time(3600)
    host.device.connect()
    host.pass_time(600)
    host.listen()
    assert [message.rf for message in host.heard] == [False, *[True] * 6]
    stamps = [message.data_time for message in host.heard]
    assert stamps[0] == max(stamps)  # type: ignore[type-var]


def test_a_device_of_2025_marks_repeats(world: World) -> None:
    host = Host(world, EDITION_2025, kinds=("2051",))
    host.pass_time(700)
    (first,) = host.framer.feed(host.device.to_send(0.0))
    (again,) = host.framer.feed(host.device.to_send(10.0))
    assert b";RF=1;CP=" in again.segment  # type: ignore[union-attr]
    assert b"RF=" not in first.segment  # type: ignore[union-attr]


def test_notices_that_a_device_makes_by_itself_are_answered(world: World) -> None:
    host = Host(world, EDITION_2025, kinds=("2061",))
    for cn in ("1013", "1014", "9015"):
        host.device.announce(cn)
    host.listen()
    assert [message.cn for message in host.heard] == ["1013", "1014", "9015"]
    assert (host.device.waiting, host.device.answered) == (0, 3)
    assert len({message.qn for message in host.heard}) == 3


def test_a_password_or_identity_that_is_wrong_is_refused_by_name(world: World) -> None:
    host = Host(world, STANDARD, kinds=("2061",))
    for to, code in ((replace(host.to, pw="000000"), 3), (replace(host.to, mn="0" * 24), 4)):
        exchange = Exchange(request("read-clock", to, host.now + code * SECOND))
        for message in exchange.tick(0.0):
            host.say(message)
        host.listen(exchange)
        assert host.heard[-1].get("QnRtn") == str(code)


def test_a_logger_keeps_its_settings_in_the_next_device(world: World) -> None:
    host = Host(world, STANDARD, kinds=("2061",))
    host.ask("set-timeouts")
    later = Device(world, host.station, host.now, logger=host.device.logger)
    assert (later.logger.over_time, later.logger.re_count) == (7.0, 2)


def test_a_time_before_the_world_or_a_span_of_years_ends_all_the_same(world: World) -> None:
    host = Host(world, STANDARD, kinds=("2061",))
    far = {"BeginTime": datetime.fromisoformat("1999-01-01T00:00:00+00:00"), "EndTime": host.now}
    exchange = host.ask("running-times", **far)
    assert (exchange.state, exchange.uploads) == (State.DONE, 31)
