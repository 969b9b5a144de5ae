"""Sums of what was emitted over days, with the time that is known; read once for many outlets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from qingyuan.people.queries import User
from qingyuan.places.queries import Station
from qingyuan.recording.queries import AMOUNT, CARRIERS, HOURS, STOPPED, DayArrays, day_values
from qingyuan.sensing.queries import Channel, channels
from qingyuan.showing.logic.environment.asked import Period
from qingyuan_science.standards.emission.loads import Medium
from qingyuan_science.units import UnitError, scale

Values = NDArray[np.float64]
A_DAY = 24  # hours


@dataclass(frozen=True)
class Sums:
    """What was emitted in some days.

    Parameters
    ----------
    amount : float or None [kg, of a flow m3]
        Of the hours that are known; None where none is.
    hours, stopped, due : int [h]
        Hours known, hours marked as standing still, hours in all.
    """

    amount: float | None
    hours: int
    stopped: int
    due: int

    @property
    def share(self) -> float | None:
        """Share of the hours in which the source ran, or may have, that are known [1]; None where it stood still."""
        running = self.due - self.stopped
        return self.hours / running if running else None

    @property
    def a_day(self) -> float | None:
        """Mean of the time known, standing still counted as nothing emitted [kg/d]."""
        known = self.hours + self.stopped
        return None if self.amount is None else self.amount / known * A_DAY

    def plus(self, other: "Sums") -> "Sums":
        """Both together: the mass of two outlets, or of two times."""
        known = [one.amount for one in (self, other) if one.amount is not None]
        return Sums(
            sum(known) if known else None,
            self.hours + other.hours,
            self.stopped + other.stopped,
            self.due + other.due,
        )


NOTHING = Sums(None, 0, 0, 0)


def total_of(several: Iterable[Sums]) -> Sums:
    """All together."""
    found = NOTHING
    for one in several:
        found = found.plus(one)
    return found


@dataclass(frozen=True)
class Kept:
    """The sums of days of some channels between two days; day 0 is the first."""

    first: date
    count: int
    arrays: DayArrays

    @classmethod
    def read(cls, several: Sequence[Channel], first: date, last: date) -> "Kept":
        """By one query."""
        names = (AMOUNT, HOURS, STOPPED)
        count = max((last - first).days + 1, 0)
        return cls(first, count, day_values([one.pk for one in several], first, last, names) if count else {})

    def of(self, channel: Channel, name: str) -> Values:
        """A statistic of the days, NaN where it is not kept."""
        found = self.arrays.get((channel.pk, name))
        return np.full(self.count, np.nan) if found is None else found

    def between(self, channel: Channel, first: date, last: date) -> Sums:
        """The sum of some of the days, both included."""
        begin, end = max((first - self.first).days, 0), min((last - self.first).days + 1, self.count)
        if end <= begin:
            return NOTHING
        parts = {name: self.arrays.get((channel.pk, name)) for name in (AMOUNT, HOURS, STOPPED)}
        amount, hours, stopped = (0.0 if part is None else float(np.nansum(part[begin:end])) for part in parts.values())
        return Sums(amount if hours else None, int(hours), int(stopped), (end - begin) * A_DAY)

    def over(self, channel: Channel, period: Period) -> Sums:
        """The sum of the days of a period that are over."""
        return self.between(channel, period.first, period.until)


def contents_of(viewer: User, found: Sequence[Station]) -> list[Channel]:
    """The concentrations at outlets out of which a mass can be made, if their flow is measured."""
    measured = channels(viewer).filter(station__in=found, station__kind__in=CARRIERS, basis="measured")
    listed = measured.select_related("station__enterprise__cell").order_by("station__code", "factor")
    return [one for one in listed if makes_mass(one)]


def makes_mass(channel: Channel) -> bool:
    """Whether a channel's unit is one of concentration."""
    carrier = CARRIERS.get(channel.station.kind)
    if carrier is None:
        return False
    try:
        scale(channel.unit, carrier.unit)
    except UnitError:
        return False
    return True


def medium_of(channel: Channel) -> Medium:
    """Water or gas."""
    return CARRIERS[channel.station.kind].medium


def flow_beside(channel: Channel, several: Iterable[Channel]) -> Channel | None:
    """The flow at the outlet of a channel."""
    wanted = (channel.station_id, CARRIERS[channel.station.kind].flow, "measured")
    return next((one for one in several if (one.station_id, one.factor, one.basis) == wanted), None)
