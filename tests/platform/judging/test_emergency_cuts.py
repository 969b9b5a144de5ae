"""Warnings and emergency plans: power beyond what an enterprise pledged is found, and nothing where it pledged none."""

# ruff: noqa: F811 fixtures of another module are asked for by name

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO, OFFICE
from paper_mill import DAY, HOUR, MIDNIGHT, Readings, hours, later, mill, powered, warned, ways  # noqa: F401 fixtures

from qingyuan.judging.api import (
    set_watch,
)
from qingyuan.places.api import (
    Pledge,
    declare_warning,
    end_paper,
    enter_plan,
    register_station,
    withdraw_paper,
)
from qingyuan.sensing.queries import Channel

pytestmark = pytest.mark.django_db


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
