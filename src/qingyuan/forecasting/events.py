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


@dataclass(frozen=True)
class AirForecastsStored(Event):
    """The days that a bulletin foretells are rows; `digest` is the hash of all they say, `sha256` that of its bytes."""

    subject_kind: ClassVar[str] = "bulletin"
    id: int
    name: str
    sha256: str
    segment: int
    received_at: str
    days: int
    late: int
    faulty: int
    digest: str
