"""A day of a fixed beam: time to the right, height upwards, classes as colours, drawn without script."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from qingyuan.kit.clock import SHANGHAI
from qingyuan.sensing.queries import Scan
from qingyuan.showing.logic.driving.classes import Classes
from qingyuan.showing.map_layer import LegendEntry
from qingyuan_science.lidar import runs
from qingyuan_science.series import SECOND, microseconds

WIDTH, HEIGHT = 1440, 400  # a unit a minute
MOST_ROWS = 100  # of height; finer ones are averaged
LONGEST = timedelta(minutes=30)  # a profile stands for no longer; our own choice


@dataclass(frozen=True)
class Picture:
    """One path a class; ticks of height in metres from the bottom up, with where they stand."""

    paths: list[tuple[LegendEntry, str]]
    ticks: list[tuple[int, float]]
    hours: list[tuple[int, float]]
    top: float
    profiles: int


def picture(scans: Sequence[Scan], day: datetime, decimals: int) -> Picture | None:
    """Draw the profiles of a day; None without any."""
    if not scans:
        return None
    times, tables, heights = _profiles(scans)
    classes = Classes.of(np.concatenate([one.ravel() for one in tables]), scans[0].unit, decimals)
    top = max(float(one[-1]) for one in heights)
    begin = microseconds(day)
    parts: dict[int, list[str]] = {}
    for place, (at, values, height) in enumerate(zip(times, tables, heights, strict=True)):
        until = times[place + 1] if place + 1 < len(times) else at + 10 * 60 * SECOND
        wide = min(until - at, round(LONGEST.total_seconds()) * SECOND) / SECOND / 60
        left = (at - begin) / SECOND / 60
        numbers = np.where(np.isfinite(values), classes.numbers(values), -1)
        edges = np.concatenate((height, [2 * height[-1] - height[-2]])) * HEIGHT / top
        for first, after, number in runs(numbers):
            low, high = HEIGHT - edges[first], HEIGHT - min(edges[after], HEIGHT)
            parts.setdefault(number, []).append(f"M{left:.1f} {low:.1f}h{wide:.1f}V{high:.1f}h{-wide:.1f}z")
    legend = {int(one.value): one for one in classes.legend("area")}
    paths = [(legend[number], "".join(parts[number])) for number in sorted(parts) if number in legend]
    return Picture(paths, _ticks(top), [(hour, hour * 60.0) for hour in range(0, 25, 3)], top, len(times))


def _profiles(scans: Sequence[Scan]) -> tuple[list[int], list[NDArray[np.float64]], list[NDArray[np.float64]]]:
    """Of every ray its time, values and heights, earliest first."""
    found = []
    for scan in scans:
        told = scan.scanned()
        for ray in range(len(told.at)):
            up = told.ranges.astype(np.float64) * np.sin(np.radians(float(told.elevation[ray])))
            values, height = _coarser(told.values[ray].astype(np.float64), up)
            found.append((int(told.at[ray]), values, height))
    found.sort(key=lambda one: one[0])
    return [one[0] for one in found], [one[1] for one in found], [one[2] for one in found]


def _coarser(
    values: NDArray[np.float64], height: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    every = -(-len(values) // MOST_ROWS)
    whole = len(values) // every * every
    means = values[:whole].reshape(-1, every)
    known = np.isfinite(means).any(axis=1)
    out = np.full(len(means), np.nan)
    out[known] = np.nanmean(means[known], axis=1)
    return out, height[:whole:every]


def _ticks(top: float) -> list[tuple[int, float]]:
    step = next(one for one in (100, 200, 500, 1000, 2000, 5000, 10_000, 50_000) if top / one <= 8)
    return [(metres, HEIGHT - metres * HEIGHT / top) for metres in range(0, int(top) + 1, step)]


def day_of(at: datetime) -> datetime:
    """Midnight in China before an instant."""
    return at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
