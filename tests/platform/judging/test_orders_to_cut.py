"""Orders to cut production: power beyond them is found, and who carries them out is left alone."""

# ruff: noqa: F811 fixtures of another module are asked for by name

from types import SimpleNamespace

import pytest
from casefile import LONG_AGO, OFFICE
from paper_mill import DAY, HOUR, MIDNIGHT, THAT_DAY, Readings, cut, hear, hours, later, mill, powered, stop, ways  # noqa: F401 fixtures

from qingyuan.judging.api import (
    set_watch,
)
from qingyuan.judging.queries import Finding
from qingyuan.kit import clock
from qingyuan.places.api import (
    assign_meter,
    withdraw_paper,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def metered(mill: SimpleNamespace) -> SimpleNamespace:
    """A production meter that is watched for orders."""
    set_watch("ordered_cut", kind="h", valid_from=LONG_AGO, station_kind="power-meter", factor="activepower")
    assign_meter(mill.pulper, use="production", title_zh="碎浆机", title_en="pulper", days=(LONG_AGO, None))
    return mill


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
    order = stop(metered, kind="stop-discharge", span=THAT_DAY)
    found, _again = ways(readings, {metered.power: hours(powered)}, MIDNIGHT)
    assert found == []
    with clock.wound_to(MIDNIGHT + 3 * DAY):
        withdraw_paper(order, why="改为停产", origin=OFFICE)
        stop(metered, kind="stop-production", span=THAT_DAY, number="停产1")
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
