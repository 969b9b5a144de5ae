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
