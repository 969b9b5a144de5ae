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
from qingyuan_science.series import SECOND, Mark, Series, microseconds
from qingyuan_science.standards.emission.loads import mass_of
from qingyuan_science.units import UnitError, convert

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]
Days = tuple[date, date]
_A_DAY = 24  # hours
_STEPS = {"h": 3600 * SECOND, "d": 86_400 * SECOND}


@dataclass(frozen=True)
class _Outlet:
    """A flow and the concentrations that it carries."""

    carrier: Carrier
    flow: Channel
    contents: list[Channel]


@dataclass(frozen=True)
class _Measured:
    """Hours and days of a channel, NaN where not valid; hours marked as standing still, days of which hours came."""

    hours: Values
    stopped: Flags
    days: Values
    came: Flags


def amounts(channel_ids: Sequence[int], days: Days) -> DayArrays:
    """The sums of the days of some channels of outlets, and of those whose flow is among them."""
    outlets = list(_outlets(set(channel_ids)))
    read = _read([one.pk for outlet in outlets for one in (outlet.flow, *outlet.contents)], days)
    found: DayArrays = {}
    for outlet in outlets:
        flow = _in_unit(read[outlet.flow.pk], outlet.flow.unit, "m3/h")
        volume = _sums(flow.hours, flow.stopped, np.where(flow.came, np.nan, flow.days))
        found |= {(outlet.flow.pk, name): values for name, values in volume.items()}
        for one in outlet.contents:
            carried = _carried(_in_unit(read[one.pk], one.unit, outlet.carrier.unit), flow, outlet.carrier)
            found |= {(one.pk, name): values for name, values in carried.items()}
    return found


def _outlets(ids: set[int]) -> Iterable[_Outlet]:
    """The outlets of channels, with the concentrations that are due."""
    beside: dict[int, list[Channel]] = defaultdict(list)
    stations = Channel.objects.filter(pk__in=ids, basis="measured", station__kind__in=CARRIERS).values("station")
    for one in Channel.objects.filter(station__in=stations, basis="measured").select_related("station").order_by("pk"):
        beside[one.station_id].append(one)
    for several in beside.values():
        carrier = CARRIERS[several[0].station.kind]
        flow = next((one for one in several if one.factor == carrier.flow and _fits(one, "m3/h")), None)
        if flow is not None:
            carried = [one for one in several if _fits(one, carrier.unit) and (one.pk in ids or flow.pk in ids)]
            yield _Outlet(carrier, flow, carried)


def _fits(channel: Channel, unit: str) -> bool:
    try:
        convert(1.0, channel.unit, unit)
    except UnitError:
        return False
    return True


def _in_unit(one: _Measured, unit: str, wanted: str) -> _Measured:
    scale = float(convert(1.0, unit, wanted))
    return _Measured(one.hours * scale, one.stopped, one.days * scale, one.came)


def _carried(content: _Measured, flow: _Measured, carrier: Carrier) -> dict[str, Values]:
    """Mass of the hours of which both are known; out of day means where a device sends no hours at all."""
    kilograms = mass_of(1.0, 1.0, carrier.medium)
    hourly = np.where(flow.hours == 0, 0.0, content.hours * flow.hours) * kilograms
    daily = np.where(content.came | flow.came, np.nan, content.days * flow.days * kilograms)
    return _sums(hourly, content.stopped | flow.stopped, daily)


def _sums(hourly: Values, stopped: Flags, a_mean_hour: Values) -> dict[str, Values]:
    """Sums of days; those of a mean hour alone count as known all day."""
    by_day = hourly.reshape(-1, _A_DAY)
    known = ~np.isnan(by_day)
    still = (stopped.reshape(-1, _A_DAY) & ~known).sum(axis=1).astype(np.float64)
    hours = known.sum(axis=1).astype(np.float64)
    alone = ~np.isnan(a_mean_hour)
    hours[alone], still[alone] = _A_DAY, 0.0
    amount = np.where(alone, a_mean_hour * _A_DAY, np.nansum(by_day, axis=1))
    return {
        AMOUNT: np.where(hours > 0, amount, np.nan),
        HOURS: np.where(hours > 0, hours, np.nan),
        STOPPED: np.where(still > 0, still, np.nan),
    }


def _read(ids: Sequence[int], days: Days) -> dict[int, _Measured]:
    """Hours and days of channels; those computed here over those that were sent, where they are valid."""
    count = (days[1] - days[0]).days + 1
    start = datetime.combine(days[0], time(), SHANGHAI)
    found = {
        one: _Measured(
            np.full(count * _A_DAY, np.nan), np.zeros(count * _A_DAY, np.bool_), np.full(count, np.nan),
            np.zeros(count, np.bool_),
        )
        for one in ids
    }  # fmt: skip
    for kind in "hHdD" if ids else "":
        step = _STEPS[kind.lower()]
        for channel, series in queries.windows(ids, kind, start, start + timedelta(days=count)).items():
            _lay(found[channel], series, (series.at - microseconds(start)) // step, hourly=kind in "hH")
    return found


def _lay(one: _Measured, series: Series, places: NDArray[np.int64], *, hourly: bool) -> None:
    valid = series.valid & np.isfinite(series.value)
    (one.hours if hourly else one.days)[places[valid]] = series.value[valid]
    if hourly:
        one.stopped[places] |= series.mark == Mark.STOPPED.value
        one.came[places // _A_DAY] = True
