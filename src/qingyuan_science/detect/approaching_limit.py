"""Approaching a limit: values close below it, or on a course that reaches it soon."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from qingyuan_science.detect import DETECTORS, Calm, Context, Detector, Finding, Severity, Sign, WorkedExample
from qingyuan_science.detect._limits import upper_limits
from qingyuan_science.detect._ordinary import hourly, ordinary
from qingyuan_science.detect._stretches import Positions, Told, span_of, stretch_finding, stretches
from qingyuan_science.detect._tables import Floats
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import Averaging, Series
from qingyuan_science.standards import limits_that_judge

_SHARE = Text("达到限值的比例", "share of the limit")
_LEFT = Text("按当前趋势到达限值的时间", "time until the limit at the present slope")
_CLAUSE = Text("预警", "early warning")
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
                    "城东污水处理厂总排口 COD：数据临近限值（预警），2026-11-22 05:00 至 2026-11-22 07:00，按当前趋"
                    "势到达限值的时间 2 h（应不低于 4 h），达到限值的比"
                    "例 0.9（应不超过 0.9），此为线索，需现场核实",
                    "COD at the main outlet of the East Sewage Works: values come close to the limit (early "
                    "warning), from 2026-11-22 05:00 to 2026-11-22 07:00, time until the limit at the present slope "
                    "2 h (should be at least 4 h), share of the limit 0.9 (should be at most 0.9), this is a lead "
                    "to be checked on site",
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
        signs = [Sign(_SHARE, float(share[top]), None, self.near, "1")]
        soon = group[np.isfinite(left[group])]
        if soon.size:
            signs.append(Sign(_LEFT, float(left[soon].min()), self.horizon_hours, None, "h"))
            signs.sort(key=lambda sign: sign.name is _SHARE and share[top] <= self.near)
        says = Text("数据临近限值", "values come close to the limit")
        told = Told(says, _CLAUSE, tuple(signs), Severity.NOTICE, 0.0, float(series.value[top]))
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
