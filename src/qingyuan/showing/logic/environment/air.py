"""Ambient air: the index of days, the figures of stations and of their area, and how they changed in a year."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qingyuan.places.queries import NetworkPart, Station
from qingyuan.recording.queries import day_values
from qingyuan.sensing.queries import Channel, channels
from qingyuan.showing.logic.environment.asked import Look, Period
from qingyuan.showing.logic.environment.units import in_unit
from qingyuan_science.standards.air import (
    AirEdition,
    AirFigures,
    IndexSeries,
    air_edition,
    air_editions,
    air_figures,
    day_item,
    index_by,
    index_of_days,
    pollutant_factors,
)
from qingyuan_science.standards.air.city import city_mean, points_needed

Values = NDArray[np.float64]
ITEMS = ("PM2.5", "PM10", "SO2", "NO2", "CO", "O3_8h", "O3_1h")
STATION_KIND = "ambient-air"


def unit_of_item(item: str) -> str:
    """The unit in which the standards write an item."""
    return "mg/m3" if item == "CO" else "µg/m3"


@dataclass(frozen=True)
class Days:
    """Daily values and the index of one place, or of several in the first axis."""

    days: list[date]
    items: dict[str, Values]
    index: IndexSeries

    def of(self, place: int) -> "Days":
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
        return Days(self.days, {name: values[place] for name, values in self.items.items()}, one)

    def figures(self, period: Period) -> AirFigures:
        return air_figures((period.first, period.last), self.index.aqi, self.index.level, self.items)


@dataclass(frozen=True)
class AirStation:
    """A station with its figures of the period and of the same days a year before."""

    station: Station
    part: NetworkPart
    figures: AirFigures
    before: AirFigures


@dataclass(frozen=True)
class AirArea:
    """An area: its stations, and the area itself as the standard has a city."""

    look: Look
    stations: list[Station]
    parts: dict[int, NetworkPart]
    days: Days
    days_before: Days

    @classmethod
    def asked(cls, look: Look) -> "AirArea":
        found = look.assessed(STATION_KIND)
        measured = channels_of(look, found)
        now, before = look.period, look.period.year_before
        return cls(
            look,
            found,
            look.parts(found),
            read_days(found, measured, now.days),
            read_days(found, measured, before.days),
        )

    @cached_property
    def points(self) -> list[int]:
        """The places of the stations that count for the area."""
        counted = [place for place, one in enumerate(self.stations) if not self.parts[one.pk].background]
        return counted or list(range(len(self.stations)))

    @property
    def points_needed(self) -> int:
        return points_needed(len(self.points))

    @cached_property
    def rows(self) -> list[AirStation]:
        """The stations by composite index, the best first; those without one behind."""
        found = [
            AirStation(
                one,
                self.parts[one.pk],
                self.days.of(place).figures(self.look.period),
                self.days_before.of(place).figures(self.look.period.year_before),
            )
            for place, one in enumerate(self.stations)
        ]
        return sorted(found, key=lambda row: (np.isnan(row.figures.composite), row.figures.composite, row.station.code))

    @cached_property
    def whole(self) -> Days:
        """The area's own days: means over its points, and the index of those means."""
        return self._whole(self.days)

    @cached_property
    def whole_before(self) -> Days:
        return self._whole(self.days_before)

    def _whole(self, days: Days) -> Days:
        items = {name: city_mean(values[self.points], len(self.points))[0] for name, values in days.items.items()}
        return Days(days.days, items, index_of_days(days.days, items))

    @cached_property
    def figures(self) -> AirFigures:
        return self.whole.figures(self.look.period)

    @cached_property
    def figures_before(self) -> AirFigures:
        return self.whole_before.figures(self.look.period.year_before)

    @property
    def edition(self) -> AirEdition:
        return air_edition(max(self.look.period.last, air_editions()[0].valid_from))

    @property
    def editions_differ(self) -> bool:
        """Whether the year before was judged by another edition than now."""
        return bool(_editions([*self.days.days, *self.days_before.days])[1:])

    @property
    def share_before_alike(self) -> float:
        """The good-day ratio of the year before by the edition of now, for years on both sides of a change [%]."""
        counted = {item.name for item in self.edition.items["day"]}
        given = {name: values for name, values in self.whole_before.items.items() if name in counted}
        index = index_by(self.edition, given, "day")
        return replace(self.whole_before, index=index).figures(self.look.period.year_before).share


def _editions(days: Sequence[date]) -> list[AirEdition]:
    return [
        one for one in air_editions() if any(one.valid_from <= day and day <= (one.valid_to or day) for day in days)
    ]


def channels_of(look: Look, found: Sequence[Station]) -> list[Channel]:
    """The channels of the pollutants of the index at some stations."""
    order = [pollutant_factors()[day_item(name)[0]] for name in ITEMS]
    measured = channels(look.viewer).filter(station__in=found, factor__in=order, basis="measured")
    return sorted(measured, key=lambda one: (one.station_id, order.index(one.factor)))


def read_days(found: Sequence[Station], measured: Sequence[Channel], days: list[date]) -> Days:
    """The daily values of stations in the units of the index, and their index."""
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
    return Days(days, items, index_of_days(days, items))
