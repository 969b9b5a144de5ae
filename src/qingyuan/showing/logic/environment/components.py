"""Components of ambient air at one station: hours by species, sums by group, and what they come to."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

import numpy as np
from django.http import QueryDict
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from qingyuan.kit.clock import SHANGHAI
from qingyuan.kit.errors import BadInput
from qingyuan.people.queries import User
from qingyuan.places.queries import Station
from qingyuan.recording.air_days import in_unit
from qingyuan.sensing.queries import Channel, channels
from qingyuan.showing.logic.environment.hours import HOUR, HourValues, hours_between, start_of
from qingyuan_science.assess.components import (
    GROUPS,
    GroupSum,
    Mass,
    Sector,
    by_sector,
    group_of,
    ozone_formation,
    reconstructed,
    sector_places,
    summed,
    sums_left_out,
)
from qingyuan_science.plugins import Text
from qingyuan_science.standards.factors import PM25, WIND_DIRECTION, WIND_SPEED

Values = NDArray[np.float64]
UNIT = "µg/m3"
LENGTHS = {"day": 1, "week": 7, "month": 30}
FAMILIES = ("voc", "pm")
FAMILY_TITLES = {
    "voc": Text("挥发性有机物", "Volatile organic compounds"),
    "pm": Text("PM2.5 组分", "Components of PM2.5"),
}
MASS = "mass"
MASS_TITLE = Text("各部分之和", "Sum of the parts")


@dataclass(frozen=True)
class Days:
    """A day, a week or thirty days up to a last day, in China; in the address `period` and `last`."""

    period: str
    last: date
    today: date

    @classmethod
    def asked(cls, query: QueryDict, now: datetime) -> "Days":
        today = now.astimezone(SHANGHAI).date()
        period, last = query.get("period") or "week", query.get("last") or today.isoformat()
        if period not in LENGTHS:
            known = ", ".join(LENGTHS)
            raise BadInput(
                _("Found period “%(found)s”, expected one of: %(known)s.") % {"found": period[:20], "known": known},
                "period",
            )
        try:
            day = date.fromisoformat(last)
        except ValueError:
            raise BadInput(
                _("Found day “%(found)s”, expected one such as 2026-11-22.") % {"found": last[:20]}, "last"
            ) from None
        if not date(2000, 1, 1) <= day <= today:
            raise BadInput(_("Found day “%(found)s”, expected one that has begun.") % {"found": last[:20]}, "last")
        return cls(period, day, today)

    @property
    def first(self) -> date:
        return self.last - timedelta(days=LENGTHS[self.period] - 1)

    @property
    def start(self) -> datetime:
        return start_of(self.first)

    @property
    def hours(self) -> int:
        return LENGTHS[self.period] * 24

    def due(self, now: datetime) -> int:
        """Hours of it that are over."""
        return max(0, min(self.hours, (now - self.start) // HOUR))

    @property
    def title(self) -> str:
        return (
            f"{self.first.isoformat()} – {self.last.isoformat()}" if self.first < self.last else self.last.isoformat()
        )

    def moved(self, steps: int) -> "Days | None":
        """The days before or after; none where they have not begun."""
        last = self.last + timedelta(days=steps * LENGTHS[self.period])
        if steps > 0 and self.last >= self.today:
            return None
        return Days(self.period, min(last, self.today), self.today)

    @property
    def address(self) -> str:
        return f"?period={self.period}&last={self.last.isoformat()}"


@dataclass(frozen=True)
class Species:
    """One species in the hours of a period."""

    read: HourValues
    values: Values  # [µg/m3]

    @property
    def code(self) -> str:
        return self.read.channel.factor

    @property
    def valid(self) -> int:
        return int(np.isfinite(self.values).sum())

    @property
    def mean(self) -> float:
        return _mean(self.values)

    @property
    def newest(self) -> int | None:
        """Place of the newest valid hour."""
        known = np.flatnonzero(np.isfinite(self.values))
        return int(known[-1]) if known.size else None

    @property
    def greatest(self) -> int | None:
        """Place of the greatest value."""
        return int(np.nanargmax(self.values)) if self.valid else None


@dataclass(frozen=True)
class Components:
    """What a station measured of components, and beside them."""

    station: Station
    days: Days
    now: datetime
    read: dict[str, HourValues]

    @classmethod
    def of(cls, viewer: User, station: Station, days: Days, now: datetime) -> "Components":
        measured = channels(viewer).filter(station=station, basis="measured").order_by("factor")
        read = hours_between(list(measured), days.start, days.hours)
        return cls(station, days, now, {one.channel.factor: one for one in read.values()})

    @property
    def due(self) -> int:
        return self.days.due(self.now)

    @cached_property
    def species(self) -> dict[str, Species]:
        """The species that are measured, in the order of their groups."""
        order = [code for group in GROUPS for code in group.species if code in self.read]
        return {code: Species(self.read[code], self._micrograms(code)) for code in order}

    @cached_property
    def left_out(self) -> frozenset[str]:
        """Codes that stand for others that are measured too."""
        return sums_left_out(self.species.keys())

    @cached_property
    def groups(self) -> tuple[GroupSum, ...]:
        return summed({code: one.values for code, one in self.species.items()})

    def family(self, name: str) -> list[GroupSum]:
        return [one for one in self.groups if one.group.family == name]

    @cached_property
    def ozone(self) -> dict[str, Values]:
        return ozone_formation({code: one.values for code, one in self.species.items()})

    @cached_property
    def mass(self) -> Mass:
        """PM2.5 out of its parts."""
        of_particles = {code: one.values for code, one in self.species.items() if is_of(code, "pm")}
        return reconstructed(of_particles)

    @cached_property
    def mass_hours(self) -> NDArray[np.bool_]:
        """The hours in which every part has a value, and PM2.5 where it is weighed."""
        known = np.isfinite(self.mass.total)
        return known if self.pm25 is None else known & np.isfinite(self.pm25)

    def made_of(self, code: str) -> "Made | None":
        """What a sum is made of: a group, a family, the mass of PM2.5 or a part of it; None where there is none."""
        counted = {one: self.species[one] for one in self.species if one not in self.left_out}
        group = next((one for one in self.groups if one.group.code == code), None)
        if group is not None:
            return _plain(group.group.title, {one: counted[one] for one in group.group.species if one in counted})
        if code in FAMILIES:
            of_family = {one: each for one, each in counted.items() if is_of(one, code)}
            return _plain(FAMILY_TITLES[code], of_family) if of_family else None
        parts = (
            list(self.mass.parts) if code == MASS else [part for part in self.mass.parts if f"{MASS}-{part}" == code]
        )
        if not parts:
            return None
        weights = {one: self.mass.weights[part][one] for part in parts for one in self.mass.weights[part]}
        values = np.sum(np.vstack([self.mass.parts[part] for part in parts]), axis=0)
        title = MASS_TITLE if code == MASS else self.mass.titles[parts[0]]
        return Made(title, {one: self.species[one] for one in weights}, weights, values, self.mass_hours)

    @property
    def pm25(self) -> Values | None:
        """PM2.5 as weighed."""
        return self._micrograms(PM25) if PM25 in self.read else None

    @cached_property
    def newest(self) -> int | None:
        """Place of the newest hour in which a species has a value."""
        places = [one.newest for one in self.species.values() if one.newest is not None]
        return max(places, default=None)

    @property
    def has_wind(self) -> bool:
        return {WIND_DIRECTION, WIND_SPEED} <= self.read.keys()

    def sectors(self, code: str) -> tuple[Sector, ...]:
        """The hours by the direction of the wind, with the mean of one factor in its own unit."""
        return by_sector(*self._wind, self.read[code].values)

    def hours_of_sector(self, place: int) -> list[int]:
        """The hours of one of the sectors, the newest first."""
        found = np.flatnonzero(sector_places(*self._wind) == place)
        return [int(one) for one in found[::-1]]

    @property
    def _wind(self) -> tuple[Values, Values]:
        """From where it came [°] and how fast [m/s]."""
        direction, speed = self.read[WIND_DIRECTION], self.read[WIND_SPEED]
        return in_unit(direction.values, direction.channel, "°"), in_unit(speed.values, speed.channel, "m/s")

    def at(self, place: int) -> datetime:
        return self.days.start + place * HOUR

    def _micrograms(self, code: str) -> Values:
        return in_unit(self.read[code].values, self.read[code].channel, UNIT)


@dataclass(frozen=True)
class Made:
    """A sum with its species, by what each is multiplied, and the hours that count in it."""

    title: Text
    species: dict[str, Species]
    weights: dict[str, float]
    values: Values  # [µg/m3]
    counts: NDArray[np.bool_]

    @property
    def incomplete(self) -> NDArray[np.bool_]:
        """Hours that count though a species has no value."""
        missing = np.vstack([np.isnan(one.values) for one in self.species.values()]).any(axis=0)
        return np.asarray(self.counts & missing)

    @property
    def mean(self) -> float:
        return _mean(self.values[self.counts])


def _plain(title: Text, species: dict[str, Species]) -> Made:
    rows = np.vstack([one.values for one in species.values()])
    known = np.asarray(np.isfinite(rows).any(axis=0))
    values = np.where(known, np.nansum(rows, axis=0), np.nan)
    return Made(title, species, dict.fromkeys(species, 1.0), values, known)


def is_of(code: str, family: str) -> bool:
    """Whether a species belongs to a family."""
    group = group_of(code)
    return group is not None and group.family == family


def measures_components(measured: list[Channel]) -> bool:
    """Whether some channels are species."""
    return any(group_of(one.factor) is not None for one in measured)


def _mean(values: Values) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")
