"""Discharge during an ordered stop: flow goes on after the day on which it had to cease."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from qingyuan_science.detect import (
    DETECTORS,
    HOURS,
    Context,
    Detector,
    Finding,
    Record,
    RecordKind,
    Severity,
    Sign,
    WorkedExample,
)
from qingyuan_science.detect._days import days_of
from qingyuan_science.detect._figures import values_at
from qingyuan_science.detect._ordinary import covering, hourly, ordinary
from qingyuan_science.detect._power import LEARN_DAYS, usual_load
from qingyuan_science.detect._stretches import Told, span_of, stretch_finding, stretches
from qingyuan_science.detect._tables import Floats
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import Averaging, Series
from qingyuan_science.standards.factors import EXHAUST_FLOW, WASTEWATER_FLOW
from qingyuan_science.units import UnitError, convert

_CLAUSE = Text("停产、停排决定", "order to stop discharge")
_FLOW = Text("平均流量", "mean flow")
_TOTAL = Text("期间累计排放量", "discharged meanwhile")
_HOUR = 3_600_000_000
_GAP = 1
_FLOWS = (WASTEWATER_FLOW, EXHAUST_FLOW)


def _volume(rate: Floats, unit: str, period: int) -> tuple[Sign, ...]:
    """How much flowed in the values that show it; nothing where the flow is in no unit of volume."""
    try:
        total = float(convert(rate, unit, "m3/h").sum()) * period / _HOUR
    except UnitError:
        return ()
    return (Sign(_TOTAL, total, None, None, "m3"),)


def _ordered(series: Series, share: float) -> dict[str, Any]:
    flow = list(ordinary(29 * 24, 30.0, 3.0, seed=61))
    flow[28 * 24 :] = [round(share * one, 2) for one in flow[28 * 24 :]]
    for day in range(28):
        flow[day * 24 : day * 24 + 4] = [0.0] * 4
    order = Record(
        RecordKind.STOP_ORDER, int(series.at[0]), int(series.at[-1]) + series.period, Text("停排 3 号", "order 3")
    )
    return {"records": (order,), "beside": {(WASTEWATER_FLOW, ""): covering(series, 28, tuple(flow), "L/s")}}


@DETECTORS
@dataclass(frozen=True)
class OrderedStop(Detector):
    """Find flow at an outlet while an order says that nothing may be discharged.

    Notes
    -----
    The flow channel decides, or the series itself if it is a flow. Flow counts from a small share of the usual full
    flow of the four weeks before the order, so that seepage and the zero of the meter raise nothing.
    """

    code: ClassVar[str] = "ordered_stop"
    title: ClassVar[Text] = Text("停排期间仍有排放", "Discharge during an ordered stop")
    of_factor: ClassVar[bool] = False
    source: ClassVar[Source] = Source("行政处罚与停产整治决定", Text("个案", "case by case"))
    validity: ClassVar[Text] = Text(
        "需流量通道及决定生效前至少两天数据；雨水排口不适用。",
        "Needs a flow channel and at least two days before the order; not for storm-water outlets.",
    )
    averagings: ClassVar[tuple[Averaging, ...]] = HOURS
    needs: ClassVar[tuple[str, ...]] = ("records", "beside")
    heeds: ClassVar[tuple[RecordKind, ...]] = (RecordKind.STOP_ORDER,)
    at_once: ClassVar[bool] = True
    looks_back_days: ClassVar[int] = LEARN_DAYS
    examples: ClassVar[tuple[WorkedExample, ...]] = (
        hourly(
            Text("停排决定生效后流量仍约 15 L/s", "flow is still about 15 L/s after the order"),
            (
                Text(
                    "城东污水处理厂总排口 COD：停排 3 号执行期间仍有排放（停产、停排决定），2026-11-22 00:00 "
                    "至 2026-11-22 06:00，平均流量 15.3 L/s（应不超过 1.69 L/s），停排前满流量（其 5% 以内不"
                    "视为排放）33.9 L/s，此为线索，需现场核实",
                    "COD at the main outlet of the East Sewage Works: discharge goes on during order 3 "
                    "(order to stop discharge), from 2026-11-22 00:00 to 2026-11-22 06:00, mean flow 15.3 "
                    "L/s (should be at most 1.69 L/s), full flow before the order (up to 5% of it is no "
                    "discharge) 33.9 L/s, this is a lead to be checked on site",
                ),
            ),
            ordinary(6, 40.0, 2.0, seed=62, decimals=1),
            lambda series: _ordered(series, 0.5),
        ),
        hourly(
            Text("停排决定生效后流量为零", "flow is nought after the order"),
            (),
            ordinary(6, 40.0, 2.0, seed=62, decimals=1),
            lambda series: _ordered(series, 0.0),
        ),
    )

    least_share: float = parameter(
        0.05, "1", 0.01, 1.0, title=Text("达到平时满流量的该比例视为排放", "share of full flow that is a discharge")
    )
    grace_hours: float = parameter(0.0, "h", 0.0, 72.0, title=Text("决定生效后的宽限", "time left after the order"))
    minimum_periods: int = parameter(2, "periods", 1, 48, title=Text("至少多少个数据", "values that must show flow"))

    def findings(self, series: Series, context: Context) -> list[Finding]:
        """Find discharge while an order to stop holds.

        Parameters
        ----------
        series : Series
            Values of one factor at the outlet.
        context : Context
            Orders among the records, and the flow beside.

        Returns
        -------
        list[Finding]
            One finding an order and stretch, earliest first.
        """
        if not len(series) or (series.step is None and len(series) < 2):
            return []
        itself = context.factor.code in _FLOWS
        flow = next((one for code in _FLOWS if (one := context.channel(code))), None)
        if itself:  # what came since the baseline may lie before the order too
            flow = days_of(series, context.baseline, 0).whole if context.baseline is not None else None
        if flow is None:
            return []
        rate = np.where(series.valid, series.value, np.nan) if itself else values_at(series.at, flow)
        orders = sorted((one for one in context.records if one.kind is RecordKind.STOP_ORDER),
                        key=lambda one: (one.start, one.end))  # fmt: skip
        found = [one for order in orders for one in self._of_order(series, context, order, (flow, rate))]
        return sorted(found, key=lambda one: (one.start, one.end))

    def _of_order(self, series: Series, context: Context, order: Record, flows: tuple[Series, Floats]) -> list[Finding]:
        flow, rate = flows
        usual = usual_load(flow, order.start)
        if usual is None or usual.full <= 0.0:
            return []
        least = self.least_share * usual.full
        held = (series.at >= order.start + round(self.grace_hours * 3.6e9)) & (series.at < order.end)
        full = Text(
            f"停排前满流量（其 {self.least_share:.0%} 以内不视为排放）",
            f"full flow before the order (up to {self.least_share:.0%} of it is no discharge)",
        )
        found = []
        for group in stretches(held & (rate > least), series, least=self.minimum_periods, gap=_GAP):
            mean = float(rate[group].mean())
            says = Text(f"{order.title.zh}执行期间仍有排放", f"discharge goes on during {order.title.en}")
            itself = context.factor.code in _FLOWS
            signs = (
                Sign(_FLOW, mean, None, least, flow.unit, itself),
                Sign(full, usual.full, None, None, flow.unit),
                *_volume(rate[group], flow.unit, series.period),
            )
            told = Told(says, _CLAUSE, signs, Severity.CRITICAL, mean / least - 1.0)
            found.append(stretch_finding(self.code, series, context, span_of(group, series, _GAP), told=told))
        return found
