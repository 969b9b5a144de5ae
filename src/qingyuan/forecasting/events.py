"""Facts of forecasting."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.kit.events import Event


@dataclass(frozen=True)
class ForecastsIssued(Event):
    """Forecasts of some channels were stored together; `sha256` is that of all they say, before any of it came."""

    subject_kind: ClassVar[str] = "forecasts"
    id: int
    issued_at: str
    channels: list[int]
    sha256: str


@dataclass(frozen=True)
class ForecastRuleChanged(Event):
    """A rule of forecasting was entered or edited; it says this now."""

    subject_kind: ClassVar[str] = "forecast-rule"
    id: int
    forecaster: str
    station_kind: str
    station: str
    factor: str
    chance: float
    within_hours: int
    enabled: bool
    valid: list[str]
