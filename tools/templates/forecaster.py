"""TODO code_of_the_plugin: how it looks ahead, in one line."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan_science.forecast import FORECASTERS, Forecaster, Predicted, WorkedForecast
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import Series


@FORECASTERS
@dataclass(frozen=True)
class NameOfThePlugin(Forecaster):
    """TODO What it does with the past."""

    code: ClassVar[str] = "code_of_the_plugin"
    title: ClassVar[Text] = Text("TODO 名称", "TODO title")
    source: ClassVar[Source] = Source("TODO paper", "TODO page")
    validity: ClassVar[Text] = Text("TODO 适用范围", "TODO where it holds")
    looks_back_days: ClassVar[int] = 35
    examples: ClassVar[tuple[WorkedForecast, ...]] = ()  # TODO one with a forecast, one that is refused

    least_hours: int = parameter(
        168, "h", 24, 504, title=Text("至少需要的有效小时值个数", "valid hour values that are needed")
    )

    def forecast(self, series: Series, horizon: int) -> Predicted:
        """Raise `CannotForecast` where there is too little; else answer by `predicted`, with its own past errors."""
        raise NotImplementedError("TODO code_of_the_plugin.forecast")
