"""Waste-water outlets beside their limits: how many valid days kept them, factor by factor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from qingyuan.judging.queries import limits_of_days
from qingyuan.places.queries import Station
from qingyuan.recording.queries import day_values
from qingyuan.sensing.queries import Channel, channels
from qingyuan.showing.logic.environment.asked import Look, Period
from qingyuan.showing.logic.environment.levels import clauses
from qingyuan_science.plugins import Source
from qingyuan_science.standards import Limit
from qingyuan_science.standards.air import MEAN

Values = NDArray[np.float64]
STATION_KIND = "outlet-water"


@dataclass(frozen=True)
class FactorDays:
    """One factor of an outlet: its valid days, those that kept the limit, and the day farthest beyond it."""

    channel: Channel
    limits: tuple[Limit, ...]
    values: Values
    beyond: NDArray[np.bool_]
    multiple: float

    @property
    def valid(self) -> int:
        """Days with a valid value on which a limit bound."""
        return int((~np.isnan(self.values)).sum())

    @property
    def kept(self) -> int:
        return self.valid - int(self.beyond.sum())

    @property
    def share(self) -> float:
        """Share of the valid days that kept the limit [1]; NaN without valid days."""
        return self.kept / self.valid if self.valid else float("nan")


@dataclass(frozen=True)
class Outlet:
    """An outlet in a period and in the same days of the year before."""

    station: Station
    days: list[date]
    factors: list[FactorDays]
    before: list[FactorDays]

    @property
    def valid(self) -> int:
        """Days on which at least one limited factor has a valid value."""
        return int(_any(~np.isnan(one.values) for one in self.factors).sum())

    @property
    def kept(self) -> int:
        """Of these, days on which no factor is beyond its limit."""
        return self.valid - int(_any(one.beyond for one in self.factors).sum())

    @property
    def share(self) -> float:
        return self.kept / self.valid if self.valid else float("nan")

    @property
    def share_before(self) -> float:
        then = Outlet(self.station, self.days, self.before, [])
        return then.share

    @property
    def days_beyond(self) -> list[date]:
        """The days on which a factor is beyond its limit."""
        found = _any(one.beyond for one in self.factors)
        return [day for day, beyond in zip(self.days, found.tolist(), strict=False) if beyond]


def outlets_of(look: Look) -> list[Outlet]:
    """The outlets of an area, those that keep their limits least first."""
    found = look.stations(STATION_KIND)
    measured = list(channels(look.viewer).filter(station__in=found, basis="measured").order_by("station", "factor"))
    now, before = (_factors(measured, period) for period in (look.period, look.period.year_before))
    rows = [Outlet(one, look.period.days, now.get(one.pk, []), before.get(one.pk, [])) for one in found]
    return sorted(rows, key=lambda row: (np.isnan(row.share), row.share, row.station.code))


def outlet_clauses(rows: Sequence[Outlet]) -> list[Source]:
    """The clauses of the limits that bound."""
    found = [limit.source for row in rows for one in row.factors for limit in one.limits]
    return clauses(found)


def _factors(measured: Sequence[Channel], period: Period) -> dict[int, list[FactorDays]]:
    """By station, the factors that a limit of days binds."""
    if not period.days:
        return {}
    limits = limits_of_days(measured, period.days[0], period.days[-1])
    kept = day_values([one.pk for one in measured], period.days[0], period.days[-1])
    found: dict[int, list[FactorDays]] = {}
    for one in measured:
        if limits[one.pk]:
            values = kept.get((one.pk, MEAN), np.full(len(period.days), np.nan))
            found.setdefault(one.station_id, []).append(_held(one, limits[one.pk], values, period.days))
    return found


def _held(channel: Channel, limits: tuple[Limit, ...], values: Values, days: Sequence[date]) -> FactorDays:
    """The values of days on which a limit bound, held against it."""
    bound, beyond = np.zeros(len(days), dtype=np.bool_), np.zeros(len(days), dtype=np.bool_)
    largest = 0.0
    for limit in limits:
        inside = np.array([limit.in_force(day) for day in days])
        over = inside & limit.exceeded(values)
        bound, beyond = bound | inside, beyond | over
        if over.any() and limit.direction == "max":
            largest = max(largest, float(np.nanmax(limit.times_over(values[over]))))
    return FactorDays(channel, limits, np.where(bound, values, np.nan), beyond, largest)


def _any(flags: object) -> NDArray[np.bool_]:
    several = list(flags)  # type: ignore[call-overload]
    return np.logical_or.reduce(several) if several else np.zeros(0, dtype=np.bool_)
