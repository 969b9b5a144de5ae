"""What the rules put in for the times of an outlet without valid data, apart from what was measured."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from qingyuan.kit.clock import SHANGHAI
from qingyuan.recording.queries import AMOUNT, CARRIERS, HOURS, STOPPED, windows
from qingyuan.sensing.queries import Channel
from qingyuan.showing.logic.emissions.sums import A_DAY, Kept, medium_of
from qingyuan_science.plugins import Source
from qingyuan_science.series import Series
from qingyuan_science.standards.emission.filling import Filled, Gap, fill_days, fill_hours, has_substitutes
from qingyuan_science.standards.emission.hourly import Hours, carried, hours_of
from qingyuan_science.standards.emission.validity import mean_validity
from qingyuan_science.units import scale

Values = NDArray[np.float64]
DAYS_BEFORE = {"water": 120, "gas": 180}  # as far back as valid days and hours before a gap are looked for
AN_HOUR = timedelta(hours=1)
Pair = tuple[Channel, Channel | None]


@dataclass(frozen=True)
class Stretch:
    """A gap laid on the calendar: `start` is where its places are counted from, `step` the length of a period."""

    gap: Gap
    start: datetime
    step: timedelta

    def at(self, place: int) -> datetime:
        """When a period begins."""
        return self.start + place * self.step

    def touches(self, day: date) -> bool:
        """Whether some of it lies on a day in China."""
        begins = datetime.combine(day, time(), SHANGHAI)
        return self.at(self.gap.begin) < begins + timedelta(days=1) and begins < self.at(self.gap.end)


@dataclass(frozen=True)
class PutIn:
    """What stands in on each day of a time.

    Parameters
    ----------
    days : list of date
    amounts : ndarray, shape (days,) [kg]
        Put in beside what was measured; 0 where nothing is.
    left : int
        Hours (gas) or days (water) that are neither measured nor filled.
    named : bool
        Whether the rules name the factor at all.
    sources : tuple of Source
    stretches : tuple of Stretch
        The gaps, with what was made of each.
    """

    days: list[date]
    amounts: Values
    left: int
    named: bool
    sources: tuple[Source, ...] = field(default=())
    stretches: tuple[Stretch, ...] = field(default=())

    def between(self, first: date, last: date) -> float:
        """The sum of some of the days [kg]."""
        return float(
            sum(value for day, value in zip(self.days, self.amounts.tolist(), strict=True) if first <= day <= last)
        )


def put_in(pairs: Sequence[Pair], first: date, until: date, today: date) -> dict[int, PutIn]:
    """What stands in between two days for each concentration, given with the flow beside it."""
    found: dict[int, PutIn] = {}
    water = [pair for pair in pairs if medium_of(pair[0]) == "water" and _named(pair[0])]
    gas = [pair for pair in pairs if medium_of(pair[0]) == "gas" and _named(pair[0])]
    days = [first + timedelta(days=number) for number in range(max((until - first).days + 1, 0))]
    for content, _flow in pairs:
        found[content.pk] = PutIn(days, np.zeros(len(days)), 0, named=_named(content))
    if days and water:
        found |= _water(water, days)
    if days and gas:
        found |= _gas(gas, days, today)
    return found


def _named(channel: Channel) -> bool:
    return has_substitutes(channel.factor, medium_of(channel))


def _water(pairs: Sequence[Pair], days: list[date]) -> dict[int, PutIn]:
    """Days without enough hours for a valid mean, of the hours in which the source ran."""
    before = DAYS_BEFORE["water"]
    kept = Kept.read([content for content, _flow in pairs], days[0] - timedelta(days=before), days[-1])
    found = {}
    for content, _flow in pairs:
        mass = kept.of(content, AMOUNT)
        hours, stopped = (np.nan_to_num(kept.of(content, name)).astype(int) for name in (HOURS, STOPPED))
        valid = np.array(
            [_valid_day(*one) for one in zip(hours.tolist(), stopped.tolist(), strict=True)], dtype=np.bool_
        )
        filled = fill_days(mass, valid, stopped >= A_DAY, before)
        beside = np.maximum(
            filled.amounts - np.nan_to_num(mass[before:]), 0.0
        )  # what was measured was emitted at least
        laid = _laid(filled, days[0], timedelta(days=1))
        found[content.pk] = PutIn(days, np.nan_to_num(beside), filled.left, True, filled.sources, laid)
    return found


def _valid_day(had: int, stopped: int) -> bool:
    due = A_DAY - stopped
    return due > 0 and mean_validity("water", "day", min(had, due), due=due).valid


def _gas(pairs: Sequence[Pair], days: list[date], today: date) -> dict[int, PutIn]:
    """Hours without valid data, quarter by quarter, since the rule goes by the quarter's capture rate."""
    begins = _quarter(days[0]) - timedelta(days=DAYS_BEFORE["gas"])
    ends = min(_after_quarter(days[-1]), today)
    read = _hours([one for pair in pairs for one in pair if one is not None], begins, ends)
    found = {}
    for content, flow in pairs:
        if flow is None:
            continue
        mass = carried(read[content.pk], read[flow.pk], "gas")
        parts = [_quarter_filled(mass, begins, one, min(_after_quarter(one), ends)) for one in _quarters(days)]
        whole = np.concatenate([one.amounts for one in parts])
        skipped, begun = (days[0] - _quarter(days[0])).days * A_DAY, (days[0] - begins).days * A_DAY
        filled = whole[skipped : skipped + len(days) * A_DAY]
        here = slice(begun, begun + len(days) * A_DAY)
        left = np.isnan(mass.values[here]) & ~mass.stopped[here] & np.isnan(filled)
        daily = np.nan_to_num(filled).reshape(-1, A_DAY).sum(axis=1)
        sources = tuple(dict.fromkeys(source for one in parts for source in one.sources))
        laid = [
            one for part, quarter in zip(parts, _quarters(days), strict=True) for one in _laid(part, quarter, AN_HOUR)
        ]
        found[content.pk] = PutIn(days, daily, int(left.sum()), True, sources, tuple(laid))
    return found


def _quarter_filled(mass: Hours, begins: date, quarter: date, after: date) -> Filled:
    first, end = (quarter - begins).days * A_DAY, (after - begins).days * A_DAY
    history = max(first - DAYS_BEFORE["gas"] * A_DAY, 0)
    return fill_hours(mass.values[history:end], mass.stopped[history:end], first - history)


def _laid(filled: Filled, first: date, step: timedelta) -> tuple[Stretch, ...]:
    start = datetime.combine(first, time(), SHANGHAI)
    return tuple(Stretch(one, start, step) for one in filled.gaps)


def _hours(several: Sequence[Channel], first: date, after: date) -> dict[int, Hours]:
    """Hours of channels in the units of masses, those computed here over those that were sent."""
    start, end = (datetime.combine(day, time(), SHANGHAI) for day in (first, after))
    ids, count = sorted({one.pk for one in several}), (after - first).days * A_DAY
    read: list[dict[int, Series]] = [windows(ids, kind, start, end) for kind in "hH"]
    return {one.pk: hours_of([by_channel[one.pk] for by_channel in read], start, count, _scale(one)) for one in several}


def _scale(channel: Channel) -> float:
    carrier = CARRIERS[channel.station.kind]
    return float(scale(channel.unit, "m3/h" if channel.factor == carrier.flow else carrier.unit))


def _quarter(day: date) -> date:
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def _after_quarter(day: date) -> date:
    begun = _quarter(day)
    return date(begun.year + begun.month // 10, (begun.month + 2) % 12 + 1, 1)


def _quarters(days: list[date]) -> list[date]:
    found = [_quarter(days[0])]
    while _after_quarter(found[-1]) <= days[-1]:
        found.append(_after_quarter(found[-1]))
    return found
