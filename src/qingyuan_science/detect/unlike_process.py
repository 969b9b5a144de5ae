"""Unlike its process: values that do not follow from the process channels as they used to."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from qingyuan_science.detect import DETECTORS, Context, WorkedExample
from qingyuan_science.detect._days import Days
from qingyuan_science.detect._explained import Learning, day_medians, expected_from
from qingyuan_science.detect._figures import mean_of_three, trailing_median
from qingyuan_science.detect._ordinary import STACK, covering, hourly, ordinary
from qingyuan_science.detect._scored import Measure, Scored
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import Series
from qingyuan_science.standards.factors import EXHAUST_FLOW

_FLOW = ordinary(122 * 24, 40.0, 4.0, seed=2)
_TODAY = _FLOW[120 * 24 : 121 * 24]
_LOWER = Text("相对工况预期的比值", "value beside what the process lets expect")
_LOWER_THREE = Text("近三天相对工况预期的比值", "value over three days beside what the process lets expect")
_FOLLOWS = Text("日内随工况预期同向变化的幅度", "movement within the day in step with what the process lets expect")
_MOVES = Text("日内波动与工况预期波动之比", "spread within the day beside that expected from the process")
_LEAST_PAIRS = 12
_LEAST_SPREAD = 1e-6  # of a logarithm
_STIFFNESS = 100.0  # of the expectation
_LEVEL, _LEVEL_THREE, _COURSE = 0.4, 0.3, 0.15  # parts of the budget: most frauds lower the level


def _following(series: Series) -> dict[str, Any]:
    """Flow, and a channel that has always been twice the flow, give or take a little."""
    noise = ordinary(120 * 24, 1.0, 0.02, seed=6, decimals=4)
    usual = tuple(round(2.0 * flow * times, 2) for flow, times in zip(_FLOW, noise, strict=False))
    beside = {(EXHAUST_FLOW, ""): covering(series, 120, _FLOW, "m3/s")}
    return {"baseline": covering(series, 120, usual), "beside": beside}


@DETECTORS
@dataclass(frozen=True)
class UnlikeProcess(Scored):
    """Find days on which a channel is lower, stiller or otherwise than its companions let expect.

    Notes
    -----
    The logarithm of the channel is expected from the other channels of the station, learned anew every thirty days
    from earlier days only. The daily median of the rest is compared with the median of the two weeks before, so that
    slow drift of the instrument or the process raises nothing. Only too low values are told: too high ones are an
    exceedance or a real change. The course within a day is compared too: how far it moves in step with what is
    expected, which is below nought where a course is mirrored or made up while the process really moved, and how wide
    it moves. Most of the budget goes to the level, for most frauds lower it.
    """

    code: ClassVar[str] = "unlike_process"
    cause: ClassVar[str] = "distorted data"
    title: ClassVar[Text] = Text("与工况不符", "Unlike its process")
    source: ClassVar[Source] = Source(
        "Rahimi and Recht 2007, NIPS 20", "p. 1177", note=Text("工况预测", "expectation from process channels")
    )
    validity: ClassVar[Text] = Text(
        "需同站的工况通道（负荷、氧、温度、流量等）及至少 60 天历史；长期不变的压低只在起始两周内可见；"
        "工况解释力弱的污染物（如 CO）灵敏度低。",
        "Needs process channels of the station and at least 60 days of history. A lasting reduction is seen in its "
        "first two weeks only; factors that the process explains poorly, such as CO, are judged with little power.",
    )
    needs: ClassVar[tuple[str, ...]] = ("beside",)
    looks_back_days: ClassVar[int] = 120
    says: ClassVar[Text] = Text("数据与工况不符", "values do not follow from the process")
    examples: ClassVar[tuple[WorkedExample, ...]] = (
        hourly(
            Text(
                "NOx 平日随流量变化，今日只有平时的六成", "NOx usually follows the flow; today it is six tenths of that"
            ),
            (
                Text(
                    "热电厂 1 号排口氮氧化物：数据与工况不符（生态环境监测条例 第二十五条），2026-11-22 "
                    "00:00 至 2026-11-23 00:00，相对工况预期的比值 0.599（通常不低于 0.986），正常情况下超过 "
                    "10,000 天才有一天如此，此为线索，需现场核实",
                    "NOx at stack 1 of the power station: values do not follow from the process (Regulation "
                    "on Ecological and Environmental Monitoring art. 25), from 2026-11-22 00:00 to "
                    "2026-11-23 00:00, value beside what the process lets expect 0.599 (usually at least "
                    "0.986), seen on one ordinary day in more than 10,000, this is a lead to be checked on "
                    "site",
                ),
            ),
            tuple(round(1.2 * flow, 2) for flow in _TODAY),
            lambda series: _following(series),
            factor="a21002",
            place=STACK,
        ),
        hourly(
            Text("NOx 随流量变化", "NOx follows the flow"),
            (),
            tuple(round(2.0 * flow, 2) for flow in _TODAY),
            lambda series: _following(series),
            factor="a21002",
            place=STACK,
        ),
    )

    reference_days: int = parameter(
        14, "d", 5, 60, title=Text("与此前多少天的偏差比较", "days before whose deviation counts as usual")
    )

    def measures(self, days: Days, context: Context) -> tuple[Measure, ...]:
        """Measure how each day departs from what the process lets expect."""
        from qingyuan_science.detect._loops import stretches

        if not context.beside:
            return ()
        whole, target = days.whole, days.whole.logarithms
        inputs = np.array([stretches.values_at(whole.at, context.beside[name]) for name in sorted(context.beside)])
        first = min(180, max(30, int(days.learned.sum()) // 2))
        told = expected_from(inputs, target, days, Learning(first, stiffness=_STIFFNESS))
        rest = day_medians(target - told, days)
        lower = rest - trailing_median(rest, self.reference_days)
        follows, moves = stretches.agreement(target, told, days.spans, (_LEAST_PAIRS, _LEAST_SPREAD))
        return (
            Measure(_LOWER, np.exp(lower), "1", 0.02, True, True, _LEVEL),
            Measure(_LOWER_THREE, np.exp(mean_of_three(lower)), "1", 0.02, True, True, _LEVEL_THREE),
            Measure(_FOLLOWS, follows, "1", 0.005, True, False, _COURSE),
            Measure(_MOVES, moves, "1", 0.1, True, True, _COURSE),
        )
