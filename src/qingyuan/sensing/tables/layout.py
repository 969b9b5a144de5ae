"""What stands where in a table: the layout, out of the settings of a feed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from qingyuan.kit.errors import BadInput
from qingyuan.sensing.tables.cells import MISSING, Writing
from qingyuan_science.units import UnitError, canonical

SHAPES = ("long", "wide", "hours")
LENGTHS = {"r": timedelta(0), "h": timedelta(hours=1), "d": timedelta(days=1)}
COLUMN_KEYS = ("name", "unit", "mark", "hour")


@dataclass(frozen=True)
class Column:
    """What a column, or a name in a column of names, means: a channel's name, its unit, where its marks stand.

    `hour` is the hour of the day of a column that holds one; an empty `name` leaves the column out.
    """

    name: str = ""
    unit: str = ""
    mark: str = ""
    hour: int | None = None


@dataclass(frozen=True)
class Layout:
    """What stands where; columns are named by their titles, rows are counted from 1."""

    time: str
    shape: str = "wide"
    sheet: str = ""
    header: int = 1
    first: int = 2
    hour: str = ""
    form: str = "ymd"
    zone: str = "Asia/Shanghai"
    period: str = "h"
    minutes: int = 10
    stamp: str = "start"
    station: str = ""
    at: str = ""
    name: str = ""
    value: str = ""
    unit: str = ""
    mark: str = ""
    below: str = "missing"
    columns: dict[str, Column] = field(default_factory=dict)
    stations: dict[str, str] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    writing: Writing = field(default_factory=Writing)

    @property
    def shift(self) -> timedelta:
        """From the stamp back to the start of the period."""
        if self.stamp == "start":
            return timedelta(0)
        return LENGTHS.get(self.period, timedelta(minutes=self.minutes))

    @property
    def stations_named(self) -> set[str]:
        """The codes of all stations that the layout itself names."""
        named = {self.at, *self.stations.values()}
        if not self.at and not self.station:
            named |= {column.name.partition("/")[0] for column in self.columns.values() if "/" in column.name}
        return named - {""}


def layout_of(settings: Mapping[str, str]) -> Layout:
    """The layout that settings describe; each is one of its connector's choices.

    Raises
    ------
    BadInput
        Something in them is wrong or does not go together.
    """
    texts = ("shape", "time", "sheet", "hour", "form", "zone", "period", "stamp", "station", "at", "name", "value",
             "unit", "mark", "below")  # fmt: skip
    header = _whole(settings, "header", 1)
    layout = Layout(
        **{key: settings[key] for key in texts if settings.get(key)},
        header=header,
        first=_whole(settings, "first", header + 1),
        minutes=_whole(settings, "minutes", 10),
        columns={title: _column(title, value) for title, value in _object(settings, "columns").items()},
        stations=_texts(settings, "stations"),
        marks=_texts(settings, "marks"),
        writing=Writing(
            settings.get("decimal") or ".",
            frozenset(settings["missing"].split()) if settings.get("missing") else frozenset(MISSING),
            settings.get("suffixes") == "yes",
        ),
    )
    _check(layout)
    return layout


def _check(layout: Layout) -> None:
    if layout.first <= layout.header:
        raise BadInput(f"found first row {layout.first}, expected one below the header row {layout.header}", "first")
    if layout.shape == "long" and not (layout.name and layout.value):
        raise BadInput("found a long table without columns of names and values, expected both", "name")
    if layout.shape == "hours" and not any(column.hour is not None for column in layout.columns.values()):
        raise BadInput("found no column with an hour, expected one for each hour of the day", "columns")
    if layout.shape == "hours" and layout.stamp == "start" and layout.period not in ("r", "h"):
        raise BadInput(f"found period {layout.period!r} in columns of hours, expected r or h", "period")
    try:
        ZoneInfo(layout.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput(f"found time zone {layout.zone!r}, expected a name such as Asia/Shanghai", "zone") from error


def _whole(settings: Mapping[str, str], key: str, default: int) -> int:
    text = settings.get(key) or str(default)
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= 1000:
        raise BadInput(f"{key}: found {text!r}, expected a whole number from 1 to 1000", key)
    return int(text)


def _object(settings: Mapping[str, str], key: str) -> dict[str, Any]:
    try:
        found = json.loads(settings.get(key) or "{}")
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{key}: found no JSON ({error}), expected an object", key) from error
    if not isinstance(found, dict):
        raise BadInput(f"{key}: found {type(found).__name__}, expected an object", key)
    return found


def _texts(settings: Mapping[str, str], key: str) -> dict[str, str]:
    found = _object(settings, key)
    for name, value in found.items():
        if not isinstance(value, str):
            raise BadInput(f"{key}: found {value!r} for {name!r}, expected a text", key)
    return found


def _column(title: str, value: Any) -> Column:
    if not isinstance(value, dict) or not set(value) <= set(COLUMN_KEYS):
        raise BadInput(f"columns: found {value!r} for {title!r}, expected only {', '.join(COLUMN_KEYS)}", "columns")
    hour = value.get("hour")
    if hour is not None and (isinstance(hour, bool) or not isinstance(hour, int) or not 0 <= hour <= 24):
        raise BadInput(f"columns: found hour {hour!r} for {title!r}, expected 0 to 24", "columns")
    texts = {key: value.get(key) or "" for key in ("name", "unit", "mark")}
    for key, text in texts.items():
        if not isinstance(text, str):
            raise BadInput(f"columns: found {key} {text!r} for {title!r}, expected a text", "columns")
    try:
        canonical(texts["unit"])
    except UnitError as error:
        raise BadInput(f"columns: {title!r}: {error}", "columns") from error
    return Column(**texts, hour=hour)
