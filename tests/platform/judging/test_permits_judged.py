"""Permits: totals of the year and limits of their own are held against what is measured, as known then."""

# ruff: noqa: F811 fixtures of another module are asked for by name

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO, OFFICE
from paper_mill import CODE, DAY, HOUR, MIDNIGHT, Readings, days, later, mill, permit  # noqa: F401 fixtures

from qingyuan.judging.api import (
    judge_readings,
    judge_span,
    rerun,
    set_watch,
    try_out,
)
from qingyuan.judging.queries import Finding, limits_for_channel, limits_of_days
from qingyuan.kit import clock
from qingyuan.places.api import (
    OwnLimit,
    OwnTotal,
    end_paper,
    enter_permit,
    register_station,
)
from qingyuan.sensing.queries import Channel

pytestmark = pytest.mark.django_db


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
