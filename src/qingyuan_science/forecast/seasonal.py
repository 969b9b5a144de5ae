"""Climatology: what is usual at that hour of the week, or of the day while there are few weeks."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.forecast import FORECASTERS, HOUR, Forecaster, Predicted, WorkedForecast, hours_of, predicted
from qingyuan_science.forecast._errors import ahead
from qingyuan_science.forecast._examples import by_day_and_night, too_short
from qingyuan_science.forecast._hours import Floats, hour_of_week
from qingyuan_science.forecast._predicted import Scale
from qingyuan_science.forecast._wording import enough, rested_on
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import Series

_WEEKS_FOR_A_WEEK = 4  # of values, before the hours of the week are told apart


@FORECASTERS
@dataclass(frozen=True)
class Seasonal(Forecaster):
    """Take the mean of the same hour of the week, on the scale of errors, whatever was measured just now."""

    code: ClassVar[str] = "seasonal"
    title: ClassVar[Text] = Text("时段均值预测", "Usual for the hour")
    source: ClassVar[Source] = Source("WMO-No. 1091 (2008)", "2.2")
    validity: ClassVar[Text] = Text(
        "任何浓度；不看当前值，是其他预测器必须胜过的基线。",
        "Any concentration; it does not look at what is measured now, and is what others must beat.",
    )
    looks_back_days: ClassVar[int] = 35
    examples: ClassVar[tuple[WorkedForecast, ...]] = (
        by_day_and_night(1, 20.0),
        by_day_and_night(13, 30.0),
        too_short(48, 168),
    )

    least_hours: int = parameter(
        168, "h", 72, 504, title=Text("至少需要的有效小时值个数", "valid hour values that are needed")
    )

    def forecast(self, series: Series, horizon: int) -> Predicted:
        """Take what is usual at each hour."""
        hours = enough(series, hours_of(series, self.looks_back_days), self.least_hours)
        scale = Scale.of(hours.value[hours.valid])
        scaled = scale.scaled(hours.value)
        by_week = hours.value.size >= _WEEKS_FOR_A_WEEK * 168
        period = 168 if by_week else 24
        place = hour_of_week(hours.at) % period
        mean, left_out = _means(scaled, place, period)
        coming = hours.last + np.arange(1, horizon + 1, dtype=np.int64) * HOUR
        course = mean[hour_of_week(coming) % period]
        errors = ahead(scaled - left_out, horizon)[np.flatnonzero(hours.valid[:-1])]
        method = (
            Text("取一周中同一小时的均值", "mean of the same hour of the week")
            if by_week
            else Text("取一天中同一小时的均值", "mean of the same hour of the day")
        )
        return predicted(hours, course, errors, scale, basis=rested_on(hours, series.unit, method, self.version))


def _means(scaled: Floats, place: NDArray[np.int64], period: int) -> tuple[Floats, Floats]:
    """Mean of each place, and for each hour that of the others of its place; the whole mean where there is none."""
    known = np.isfinite(scaled)
    count = np.bincount(place[known], minlength=period)
    total = np.bincount(place[known], weights=scaled[known], minlength=period)
    whole = float(np.mean(scaled[known]))
    mean = np.where(count > 0, total / np.maximum(count, 1), whole)
    others = count[place] - known
    rest = total[place] - np.where(known, scaled, 0.0)
    return mean, np.where(others > 0, rest / np.maximum(others, 1), whole)
