"""Ambient-air stations around enterprises: where they stand, what they measure, and the wind there."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qingyuan.judging.fact import Asked
from qingyuan.judging.facts._readings import HOUR, series_of
from qingyuan.judging.logic.written import WEATHER_KM
from qingyuan.places.geometry import distance
from qingyuan.places.queries import Enterprise, Station, StationKind
from qingyuan.sensing.queries import Channel
from qingyuan_science.series import Series, microseconds
from qingyuan_science.standards.factors import WIND_DIRECTION, WIND_SPEED
from qingyuan_science.units import UnitError, convert

Floats = NDArray[np.float64]


@dataclass
class AmbientStation:
    """An ambient-air station with its channels by factor."""

    station: Station
    channels: dict[str, Channel] = field(default_factory=dict)


def ambient_stations(asked: Asked) -> list[AmbientStation]:
    """Every ambient-air station that measures something, by its code."""

    def fetch() -> list[AmbientStation]:
        found: dict[int, AmbientStation] = {}
        rows = Channel.objects.filter(station__kind=StationKind.AMBIENT_AIR).select_related("station__enterprise")
        for one in rows.order_by("station__code", "factor", "-basis"):
            found.setdefault(one.station_id, AmbientStation(one.station)).channels.setdefault(one.factor, one)
        return list(found.values())

    return asked.once("ambient", fetch)


def enterprises_asked(asked: Asked) -> dict[int, Enterprise]:
    """The enterprises themselves, for where they stand."""
    return asked.once("enterprises", lambda: Enterprise.objects.select_related("cell").in_bulk(list(asked.enterprises)))


def nearest(place: Station | Enterprise, among: Iterable[AmbientStation], *factors: str) -> AmbientStation | None:
    """The nearest station that measures all of some factors, itself where it does, within `WEATHER_KM`."""
    near = [
        (distance(place, one.station)[0], one.station.code, one)
        for one in among
        if all(factor in one.channels for factor in factors)
    ]
    km, _code, closest = min(near, default=(np.inf, "", None), key=lambda one: one[:2])
    return closest if km <= WEATHER_KM else None


def on_hours(asked: Asked, series: Series, unit: str = "") -> Floats:
    """A series on the hours of the time asked about, NaN where it has no valid value; all NaN where no unit fits."""
    found = np.full(max(0, int(asked.length.total_seconds() // 3600)), np.nan)
    place = (series.at - microseconds(asked.start)) // HOUR
    fit = series.valid & (place >= 0) & (place < found.size)
    with suppress(UnitError):
        found[place[fit]] = convert(series.value[fit], series.unit, unit) if unit else series.value[fit]
    return found


@dataclass(frozen=True)
class Wind:
    """Wind on the hours of the time asked about: from where it blows, and how fast."""

    from_deg: Floats
    speed: Floats


def winds(asked: Asked, stations: Sequence[AmbientStation]) -> dict[int, Wind]:
    """The wind at each station, its own or that of the nearest one that measures it; none for those without."""
    every = ambient_stations(asked)
    sources = {one.station.pk: nearest(one.station, every, WIND_DIRECTION, WIND_SPEED) for one in stations}
    known = {one.station.pk: one for one in sources.values() if one is not None}
    channels = [one.channels[factor] for one in known.values() for factor in (WIND_DIRECTION, WIND_SPEED)]
    series = series_of(asked, channels)
    made = {
        pk: Wind(
            on_hours(asked, series[one.channels[WIND_DIRECTION].pk], "°"),
            on_hours(asked, series[one.channels[WIND_SPEED].pk], "m/s"),
        )
        for pk, one in known.items()
    }
    return {pk: made[one.station.pk] for pk, one in sources.items() if one is not None}


def beside_others(asked: Asked, factor: str, near_km: float) -> dict[int, tuple[AmbientStation, Floats]]:
    """Of each station the factor as a multiple of the median of the others within a distance; at least two of them."""

    def fetch() -> dict[int, tuple[AmbientStation, Floats]]:
        measured = [one for one in ambient_stations(asked) if factor in one.channels]
        series = series_of(asked, [one.channels[factor] for one in measured])
        unit = measured[0].channels[factor].unit if measured else ""
        hours = {one.station.pk: on_hours(asked, series[one.channels[factor].pk], unit) for one in measured}
        near: dict[int, list[Floats]] = defaultdict(list)
        for one in measured:
            for other in measured:
                if other is not one and distance(one.station, other.station)[0] <= near_km:
                    near[one.station.pk].append(hours[other.station.pk])
        return {one.station.pk: (one, _beside(hours[one.station.pk], near[one.station.pk])) for one in measured}

    return asked.once(("beside others", factor, near_km, asked.start, asked.end), fetch)


def _beside(own: Floats, others: Sequence[Floats]) -> Floats:
    if len(others) < 2 or not own.size:
        return np.full(own.size, np.nan)
    rows = np.sort(np.vstack(others), axis=0)  # NaN go last
    known = np.isfinite(rows).sum(axis=0)
    place = np.arange(own.size)
    low, high = (np.maximum(known - 1, 0) // 2, np.maximum(known, 1) // 2)
    median = 0.5 * (rows[low, place] + rows[high, place])
    usable = (known >= 2) & (median > 0.0)
    ratio: Floats = np.where(usable, own / np.where(usable, median, 1.0), np.nan)
    return ratio
