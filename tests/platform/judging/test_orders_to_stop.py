"""Orders to stop: discharge during them is found, also as it passes, and nothing else is said of them."""

# ruff: noqa: F811 fixtures of another module are asked for by name

from collections.abc import Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO, OFFICE
from django.db import transaction
from paper_mill import (  # noqa: F401 fixtures
    CODE,
    DAY,
    HOUR,
    MIDNIGHT,
    THAT_DAY,
    Readings,
    found_now,
    hear,
    hours,
    later,
    mill,
    powered,
    stop,
    ways,
)

from qingyuan.judging.api import (
    judge_readings,
    judge_span,
    rerun,
    set_watch,
    try_out,
)
from qingyuan.judging.logic.judging import judge
from qingyuan.judging.logic.stirring.memory import Memory
from qingyuan.judging.queries import Finding
from qingyuan.kit import clock
from qingyuan.places.api import (
    OwnLimit,
    assign_meter,
    enter_order,
    enter_permit,
    withdraw_paper,
)

pytestmark = pytest.mark.django_db


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
        yield found_now()


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
    assert found_now() == hourly[-1]


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
    assert found_now() == hourly[-1]


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
        trial = try_out("ordered_stop", {}, kind="h", channels=[mill.flow], span=THAT_DAY)
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
