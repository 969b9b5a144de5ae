"""Which rule holds where: industry, enterprise, outlet; overrides with reason and expiry; by the date of the data."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from casefile import LONG_AGO, NINE, OFFICE
from django.utils import translation

from qingyuan.judging import rules
from qingyuan.judging.api import (
    end_override,
    end_watch,
    export_rules,
    judge_readings,
    judge_span,
    set_override,
    set_watch,
)
from qingyuan.judging.queries import Finding, effective_rules
from qingyuan.judging.rules import fits
from qingyuan.kit import log
from qingyuan.kit.errors import BadInput, Forbidden
from qingyuan.places.queries import Station
from qingyuan.sensing.queries import Channel
from qingyuan.showing.logic.judging.words import days_words

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)
Readings = Callable[..., Any]


def needed(channel: Any, day: date = TODAY) -> int | None:
    """How many hours over the limit make a finding at the channel; None where nobody looks."""
    found = Channel.objects.select_related("station__enterprise").filter(pk=channel.pk)
    (one,) = effective_rules(found, day)
    return one.rule.parameters.get("minimum_periods", 1) if one.rule else None


def watch(**conditions: Any) -> Any:
    return set_watch("exceedance", **{"kind": "h", "valid_from": LONG_AGO, **conditions})


def test_the_nearest_rule_wins_whatever_the_order_in_which_they_were_set(channel: Any, enterprise: Any) -> None:
    station = channel.station
    watch(station=station, parameters={"minimum_periods": 5})
    watch(enterprise=enterprise, parameters={"minimum_periods": 4})
    watch(industry="462", parameters={"minimum_periods": 3})
    watch(industry="46", parameters={"minimum_periods": 2})
    watch()
    watch(industry="22", parameters={"minimum_periods": 9})
    every = effective_rules(Channel.objects.select_related("station__enterprise"), TODAY)
    assert [one.parameters.get("minimum_periods", 1) for one in every[0].fitting] == [1, 2, 3, 4, 5]
    assert needed(channel) == 5
    for row, left in zip(reversed(every[0].fitting), (4, 3, 2, 1), strict=False):
        end_watch(row.pk, TODAY - timedelta(days=1))
        assert needed(channel) == left


def test_a_channel_is_not_held_beside_the_rules_of_other_outlets(
    channel: Any, station: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A district names its meters one by one: a year of all of them must not cost their number squared."""
    others = Station.objects.bulk_create(
        Station(code=f"meter-{number}", kind="power-meter", title_zh="表", title_en="Meter", lon=120.1, lat=30.1,
                cell=station.cell)
        for number in range(300)
    )  # fmt: skip
    for one in others:
        watch(station=one)
    watch(station=channel.station, parameters={"minimum_periods": 5})
    watch()
    asked: list[Any] = []
    monkeypatch.setattr(rules, "fits", lambda rule, one: asked.append(rule) or fits(rule, one))
    assert needed(channel) == 5
    assert len(asked) < 10


def test_a_rule_that_is_not_enabled_says_that_nobody_looks_there(channel: Any, readings: Readings) -> None:
    watch()
    watch(station=channel.station, enabled=False)
    assert needed(channel) is None
    judge_readings(readings(channel, "h", [(NINE, 80.0)]))
    assert not Finding.objects.exists()


def test_an_override_changes_what_it_names_for_its_days_and_stands_on_the_finding(
    channel: Any, readings: Readings, cast: Any
) -> None:
    rule = watch(parameters={"minimum_periods": 1})
    row = set_override(
        "exceedance", parameters={"minimum_periods": 3}, reason="管网改造期间来水波动", user=cast.analyst,
        days=(TODAY, TODAY), station=channel.station, origin=OFFICE,
    )  # fmt: skip
    assert [needed(channel, TODAY + timedelta(days=day)) for day in (-1, 0, 1)] == [1, 3, 1]
    judge_readings(readings(channel, "h", [(NINE + timedelta(hours=hour), 80.0) for hour in range(2)]))
    assert not Finding.objects.exists()
    judge_readings(readings(channel, "h", [(NINE + timedelta(hours=2), 80.0)]))
    found = Finding.objects.get()
    assert (found.parameters["minimum_periods"], found.edition["watch"]) == (3, rule.pk)
    assert found.edition["overrides"] == [row.pk]
    (line,) = log.about(f"override/{row.pk}")
    assert (line.why, line.detail["values"]["last_day"]) == ("管网改造期间来水波动", "2026-11-22")
    judge_readings(readings(channel, "h", [(NINE + timedelta(hours=9), 30.0), (NINE + timedelta(days=1), 80.0)]))
    assert Finding.objects.count() == 2, "the day after it takes one hour again"


def test_the_narrower_override_goes_before_the_wider_one(channel: Any, enterprise: Any) -> None:
    watch()
    days = (TODAY, TODAY)
    set_override("exceedance", parameters={"minimum_periods": 5}, reason="本口", days=days, station=channel.station)
    set_override("exceedance", parameters={"minimum_periods": 2}, reason="全厂", days=days, enterprise=enterprise)
    assert needed(channel) == 5


def test_an_override_that_was_ended_holds_no_more(channel: Any) -> None:
    watch()
    row = set_override(
        "exceedance", parameters={"minimum_periods": 5}, reason="检修", station=channel.station,
        days=(TODAY, TODAY + timedelta(days=30)),
    )  # fmt: skip
    end_override(row.pk, TODAY)
    assert [needed(channel, TODAY + timedelta(days=day)) for day in (0, 1)] == [5, 1]


def test_a_rule_ended_before_it_began_never_holds_and_is_not_given_out(channel: Any) -> None:
    watch()
    later = TODAY + timedelta(days=10)
    row = set_override(
        "exceedance", parameters={"minimum_periods": 5}, reason="检修", station=channel.station, days=(later, later)
    )
    for _time in range(2):
        end_override(row.pk, TODAY)
        end_watch(watch(valid_from=later, station=channel.station, enabled=False).pk, TODAY)
        assert [needed(channel, day) for day in (TODAY, later, later + timedelta(days=99))] == [1, 1, 1]
    row.refresh_from_db()
    with translation.override("en"):
        assert days_words(row) == "Withdrawn"
    given = export_rules()
    assert (len(given["watches"]), given["overrides"]) == (1, [])
    judge_span(NINE - timedelta(days=1), NINE + timedelta(days=20))


def test_ending_what_ended_already_does_not_lengthen_it(channel: Any) -> None:
    watch()
    last = TODAY - timedelta(days=5)
    row = set_override(
        "exceedance", parameters={"minimum_periods": 5}, reason="检修", station=channel.station, days=(last, last)
    )
    end_override(row.pk, TODAY)
    assert [needed(channel, last + timedelta(days=day)) for day in (0, 1, 5)] == [5, 1, 1]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"days": (TODAY, TODAY - timedelta(days=1))}, "last_day"),
        ({"days": (date(1, 1, 1), TODAY)}, "valid_from"),
        ({"days": (TODAY, date.max)}, "last_day"),
        ({"parameters": {"minimum_periods": 900}}, "parameters"),
        ({"parameters": {}}, "parameters"),
        ({"station": None}, "station"),
    ],
)
def test_an_override_without_reason_end_place_or_setting_is_refused(
    channel: Any, cast: Any, changes: dict[str, Any], field: str
) -> None:
    values = {
        "parameters": {"minimum_periods": 2}, "reason": "检修", "days": (TODAY, TODAY), "station": channel.station,
        "user": cast.analyst,
    }  # fmt: skip
    with pytest.raises(BadInput) as refused:
        set_override("exceedance", **{**values, **changes})
    assert refused.value.field == field
    with pytest.raises(Forbidden):
        set_override("exceedance", **{**values, "user": cast.duty_officer})


def test_late_hours_are_judged_by_the_rule_of_their_own_day(channel: Any, readings: Readings) -> None:
    """Yesterday two hours were needed and today one is; an hour of each day comes in one batch."""
    old = watch(parameters={"minimum_periods": 2})
    end_watch(old.pk, TODAY - timedelta(days=1))
    watch(valid_from=TODAY)
    yesterday = NINE - timedelta(days=1)
    judge_readings(readings(channel, "h", [(yesterday, 80.0), (yesterday + timedelta(hours=1), 30.0), (NINE, 80.0)]))
    assert Finding.objects.get().started_at == NINE
