"""What a forecast says, as it is hashed, and what a rule says, as it is logged."""

import hashlib
from collections.abc import Iterable
from datetime import UTC

from qingyuan.forecasting.events import ForecastRuleChanged
from qingyuan.forecasting.models import Forecast, ForecastRule, ForetoldDay
from qingyuan.kit import canonical


def figures(values: Iterable[float]) -> list[float]:
    """Figures with the five digits that are stored and told."""
    return [float(f"{value:.5g}") for value in values]


def digest(forecasts: Iterable[Forecast]) -> str:
    """The hash of all that some forecasts say, by channel."""
    told = [as_told(one) for one in sorted(forecasts, key=lambda one: one.channel_id)]
    return hashlib.sha256(canonical.text(told).encode()).hexdigest()


def as_told(one: Forecast) -> dict[str, object]:
    """What a forecast says, as JSON holds it."""
    return {
        "channel": one.channel_id,
        **{name: getattr(one, name).astimezone(UTC).isoformat() for name in ("issued_at", "rests_on", "starts_at")},
        "unit": one.unit,
        "newest": figures([one.newest])[0],
        **{name: figures(getattr(one, name)) for name in ("value", "low", "high", "chance", "usual")},
        "limits": one.limits,
        "forecaster": one.forecaster,
        "version": one.version,
    }


def rule_as_told(one: ForecastRule) -> ForecastRuleChanged:
    """What a rule says from now on."""
    return ForecastRuleChanged(
        id=one.pk, forecaster=one.forecaster, station_kind=one.station_kind,
        station=one.station.code if one.station else "", factor=one.factor, chance=one.chance,
        within_hours=one.within_hours, enabled=one.enabled,
        valid=[day.isoformat() if day else "" for day in (one.valid.lower, one.valid.upper)],
    )  # fmt: skip


def air_digest(days: Iterable[ForetoldDay]) -> str:
    """The hash of all that the days of a bulletin say, by where they stand in it."""
    told = [_day_as_told(one) for one in sorted(days, key=lambda one: (one.where, one.cell.code, one.day))]
    return hashlib.sha256(canonical.text(told).encode()).hexdigest()


def _day_as_told(one: ForetoldDay) -> dict[str, object]:
    return {
        "area": one.cell.code,
        "forecaster": one.forecaster,
        **{name: getattr(one, name).astimezone(UTC).isoformat() for name in ("issued_at", "received_at")},
        "day": one.day.isoformat(),
        "lead": one.lead,
        "late": one.late,
        "given": one.given,
        **{name: getattr(one, name) for name in ("value", "low", "high", "primary", "concentrations", "where")},
    }
