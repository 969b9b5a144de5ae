"""Permits, orders, plans, warnings, meters, reaches and complaints: each detector finds what they forbid, from rows."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from casefile import LONG_AGO, OFFICE
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from qingyuan.judging.api import (
    dismiss,
    judge_again,
    judge_clue,
    judge_readings,
    judge_span,
    report_clue,
    rerun,
    set_watch,
    try_out,
)
from qingyuan.judging.events import FindingOpened
from qingyuan.judging.logic.judging import judge
from qingyuan.judging.logic.passes import passes
from qingyuan.judging.logic.seeing import context
from qingyuan.judging.logic.stirring.memory import Memory
from qingyuan.judging.logic.surroundings import fetch
from qingyuan.judging.logic.watching import over
from qingyuan.judging.queries import Finding, limits_for_channel, limits_of_days
from qingyuan.judging.rules import Rulebook
from qingyuan.kit import clock, log
from qingyuan.kit.events import Event
from qingyuan.loop import LOOP
from qingyuan.places.api import (
    OwnLimit,
    OwnTotal,
    Pledge,
    assign_meter,
    declare_warning,
    end_paper,
    enter_order,
    enter_permit,
    enter_plan,
    enter_reach,
    register_enterprise,
    register_station,
    withdraw_paper,
)
from qingyuan.recording.api import mark_span
from qingyuan.sensing.queries import Channel

pytestmark = pytest.mark.django_db
Readings = Callable[..., Any]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MIDNIGHT = datetime(2026, 11, 19, 16, tzinfo=UTC)  # in Shanghai, of 20 November
CODE = "91110000802100433B"  # HJ 608-2017, annex A
_DAY = (MIDNIGHT, MIDNIGHT + DAY)
PAST = 45  # days; more than half of what the detectors by days learn from before the block of thirty
_HOURS = range(-24 * PAST, 24)


@pytest.fixture(autouse=True)
def later() -> Any:
    """Everything is looked at two days later."""
    with clock.wound_to(MIDNIGHT + 2 * DAY):
        yield


@pytest.fixture
def mill(cast: SimpleNamespace) -> SimpleNamespace:
    """A paper mill of East Town: an outlet with COD and flow, a stack, two meters."""
    owner = register_enterprise(
        CODE, lon=100.06, lat=30.1, organisation=cast.enterprise.organisation,
        title_zh="东山纸业", title_en="East Paper", industry_code="2221",
        industry_zh="造纸", industry_en="Paper making", management="key",
    )  # fmt: skip

    def stand(code: str, kind: str, **factors: str) -> list[Any]:
        at = register_station(code, title_zh=code, title_en=code, kind=kind, lon=100.06, lat=30.1, enterprise=owner)
        return [at, *(Channel.objects.create(station=at, factor=name, unit=unit) for name, unit in factors.items())]

    outlet, cod, flow = stand("DW001", "outlet-water", w01018="mg/L", w00000="L/s")
    pulper, pulper_power = stand("meter-1", "power-meter", activepower="kW")
    fan, fan_power = stand("meter-2", "power-meter", activepower="kW")
    return SimpleNamespace(
        owner=owner, outlet=outlet, cod=cod, flow=flow, pulper=pulper, fan=fan, power=pulper_power, fan_power=fan_power
    )


def hours(value: Callable[[int], float], first: int = -24 * PAST, last: int = 24) -> list[tuple[datetime, float]]:
    """Hour means around `MIDNIGHT`, by the number of the hour since."""
    return [(MIDNIGHT + hour * HOUR, value(hour)) for hour in range(first, last)]


def ways(readings: Readings, values: dict[Any, list[tuple[datetime, float]]], since: datetime) -> Iterable[Any]:
    """What is found live, batch by batch of six hours, and then in one go of what is stored."""
    for channel, rows in values.items():
        readings(channel, "h", [row for row in rows if row[0] < since])
    for number in range(8):
        begin = since + 6 * number * HOUR
        for channel, rows in values.items():
            batch = [row for row in rows if begin <= row[0] < begin + 6 * HOUR]
            if batch:
                judge_readings(readings(channel, "h", batch))
    yield _found()
    Finding.objects.all().delete()
    judge_span(since, since + 2 * DAY)
    yield _found()


def _found() -> list[tuple[Any, ...]]:
    names = ("detector", "channel__factor", "started_at", "ended_at", "sentence_zh", "sentence_en")
    return sorted(Finding.objects.values_list(*names))


def hear(subject: str) -> None:
    """Let the loop's handlers of judging take up the last fact about something."""
    line = list(log.about(subject))[-1]
    event = Event.known[line.act].from_detail(line.detail)
    assert judge_again in LOOP[type(event)]
    judge_again(event)


# stop orders


def stop(mill: SimpleNamespace, **more: Any) -> Any:
    values = {
        "kind": "stop-discharge",
        "number": "责停〔2026〕3号",
        "issued_by": "局",
        "span": (MIDNIGHT, None),
        **more,
    }
    return enter_order(mill.owner, **values)


def flowing(hour: int) -> float:
    """Ten litres a second by day, none by night, order or not."""
    return 10.0 + hour % 3 if hour % 24 >= 6 else 0.0


def test_flow_during_an_ordered_stop_is_found(mill: SimpleNamespace, readings: Readings) -> None:
    set_watch("ordered_stop", kind="h", valid_from=LONG_AGO, factor="w00000")
    stop(mill, station=mill.outlet)
    live, batch = ways(readings, {mill.flow: hours(flowing)}, MIDNIGHT)
    assert live == batch
    ((detector, factor, started, _ended, zh, en),) = live
    assert (detector, factor, started) == ("ordered_stop", "w00000", MIDNIGHT + 6 * HOUR)
    assert "责停〔2026〕3号执行期间仍有排放" in zh
    assert "discharge goes on during order 责停〔2026〕3号" in en


def hour_by_hour(
    readings: Readings, values: dict[Any, list[tuple[datetime, float]]]
) -> Iterator[list[tuple[Any, ...]]]:
    """What is on file after each hour of the day, judged with a memory as the worker does."""
    for channel, rows in values.items():
        readings(channel, "h", [row for row in rows if row[0] < MIDNIGHT])
    memory = Memory()
    for hour in range(24):
        for channel, rows in values.items():
            row = next(one for one in rows if one[0] == MIDNIGHT + hour * HOUR)
            judge(memory.looks(readings(channel, "h", [row]).spans))
        yield _found()


def test_flow_during_an_ordered_stop_is_told_when_its_second_hour_is_there(
    mill: SimpleNamespace, readings: Readings
) -> None:
    """Nobody waits for midnight; what is on file in the end is what judging the day in one go finds."""
    set_watch("ordered_stop", kind="h", valid_from=LONG_AGO, factor="w00000")
    stop(mill, station=mill.outlet)
    hourly = list(hour_by_hour(readings, {mill.flow: hours(flowing)}))
    assert [len(one) for one in hourly] == [0] * 7 + [1] * 17
    assert hourly[7][0][2:4] == (MIDNIGHT + 6 * HOUR, MIDNIGHT + 8 * HOUR)
    Finding.objects.all().delete()
    judge_span(MIDNIGHT, MIDNIGHT + DAY)
    assert _found() == hourly[-1]


def test_an_order_served_at_noon_is_held_against_the_afternoon_as_it_passes(
    mill: SimpleNamespace, readings: Readings
) -> None:
    set_watch("ordered_stop", kind="h", valid_from=LONG_AGO, factor="w00000")
    served = []
    with transaction.atomic():
        hourly = hour_by_hour(readings, {mill.flow: hours(flowing)})
        for hour, found in enumerate(hourly):
            if hour == 11:
                served.append(stop(mill, span=(MIDNIGHT + 12 * HOUR, None)))
            assert bool(found) == (hour >= 13), hour
    assert served


def test_treatment_that_is_off_is_told_within_the_hour(mill: SimpleNamespace, readings: Readings) -> None:
    """Half an hour of lag is let pass; of hour means, one that is off is enough."""
    set_watch("treatment_off", kind="h", valid_from=LONG_AGO, factor="w01018")
    for station, use in ((mill.pulper, "production"), (mill.fan, "treatment")):
        assign_meter(station, use=use, title_zh=use, title_en=use, days=(LONG_AGO, None))
    made = hours(powered)
    values = {
        mill.power: made,
        mill.fan_power: [(at, 1.0 if at >= MIDNIGHT + 9 * HOUR else 0.1 * value) for at, value in made],
        mill.cod: hours(lambda hour: 40.0 + hour % 3),
    }
    hourly = list(hour_by_hour(readings, values))
    assert [len(one) for one in hourly] == [0] * 9 + [1] * 15
    Finding.objects.all().delete()
    judge_span(MIDNIGHT, MIDNIGHT + DAY)
    assert _found() == hourly[-1]


@pytest.mark.parametrize("change", [{}, {"kind": "cut-production", "cut": 0.5}, {"span": (MIDNIGHT + DAY, None)}])
def test_without_an_order_to_stop_on_that_day_the_same_flow_is_in_order(
    mill: SimpleNamespace, readings: Readings, change: dict[str, Any]
) -> None:
    set_watch("ordered_stop", kind="h", valid_from=LONG_AGO, factor="w00000")
    if change:
        stop(mill, **change)
    assert list(ways(readings, {mill.flow: hours(flowing)}, MIDNIGHT)) == [[], []]


def test_an_order_written_down_late_is_judged_and_one_withdrawn_is_not_held_against_the_past(
    mill: SimpleNamespace, readings: Readings
) -> None:
    set_watch("ordered_stop", kind="h", valid_from=LONG_AGO, factor="w00000")
    readings(mill.flow, "h", hours(flowing, last=30))
    judge_span(MIDNIGHT, MIDNIGHT + DAY)
    assert not Finding.objects.exists()
    order = stop(mill)
    hear(f"enterprise/{mill.owner.pk}")
    found = Finding.objects.get()
    assert len(rerun(found.pk)) == 1
    with clock.wound_to(MIDNIGHT + 3 * DAY):
        withdraw_paper(order, why="录错企业", origin=OFFICE)
        hear(f"enterprise/{mill.owner.pk}")
        assert len(rerun(found.pk)) == 1, "as known then"
        trial = try_out("ordered_stop", {}, kind="h", channels=[mill.flow], span=_DAY)
    assert trial.found == ()


def test_an_order_written_down_late_says_nothing_of_what_other_detectors_found(
    watch: Any, station: Any, channel: Any, readings: Readings
) -> None:
    """A permit counts for what is judged from then on; an order of the same time does not bring it in."""
    owner = station.enterprise
    type(owner).objects.filter(pk=owner.pk).update(code=CODE)
    owner.refresh_from_db()
    judge_readings(readings(channel, "h", [(MIDNIGHT + hour * HOUR, 60.0) for hour in range(4)]))
    before = Finding.objects.values("state", "standard", "ended_at", "edition").get()
    assert before["standard"] == "GB 18918-2002"
    limits = [OwnLimit(station, "w01018", mean, 70.0, "mg/L") for mean in ("hour", "day")]
    enter_permit(owner, number=f"{CODE}001P", management="key", days=(LONG_AGO, None), limits=limits)
    enter_order(owner, kind="stop-discharge", number="责停 1", issued_by="局", span=(MIDNIGHT, None))
    hear(f"enterprise/{owner.pk}")
    assert Finding.objects.values("state", "standard", "ended_at", "edition").get() == before


@pytest.mark.mission("S2-14")
def test_an_order_without_end_holds_for_months(mill: SimpleNamespace, readings: Readings) -> None:
    """What was usual is what flowed before the order, not what a detector reads of the weeks before today."""
    set_watch("ordered_stop", kind="h", valid_from=LONG_AGO, factor="w00000")
    begins = MIDNIGHT - 100 * DAY
    stop(mill, span=(begins, None))
    rows = hours(lambda hour: flowing(hour) if hour < -2400 or hour >= 0 else 0.0, first=-24 * 130)
    live, batch = ways(readings, {mill.flow: rows}, MIDNIGHT)
    assert live == batch
    ((detector, _factor, started, _ended, _zh, _en),) = live
    assert (detector, started) == ("ordered_stop", MIDNIGHT + 6 * HOUR)


# emergency cuts


def powered(hour: int) -> float:
    """500 kW by day and 50 by night, also under a warning."""
    return (500.0 if hour % 24 >= 6 else 50.0) + hour % 3


@pytest.fixture
def warned(mill: SimpleNamespace, grid: SimpleNamespace) -> SimpleNamespace:
    """An orange warning over the district for a day, a plan to stop at orange, meters with their uses."""
    set_watch("emergency_cut", kind="h", valid_from=LONG_AGO, station_kind="power-meter", factor="activepower")
    days = (LONG_AGO, None)
    assign_meter(mill.pulper, use="production", title_zh="碎浆机", title_en="pulper", days=days)
    assign_meter(mill.fan, use="treatment", title_zh="风机", title_en="fan", days=days)
    span = (MIDNIGHT, MIDNIGHT + DAY)
    mill.warning = declare_warning(grid.district, level="orange", number="橙色预警1号", span=span)
    return mill


def test_power_beyond_the_pledge_of_a_plan_is_found(warned: SimpleNamespace, readings: Readings) -> None:
    enter_plan(warned.owner, days=(LONG_AGO, None), pledges=[Pledge("orange", 1.0), Pledge("red", 1.0)])
    live, batch = ways(readings, {warned.power: hours(powered)}, MIDNIGHT)
    assert live == batch
    ((detector, _factor, started, ended, zh, en),) = live
    assert (detector, started, ended) == ("emergency_cut", MIDNIGHT + 6 * HOUR, MIDNIGHT + DAY)
    assert "橙色预警期间碎浆机用电超出减排承诺" in zh
    assert "pulper draws more power than pledged during the orange warning" in en


@pytest.mark.parametrize(
    "plan",
    [
        None,
        {"pledges": [Pledge("red", 1.0)]},
        {"exempt": True, "grounds": "民生供热"},
        {"pledges": [Pledge("orange", 1.0)], "days": (date(2026, 11, 21), None)},
    ],
)
def test_without_a_pledge_for_the_level_on_that_day_nothing_is_held_against_the_power(
    warned: SimpleNamespace, readings: Readings, plan: dict[str, Any] | None
) -> None:
    if plan:
        enter_plan(warned.owner, **{"days": (LONG_AGO, None), **plan})
    assert list(ways(readings, {warned.power: hours(powered)}, MIDNIGHT)) == [[], []]


def test_a_warning_elsewhere_binds_nobody_here(
    warned: SimpleNamespace, grid: SimpleNamespace, readings: Readings
) -> None:
    enter_plan(warned.owner, days=(LONG_AGO, None), pledges=[Pledge("orange", 1.0)])
    withdraw_paper(warned.warning, why="范围有误", origin=OFFICE)
    declare_warning(grid.other_town, level="orange", number="2", span=(MIDNIGHT, MIDNIGHT + DAY))
    assert list(ways(readings, {warned.power: hours(powered)}, MIDNIGHT)) == [[], []]


def test_a_meter_of_treatment_is_no_production(warned: SimpleNamespace, readings: Readings) -> None:
    enter_plan(warned.owner, days=(LONG_AGO, None), pledges=[Pledge("orange", 1.0)])
    end_paper(warned.warning, MIDNIGHT + 12 * HOUR, why="提前解除", origin=OFFICE)
    quiet = hours(lambda hour: powered(hour) if hour < 0 or hour >= 12 else 50.0)
    found, _again = ways(readings, {warned.fan_power: hours(powered), warned.power: quiet}, MIDNIGHT)
    assert found == []


def test_the_codes_of_the_protocol_tell_of_a_meter_of_which_nothing_was_written_down(
    warned: SimpleNamespace, readings: Readings
) -> None:
    enter_plan(warned.owner, days=(LONG_AGO, None), pledges=[Pledge("orange", 1.0)])
    at = register_station(
        "meter-3", title_zh="三号", title_en="No. 3", kind="power-meter", lon=100.06, lat=30.1, enterprise=warned.owner
    )
    coded = Channel.objects.create(station=at, factor="d20405", unit="kW")
    set_watch("emergency_cut", kind="h", valid_from=LONG_AGO, factor="d20405")
    found, _again = ways(readings, {coded: hours(powered)}, MIDNIGHT)
    assert [one[1] for one in found] == ["d20405"]


# orders to cut


@pytest.fixture
def metered(mill: SimpleNamespace) -> SimpleNamespace:
    """A production meter that is watched for orders."""
    set_watch("ordered_cut", kind="h", valid_from=LONG_AGO, station_kind="power-meter", factor="activepower")
    assign_meter(mill.pulper, use="production", title_zh="碎浆机", title_en="pulper", days=(LONG_AGO, None))
    return mill


def cut(mill: SimpleNamespace, share: float = 0.5, **more: Any) -> Any:
    return stop(mill, **{"kind": "cut-production", "cut": share, "span": _DAY, "number": "限产〔2026〕1号", **more})


def test_power_beyond_an_order_to_cut_is_found_and_half_the_power_is_not(
    metered: SimpleNamespace, readings: Readings
) -> None:
    cut(metered)
    live, batch = ways(readings, {metered.power: hours(powered)}, MIDNIGHT)
    assert live == batch
    ((detector, _factor, started, ended, zh, en),) = live
    assert (detector, started, ended) == ("ordered_cut", MIDNIGHT + 6 * HOUR, MIDNIGHT + DAY)
    assert "限产〔2026〕1号期间碎浆机用电超出限产要求（要求减 50%" in zh
    assert "pulper draws more power than allowed during the order 限产〔2026〕1号 (ordered: 50% less" in en


def test_who_produces_half_carries_an_order_to_cut_by_half_out(metered: SimpleNamespace, readings: Readings) -> None:
    cut(metered)
    half = hours(lambda hour: powered(hour) if hour < 0 else 50.0 + 0.5 * (powered(hour) - 50.0))
    assert list(ways(readings, {metered.power: half}, MIDNIGHT)) == [[], []]


def test_an_order_to_stop_production_is_a_cut_of_all_and_one_to_stop_discharge_is_none(
    metered: SimpleNamespace, readings: Readings
) -> None:
    order = stop(metered, kind="stop-discharge", span=_DAY)
    found, _again = ways(readings, {metered.power: hours(powered)}, MIDNIGHT)
    assert found == []
    with clock.wound_to(MIDNIGHT + 3 * DAY):
        withdraw_paper(order, why="改为停产", origin=OFFICE)
        stop(metered, kind="stop-production", span=_DAY, number="停产1")
        hear(f"enterprise/{metered.owner.pk}")
    assert [one.detector for one in Finding.objects.all()] == ["ordered_cut"]


def test_an_order_to_cut_holds_for_months(metered: SimpleNamespace, readings: Readings) -> None:
    """What was usual is what was drawn before the order, not what a detector reads of the weeks before today."""
    cut(metered, span=(MIDNIGHT - 100 * DAY, None))

    def half(hour: int) -> float:
        return powered(hour) if hour < -2400 or hour >= 0 else 50.0

    live, batch = ways(readings, {metered.power: hours(half, first=-24 * 130)}, MIDNIGHT)
    assert live == batch
    assert [(one[0], one[2]) for one in live] == [("ordered_cut", MIDNIGHT + 6 * HOUR)]


# permits


def permit(mill: SimpleNamespace, **more: Any) -> Any:
    return enter_permit(mill.owner, **{"number": f"{CODE}001P", "management": "key", "days": (LONG_AGO, None), **more})


def days(first: date, count: int, value: float) -> list[tuple[datetime, float]]:
    begin = datetime(first.year, first.month, first.day, tzinfo=clock.SHANGHAI)
    return [(begin + number * DAY, value) for number in range(count)]


def test_the_total_of_the_year_is_held_against_the_permit(mill: SimpleNamespace, readings: Readings) -> None:
    """50 mg/L at 10 L/s are 43.2 kg a day; 13,500 kg are passed on the 313th day, 9 November."""
    set_watch("annual_total", kind="d", valid_from=LONG_AGO, station_kind="outlet-water", factor="w01018")
    permit(mill, totals=[OwnTotal("w01018", 13_500.0), OwnTotal("w01018", 99_000.0, mill.outlet)])
    year = date(2026, 1, 1)
    readings(mill.flow, "d", days(year, 323, 10.0))
    readings(mill.cod, "d", days(year, 300, 50.0))
    for row in days(year, 323, 50.0)[300:]:
        judge_readings(readings(mill.cod, "d", [row]))
    live = Finding.objects.get()
    assert live.started_at == datetime(2026, 11, 8, 16, tzinfo=UTC)
    assert live.signs[0]["value"] == pytest.approx(323 * 43.2)
    assert live.signs[0]["high"] == 13_500.0
    assert (live.signs[1]["value"], live.signs[1]["unit"]) == (100.0, "%")
    sentence = live.sentence_zh
    Finding.objects.all().delete()
    judge_span(MIDNIGHT - 2 * DAY, MIDNIGHT)
    assert Finding.objects.get().started_at == live.started_at
    assert Finding.objects.get().sentence_zh == sentence


def test_without_a_total_or_in_a_year_of_another_edition_nothing_is_said(
    mill: SimpleNamespace, readings: Readings
) -> None:
    set_watch("annual_total", kind="d", valid_from=LONG_AGO, factor="w01018")
    end_paper(permit(mill, totals=[OwnTotal("w01018", 10.0)]), date(2025, 12, 31), why="到期", origin=OFFICE)
    readings(mill.flow, "d", days(date(2026, 10, 1), 50, 10.0))
    readings(mill.cod, "d", days(date(2026, 10, 1), 50, 50.0))
    judge_span(MIDNIGHT - 30 * DAY, MIDNIGHT)
    assert not Finding.objects.exists()


def test_the_old_year_keeps_its_total_when_the_new_one_has_another(mill: SimpleNamespace, readings: Readings) -> None:
    """43.2 kg a day from 1 November on: 1,000 kg are passed on the 24th; the new year allows 99 t."""
    set_watch("annual_total", kind="d", valid_from=LONG_AGO, station_kind="outlet-water", factor="w01018")
    first = permit(mill, totals=[OwnTotal("w01018", 1_000.0)])
    new_year = (date(2027, 1, 1), None)
    with clock.wound_to(MIDNIGHT + 49 * DAY):
        permit(mill, days=new_year, totals=[OwnTotal("w01018", 99_000.0)], replaces=first, why="换发", origin=OFFICE)
        for channel, value in ((mill.flow, 10.0), (mill.cod, 50.0)):
            readings(channel, "d", days(date(2026, 11, 1), 67, value))
        judge_span(MIDNIGHT - 20 * DAY, MIDNIGHT + 48 * DAY)
    found = Finding.objects.get()
    assert (found.started_at, found.state) == (MIDNIGHT + 4 * DAY, "cleared")
    assert found.ended_at == datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert found.signs[0]["high"] == 1_000.0
    assert found.signs[1]["value"] == pytest.approx(100 * 61 / 365)


def test_a_stack_is_charged_what_it_measures_and_not_what_is_converted(
    mill: SimpleNamespace, readings: Readings
) -> None:
    """40 mg/m³ measured at 10 m³/s are 34.56 kg a day, whatever oxygen makes of it."""
    stack = register_station(
        "DA001", title_zh="一号", title_en="One", kind="outlet-gas", lon=100.06, lat=30.1, enterprise=mill.owner
    )
    measured = Channel.objects.create(station=stack, factor="a21026", basis="measured", unit="mg/m3")
    converted = Channel.objects.create(station=stack, factor="a21026", basis="converted", unit="mg/m3")
    flow = Channel.objects.create(station=stack, factor="a00000", basis="measured", unit="m3/s")
    set_watch("annual_total", kind="d", valid_from=LONG_AGO, station_kind="outlet-gas")
    permit(mill, totals=[OwnTotal("a21026", 300.0, stack)])
    for channel, value in ((measured, 40.0), (converted, 60.0), (flow, 10.0)):
        readings(channel, "d", days(date(2026, 11, 1), 19, value))
    judge_span(MIDNIGHT - 5 * DAY, MIDNIGHT)
    found = Finding.objects.get(channel=converted)
    assert found.signs[0]["value"] == pytest.approx(19 * 34.56)


def test_a_permits_own_limit_goes_before_the_standards_from_its_day_on(
    watch: Any, station: Any, channel: Any, readings: Readings
) -> None:
    """GB 18918 says 50 for the day at this outlet; the permit 40 for the hour and 80 for the day, from the 21st on."""
    owner = station.enterprise
    type(owner).objects.filter(pk=owner.pk).update(code=CODE)
    owner.refresh_from_db()
    limits = [
        OwnLimit(station, "w01018", "hour", 40.0, "mg/L"),
        OwnLimit(station, "w01018", "day", 80.0, "mg/L"),
        OwnLimit(station, "w01018", "day", 20.0, "mg/L", basis="converted"),
    ]
    enter_permit(
        owner, number=f"{CODE}001P", management="key", days=(date(2026, 11, 21), date(2026, 11, 21)), limits=limits
    )
    by_day = {day: limits_for_channel(channel, "d", date(2026, 11, day)) for day in (20, 21, 22)}
    assert {day: [(one.standard, one.high) for one in several] for day, several in by_day.items()} == {
        20: [("GB 18918-2002", 50.0)], 21: [(f"{CODE}001P", 80.0)], 22: [("GB 18918-2002", 50.0)],
    }  # fmt: skip
    of_days = limits_of_days([channel], date(2026, 11, 20), date(2026, 11, 22))[channel.pk]
    held = {day: [one.high for one in of_days if one.in_force(date(2026, 11, day))] for day in (20, 21, 22)}
    assert held == {20: [50.0], 21: [80.0], 22: [50.0]}
    judge_readings(readings(channel, "h", [(MIDNIGHT + DAY + 3 * HOUR, 45.0)]))
    found = Finding.objects.get()
    assert (found.standard, found.limit_high, found.limit_title_zh) == (f"{CODE}001P", 40.0, "排污许可证许可限值")
    assert "超排污许可证许可限值 40 mg/L" in found.sentence_zh.replace("超过", "超")
    assert "discharge permit, permitted concentration" in found.clause_en
    assert not limits_for_channel(channel, "h", date(2026, 11, 20))[0].standard.startswith(CODE)


def test_a_finding_is_looked_at_again_by_the_permit_as_known_then(
    watch: Any, station: Any, channel: Any, readings: Readings
) -> None:
    owner = station.enterprise
    type(owner).objects.filter(pk=owner.pk).update(code=CODE)
    owner.refresh_from_db()
    judge_readings(readings(channel, "h", [(MIDNIGHT, 60.0)]))
    found = Finding.objects.get()
    assert found.standard == "GB 18918-2002"
    with clock.wound_to(MIDNIGHT + 3 * DAY):
        limits = [OwnLimit(station, "w01018", mean, 70.0, "mg/L") for mean in ("hour", "day")]
        enter_permit(owner, number=f"{CODE}001P", management="key", days=(LONG_AGO, None), limits=limits)
        (again,) = rerun(found.pk)
        assert again.limit is not None
        assert again.limit.standard == "GB 18918-2002"
        assert try_out("exceedance", {}, kind="h", channels=[channel], span=(MIDNIGHT, MIDNIGHT + HOUR)).found == ()


# work on the instruments


def test_work_on_one_probe_explains_what_the_others_at_the_outlet_show(
    mill: SimpleNamespace, cast: SimpleNamespace, readings: Readings
) -> None:
    """From six to nine the acidity probe is cleaned; conductivity and turbidity jump together, and a mark says why."""
    set_watch("water_event", kind="h", valid_from=LONG_AGO, station_kind="outlet-water")
    scatter = np.random.default_rng(3).normal(0.0, 1.0, (3, 24 * (PAST + 1)))
    signals = []
    for row, (factor, unit, usual, step) in enumerate(
        (("w01001", "1", 7.9, 0.0), ("w01014", "µS/cm", 400.0, 90.0), ("w01003", "NTU", 20.0, 15.0))
    ):
        channel = Channel.objects.create(station=mill.outlet, factor=factor, unit=unit)
        noise = 0.01 * usual * scatter[row]
        values = [usual + float(noise[hour + 24 * PAST]) + (step if 6 <= hour < 9 else 0.0) for hour in _HOURS]
        readings(channel, "h", hours(lambda hour, values=values: values[hour + 24 * PAST]))
        signals.append(channel)
    judge_span(MIDNIGHT, MIDNIGHT + DAY)
    assert {one.detector for one in Finding.objects.all()} == {"water_event"}
    Finding.objects.all().delete()
    mark_span(
        "DW001", cast.enterprise, OFFICE, code="maintenance", reason="清洗探头", channel_ids=[signals[0].pk],
        starts_at=MIDNIGHT + 5 * HOUR, ends_at=MIDNIGHT + 10 * HOUR,
    )  # fmt: skip
    judge_span(MIDNIGHT, MIDNIGHT + DAY)
    assert _found() == []


# reaches and complaints


def test_more_than_comes_from_upstream_is_found(cast: SimpleNamespace, readings: Readings) -> None:
    set_watch("upstream_balance", kind="h", valid_from=LONG_AGO, station_kind="surface-water")
    upper, lower = (
        register_station(f"river-{number}", title_zh=name, title_en=name, kind="surface-water", lon=100.06, lat=30.1)
        for number, name in ((1, "上"), (2, "下"))
    )
    above, below = (Channel.objects.create(station=one, factor="w21003", unit="mg/L") for one in (upper, lower))
    values = {above: hours(lambda hour: 0.5, -12), below: hours(lambda hour: 2.0 if 2 <= hour < 8 else 0.5, -12)}
    assert list(ways(readings, values, MIDNIGHT)) == [[], []]
    enter_reach(lower, upper, travel_hours=2.0, days=(LONG_AGO, None))
    judge_span(MIDNIGHT, MIDNIGHT + DAY)
    found = Finding.objects.get()
    assert (found.station, found.started_at) == (lower, MIDNIGHT + 2 * HOUR)


def test_the_peak_from_upstream_explains_itself_after_its_travel_time(
    cast: SimpleNamespace, readings: Readings
) -> None:
    set_watch("upstream_balance", kind="h", valid_from=LONG_AGO)
    upper, lower = (
        register_station(f"river-{number}", title_zh="站", title_en="Site", kind="surface-water", lon=100.06, lat=30.1)
        for number in (1, 2)
    )
    above, below = (Channel.objects.create(station=one, factor="w21003", unit="mg/L") for one in (upper, lower))
    reach = enter_reach(lower, upper, travel_hours=5.0, days=(LONG_AGO, None))
    values = {
        above: hours(lambda hour: 2.0 if 2 <= hour < 8 else 0.5, -12),
        below: hours(lambda hour: 2.0 if 7 <= hour < 13 else 0.5, -12),
    }
    assert list(ways(readings, values, MIDNIGHT)) == [[], []]
    enter_reach(lower, upper, travel_hours=1.0, days=(LONG_AGO, None), replaces=reach, why="实测", origin=OFFICE)
    judge_span(MIDNIGHT, MIDNIGHT + DAY)
    assert Finding.objects.exists()


def test_three_complaints_near_a_station_are_a_cluster(
    mill: SimpleNamespace, cast: SimpleNamespace, readings: Readings
) -> None:
    set_watch("complaint_cluster", kind="h", valid_from=LONG_AGO, factor="w01018")
    for number in range(3):
        at = MIDNIGHT + (2 + number) * HOUR
        if number == 2:
            judge_readings(readings(mill.cod, "h", hours(lambda hour: 20.0, 0, 12)))
        clue = report_clue("meter-1", cast.grid_worker, OFFICE, what=f"异味 {number}", span=(at, at))
        assert judge_clue in LOOP[FindingOpened]
        judge_clue(FindingOpened.from_detail(next(iter(log.about(f"finding/{clue.pk}"))).detail))
        assert Finding.objects.filter(detector="complaint_cluster").count() == (number == 2)
    live = Finding.objects.get(detector="complaint_cluster")
    assert (live.started_at, live.ended_at) == (MIDNIGHT + 2 * HOUR, MIDNIGHT + 5 * HOUR)
    assert try_out("complaint_cluster", {"least": 4}, kind="h", channels=_joined([mill.cod]), span=_DAY).found == ()
    assert try_out("complaint_cluster", {}, kind="h", channels=_joined([mill.cod]), span=_DAY).found


def test_complaints_far_away_or_dismissed_do_not_count(
    mill: SimpleNamespace, cast: SimpleNamespace, readings: Readings
) -> None:
    far = register_station("far", title_zh="远", title_en="Far", kind="ambient-air", lon=100.3, lat=30.1)
    readings(mill.cod, "h", hours(lambda hour: 20.0, 0))
    at = MIDNIGHT + 2 * HOUR
    clues = [
        report_clue(code, cast.analyst, OFFICE, what="异味", span=(at, at)) for code in ("meter-1", "meter-1", far.code)
    ]
    channels = _joined([mill.cod])
    assert try_out("complaint_cluster", {"least": 3}, kind="h", channels=channels, span=_DAY).found == ()
    assert try_out("complaint_cluster", {"least": 2}, kind="h", channels=channels, span=_DAY).found
    dismiss(clues[0].pk, cast.analyst, "重复", OFFICE)
    assert try_out("complaint_cluster", {"least": 2}, kind="h", channels=channels, span=_DAY).found == ()


def test_more_channels_take_no_more_queries_for_papers(warned: SimpleNamespace, readings: Readings) -> None:
    enter_plan(warned.owner, days=(LONG_AGO, None), pledges=[Pledge("orange", 1.0)])
    permit(warned, totals=[OwnTotal("w01018", 1.0)], limits=[OwnLimit(warned.outlet, "w01018", "hour", 40.0, "mg/L")])
    for detector in ("ordered_stop", "annual_total", "upstream_balance", "complaint_cluster", "exceedance"):
        set_watch(detector, kind="h", valid_from=LONG_AGO)
    every = [warned.cod, warned.flow, warned.power, warned.fan_power]
    for one in every:
        readings(one, "h", hours(lambda hour: 10.0 + hour % 5))
    spent = []
    for count in (2, 4):
        with CaptureQueriesContext(connection) as asked:
            for detector in ("emergency_cut", "ordered_stop", "annual_total", "exceedance"):
                try_out(detector, {}, kind="h", channels=_joined(every[:count]), span=_DAY)
        spent.append(len(asked) - 1)
    assert spent[0] == spent[1]


def _joined(channels: list[Any]) -> list[Any]:
    ids = [one.pk for one in channels]
    return list(Channel.objects.filter(pk__in=ids).select_related("station__enterprise"))


def test_the_weather_comes_from_the_nearest_station_that_has_any(mill: SimpleNamespace, readings: Readings) -> None:
    near, far, away = (
        register_station(code, title_zh=code, title_en=code, kind="ambient-air", lon=lon, lat=30.1)
        for code, lon in (("near", 100.1), ("far", 100.15), ("away", 100.39))
    )
    for station, value in ((near, 3.0), (far, 5.0), (away, 7.0)):
        wind = Channel.objects.create(station=station, factor="a01007", unit="m/s")
        readings(wind, "h", [(MIDNIGHT, value)])
    (look,) = over([mill.cod.pk], *_DAY, _book("missing_data"))
    taking = [replace(one, takes=frozenset({"weather"})) for one in passes(look)]
    seen = context(taking[0], fetch(taking))
    assert {code: list(series.value) for code, series in seen.weather.items()} == {"a01007": [3.0]}
    Channel.objects.exclude(station=away).filter(factor="a01007").delete()
    assert not context(taking[0], fetch(taking)).weather, "30 km away is too far"


def _book(detector: str) -> Rulebook:
    return Rulebook([set_watch(detector, kind="h", valid_from=LONG_AGO)], [])
