"""Clock offset: values that arrive before their time is over, or long after it."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.detect import DETECTORS, Calm, Context, Detector, Finding, Severity, Sign, WorkedExample
from qingyuan_science.detect._figures import values_at
from qingyuan_science.detect._law import falsifying
from qingyuan_science.detect._ordinary import covering, hourly
from qingyuan_science.detect._stretches import Told, span_of, stretch_finding, stretches
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import Series

_EARLY = Text("数据早于其时段结束到达", "values arrive before their time is over: the clock runs ahead")
_LATE = Text(
    "数据在其时段结束很久之后成批到达", "values arrive long after their time: sent again later, or a slow clock"
)
_AHEAD = Text("早于时段结束", "ahead of the end of their time by")
_BEHIND = Text("晚于时段结束", "behind the end of their time by")
_GAP = 1


def _four_minutes_early(series: Series) -> dict[str, Any]:
    return {"arrivals": covering(series, 0, (20.0, 18.0, -240.0, -241.0, -239.0, -240.0), "s")}


def _in_time(series: Series) -> dict[str, Any]:
    return {"arrivals": covering(series, 0, (20.0, 18.0, 25.0, 22.0, 19.0, 21.0), "s")}


@DETECTORS
@dataclass(frozen=True)
class ClockOffset(Detector):
    """Find values whose time stamps do not fit the times at which they arrived.

    Notes
    -----
    A value cannot arrive before its period is over, so an early one proves a clock that runs ahead. A late one may be
    an honest resending after a failed line: the sentence says so.
    """

    code: ClassVar[str] = "clock_offset"
    title: ClassVar[Text] = Text("时钟异常与补传", "Clock offset")
    source: ClassVar[Source] = Source(
        "生态环境监测条例", Text("第二十五条", "article 25"), note=Text("时间造假", "false times")
    )
    validity: ClassVar[Text] = Text(
        "需接收时间；数据时间为时段开始。按时段结束打时间戳的设备须先换算。",
        "Needs times of arrival, with values stamped at the start of their period; a device that stamps the end must "
        "be converted first.",
    )
    needs: ClassVar[tuple[str, ...]] = ("arrivals",)
    examples: ClassVar[tuple[WorkedExample, ...]] = (
        hourly(
            Text("小时值在时段结束前 4 分钟到达", "hourly values arrive four minutes before the hour is over"),
            (
                Text(
                    "城东污水处理厂总排口 COD：数据早于其时段结束到达（生态环境监测条例 "
                    "第二十五条），2026-11-22 02:00 至 2026-11-22 06:00，早于时段结束 4.02 min（应不超过 1 "
                    "min），此为线索，需现场核实",
                    "COD at the main outlet of the East Sewage Works: values arrive before their time is "
                    "over: the clock runs ahead (Regulation on Ecological and Environmental Monitoring art. "
                    "25), from 2026-11-22 02:00 to 2026-11-22 06:00, ahead of the end of their time by 4.02 "
                    "min (should be at most 1 min), this is a lead to be checked on site",
                ),
            ),
            (38.2, 37.5, 39.1, 38.0, 38.4, 37.9),
            _four_minutes_early,
        ),
        hourly(
            Text("小时值在时段结束后 20 秒到达", "hourly values arrive twenty seconds after the hour"),
            (),
            (38.2, 37.5, 39.1, 38.0, 38.4, 37.9),
            _in_time,
        ),
    )

    early_seconds: float = parameter(60.0, "s", 1.0, 3600.0, title=Text("早到多少秒即提示", "seconds too early"))
    late_hours: float = parameter(2.0, "h", 0.1, 240.0, title=Text("晚到多少小时即提示", "hours too late"))
    minimum_periods: int = parameter(3, "periods", 1, 48, title=Text("至少多少个数据", "values that must be so"))

    def findings(self, series: Series, context: Context) -> list[Finding]:
        """Find stretches of values that arrived at the wrong time.

        Parameters
        ----------
        series : Series
            Values of one factor at one place.
        context : Context
            ``arrivals``.

        Returns
        -------
        list[Finding]
            One finding a stretch, earliest first.
        """
        if context.arrivals is None or len(series) < 2:
            return []
        delay = values_at(series.at, context.arrivals)
        made = []
        early = _EARLY, _AHEAD, -delay / 60.0, self.early_seconds / 60.0, "min", Severity.MAJOR
        late = _LATE, _BEHIND, delay / 3600.0, self.late_hours, "h", Severity.MINOR
        for says, name, off, most, unit, severity in (early, late):
            for group in stretches(off > most, series, least=self.minimum_periods, gap=_GAP):
                sign = Sign(name, float(off[group].max()), None, most, unit)
                span = span_of(group, series, _GAP)
                told = Told(says, falsifying(span[1]), (sign,), severity)
                made.append(stretch_finding(self.code, series, context, span, told=told))
        return sorted(made, key=lambda finding: (finding.start, finding.end))

    def calm(self, unit: str, context: Context) -> Calm:
        """Nothing is found among values that arrive between the two bounds."""
        return Calm(earliest=-self.early_seconds, latest=3600.0 * self.late_hours)
