"""Judging with a memory of what was calm finds what judging without one finds, however batches come and are joined."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from casefile import LONG_AGO, OFFICE
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qingyuan.judging import api as judging
from qingyuan.judging.api import set_watch
from qingyuan.judging.logic import watching
from qingyuan.judging.logic.judging import judge
from qingyuan.judging.logic.stirring.memory import Memory
from qingyuan.judging.queries import Finding
from qingyuan.kit import clock, delivery, log
from qingyuan.kit.errors import BadInput, Refused
from qingyuan.kit.events import Event
from qingyuan.places.api import OwnLimit, apply_standard, enter_permit, register_enterprise, register_station
from qingyuan.places.queries import AppliedStandard
from qingyuan.recording.api import mark_span, withdraw_mark
from qingyuan.recording.events import ReadingsChanged
from qingyuan.sensing.api import define_channel
from qingyuan.sensing.queries import Channel
from qingyuan_science.series import moment

pytestmark = pytest.mark.django_db
Readings = Callable[..., Any]
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
STEP = {"r": timedelta(seconds=30), "m": timedelta(minutes=1), "h": timedelta(hours=1), "H": timedelta(hours=1)}
DETECTORS = {
    "r": ("clock_offset", "exceedance", "impossible_values"),
    "m": ("exceedance", "impossible_values", "missing_data", "step_after_service"),
    "h": ("approaching_limit", "constant_value", "exceedance", "missing_data", "upstream_balance"),
}
COMPARED = ("detector", "state", "started_at", "ended_at", "peak", "times_over", "sentence_zh", "evidence", "severity")

Batch = tuple[list[tuple[int, float]], str]
kinds = st.sampled_from(sorted(DETECTORS))
# how many steps after the one before, and which value: mostly in order and calm; and the mark of a batch
pieces = st.tuples(
    st.sampled_from([1, 1, 1, 1, 1, 1, 2, 5, 120, 0, -1, -3]),
    st.sampled_from([20.0, 24.0, 24.1, 26.0, 46.0, 50.4, 80.0, 80.0, -1.0]),
)
batches = st.tuples(st.lists(pieces, min_size=1, max_size=5), st.sampled_from("NNNNNNCM"))
streams = st.lists(batches, min_size=1, max_size=8)
joinings = st.lists(st.integers(1, 4), min_size=1, max_size=12)

sendings = st.tuples(st.just("sent"), st.sampled_from("mhH"), batches)
markings = st.tuples(st.just("marked"), st.sampled_from(["calibration", "fault"]), st.integers(-200, 50))
rulings = st.tuples(
    st.just("ruled"), st.sampled_from("mh"),
    st.sampled_from([("exceedance", {"minimum_periods": 2}), ("missing_data", {"minimum_periods": 1})]),
)  # fmt: skip
bindings = st.tuples(st.just("bound"), st.sampled_from(["1A", "1B"]))
others = st.sampled_from([("withdrawn",), ("restarted",), ("converted",)])
taken_up = st.tuples(st.just("judged"), st.integers(1, 4))
happenings = st.one_of(sendings, sendings, sendings, taken_up, taken_up, markings, rulings, bindings, others)


@pytest.fixture(autouse=True)
def that_noon() -> Iterator[None]:
    with clock.wound_to(NOON + timedelta(days=1)):
        yield


@pytest.fixture
def watched(db: None) -> None:
    for kind, detectors in DETECTORS.items():
        for detector in detectors:
            set_watch(detector, kind=kind, valid_from=LONG_AGO)


def stored(channel: Any, readings: Readings, kind: str, stream: list[Batch], at: datetime = NOON) -> Iterator[Any]:
    """The batches of a stream, each stored when it is asked for."""
    for values, mark in stream:
        sent = {}
        for steps, value in values:
            at += STEP[kind] * steps
            sent[at] = value
        yield readings(channel, kind, sorted(sent.items()), mark)


def joined(events: Iterator[ReadingsChanged], sizes: list[int]) -> Iterator[ReadingsChanged]:
    """Some events at a time, told together."""
    waiting = list(events)
    for turn in range(len(waiting)):
        size = sizes[turn % len(sizes)]
        some, waiting = waiting[:size], waiting[size:]
        if not some:
            return
        yield some[0].together(some[1:]) if len(some) > 1 else some[0]


def on_file() -> list[tuple[Any, ...]]:
    return sorted(Finding.objects.values_list(*COMPARED), key=repr)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=kinds, stream=streams)
def test_batch_by_batch_it_finds_what_looking_at_everything_finds(
    watched: None, channel: Any, readings: Readings, kind: str, stream: list[Batch]
) -> None:
    found = []
    for memory in (None, Memory()):
        with transaction.atomic():
            for event in stored(channel, readings, kind, stream):
                judge(list(watching.looks(event.spans)) if memory is None else memory.looks(event.spans))
            found.append(on_file())
            transaction.set_rollback(True)
    assert found[0] == found[1]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=kinds, stream=streams, sizes=joinings)
def test_told_together_in_any_way_it_finds_what_looking_at_the_same_finds(
    watched: None, channel: Any, readings: Readings, kind: str, stream: list[Batch],
    sizes: list[int],
) -> None:  # fmt: skip
    """All is stored before any of it is judged, as when judging has fallen behind."""
    found = []
    for memory in (None, Memory()):
        with transaction.atomic():
            for event in joined(stored(channel, readings, kind, stream), sizes):
                judge(list(watching.looks(event.spans)) if memory is None else memory.looks(event.spans))
            found.append(on_file())
            transaction.set_rollback(True)
    assert found[0] == found[1]


class AllLooks(Memory):
    """It remembers nothing."""

    def looks(self, spans: Any) -> list[watching.Look]:
        return list(watching.looks(spans))


class Days:
    """What happens at an outlet, step by step, in a process that judges with some memory."""

    def __init__(self, channel: Any, cast: Any, readings: Readings, memory: Memory) -> None:
        self.channel, self.cast, self.readings, self.memory = channel, cast, readings, memory
        self.at: dict[str, datetime] = {}
        self.marks: list[int] = []
        self.waiting: list[ReadingsChanged] = []

    def sent(self, kind: str, batch: Batch) -> None:
        (event,) = stored(self.channel, self.readings, kind, [batch], self.at.get(kind, NOON))
        self.at[kind] = moment(event.spans[0][3])
        self.waiting.append(event)

    def marked(self, code: str, minutes: int) -> None:
        start = max(self.at.values(), default=NOON) + timedelta(minutes=minutes)
        span = {"starts_at": start, "ends_at": start + timedelta(minutes=130)}
        if span["ends_at"] < clock.now():
            row = mark_span(self.channel.station.code, self.cast.enterprise, OFFICE, code=code, reason="维护", **span)
            self.marks.append(row.pk)
            self._told(row.pk)

    def withdrawn(self) -> None:
        if self.marks:
            self._told(withdraw_mark(self.marks.pop(), self.cast.officer, "不实", OFFICE).pk)

    def ruled(self, kind: str, rule: tuple[str, dict[str, Any]]) -> None:
        day = max(self.at.values(), default=NOON).date()
        with suppress(BadInput, Refused):
            set_watch(rule[0], kind=kind, valid_from=day, parameters=rule[1], station=self.channel.station)

    def bound(self, level: str) -> None:
        AppliedStandard.objects.filter(station=self.channel.station).update(level=level)

    def converted(self) -> None:
        values = {"factor": self.channel.factor, "unit": self.channel.unit, "basis": "converted"}
        Channel.objects.get_or_create(station=self.channel.station, **values)

    def restarted(self) -> None:
        self.memory.forget()

    def judged(self, most: int) -> None:
        told = self.waiting[:1]
        while len(told) < min(most, len(self.waiting)) and told[0].joins(self.waiting[len(told)]):
            told.append(self.waiting[len(told)])
        del self.waiting[: len(told)]
        if told:
            judging.judge_readings(told[0].together(told[1:]) if len(told) > 1 else told[0])

    def _told(self, mark: int) -> None:
        line = list(log.about(f"mark/{mark}"))[-1]
        self.waiting.append(Event.known[line.act].from_detail(line.detail))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.lists(happenings, min_size=5, max_size=30))
def test_whatever_happens_between_it_finds_what_looking_at_everything_finds(
    watched: None, channel: Any, cast: Any, readings: Readings, days: list[tuple[Any, ...]]
) -> None:
    """Means that were sent and computed ones, marks by people, rules and limits that change, processes started anew."""
    found = []
    for memory in (AllLooks(), Memory()):
        here = Days(channel, cast, readings, memory)
        carrying = patch.object(delivery, "carries_on", return_value=True)
        with transaction.atomic(), patch.object(judging, "_memory", memory), carrying:
            for act, *values in days:
                with transaction.atomic():  # each is told from the one before by its transaction
                    getattr(here, act)(*values)
            while here.waiting:
                here.judged(3)
            found.append(on_file())
            transaction.set_rollback(True)
    assert found[0] == found[1]


# what part and whole read at an instant (None: nothing), so many steps after the one before; a whole of 20 binds at 23
measured = st.tuples(
    st.sampled_from([1, 1, 1, 1, 1, 1, 2, 120, 0, -1, -3]),
    st.sampled_from([None, 5.0, 22.9, 23.0, 23.1, 40.0, 40.0]),
    st.sampled_from([None, 20.0, 20.0, 20.0, 20.0, 30.0, 0.0]),
)
together = st.lists(st.tuples(st.lists(measured, min_size=1, max_size=5), st.booleans()), min_size=1, max_size=8)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from("rmh"), stream=together, sizes=joinings)
def test_a_part_is_held_against_its_whole_as_if_every_reading_were_looked_at(
    watched: None, channel: Any, readings: Readings, kind: str, stream: list[Any], sizes: list[int]
) -> None:
    """Whole and part in one batch or one after the other, either late, corrected or missing."""
    set_watch("impossible_values", kind="h", valid_from=LONG_AGO)
    part = Channel.objects.get_or_create(station=channel.station, factor="w01017", unit="mg/L")[0]
    found = []
    for memory in (None, Memory()):
        with transaction.atomic():
            for event in joined(in_parts((part, channel), readings, kind, stream), sizes):
                judge(list(watching.looks(event.spans)) if memory is None else memory.looks(event.spans))
            found.append(on_file())
            transaction.set_rollback(True)
    assert found[0] == found[1]


def in_parts(channels: tuple[Any, Any], readings: Readings, kind: str, stream: list[Any]) -> Iterator[ReadingsChanged]:
    """The batches of a part and its whole; in one, or one after the other."""
    at = NOON
    for values, at_once in stream:
        sent: tuple[dict[datetime, float], ...] = ({}, {})
        for steps, *both in values:
            at += STEP[kind] * steps
            for one, value in zip(sent, both, strict=True):
                one |= {} if value is None else {at: value}
        events = [
            readings(channel, kind, sorted(one.items())) for channel, one in zip(channels, sent, strict=True) if one
        ]
        yield from [events[0].together(events[1:])] if at_once and events else events


def test_a_part_within_its_whole_takes_no_look_and_one_beyond_does(
    watched: None, channel: Any, readings: Readings
) -> None:
    """Of an instant at which the whole is not measured nobody can tell yet."""
    part = Channel.objects.create(station=channel.station, factor="w01017", unit="mg/L")
    memory = Memory()

    def looked(second: int, *values: float) -> bool:
        at = NOON + timedelta(seconds=30 * second)
        events = [readings(one, "r", [(at, value)]) for one, value in zip((part, channel), values, strict=False)]
        found = memory.looks(events[0].together(events[1:]).spans)
        return "impossible_values" in {look.detector for look in found}

    assert not any([looked(second, 8.0, 20.0) for second in range(5)])
    assert looked(5, 24.0, 20.0)
    assert not looked(300, 8.0, 20.0)
    assert looked(301, 8.0)


def test_a_mean_that_was_sent_takes_the_place_of_the_computed_one_that_a_part_was_held_against(
    watched: None, channel: Any, readings: Readings
) -> None:
    set_watch("impossible_values", kind="h", valid_from=LONG_AGO)
    part = Channel.objects.create(station=channel.station, factor="w01017", unit="mg/L")
    memory = Memory()
    for hour, of_whole in ((0, 10.0), (1, 10.0), (2, 10.0), (3, 10.0), (6, 20.0)):
        at = NOON + timedelta(hours=hour)
        first = readings(channel, "H", [(at, 20.0)])
        judge(memory.looks(first.together([readings(part, "h", [(at, 15.0)])]).spans))
        judge(memory.looks(readings(channel, "h", [(at, of_whole)]).spans))
    found = Finding.objects.get(detector="impossible_values", channel=part.pk)
    assert (found.started_at, found.ended_at) == (NOON, NOON + timedelta(hours=4))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from("rmh"),
    values=st.lists(
        st.tuples(st.sampled_from([5.0, 22.9, 40.0, 40.0]), st.sampled_from([20.0, 20.0, 30.0])),
        min_size=4,
        max_size=10,
    ),
    order=st.permutations([0, 0, 0, 1, 1, 1]),
)
def test_a_whole_that_comes_late_is_judged_as_if_it_had_come_with_its_part(
    watched: None, channel: Any, readings: Readings, kind: str, values: list[tuple[float, float]], order: list[int]
) -> None:
    """Judged batch by batch, each channel in order and whichever of the two comes first, and once when all has come."""
    set_watch("impossible_values", kind="h", valid_from=LONG_AGO)
    part = Channel.objects.get_or_create(station=channel.station, factor="w01017", unit="mg/L")[0]
    times = [NOON + STEP[kind] * number for number in range(len(values))]
    third = -(-len(values) // 3)
    thirds = [list(zip(times, values, strict=True))[third * number :][:third] for number in range(3)]
    found = []
    for by_batch in (True, False):
        with transaction.atomic(), patch.object(judging, "_memory", Memory()):
            with patch.object(delivery, "carries_on", return_value=True):
                for number, place in enumerate(order):
                    some = thirds[order[:number].count(place)]
                    if not some:
                        continue
                    event = readings((part, channel)[place], kind, [(at, pair[place]) for at, pair in some])
                    if by_batch:
                        judging.judge_readings(event)
            if not by_batch:
                judging.judge_span(NOON, times[-1] + STEP[kind], [part.pk])
            of_parts = Finding.objects.filter(detector="impossible_values", channel=part.pk, kind=kind)
            found.append(sorted(of_parts.values_list("started_at", "ended_at", "peak")))
            transaction.set_rollback(True)
    assert found[0] == found[1]


def test_a_whole_that_comes_late_shows_that_its_part_cannot_be(watched: None, channel: Any, readings: Readings) -> None:
    set_watch("impossible_values", kind="h", valid_from=LONG_AGO)
    part = Channel.objects.create(station=channel.station, factor="w01017", unit="mg/L")
    hours = [NOON + timedelta(hours=number) for number in range(4)]
    with patch.object(judging, "_memory", Memory()), patch.object(delivery, "carries_on", return_value=True):
        judging.judge_readings(readings(part, "h", [(at, 15.0) for at in hours]))
        assert not Finding.objects.filter(detector="impossible_values").exists()
        judging.judge_readings(readings(channel, "h", [(at, 10.0) for at in hours]))
    found = Finding.objects.get(detector="impossible_values", channel=part.pk)
    assert (found.started_at, found.ended_at) == (hours[0], hours[3] + timedelta(hours=1))


def test_calm_readings_that_follow_each_other_take_no_look_and_few_queries(
    watched: None, channel: Any, readings: Readings
) -> None:
    memory = Memory()
    minutes = [(NOON + STEP["m"] * number, 24.0 + number % 3) for number in range(200)]
    judge(memory.looks(readings(channel, "m", minutes[:199]).spans))
    event = readings(channel, "m", minutes[199:])
    with CaptureQueriesContext(connection) as asked:
        assert memory.looks(event.spans) == []
    assert len(asked) <= 5
    stirring = readings(channel, "m", [(NOON + STEP["m"] * 200, 80.0)])
    assert {look.detector for look in memory.looks(stirring.spans)} == {"exceedance"}


def test_a_whole_and_its_part_that_come_together_ask_nothing_about_what_is_held_against_them(
    watched: None, channel: Any, readings: Readings
) -> None:
    part = Channel.objects.create(station=channel.station, factor="w01017", unit="mg/L")
    memory = Memory()

    def held(at: datetime, *channels: Any) -> tuple[set[tuple[str, int]], int]:
        first, *others = (readings(one, "m", [(at, 8.0)]) for one in channels)
        spans = first.together(others).spans
        memory.looks(spans)
        with CaptureQueriesContext(connection) as asked:
            found = memory.held_against(spans)
        return {(look.detector, look.channel.pk) for look in found}, len(asked)

    together, edition_only = held(NOON, part, channel)
    assert not together
    alone, more = held(NOON + STEP["m"], channel)
    assert alone == {("impossible_values", part.pk)}
    assert edition_only <= 1 < more


def test_a_rule_or_limit_that_changes_is_taken_into_account_at_once(
    watched: None, channel: Any, readings: Readings
) -> None:
    memory = Memory()
    minutes = [(NOON + STEP["m"] * number, 45.0) for number in range(5)]
    assert not memory.looks(readings(channel, "m", minutes[:3]).spans)
    set_watch("clock_offset", kind="m", valid_from=LONG_AGO, parameters={"late_hours": 0.1})
    assert not memory.looks(readings(channel, "m", minutes[3:4]).spans)
    for level, number, value in (("1B", 4, 55.0), ("1A", 5, 52.0)):
        with transaction.atomic():  # a change is told from the one before by its transaction
            AppliedStandard.objects.filter(station=channel.station).update(level=level)
        found = memory.looks(readings(channel, "m", [(NOON + STEP["m"] * number, value)]).spans)
        assert bool(found) == (level == "1A")


def test_a_permit_entered_meanwhile_is_taken_into_account_at_once(watched: None, grid: Any, readings: Readings) -> None:
    code = "91110000802100433B"  # HJ 608-2017, annex A
    owner = register_enterprise(
        code, lon=100.06, lat=30.1, organisation=None, title_zh="东山纸业", title_en="East Paper",
        industry_code="2221", industry_zh="造纸", industry_en="Paper", management="key",
    )  # fmt: skip
    outlet = register_station(
        "DW001", title_zh="总排口", title_en="Outlet", kind="outlet-water", lon=100.06, lat=30.1, enterprise=owner
    )
    apply_standard(outlet, standard="GB 18918-2002", level="1A", valid_from=LONG_AGO)
    channel, memory = define_channel(outlet, factor="w01018", unit="mg/L"), Memory()
    hours = [(NOON + STEP["h"] * number, 30.0 + number % 3) for number in range(100)]
    judge(memory.looks(readings(channel, "h", hours).spans))
    own = [OwnLimit(outlet, "w01018", mean, 25.0, "mg/L") for mean in ("hour", "day")]
    enter_permit(owner, number=f"{code}001P", management="key", days=(LONG_AGO, None), limits=own)
    judge(memory.looks(readings(channel, "h", [(NOON + STEP["h"] * 100, 31.0)]).spans))
    found = Finding.objects.get(detector="exceedance")
    assert (found.limit_high, found.standard) == (25.0, f"{code}001P")


def test_a_handler_told_out_of_turn_trusts_nothing_that_it_remembers(
    watched: None, channel: Any, readings: Readings
) -> None:
    """A value over the limit was stored and judged by another process meanwhile."""
    first, unseen, last = ([(NOON + STEP["m"] * number, value)] for number, value in ((0, 24.0), (1, 80.0), (2, 24.0)))
    judging.judge_readings(readings(channel, "m", first))
    readings(channel, "m", unseen)
    assert not delivery.carries_on()
    with patch.object(judging, "judging") as step:
        judging.judge_readings(readings(channel, "m", last))
    assert "exceedance" in {look.detector for look in step.judge.call_args.args[0]}


def test_a_mark_given_to_a_silence_hides_no_gap(cast: Any, channel: Any, readings: Readings) -> None:
    """It is told of the time up to now, in which nothing came; so it must not be told as if readings had come."""
    set_watch("missing_data", kind="h", valid_from=LONG_AGO)
    values = [(NOON + STEP["h"] * hour, 20.0) for hour in range(-100, 14)]
    with patch.object(judging, "_memory", Memory()), patch.object(delivery, "carries_on", return_value=True):
        judging.judge_readings(readings(channel, "h", values[:101]))
        starts_at, ends_at = NOON + STEP["h"] * 8, NOON + STEP["h"] * 12
        with clock.wound_to(ends_at):
            row = mark_span(
                channel.station.code, cast.enterprise, OFFICE, code="calibration", starts_at=starts_at,
                ends_at=ends_at, reason="校准",
            )  # fmt: skip
        line = next(iter(log.about(f"mark/{row.pk}")))
        sent, marked = readings(channel, "h", values[100:101]), Event.known[line.act].from_detail(line.detail)
        for event in [sent.together([marked])] if sent.joins(marked) else [sent, marked]:
            judging.judge_readings(event)
        judging.judge_readings(readings(channel, "h", values[112:]))
    assert Finding.objects.get().started_at == NOON + STEP["h"]


def test_what_is_missing_again_while_nothing_is_valid_is_one_open_finding(channel: Any, readings: Readings) -> None:
    set_watch("missing_data", kind="h", valid_from=LONG_AGO)
    for hours in ((0, 5), (125, 130)):
        judging.judge_readings(readings(channel, "h", [(NOON + STEP["h"] * hour, 20.0) for hour in hours], "M"))
    assert Finding.objects.filter(state="open").count() == 1
    assert Finding.objects.count() == 2
