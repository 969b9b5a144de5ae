"""Rule sets as files, and what they would have found: the same as live judging finds."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from casefile import LONG_AGO

from qingyuan.judging.api import export_rules, import_rules, judge_readings, rehearse, set_override, set_watch
from qingyuan.judging.queries import Finding, overrides, watches
from qingyuan.kit.errors import BadInput

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
