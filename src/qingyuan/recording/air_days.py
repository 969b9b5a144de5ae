"""The days of ambient air as the standards assess them: daily values of stations and of areas, and their index."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from qingyuan.places.queries import NetworkPart, Station, StationKind
from qingyuan.recording.daily import day_values
from qingyuan.sensing.queries import Channel
from qingyuan_science.standards.air import (
    AirFigures,
    IndexSeries,
    air_figures,
    day_item,
    index_of_days,
    pollutant_factors,
)
from qingyuan_science.standards.air.city import city_mean
from qingyuan_science.units import UnitError, convert

Values = NDArray[np.float64]
ITEMS = ("PM2.5", "PM10", "SO2", "NO2", "CO", "O3_8h", "O3_1h")
STATION_KIND = StationKind.AMBIENT_AIR.value


def unit_of_item(item: str) -> str:
    """The unit in which the standards write an item."""
    return "mg/m3" if item == "CO" else "µg/m3"


def in_unit(values: Values, channel: Channel, unit: str) -> Values:
    """Values of a channel in a unit, as they are without one; NaN where its own says nothing of this quantity."""
    try:
        return convert(values, channel.unit, unit) if unit else values
    except UnitError:
        return np.full(values.shape, np.nan)


@dataclass(frozen=True)
class AirDays:
    """Daily values and the index of one place, or of several in the first axis."""

    days: list[date]
    items: dict[str, Values]
    index: IndexSeries

    def of(self, place: int) -> "AirDays":
        """One of several places."""
        index = self.index
        one = replace(
            index,
            aqi=index.aqi[place],
            level=index.level[place],
            **{
                name: {key: values[place] for key, values in getattr(index, name).items()}
                for name in ("iaqi", "primary", "exceeding", "missing")
            },
        )
        return AirDays(self.days, {name: values[place] for name, values in self.items.items()}, one)

    def whole(self, points: Sequence[int]) -> "AirDays":
        """An area's own days: means over its points, and the index of those means."""
        items = {name: city_mean(values[points], len(points))[0] for name, values in self.items.items()}
        return AirDays(self.days, items, index_of_days(self.days, items))

    def figures(self, first: date, last: date) -> AirFigures:
        """The figures of a period."""
        return air_figures((first, last), self.index.aqi, self.index.level, self.items)

    def primary(self, place: int) -> tuple[str, ...]:
        """The primary pollutants of a day of one place."""
        return tuple(name for name, flags in self.index.primary.items() if flags[place])


def points_of(found: Sequence[Station], parts: dict[int, NetworkPart]) -> list[int]:
    """The places of the stations that count for an area: all but background points, unless there are no others."""
    counted = [place for place, one in enumerate(found) if not parts[one.pk].background]
    return counted or list(range(len(found)))


def in_order_of_items(measured: Sequence[Channel]) -> list[Channel]:
    """Channels of the pollutants of the index, by station and in the order of `ITEMS`."""
    order = air_factors()
    return sorted(measured, key=lambda one: (one.station_id, order.index(one.factor)))


def air_factors() -> list[str]:
    """The factors of which the index is made, in the order of `ITEMS`."""
    return [pollutant_factors()[day_item(name)[0]] for name in ITEMS]


def read_days(found: Sequence[Station], measured: Sequence[Channel], days: list[date]) -> AirDays:
    """The daily values of stations in the units of the index, and their index.

    Parameters
    ----------
    found : sequence of Station
    measured : sequence of Channel
        Their channels of `air_factors`.
    days : list of date
        In China, one after the other.

    Returns
    -------
    AirDays
        One place a station.
    """
    places = {one.pk: place for place, one in enumerate(found)}
    pollutants = {factor: pollutant for pollutant, factor in pollutant_factors().items()}
    items = {name: np.full((len(found), len(days)), np.nan) for name in ITEMS}
    kept = day_values([one.pk for one in measured], days[0], days[-1]) if days else {}
    names = {day_item(name): name for name in ITEMS}
    by_key = {one.pk: one for one in measured}
    for (channel, statistic), values in kept.items():
        one = by_key[channel]
        name = names.get((pollutants[one.factor], statistic))
        if name is not None:
            items[name][places[one.station_id]] = in_unit(values, one, unit_of_item(name))
    return AirDays(days, items, index_of_days(days, items))
