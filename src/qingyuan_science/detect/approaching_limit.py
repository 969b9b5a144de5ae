"""Approaching a limit: values close below it, or on a course that reaches it soon."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from qingyuan_science.detect import DETECTORS, Calm, Context, Detector, Finding, Severity, Sign, WorkedExample
from qingyuan_science.detect._limits import in_force, upper_limits
from qingyuan_science.detect._ordinary import hourly, ordinary
from qingyuan_science.detect._stretches import Positions, Told, span_of, stretch_finding, stretches
from qingyuan_science.detect._tables import Floats
from qingyuan_science.detect._wording import amount, limit_figure
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import Averaging, Series, local_days
from qingyuan_science.standards import Limit, limits_that_judge

_SHARE = Text("达到限值的比例", "share of the limit")
_LEFT = Text("按当前趋势到达限值的时间", "time until the limit at the present slope")
_GAP = 1
_LEAST_SHARE = 0.5  # of the limit, from which a slope counts


@DETECTORS
@dataclass(frozen=True)
class ApproachingLimit(Detector):
    """Find values close below a limit, and robust slopes that reach it within a few hours.

    Notes
    -----
    The slope is the median of all slopes between two of the last values (Theil and Sen); it counts only from half the
    limit on and when nearly all pairs rise. Values beyond the limit belong to `exceedance`.
    """

    code: ClassVar[str] = "approaching_limit"
    title: ClassVar[Text] = Text("临近超标", "Approaching a limit")
    source: ClassVar[Source] = Source("Sen 1968, J. Am. Stat. Assoc. 63", "p. 1379")
    validity: ClassVar[Text] = Text(
        "有上限值的通道；趋势外推只对数小时内有意义，故不用于实时值和分钟值；不预测突发排放。",
        "Channels with an upper limit. The slope holds for a few hours, so it is not drawn from seconds or minutes; a "
        "sudden discharge is not foreseen.",
    )
    averagings: ClassVar[tuple[Averaging, ...]] = (Averaging.TEN_MINUTE, Averaging.HOUR, Averaging.DAY)
    needs: ClassVar[tuple[str, ...]] = ("limits",)
    examples: ClassVar[tuple[WorkedExample, ...]] = (
        hourly(
            Text("COD 由 30 每小时升 2.5，限值 50", "COD climbs from 30 by 2.5 an hour towards 50"),
            (
                Text(
                    "城东污水处理厂总排口 COD：最高 45.0 mg/L，临近一级A 限值 50 mg/L，此为预警（GB "
                    "18918-2002 表1），2026-11-22 05:00 至 2026-11-22 07:00，按当前趋势到达限值的时间 2 h（应"
                    "高于 4 h），达到限值的比例 90%（应低于 90%），此为线索，需现场核实",
                    "COD at the main outlet of the East Sewage Works: values up to 45.0 mg/L come close to "
                    "the class 1A limit of 50 mg/L, an early warning (GB 18918-2002 Table 1), from "
                    "2026-11-22 05:00 to 2026-11-22 07:00, time until the limit at the present slope 2 h "
                    "(should be more than 4 h), share of the limit 90% (should be less than 90%), this is a "
                    "lead to be checked on site",
                ),
            ),
            (30.0, 32.5, 35.0, 37.5, 40.0, 42.5, 45.0),
            limits=("GB 18918", "1A"),
        ),
        hourly(
            Text("COD 在 30 上下", "COD is about 30"),
            (),
            ordinary(24, 30.0, 2.0, decimals=1),
            limits=("GB 18918", "1A"),
        ),
    )

    near: float = parameter(
        0.9, "1", 0.5, 1.0, title=Text("达到限值的多大比例即提示", "share of the limit that is near")
    )
    horizon_hours: float = parameter(
        4.0,
        "h",
        0.5,
        24.0,
        title=Text("预计多少小时内到达限值即提示", "time within which the slope must reach the limit"),
    )
    window_periods: int = parameter(6, "periods", 4, 48, title=Text("计算趋势的数据个数", "values that make the slope"))

    def findings(self, series: Series, context: Context) -> list[Finding]:
        """Find the stretches that come close to a limit.

        Parameters
        ----------
        series : Series
            Values of one factor at one place.
        context : Context
            The limits.

        Returns
        -------
        list[Finding]
            One finding a stretch of at least two values, earliest first.
        """
        if len(series) < 2:
            return []
        limit = upper_limits(series, context)
        share = np.where(series.valid, series.value / np.where(limit > 0.0, limit, np.nan), np.nan)
        below = np.isfinite(share) & (share <= 1.0)
        left = self._hours_left(series, share)
        flags = below & ((share >= self.near) | (left <= self.horizon_hours + 1e-9))
        groups = stretches(flags, series, least=2, gap=_GAP)
        return [self._finding(series, context, group, (share, left)) for group in groups]

    def calm(self, unit: str, context: Context) -> Calm:
        """Nothing is found among values below the share of the lowest limit from which a slope counts."""
        highs = [limit.in_unit(unit).high for limit in limits_that_judge(context.limits, Averaging(context.kind))]
        lowest = min((high for high in highs if high is not None and high > 0.0), default=np.inf)
        return Calm(high=lowest * min(self.near, _LEAST_SHARE) * (1.0 - 1e-9))

    def _finding(self, series: Series, context: Context, group: Positions, found: tuple[Floats, Floats]) -> Finding:
        share, left = found
        top = int(group[share[group].argmax()])
        signs = [Sign(_SHARE, 100.0 * float(share[top]), None, 100.0 * self.near, "%", told_at=True)]
        soon = group[np.isfinite(left[group])]
        if soon.size:
            signs.append(Sign(_LEFT, float(left[soon].min()), self.horizon_hours, None, "h", told_at=True))
            signs.sort(key=lambda sign: sign.name is _SHARE and share[top] <= self.near)
        limit = _lowest(series, context, top)
        clause = Text(f"{limit.standard} {limit.clause.zh}", f"{limit.standard} {limit.clause.en}")
        peak = float(series.value[top])
        told = Told(_says(peak, context, limit), clause, tuple(signs), Severity.NOTICE, 0.0, peak)
        return stretch_finding(self.code, series, context, span_of(group, series, _GAP), told=told)

    def _hours_left(self, series: Series, share: Floats) -> Floats:
        """Hours until the share of the limit reaches one at the robust slope; inf where it does not rise."""
        left = np.full(share.size, np.inf)
        size = self.window_periods
        if share.size < size:
            return left
        ends = np.flatnonzero(share[size - 1 :] >= _LEAST_SHARE) + size - 1
        place = ends[:, None] + np.arange(1 - size, 1)
        window, hours = share[place], series.at[place] / 3.6e9
        early, late = np.triu_indices(size, 1)
        slopes = (window[:, late] - window[:, early]) / (hours[:, late] - hours[:, early])
        slope = np.median(slopes, axis=1)
        reaches = ((slopes > 0.0).mean(axis=1) >= 0.9) & np.isfinite(slope)
        left[ends[reaches]] = (1.0 - share[ends[reaches]]) / slope[reaches]
        return left


def _lowest(series: Series, context: Context, at: int) -> Limit:
    """The lowest upper limit that holds at a value, in the unit of the series."""
    day = local_days(series.at[at : at + 1])
    judging = (one for one in limits_that_judge(context.limits, Averaging(context.kind)) if in_force(one, day)[0])
    known = [(high, one.in_unit(series.unit)) for one in judging if (high := one.in_unit(series.unit).high) is not None]
    return min(known, key=lambda one: one[0])[1]


def _says(peak: float, context: Context, limit: Limit) -> Text:
    value = amount(peak, max(context.decimals, limit.decimals), limit.unit)
    gap = " " if limit.title.zh[:1].isascii() else ""
    return Text(
        f"最高 {value}，临近{gap}{limit.title.zh} {limit_figure(limit)}，此为预警",
        f"values up to {value} come close to the {limit.title.en} of {limit_figure(limit)}, an early warning",
    )
