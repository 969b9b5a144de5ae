"""Forecasters: each says how the hour values of one channel go on, how sure that is, and what it rests on."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from qingyuan_science.forecast._hours import HOUR, Hours, hours_of
from qingyuan_science.forecast._predicted import CannotForecast, Predicted, predicted
from qingyuan_science.forecast._scores import Score, Warned, score, warned, within
from qingyuan_science.plugins import Example, Plugin, Registry, Text
from qingyuan_science.series import Series

__all__ = [
    "FORECASTERS",
    "HOUR",
    "CannotForecast",
    "Forecaster",
    "Hours",
    "Predicted",
    "Score",
    "Warned",
    "WorkedForecast",
    "hours_of",
    "predicted",
    "score",
    "warned",
    "within",
]


@dataclass(frozen=True)
class Forecaster(Plugin):
    """Base of the forecasters.

    Notes
    -----
    ``validity`` says where the method holds. ``version`` changes whenever the same readings give another forecast.
    ``looks_back_days`` is how much of the channel's past it takes [d]; what is older changes nothing.
    """

    kind: ClassVar[Text] = Text("预测器", "Forecasters")
    validity: ClassVar[Text] = Text("", "")
    version: ClassVar[str] = "1"
    looks_back_days: ClassVar[int] = 0

    @classmethod
    def remarks(cls) -> tuple[Text, ...]:
        """Say where it holds, which version it is, and how far it looks back.

        Returns
        -------
        tuple[Text, ...]
        """
        return (
            Text(f"适用范围：{cls.validity.zh}", f"Validity: {cls.validity.en}"),
            Text(
                f"版本 {cls.version}；使用最近 {cls.looks_back_days} 天的小时值",
                f"Version {cls.version}; takes hour values of the last {cls.looks_back_days} days",
            ),
        )

    def forecast(self, series: Series, horizon: int) -> Predicted:
        """Say how the values go on after the newest valid one.

        Parameters
        ----------
        series : Series
            Hour values of one factor at one place, up to the moment of the forecast; they are not altered.
        horizon : int
            How many hours to look ahead. [h]

        Returns
        -------
        Predicted
            For each hour after the newest valid value; the same for the same input. It may end before `horizon`,
            where there are not enough errors of its own to tell an interval.

        Raises
        ------
        CannotForecast
            There is too little to rest on; says what was found and what is expected.
        """
        raise NotImplementedError(f"{type(self).__name__} does not say how values go on")


FORECASTERS = Registry(Forecaster)


@dataclass(frozen=True)
class WorkedForecast(Example):
    """A worked example of a forecaster.

    Parameters
    ----------
    start : str
        Hour of the first value in ISO 8601, with zone.
    values : tuple of float
        Hour values [mg/L].
    lead : int
        Hour ahead for which the numbers must come out. [h]
    value, low, high : float or None
        Median, and bounds of the 80 % interval; None where it must say that it cannot forecast. [mg/L]
    """

    start: str
    values: tuple[float, ...]
    lead: int
    value: float | None
    low: float | None = None
    high: float | None = None

    def series(self) -> Series:
        """Return the series of the example.

        Returns
        -------
        Series
        """
        return Series.starting(datetime.fromisoformat(self.start), self.values, unit="mg/L", step=3600)
