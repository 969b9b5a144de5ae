"""Days of ambient air for tests: a station with its channels, days of constant values, and bulletins of forecasts."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from qingyuan.kit import clock

FACTORS = {"PM2.5": "a34004", "PM10": "a34002", "SO2": "a21026", "NO2": "a21004", "CO": "a21005", "O3": "a05024"}
CLEAN = {"PM2.5": 20.0, "PM10": 40.0, "SO2": 9.0, "NO2": 20.0, "CO": 0.6, "O3": 90.0}  # AQI 45 by HJ 633-2026
HEAD = "区域,日期,发布时间,预报员,AQI,级别,首要污染物"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def shanghai(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """An instant by its day and hour in China."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) - 8 * HOUR


def air_station(code: str = "air-1", lon: float = 100.05) -> dict[str, Any]:
    """An ambient-air station in East One; its channels by pollutant."""
    from qingyuan.places.api import register_station
    from qingyuan.sensing.api import define_channel

    with clock.wound_to(datetime(2020, 1, 1, tzinfo=UTC)):
        station = register_station(code, title_zh=code, title_en=code, kind="ambient-air", lon=lon, lat=30.1)
    units = {name: "mg/m3" if name == "CO" else "µg/m3" for name in FACTORS}
    return {name: define_channel(station, factor=factor, unit=units[name]) for name, factor in FACTORS.items()}


def put_days(
    readings: Callable[..., Any], channels: Mapping[str, Any], by_day: Mapping[date, Mapping[str, float]]
) -> None:
    """Day means as sent, and the hours of ozone; then the days are kept, as the loop does."""
    from qingyuan.recording.api import compute_day_values

    for day, changed in by_day.items():
        for name, value in (CLEAN | changed).items():
            hours = [(shanghai(day) + n * HOUR, value) for n in range(24)]
            readings(channels[name], "h" if name == "O3" else "d", hours if name == "O3" else hours[:1])
    compute_day_values(min(by_day), max(by_day))


def bulletin(*rows: str) -> bytes:
    """A table with the usual heads."""
    return "\n".join((HEAD, *rows, "")).encode()
