"""What findings say to somebody who has to sign them: names, stretches, figures and laws."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from qingyuan_science.detect import DETECTORS, Context
from qingyuan_science.detect.exceedance import Exceedance
from qingyuan_science.detect.repeated_days import RepeatedDays
from qingyuan_science.plugins import Text
from qingyuan_science.series import SECOND, Series, microseconds
from qingyuan_science.standards import factor, limits_for

DETECTORS.load("qingyuan_science.detect")

HOUR = 3600 * SECOND
COD = factor("w01018")
OUTLET = Text("城东排口", "East outlet")


def hours(start, values, unit="mg/L"):
    return Series.starting(datetime.fromisoformat(start), values, None, unit=unit, step=3600)


def at_outlet(code, standard, level, kind="hour"):
    measured = factor(code)
    return Context(OUTLET, measured, limits_for(measured, standard, level, None), kind, measured.decimals)


def moving(days, seed):
    random = np.random.default_rng(seed)
    return np.round(38.0 + 4.0 * random.standard_normal(days * 24), 2)


def test_an_hourly_mean_above_a_daily_limit_is_called_that_and_not_an_exceedance():
    found = Exceedance().findings(
        hours("2026-11-22T10:00:00+08:00", (61.0, 68.4)), at_outlet("w01018", "GB 18918-2002", "1A")
    )
    assert [one.title for one in found] == [
        Text("小时均值高于日均限值", "hourly mean above the limit for the daily mean")
    ]


def test_a_river_below_its_oxygen_by_one_hour_is_called_low_against_the_limit_of_the_month():
    context = at_outlet("w01009", "GB 3838", "III")
    (found,) = Exceedance().findings(hours("2026-11-22T10:00:00+08:00", (3.1,)), context)
    assert found.title == Text("小时均值低于月均限值", "hourly mean below the limit for the monthly mean")


def test_a_daily_mean_above_a_daily_limit_keeps_the_name_of_an_exceedance():
    series = Series.starting(
        datetime.fromisoformat("2026-11-21T00:00:00+08:00"), (61.0,), None, unit="mg/L", step=86400
    )
    (found,) = Exceedance().findings(series, at_outlet("w01018", "GB 18918-2002", "1A", "day"))
    assert found.title is None


def test_a_day_sent_again_names_the_day_that_it_was_taken_from():
    past, start = moving(90, seed=3), "2026-08-24T00:00:00+08:00"
    before = hours(start, past)
    again = hours("2026-11-22T00:00:00+08:00", past[70 * 24 : 71 * 24])  # 70 days after 24 August is 2 November
    context = Context(OUTLET, COD, (), "hour", 1, baseline=before)
    (found,) = RepeatedDays().findings(again, context)
    assert "2026-11-22 00:00 起 24 小时的数据重复了 2026-11-02 00:00 起的数据" in found.sentence.zh
    assert "the 24 hours from 2026-11-22 00:00 repeat those from 2026-11-02 00:00" in found.sentence.en


def test_a_day_sent_again_six_hours_later_names_the_hour_at_which_the_earlier_one_began():
    past, start = moving(90, seed=3), "2026-08-24T00:00:00+08:00"
    again = hours("2026-11-22T00:00:00+08:00", past[50 * 24 + 6 : 51 * 24 + 6])
    (found,) = RepeatedDays().findings(again, Context(OUTLET, COD, (), "hour", 1, baseline=hours(start, past)))
    assert "2026-10-13 06:00 起的数据" in found.sentence.zh


def days_later(series, days):
    return Series(series.at + days * 24 * HOUR, series.value, series.mark, series.unit, series.step)


@pytest.mark.parametrize(
    "code", ["constant_value", "coarse_digits", "impossible_values", "clock_offset", "step_after_service"]
)
def test_data_from_before_the_monitoring_regulation_are_not_judged_by_it(code):
    kind = DETECTORS.get(code)
    example = next(one for one in kind.examples if one.expected)
    series = days_later(example.series(), -364)
    context = (
        replace(Context(example.place, factor(example.factor), (), example.kind, 1), **(example.around or dict)(series))
        if example.around
        else Context(example.place, factor(example.factor), (), example.kind, 1)
    )
    (found,) = kind().findings(series, context)
    assert found.end < microseconds(datetime.fromisoformat("2026-01-01T00:00:00+08:00"))
    assert found.clause.zh == "2026-01-01 前的数据，适用条款未取得"
    assert "第二十五条" not in found.sentence.zh


def test_a_silent_river_station_is_not_held_to_the_rules_for_monitors_of_polluters():
    kind = DETECTORS.get("missing_data")
    example = next(one for one in kind.examples if one.expected)
    at_a_river = replace(example.context(), outlet=False)
    (here,), (there,) = (kind().findings(example.series(), one) for one in (example.context(), at_a_river))
    assert "第15条" in here.clause.zh
    assert "第15条" not in there.clause.zh


def test_power_is_told_as_power_and_energy_as_energy():
    kind = DETECTORS.get("emergency_cut")
    example = kind.examples[0]
    context = example.context()
    in_kw = replace(
        context,
        electricity=tuple(
            replace(one, series=Series(one.series.at, one.series.value, one.series.mark, "kW", one.series.step))
            for one in context.electricity
        ),
    )
    (energy,), (power,) = (kind().findings(example.series(), one) for one in (context, in_kw))
    assert "最高小时用电 505 kWh" in energy.sentence.zh
    assert "最高小时平均功率 505 kW" in power.sentence.zh


def test_odd_values_are_told_by_how_many_they_are():
    example = DETECTORS.get("constant_value").examples[1]
    (found,) = DETECTORS.get("constant_value")().findings(example.series(), example.context())
    noughts = int(np.count_nonzero(example.series().value == 0.0))
    assert f"零值占比（24 个中 {noughts} 个）" in found.sentence.zh
    assert found.signs[0].unit == "%"


def stack(code, unit, values, **beside):
    series = hours("2026-11-22T00:00:00+08:00", values, unit)
    channels = {(name, ""): hours("2026-11-22T00:00:00+08:00", *of) for name, of in beside.items()}
    measured = factor(code)
    found = DETECTORS.get("impossible_values")().findings(
        series, Context(OUTLET, measured, (), "hour", 1, beside=channels)
    )
    return [one.sentence.zh for one in found]


def test_flue_gas_wetter_than_saturation_at_its_temperature_is_impossible():
    """At 50 degrees saturated air holds 123.4 hPa of 1013.25, that is 12.2 % of steam; at 60, 199.3 hPa or 19.7 %."""
    cool = stack("a01014", "%", (17.0,) * 4, a01012=((50.0,) * 4, "°C"))
    assert len(cool) == 1
    assert "含湿量高于该温度下的饱和含湿量" in cool[0]
    assert "应不超过 12.2%" in cool[0]
    assert stack("a01014", "%", (17.0,) * 4, a01012=((60.0,) * 4, "°C")) == []
    assert stack("a01014", "%", (17.0,) * 4, a01012=((130.0,) * 4, "°C")) == []


def test_total_nitrogen_below_the_sum_of_ammonia_and_nitrate_is_impossible():
    """8 and 6 make 14; 10 is less than that by more than the margin of 15 %, 13 is not."""
    parts = {"w21003": ((8.0,) * 4, "mg/L"), "w21007": ((6.0,) * 4, "mg/L")}
    (said,) = stack("w21001", "mg/L", (10.0,) * 4, **parts)
    assert "数值低于各分项之和" in said
    assert "应不低于 14 mg/L" in said
    assert stack("w21001", "mg/L", (13.0,) * 4, **parts) == []
