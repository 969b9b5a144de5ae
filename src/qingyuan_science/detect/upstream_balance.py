"""Upstream balance: more comes down a river or sewer than all known inflows explain."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from qingyuan_science.detect import DETECTORS, Context, Detector, Finding, Severity, Sign, Upstream, WorkedExample
from qingyuan_science.detect._figures import values_at
from qingyuan_science.detect._ordinary import covering, hourly
from qingyuan_science.detect._stretches import Told, span_of, stretch_finding, stretches
from qingyuan_science.detect._tables import Floats
from qingyuan_science.detect._telling import enumerated
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import Averaging, Series
from qingyuan_science.units import convert

_FOUND = Text("浓度", "concentration")
_CLAUSE = Text("上下游质量平衡", "mass balance of the reach")
_SECTION = Text("三岔口断面", "Three Forks section")
_GAP = 1


def _upper(series: Series, values: tuple[float, ...]) -> dict[str, Any]:
    return {"upstream": (Upstream(Text("上游断面", "the upper section"), covering(series, 0, values), 3600.0),)}


@DETECTORS
@dataclass(frozen=True)
class UpstreamBalance(Detector):
    """Find concentrations above what known inflows can mix to.

    Notes
    -----
    Each inflow counts at the time at which its water passed it. With all flows known the expectation is their
    flow-weighted mean; without, it is the greatest of the inflows, because mixing cannot exceed it. What decays, or is
    diluted by an unknown clean inflow, only lowers the value, so what is above needs another source.
    """

    code: ClassVar[str] = "upstream_balance"
    title: ClassVar[Text] = Text("上下游不平衡", "Upstream and downstream disagree")
    source: ClassVar[Source] = Source("质量守恒", Text("混合公式", "mixing formula"))
    validity: ClassVar[Text] = Text(
        "需上游断面和传播时间；底泥释放、藻类和沿途面源会抬高下游，雨天慎用。",
        "Needs the sections upstream and travel times. Sediment, algae and run-off along the way raise the lower end: "
        "be careful in rain.",
    )
    averagings: ClassVar[tuple[Averaging, ...]] = (Averaging.HOUR, Averaging.DAY)
    needs: ClassVar[tuple[str, ...]] = ("upstream",)
    examples: ClassVar[tuple[WorkedExample, ...]] = (
        hourly(
            Text("上游氨氮约 0.5，一小时流程之下为 2", "ammonia is about 0.5 upstream and 2 an hour further down"),
            (
                Text(
                    "三岔口断面氨氮：浓度高于上游来水（上游断面）所能解释的水平（上下游质量平衡），2026-11-22"
                    " 02:00 至 2026-11-22 05:00，浓度 2.2 mg/L（应不超过 0.75 mg/L），此为线索，需现场核实",
                    "Ammonia nitrogen at Three Forks section: concentration is above what comes from "
                    "upstream (the upper section) (mass balance of the reach), from 2026-11-22 02:00 to "
                    "2026-11-22 05:00, concentration 2.2 mg/L (should be at most 0.75 mg/L), this is a lead "
                    "to be checked on site",
                ),
            ),
            (0.5, 0.5, 2.0, 2.1, 2.2, 0.6, 0.5, 0.5),
            lambda series: _upper(series, (0.5, 0.5, 0.5, 0.5, 0.5, 0.6, 0.5, 0.5)),
            factor="w21003",
            place=_SECTION,
        ),
        hourly(
            Text("上游的峰一小时后到达", "the peak from upstream arrives an hour later"),
            (),
            (0.5, 0.5, 2.0, 2.1, 2.2, 0.6, 0.5, 0.5),
            lambda series: _upper(series, (0.5, 2.1, 2.2, 2.2, 0.6, 0.5, 0.5, 0.5)),
            factor="w21003",
            place=_SECTION,
        ),
    )

    margin: float = parameter(
        0.5, "1", 0.05, 5.0, title=Text("超出预期多大比例即提示", "share above the expectation that is told")
    )
    minimum_periods: int = parameter(3, "periods", 1, 48, title=Text("至少多少个数据", "values that must be above"))

    def findings(self, series: Series, context: Context) -> list[Finding]:
        """Find stretches that the inflows do not explain.

        Parameters
        ----------
        series : Series
            Concentrations at the lower end.
        context : Context
            ``upstream``.

        Returns
        -------
        list[Finding]
            One finding a stretch, earliest first.
        """
        if not len(series) or not context.upstream or (series.step is None and len(series) < 2):
            return []
        told, above_it = _mixed(series, context), enumerated([one.place for one in context.upstream])
        says = Text(
            f"浓度高于上游来水（{above_it.zh}）所能解释的水平",
            f"concentration is above what comes from upstream ({above_it.en})",
        )
        above = np.where(series.valid & (told > 0.0), series.value / np.where(told > 0.0, told, 1.0) - 1.0, -1.0)
        found = []
        for group in stretches(above > self.margin, series, least=self.minimum_periods, gap=_GAP):
            worst = int(group[above[group].argmax()])
            sign = Sign(_FOUND, float(series.value[worst]), None, float(told[worst] * (1.0 + self.margin)), series.unit)
            over = float(above[worst] / self.margin - 1.0)
            one = Told(says, _CLAUSE, (sign,), Severity.MINOR, over, float(series.value[worst]))
            found.append(stretch_finding(self.code, series, context, span_of(group, series, _GAP), told=one))
        return found


def _mixed(series: Series, context: Context) -> Floats:
    """What the inflows can mix to at the time of each value; NaN where one of them is unknown."""
    rows, flows = [], []
    for one in sorted(context.upstream, key=lambda inflow: (inflow.place.zh, inflow.travel_s)):
        passed = series.at - round(one.travel_s * 1e6)
        rows.append(convert(values_at(passed, one.series), one.series.unit, series.unit))
        flows.append(None if one.flow is None else convert(values_at(passed, one.flow), one.flow.unit, "m3/h"))
    inflow = np.stack(rows)
    if any(flow is None for flow in flows):
        greatest: Floats = inflow.max(axis=0)
        return greatest
    weight = np.stack([flow for flow in flows if flow is not None])
    total = weight.sum(axis=0)
    return np.asarray((weight * inflow).sum(axis=0) / np.where(total > 0.0, total, np.nan))
