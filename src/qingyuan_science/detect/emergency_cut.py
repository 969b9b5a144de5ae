"""Emergency cut not carried out: electricity says that production went on during a heavy-pollution warning."""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

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
from qingyuan_science.detect._days import A_DAY
from qingyuan_science.detect._ordinary import STACK, covering, hourly, ordinary
from qingyuan_science.detect._power import Load, greatest_hours, hourly_means, meters, usual_load, values_an_hour
from qingyuan_science.detect._stretches import Told, stretch_finding, stretches
from qingyuan_science.detect._surprise import LEAST_LEARNED
from qingyuan_science.detect._tables import Floats
from qingyuan_science.detect._telling import figure
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import Averaging, Series

_CLAUSE = Text("重污染天气应急减排措施", "emergency measures for heavy pollution")
_USED = Text("最高小时用电", "electricity in the greatest hour")
_HOUR = 3_600_000_000
_ORDER = Text("橙色预警", "orange warning")


def _plan(series: Series, share: float, today: list[float]) -> dict[str, Any]:
    """Four weeks of production with nights at stand-by, then a day under an order."""
    used = [*ordinary(28 * 24, 500.0, 20.0, seed=51, decimals=0), *today]
    for day in range(28):
        used[day * 24 : day * 24 + 4] = [20.0] * 4
    start = int(series.at[0])
    return {
        "electricity": (
            Meter(MeterRole.PRODUCTION, Text("1 号炉", "furnace 1"), covering(series, 28, tuple(used), "kWh")),
        ),
        "records": (Record(RecordKind.EMERGENCY_CUT, start, start + 24 * _HOUR, _ORDER, share),),
    }


class _Allowed(NamedTuple):
    """Greatest mean over an hour that a pledge leaves, and the greatest hours of the days it was made from."""

    bound: float
    peaks: Floats | None


@DETECTORS
@dataclass(frozen=True)
class EmergencyCut(Detector):
    """Find stretches of an emergency cut in which production drew more power than the pledge allows.

    Notes
    -----
    The greatest mean over an hour counts. Allowed is stand-by, and on top of it what the pledge leaves of the greatest
    hours of earlier days: of the twelve weeks before the order, each cut to the same time of the day, those on which
    the plant ran are taken, and the bound is passed by no more than the stated share of them (conformal prediction).
    A plant that did as it pledged is therefore told on no more than that share of its orders, as long as the days
    under the order would have been like those before. A load that spreads more widely than the pledge is large cannot
    be told apart, and then nothing is said. The first hours are left for a safe shut-down. Exempt enterprises have no
    such record.
    """

    code: ClassVar[str] = "emergency_cut"
    title: ClassVar[Text] = Text("应急减排未落实", "Emergency cut not carried out")
    source: ClassVar[Source] = Source(
        "Vovk, Gammerman, Shafer 2005, Algorithmic Learning in a Random World",
        Text("第 2 章", "ch. 2"),
        note=Text(
            "重污染天气应急减排清单(一厂一策),用电比对",
            "emergency plan of each plant for heavy pollution; electricity beside it",
        ),
    )
    validity: ClassVar[Text] = Text(
        "需生产电表和承诺的减排比例;停产令至少需预警前两天数据,部分减排至少需 14 个生产日。平日负荷起伏大于承诺比例的"
        "企业,部分减排只能发现一部分。承诺须指任何时刻的负荷:以缩短工时兑现的承诺应按停产时段录入。"
        "保安负荷、民生任务等豁免须先排除。",
        "Needs a production meter and the pledged share; two days before the order for a full stop, 14 days of "
        "production for a part. Where the load spreads more widely than the pledge is large, only some breaches of a "
        "partial cut are seen. The pledge must hold at every hour: one kept by shorter hours is to be entered as a "
        "full stop of the other hours. Exempt loads must be taken out first.",
    )
    averagings: ClassVar[tuple[Averaging, ...]] = HOURS
    needs: ClassVar[tuple[str, ...]] = ("electricity", "records")
    looks_back_days: ClassVar[int] = 84
    learns: ClassVar[bool] = False  # the meters' past decides, and it says itself where that is too short
    examples: ClassVar[tuple[WorkedExample, ...]] = (
        hourly(
            Text("停产期间 12 时至 16 时照常用电", "from 12 to 16 o'clock of a full stop power is drawn as usual"),
            (
                Text(
                    "热电厂 1 号排口二氧化硫:橙色预警期间1 号炉用电超出减排承诺(承诺减 100%)(重污染天气"
                    "应急减排措施),2026-11-22 12:00 至 2026-11-22 16:00,最高小时"
                    "用电 505 kWh(应不超过 70.9 kWh),此为线索,需现场核实",
                    "SO2 at stack 1 of the power station: furnace 1 draws more power than pledged during the orange "
                    "warning (pledged: 100% less) (emergency measures for heavy pollution), from 2026-11-22 12:00 to"
                    " 2026-11-22 16:00, electricity in the greatest hour 505 kWh (should be at most 70.9 kWh), this "
                    "is a lead to be checked on site",
                ),
            ),
            ordinary(24, 60.0, 5.0, seed=42),
            lambda series: _plan(series, 1.0, [*[20.0] * 12, 490.0, 505.0, 498.0, 501.0, *[20.0] * 8]),
            factor="a21026",
            place=STACK,
        ),
        hourly(
            Text("承诺减半,14 时至 17 时照常用电", "half was pledged; from 14 to 17 o'clock power is drawn as usual"),
            (
                Text(
                    "热电厂 1 号排口二氧化硫:橙色预警期间1 号炉用电超出减排承诺(承诺减 50%,此前 28 个"
                    "生产日最高小时 519 kWh 至 548 kWh,中位 530 kWh)(重污染天气应急减排措"
                    "施),2026-11-22 14:00 至 2026-11-22 17:00,最高小时用电 50"
                    "5 kWh(应不超过 286 kWh),此为线索,需现场核实",
                    "SO2 at stack 1 of the power station: furnace 1 draws more power than pledged during the orange "
                    "warning (pledged: 50% less; greatest hour of 28 earlier days 519 kWh to 548 kWh, median 530 kWh"
                    ") (emergency measures for heavy pollution), from 2026-11-22 14:00 to 2026-11-22 17:00, electric"
                    "ity in the greatest hour 505 kWh (should be at most 286 kWh), this is a lead to be checked on s"
                    "ite",
                ),
            ),
            ordinary(24, 60.0, 5.0, seed=42),
            lambda series: _plan(series, 0.5, [*[255.0] * 14, 490.0, 505.0, 498.0, *[255.0] * 7]),
            factor="a21026",
            place=STACK,
        ),
        hourly(
            Text("承诺减半,全天约为平时一半", "half was pledged and about half the usual power is drawn"),
            (),
            ordinary(24, 60.0, 5.0, seed=42),
            lambda series: _plan(series, 0.5, list(ordinary(24, 255.0, 10.0, seed=52, decimals=0))),
            factor="a21026",
            place=STACK,
        ),
        hourly(
            Text("停产期间只有保安用电", "during the full stop only stand-by power is drawn"),
            (),
            ordinary(24, 60.0, 5.0, seed=42),
            lambda series: _plan(series, 1.0, [20.0] * 24),
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
    false_share: float = parameter(
        0.05, "1", 0.01, 0.3, title=Text("允许误报的守约预警比例", "share of kept cuts that may be told by mistake")
    )

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
        allowed = None if load is None else self._allowed(used, load, order)
        if allowed is None:
            return []
        start, end = int(series.at[0]), int(series.at[-1]) + series.period
        judged = (used.at >= max(start, order.start + round(self.grace_hours * _HOUR))) & (used.at < order.end)
        hour = hourly_means(used, judged & (used.at + used.period <= end))
        count, over = values_an_hour(used), hour > allowed.bound
        flags = np.convolve(over[::-1], np.ones(count))[: over.size][::-1] > 0.5  # every value of such an hour
        found = []
        for group in stretches(flags, used, least=1, gap=0):
            span = (int(used.at[group[0]]), int(used.at[group[-1]]) + used.period)
            ongoing = span[1] + count * used.period > end and span[1] < order.end
            most = float(np.nanmax(hour[group]))
            sign = Sign(_USED, most, None, allowed.bound, used.unit)
            told = Told(_says(order, meter, allowed), _CLAUSE, (sign,), Severity.MAJOR, most / allowed.bound - 1.0)
            found.append(stretch_finding(self.code, series, context, (*span, ongoing), told=told))
        return found

    def _allowed(self, used: Series, load: Load, order: Record) -> _Allowed | None:
        """What the pledge leaves, or None where too few days of production are known."""
        margin = self.margin * (load.full - load.idle)
        if order.cut >= 1.0:
            return _Allowed(load.idle + margin, None)
        peaks = greatest_hours(used, (order.start, order.end), self.looks_back_days)
        peaks = np.sort(peaks[peaks > load.running])
        if peaks.size < LEAST_LEARNED:
            return None
        days = -(-(order.end - order.start) // A_DAY)
        rank = min(peaks.size, int(np.ceil((peaks.size + 1) * (1.0 - self.false_share / days))))
        left = (1.0 - order.cut) * (float(peaks[rank - 1]) - load.idle)
        return _Allowed(load.idle + max(margin, left), peaks)


def _says(order: Record, meter: Meter, allowed: _Allowed) -> Text:
    """What was pledged and what is usual, so that the bound can be followed."""
    zh, en = f"承诺减 {order.cut:.0%}", f"pledged: {order.cut:.0%} less"
    if allowed.peaks is not None:
        low, middle, high = (figure(one, meter.series.unit) for one in np.quantile(allowed.peaks, (0.05, 0.5, 0.95)))
        zh += f",此前 {allowed.peaks.size} 个生产日最高小时 {low} 至 {high},中位 {middle}"
        en += f"; greatest hour of {allowed.peaks.size} earlier days {low} to {high}, median {middle}"
    return Text(
        f"{order.title.zh}期间{meter.name.zh}用电超出减排承诺({zh})",
        f"{meter.name.en} draws more power than pledged during the {order.title.en} ({en})",
    )
