"""One day of one station, sampled every half minute, and the means that its logger makes of the samples.

Everything that a logger sends comes from these samples: real-time values are samples, and minimum, mean and maximum of
ten minutes, an hour or a day are taken over them. So a platform that computes its own means from the real-time values
finds what the logger says.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.standards.factors import WIND_DIRECTION
from qingyuan_science.worlds.scene.channels import (
    AMBIENT_AIR,
    ARITHMETIC,
    CARRIED,
    FLOW,
    OUTLET_GAS,
    OUTLET_WATER,
    TRANSPORT,
)
from qingyuan_science.worlds.scene.stations import Station
from qingyuan_science.worlds.signals.noise import Floats, Seconds
from qingyuan_science.worlds.signals.ordinary import CHINA, DAY, HOUR, Ordinary
from qingyuan_science.worlds.signals.truth import Exposure, Interruption

STEP = 30
"""Time between samples; HJ 212-2017 allows 30 s to 3600 s between real-time uploads. [s]"""

_ENOUGH_NORMAL = 0.75
_ZERO_CHECK, _SPAN_CHECK = 0.02, 1.25
_MILLION = 1_000_000

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Samples:
    """What the instruments of a station read during one day in China.

    Parameters
    ----------
    station : Station
    seconds : int64 array, shape (n,)
        Times since 1970-01-01 UTC. [s]
    measured : float array, shape (c, n)
        Rounded as sent. [unit]
    converted : float array, shape (c, n)
        At reference oxygen, rounded; equal to `measured` where nothing is converted. [unit]
    serviced : bool array, shape (n,)
        During maintenance.
    present : bool array, shape (n,)
        Not lost.
    """

    station: Station
    seconds: Seconds
    measured: Floats
    converted: Floats
    serviced: Flags
    present: Flags


@dataclass(frozen=True, eq=False)
class Means:
    """What a logger makes of the samples of equal intervals.

    Parameters
    ----------
    start : int64 array, shape (m,)
        Starts of the intervals. [s]
    low, mean, high : float array, shape (c, m)
        Over the samples that count, rounded as sent. [unit]
    converted_low, converted_mean, converted_high : float array, shape (c, m)
        The same at reference oxygen. [unit]
    total : float array, shape (c, m)
        Volume or mass that left in the interval; 0 where the station has no flow. [m3, kg]
    serviced : bool array, shape (m,)
        Whether the interval is flagged M.
    sent : bool array, shape (m,)
        Whether there is anything to send.
    """

    start: Seconds
    low: Floats
    mean: Floats
    high: Floats
    converted_low: Floats
    converted_mean: Floats
    converted_high: Floats
    total: Floats
    serviced: Flags
    sent: Flags


def true_values(ordinary: Ordinary, station: Station, exposures: tuple[Exposure, ...], seconds: Seconds) -> Floats:
    """Add what episodes bring to what is ordinary.

    Parameters
    ----------
    ordinary : Ordinary
    station : Station
    exposures : tuple of Exposure
        Those of this station that touch the times.
    seconds : int64 array, shape (n,)
        Times since 1970-01-01 UTC. [s]

    Returns
    -------
    float array, shape (c, n)
        Converted factors at reference oxygen, the others as measured; not rounded. [unit]
    """
    values = ordinary.values(seconds)
    if station.purpose == TRANSPORT:
        values = _carried(station, values)
    for exposure in exposures:
        values[station.index(exposure.factor)] += exposure.added(seconds)
    return values


def _carried(station: Station, values: Floats) -> Floats:
    """Add what the wind brings from `CARRIED`, the more the nearer it blows from there."""
    apart = np.abs((values[station.index(WIND_DIRECTION)] - CARRIED.direction + 180.0) % 360.0 - 180.0)
    nearness = np.clip(1.0 - apart / CARRIED.half_width, 0.0, 1.0)
    rows = [station.index(factor) for factor in CARRIED.factors]
    values[rows] *= 1.0 + CARRIED.share * nearness
    return values


def day_seconds(day: int) -> Seconds:
    """List the sampling times of a day in China.

    Parameters
    ----------
    day : int
        Days since 1970-01-01 in China.

    Returns
    -------
    int64 array, shape (2880,)
        [s]
    """
    return np.arange(0, DAY, STEP, dtype=np.int64) + (day * DAY - CHINA)


def sample(
    station: Station,
    ordinary: Ordinary,
    exposures: tuple[Exposure, ...],
    interruptions: tuple[Interruption, ...],
    *,
    day: int,
    checks: Floats,
) -> Samples:
    """Read the instruments of a station for a day.

    Parameters
    ----------
    station : Station
    ordinary : Ordinary
    exposures : tuple of Exposure
        Those of this station that touch the day.
    interruptions : tuple of Interruption
        Those of this station that touch the day.
    day : int
        Days since 1970-01-01 in China.
    checks : float array, shape (c,)
        Concentration that the span check stands for, NaN for factors that are not checked. [unit]

    Returns
    -------
    Samples
    """
    seconds = day_seconds(day)
    values = true_values(ordinary, station, exposures, seconds)
    serviced, present = np.zeros(seconds.size, bool), np.ones(seconds.size, bool)
    for one in interruptions:
        inside = (seconds >= one.start.timestamp()) & (seconds < one.end.timestamp())
        if one.kind == "lost":
            present &= ~inside
            continue
        serviced |= inside
        share = np.where(seconds % HOUR < HOUR // 2, _ZERO_CHECK, _SPAN_CHECK)
        values = np.where(inside & ~np.isnan(checks)[:, None], checks[:, None] * share, values)
    return Samples(
        station, seconds, _rounded(station, ordinary.as_measured(values)), _rounded(station, values), serviced, present
    )


def average(samples: Samples, period: int) -> Means:
    """Take minimum, mean and maximum over equal intervals.

    Parameters
    ----------
    samples : Samples
    period : int
        Length of the intervals, a divisor of a day and a multiple of `STEP`. [s]

    Returns
    -------
    Means

    Notes
    -----
    Samples during maintenance count only where an interval has no others. Means of waste water are weighted by flow,
    except flow itself and pH. An interval is flagged when one sample was (water) or when fewer than three quarters
    were normal (gas and air); the flag sent is that of the cause.

    Source
    ------
    HJ 212-2017, annex D (means, flow-weighted concentrations, masses) and the notes of C.16 to C.18 (flags of longer
    periods).
    """
    station = samples.station
    per = period // STEP
    shape = (samples.seconds.size // per, per)
    normal, present = (flags.reshape(shape) for flags in (samples.present & ~samples.serviced, samples.present))
    used = np.where(normal.any(axis=1, keepdims=True), normal, present)
    measured, converted = (values.reshape(-1, *shape) for values in (samples.measured, samples.converted))
    low, mean, high = _spread(station, measured, used)
    converted_low, converted_mean, converted_high = _spread(station, converted, used)
    sent = np.asarray(present.any(axis=1))
    share = normal.sum(axis=1) / np.maximum(present.sum(axis=1), 1)
    enough = _ENOUGH_NORMAL if station.kind in (OUTLET_GAS, AMBIENT_AIR) else 1.0
    start = samples.seconds[::per]
    total = _totals(station, measured, used, present)
    serviced = np.asarray(share < enough)
    return Means(start, low, mean, high, converted_low, converted_mean, converted_high, total, serviced, sent)


def _rounded(station: Station, values: Floats) -> Floats:
    return np.stack([np.round(row, entry.decimals) for row, entry in zip(values, station.profiles, strict=True)])


def _spread(station: Station, values: Floats, used: Flags) -> tuple[Floats, Floats, Floats]:
    weights = np.broadcast_to(used.astype(float), values.shape)
    if station.kind == OUTLET_WATER:
        flow = values[station.index(FLOW[OUTLET_WATER])] * used
        by_flow = np.array([entry.factor not in ARITHMETIC for entry in station.profiles])
        weights = np.where(by_flow[:, None, None], flow[None], weights)
    whole = weights.sum(axis=2)
    mean = (values * weights).sum(axis=2) / np.where(whole > 0, whole, 1.0)
    low = np.where(used, values, np.inf).min(axis=2)
    high = np.where(used, values, -np.inf).max(axis=2)
    return low, _rounded(station, mean), high


def _totals(station: Station, values: Floats, used: Flags, present: Flags) -> Floats:
    """Volume over all samples, masses over those that count."""
    if station.kind not in FLOW:
        return np.zeros(values.shape[:2])
    place = station.index(FLOW[station.kind])
    flow = values[place]
    masses = (values * flow * used).sum(axis=2) * STEP / _MILLION
    litres = 1000.0 if station.kind == OUTLET_WATER else 1.0
    masses[place] = (flow * present).sum(axis=1) * STEP / litres
    return np.asarray(masses)
