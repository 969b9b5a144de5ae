"""Levels of air and classes of water as pages draw them: official colour, a word, and ink that can be read on it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingyuan.showing.wording import said
from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.air import Category, air_editions
from qingyuan_science.standards.water import CLASSES, water_class

DARK, BRIGHT = "#000000", "#ffffff"
_ENOUGH_LIGHT = 0.18  # relative luminance above which dark ink has the better contrast


@dataclass(frozen=True)
class Chip:
    """A level or a class: what it is called, short and in full, and its colours."""

    key: str
    short: str
    name: str
    hex: str
    ink: str


def categories() -> tuple[Category, ...]:
    """The six levels; their names and colours are the same in every edition."""
    return air_editions()[-1].categories


def air_chip(level: float) -> Chip | None:
    """A level of the air index; None for NaN."""
    if np.isnan(level):
        return None
    one = categories()[int(level) - 1]
    numbered = said(Text(f"{one.numeral} {one.name.zh}", f"{one.level} {one.name.en}"))
    return Chip(f"level-{one.level}", said(one.name), numbered, one.hex, ink_on(one.hex))


def water_chip(code: str | int | None) -> Chip | None:
    """A class of water by its code or its place in `CLASSES`; None where there is none."""
    name = CLASSES[code] if isinstance(code, int) and code >= 0 else code
    if not isinstance(name, str):
        return None
    one = water_class(name)
    return Chip(f"class-{name}", said(one.name), f"{said(one.name)} {said(one.status)}", one.hex, ink_on(one.hex))


@cache
def ink_on(colour: str) -> str:
    """Dark or bright, whichever can be read better on a colour."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return DARK if light > _ENOUGH_LIGHT else BRIGHT


def shares_of_levels(by_level: Sequence[int]) -> list[dict[str, Any]]:
    """The days of each level as the parts of a bar."""
    total = sum(by_level)
    return [
        {"chip": air_chip(number), "days": days, "share": 100.0 * days / total}
        for number, days in enumerate(by_level, start=1)
        if days
    ]


def item_name(item: str) -> str:
    """An item of the index as pages write it: without lowered figures, as the names of channels are written."""
    pollutant, _dash, averaging = item.partition("_")
    return f"{pollutant} {averaging.removesuffix('h')} h" if averaging else pollutant


@dataclass(frozen=True)
class Square:
    """A day of a calendar."""

    day: date
    chip: Chip | None
    value: float | None
    why: str
    href: str


def calendar(days: Sequence[date], squares: Sequence[Square]) -> list[dict[str, Any]]:
    """Days by months, each with the empty places before its first day in a week that begins on Monday."""
    months: dict[date, list[Square]] = {}
    for day, square in zip(days, squares, strict=True):
        months.setdefault(day.replace(day=1), []).append(square)
    return [
        {"month": month, "blanks": range(found[0].day.weekday()), "squares": found} for month, found in months.items()
    ]


def weekdays() -> list[str]:
    """The heads of a calendar."""
    return [_("Mo"), _("Tu"), _("We"), _("Th"), _("Fr"), _("Sa"), _("Su")]


def clauses(found: Iterable[Source]) -> list[Source]:
    """Each clause once, in the order of use and in the reader's language."""
    language = get_language() or "zh-hans"
    return [one.in_language(language) for one in dict.fromkeys(found)]


def previous_and_next(day: date, today: date) -> dict[str, str]:
    """The days around a day, none in the future."""
    after = day + timedelta(days=1)
    return {"before": (day - timedelta(days=1)).isoformat(), "after": after.isoformat() if after <= today else ""}
