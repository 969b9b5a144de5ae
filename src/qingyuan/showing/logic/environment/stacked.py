"""Drawings of components that need no script: stacked columns over time, and a rose of wind."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.utils.translation import gettext as _

from qingyuan.kit.clock import SHANGHAI
from qingyuan.showing.logic.environment.components import Components
from qingyuan.showing.wording import said
from qingyuan_science.assess.components import GroupSum, Sector

COLOURS = {
    "alkanes": "#1d58b8", "alkenes": "#14703a", "aromatics": "#b8860b", "halogenated": "#7a3e9d",
    "oxygenated": "#c2410c", "ions": "#1d58b8", "carbon": "#374151", "metals": "#b8860b",
}  # fmt: skip
WIDTH, HEIGHT = 960.0, 220.0
BINS = {"day": 1, "week": 2, "month": 6}  # hours of a column
RADIUS = 100.0


@dataclass(frozen=True)
class Column:
    """One column: where it stands, what it is made of, and what a pointer over it says."""

    x: float
    width: float
    parts: tuple[tuple[str, float, float], ...]  # colour, y, height
    incomplete: bool
    words: str


@dataclass(frozen=True)
class Stacked:
    """Columns of the groups of one family; `top` is what the full height stands for [µg/m³]."""

    columns: tuple[Column, ...]
    legend: tuple[tuple[str, str], ...]  # colour, title
    top: float
    first: datetime
    last: datetime
    bin_hours: int

    @property
    def incomplete(self) -> bool:
        return any(one.incomplete for one in self.columns)


def stacked(found: Components, family: str) -> Stacked | None:
    """The groups of a family over time; None where no hour has a value."""
    groups, hours = found.family(family), BINS[found.days.period]
    if not groups or not any(np.isfinite(one.values).any() for one in groups):
        return None
    means = [_binned(one, hours) for one in groups]
    whole = np.nansum(np.vstack(means), axis=0)
    top = _rounded_up(float(whole.max()))
    short = np.any(np.vstack([one.incomplete & np.isfinite(one.values) for one in groups]), axis=0)
    incomplete = short.reshape(-1, hours).any(axis=1)
    columns = tuple(
        _column(place, (groups, means), found, incomplete=bool(incomplete[place]), scale=HEIGHT / top)
        for place in np.flatnonzero(whole > 0).tolist()
    )
    legend = tuple((COLOURS[one.group.code], said(one.group.title)) for one in groups)
    return Stacked(columns, legend, top, found.days.start, found.at(found.days.hours), hours)


def _binned(one: GroupSum, hours: int) -> np.ndarray:
    values = one.values.reshape(-1, hours)
    known = np.isfinite(values).sum(axis=1)
    return np.where(known > 0, np.nansum(values, axis=1) / np.maximum(known, 1), np.nan)


def _column(
    place: int, of: tuple[list[GroupSum], list[np.ndarray]], found: Components, *, incomplete: bool, scale: float
) -> Column:
    hours = BINS[found.days.period]
    width = WIDTH * hours / found.days.hours
    parts, told, y = [], [], HEIGHT
    for group, means in zip(*of, strict=True):
        value = float(means[place])
        if math.isfinite(value):
            y -= value * scale
            parts.append((COLOURS[group.group.code], round(y, 2), round(value * scale, 2)))
            told.append(f"{said(group.group.title)} {value:.1f}")
    at = found.at(place * hours).astimezone(SHANGHAI)
    words = f"{at:%m-%d %H:%M} · " + ", ".join(told) + " µg/m³"
    if incomplete:
        words += " · " + _("species missing")
    return Column(round(place * width, 2), round(max(width * 0.86, 1.0), 2), tuple(parts), incomplete, words)


def _rounded_up(value: float) -> float:
    """The next of 1, 2, 2.5, 5 and 10 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value)) if value > 0 else 1.0
    return next(step * power for step in (1.0, 2.0, 2.5, 5.0, 10.0) if step * power >= value)


@dataclass(frozen=True)
class Petal:
    """One direction of the rose as a closed path."""

    path: str
    words: str


def rose(sectors: Sequence[Sector], unit: str, decimals: int) -> list[Petal]:
    """A petal for each direction from which the wind came: as long as the mean concentration of its hours."""
    blown = [one for one in sectors if math.isfinite(one.direction) and one.counted]
    longest = max((one.mean for one in blown), default=0.0)
    if longest <= 0:
        return []
    return [
        Petal(
            _wedge(one.direction, RADIUS * max(one.mean, 0.0) / longest),
            f"{said(one.title)} · {one.mean:.{decimals}f} {unit} · {one.counted} h",
        )
        for one in blown
    ]


def _wedge(direction: float, length: float) -> str:
    half = 180.0 / 16 * 0.86
    points = [
        (length * math.sin(math.radians(angle)), -length * math.cos(math.radians(angle)))
        for angle in (direction - half, direction + half)
    ]
    (x1, y1), (x2, y2) = points
    return f"M0 0L{x1:.1f} {y1:.1f}A{length:.1f} {length:.1f} 0 0 1 {x2:.1f} {y2:.1f}Z"
