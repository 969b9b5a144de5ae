"""One pollutant of one outlet: its days, its months, and whether it rises or falls over the years."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from qingyuan.recording.queries import AMOUNT, HOURS, STOPPED, day_values
from qingyuan.sensing.queries import Channel
from qingyuan.showing.logic.emissions.substitutes import PutIn
from qingyuan.showing.logic.emissions.sums import A_DAY, Kept, Sums
from qingyuan.showing.logic.environment.asked import Period
from qingyuan_science.series import LEAST_YEARS, Trend, long_enough, seasonal_trend
from qingyuan_science.standards.air import MEAN

Values = NDArray[np.float64]
YEARS_LOOKED_AT = 10
MONTHS = 12
KNOWN_MONTH = 0.75  # share of its hours that a month needs to count for the trend


@dataclass(frozen=True)
class Day:
    """A day of an outlet: mass, hours, what stands in, flow and concentration."""

    day: date
    sums: Sums
    put_in: float
    volume: float | None
    volume_hours: int
    concentration: float | None


@dataclass(frozen=True)
class Month:
    """A month of an outlet, with the same month of the year before."""

    first: date
    sums: Sums
    before: Sums
    put_in: float | None


@dataclass(frozen=True)
class Tested:
    """The trend of mean loads of months [kg/d per year]; None where the record is too short, or always equal."""

    trend: Trend | None
    months: int
    years: int
    needed_years: int = LEAST_YEARS


def days_of(content: Channel, flow: Channel | None, period: Period, put_in: PutIn) -> list[Day]:
    """The days of a period, newest first."""
    several = [content] if flow is None else [content, flow]
    kept = Kept.read(several, period.first, period.until)
    means = (
        day_values([content.pk], period.first, period.until, (MEAN,)).get((content.pk, MEAN)) if period.days else None
    )
    rows = []
    for place, day in enumerate(period.days):
        volume = kept.between(flow, day, day) if flow is not None else None
        mean = float("nan") if means is None else float(means[place])
        rows.append(
            Day(
                day,
                kept.between(content, day, day),
                float(put_in.amounts[place]),
                volume.amount if volume else None,
                volume.hours if volume else 0,
                None if np.isnan(mean) else mean,
            )
        )
    return rows[::-1]


def months_of(content: Channel, period: Period, put_in: PutIn) -> list[Month]:
    """The months of the period's year up to its end, each with the same month of the year before."""
    kept = Kept.read([content], date(period.year - 1, 1, 1), period.until)
    found = []
    for number in range(1, MONTHS + 1):
        first = date(period.year, number, 1)
        if first > period.until:
            break
        last = min(_month_end(first), period.until)
        earlier = date(period.year - 1, number, 1)
        inside = period.first <= first and last <= period.until
        found.append(
            Month(
                first,
                kept.between(content, first, last),
                kept.between(content, earlier, _month_end(earlier)),
                put_in.between(first, last) if inside else None,
            )
        )
    return found


def trend_of(content: Channel, until: date) -> Tested:
    """The seasonal Mann-Kendall test on mean daily loads of the months that are known well enough."""
    first = date(until.year - YEARS_LOOKED_AT + 1, 1, 1)
    kept = Kept.read([content], first, until)
    loads = np.full((YEARS_LOOKED_AT, MONTHS), np.nan)
    for year in range(first.year, until.year + 1):
        for month in range(1, MONTHS + 1):
            begin = date(year, month, 1)
            sums = kept.between(content, begin, _month_end(begin))
            if _month_end(begin) <= until and sums.a_day is not None and (sums.share or 0.0) >= KNOWN_MONTH:
                loads[year - first.year, month - 1] = sums.a_day
    known = ~np.isnan(loads)
    trend = seasonal_trend(loads) if long_enough(loads) else None
    return Tested(trend, int(known.sum()), int(known.any(axis=1).sum()))


def loads_by_day(content: Channel, first: date, last: date) -> tuple[list[date], Values, Values]:
    """The days between two, their masses [kg] and the share of their running hours that is known [1]."""
    kept = Kept.read([content], first, last)
    days = [first + timedelta(days=number) for number in range(kept.count)]
    hours, stopped = (np.nan_to_num(kept.of(content, name)) for name in (HOURS, STOPPED))
    running = np.maximum(A_DAY - stopped, 1.0)
    mass = np.where((stopped >= A_DAY) & (hours == 0), 0.0, kept.of(content, AMOUNT))
    return days, mass, np.where(stopped >= A_DAY, 1.0, hours / running)


def _month_end(first: date) -> date:
    return date(first.year + first.month // MONTHS, first.month % MONTHS + 1, 1) - timedelta(days=1)
