"""Cluster of complaints: several people complain near the place within a short time."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from qingyuan_science.detect import (
    DETECTORS,
    HOURS,
    Context,
    Detector,
    Finding,
    Record,
    RecordKind,
    Severity,
    Sign,
    WorkedExample,
)
from qingyuan_science.detect._ordinary import hourly
from qingyuan_science.detect._stretches import Told, stretch_finding
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import Averaging, Series

_COUNT = Text("投诉件数", "complaints")
_CLAUSE = Text("信访投诉", "complaints received")
_STATION = Text("河畔站", "Riverside station")
_HOUR = 3_600_000_000


def _complaints(series: Series, hours: tuple[int, ...]) -> dict[str, Any]:
    title = Text("异味投诉", "complaint about a smell")
    made = (int(series.at[0]) + hour * _HOUR for hour in hours)
    return {"records": tuple(Record(RecordKind.COMPLAINT, at, at + 1, title, 1.0, 0.5, 0.2) for at in made)}


@DETECTORS
@dataclass(frozen=True)
class ComplaintCluster(Detector):
    """Find times with more complaints near the place than chance brings together.

    Notes
    -----
    Complaints within the radius are counted over a window that ends with each of them; windows that overlap make one
    finding. The threshold is a number that a bureau sets, for the usual rate differs from town to town.
    """

    code: ClassVar[str] = "complaint_cluster"
    title: ClassVar[Text] = Text("投诉聚集", "Cluster of complaints")
    of_factor: ClassVar[bool] = False
    source: ClassVar[Source] = Source(
        "Kulldorff 1997, Commun. Stat. 26", "p. 1481", note=Text("时空扫描", "space-time scan")
    )
    validity: ClassVar[Text] = Text(
        "投诉须有时间和位置；同一人反复投诉会被重复计数，须先合并。",
        "Complaints need a time and a place. One person who complains again counts again unless merged before.",
    )
    averagings: ClassVar[tuple[Averaging, ...]] = HOURS
    needs: ClassVar[tuple[str, ...]] = ("records",)
    heeds: ClassVar[tuple[RecordKind, ...]] = (RecordKind.COMPLAINT,)
    examples: ClassVar[tuple[WorkedExample, ...]] = (
        hourly(
            Text("四小时内有三件投诉，均在半公里处", "three complaints half a kilometre away within four hours"),
            (
                Text(
                    "河畔站 PM2.5：周边投诉聚集（信访投诉），2026-11-22 01:00 至 2026-11-22 05:00，投诉件数 3（应不"
                    "超过 2），此为线索，需现场核实",
                    "PM2.5 at Riverside station: complaints cluster around the place (complaints received), from "
                    "2026-11-22 01:00 to 2026-11-22 05:00, complaints 3 (should be at most 2), this is a lead to be "
                    "checked on site",
                ),
            ),
            (35.0, 41.0, 52.0, 48.0, 40.0, 36.0),
            lambda series: _complaints(series, (1, 2, 4)),
            factor="a34004",
            place=_STATION,
        ),
        hourly(
            Text("只有一件投诉", "a single complaint"),
            (),
            (35.0, 41.0, 52.0, 48.0, 40.0, 36.0),
            lambda series: _complaints(series, (2,)),
            factor="a34004",
            place=_STATION,
        ),
    )

    least: int = parameter(3, "1", 2, 100, title=Text("至少多少件投诉", "complaints that make a cluster"))
    radius_km: float = parameter(2.0, "km", 0.1, 20.0, title=Text("距离不超过", "distance from the place, at most"))
    window_hours: float = parameter(12.0, "h", 1.0, 48.0, title=Text("时间窗口", "time within which they come"))

    def findings(self, series: Series, context: Context) -> list[Finding]:
        """Find clusters of complaints.

        Parameters
        ----------
        series : Series
            Values of a factor at the place; their times bound what is judged.
        context : Context
            Complaints among the records.

        Returns
        -------
        list[Finding]
            One finding a cluster, from its first complaint to the end of the period of its last.
        """
        if not len(series) or (series.step is None and len(series) < 2):
            return []
        end = int(series.at[-1]) + series.period
        times = np.sort(np.array([one.start for one in context.records if self._near(one)], dtype=np.int64))
        times = times[(times >= series.at[0]) & (times < end)]
        window = round(self.window_hours * _HOUR)
        count = np.arange(times.size) - np.searchsorted(times, times - window) + 1
        members = np.zeros(times.size, dtype=np.bool_)
        for at in np.flatnonzero(count >= self.least):
            members[at - count[at] + 1 : at + 1] = True
        chosen = times[members]
        groups = np.split(chosen, np.flatnonzero(np.diff(chosen) > window) + 1)
        return [self._finding(series, context, group) for group in groups if group.size]

    def _near(self, record: Record) -> bool:
        away = float(np.hypot(record.east_km, record.north_km))
        return record.kind is RecordKind.COMPLAINT and away <= self.radius_km

    def _finding(self, series: Series, context: Context, group: np.ndarray[Any, Any]) -> Finding:
        last, end = int(group[-1]), int(series.at[-1]) + series.period
        span = (int(group[0]), min(last + series.period, end), end <= last + round(self.window_hours * _HOUR))
        sign = Sign(_COUNT, float(group.size), None, float(self.least - 1), "1")
        says = Text("周边投诉聚集", "complaints cluster around the place")
        told = Told(says, _CLAUSE, (sign,), Severity.MINOR, group.size / self.least - 1.0)
        return stretch_finding(self.code, series, context, span, told=told)
