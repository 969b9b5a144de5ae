"""Detectors that rest on a rule: limits ahead, silence, service, contradictions, clocks, meters, orders, balances."""

from datetime import UTC, datetime

import numpy as np
import pytest

from qingyuan_science.detect import Context, Meter, MeterRole, Record, RecordKind, Severity, Upstream
from qingyuan_science.detect.annual_total import AnnualTotal
from qingyuan_science.detect.approaching_limit import ApproachingLimit
from qingyuan_science.detect.clock_offset import ClockOffset
from qingyuan_science.detect.complaint_cluster import ComplaintCluster
from qingyuan_science.detect.emergency_cut import EmergencyCut
from qingyuan_science.detect.impossible_values import ImpossibleValues
from qingyuan_science.detect.missing_data import MissingData
from qingyuan_science.detect.ordered_cut import OrderedCut
from qingyuan_science.detect.ordered_stop import OrderedStop
from qingyuan_science.detect.step_after_service import StepAfterService
from qingyuan_science.detect.treatment_off import TreatmentOff
from qingyuan_science.detect.upstream_balance import UpstreamBalance
from qingyuan_science.plugins import Text
from qingyuan_science.series import SECOND, Series, microseconds
from qingyuan_science.standards import factor, limits_for

START = datetime(2026, 3, 1, 16, tzinfo=UTC)  # midnight in China, a Monday
HOUR = 3600 * SECOND
AT = microseconds(START)
PLACE = Text("城东污水处理厂总排口", "the main outlet of the East Sewage Works")
TITLE = Text("3 号", "number 3")


def hours(values, marks=None, unit="mg/L", start=AT):
    size = len(values)
    letters = np.array(list(marks or "N" * size))
    return Series(start + np.arange(size) * HOUR, np.array(values, dtype=float), letters, unit, 3600.0)


def about(code="w01018", limits=(), medium=None, **around):
    return Context(PLACE, factor(code, medium=medium), limits, "hour", 1, **around)


def spans(findings):
    return [((one.start - AT) // HOUR, (one.end - AT) // HOUR) for one in findings]


def sewage(**around):
    return about(limits=limits_for("w01018", "GB 18918", "1A", None), **around)


def test_a_steady_climb_is_told_before_the_limit_is_reached():
    (one,) = ApproachingLimit().findings(hours([30, 32, 34, 36, 38, 40, 42, 44]), sewage())
    assert one.end <= AT + 8 * HOUR
    assert one.severity is Severity.NOTICE
    assert one.signs[0].value == pytest.approx(3.0)  # 6 mg/L left at 2 mg/L an hour


def test_values_over_the_limit_are_no_approach_to_it():
    assert ApproachingLimit().findings(hours([60.0] * 10), sewage()) == []
    assert spans(ApproachingLimit().findings(hours([46.0] * 10), sewage())) == [(0, 10)]


def test_a_gap_is_told_with_how_many_values_it_lacks_and_an_invalid_value_is_no_gap():
    whole = hours([38.0] * 10, "NNNDDDDNNN")
    assert MissingData().findings(whole, about()) == []
    lacking = Series(np.delete(whole.at, [4, 5, 6]), np.full(7, 38.0), np.full(7, "N"), "mg/L", 3600.0)
    (one,) = MissingData().findings(lacking, about())
    assert spans([one]) == [(4, 7)]
    assert (one.signs[0].value, one.evidence, one.ongoing) == (3.0, (), False)


def test_silence_is_told_only_if_the_present_is_known_and_grows_major_after_two_days():
    series = hours([38.0] * 4)
    assert MissingData().findings(series, about()) == []
    (short,) = MissingData().findings(series, about(now=AT + 8 * HOUR))
    (long,) = MissingData().findings(series, about(now=AT + 60 * HOUR))
    assert (short.severity, long.severity) == (Severity.MINOR, Severity.MAJOR)
    assert short.ongoing


@pytest.mark.parametrize(("recorded", "severity"), [(False, Severity.MAJOR), (True, Severity.MINOR)])
def test_a_drop_across_calibration_is_graver_without_a_record(recorded, severity):
    series = hours([40, 41, 39, 40, 41, 40, 0, 20, 21, 20, 19, 20, 21], "NNNNNNCNNNNNN")
    record = Record(RecordKind.CALIBRATION, AT + 6 * HOUR, AT + 7 * HOUR, TITLE)
    (one,) = StepAfterService().findings(series, about(records=(record,) if recorded else ()))
    assert one.severity is severity
    assert one.signs[0].value == pytest.approx(0.5, rel=0.02)


def test_scatter_as_large_as_the_step_is_no_step():
    series = hours([40, 60, 20, 55, 25, 40, 0, 20, 45, 10, 40, 15, 30], "NNNNNNCNNNNNN")
    assert StepAfterService().findings(series, about()) == []


def test_what_an_analyser_holds_between_its_analyses_is_one_value_beside_which_the_next_is_no_step():
    before, after = np.repeat([38, 44, 36, 42, 40, 45, 37, 30], 6), np.repeat([42, 38, 44, 36, 45, 40, 41, 39], 6)
    marks = "N" * before.size + "C" + "N" * after.size
    assert StepAfterService().findings(hours([*before, 0, *after], marks), about()) == []
    assert StepAfterService().findings(hours([*before, 0, *(0.2 * after)], marks), about())


def test_a_step_of_a_fifth_in_a_steady_channel_is_told():
    series = hours([40, 41, 39, 40, 41, 40, 0, 32, 33, 32, 31, 32, 33], "NNNNNNCNNNNNN")
    (one,) = StepAfterService().findings(series, about())
    assert one.signs[0].value == pytest.approx(0.8)


def test_a_part_above_its_whole_is_impossible_and_one_within_the_margin_is_not():
    total = {("w21001", ""): hours([10.0] * 6)}
    context = about("w21003", beside=total)
    assert spans(ImpossibleValues().findings(hours([12.0] * 6), context)) == [(0, 6)]
    assert ImpossibleValues().findings(hours([11.0] * 6), context) == []
    assert ImpossibleValues().findings(hours([12.0, 12.0] + [9.0] * 4), context) == []


@pytest.mark.parametrize(
    ("fine", "coarse", "lasting", "told"),
    [(60.0, 30.0, 24, True), (60.0, 30.0, 12, False), (40.0, 30.0, 48, False), (12.0, 6.0, 48, False)],
)
def test_fine_particles_above_all_particles_are_told_beyond_tolerance_and_when_it_lasts(fine, coarse, lasting, told):
    values, whole = [20.0] * 4 + [fine] * lasting + [20.0] * 4, {("a34002", ""): hours([coarse] * 56, unit="ug/m3")}
    found = ImpossibleValues().findings(hours(values, unit="ug/m3"), about("a34004", beside=whole))
    assert spans(found) == ([(4, 4 + lasting)] if told else [])


def test_what_nature_does_not_allow_is_told():
    (one,) = ImpossibleValues().findings(hours([7.0, 15.2, 15.3, 15.1], unit="dimensionless"), about("w01001"))
    assert spans([one]) == [(1, 4)]
    assert ImpossibleValues().findings(hours([5.0] * 6 + [-4.0] * 3), about())
    assert ImpossibleValues().findings(hours([5.0] * 6 + [-0.2] * 3), about()) == []


def test_air_in_a_running_stack_is_told():
    flow = {("a00000", ""): hours([30.0] * 3 + [0.0] * 3, unit="m3/s")}
    context = about("a19001", beside=flow)
    assert spans(ImpossibleValues().findings(hours([20.8] * 6, unit="%"), context)) == [(0, 3)]


def test_a_clock_that_runs_ahead_and_values_sent_again_late_are_told_apart():
    delay = hours([20, 20, -200, -200, -200, 20, 20, 9000, 9000, 9000], unit="s")
    early, late = ClockOffset().findings(hours([38.0] * 10), about(arrivals=delay))
    assert spans([early, late]) == [(2, 5), (7, 10)]
    assert (early.severity, late.severity) == (Severity.MAJOR, Severity.MINOR)


def meter(role, values, unit="kWh"):
    return Meter(role, Text("电表", "the meter"), hours(values, unit=unit, start=AT - 28 * 24 * HOUR))


def plant(today, treatment):
    usual = ([20.0] * 6 + [500.0] * 18) * 28
    return (
        meter(MeterRole.PRODUCTION, usual + today),
        meter(MeterRole.TREATMENT, [0.1 * one for one in usual] + treatment),
    )


def test_production_without_treatment_is_told_and_a_resting_plant_is_not():
    on, off = [500.0] * 24, [20.0] * 24
    series = hours([60.0] * 24, unit="mg/m3")
    (one,) = TreatmentOff().findings(
        series, about("a21026", electricity=plant(on, [50.0] * 8 + [1.0] * 5 + [50.0] * 11))
    )
    assert spans([one]) == [(8, 13)]
    assert TreatmentOff().findings(series, about("a21026", electricity=plant(on, [50.0] * 24))) == []
    assert TreatmentOff().findings(series, about("a21026", electricity=plant(off, [1.0] * 24))) == []


@pytest.mark.parametrize(("share", "used", "told"), [(1.0, 20.0, 0), (1.0, 400.0, 1), (0.5, 250.0, 0), (0.5, 480.0, 1)])
def test_an_emergency_cut_is_held_against_what_was_pledged(share, used, told):
    order = Record(RecordKind.EMERGENCY_CUT, AT, AT + 24 * HOUR, TITLE, share)
    context = about("a21026", electricity=plant([20.0] * 6 + [used] * 18, [1.0] * 24), records=(order,))
    assert len(EmergencyCut().findings(hours([60.0] * 24, unit="mg/m3"), context)) == told


def uneven(days, seed):
    """A works at stand-by by night, whose days differ by a factor of three."""
    random = np.random.default_rng(seed)
    level = random.uniform(150.0, 450.0, days)
    return [20.0 + one * (hour >= 8) * random.uniform(0.8, 1.2) for one in level for hour in range(24)]


def cut_by_half(seed, *, kept):
    usual = uneven(85, seed)
    today = [20.0 + 0.5 * (one - 20.0) if kept else one for one in usual[-24:]]
    series = hours(usual[:-24] + today, unit="kWh", start=AT - 84 * 24 * HOUR)
    meters = (Meter(MeterRole.PRODUCTION, TITLE, series),)
    order = Record(RecordKind.EMERGENCY_CUT, AT, AT + 24 * HOUR, TITLE, 0.5)
    context = about("a21026", electricity=meters, records=(order,))
    return EmergencyCut().findings(hours([60.0] * 24, unit="mg/m3"), context)


def test_a_kept_cut_is_seldom_told_however_uneven_the_load_is():
    assert sum(bool(cut_by_half(seed, kept=True)) for seed in range(100)) <= 10  # 5 are allowed


def test_an_ignored_cut_is_told_where_the_load_of_the_day_is_above_what_the_pledge_leaves_of_the_greatest():
    told = [bool(cut_by_half(seed, kept=False)) for seed in range(100)]
    assert sum(told) >= 60
    assert not all(told)  # on a slow day half of the greatest load is not passed: nobody could tell


def test_a_breach_says_what_was_pledged_and_what_is_usual():
    (one,) = next(found for seed in range(100) if (found := cut_by_half(seed, kept=False)))[:1]
    assert "承诺减 50%，此前 84 个生产日最高小时" in one.sentence.zh
    assert "pledged: 50% less; greatest hour of 84 earlier days" in one.sentence.en


def test_without_two_weeks_of_production_a_partial_cut_cannot_be_told():
    used = hours([20.0] * 8 + [500.0] * 16 + [500.0] * 24, unit="kWh", start=AT - 24 * HOUR)
    order = Record(RecordKind.EMERGENCY_CUT, AT, AT + 24 * HOUR, TITLE, 0.5)
    context = about("a21026", electricity=(Meter(MeterRole.PRODUCTION, TITLE, used),), records=(order,))
    assert EmergencyCut().findings(hours([60.0] * 24, unit="mg/m3"), context) == []


def test_the_first_hours_of_a_cut_are_left_for_a_safe_shut_down():
    order = Record(RecordKind.EMERGENCY_CUT, AT + 8 * HOUR, AT + 24 * HOUR, TITLE)
    today = [20.0] * 6 + [500.0] * 4 + [20.0] * 14
    context = about("a21026", electricity=plant(today, [1.0] * 24), records=(order,))
    assert EmergencyCut().findings(hours([60.0] * 24, unit="mg/m3"), context) == []
    assert EmergencyCut(grace_hours=0.0).findings(hours([60.0] * 24, unit="mg/m3"), context)


@pytest.mark.parametrize(("share", "used", "told"), [(1.0, 20.0, 0), (1.0, 400.0, 1), (0.5, 250.0, 0), (0.5, 480.0, 1)])
def test_an_order_to_cut_is_held_against_the_power_and_a_pledge_is_not(share, used, told):
    order = Record(RecordKind.ORDERED_CUT, AT, AT + 24 * HOUR, TITLE, share)
    context = about("a21026", electricity=plant([20.0] * 6 + [used] * 18, [1.0] * 24), records=(order,))
    series = hours([60.0] * 24, unit="mg/m3")
    assert len(OrderedCut().findings(series, context)) == told
    assert EmergencyCut().findings(series, context) == []


def test_an_order_without_end_is_bound_by_the_greatest_hour_before_it():
    before = [20.0] * 8 + [400.0] * 16
    used = before * 14 + [20.0] * 8 + [600.0] + [400.0] * 15 + [20.0 + 0.5 * 580.0] * 24 + [20.0 + 0.6 * 580.0] * 24
    meter = hours(used, unit="kWh", start=AT - 15 * 24 * HOUR)
    order = Record(RecordKind.ORDERED_CUT, AT, AT + 10**7 * HOUR, TITLE, 0.5)
    context = about("a21026", electricity=(Meter(MeterRole.PRODUCTION, TITLE, meter),), records=(order,))
    (one,) = OrderedCut().findings(hours([60.0] * 48, unit="mg/m3"), context)
    assert (one.signs[0].value, one.signs[0].high) == (20.0 + 0.6 * 580.0, 20.0 + 0.5 * 580.0)
    assert spans([one]) == [(24, 48)]


def test_flow_after_an_order_to_stop_is_critical():
    usual = [0.0] * 6 + [30.0] * 18
    order = Record(RecordKind.STOP_ORDER, AT + 4 * HOUR, AT + 24 * HOUR, TITLE)
    flow = {("w00000", ""): hours(usual * 28 + usual, unit="L/s", start=AT - 28 * 24 * HOUR)}
    (one,) = OrderedStop().findings(hours([40.0] * 24), about(beside=flow, records=(order,)))
    assert (spans([one]), one.severity) == ([(6, 24)], Severity.CRITICAL)
    volume = one.signs[-1]  # 18 hours of 30 L/s: 18 * 108 m³
    assert (volume.name.zh, round(volume.value, 6), volume.unit) == ("期间累计排放量", 1944.0, "m3")


def test_flow_that_is_judged_itself_is_held_against_all_that_was_before_the_order():
    """The baseline may have ended four weeks before the order."""
    usual = [0.0] * 6 + [30.0] * 18
    baseline = hours(usual * 28, unit="L/s", start=AT - 56 * 24 * HOUR)
    order = Record(RecordKind.STOP_ORDER, AT, AT + 24 * HOUR, TITLE)
    series = hours(usual * 29, unit="L/s", start=AT - 28 * 24 * HOUR)
    (one,) = OrderedStop().findings(series, about("w00000", baseline=baseline, records=(order,)))
    assert spans([one]) == [(6, 24)]


def test_two_inflows_mix_by_their_flows():
    clean = Upstream(Text("甲", "A"), hours([1.0] * 6), 0.0, hours([90.0] * 6, unit="m3/h"))
    dirty = Upstream(Text("乙", "B"), hours([11.0] * 6), 0.0, hours([10.0] * 6, unit="m3/h"))
    context = about("w21003", upstream=(clean, dirty))  # they mix to 2 mg/L
    assert UpstreamBalance().findings(hours([2.9] * 6), context) == []
    (one,) = UpstreamBalance().findings(hours([3.2] * 6), context)
    assert one.signs[0].high == pytest.approx(3.0)


def test_the_year_begins_anew_on_the_first_of_january_in_china():
    new_year = microseconds(datetime(2025, 12, 31, 16, tzinfo=UTC))
    series = hours([100.0] * 8, start=new_year - 4 * HOUR)
    flow = {("w00000", ""): hours([100.0] * 8, unit="L/s", start=new_year - 4 * HOUR)}  # 36 kg an hour
    assert AnnualTotal().findings(series, about(beside=flow, annual_permit={2025: 150.0, 2026: 150.0})) == []
    old, new = AnnualTotal().findings(series, about(beside=flow, annual_permit={2025: 140.0, 2026: 140.0}))
    assert (old.ongoing, new.ongoing) == (False, True)
    assert old.signs[0].value == pytest.approx(144.0)
    assert old.signs[1].value == pytest.approx(100.0 * 4 / (365 * 24)), "four hours of the year are known"
    assert new.signs[1].value == pytest.approx(100.0)
    (alone,) = AnnualTotal().findings(series, about(beside=flow, annual_permit={2025: 140.0, 2026: 150.0}))
    assert alone.start == old.start


def complaint(hour, east=0.5):
    return Record(RecordKind.COMPLAINT, AT + hour * HOUR, AT + hour * HOUR + 1, TITLE, east_km=east)


def test_complaints_cluster_only_if_near_in_space_and_time():
    series = hours([40.0] * 72)
    near = tuple(complaint(hour) for hour in (5, 9, 12))
    far = tuple(complaint(hour, east=9.0) for hour in (5, 9, 12))
    scattered = tuple(complaint(hour) for hour in (5, 25, 45))
    assert spans(ComplaintCluster().findings(series, about(records=near))) == [(5, 13)]
    assert ComplaintCluster().findings(series, about(records=far)) == []
    assert ComplaintCluster().findings(series, about(records=scattered)) == []
