"""Exceedance: valid values beyond the limit that was in force when they were measured."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan_science.detect import DETECTORS, Calm, Context, Detector, Finding, Severity, WorkedExample
from qingyuan_science.detect._beyond import Judged, Run, beyond, beyond_finding, calm_within, judge
from qingyuan_science.detect._wording import exceedance_sentence, warning_title
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import Averaging, Series
from qingyuan_science.standards import limits_that_judge


@DETECTORS
@dataclass(frozen=True)
class Exceedance(Detector):
    """Find stretches of valid values beyond a limit.

    Notes
    -----
    Invalid values never decide; short returns within the limit and short gaps do not split a finding, and its sentence
    then says how many of the hours were beyond. The steps of severity are the platform's own choice, no standard's.
    What is held against a limit for longer means is a warning: it is called that, and is one step less grave than those
    means would be.
    """

    code: ClassVar[str] = "exceedance"
    title: ClassVar[Text] = Text("超标", "Exceedance")
    source: ClassVar[Source] = Source(
        "GB/T 8170-2008",
        Text("4.3.3", "4.3.3"),
        note=Text("修约值比较", "rounded values are compared"),
    )
    validity: ClassVar[Text] = Text(
        "适用于任何平均时间的数据；限值版本按数据所属日期选取，无效标记的数据不参与。按更长平均时间的限值作出的预警，严重程度降一级。",
        "Values of any averaging time; the edition of the limit is that of the day of the data, and values marked "
        "invalid do not decide. A warning by a limit for longer means is one step less grave.",
    )
    needs: ClassVar[tuple[str, ...]] = ("limits",)
    examples: ClassVar[tuple[WorkedExample, ...]] = (
        WorkedExample(
            given=Text(
                "污水处理厂执行一级A，COD 小时均值为 38.2、61.0、68.4",
                "a sewage works under class 1A sends hourly COD of 38.2, 61.0, 68.4",
            ),
            expected=(
                Text(
                    "城东污水处理厂总排口 COD 小时均值最高 68.4 mg/L，超过一级A 限值 50 mg/L（GB 18918-2002 表1），"
                    "已持续 2 小时；该限值按日均值判定，此为小时预警",
                    "COD at the main outlet of the East Sewage Works: hourly mean up to 68.4 mg/L, over the class 1A "
                    "limit of 50 mg/L (GB 18918-2002 Table 1), for 2 hours so far; the limit applies to the daily "
                    "mean, so this is a warning by hourly values",
                ),
            ),
            place=Text("城东污水处理厂总排口", "the main outlet of the East Sewage Works"),
            factor="w01018",
            standard="GB 18918-2002",
            level="1A",
            kind="hour",
            start="2026-11-22T10:00:00+08:00",
            values=(38.2, 61.0, 68.4),
            marks="NNN",
        ),
        WorkedExample(
            given=Text(
                "PM2.5 日均值 2026-02-28 为 70、次日为 70：新标准自 03-01 起施行，校准数据不参与判定",
                "daily PM2.5 is 70 on 2026-02-28 and the day after: the new standard holds from 1 March; a value "
                "marked calibration does not decide",
            ),
            expected=(
                Text(
                    "河畔站 PM2.5 日均值 70 µg/m³，超过过渡阶段二级浓度限值 60 µg/m³（GB 3095-2026 表1），"
                    "自 2026-03-01 起持续 1 天",
                    "PM2.5 at Riverside station: daily mean 70 µg/m³, over the transitional grade 2 limit of 60 "
                    "µg/m³ "
                    "(GB 3095-2026 Table 1), for 1 day from 2026-03-01",
                ),
            ),
            place=Text("河畔站", "Riverside station"),
            factor="a34004",
            standard="GB 3095",
            level="2",
            kind="day",
            start="2026-02-28T00:00:00+08:00",
            values=(70.0, 70.0, 95.0, 41.0),
            marks="NNCN",
        ),
        WorkedExample(
            given=Text(
                "河流断面 pH 小时值 7.90、9.00:9 在范围之内",
                "hourly pH of 7.90 and 9.00 in a river: 9 is within the range",
            ),
            expected=(),
            place=Text("三岔口断面", "Three Forks section"),
            factor="w01001",
            standard="GB 3838",
            level="III",
            kind="hour",
            start="2026-11-22T10:00:00+08:00",
            values=(7.9, 9.0),
            marks="NN",
        ),
    )

    minimum_periods: int = parameter(
        1, "periods", 1, 48, title=Text("至少连续超标的数据个数", "values in a row that must be beyond")
    )
    gap_periods: int = parameter(
        1, "periods", 0, 24, title=Text("中断不超过该个数时并为一条", "longest interruption that is bridged")
    )
    rounded: bool = parameter(
        True,
        "yes/no",
        False,
        True,
        title=Text("按限值位数修约后比较，否则全数值比较", "round before comparing, or compare in full"),
    )
    minor_from: float = parameter(
        0.1, "times over", 0.0, 100.0, title=Text("超标倍数达到该值为一般", "exceedance multiple of a minor one")
    )
    major_from: float = parameter(
        0.5, "times over", 0.0, 100.0, title=Text("超标倍数达到该值为较重", "exceedance multiple of a major one")
    )
    critical_from: float = parameter(
        1.0, "times over", 0.0, 100.0, title=Text("超标倍数达到该值为严重", "exceedance multiple of a critical one")
    )

    def findings(self, series: Series, context: Context) -> list[Finding]:
        """Find the stretches of valid values beyond a limit.

        Parameters
        ----------
        series : Series
            Values of one factor at one place, in a unit that the limits convert to.
        context : Context
            Place, factor and limits; of the limits, those of the averaging time of the series are used, or else those
            of the next longer one.

        Returns
        -------
        list[Finding]
            One finding a stretch, earliest first.

        Raises
        ------
        qingyuan_science.units.IncompatibleUnits
            A limit cannot be expressed in the unit of the series.
        """
        printed = limits_that_judge(context.limits, Averaging(context.kind))
        if not printed or not len(series):
            return []
        judged = judge(series, printed, rounded=self.rounded)
        runs = beyond(series, judged, context.kind, least=self.minimum_periods, gap=self.gap_periods)
        return [self._finding(series, context, judged, run) for run in runs]

    def calm(self, unit: str, context: Context) -> Calm:
        """Nothing is found among values that keep every limit."""
        return calm_within(limits_that_judge(context.limits, Averaging(context.kind)), unit, rounded=self.rounded)

    def _finding(self, series: Series, context: Context, judged: Judged, run: Run) -> Finding:
        limit = judged.limits[run.which]
        return beyond_finding(
            self.code, series, context, run, printed=judged.printed[run.which],
            severity=self._severity(run.times, warns=limit.averaging is not Averaging(context.kind)),
            sentence=exceedance_sentence(context, limit, run.peak, run.stretch),
            clause=Text(f"{limit.standard} {limit.clause.zh}", f"{limit.standard} {limit.clause.en}"),
            title=warning_title(limit, Averaging(context.kind), run.peak),
        )  # fmt: skip

    def _severity(self, times: float, *, warns: bool) -> Severity:
        """By how many times the limit is exceeded; a step less where it is a limit for longer means, and so warns."""
        steps = (
            (self.critical_from, Severity.CRITICAL),
            (self.major_from, Severity.MAJOR),
            (self.minor_from, Severity.MINOR),
        )
        found = next((severity for least, severity in steps if times >= least), Severity.NOTICE)
        return Severity(max(found - 1, Severity.NOTICE)) if warns else found
