"""Ambient air: the index of days, the figures of stations and of their area, and how they changed in a year."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np

from qingyuan.places.queries import NetworkPart, Station
from qingyuan.recording.air_days import (
    STATION_KIND,
    AirDays,
    air_factors,
    in_order_of_items,
    points_of,
    read_days,
)
from qingyuan.sensing.queries import Channel, channels
from qingyuan.showing.logic.environment.asked import Look, Period
from qingyuan_science.standards.air import (
    AirEdition,
    AirFigures,
    air_edition,
    air_editions,
    index_by,
)
from qingyuan_science.standards.air.city import points_needed


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
    days: AirDays
    days_before: AirDays

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
        return points_of(self.stations, self.parts)

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
                self.days.of(place).figures(*_span(self.look.period)),
                self.days_before.of(place).figures(*_span(self.look.period.year_before)),
            )
            for place, one in enumerate(self.stations)
        ]
        return sorted(found, key=lambda row: (np.isnan(row.figures.composite), row.figures.composite, row.station.code))

    @cached_property
    def whole(self) -> AirDays:
        """The area's own days: means over its points, and the index of those means."""
        return self.days.whole(self.points)

    @cached_property
    def whole_before(self) -> AirDays:
        return self.days_before.whole(self.points)

    @cached_property
    def figures(self) -> AirFigures:
        return self.whole.figures(*_span(self.look.period))

    @cached_property
    def figures_before(self) -> AirFigures:
        return self.whole_before.figures(*_span(self.look.period.year_before))

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
        return replace(self.whole_before, index=index).figures(*_span(self.look.period.year_before)).share


def _span(period: Period) -> tuple[date, date]:
    return period.first, period.last


def _editions(days: Sequence[date]) -> list[AirEdition]:
    return [
        one for one in air_editions() if any(one.valid_from <= day and day <= (one.valid_to or day) for day in days)
    ]


def channels_of(look: Look, found: Sequence[Station]) -> list[Channel]:
    """The channels of the pollutants of the index at some stations."""
    measured = channels(look.viewer).filter(station__in=found, factor__in=air_factors(), basis="measured")
    return in_order_of_items(list(measured))
