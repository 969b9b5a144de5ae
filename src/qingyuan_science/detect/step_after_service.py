"""Step after service: a level that drops when the analyser was serviced and stays down."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from qingyuan_science.detect import (
    DETECTORS,
    MEANS,
    SERVICE,
    Calm,
    Context,
    Detector,
    Finding,
    RecordKind,
    Severity,
    Sign,
    WorkedExample,
)
from qingyuan_science.detect._law import falsifying
from qingyuan_science.detect._ordinary import hourly
from qingyuan_science.detect._stretches import Positions, Told, stretch_finding
from qingyuan_science.detect._tables import Floats, medians
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import Averaging, Mark, Series

_RATIO = Text("之后与之前中位值之比", "median after beside median before")
_NO_RECORD = Text("对应的运维或校准记录数", "maintenance or calibration records of that time")
_SERVICE = (Mark.CALIBRATION.value, Mark.MAINTENANCE.value, Mark.FAULT.value)


@DETECTORS
@dataclass(frozen=True)
class StepAfterService(Detector):
    """Find levels that differ before and after a stretch marked calibration, maintenance or fault.

    Notes
    -----
    The medians of some valid values on either side are compared; the step counts if it is large beside the level and
    beside the scatter on both sides. An analyser that measures every few hours holds its value in between: what it
    holds counts as one value, for else a plateau would show no scatter, and any next one a step. Whether a record of
    the work exists is part of the finding. A change of load at the same hours looks alike: compare the process before
    acting.
    """

    code: ClassVar[str] = "step_after_service"
    uses: ClassVar[tuple[str, ...]] = ("records",)
    heeds: ClassVar[tuple[RecordKind, ...]] = SERVICE
    title: ClassVar[Text] = Text("运维校准后数据突变", "Step after service")
    source: ClassVar[Source] = Source(
        "生态环境监测条例", Text("第二十五条", "article 25"), note=Text("擅自改动参数", "parameters changed")
    )
    validity: ClassVar[Text] = Text(
        "前后各需至少 4 个不同的有效值（分析仪保持不变的数值只计一次）；实时值在校准后尚在回稳，不适用；"
        "工况同时改变时会误报。",
        "Needs at least four valid values on either side that differ from the one before them, and not real-time ones, "
        "in which an analyser still settles; a process that changes at the same time is told by mistake.",
    )
    averagings: ClassVar[tuple[Averaging, ...]] = MEANS
    examples: ClassVar[tuple[WorkedExample, ...]] = (
        hourly(
            Text(
                "校准两小时后 COD 由约 40 降到约 20",
                "COD falls from about 40 to about 20 over two hours of calibration",
            ),
            (
                Text(
                    "城东污水处理厂总排口 COD：标记为运维或校准的时段前后数据突变（生态"
                    "环境监测条例 第二十五条），2026-11-22 06:00 "
                    "至 2026-11-22 14:00，之后与之前中位值之比"
                    " 0.502（应在 0.85–1.15），对应的运维或校准记录数 0（应不低于 1），此为线索，需现场核实",
                    "COD at the main outlet of the East Sewage Works: the level changes across a time marked as "
                    "service (Regulation on Ecological and Environmental Monitoring art. 25), from 2026-11-22 06:00 "
                    "to 2026-11-22 14:00, median after beside median before 0.502 (expected 0.85 to 1.15), "
                    "maintenance or calibration records of that time 0 (should be at least 1), this is a lead to be "
                    "checked on site",
                ),
            ),
            (40.1, 41.0, 39.5, 40.4, 40.8, 39.9, 0.0, 0.0, 20.3, 19.8, 20.6, 20.1, 19.9, 20.4),
            marks="NNNNNNCCNNNNNN",
        ),
        hourly(
            Text("校准前后水平相同", "the level is the same before and after"),
            (),
            (40.1, 41.0, 39.5, 40.4, 40.8, 39.9, 0.0, 0.0, 40.3, 39.8, 40.6, 40.1, 39.9, 40.4),
            marks="NNNNNNCCNNNNNN",
        ),
    )

    window_periods: int = parameter(
        6,
        "periods",
        4,
        48,
        title=Text("前后各取多少个有效值（保持不变的计一次）", "valid values taken on a side, held ones once"),
    )
    least_step: float = parameter(
        0.15, "1", 0.05, 1.0, title=Text("相对变化达到多少即提示", "relative change that is told")
    )
    scatters: float = parameter(
        4.0, "1", 1.0, 20.0, title=Text("变化至少为离散程度的倍数", "change as a multiple of the scatter, at least")
    )

    def findings(self, series: Series, context: Context) -> list[Finding]:
        """Find steps across service.

        Parameters
        ----------
        series : Series
            Values of one factor at one place.
        context : Context
            Maintenance and calibration records.

        Returns
        -------
        list[Finding]
            One finding a stretch of service with a step, from its start to the last value compared.
        """
        if len(series) < 2 * self.window_periods:
            return []
        spans, size = _serviced(series), self.window_periods
        valid = _analyses(series, spans[1])
        before, after = np.searchsorted(valid, spans[0]), np.searchsorted(valid, spans[1], side="right")
        fit = np.flatnonzero((before >= size) & (after + size <= valid.size))
        row = np.arange(size)
        sides = valid[before[fit, None] - size + row], valid[after[fit, None] + row]
        told = self._told(series.value[sides[0]], series.value[sides[1]])
        return [self._finding(series, context, int(spans[0][fit[one]]), (sides[0][one], sides[1][one])) for one in told]

    def _told(self, before: Floats, after: Floats) -> list[int]:
        """Which rows of values on both sides show a step."""
        level, now = medians(before), medians(after)
        step, scatter = np.abs(now - level), _scatter(before) + _scatter(after)
        stepped = (level > 0.0) & (step >= self.least_step * level) & (step >= self.scatters * scatter)
        return [int(one) for one in np.flatnonzero(stepped)]

    def calm(self, unit: str, context: Context) -> Calm:
        """Nothing is found where nothing is marked as service."""
        return Calm(marks="".join(_SERVICE))

    def _finding(self, series: Series, context: Context, first: int, sides: tuple[Positions, Positions]) -> Finding:
        later = sides[1]
        level, now = (float(np.median(series.value[side])) for side in sides)
        start, end = int(series.at[first]), int(series.at[later[-1]]) + series.period
        records = sum(
            one.kind in SERVICE and one.start < series.at[later[0]] and one.end > start for one in context.records
        )
        signs = (
            Sign(_RATIO, now / level, 1.0 - self.least_step, 1.0 + self.least_step, "1"),
            Sign(_NO_RECORD, float(records), 1.0, None, "1"),
        )
        severity = Severity.MINOR if records else Severity.MAJOR
        says = Text("标记为运维或校准的时段前后数据突变", "the level changes across a time marked as service")
        told = Told(
            says,
            falsifying(end),
            signs,
            severity,
            abs(now - level) / level / self.least_step - 1.0,
            float(series.value[later[0]]),
        )
        return stretch_finding(self.code, series, context, (start, end, False), told=told)


def _serviced(series: Series) -> tuple[Positions, Positions]:
    """First and last position of each stretch marked as service."""
    at = np.flatnonzero((series.mark[:, None] == np.array(_SERVICE)).any(axis=1))
    apart = np.diff(at) > 1
    return at[np.append(True, apart)[: at.size]], at[np.append(apart, True)[: at.size]]


def _analyses(series: Series, serviced: Positions) -> Positions:
    """Valid values, of those that an analyser holds until its next analysis, or past a service, only the first."""
    valid = np.flatnonzero(series.valid)
    value = series.value[valid]
    begins = np.append(True, value[1:] != value[:-1])[: valid.size]
    after = np.searchsorted(valid, serviced, side="right")
    begins[after[after < valid.size]] = True
    return np.asarray(valid[begins])


def _scatter(rows: Floats) -> Floats:
    return medians(np.abs(rows - medians(rows)[:, None])) * 1.4826
