"""Rule sets as files, and what they would have found: the same as live judging finds."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from casefile import LONG_AGO

from qingyuan.judging.api import export_rules, import_rules, judge_readings, rehearse, set_override, set_watch
from qingyuan.judging.queries import Finding, overrides, watches
from qingyuan.kit.errors import BadInput
from qingyuan.sensing.queries import Channel

pytestmark = pytest.mark.django_db
Readings = Callable[..., Any]
START = datetime(2026, 7, 31, 16, tzinfo=UTC)  # midnight in Shanghai
HOUR = timedelta(hours=1)
PAST, DAYS = 40, 12


def hourly() -> list[tuple[datetime, float]]:
    """Hours with three stretches over the limit, one of them over midnight, and two days that stand still."""
    random = np.random.default_rng(7)
    value = np.round(30 + random.normal(0, 3, 24 * (PAST + DAYS)), 1)
    for day, hour, long in ((2, 20, 9), (6, 5, 1), (9, 12, 4)):
        at = 24 * (PAST + day) + hour
        value[at : at + long] = 60.0 + np.arange(long)
    value[24 * (PAST + 7) : 24 * (PAST + 9)] = 31.7
    return [(START + HOUR * (number - 24 * PAST), float(one)) for number, one in enumerate(value)]


@pytest.fixture
def ruled(channel: Any) -> None:
    """Two detectors; from the third day on three hours over the limit are needed for five days."""
    for detector in ("exceedance", "constant_value"):
        set_watch(detector, kind="h", valid_from=LONG_AGO, station_kind="outlet-water")
    set_override(
        "exceedance", parameters={"minimum_periods": 3}, reason="管网改造", station=channel.station,
        days=(date(2026, 8, 4), date(2026, 8, 8)),
    )  # fmt: skip


def test_a_rehearsal_finds_what_live_judging_finds(ruled: None, channel: Any, readings: Readings) -> None:
    values = hourly()
    readings(channel, "h", values[: 24 * PAST])
    for begin in range(24 * PAST, len(values), 12):
        judge_readings(readings(channel, "h", values[begin : begin + 12]))
    live = set(Finding.objects.values_list("detector", "started_at", "ended_at", "peak", "severity", "sentence_zh"))
    before = Finding.objects.count()
    found = rehearse(json.loads(json.dumps(export_rules())), (START, START + HOUR * 24 * DAYS))
    told = {
        (look.detector, one.start, one.end, one.worst.peak, int(one.worst.severity), one.runs[-1].sentence.zh)
        for look, one in found
    }
    assert told == live
    assert {row[0] for row in live} == {"exceedance", "constant_value"}
    assert len(live) == 3, "the single hour within the override is none"
    assert Finding.objects.count() == before


LEARNING = {"water_event", "unlike_process", "damped_signal", "repeated_days"}
LEARNED, JUDGED = 120, 44  # days; a block of thirty ends among the judged ones


def outlet_course() -> dict[str, Any]:
    """COD, ammonia, phosphorus and flow by the hour that go together, with holes; in two blocks they do not."""
    random = np.random.default_rng(11)
    size, course = 24 * (LEARNED + JUDGED), np.zeros(24 * (LEARNED + JUDGED))
    for hour in range(1, size):
        course[hour] = 0.95 * course[hour - 1] + 0.3 * random.normal()
    levels = {"w01018": (24.0, 1), "w21003": (0.9, 3), "w21011": (0.21, 3), "w00000": (86.0, 2)}
    made = {
        code: np.round(level * np.exp(0.2 * course + 0.05 * random.normal(size=size)), decimals)
        for code, (level, decimals) in levels.items()
    }
    for block in (24 * (LEARNED + 4), 24 * (LEARNED + 34)):
        made["w01018"][block : block + 48] = np.round(0.5 * made["w01018"][block : block + 48], 1)
        made["w21003"][block + 72 : block + 96] = np.linspace(0.8, 1.1, 24).round(3)
        made["w21011"][block + 120 : block + 144] = made["w21011"][block - 480 : block - 456]
        for code in ("w21003", "w21011"):
            made[code][block + 174 : block + 180] *= 3.0
    kept = random.random((size, len(made))) > 0.04
    hours = [START + HOUR * (number - 24 * LEARNED) for number in range(size)]
    return {
        code: [(at, float(one)) for at, one, there in zip(hours, value, kept[:, number], strict=True) if there]
        for number, (code, value) in enumerate(made.items())
    }


def test_what_detectors_learn_of_a_whole_station_is_the_same_live_and_rehearsed(
    station: Any, readings: Readings
) -> None:
    for detector in LEARNING:
        set_watch(detector, kind="h", valid_from=LONG_AGO, station_kind="outlet-water")
    course = outlet_course()
    channels = {code: Channel.objects.create(station=station, factor=code, unit="mg/L") for code in course}
    for code, values in course.items():
        readings(channels[code], "h", [one for one in values if one[0] < START])
    for day in range(JUDGED):
        begin = START + HOUR * 24 * day
        parts = {
            code: [one for one in values if begin <= one[0] < begin + HOUR * 24] for code, values in course.items()
        }
        appended = [readings(channels[code], "h", part) for code, part in parts.items()]
        judge_readings(replace(appended[-1], spans=[span for one in appended for span in one.spans]))
    columns = "channel", "detector", "started_at", "ended_at", "peak", "times_over", "severity", "sentence_zh"
    live = set(Finding.objects.values_list(*columns))
    assert {row[1] for row in live} == LEARNING
    assert min(row[2] for row in live) + HOUR * 24 * 30 < max(row[2] for row in live), "in two blocks"
    found = rehearse(json.loads(json.dumps(export_rules())), (START, START + HOUR * 24 * JUDGED))
    assert live == {
        (
            look.channel.pk, look.detector, one.start, one.end, one.worst.peak, one.worst.times_over,
            int(one.worst.severity), one.runs[-1].sentence.zh,
        )
        for look, one in found
    }  # fmt: skip


def test_what_was_exported_can_be_imported_again_and_changes_nothing(ruled: None, channel: Any) -> None:
    given = json.loads(json.dumps(export_rules()))
    assert import_rules(given) == 0
    watches().delete()
    overrides().delete()
    assert import_rules(given) == 3
    assert export_rules() == given


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "other"}, "qingyuan-rules"),
        ({"watches": [{"detector": "exceedance", "kind": "h", "station": "nowhere-1"}]}, "nowhere-1"),
        ({"watches": [{"detector": "exceedence", "kind": "h"}]}, "watches 1"),
        ({"watches": [{"detector": "exceedance", "kind": "h", "colour": "red"}]}, "station_kind"),
        ({"overrides": [{"detector": "exceedance", "parameters": {"minimum_periods": 3}}]}, "reason"),
        ({"watches": 5}, "watches"),
        ({"watches": None}, "watches"),
        ({"watches": [1]}, "station_kind"),
        ({"watches": [{"detector": [], "kind": "h"}]}, "detector"),
        ({"watches": [{"detector": "exceedance", "kind": "h", "parameters": None}]}, "parameters"),
        ({"watches": [{"detector": "exceedance", "kind": "h", "enabled": "false"}]}, "false"),
        ({"watches": [{"detector": "exceedance", "kind": "h", "station": {}}]}, "station"),
        ({"watches": [{"detector": "exceedance", "kind": "h", "station": "\0"}]}, "station"),
        ({"watches": [{"detector": "exceedance", "kind": "h", "factor": "\ud800"}]}, "factor"),
        ({"watches": [{"detector": "exceedance", "kind": "h", "industry": "4" * 50}]}, "industry"),
        ({"watches": [{"detector": "exceedance", "kind": "h", "station_kind": "outlet_water"}]}, "outlet_water"),
        ({"watches": [{"detector": "exceedance", "kind": "h", "valid_from": 5}]}, "valid_from"),
        ({"watches": [{"detector": "exceedance", "kind": "h", "last_day": "9999-12-31"}]}, "watches 1"),
    ],
)
def test_a_file_that_is_no_rule_set_here_is_refused_whole(db: None, change: dict[str, Any], said: str) -> None:
    good = {"detector": "exceedance", "kind": "h", "valid_from": "2026-01-01"}
    given = {"format": "qingyuan-rules", "version": 1, "watches": [good], "overrides": []}
    with pytest.raises(BadInput, match=said):
        import_rules({**given, **change})
    assert not watches().exists()
