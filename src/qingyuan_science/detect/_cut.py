"""Production that should have been cut: power beside what a pledge or an order leaves of it."""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from qingyuan_science.detect import (
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
)
from qingyuan_science.detect._days import A_DAY
from qingyuan_science.detect._ordinary import covering, ordinary
from qingyuan_science.detect._power import Load, greatest_hours, hourly_means, meters, usual_load, values_an_hour
from qingyuan_science.detect._stretches import Told, stretch_finding, stretches
from qingyuan_science.detect._surprise import LEAST_LEARNED
from qingyuan_science.detect._tables import Floats
from qingyuan_science.detect._telling import figure
from qingyuan_science.plugins import Text, parameter
from qingyuan_science.series import Averaging, Series

_USED = Text("最高小时用电", "electricity in the greatest hour")
_DRAWN = Text("最高小时平均功率", "mean power of the greatest hour")
_HOUR = 3_600_000_000
CONFORMAL = "Vovk, Gammerman, Shafer 2005, Algorithmic Learning in a Random World"
CHAPTER = Text("第 2 章", "ch. 2")


class _Allowed(NamedTuple):
    """Greatest mean over an hour that a cut leaves, stand-by, and the greatest hours of the days it was made from."""

    bound: float
    idle: float
    peaks: Floats | None


@dataclass(frozen=True)
class Cut(Detector):
    """Base of the detectors that hold the power of production against a cut.

    Notes
    -----
    The greatest mean over an hour counts. Allowed is stand-by, and on top of it what the cut leaves of the greatest
    hours of earlier days: of the twelve weeks before it, each cut to the same time of the day, those on which the plant
    ran are taken, and the bound is passed by no more than the stated share of them (conformal prediction). A plant that
    did as it should is therefore told on no more than that share of its cuts, as long as the days under the cut would
    have been like those before; over more days than were learned from, the greatest of them is the bound and that share
    is no longer assured. A load that spreads more widely than the cut is large cannot be told apart, and then nothing
    is said. The first hours are left for a safe shut-down.

    A detector names the `record` that asks for the cut, how a sentence says that too much power was drawn (`beyond`)
    and by what it was bound (`bound`), and the `clause`.
    """

    record: ClassVar[RecordKind]
    clause: ClassVar[Text]
    beyond: ClassVar[Text]
    bound: ClassVar[Text]
    averagings: ClassVar[tuple[Averaging, ...]] = HOURS
    needs: ClassVar[tuple[str, ...]] = ("electricity", "records")
    at_once: ClassVar[bool] = True
    looks_back_days: ClassVar[int] = 84
    learns: ClassVar[bool] = False  # the meters' past decides, and it says itself where that is too short

    margin: float = parameter(
        0.1, "1", 0.0, 0.5, title=Text("允许超出的负荷区间比例", "share of the load range by which it may be passed")
    )
    grace_hours: float = parameter(2.0, "h", 0.0, 24.0, title=Text("生效后的宽限", "time left for a safe shut-down"))
    false_share: float = parameter(
        0.05, "1", 0.01, 0.3, title=Text("允许误报的守约次数比例", "share of kept cuts that may be told by mistake")
    )

    def findings(self, series: Series, context: Context) -> list[Finding]:
        """Find breaches of the cuts on record.

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
        orders = sorted((one for one in context.records if one.kind is self.record),
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
            name = _USED if used.unit.endswith("h") else _DRAWN  # kWh is energy, kW is power
            sign = Sign(name, most, None, allowed.bound, used.unit)
            told = Told(
                self._says(order, meter, allowed), self.clause, (sign,), Severity.MAJOR, most / allowed.bound - 1.0
            )
            found.append(stretch_finding(self.code, series, context, (*span, ongoing), told=told))
        return found

    def _allowed(self, used: Series, load: Load, order: Record) -> _Allowed | None:
        """What the pledge leaves, or None where too few days of production are known."""
        margin = self.margin * (load.full - load.idle)
        if order.cut >= 1.0:
            return _Allowed(load.idle + margin, load.idle, None)
        peaks = greatest_hours(used, (order.start, order.end), self.looks_back_days)
        peaks = np.sort(peaks[peaks > load.running])
        if peaks.size < LEAST_LEARNED:
            return None
        days = -(-(order.end - order.start) // A_DAY)
        rank = min(peaks.size, int(np.ceil((peaks.size + 1) * (1.0 - self.false_share / days))))
        left = (1.0 - order.cut) * (float(peaks[rank - 1]) - load.idle)
        return _Allowed(load.idle + max(margin, left), load.idle, peaks)

    def _says(self, order: Record, meter: Meter, allowed: _Allowed) -> Text:
        """What was asked for and what is usual, so that the bound can be followed."""
        zh, en = f"{self.bound.zh}减 {order.cut:.0%}", f"{self.bound.en}: {order.cut:.0%} less"
        if allowed.peaks is None:
            idle, margin = figure(allowed.idle, meter.series.unit), f"{self.margin:.0%}"
            zh += f"，允许待机 {idle} 及负荷区间的 {margin}"
            en += f"; allowed are {idle} of stand-by and {margin} of the load range"
        else:
            low, middle, high = (
                figure(one, meter.series.unit) for one in np.quantile(allowed.peaks, (0.05, 0.5, 0.95))
            )
            zh += f"，此前 {allowed.peaks.size} 个生产日最高小时 {low} 至 {high}，中位 {middle}"
            en += f"; greatest hour of {allowed.peaks.size} earlier days {low} to {high}, median {middle}"
        return Text(
            f"{order.title.zh}期间{' ' if meter.name.zh[:1].isascii() else ''}{meter.name.zh}{self.beyond.zh}（{zh}）",
            f"{meter.name.en} {self.beyond.en} during the {order.title.en} ({en})",
        )


def cut_day(record: Record, series: Series, today: list[float]) -> dict[str, Any]:
    """For worked examples: four weeks of production with nights at stand-by, then a day under a cut."""
    used = [*ordinary(28 * 24, 500.0, 20.0, seed=51, decimals=0), *today]
    for day in range(28):
        used[day * 24 : day * 24 + 4] = [20.0] * 4
    furnace = covering(series, 28, tuple(used), "kWh")
    return {
        "electricity": (Meter(MeterRole.PRODUCTION, Text("1 号炉", "furnace 1"), furnace),), "records": (record,),
    }  # fmt: skip
