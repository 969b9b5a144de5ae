"""What outlets emitted on each day: mass and volume out of the hours, and how many hours are known.

Concentration and flow vary together within a day, so that a day mean of flue gas times a day mean of flow is not what
was emitted. It is added up hour by hour, and kept.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from qingyuan.kit.clock import SHANGHAI
from qingyuan.recording import queries
from qingyuan.recording.daily import AMOUNT, CARRIERS, HOURS, STOPPED, Carrier, DayArrays
from qingyuan.sensing.queries import Channel
from qingyuan_science.series import SECOND, Series, microseconds
from qingyuan_science.standards.emission.hourly import Hours, carried, hours_of
from qingyuan_science.standards.emission.loads import mass_of
from qingyuan_science.units import UnitError, scale

Values = NDArray[np.float64]
Days = tuple[date, date]
HOURLY, DAILY = "hH", "dD"  # kinds as sent, and as computed here
_A_DAY = 24  # hours
_DAY_US = 86_400 * SECOND


@dataclass(frozen=True)
class _Outlet:
    """A flow and the concentrations that it carries."""

    carrier: Carrier
    flow: Channel
    contents: list[Channel]


@dataclass(frozen=True)
class _Measured:
    """Hours and days of a channel, in the unit of sums; of days NaN where there is no valid mean."""

    hours: Hours
    days: Values


@dataclass(frozen=True)
class Stood:
    """A reading that stood for a period when a sum was made: its kind, value [unit of its channel] and mark."""

    kind: str
    value: float
    mark: str
    valid: bool


@dataclass(frozen=True)
class AmountPart:
    """One hour of a day's mass, or the day where no hour came: its start [µs], what stood then, what they make. [kg]"""

    at: int
    content: Stood | None
    flow: Stood | None
    amount: float | None


@dataclass(frozen=True)
class AmountParts:
    """What the mass of a day was added up of: hours or day means by `kinds`; `flow` is the channel that carried it."""

    flow: Channel
    kinds: str
    parts: list[AmountPart]


def amount_made_of(content: Channel, day: date) -> AmountParts | None:
    """Out of which readings the mass of a day is added up.

    Parameters
    ----------
    content : Channel
        A concentration at an outlet.
    day : date
        In China.

    Returns
    -------
    AmountParts or None
        None where no flow is measured beside it, or its unit makes no mass.
    """
    outlet = next((one for one in _outlets({content.pk}) if content in one.contents), None)
    if outlet is None:
        return None
    flow, medium = outlet.flow, outlet.carrier.medium
    read, start = _read([content, flow], (day, day)), datetime.combine(day, time(), SHANGHAI)
    mass = carried(read[content.pk].hours, read[flow.pk].hours, medium)
    if mass.came.any():
        kinds, values = HOURLY, mass.values
    else:
        kinds, values = DAILY, read[content.pk].days * read[flow.pk].days * mass_of(1.0, 1.0, medium) * _A_DAY
    stood = [_stood(one, kinds, start) for one in (content, flow)]
    step = _DAY_US // len(values)
    starts = [microseconds(start) + place * step for place in range(len(values))]
    return AmountParts(
        flow,
        kinds,
        [
            AmountPart(at, stood[0].get(at), stood[1].get(at), None if np.isnan(value) else float(value))
            for at, value in zip(starts, values, strict=True)
            if at in stood[0] or at in stood[1]
        ],
    )


def _stood(channel: Channel, kinds: str, start: datetime) -> dict[int, Stood]:
    """The readings of a day by their start; one computed here stands over one that was sent where it is valid."""
    found: dict[int, Stood] = {}
    for kind in kinds:
        series = queries.window(channel.pk, kind, start, start + timedelta(days=1))
        for at, value, mark, valid in zip(series.at, series.value, series.mark, series.valid, strict=True):
            if valid or int(at) not in found:
                found[int(at)] = Stood(kind, float(value), str(mark), bool(valid))
    return found


def amounts(channel_ids: Sequence[int], days: Days) -> DayArrays:
    """The sums of the days of some channels of outlets, and of those whose flow is among them."""
    found: DayArrays = {}
    outlets = list(_outlets(set(channel_ids)))
    read = _read([one for outlet in outlets for one in (outlet.flow, *outlet.contents)], days)
    for outlet in outlets:
        flow, medium = read[outlet.flow.pk], outlet.carrier.medium
        found |= _sums(outlet.flow.pk, flow.hours, flow.days)
        for one in outlet.contents:
            content = read[one.pk]
            a_mean_hour = content.days * flow.days * mass_of(1.0, 1.0, medium)
            found |= _sums(one.pk, carried(content.hours, flow.hours, medium), a_mean_hour)
    return found


def _outlets(ids: set[int]) -> Iterable[_Outlet]:
    """The outlets of channels, with the concentrations that are due."""
    beside: dict[int, list[Channel]] = defaultdict(list)
    stations = Channel.objects.filter(pk__in=ids, basis="measured", station__kind__in=CARRIERS).values("station")
    for one in Channel.objects.filter(station__in=stations, basis="measured").select_related("station").order_by("pk"):
        beside[one.station_id].append(one)
    for several in beside.values():
        carrier = CARRIERS[several[0].station.kind]
        flow = next((one for one in several if one.factor == carrier.flow and _scale(one)), None)
        if flow is not None:
            due = (one for one in several if one != flow and (one.pk in ids or flow.pk in ids))
            yield _Outlet(carrier, flow, [one for one in due if _scale(one)])


def _scale(channel: Channel) -> float | None:
    """What brings a channel into the unit of sums; None where its own unit is of something else."""
    carrier = CARRIERS[channel.station.kind]
    try:
        return float(scale(channel.unit, "m3/h" if channel.factor == carrier.flow else carrier.unit))
    except UnitError:
        return None


def _sums(channel: int, hours: Hours, a_mean_hour: Values) -> DayArrays:
    """Sums of days; of days of which no hours came at all, out of their means, and then all day counts as known."""
    by_day = hours.values.reshape(-1, _A_DAY)
    known = (~np.isnan(by_day)).sum(axis=1).astype(np.float64)
    still = hours.stopped.reshape(-1, _A_DAY).sum(axis=1).astype(np.float64)
    alone = ~np.isnan(a_mean_hour) & ~hours.came.reshape(-1, _A_DAY).any(axis=1)
    known[alone] = _A_DAY
    amount = np.where(alone, a_mean_hour * _A_DAY, np.nansum(by_day, axis=1))
    return {
        (channel, AMOUNT): np.where(known > 0, amount, np.nan),
        (channel, HOURS): np.where(known > 0, known, np.nan),
        (channel, STOPPED): np.where(still > 0, still, np.nan),
    }


def _read(channels: Sequence[Channel], days: Days) -> dict[int, _Measured]:
    """Hours and days of channels; those computed here over those that were sent, where they are valid."""
    count = (days[1] - days[0]).days + 1
    start = datetime.combine(days[0], time(), SHANGHAI)
    ids = [one.pk for one in channels]
    read = [queries.windows(ids, kind, start, start + timedelta(days=count)) if ids else {} for kind in "hHdD"]
    found = {}
    for one in channels:
        sent, computed, days_sent, days_computed = (by_channel[one.pk] for by_channel in read)
        factor = _scale(one) or 1.0
        means = _laid((days_sent, days_computed), start, count) * factor
        found[one.pk] = _Measured(hours_of((sent, computed), start, count * _A_DAY, factor), means)
    return found


def _laid(several: Sequence[Series], start: datetime, count: int) -> Values:
    means = np.full(count, np.nan)
    for series in several:
        valid = series.valid & np.isfinite(series.value)
        means[(series.at[valid] - microseconds(start)) // _DAY_US] = series.value[valid]
    return means
