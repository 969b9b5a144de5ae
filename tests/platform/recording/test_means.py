"""Means of every period, out of the shorter ones; what late data touch; where a device says otherwise."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from qingyuan.kit import clock, log
from qingyuan.recording.api import compute_ended, compute_means, compute_outstanding
from qingyuan.recording.events import MeansOutstanding, ReadingsAppended
from qingyuan.recording.logic import means
from qingyuan.recording.queries import coverage, disagreements, window

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 11, 22, 1, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 21, 16, tzinfo=UTC)  # in Shanghai
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
Put = Callable[..., Any]


def every(step: timedelta, values: list[float], start: datetime = NINE) -> list[tuple[datetime, float]]:
    return [(start + number * step, value) for number, value in enumerate(values)]


def one(channel: Any, kind: str, at: datetime = NINE) -> tuple[list[float], list[str]]:
    found = window(channel.pk, kind, at, at + MINUTE)
    return [round(value, 9) for value in found.value.tolist()], found.mark.tolist()


@pytest.fixture
def flow(station: Any) -> Any:
    from qingyuan.sensing.api import define_channel

    return define_channel(station, factor="w00000", unit="L/s")


@pytest.fixture
def stack(enterprise: Any) -> Any:
    """A new coal boiler: GB 13271-2014 table 2, converted to 9 % oxygen."""
    from qingyuan.places.api import apply_standard, register_station

    with clock.wound_to(datetime(2020, 1, 1, tzinfo=UTC)):
        return _bound(register_station, apply_standard, enterprise)


def _bound(register_station: Any, apply_standard: Any, enterprise: Any) -> Any:
    station = register_station(
        "stack-1", title_zh="锅炉排放口", title_en="Boiler stack", kind="outlet-gas", lon=100.05, lat=30.1,
        enterprise=enterprise,
    )  # fmt: skip
    apply_standard(station, standard="GB 13271-2014", level="new_coal", valid_from=date(2020, 1, 1))
    return station


def gas(station: Any, factor: str, unit: str = "mg/m3", basis: str = "measured") -> Any:
    from qingyuan.sensing.api import define_channel

    return define_channel(station, factor=factor, unit=unit, basis=basis)


def test_dense_samples_make_minutes_ten_minutes_and_an_hour(channel: Any, readings: Put) -> None:
    event = readings(channel, "r", every(timedelta(seconds=5), [float(number // 12) for number in range(720)]))
    with clock.wound_to(NINE + HOUR + MINUTE):
        compute_means(event)
    assert coverage(channel.pk, "M", NINE, NINE + HOUR) == 60
    assert window(channel.pk, "T", NINE, NINE + HOUR).value.tolist() == [4.5, 14.5, 24.5, 34.5, 44.5, 54.5]
    assert one(channel, "H") == ([29.5], ["N"])


def test_samples_too_rare_for_a_minute_still_make_their_hour(channel: Any, readings: Put) -> None:
    event = readings(channel, "r", every(timedelta(seconds=30), [2.0] * 120))
    with clock.wound_to(NINE + HOUR):
        compute_means(event)
    assert coverage(channel.pk, "M", NINE, NINE + HOUR) == 0
    assert one(channel, "H") == ([2.0], ["N"])


def test_an_hour_of_waste_water_is_weighted_by_the_flow_beside_it(channel: Any, flow: Any, readings: Put) -> None:
    readings(flow, "m", every(10 * MINUTE, [10, 10, 10, 30, 30, 30]))
    event = readings(channel, "m", every(10 * MINUTE, [20, 20, 20, 80, 80, 80]))
    with clock.wound_to(NINE + HOUR):
        compute_means(event)
    assert one(channel, "H") == ([65.0], ["N"])


def test_flow_that_comes_late_weighs_the_hour_anew(channel: Any, flow: Any, readings: Put) -> None:
    with clock.wound_to(NINE + HOUR):
        compute_means(readings(channel, "m", every(10 * MINUTE, [20, 20, 20, 80, 80, 80])))
    assert one(channel, "H")[1] == ["W"]
    with clock.wound_to(NINE + 2 * HOUR):
        compute_means(readings(flow, "m", every(10 * MINUTE, [10, 10, 10, 30, 30, 30])))
    assert one(channel, "H") == ([65.0], ["N"])


def test_a_stack_is_converted_by_its_oxygen_and_the_reference_of_its_standard(stack: Any, readings: Put) -> None:
    """GB 13271-2014: 9 %. 40 mg/m3 at 11 % oxygen: 40 · 12 / 10 = 48."""
    dust, oxygen, zs = gas(stack, "a34013"), gas(stack, "a19001", "%"), gas(stack, "a34013", basis="converted")
    readings(oxygen, "m", every(MINUTE, [11.0] * 60))
    event = readings(dust, "m", every(MINUTE, [40.0] * 60))
    with clock.wound_to(NINE + HOUR):
        compute_means(event)
    assert one(zs, "H") == ([48.0], ["N"])
    assert one(dust, "H") == ([40.0], ["N"])


def test_what_the_permit_says_of_oxygen_goes_before_the_standard(stack: Any, readings: Put) -> None:
    """40 mg/m3 at 11 %, reference 6 %: 40 · 15 / 10 = 60."""
    stack.reference_oxygen = 6.0
    stack.save()
    dust, oxygen, zs = gas(stack, "a34013"), gas(stack, "a19001", "%"), gas(stack, "a34013", basis="converted")
    readings(dust, "m", every(MINUTE, [40.0] * 60))
    event = readings(oxygen, "m", every(MINUTE, [11.0] * 60))  # the oxygen comes last, and counts
    with clock.wound_to(NINE + HOUR):
        compute_means(event)
    assert one(zs, "H") == ([60.0], ["N"])


def test_a_stack_that_sends_no_converted_values_gets_them_here(stack: Any, readings: Put) -> None:
    from qingyuan.sensing.queries import Channel

    readings(gas(stack, "a19001", "%"), "m", every(MINUTE, [11.0] * 60))
    readings(gas(stack, "a01012", "°C"), "m", every(MINUTE, [120.0] * 60))
    event = readings(gas(stack, "a34013"), "m", every(MINUTE, [40.0] * 60))
    with clock.wound_to(NINE + HOUR):
        compute_means(event)
    (made,) = Channel.objects.filter(station=stack, basis="converted")
    assert made.factor == "a34013"
    assert one(made, "H") == ([48.0], ["N"])


def test_a_day_is_made_of_hours_once_it_is_over(channel: Any, readings: Put) -> None:
    event = readings(channel, "h", every(HOUR, [float(number) for number in range(24)], MIDNIGHT))
    with clock.wound_to(MIDNIGHT + DAY - MINUTE):
        compute_means(event)
        assert coverage(channel.pk, "D", MIDNIGHT, MIDNIGHT + DAY) == 0
    with clock.wound_to(MIDNIGHT + DAY):
        compute_means(event)
    assert one(channel, "D", MIDNIGHT) == ([11.5], ["N"])


def test_a_correction_of_one_minute_reaches_its_hour_and_its_day(channel: Any, readings: Put) -> None:
    with clock.wound_to(MIDNIGHT + DAY):
        compute_means(readings(channel, "m", every(10 * MINUTE, [6.0] * 144, MIDNIGHT)))
        assert one(channel, "D", MIDNIGHT) == ([6.0], ["N"])
    with clock.wound_to(MIDNIGHT + DAY + HOUR):
        compute_means(readings(channel, "m", [(NINE, 150.0)]))
    assert one(channel, "H") == ([30.0], ["N"])
    assert one(channel, "D", MIDNIGHT) == ([7.0], ["N"])


def test_the_clock_computes_what_ended_since_it_last_could(channel: Any, readings: Put) -> None:
    readings(channel, "m", every(10 * MINUTE, [1.0] * 18))
    with clock.wound_to(NINE + HOUR + 2 * MINUTE):
        compute_ended()
    assert coverage(channel.pk, "H", NINE, NINE + 4 * HOUR) == 1
    with clock.wound_to(NINE + 3 * HOUR + 2 * MINUTE):
        compute_ended()
    assert coverage(channel.pk, "H", NINE, NINE + 4 * HOUR) == 3


def test_a_station_whose_means_cannot_be_computed_keeps_no_other_from_its_own(
    channel: Any, stack: Any, readings: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, computed = gas(stack, "a21026"), means.period_means

    def broken(series: Any, *given: Any, **named: Any) -> Any:
        if 13.0 in series.value:
            raise ZeroDivisionError("no such mean")
        return computed(series, *given, **named)

    readings(bad, "m", every(10 * MINUTE, [13.0] * 12))
    event = readings(channel, "m", every(10 * MINUTE, [1.0] * 12))
    both = replace(event, spans=[*event.spans, [bad.pk, *event.spans[0][1:]]])
    with monkeypatch.context() as wrong:
        wrong.setattr(means, "period_means", broken)
        with clock.wound_to(NINE + HOUR + 2 * MINUTE):
            compute_ended()
        assert coverage(channel.pk, "H", NINE, NINE + 2 * HOUR) == 1
        with clock.wound_to(NINE + 2 * HOUR + 2 * MINUTE):
            compute_means(both)
        assert coverage(channel.pk, "H", NINE, NINE + 2 * HOUR) == 2
        told = [line for line in log.about(f"station/{stack.pk}") if line.act == "MeansOutstanding"]
        owed = [MeansOutstanding.from_detail(line.detail) for line in told]
        with pytest.raises(ZeroDivisionError):
            compute_outstanding(owed[0])  # the loop tries it again, and at last sets it aside with this reason
    assert coverage(bad.pk, "H", NINE, NINE + 2 * HOUR) == 0
    with clock.wound_to(NINE + 2 * HOUR + 2 * MINUTE):
        for one_owed in owed:
            compute_outstanding(one_owed)
    assert coverage(bad.pk, "H", NINE, NINE + 2 * HOUR) == 2


def test_a_burst_of_far_apart_readings_is_told_as_spans_that_hold_no_empty_year(channel: Any) -> None:
    day = 86_400_000_000
    old, new = [channel.pk, "m", 0, 10], [channel.pk, "m", 400 * day, 400 * day]
    joined = ReadingsAppended(id=1, spans=[old]).together([ReadingsAppended(id=2, spans=[new])])
    assert joined.spans == [old, new]
    near = [channel.pk, "m", day // 2, day // 2]
    again = ReadingsAppended(id=1, spans=[old, new]).together([ReadingsAppended(id=2, spans=[near])])
    assert again.spans == [[channel.pk, "m", 0, day // 2], new]


def test_a_sent_hour_that_its_minutes_do_not_bear_out_is_told(channel: Any, cast: Any, readings: Put) -> None:
    readings(channel, "h", [(NINE, 20.0)])
    event = readings(channel, "m", every(10 * MINUTE, [35.0] * 6))
    with clock.wound_to(NINE + HOUR):
        compute_means(event)
        compute_means(event)
    (row,) = disagreements(cast.analyst)
    assert (row.kind, row.at, row.sent, row.computed, row.tolerance) == ("h", NINE, 20.0, 35.0, 0.02)
    assert row.share == pytest.approx(15 / 35)
    assert [line.act for line in log.about(f"channel/{channel.pk}")].count("MeansDisagree") == 1
    with clock.wound_to(NINE + 2 * HOUR):
        compute_means(readings(channel, "h", [(NINE, 35.0)]))  # the device corrects itself
    assert not disagreements(cast.analyst).exists()


@pytest.mark.parametrize("sent", [35.0, 35.6, 34.4])
def test_a_difference_within_the_tolerance_is_none(channel: Any, cast: Any, readings: Put, sent: float) -> None:
    readings(channel, "m", every(10 * MINUTE, [35.0] * 6))
    with clock.wound_to(NINE + HOUR):
        compute_means(readings(channel, "h", [(NINE, sent)]))
        compute_means(readings(channel, "m", every(10 * MINUTE, [35.0] * 6)))
    assert coverage(channel.pk, "H", NINE, NINE + HOUR) == 1
    assert not disagreements(cast.analyst).exists()


def test_a_late_sent_hour_is_compared_too(channel: Any, cast: Any, readings: Put) -> None:
    with clock.wound_to(NINE + HOUR):
        compute_means(readings(channel, "m", every(10 * MINUTE, [35.0] * 6)))
        compute_means(readings(channel, "h", [(NINE, 20.0)]))
    assert disagreements(cast.analyst).count() == 1
    assert not disagreements(cast.other_enterprise).exists()
