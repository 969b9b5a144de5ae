from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from qingyuan_science.detect import Context, Severity
from qingyuan_science.detect.exceedance import Exceedance
from qingyuan_science.plugins import Text
from qingyuan_science.series import SECOND, Series, microseconds
from qingyuan_science.standards import factor, limits_for
from qingyuan_science.units import IncompatibleUnits

TEN = datetime(2026, 11, 22, 2, tzinfo=UTC)  # ten o'clock in China
HOUR = 3600 * SECOND
PLACE = Text("城东污水处理厂总排口", "the main outlet of the East Sewage Works")


def sewage(code="w01018", kind="hour", level="1A"):
    measured = factor(code)
    return Context(PLACE, measured, limits_for(measured, "GB 18918", level, None), kind, measured.decimals)


def hours(values, marks=None, unit="mg/L", start=TEN):
    return Series.starting(start, values, marks, unit=unit, step=3600)


def found(values, marks=None, context=None, **settings):
    return Exceedance(**settings).findings(hours(values, marks), context or sewage())


def spans(findings):
    """Hours after ten o'clock at which the findings begin and end."""
    return [((one.start - microseconds(TEN)) // HOUR, (one.end - microseconds(TEN)) // HOUR) for one in findings]


def test_hours_beyond_the_limit_make_one_finding_with_its_peak():
    (one,) = found([40.0, 61.0, 68.4, 49.0, 40.0, 40.0])
    assert spans([one]) == [(1, 3)]
    assert (one.peak, one.limit.high, one.severity) == (68.4, 50.0, Severity.NOTICE)
    assert one.times_over == pytest.approx(0.368)
    assert one.evidence == ((microseconds(TEN) + HOUR, 61.0), (microseconds(TEN) + 2 * HOUR, 68.4))
    assert (one.detector, one.factor, one.confidence) == ("exceedance", "w01018", 1.0)


def test_values_within_the_limit_make_none():
    assert found([50.0, 12.0, 0.0, -1.0]) == []


@pytest.mark.parametrize("mark", "MCDTBFSPXU")
def test_a_value_marked_invalid_never_decides(mark):
    assert found([400.0, 400.0], mark * 2) == []


def test_an_invalid_hour_inside_neither_counts_nor_splits():
    (one,) = found([60.0, 999.0, 70.0, 40.0, 40.0, 40.0], "NMNNNN")
    assert spans([one]) == [(0, 3)]
    assert one.peak == 70.0
    assert len(one.evidence) == 2
    assert one.confidence == pytest.approx(2 / 3)
    assert "3 小时中有 2 小时超标" in one.sentence.zh
    assert "for 2 hours out of 3 hours from 2026-11-22 10:00" in one.sentence.en


def test_a_missing_hour_is_bridged_and_two_are_not():
    series = hours([60.0, 60.0, 60.0, 60.0])
    shifted = series.at + np.array([0, 1, 1, 3]) * HOUR  # ten, twelve, thirteen, sixteen o'clock
    broken = Series(shifted, series.value, series.mark, "mg/L", 3600)
    assert spans(Exceedance().findings(broken, sewage())) == [(0, 4), (6, 7)]


@pytest.mark.parametrize(("gap", "expected"), [(0, [(0, 1), (2, 3)]), (1, [(0, 3)])])
def test_the_longest_interruption_that_is_bridged_can_be_set(gap, expected):
    assert spans(found([60.0, 40.0, 60.0, 40.0, 40.0, 40.0], gap_periods=gap)) == expected


def test_fewer_hours_in_a_row_than_asked_for_make_none():
    values = [60.0, 40.0, 60.0, 40.0, 40.0, 60.0, 60.0]
    assert spans(found(values, minimum_periods=2)) == [(5, 7)]
    assert spans(found(values, minimum_periods=3)) == []


def test_severity_follows_the_multiple_over_the_limit():
    peaks = [52.0, 56.0, 75.0, 100.0]
    days = sewage(kind="day")
    assert [found([peak], context=days)[0].severity for peak in peaks] == list(Severity)
    assert found([56.0], context=days, minor_from=0.2)[0].severity is Severity.NOTICE


def test_hours_that_only_warn_by_a_limit_for_day_means_are_a_step_less_grave():
    """Waste water is judged by day means: GB 18918-2002, table 1."""
    graver = [Severity.NOTICE, Severity.NOTICE, Severity.MINOR, Severity.MAJOR]
    assert [found([peak])[0].severity for peak in (52.0, 56.0, 75.0, 100.0)] == graver


def test_values_are_rounded_to_the_decimals_of_the_limit_before_comparing():
    """GB/T 8170-2008, clause 4.3."""
    assert found([50.4]) == []
    assert len(found([50.6])) == 1
    assert len(found([50.4], rounded=False)) == 1


def test_a_value_in_another_unit_is_held_against_the_same_limit():
    context = sewage("w20111", level="1A")  # total mercury: sent in µg/L, limited to 0.001 mg/L
    (one,) = Exceedance().findings(hours([0.4, 2.0], unit="µg/L"), context)
    assert (one.peak, one.times_over, one.limit.unit) == (2.0, pytest.approx(1.0), "mg/L")
    assert "2.00 µg/L" in one.sentence.zh
    assert "1 µg/L" in one.sentence.zh


def test_a_series_in_a_unit_of_something_else_is_an_error():
    with pytest.raises(IncompatibleUnits):
        Exceedance().findings(hours([60.0], unit="L/s"), sewage())


def test_the_sentence_says_place_value_limit_clause_and_how_long_it_lasts():
    (one,) = found([40.0, 61.0, 68.4])
    assert one.ongoing
    assert one.sentence.zh.startswith(
        "城东污水处理厂总排口 COD 小时均值最高 68.4 mg/L，超过一级A 限值 50 mg/L（GB 18918-2002 表1），已持续 2 小时"
    )
    assert one.sentence.en.startswith(
        "COD at the main outlet of the East Sewage Works: hourly mean up to 68.4 mg/L, "
        "over the class 1A limit of 50 mg/L (GB 18918-2002 Table 1), for 2 hours so far"
    )
    assert one.clause == Text("GB 18918-2002 表1", "GB 18918-2002 Table 1")


def test_a_single_hour_is_told_as_its_own_value():
    (one,) = found([40.0, 68.4])
    assert "小时均值 68.4 mg/L" in one.sentence.zh
    assert "hourly mean 68.4 mg/L" in one.sentence.en
    assert one.sentence.en.count("1 hour so far") == 1


def test_an_hourly_finding_against_a_daily_limit_says_that_it_is_a_warning():
    (one,) = found([68.4])
    assert one.sentence.zh.endswith("该限值按日均值判定，此为小时预警")
    assert one.sentence.en.endswith("the limit applies to the daily mean, so this is a warning by hourly values")


def test_a_daily_finding_against_a_daily_limit_is_no_warning():
    days = Series.starting(datetime(2026, 11, 19, 16, tzinfo=UTC), [60.0, 61.0], unit="mg/L", step=86400)
    (one,) = Exceedance().findings(days, sewage(kind="day"))
    assert one.sentence.zh.endswith("日均值最高 61.0 mg/L，超过一级A 限值 50 mg/L（GB 18918-2002 表1），已持续 2 天")
    assert "预警" not in one.sentence.zh


def test_a_finding_that_is_over_tells_when_it_began():
    (one,) = found([61.0, 68.4, 40.0, 40.0, 40.0])
    assert not one.ongoing
    assert "自 2026-11-22 10:00 起持续 2 小时" in one.sentence.zh


def test_a_finding_stays_open_until_the_interruption_is_too_long_to_bridge():
    values = [61.0, 40.0, 40.0, 40.0]
    assert [found(values[:length])[0].ongoing for length in (1, 2, 3, 4)] == [True, True, False, False]
    assert "已持续" not in found(values[:2])[0].sentence.zh


def test_an_hourly_limit_is_preferred_to_a_daily_one_for_hourly_values():
    measured = factor("a21026", medium="ambient_air")
    context = Context(PLACE, measured, limits_for(measured, "GB 3095", "2", None), "hour", 0)
    assert Exceedance().findings(hours([499.0], unit="µg/m3"), context) == []
    (one,) = Exceedance().findings(hours([501.0], unit="µg/m3"), context)
    assert (one.limit.high, one.limit.averaging) == (500.0, "hour")
    assert "预警" not in one.sentence.zh


def test_each_value_is_judged_by_the_edition_in_force_when_it_was_measured():
    """GB 3095-2012 to 2026-02-28: 75; GB 3095-2026 from 2026-03-01: 60 (PM2.5, 24 h, grade 2)."""
    measured = factor("a34004")
    context = Context(PLACE, measured, limits_for(measured, "GB 3095", "2", None), "hour", 0)
    evening = datetime(2026, 2, 28, 14, tzinfo=UTC)  # two hours before midnight in China
    findings = Exceedance().findings(hours([70.0] * 4, unit="µg/m3", start=evening), context)
    assert [(one.start, one.limit.standard) for one in findings] == [
        (microseconds(evening + timedelta(hours=2)), "GB 3095-2026")
    ]


def test_of_several_limits_the_one_broken_most_is_named():
    context = sewage()
    stricter = replace(context.limits[0], code="permit", title=Text("许可限值", "permit limit"), high=30.0)
    (one,) = found([68.4], context=replace(context, limits=(*context.limits, stricter)))
    assert one.limit is stricter
    assert "许可限值 30 mg/L" in one.sentence.zh


def test_too_little_oxygen_and_ph_on_either_side_are_told_as_such():
    oxygen, acidity = factor("w01009"), factor("w01001")
    context = Context(PLACE, oxygen, limits_for(oxygen, "GB 3838", "III", None), "hour", 1)
    (low,) = found([4.0, 3.1], context=context)
    assert "溶解氧小时均值最低 3.1 mg/L，低于Ⅲ类标准限值 5 mg/L" in low.sentence.zh
    assert "down to 3.1 mg/L, below the class III limit of 5 mg/L" in low.sentence.en
    context = Context(PLACE, acidity, limits_for(acidity, "GB 3838", "III", None), "hour", 2)
    (acid,) = Exceedance().findings(hours([7.0, 5.2], unit=""), context)
    assert "小时均值 5.20，超出Ⅲ类标准限值 6–9（GB 3838-2002 表1）" in acid.sentence.zh
    assert "outside the class III limit of 6–9" in acid.sentence.en


def test_the_condition_of_a_limit_is_told():
    (one,) = Exceedance().findings(hours([9.0]), sewage("w21003"))
    assert "（GB 18918-2002 表1，水温>12 ℃）" in one.sentence.zh
    assert "(GB 18918-2002 Table 1, water above 12 °C)" in one.sentence.en


def test_a_limit_read_at_second_hand_says_so():
    measured = factor("a34013")
    context = Context(PLACE, measured, limits_for(measured, "GB 13223", "new_coal", None), "hour", 0)
    (one,) = Exceedance().findings(hours([45.0], unit="mg/m3"), context)
    assert one.sentence.zh.endswith("该限值仅经二手资料核对")
    assert one.sentence.en.endswith("this limit was checked against secondary sources only")


def test_a_value_every_four_hours_lasts_four_hours():
    series = Series.starting(TEN, [1.6, 1.8], unit="mg/L", step=4 * 3600)
    measured = factor("w21003")
    context = Context(PLACE, measured, limits_for(measured, "GB 3838", "III", None), "hour", 2)
    (one,) = Exceedance().findings(series, context)
    assert "已持续 8 小时" in one.sentence.zh


def test_a_place_without_limits_has_no_findings():
    assert found([400.0], context=replace(sewage(), limits=())) == []


def test_limits_of_a_year_do_not_judge_an_hour():
    measured = factor("a34004")
    context = Context(PLACE, measured, limits_for(measured, "GB 3095", "2", "year"), "hour", 0)
    assert Exceedance().findings(hours([500.0], unit="µg/m3"), context) == []


def test_an_eight_hour_maximum_is_judged_by_its_own_limit_only():
    """GB 3095-2026, table 1: O3, daily maximum 8-hour mean, grade 2: 160."""
    measured = factor("a05024")
    context = Context(PLACE, measured, limits_for(measured, "GB 3095", "2", None), "day_max_8h", 0)
    days = Series.starting(datetime(2026, 7, 31, 16, tzinfo=UTC), [160.0, 175.0], unit="µg/m3", step=86400)
    (one,) = Exceedance().findings(days, context)
    assert (one.peak, one.limit.high) == (175.0, 160.0)
    assert "臭氧日最大 8 小时均值 175 µg/m³" in one.sentence.zh
    assert one.sentence.zh.endswith("已持续 1 天")
