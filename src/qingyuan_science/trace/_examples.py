"""Situations for worked examples: the same figures on every machine, without a table of thousands of values."""

from collections.abc import Mapping
from datetime import datetime

import numpy as np

from qingyuan_science.plugins import Text
from qingyuan_science.series import Series, microseconds
from qingyuan_science.standards import factor
from qingyuan_science.trace import Candidate, Seen, Sight
from qingyuan_science.trace._passing import HOUR

_BEGIN = datetime.fromisoformat("2026-10-23T00:00:00+08:00")
_SIZE = 31 * 24  # the last day is 2026-11-22
_DAY = 30 * 24  # hours before it
_STATION = Text("三岔口断面", "Three Forks section")
_SECTION = Text("上游断面", "the upper section")
_PLATING, _DYEING, _FARM = (
    Text("电镀厂", "the plating works"),
    Text("印染厂", "the dye works"),
    Text("养殖场", "the farm"),
)


def monitor(mean: float, unit: str, bumps: Mapping[int, float] | None = None, *, seed: int = 1) -> Series:
    """Make hour values that move a little about a mean.

    Parameters
    ----------
    mean : float
        Mean. [unit]
    unit : str
    bumps : mapping of int to float, optional
        What is added in an hour of the last day. [unit]
    seed : int
        Which values of all that could be.

    Returns
    -------
    Series
        Of the month up to the end of 2026-11-22.
    """
    hour = np.arange(_SIZE)
    moved = (hour * 7919 * seed % 97) / 97.0 - 0.5 + 0.5 * np.cos(2.0 * np.pi * (hour - 14) / 24.0)
    value = np.round(mean * (1.0 + 0.1 * moved), 2)
    for at, more in (bumps or {}).items():
        value[_DAY + at] += more
    return Series.starting(_BEGIN, value, unit=unit, step=3600)


def at(hour: int) -> int:
    """Return an hour of 2026-11-22 in China. [µs since 1970 in UTC]"""
    return microseconds(_BEGIN) + (_DAY + hour) * HOUR


def _ammonia(bumps: Mapping[int, float], end: int) -> Seen:
    return Seen(_STATION, factor("w21003"), monitor(0.5, "mg/L", bumps), at(min(bumps)), at(end))


def above_a_section() -> tuple[Seen, tuple[Candidate, ...]]:
    """Two works above a section and a farm below it; the rise was at one works, then at the section, then here."""
    seen = _ammonia({12: 0.8, 13: 1.5, 14: 1.4, 15: 0.7}, 16)
    section = Sight("N1", _SECTION, monitor(0.4, "mg/L", {10: 2.0, 11: 2.4, 12: 0.9}, seed=2), 2 * 3600.0)
    plating = Sight(
        "M1",
        Text("电镀厂总排口", "its main outlet"),
        monitor(8.0, "mg/L", {8: 30.0, 9: 35.0, 10: 31.0}, seed=3),
        4 * 3600.0,
    )
    dyeing = Sight("M2", Text("印染厂总排口", "its main outlet"), monitor(6.0, "mg/L", seed=4), 5 * 3600.0)
    return seen, (
        Candidate("plating", _PLATING, (plating,), (section,), permitted=True),
        Candidate("dyeing", _DYEING, (dyeing,), (section,), permitted=True, doubtful_share=0.1),
        Candidate("farm", _FARM),
    )


def nothing_watched() -> tuple[Seen, tuple[Candidate, ...]]:
    """The same rise, and three sources of which nothing is known but that their water comes here."""
    seen = _ammonia({12: 0.8, 13: 1.5, 14: 1.4, 15: 0.7}, 16)
    return seen, (Candidate("plating", _PLATING), Candidate("dyeing", _DYEING), Candidate("farm", _FARM))


def around_a_station() -> tuple[Seen, tuple[Candidate, ...]]:
    """Dust with an easterly wind; a quarry to the east, one to the west, a boiler with a stack as ever further east."""
    seen = Seen(
        Text("河畔站", "Riverside station"), factor("a34002"),
        monitor(60.0, "µg/m3", {9: 80.0, 10: 140.0, 11: 120.0, 12: 60.0}), at(9), at(13),
        monitor(88.0, "°", seed=5), monitor(3.0, "m/s", seed=6),
    )  # fmt: skip
    stack = Sight("M3", Text("锅炉房烟囱", "its stack"), monitor(9.0, "mg/m3", seed=7), 1200.0)
    return seen, (
        Candidate("east", Text("东采石场", "the east quarry"), bearing=95.0, distance_m=1500.0, permitted=True),
        Candidate("west", Text("西采石场", "the west quarry"), bearing=270.0, distance_m=900.0, permitted=True),
        Candidate(
            "boiler", Text("锅炉房", "the boiler house"), (stack,), bearing=80.0, distance_m=3600.0, permitted=False
        ),
    )


def in_calm() -> tuple[Seen, tuple[Candidate, ...]]:
    """The same dust in calm, and the two quarries at the same distance."""
    seen = Seen(
        Text("河畔站", "Riverside station"), factor("a34002"),
        monitor(60.0, "µg/m3", {9: 80.0, 10: 140.0}), at(9), at(11),
        monitor(88.0, "°", seed=5), monitor(0.2, "m/s", seed=6),
    )  # fmt: skip
    return seen, (
        Candidate("east", Text("东采石场", "the east quarry"), bearing=95.0, distance_m=1500.0),
        Candidate("west", Text("西采石场", "the west quarry"), bearing=270.0, distance_m=1500.0),
    )
