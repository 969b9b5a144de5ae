"""Air stations with a hidden source: Gaussian plumes in measured winds, which the station knows only roughly.

The wind that carries a plume differs from the one that the station measures, the more the lighter it is; plumes take
their time, and in calm they spread all around. A fifth of the incidents come from a source that is not on the register.
"""

import os
import sys
from pathlib import Path

import numpy as np
from _traced_signals import (
    BEFORE,
    HOUR,
    HOURS,
    START,
    Incident,
    Source,
    disturbed,
    named,
    ordinary,
    rise,
    sent,
    sources,
)

from qingyuan_science.standards import factor
from qingyuan_science.trace import Candidate, Seen, Sight

_FOLDER = "aq_london_marylebone_wind"
_MEANDER = np.linspace(-20.0, 20.0, 9)  # °, within an hour
_CALM = 0.5  # m/s
_LATE = BEFORE - 4  # hours before which nothing is emitted
UNIT = "µg/m3"


def winds() -> tuple[np.ndarray, np.ndarray, str]:
    """Hours of wind, where it comes from [°] and speed [m/s], and what they are."""
    given = next((one for one in sys.argv[1:] if not one.startswith("-")), os.environ.get("QINGYUAN_BENCH_DATA", ""))
    found = sorted((Path(given) / _FOLDER).glob("*.parquet")) if given else []
    if not found:
        return *_made_up(), f"made up (measured ones: folder of data sets in QINGYUAN_BENCH_DATA, {_FOLDER})"
    import polars as pl

    rows = pl.concat([pl.read_parquet(one, columns=["ws", "wd"]) for one in found])
    return rows["wd"].to_numpy(), rows["ws"].to_numpy(), f"{len(rows):,} hours of {_FOLDER}"


def _made_up() -> tuple[np.ndarray, np.ndarray]:
    """Two years of wind that turns slowly and is light by night."""
    random, hours = np.random.default_rng(0), 2 * 8760
    turn = np.cumsum(random.normal(0.0, 20.0, hours)) % 360.0
    slow = np.cumsum(random.normal(0.0, 0.12, hours))
    slow -= np.convolve(slow, np.ones(169) / 169, "same")
    course = 1.0 + 0.4 * np.cos(2.0 * np.pi * (np.arange(hours) - 14) / 24)
    return turn, np.maximum(2.5 * course * np.exp(slow), 0.1)


def incidents(seed: int, count: int, wind: tuple[np.ndarray, np.ndarray]) -> list[Incident]:
    """So many incidents, each with sources of its own in a month of wind."""
    random = np.random.default_rng([seed, 2])
    return [_incident(random, wind) for _ in range(count)]


def _incident(random: np.random.Generator, wind: tuple[np.ndarray, np.ndarray]) -> Incident:
    while True:
        size = int(random.integers(8, 31))
        bearing, away = random.uniform(0.0, 360.0, size), 300.0 + 9000.0 * random.random(size) ** 0.7
        height = random.choice([2.0, 10.0, 30.0, 60.0], size)
        eager = random.gamma(1.0, 1.0, size)
        begin = int(random.integers(0, len(wind[0]) - HOURS))
        come, speed = (one[begin : begin + HOURS] for one in wind)
        if np.isfinite(come + speed).mean() < 0.9:
            continue
        light = np.nan_to_num(speed, nan=2.0)
        place = ordinary(random, 1, np.array([50.0]), 0.2)[0] * np.maximum(light, 0.5) ** -0.3
        carried = _carried(random, come, light)
        for _ in range(20):
            guilty = int(random.choice(size, p=eager / eager.sum()))
            load = _load(random)
            added = _plume(load, carried, (bearing[guilty], away[guilty], height[guilty]))
            when = rise(place, added)
            if when is not None:
                lies = np.stack([bearing, away])
                return _told(random, (come, speed), (lies, eager), (guilty, load, place + added, when))


def _carried(random: np.random.Generator, come: np.ndarray, speed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The wind between the sources and the station: turned beside the measured one, the more the lighter it is."""
    turned = random.normal(0.0, 8.0) + random.normal(0.0, 1.0, HOURS) * (8.0 + 30.0 / np.maximum(speed, 0.5))
    strength = np.maximum(speed * random.lognormal(0.0, 0.2, HOURS), 0.1)
    return np.nan_to_num(come, nan=float(random.uniform(0.0, 360.0))) + turned, strength


def _load(random: np.random.Generator) -> np.ndarray:
    """Emission in each hour. [g/s]"""
    load = np.zeros(HOURS)
    start, lasts = int(random.integers(BEFORE - 4, HOURS - 16)), int(random.integers(2, 13))
    load[start : start + lasts] = random.lognormal(1.0, 1.2) * random.uniform(0.6, 1.4, lasts)
    return load


def _plume(load: np.ndarray, wind: tuple[np.ndarray, np.ndarray], lies: tuple[float, float, float]) -> np.ndarray:
    """What a source adds at the station in each hour. [µg/m3]

    Briggs' open-country curves of neutral air (Hanna, Briggs & Hosker 1982, Handbook on Atmospheric Diffusion, 4).
    """
    bearing, away, height = lies
    come, speed = (one[_LATE:] for one in wind)
    off = np.deg2rad(come[:, None] + _MEANDER - bearing)
    along, aside = away * np.cos(off), away * np.sin(off)
    ahead = np.maximum(along, 1.0)
    wide = 0.08 * ahead / np.sqrt(1.0 + 0.0001 * ahead)
    high = 0.06 * ahead / np.sqrt(1.0 + 0.0015 * ahead)
    share = np.exp(-(aside**2) / (2.0 * wide**2) - height**2 / (2.0 * high**2)) / (np.pi * wide * high)
    dilution = np.where(along > 0.0, share, 0.0).mean(axis=1) / speed
    dilution = np.where(speed < _CALM, 1.0 / (2.0 * np.pi * away * 200.0 * _CALM), dilution)  # all around, 200 m deep
    late = np.minimum(np.round(away / np.maximum(speed, _CALM) / 3600.0).astype(int), 12)
    left = load[np.arange(_LATE, HOURS) - late]
    return np.concatenate([np.zeros(_LATE), 1e6 * left * dilution])


def _told(random: np.random.Generator, wind: tuple, lie: tuple, happened: tuple) -> Incident:
    """What the platform knows of it."""
    lies, eager = lie
    guilty, load, seen, (first, after) = happened
    size, hidden = len(eager), random.random() < 0.3
    works = ordinary(random, size, random.lognormal(2.5, 0.5, size), 0.25)
    disturbed(random, works)
    if not hidden:
        works[guilty] += load * random.lognormal(2.0, 0.7)
    known = sources(random, eager, guilty, hidden)
    blew = max(float(np.nanmean(wind[1][first:after])), _CALM) if np.isfinite(wind[1][first:after]).any() else 2.0
    monitored = random.random(size) < 0.5
    candidates = [
        _candidate(f"S{number:02d}", known[number], lies[:, number],
                   sent(random, works[number], "mg/m3", after) if monitored[number] else None, blew)
        for number in range(size)
    ]  # fmt: skip
    truth = f"S{guilty:02d}"
    if random.random() < 0.2:
        candidates, truth = [one for one in candidates if one.code != truth], ""
    what = Seen(
        named("station"), factor("a34002"), sent(random, seen, UNIT, after), START + first * HOUR, START + after * HOUR,
        sent(random, wind[0], "°", after), sent(random, wind[1], "m/s", after),
    )  # fmt: skip
    return Incident("upwind", what, tuple(candidates), truth, _nearest(candidates, wind[0][first:after]))


def _candidate(code: str, known: Source, lies: np.ndarray, series: object, speed: float) -> Candidate:
    bearing, away = (float(one) for one in lies)
    own = (Sight(f"M{code}", named(code), series, away / speed),) if series is not None else ()
    return Candidate(
        code, named(code), own, bearing=round(bearing), distance_m=round(away), permitted=known.permitted,
        doubts=known.doubts, doubtful_share=known.doubtful_share, confirmed=known.confirmed, refuted=known.refuted,
    )  # fmt: skip


def _nearest(candidates: list[Candidate], come: np.ndarray) -> tuple[str, ...]:
    """The rule of thumb: what lies within 45° of the mean wind by distance, then what lies nearest to it by bearing."""
    turned = np.deg2rad(come[np.isfinite(come)])
    mean = np.rad2deg(np.arctan2(np.sin(turned).sum(), np.cos(turned).sum()))

    def order(one: Candidate) -> tuple[bool, float]:
        apart = abs((one.bearing - mean + 180.0) % 360.0 - 180.0)
        return apart > 45.0, one.distance_m if apart <= 45.0 else apart

    return tuple(one.code for one in sorted(candidates, key=order))
