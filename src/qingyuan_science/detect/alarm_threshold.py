"""Alarm threshold: valid values above what an authority set for itself, which is no limit of a standard."""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from qingyuan_science.detect import DETECTORS, Calm, Context, Detector, Finding, Severity, WorkedExample
from qingyuan_science.detect._beyond import Judged, Run, beyond, beyond_finding, calm_within, judge
from qingyuan_science.detect._wording import amount, how_long, limit_figure, opening
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import Averaging, Series
from qingyuan_science.standards import Limit, Status

_NO_STANDARD = Text(
    "该阈值由主管部门自行设定，此为报警，不是超标认定",
    "the authority set it itself, so this is an alarm and no violation of a standard",
)


def _set_by_the_town(_series: Series) -> dict[str, Any]:
    """The threshold of the worked examples: invented, as every authority sets its own."""
    return {
        "thresholds": (
            Limit(
                code="threshold:1", factor="a34002", item=Text("颗粒物", "particles"), standard="",
                clause=Text(
                    "城东区生态环境局 2026-03-01 设定，依据：城东扬尘〔2026〕1号",
                    "set by 城东区生态环境局 on 2026-03-01, basis: 城东扬尘〔2026〕1号",
                ),
                level="threshold", title=Text("主管部门自设报警阈值", "authority's own alarm threshold"),
                averaging=Averaging.HOUR, direction="max", low=None, high=250.0, unit="µg/m3", decimals=0, case="",
                condition=None, reference_oxygen=None, valid_from=date(2026, 3, 1), valid_to=None,
                status=Status.VERIFIED,
            ),
        )
    }  # fmt: skip


@DETECTORS
@dataclass(frozen=True)
class AlarmThreshold(Detector):
    """Find stretches of valid values above an authority's own alarm threshold.

    Notes
    -----
    A threshold alarms for values of its own averaging time alone. What lies above it is a notice, or a minor finding
    from some multiple on, and never graver: no standard is broken by it. The steps are the platform's own choice.
    """

    code: ClassVar[str] = "alarm_threshold"
    title: ClassVar[Text] = Text("超过自设报警阈值", "Above the authority's own alarm threshold")
    source: ClassVar[Source] = Source(
        "清源",
        Text("主管部门自设", "set by the authority"),
        note=Text("修约：GB/T 8170-2008", "rounding: GB/T 8170-2008"),
    )
    validity: ClassVar[Text] = Text(
        "主管部门为某类监测点、某片区域或某个点位自行设定了报警阈值、且平均时间与之相同的数据；不用于认定违法。",
        "Values of the averaging time for which an authority set an alarm threshold of its own, for a kind of station, "
        "an area or a site. It proves no violation.",
    )
    needs: ClassVar[tuple[str, ...]] = ("thresholds",)
    examples: ClassVar[tuple[WorkedExample, ...]] = (
        WorkedExample(
            given=Text(
                "工地自设阈值 PM10 小时 250，小时均值为 180、262、312",
                "a building site with an own threshold of 250 for hourly PM10 sends 180, 262, 312",
            ),
            expected=(
                Text(
                    "城东工地 PM10 小时均值最高 312 µg/m³，超过主管部门自设报警阈值 250 µg/m³（城东区生态环境局 "
                    "2026-03-01 设定，依据：城东扬尘〔2026〕1号），已持续 2 小时；该阈值由主管部门自行设定，此为报警，"
                    "不是超标认定",
                    "PM10 at East Town site: hourly mean up to 312 µg/m³, over the authority's own alarm threshold of "
                    "250 µg/m³ (set by 城东区生态环境局 on 2026-03-01, basis: 城东扬尘〔2026〕1号), for 2 hours so "
                    "far; the authority set it itself, so this is an alarm and no violation of a standard",
                ),
            ),
            place=Text("城东工地", "East Town site"),
            factor="a34002",
            standard="",
            level="",
            kind="hour",
            start="2026-11-22T10:00:00+08:00",
            values=(180.0, 262.0, 312.0),
            around=_set_by_the_town,
        ),
        WorkedExample(
            given=Text(
                "同一阈值：设定之前的 400 与等于阈值的 250 不报警",
                "the same threshold: 400 on the day before it was set, and 250, which equals it",
            ),
            expected=(),
            place=Text("城东工地", "East Town site"),
            factor="a34002",
            standard="",
            level="",
            kind="hour",
            start="2026-02-28T23:00:00+08:00",
            values=(400.0, 250.0),
            around=_set_by_the_town,
        ),
    )

    minimum_periods: int = parameter(
        1, "periods", 1, 48, title=Text("至少连续超过的数据个数", "values in a row that must be above")
    )
    gap_periods: int = parameter(
        1, "periods", 0, 24, title=Text("中断不超过该个数时并为一条", "longest interruption that is bridged")
    )
    minor_from: float = parameter(
        0.5, "times over", 0.0, 100.0, title=Text("超过倍数达到该值为一般", "multiple from which it is minor")
    )

    def findings(self, series: Series, context: Context) -> list[Finding]:
        """Find the stretches of valid values above a threshold.

        Parameters
        ----------
        series : Series
            Values of one factor at one place, in a unit that the thresholds convert to.
        context : Context
            Place, factor and thresholds.

        Returns
        -------
        list[Finding]
            One finding a stretch, earliest first.

        Raises
        ------
        qingyuan_science.units.IncompatibleUnits
            A threshold cannot be expressed in the unit of the series.
        """
        printed = _of_this_mean(context)
        if not printed or not len(series):
            return []
        judged = judge(series, printed, rounded=True)
        runs = beyond(series, judged, context.kind, least=self.minimum_periods, gap=self.gap_periods)
        return [self._finding(series, context, judged, run) for run in runs]

    def calm(self, unit: str, context: Context) -> Calm:
        """Nothing is found among values that keep every threshold."""
        return calm_within(_of_this_mean(context), unit, rounded=True)

    def _finding(self, series: Series, context: Context, judged: Judged, run: Run) -> Finding:
        limit = judged.limits[run.which]
        return beyond_finding(
            self.code, series, context, run, printed=judged.printed[run.which],
            severity=Severity.MINOR if run.times >= self.minor_from else Severity.NOTICE,
            sentence=_sentence(context, limit, run), clause=limit.clause,
        )  # fmt: skip


def _of_this_mean(context: Context) -> tuple[Limit, ...]:
    return tuple(one for one in context.thresholds if one.averaging is Averaging(context.kind))


def _sentence(context: Context, limit: Limit, run: Run) -> Text:
    head = opening(context, amount(run.peak, max(context.decimals, limit.decimals), limit.unit), run.stretch)
    lasts = how_long(run.stretch, Averaging(context.kind), "超过阈值")
    stage = Text(f"，{limit.condition.zh}", f", {limit.condition.en}") if limit.condition else Text("", "")
    figure = limit_figure(limit)
    return Text(
        f"{head.zh}，超过{limit.title.zh} {figure}（{limit.clause.zh}{stage.zh}），{lasts.zh}；{_NO_STANDARD.zh}",
        f"{head.en}, over the {limit.title.en} of {figure} ({limit.clause.en}{stage.en}), {lasts.en}; "
        f"{_NO_STANDARD.en}",
    )
