"""How far the concentrations of a month lie below their limits, by which the tax on them is reduced."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from qingyuan.judging.queries import limits_for_channels
from qingyuan.recording.queries import CARRIERS, windows
from qingyuan.sensing.queries import Channel
from qingyuan.showing.logic.environment.hours import start_of
from qingyuan_science.series import Averaging, Series
from qingyuan_science.standards import Limit
from qingyuan_science.standards.emission.loads import Medium

KINDS: dict[Medium, str] = {"gas": "hH", "water": "dD"}  # the means that the regulation goes by, the better ones last
JUDGED: dict[Medium, Averaging] = {"gas": Averaging.HOUR, "water": Averaging.DAY}


@dataclass(frozen=True)
class Kept:
    """How a factor of an outlet stood to its limit in a month.

    Parameters
    ----------
    below : float or None [%]
        By how much the mean of its valid means lies below the limit; None without a limit, a value, or with a limit
        that changed in the month.
    over : int
        Means beyond a limit.
    means : int
        Valid means.
    limit : Limit or None
    mean : float or None [unit of the limit]
    """

    below: float | None
    over: int
    means: int
    limit: Limit | None
    mean: float | None


def kept_in(measured: Sequence[Channel], month: date, until: date) -> dict[tuple[int, str], Kept]:
    """By outlet and factor, how a month stood to the limits; of flue gas by converted values where there are any."""
    judged = _judged(measured)
    first, last = (_limits(judged, day) for day in (month, until))
    read = {
        medium: _values([one for one in judged if _medium(one) == medium], medium, month, until) for medium in KINDS
    }
    found = {}
    for one in judged:
        series = read[_medium(one)][one.pk]
        found[one.station_id, one.factor] = _kept(series, first[one.pk], last[one.pk], JUDGED[_medium(one)])
    return found


def none_exceeds(found: dict[tuple[int, str], Kept]) -> bool:
    """Whether no mean of any outlet was beyond a limit."""
    return not any(one.over for one in found.values())


def _judged(measured: Sequence[Channel]) -> list[Channel]:
    converted = {(one.station_id, one.factor) for one in measured if one.basis == "converted"}
    return [one for one in measured if one.basis == "converted" or (one.station_id, one.factor) not in converted]


def _medium(channel: Channel) -> Medium:
    return CARRIERS[channel.station.kind].medium


def _limits(judged: Sequence[Channel], on: date) -> dict[int, tuple[Limit, ...]]:
    return limits_for_channels([(one, KINDS[_medium(one)][0]) for one in judged], on)


def _values(several: Sequence[Channel], medium: Medium, month: date, until: date) -> dict[int, np.ndarray]:
    """The valid means of the month, those computed here over those that were sent."""
    ids = [one.pk for one in several]
    start, end = start_of(month), start_of(until + timedelta(days=1))
    read = [windows(ids, kind, start, end) if ids else {} for kind in KINDS[medium]]
    return {one: _over([by_channel[one] for by_channel in read]) for one in ids}


def _over(several: Sequence[Series]) -> np.ndarray:
    values: dict[int, float] = {}
    for series in several:
        valid = series.valid & np.isfinite(series.value)
        values |= dict(zip(series.at[valid].tolist(), series.value[valid].tolist(), strict=True))
    return np.array(list(values.values()))


def _kept(values: np.ndarray, first: tuple[Limit, ...], last: tuple[Limit, ...], judged: Averaging) -> Kept:
    """Held against the strictest limit; in a month in which limits change, against both, and nothing is reduced.

    A limit of longer means says how far the mean of the month lies below it, and not that a shorter one exceeds.
    """
    bound = tuple(one for one in dict.fromkeys((*first, *last)) if one.averaging in (judged, Averaging.REALTIME))
    over = int(np.logical_or.reduce([one.exceeded(values) for one in bound]).sum()) if bound and len(values) else 0
    upper = sorted((one for one in first if one.high is not None), key=lambda one: one.high or 0.0)
    mean = float(values.mean()) if len(values) else None
    limit = upper[0] if upper else None
    below = None
    if limit is not None and limit.high and limit.low is None and mean is not None and first == last:
        below = max((1.0 - mean / limit.high) * 100.0, 0.0)
    return Kept(below, over, len(values), limit, mean)
