"""Persistence: the values stay as they are."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from qingyuan_science.forecast import FORECASTERS, Forecaster, Predicted, WorkedForecast, hours_of, predicted
from qingyuan_science.forecast._errors import since
from qingyuan_science.forecast._examples import alternating, too_short
from qingyuan_science.forecast._predicted import Scale
from qingyuan_science.forecast._wording import enough, rested_on
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import Series


@FORECASTERS
@dataclass(frozen=True)
class Persistence(Forecaster):
    """Carry the newest value on; what the values did before from hour to hour tells the interval."""

    code: ClassVar[str] = "persistence"
    title: ClassVar[Text] = Text("持续性预测", "Persistence")
    source: ClassVar[Source] = Source("WMO-No. 1091 (2008)", "2.2")
    validity: ClassVar[Text] = Text(
        "任何浓度；不认识日变化，是其他预测器必须胜过的基线。",
        "Any concentration; it knows no course of the day, and is what others must beat.",
    )
    looks_back_days: ClassVar[int] = 35
    examples: ClassVar[tuple[WorkedForecast, ...]] = (alternating(), too_short(5, 18))

    least_hours: int = parameter(
        18, "h", 12, 504, title=Text("至少需要的有效小时值个数", "valid hour values that are needed")
    )

    def forecast(self, series: Series, horizon: int) -> Predicted:
        """Carry the newest value on."""
        hours = enough(series, hours_of(series, self.looks_back_days), self.least_hours)
        scale = Scale.of(hours.value[hours.valid])
        scaled = scale.scaled(hours.value)
        errors = since(hours, scaled, horizon)
        method = Text("取最近值不变", "carried on unchanged")
        basis = rested_on(hours, series.unit, method, self.version)
        return predicted(hours, np.full(horizon, scaled[-1]), errors, scale, basis=basis)
