"""Missing data: hours for which nothing was sent, and a channel that has fallen silent."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.detect import DETECTORS, MEANS, Calm, Context, Detector, Finding, Severity, Sign, WorkedExample
from qingyuan_science.detect._law import restoring
from qingyuan_science.detect._ordinary import hourly
from qingyuan_science.detect._stretches import Told, stretch_finding
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import Averaging, Series, gaps

_MISSING = Text("缺失的数据个数", "values missing")
_NOT_SENT = Text("数据缺失", "no values were sent")
_SILENT = Text("通道离线，至今无数据", "the channel is silent to this moment")
_STATION = Text("全站数据缺失与离线", "Whole station silent")
_NOT_SENT_BY_ANY = Text("全站各通道数据均缺失", "no channel of the station sent values")
_ALL_SILENT = Text("全站离线，各通道至今均无数据", "the whole station is silent to this moment")


def _five_hours_on(series: Series) -> dict[str, Any]:
    return {"now": int(series.at[-1]) + 6 * series.period}


@DETECTORS
@dataclass(frozen=True)
class MissingData(Detector):
    """Find gaps between values, and silence since the last one.

    Notes
    -----
    A value that was sent with an invalid mark is not missing. Silence is judged only if ``context.now`` is known. Time
    in which nobody listened (``context.unheard``) does not count: what is missing then may have been sent. The 48 hours
    bind those who run the monitor of a polluter; of other stations no rule is named.
    """

    code: ClassVar[str] = "missing_data"
    title: ClassVar[Text] = Text("数据缺失与离线", "Missing data")
    source: ClassVar[Source] = Source(
        "污染源自动监控设施运行管理办法", Text("第15条", "article 15"), note=Text("48 h 内恢复", "restore in 48 h")
    )
    validity: ClassVar[Text] = Text(
        "有固定上报间隔的数据，不含实时值（其间隔由设备自定）；补传到达后该线索自动结束。",
        "Values at a fixed interval, so not real-time ones, which come at the pace of their sender; a gap closes once "
        "what was late has arrived.",
    )
    averagings: ClassVar[tuple[Averaging, ...]] = MEANS
    uses: ClassVar[tuple[str, ...]] = ("now", "unheard", "whole_station")
    of_station: ClassVar[bool] = True
    examples: ClassVar[tuple[WorkedExample, ...]] = (
        hourly(
            Text("最后一条数据之后五个小时没有数据", "five hours have passed without a value"),
            (
                Text(
                    "城东污水处理厂总排口 COD：通道离线，至今无数据（污染源自动监控设施运"
                    "行管理办法 第15条），2026-11-22 03:00 "
                    "至 2026-11-22 08:00，缺失的数据个数 5（应"
                    "不超过 2），此为线索，需现场核实",
                    "COD at the main outlet of the East Sewage Works: the channel is silent to this moment "
                    "(Measures for running automatic monitoring art. 15), from 2026-11-22 03:00 to 2026-11-22 "
                    "08:00, values missing 5 (should be at most 2), this is a lead to be checked on site",
                ),
            ),
            (38.2, 37.5, 39.1),
            _five_hours_on,
        ),
        hourly(Text("数据齐全", "all values are there"), (), (38.2, 37.5, 39.1)),
    )

    minimum_periods: int = parameter(
        3, "periods", 1, 240, title=Text("连续缺失多少个数据即提示", "missing values in a row that are told")
    )
    restore_hours: float = parameter(
        48.0, "h", 1.0, 240.0, title=Text("超过该时长为较重", "time after which it is a major one")
    )

    def findings(self, series: Series, context: Context) -> list[Finding]:
        """Find gaps and silence.

        Parameters
        ----------
        series : Series
            Values of one factor at one place.
        context : Context
            ``now``, for silence; ``unheard``; ``whole_station``.

        Returns
        -------
        list[Finding]
            One finding a gap, earliest first; silence is ongoing.
        """
        if not len(series) or (series.step is None and len(series) < 2):
            return []
        spans = [(gap.start, gap.end, False) for gap in gaps(series)]
        resumed = int(series.at[-1]) + series.period
        if context.now is not None and context.now > resumed:
            spans.append((resumed, context.now, True))
        return [
            self._finding(series, context, span)
            for span in spans
            if _heard(span, context) // series.period >= self.minimum_periods
        ]

    def calm(self, unit: str, context: Context) -> Calm | None:
        """Nothing is found where values follow each other closely; silence until now is not told by values."""
        return Calm(gap=self.minimum_periods + 1.0) if context.now is None else None

    def _finding(self, series: Series, context: Context, span: tuple[int, int, bool]) -> Finding:
        start, _end, silent = span
        missing = _heard(span, context) / series.period
        hours = _heard(span, context) / 3.6e9
        known = series.valid & (series.at < start)
        last = float(series.value[known][-1]) if known.any() else 0.0
        severity = Severity.MAJOR if hours >= self.restore_hours else Severity.MINOR
        sign = Sign(_MISSING, float(int(missing)), None, float(self.minimum_periods - 1), "1")
        over, law = missing / self.minimum_periods - 1.0, restoring(outlet=context.outlet)
        whole = context.whole_station
        says = (_ALL_SILENT if silent else _NOT_SENT_BY_ANY) if whole else (_SILENT if silent else _NOT_SENT)
        title = _STATION if whole else None
        told = Told(says, law, (sign,), severity, over, last, title=title, of_factor=not whole)
        return stretch_finding(self.code, series, context, span, told=told)


def _heard(span: tuple[int, int, bool], context: Context) -> int:
    """How long of a stretch somebody listened [µs]."""
    start, end, _silent = span
    return end - start - sum(max(0, min(end, last) - max(start, first)) for first, last in context.unheard)
