"""What a forecast says, as it is hashed."""

import hashlib
from collections.abc import Iterable
from datetime import UTC

from qingyuan.forecasting.models import Forecast
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
