"""Means by the rules of each medium: weights, spoiled periods, pH, converted gas values, and the rules themselves."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan_science.series import (
    AirOxygen,
    Averaging,
    Delivery,
    NoFixedLength,
    Series,
    Statistic,
    ValidityRule,
    converted,
    missing,
    period_means,
    together,
)
from qingyuan_science.standards import Status, marking, markings, mean_rule, mean_rules
from qingyuan_science.standards.emission.oxygen import converted as converted_value
from qingyuan_science.standards.errors import OutsideRule, UnknownMarking

TEN = datetime(2026, 11, 22, 2, tzinfo=UTC)  # ten o'clock in China
MIDNIGHT = datetime(2026, 11, 21, 16, tzinfo=UTC)
HOUR_US = 3_600_000_000


def series(values, marks=None, *, unit="mg/L", step=600, start=TEN):
    return Series.starting(start, values, marks, unit=unit, step=step)


def rule(medium, averaging, factor):
    return mean_rule(medium, averaging, factor).rule


def hour(values, marks=None, *, medium="outlet-water", factor="w01018", flow=None, step=600, unit="mg/L"):
    return period_means(
        series(values, marks, step=step, unit=unit), Averaging.HOUR, rule(medium, Averaging.HOUR, factor), flow=flow
    )


def test_a_waste_water_mean_is_weighted_by_flow():
    """HJ 212-2017, annex D.3: C = G/D. 20 mg/L at 10 L/s and 80 mg/L at 30 L/s: (200 + 2400) / 40 = 65."""
    flow = series([10, 10, 10, 30, 30, 30], unit="L/s")
    found = hour([20, 20, 20, 80, 80, 80], flow=flow)
    assert (found.series.value.tolist(), found.series.mark.tolist()) == ([65.0], ["N"])
    assert (found.low.tolist(), found.high.tolist()) == ([20.0], [80.0])
    assert found.total == pytest.approx([3 * 600 * (20 * 10 + 80 * 30) * 1e-6])  # kg: s · mg/L · L/s


def test_a_flow_in_cubic_metres_an_hour_weighs_the_same():
    flow = series([36, 36, 36, 108, 108, 108], unit="m3/h")
    assert hour([20, 20, 20, 80, 80, 80], flow=flow).total == pytest.approx([4.68])


def test_an_hour_without_flow_has_the_arithmetic_mean_and_says_so():
    found = hour([10, 20, 30, 40, 50, 60], flow=series([0.0] * 6, unit="L/s"))
    assert (found.series.value.tolist(), found.series.mark.tolist()) == ([35.0], ["W"])


def test_an_hour_of_which_too_little_flow_is_known_is_not_weighted():
    found = hour([10, 20, 30, 40, 50, 60], flow=series([5.0] * 6, "NNNNDD", unit="L/s"))
    assert (found.series.value.tolist(), found.series.mark.tolist()) == ([35.0], ["W"])


def test_a_station_without_a_flow_meter_has_arithmetic_means_that_count():
    """HJ 212-2017, annex D.3 permits the arithmetic mean."""
    found = hour([10, 20, 30, 40, 50, 60])
    assert (found.series.value.tolist(), found.series.mark.tolist()) == ([35.0], ["N"])


def test_a_temperature_is_not_weighted_by_flow():
    found = hour([10, 20, 30, 40, 50, 60], unit="°C", factor="w01010", flow=series([1, 1, 1, 1, 1, 100], unit="L/s"))
    assert found.series.value.tolist() == [35.0]


def test_one_abnormal_value_spoils_a_waste_water_hour_and_not_its_day():
    """HJ 212-2017, note on 2061; HJ 356-2019, 7: three quarters of a day."""
    assert hour([1, 1, 1, 1, 1, 1], "NNNNND").series.mark.tolist() == ["D"]
    day = series([1.0] * 24, "N" * 18 + "C" * 6, step=3600, start=MIDNIGHT)
    less = series([1.0] * 24, "N" * 17 + "C" * 7, step=3600, start=MIDNIGHT)
    by = rule("outlet-water", Averaging.DAY, "w01018")
    assert period_means(day, Averaging.DAY, by).series.mark.tolist() == ["N"]
    assert period_means(less, Averaging.DAY, by).series.mark.tolist() == ["C"]


def test_hours_without_flow_neither_weigh_nor_spoil_the_day():
    day = series([10.0] * 12 + [90.0] * 12, "N" * 12 + "W" * 12, step=3600, start=MIDNIGHT)
    flow = series([5.0] * 12 + [0.0] * 12, unit="L/s", step=3600, start=MIDNIGHT)
    found = period_means(day, Averaging.DAY, rule("outlet-water", Averaging.DAY, "w01018"), flow=flow)
    assert (found.series.value.tolist(), found.series.mark.tolist()) == ([10.0], ["N"])


def test_flow_has_its_volume():
    found = hour([10] * 6, unit="L/s", factor="w00000")
    assert (found.series.value.tolist(), found.total.tolist()) == ([10.0], [36.0])  # m3


@pytest.mark.parametrize(("valid", "mark"), [(45, "N"), (44, "M")])
def test_a_gas_hour_needs_45_minutes(valid, mark):
    """HJ 75-2017."""
    found = hour([1.0] * 60, "N" * valid + "M" * (60 - valid), medium="outlet-gas", factor="a21026", step=60)
    assert found.series.mark.tolist() == [mark]


@pytest.mark.parametrize(
    ("medium", "factor", "valid", "mark"),
    [
        ("outlet-gas", "a21026", 20, "N"),
        ("outlet-gas", "a21026", 19, "D"),
        ("ambient-air", "a34004", 20, "N"),
        ("ambient-air", "a34004", 19, "D"),
        ("ambient-air", "a34001", 23, "D"),
        ("ambient-air", "a34001", 24, "N"),
    ],
)
def test_a_day_needs_its_hours(medium, factor, valid, mark):
    """HJ 75-2017; GB 3095-2026, table 4: 20 hours, and 24 for TSP."""
    day = series([1.0] * 24, "N" * valid + "D" * (24 - valid), step=3600, start=MIDNIGHT)
    assert period_means(day, Averaging.DAY, rule(medium, Averaging.DAY, factor)).series.mark.tolist() == [mark]


def test_ozone_has_no_daily_mean():
    """GB 3095-2026, table 4: its day is the largest mean of eight hours."""
    assert mean_rule("ambient-air", Averaging.DAY, "a05024").rule is None


def test_a_minute_needs_twelve_samples():
    """HJ 212-2017, annex D: at least one sample in 5 s, n >= 12."""
    by = rule("outlet-gas", Averaging.MINUTE, "a21026")
    assert len(period_means(series([1.0] * 12, step=5), Averaging.MINUTE, by).series) == 1
    assert len(period_means(series([1.0] * 2, step=30), Averaging.MINUTE, by).series) == 0


def test_the_ph_of_an_outlet_is_the_median():
    assert hour([7.0, 7.1, 7.2, 7.3, 7.4, 14.0], unit="dimensionless", factor="w01001").series.value == pytest.approx(
        [7.25]
    )


def test_the_ph_of_a_river_is_the_mean_of_its_acid():
    """-lg((10^-6 + 10^-8) / 2) = 6.297."""
    found = hour([6, 6, 6, 8, 8, 8], unit="dimensionless", factor="w01001", medium="surface-water")
    assert found.series.value == pytest.approx([6.2967], abs=5e-5)


def test_means_of_a_month_have_no_fixed_length():
    with pytest.raises(NoFixedLength, match="month"):
        period_means(series([1.0, 2.0]), Averaging.MONTH, ValidityRule(3, 4))


@given(st.lists(st.tuples(st.floats(0, 1e4), st.floats(0.01, 1e3), st.sampled_from("NNNNDM")), min_size=2, max_size=30))
def test_a_weighted_mean_lies_between_lowest_and_highest(rows):
    values, flows, marks = zip(*rows, strict=True)
    found = period_means(
        series(values, "".join(marks), step=60),
        Averaging.HOUR,
        ValidityRule(3, 4, statistic=Statistic.FLOW_WEIGHTED),
        flow=series(flows, unit="L/s", step=60),
    )
    used = found.series.samples > 0
    slack = 1e-9 * (1 + np.abs(found.high[used]))
    assert np.all(found.series.value[used] >= found.low[used] - slack)
    assert np.all(found.series.value[used] <= found.high[used] + slack)
    assert found.series.samples.sum() == marks.count("N")


def test_a_gas_value_is_converted_to_the_reference_oxygen():
    """HJ 212-2017, annex D.4: 35 mg/m3 at 9 % oxygen is 35 · 15 / 12 = 43.75 at 6 %."""
    found = converted(series([35.0], unit="mg/m3"), series([9.0], unit="%"), 6.0)
    assert found.value.tolist() == [43.75]


def test_at_the_oxygen_of_air_there_is_nothing_to_convert():
    found = converted(series([35.0, 35.0], unit="mg/m3"), series([21.0, 22.0], unit="%"), 6.0)
    assert np.isnan(found.value).all()
    assert found.mark.tolist() == ["X", "X"]


def test_an_oxygen_content_below_nought_converts_nothing_and_is_suspect():
    found = converted(series([35.0] * 2, unit="mg/m3"), series([-9.0, 0.0], unit="%"), 6.0)
    assert found.value.tolist() == pytest.approx([np.nan, 25.0], nan_ok=True)  # 35 · 15 / 21
    assert found.mark.tolist() == ["X", "N"]


@pytest.mark.parametrize("oxygen", [-9.0, -0.1, 0.0, 9.0, 20.9, 21.0, 25.0])
def test_a_series_and_a_single_value_are_converted_by_one_rule(oxygen):
    (value,) = converted(series([35.0], unit="mg/m3"), series([oxygen], unit="%"), 6.0).value.tolist()
    if 0 <= oxygen < 21:
        assert value == converted_value(35.0, oxygen, 6.0) == pytest.approx(35 * 15 / (21 - oxygen))
    else:
        assert np.isnan(value)
        with pytest.raises(OutsideRule, match="oxygen"):
            converted_value(35.0, oxygen, 6.0)


def test_a_converted_value_is_worth_what_both_its_sources_are_worth():
    found = converted(series([35.0] * 4, "NDNM", unit="mg/m3"), series([9.0] * 3, "NNCN"[:3], unit="%"), 6.0)
    assert found.mark.tolist() == ["N", "D", "C"]


def test_a_reference_of_air_is_refused():
    with pytest.raises(AirOxygen, match="21"):
        converted(series([1.0], unit="mg/m3"), series([9.0], unit="%"), 21.0)


def test_every_rule_says_where_it_stands():
    for row in mean_rules():
        assert row.document
        assert row.clause.zh
        assert row.clause.en
        assert row.status in Status
        assert row.rule is None or 0 < row.rule.needed <= row.rule.due


def test_every_mark_of_people_says_what_it_does_and_by_which_rule():
    codes = [one.code for one in markings()]
    assert len(codes) == len(set(codes))
    assert all(one.document and one.stations for one in markings())
    assert (marking("calibration").letter, marking("normal").letter, marking("link-lost").letter) == ("C", None, None)
    assert marking("incinerator-start").cap.total_seconds() == 60 * 3600
    with pytest.raises(UnknownMarking, match="calibration"):
        marking("holiday")


def test_rates_are_shares_of_what_was_due_and_of_what_came():
    """Effective transmission is transmission times validity."""
    found = Delivery(due=24, received=18, valid=9, timely=18)
    assert (found.transmission, found.validity, found.effective, found.timeliness) == (0.75, 0.5, 0.375, 1.0)
    nothing = Delivery(0, 0, 0, 0)
    assert (nothing.transmission, nothing.validity, nothing.effective, nothing.timeliness) == (None, None, None, None)
    assert Delivery(24, 0, 0, 0).effective == 0.0
    assert together([found, Delivery(24, 24, 24, 0)]) == Delivery(48, 42, 33, 18)


@given(st.sets(st.integers(0, 23)))
def test_gaps_and_values_make_up_the_day(there):
    hours = sorted(there)
    day = Series(
        np.array(hours, dtype=np.int64) * HOUR_US, np.ones(len(hours)), np.array(["N"] * len(hours)), "mg/L", 3600
    )
    found = missing(day, 0, 24 * HOUR_US)
    assert sum(gap.missing for gap in found) == 24 - len(there)
    absent = {hour for gap in found for hour in range(gap.start // HOUR_US, gap.end // HOUR_US)}
    assert absent == set(range(24)) - there
