"""The words that every calculation shares: what a value is worth, and over which time it was taken."""

from collections.abc import Sequence
from enum import StrEnum

from qingyuan_science.plugins import Text


class Mark(StrEnum):
    """What is known about the validity of one value, in one letter.

    The letters of HJ 212 keep their meaning; ``X``, ``E``, ``W`` and ``U`` are the platform's own. Only ``N`` may
    decide anything. The members stand in order of precedence, strongest first: where a period holds several marks, it
    gets the first of them, because a cause higher up explains those below it.
    """

    SUSPECT = "X"
    POWER_FAILURE = "P"
    FAULT = "D"
    COMMUNICATION = "B"
    STOPPED = "F"
    CALIBRATION = "C"
    MAINTENANCE = "M"
    OVER_RANGE = "T"
    MANUAL = "S"
    EXEMPT = "E"
    UNWEIGHTED = "W"
    UNKNOWN = "U"
    NORMAL = "N"

    @property
    def label(self) -> Text:
        """What people call this mark."""
        return _MARK_LABELS[self]

    @classmethod
    def strongest(cls, marks: Sequence[str]) -> "Mark":
        """Return the mark that takes precedence.

        Parameters
        ----------
        marks : Sequence[str]
            One-letter marks; an empty sequence is unknown.

        Returns
        -------
        Mark
            The first of them in order of precedence.

        Examples
        --------
        >>> Mark.strongest("NNMN").name
        'MAINTENANCE'
        """
        return next((mark for mark in cls if mark in marks), cls.UNKNOWN)


_MARK_LABELS = {
    Mark.SUSPECT: Text("平台判为可疑", "held suspect by the platform"),
    Mark.POWER_FAILURE: Text("停电", "power failure"),
    Mark.FAULT: Text("仪器故障", "instrument fault"),
    Mark.COMMUNICATION: Text("通讯中断", "communication fault"),
    Mark.STOPPED: Text("停运", "stopped"),
    Mark.CALIBRATION: Text("校准", "calibration"),
    Mark.MAINTENANCE: Text("维护", "maintenance"),
    Mark.OVER_RANGE: Text("超量程", "over range"),
    Mark.MANUAL: Text("手工录入", "entered by hand"),
    Mark.EXEMPT: Text("豁免时段", "operating state that is not judged"),
    Mark.UNWEIGHTED: Text("无流量，未加权", "no flow to weight by"),
    Mark.UNKNOWN: Text("未知", "unknown"),
    Mark.NORMAL: Text("有效", "valid"),
}


class Averaging(StrEnum):
    """Over which time a value or a limit is taken, shortest first."""

    REALTIME = "realtime"
    MINUTE = "minute"
    TEN_MINUTE = "ten_minute"
    HOUR = "hour"
    DAY_MAX_8H = "day_max_8h"
    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def label(self) -> Text:
        """What people call a value of this kind."""
        return _AVERAGING_LABELS[self]

    @property
    def seconds(self) -> int | None:
        """Length in seconds, or None where it is not fixed."""
        return _AVERAGING_SECONDS.get(self)


_AVERAGING_LABELS = {
    Averaging.REALTIME: Text("实时值", "real-time value"),
    Averaging.MINUTE: Text("分钟均值", "one-minute mean"),
    Averaging.TEN_MINUTE: Text("10 分钟均值", "ten-minute mean"),
    Averaging.HOUR: Text("小时均值", "hourly mean"),
    Averaging.DAY_MAX_8H: Text("日最大 8 小时均值", "daily maximum 8-hour mean"),
    Averaging.DAY: Text("日均值", "daily mean"),
    Averaging.MONTH: Text("月均值", "monthly mean"),
    Averaging.QUARTER: Text("季均值", "quarterly mean"),
    Averaging.YEAR: Text("年均值", "annual mean"),
}
_AVERAGING_SECONDS = {Averaging.MINUTE: 60, Averaging.TEN_MINUTE: 600, Averaging.HOUR: 3600, Averaging.DAY: 86400}
