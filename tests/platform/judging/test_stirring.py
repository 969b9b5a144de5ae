"""Judging with a memory of what was calm finds what judging without one finds, however batches come and are joined."""

from collections.abc import Callable, Iterator
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
from qingyuan.kit.events import Event
from qingyuan.places.api import OwnLimit, apply_standard, enter_permit, register_enterprise, register_station
from qingyuan.places.queries import AppliedStandard
from qingyuan.recording.api import mark_span
from qingyuan.recording.events import ReadingsChanged
from qingyuan.sensing.api import define_channel

pytestmark = pytest.mark.django_db
Readings = Callable[..., Any]
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
STEP = {"r": timedelta(seconds=30), "m": timedelta(minutes=1), "h": timedelta(hours=1)}
DETECTORS = {
    "r": ("clock_offset", "exceedance", "impossible_values"),
    "m": ("exceedance", "impossible_values", "missing_data", "step_after_service"),
    "h": ("approaching_limit", "constant_value", "exceedance", "missing_data", "upstream_balance"),
}
COMPARED = ("detector", "state", "started_at", "ended_at", "peak", "times_over", "sentence_zh", "evidence", "severity")

Batch = tuple[list[tuple[int, float]], str]
kinds = st.sampled_from(sorted(STEP))
# how many steps after the one before, and which value: mostly in order and calm; and the mark of a batch
pieces = st.tuples(
    st.sampled_from([1, 1, 1, 1, 1, 1, 2, 5, 120, 0, -1, -3]),
    st.sampled_from([20.0, 24.0, 24.1, 26.0, 46.0, 50.4, 80.0, 80.0, -1.0]),
)
batches = st.tuples(st.lists(pieces, min_size=1, max_size=5), st.sampled_from("NNNNNNCM"))
streams = st.lists(batches, min_size=1, max_size=8)
joinings = st.lists(st.integers(1, 4), min_size=1, max_size=12)


@pytest.fixture(autouse=True)
def that_noon() -> Iterator[None]:
    with clock.wound_to(NOON + timedelta(days=1)):
        yield


@pytest.fixture
def watched(db: None) -> None:
    for kind, detectors in DETECTORS.items():
        for detector in detectors:
            set_watch(detector, kind=kind, valid_from=LONG_AGO)


def stored(channel: Any, readings: Readings, kind: str, stream: list[Batch]) -> Iterator[Any]:
    """The batches of a stream, each stored when it is asked for."""
    at = NOON
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
