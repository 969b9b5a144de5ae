"""What a sentence says must be what an officer can defend: the value, its bound in readable units, and beside what."""

from datetime import UTC, datetime

import numpy as np
import pytest

from qingyuan_science.detect import Context, Neighbour, Record, RecordKind, Upstream
from qingyuan_science.detect.annual_total import AnnualTotal
from qingyuan_science.detect.approaching_limit import ApproachingLimit
from qingyuan_science.detect.clock_offset import ClockOffset
from qingyuan_science.detect.copied_channel import CopiedChannel
from qingyuan_science.detect.emergency_cut import EmergencyCut
from qingyuan_science.detect.ordered_stop import OrderedStop
from qingyuan_science.detect.upstream_balance import UpstreamBalance
from qingyuan_science.plugins import Text
from qingyuan_science.series import SECOND, Series, microseconds
from qingyuan_science.standards import factor, limits_for

AT = microseconds(datetime(2026, 3, 1, 16, tzinfo=UTC))  # midnight in China
HOUR = 3600 * SECOND
PLACE = Text("城东污水处理厂总排口", "the main outlet of the East Sewage Works")
STACK = Text("南排口（南钢有限公司）", "the south outlet (Nangang Ltd.)")


def hours(values, unit="mg/L", start=AT):
    size = len(values)
    return Series(start + np.arange(size) * HOUR, np.array(values, dtype=float), np.full(size, "N"), unit, 3600.0)


def about(code="w01018", limits=(), **around):
    return Context(PLACE, factor(code), limits, "hour", 1, **around)


def said(findings):
    (one,) = findings
    return one.sentence.zh, one.sentence.en


def test_a_value_that_stands_at_the_share_of_early_warning_is_told_as_too_near_not_as_allowed():
    sewage = about(limits=limits_for("w01018", "GB 18918", "1A", None))
    zh, en = said(ApproachingLimit().findings(hours([45.0] * 3), sewage))  # 45 of 50 mg/L are 90 %
    assert "最高 45.0 mg/L，临近一级A 限值 50 mg/L，此为预警（GB 18918-2002 表1）" in zh
    assert "达到限值的比例 90%（应低于 90%）" in zh
    assert "values up to 45.0 mg/L come close to the class 1A limit of 50 mg/L" in en
    assert "share of the limit 90% (should be less than 90%)" in en


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (
            601_200.0,
            "晚于时段结束 167 h（应不超过 2 h）",
            "behind the end of their time by 167 h (should be at most 2 h)",
        ),
        (
            -240.0,
            "早于时段结束 4 min（应不超过 1 min）",
            "ahead of the end of their time by 4 min (should be at most 1 min)",
        ),
    ],
)
def test_a_delay_of_days_is_told_in_hours_and_an_early_arrival_in_minutes(seconds, zh, en):
    late = hours([seconds] * 4, unit="s")
    told = said(ClockOffset().findings(hours([38.0] * 4), about(arrivals=late)))
    assert zh in told[0]
    assert en in told[1]


def course(seed, days):
    return 90.0 + np.random.default_rng(seed).normal(0.0, 8.0, days * 24)


@pytest.mark.parametrize("where", ["near", "beside"])
def test_a_copy_names_the_channel_that_it_follows_among_several(where):
    past, copied, odd = course(1, 60), course(2, 61), course(3, 61)
    today = hours(0.6 * copied[-24:] + 5.0)

    def covering(values):
        return hours(values, start=AT - 60 * 24 * HOUR)

    near = [Neighbour(Text("北排口", "the north outlet"), covering(odd), 0.1)]
    beside = {("w21003", ""): covering(course(4, 61))}
    if where == "near":
        near.append(Neighbour(STACK, covering(copied), 0.2))
    else:
        beside["w21011", ""] = covering(copied)
    context = about(baseline=covering(past), neighbours=tuple(near), beside=beside)
    zh, en = said(CopiedChannel().findings(today, context))
    named = {
        "near": (
            "数据与南排口（南钢有限公司）COD 亦步亦趋",
            "values follow those of COD at the south outlet (Nangang Ltd.) step",
        ),
        "beside": ("数据与同一点位的总磷亦步亦趋", "values follow those of total phosphorus at the same place step"),
    }[where]
    assert named[0] in zh
    assert named[1].casefold() in en.casefold()


def test_a_total_tells_how_much_of_the_year_is_known_in_hundredths():
    start = microseconds(datetime(2025, 12, 31, 16, tzinfo=UTC))
    flow = {("w00000", ""): hours([100.0] * 876, unit="L/s", start=start)}  # a tenth of the year, 18 kg an hour
    context = about(beside=flow, annual_permit={2026: 10_000.0})
    told = AnnualTotal().findings(hours([50.0] * 876, start=start), context)
    zh, en = said(told)
    assert "本年累计排放量 15,768 kg（应不超过 10,000 kg），有数据时段占比 100%（应不低于 90%）" in zh
    assert "share of the time with values 100% (should be at least 90%)" in en


def test_a_stop_that_is_not_kept_tells_what_its_bound_is_a_share_of():
    flow = hours([0.0] * 4 + [40.0] * 20, unit="L/s", start=AT - 24 * HOUR)
    usual = np.tile(flow.value, 28)
    whole = hours([*usual, *([20.0] * 6)], unit="L/s", start=AT - 28 * 24 * HOUR)
    order = Record(RecordKind.STOP_ORDER, AT, AT + 6 * HOUR, Text("责停〔2026〕3号", "order 3"))
    zh, en = said(OrderedStop().findings(hours([38.0] * 6), about(records=(order,), beside={("w00000", ""): whole})))
    assert "责停〔2026〕3号执行期间仍有排放" in zh
    assert "平均流量 20 L/s（应不超过 2 L/s），停排前满流量（其 5% 以内不视为排放）40 L/s" in zh
    assert (
        "mean flow 20 L/s (should be at most 2 L/s), full flow before the order (up to 5% of it is no discharge)" in en
    )


def test_what_upstream_does_not_explain_names_the_sections_upstream():
    inflow = Upstream(Text("上游断面", "the upper section"), hours([0.5] * 8, start=AT - 2 * HOUR), 3600.0)
    zh, en = said(UpstreamBalance().findings(hours([2.0] * 6), about("w21003", upstream=(inflow,))))
    assert "浓度高于上游来水（上游断面）所能解释的水平" in zh
    assert "comes from upstream (the upper section)" in en


def test_a_full_stop_that_is_not_kept_tells_what_of_the_load_is_allowed():
    (example, *_rest) = EmergencyCut.examples
    zh, en = said(EmergencyCut().findings(example.series(), example.context()))
    assert "（承诺减 100%，允许待机 20 kWh 及负荷区间的 10%）" in zh  # stand-by of the example's nights
    assert "(pledged: 100% less; allowed are 20 kWh of stand-by and 10% of the load range)" in en
