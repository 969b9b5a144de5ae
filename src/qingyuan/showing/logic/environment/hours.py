"""The hours of a day at a station: what was measured, as means computed here or as sent, and the index of each hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
from django.urls import reverse
from numpy.typing import NDArray

from qingyuan.kit.clock import SHANGHAI
from qingyuan.recording.air_days import in_unit, unit_of_item
from qingyuan.recording.queries import windows
from qingyuan.sensing.queries import Channel
from qingyuan_science.series import microseconds
from qingyuan_science.standards.air import AirEdition, IndexSeries, air_edition, hour_items, index_by, pollutant_factors

Values = NDArray[np.float64]
HOUR = timedelta(hours=1)
RUNNING_BEFORE = 23  # hours before the first that a running mean of 24 reaches back to
KINDS = "Hh"


@dataclass(frozen=True)
class HourValues:
    """Valid hour means of a channel, and of which kind each is; NaN and empty where there is none."""

    channel: Channel
    start: datetime
    values: Values
    kinds: NDArray[np.str_]

    def href(self, place: int) -> str:
        """The reading behind a value; empty where there is none."""
        if not self.kinds[place]:
            return ""
        at = microseconds(self.start + place * HOUR) // 1000
        return reverse("reading", kwargs={"channel": self.channel.pk, "kind": str(self.kinds[place]), "at": at})


def hours_between(measured: Sequence[Channel], start: datetime, hours: int) -> dict[int, HourValues]:
    """The hours of channels: those computed here where they are valid, else those that were sent."""
    end = start + hours * HOUR
    values = {one.pk: np.full(hours, np.nan) for one in measured}
    kinds = {one.pk: np.full(hours, "", dtype="<U1") for one in measured}
    for kind in reversed(KINDS):
        for channel, series in windows([one.pk for one in measured], kind, start, end).items():
            valid = series.valid
            places = (series.at[valid] - microseconds(start)) // microseconds_of(HOUR)
            values[channel][places], kinds[channel][places] = series.value[valid], kind
    return {one.pk: HourValues(one, start, values[one.pk], kinds[one.pk]) for one in measured}


def microseconds_of(length: timedelta) -> int:
    return length // timedelta(microseconds=1)


@dataclass(frozen=True)
class AirHours:
    """The hours of a day of a station, and the index of each by the edition of the day."""

    edition: AirEdition
    start: datetime
    hours: dict[str, HourValues]
    index: IndexSeries
    items: dict[str, Values]

    @classmethod
    def of(cls, measured: Sequence[Channel], start: datetime, count: int) -> "AirHours":
        """The index of some hours, read with the hours before them that running means need."""
        edition = air_edition(start.astimezone(SHANGHAI).date())
        begins = start - RUNNING_BEFORE * HOUR
        read = hours_between(measured, begins, count + RUNNING_BEFORE)
        names = {factor: pollutant for pollutant, factor in pollutant_factors().items()}
        found = {names[one.channel.factor]: one for one in read.values()}
        given = {name: in_unit(one.values, one.channel, unit_of_item(name)) for name, one in found.items()}
        items = {item.name: np.full(count, np.nan) for item in edition.items["hour"]}
        items |= {name: values[RUNNING_BEFORE:] for name, values in hour_items(given, edition).items()}
        shown = {
            name: HourValues(one.channel, start, given[name][RUNNING_BEFORE:], one.kinds[RUNNING_BEFORE:])
            for name, one in found.items()
        }
        return cls(edition, start, shown, index_by(edition, items, "hour"), items)


def start_of(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def newest_place(index: IndexSeries) -> int | None:
    """The place of the newest hour that has an index; None without any."""
    known = np.flatnonzero(~np.isnan(index.aqi))
    return int(known[-1]) if known.size else None
