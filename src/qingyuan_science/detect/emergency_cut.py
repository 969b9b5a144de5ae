"""Emergency cut not carried out: electricity says that production went on during a heavy-pollution warning."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from qingyuan_science.detect import (
    DETECTORS,
    HOURS,
    Context,
    Detector,
    Finding,
    Meter,
    MeterRole,
    Record,
    RecordKind,
    Severity,
    Sign,
    WorkedExample,
)
from qingyuan_science.detect._days import Floats
from qingyuan_science.detect._ordinary import STACK, covering, hourly, ordinary
from qingyuan_science.detect._power import LEARN_DAYS, meters, same_hours_before, usual_load
from qingyuan_science.detect._stretches import Told, stretch_finding, stretches
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import Averaging, Series

_CLAUSE = Text("重污染天气应急减排措施", "emergency measures for heavy pollution")
_USED = Text("用电", "electricity used")
_HOUR = 3_600_000_000
_ORDER = Text("橙色预警", "orange warning")


def _plan(series: Series, breach: bool) -> dict[str, Any]:
    used = list(ordinary(29 * 24, 500.0, 20.0, seed=51, decimals=0))
    used[28 * 24 :] = [20.0] * 24
    if breach:
        used[28 * 24 + 12 : 28 * 24 + 16] = [490.0, 505.0, 498.0, 501.0]
    for day in range(28):  # nights at stand-by, so that it is known
        used[day * 24 : day * 24 + 4] = [20.0] * 4
    start = int(series.at[0])
    return {
        "electricity": (
            Meter(MeterRole.PRODUCTION, Text("1 号炉", "furnace 1"), covering(series, 28, tuple(used), "kWh")),
        ),
        "records": (Record(RecordKind.EMERGENCY_CUT, start, start + 24 * _HOUR, _ORDER, 1.0),),
    }


@DETECTORS
@dataclass(frozen=True)
class EmergencyCut(Detector):
    """Find stretches of an emergency cut in which production drew more power than the pledge allows.

    Notes
    -----
    Allowed is the usual load at the same hour of working days or weekends over the four weeks before the order, less
    the pledged share, but never less than stand-by; on top comes a margin of the range from stand-by to full load. The
    first hours are left for a safe shut-down. Exempt enterprises have no such record.
    """

    code: ClassVar[str] = "emergency_cut"
    title: ClassVar[Text] = Text("应急减排未落实", "Emergency cut not carried out")
    source: ClassVar[Source] = Source("重污染天气应急减排清单", "一厂一策", note="用电比对 electricity beside the plan")
    validity: ClassVar[Text] = Text(
        "需生产电表、预警前至少两天数据和企业承诺的减排比例;保安负荷、民生任务等豁免须先排除。",
        "Needs a production meter, at least two days before the order, and the pledged share. Exempt loads must be "
        "taken out first.",
    )
    averagings: ClassVar[tuple[Averaging, ...]] = HOURS
    needs: ClassVar[tuple[str, ...]] = ("electricity", "records")
    looks_back_days: ClassVar[int] = LEARN_DAYS
    examples: ClassVar[tuple[WorkedExample, ...]] = (
        hourly(
            Text("停产期间 12 时至 16 时照常用电", "from 12 to 16 o'clock of a full stop power is drawn as usual"),
            (
                Text(
                    "热电厂 1 号排口二氧化硫:橙色预警期间1 号炉用电超出减排承诺(重污染"
                    "天气应急减排措施),2026-11-22 12:00 "
                    "至 2026-11-22 16:00,用电 498 kWh(应不"
                    "超过 70.9 kWh),此为线索,需现场核实",
                    "SO2 at stack 1 of the power station: furnace 1 draws more power than pledged during the orange "
                    "warning (emergency measures for heavy pollution), from 2026-11-22 12:00 to 2026-11-22 16:00, "
                    "electricity used 498 kWh (should be at most 70.9 kWh), this is a lead to be checked on site",
                ),
            ),
            ordinary(24, 60.0, 5.0, seed=42),
            lambda series: _plan(series, True),
            factor="a21026",
            place=STACK,
        ),
        hourly(
            Text("停产期间只有保安用电", "during the full stop only stand-by power is drawn"),
            (),
            ordinary(24, 60.0, 5.0, seed=42),
            lambda series: _plan(series, False),
            factor="a21026",
            place=STACK,
        ),
    )

    margin: float = parameter(
        0.1, "1", 0.0, 0.5, title=Text("允许超出的负荷区间比例", "share of the load range by which it may be passed")
    )
    grace_hours: float = parameter(
        2.0, "h", 0.0, 24.0, title=Text("预警生效后的宽限", "time left for a safe shut-down")
    )
    smooth_hours: float = parameter(
        4.0, "h", 0.25, 24.0, title=Text("部分减排按多少小时均值比较", "time over which a partial cut is averaged")
    )
    minimum_hours: float = parameter(1.0, "h", 0.25, 24.0, title=Text("至少持续", "time it must last"))

    def findings(self, series: Series, context: Context) -> list[Finding]:
        """Find breaches of the emergency cuts on record.

        Parameters
        ----------
        series : Series
            Values of a factor of the outlet; their times bound what is judged.
        context : Context
            The meters, and the cuts among the records.

        Returns
        -------
        list[Finding]
            One finding a breach, earliest first.
        """
        if not len(series) or (series.step is None and len(series) < 2):
            return []
        orders = sorted((one for one in context.records if one.kind is RecordKind.EMERGENCY_CUT),
                        key=lambda one: (one.start, one.end))  # fmt: skip
        found = [
            one
            for order in orders
            for meter in meters(context, MeterRole.PRODUCTION)
            for one in self._of_order(series, context, order, meter)
        ]
        return sorted(found, key=lambda one: (one.start, one.end))

    def _of_order(self, series: Series, context: Context, order: Record, meter: Meter) -> list[Finding]:
        used, load = meter.series, usual_load(meter.series, order.start)
        if load is None:
            return []
        start, end = int(series.at[0]), int(series.at[-1]) + series.period
        usual = same_hours_before(used, used.at, order.start)
        allowed = np.maximum((1.0 - order.cut) * usual, load.idle) + self.margin * (load.full - load.idle)
        value = used.value
        if order.cut < 1.0:  # a part of an uneven load is uneven too: judged over some hours
            count, held = max(1, round(self.smooth_hours * _HOUR / used.period)), used.at >= order.start
            value, allowed = (_mean_before(np.where(held, one, np.nan), count) for one in (value, allowed))
        judged = (used.at >= max(start, order.start + round(self.grace_hours * _HOUR))) & (used.at < order.end)
        flags = used.valid & judged & (used.at + used.period <= end) & (value > allowed)
        least = max(1, round(self.minimum_hours * _HOUR / used.period))
        found = []
        for group in stretches(flags, used, least=least, gap=0):
            span = (int(used.at[group[0]]), int(used.at[group[-1]]) + used.period)
            ongoing = span[1] + used.period > end and span[1] < order.end
            mean, bound = float(value[group].mean()), float(np.mean(allowed[group]))
            says = Text(
                f"{order.title.zh}期间{meter.name.zh}用电超出减排承诺",
                f"{meter.name.en} draws more power than pledged during the {order.title.en}",
            )
            told = Told(says, _CLAUSE, (Sign(_USED, mean, None, bound, used.unit),), Severity.MAJOR, mean / bound - 1.0)
            found.append(stretch_finding(self.code, series, context, (*span, ongoing), told=told))
        return found


def _mean_before(value: Floats, count: int) -> Floats:
    """Mean of each value and those before it, so many in all; NaN counts as none."""
    known = np.isfinite(value)
    sums, counts = np.cumsum(np.where(known, value, 0.0)), np.cumsum(known)
    sums[count:], counts[count:] = sums[count:] - sums[:-count], counts[count:] - counts[:-count]
    mean: Floats = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    return mean
