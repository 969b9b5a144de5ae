"""A layout guessed from the titles and the first rows of a table, for a person to look at."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import pairwise
from unicodedata import normalize

from qingyuan.sensing.tables.cells import BadAmount, Writing, amount, word
from qingyuan.sensing.tables.layout import Layout
from qingyuan.sensing.tables.moments import BadMoment, hour_of_day, moment
from qingyuan.sensing.tables.reading import EVERY_ROW, column_of, titles_of
from qingyuan.sensing.tables.sheets import Cell, Row
from qingyuan_science.standards import Factor, all_factors
from qingyuan_science.units import UnitError, canonical

LOOKED_AT = 60  # rows, to tell what a column holds
SCANNED = 20_000  # rows, to list the stations and names that occur
HEADERS_LOOKED_AT = 10
MOSTLY = 0.8
LENGTH_KINDS = ((100, "r"), (1800, "m"), (7200, "h"), (float("inf"), "d"))  # shortest step [s] below which it is one
TIMES = ("监测时间", "数据时间", "采样时间", "时间", "日期", "时刻", "datetime", "timestamp", "time", "date", "day")
HOURS = ("小时", "时", "时刻", "hour", "hr", "h")
NAMES = (
    "监测因子",
    "因子",
    "污染物",
    "监测项目",
    "项目",
    "指标",
    "参数",
    "factor",
    "parameter",
    "pollutant",
    "variable",
)
VALUES = ("监测值", "数值", "浓度", "值", "实测值", "value", "result", "concentration")
UNITS = ("单位", "unit", "units")
MARKS = ("数据标记", "标记", "标识", "flag", "mark", "qc")
STATIONS = ("站点名称", "站点", "站名", "监测点", "点位", "排口", "断面", "城市", "station", "site", "outlet", "city")
# how titles of tables name factors beside the names of the factor table
ALIASES = {
    "codcr": "w01018", "cod": "w01018", "codmn": "w01019", "nh3n": "w21003", "nh3": "w21003", "nh4n": "w21003",
    "tp": "w21011", "tn": "w21001", "do": "w01009", "ss": "w01012", "ph": "w01001", "bod": "w01017", "水温": "w01010",
    "pm25": "a34004", "pm10": "a34002", "so2": "a21026", "no2": "a21004", "nox": "a21002", "co": "a21005",
    "o3": "a05024", "nmhc": "a24088", "气温": "a01001", "tempc": "a01001", "preshpa": "a01006", "气压": "a01006",
    "湿度": "a01002", "风速": "a01007", "wsms": "a01007", "风向": "a01008", "流量": "w00000", "噪声": "Leq",
}  # fmt: skip
UNIT_ENDINGS = {"kwh": "kWh", "hpa": "hPa", "kpa": "kPa", "ms": "m/s", "c": "°C"}  # of titles such as pres_hpa
_IN_BRACKETS = re.compile(r"[((\[【]([^()()\[\]【】]*)[))\]】]")
_HOUR_TITLE = re.compile(r"(\d{1,2})(?:[时点]|:00)?")
_LEFT_OUT = re.compile(r"[\s_\-./·:*]+")


@dataclass(frozen=True)
class Title:
    """A title taken apart: what is measured, and its unit as the library knows it (empty where none is told)."""

    title: str
    plain: str
    unit: str
    factors: tuple[Factor, ...] = ()


@dataclass
class Guess:
    """Settings for a table, as far as its titles and first rows tell; `stations` are the names in its station column.

    `titles` are all columns, `measured` those that hold amounts, or the names found in a column of names.
    """

    settings: dict[str, str]
    titles: list[str]
    measured: list[Title]
    stations: list[str] = field(default_factory=list)


def guess(rows: Sequence[Row]) -> Guess:
    """The layout that the first rows of a table suggest."""
    header = _header(rows[:LOOKED_AT])
    titles = titles_of(rows[header]) if rows else []
    below = rows[header + 1 :]
    form, time_place = _time_column(titles, below[:LOOKED_AT])
    first = next((number for number, row in enumerate(below) if _is_time(_at(row, time_place), form)), 0)
    settings = {"header": str(header + 1), "form": form}
    if first:
        settings["first"] = str(header + 2 + first)
    if titles:
        settings["time"] = titles[time_place]
    sample = _Sample(titles, below[first:], below[0] if first else ())
    sample.fill(settings, time_place)
    return sample.guess(settings)


def look_again(rows: Sequence[Row], layout: Layout) -> Guess:
    """What a table holds where a person has said what stands where."""
    titles = titles_of(rows[layout.header - 1]) if len(rows) >= layout.header else []
    body = rows[layout.first - 1 :]
    sample = _Sample(titles, body, rows[layout.header] if layout.first > layout.header + 1 else ())
    columns = ("time", "hour", "station", "name", "value", "unit", "mark")
    settings = {key: title for key in columns if (title := str(getattr(layout, key))) in titles}
    sample.taken = set(settings.values())
    return sample.guess({**settings, "shape": layout.shape})


@dataclass
class _Sample:
    """Titles and the rows below them, and the columns that have found their meaning."""

    titles: list[str]
    body: Sequence[Row]
    unit_row: Row
    taken: set[str] = field(default_factory=set)

    def fill(self, settings: dict[str, str], time_place: int) -> None:
        """Say of each column what its title and cells tell."""
        self.taken = {settings.get("time", "")}
        self._find(settings, "hour", HOURS, self._holds_hours)
        if "hour" in settings and self._has_clock(time_place):
            self.taken.discard(settings.pop("hour"))
        self._find(settings, "mark", MARKS, lambda cells: bool(cells))
        self._find(settings, "name", NAMES, self._holds_words)
        if "name" in settings:
            self._find(settings, "value", VALUES, lambda cells: bool(cells))
            self._find(settings, "unit", UNITS, self._holds_words)
        self._find(settings, "station", STATIONS, lambda cells: bool(cells))
        if any(_suffixed(cell) for row in self.body[:LOOKED_AT] for cell in row):
            settings["suffixes"] = "yes"
        hours = [title for title in self.titles if _hour_title(title) is not None]
        settings["shape"] = "long" if "value" in settings else "hours" if len(hours) >= 24 else "wide"
        settings["period"] = self._period(settings, time_place)

    def guess(self, settings: dict[str, str]) -> Guess:
        """What is measured, and where, by these settings."""
        hours = {title: hour for title in self.titles if (hour := _hour_title(title)) is not None}
        if settings["shape"] == "hours":
            settings["columns"] = json.dumps({title: {"hour": hour} for title, hour in hours.items()})
        stations = self._distinct(settings["station"]) if "station" in settings else []
        return Guess(settings, self.titles, self._measured(settings), stations)

    def _cells(self, title: str) -> list[Cell]:
        return [cell for cell in column_of(self.body, self.titles.index(title)) if word(cell)]

    def _find(
        self, settings: dict[str, str], key: str, words: Sequence[str], fits: Callable[[list[Cell]], bool]
    ) -> None:
        """Take the first column whose title is one of the words, and whose cells fit."""
        for one in words:
            for title in self.titles:
                if title not in self.taken and _plain(title) == _plain(one) and fits(self._cells(title)):
                    settings[key] = title
                    self.taken.add(title)
                    return

    def _holds_hours(self, cells: list[Cell]) -> bool:
        return bool(cells) and all(_is_hour(cell) for cell in cells[:LOOKED_AT])

    def _holds_words(self, cells: list[Cell]) -> bool:
        some = cells[:LOOKED_AT]
        return bool(some) and sum(_is_amount(cell) for cell in some) < len(some) * (1 - MOSTLY)

    def _has_clock(self, time_place: int) -> bool:
        found = [_moment(_at(row, time_place), "ymd") for row in self.body[:LOOKED_AT]]
        return any(one is not None and (one.hour or one.minute) for one in found)

    def _distinct(self, title: str) -> list[str]:
        return list(dict.fromkeys(word(cell) for cell in self._cells(title)))

    def _measured(self, settings: dict[str, str]) -> list[Title]:
        if settings["shape"] != "wide" and "name" in settings:
            return [title_of(name) for name in self._distinct(settings["name"])]
        if settings["shape"] == "hours":
            return [title_of(EVERY_ROW)]
        return list(self._amounts())

    def _amounts(self) -> Iterator[Title]:
        for place, title in enumerate(self.titles):
            cells = self._cells(title)[:LOOKED_AT] if title not in self.taken else []
            found, amounts = title_of(title), sum(_is_amount(cell) for cell in cells)
            if amounts and (found.factors or amounts >= len(cells) * MOSTLY):
                below = _unit(word(_at(self.unit_row, place)))
                yield found if found.unit or not below else Title(title, found.plain, below, found.factors)

    def _period(self, settings: dict[str, str], time_place: int) -> str:
        if "hour" in settings or settings["shape"] == "hours":
            return "h"
        found = {_moment(_at(row, time_place), settings["form"]) for row in self.body[:LOOKED_AT]}
        seconds = sorted(one.replace(tzinfo=None).timestamp() for one in found if one is not None)
        steps = [later - sooner for sooner, later in pairwise(seconds)]
        shortest = min(steps, default=3600.0)
        return next(kind for limit, kind in LENGTH_KINDS if shortest < limit)


def title_of(title: str) -> Title:
    """A title taken apart into what is measured and its unit."""
    unit = next((found for text in _IN_BRACKETS.findall(title) if (found := _unit(text))), "")
    unit = unit or UNIT_ENDINGS.get(title.strip().casefold().rpartition("_")[2] if "_" in title else "", "")
    bare = _IN_BRACKETS.sub("", title)
    plain = _plain(bare)
    return Title(title, bare.strip(), unit, factors_named(plain) or factors_named(_plain(title)))


def factors_named(plain: str) -> tuple[Factor, ...]:
    """The factors that a title may mean, in the order of the factor table."""
    return _by_name().get(plain, ())


@cache
def _by_name() -> dict[str, tuple[Factor, ...]]:
    named: dict[str, list[Factor]] = {}
    by_code = {factor.code: factor for factor in all_factors()}
    for factor in by_code.values():
        texts = (factor.code, factor.title.zh, factor.title.en, factor.short.zh, factor.short.en)
        for text in {_plain(text) for text in texts if text}:
            named.setdefault(text, []).append(factor)
    for alias, code in ALIASES.items():
        first = by_code[code]
        named[alias] = [first, *(factor for factor in named.get(alias, []) if factor != first)]
    return {text: tuple(factors) for text, factors in named.items()}


def _plain(text: str) -> str:
    return _LEFT_OUT.sub("", normalize("NFKC", text).casefold())


def _unit(text: str) -> str:
    try:
        return canonical(normalize("NFKC", text.strip()).replace("㎡", "m2")) if text.strip() else ""
    except UnitError:
        return ""


def _header(rows: Sequence[Row]) -> int:
    """The row with the most words above the first row that holds a time."""
    with_time = next((number for number, row in enumerate(rows) if any(_looks_like_time(cell) for cell in row)), None)
    above = rows[: with_time if with_time is not None else 1][:HEADERS_LOOKED_AT]
    return max(range(len(above)), key=lambda number: (_titles_in(above[number]), -number), default=0)


def _titles_in(row: Row) -> int:
    """How many cells may be titles; a row of units has fewer, because a unit is no title."""
    return sum(bool(word(cell)) and not _is_number(cell) and not _unit(word(cell)) for cell in row)


def _time_column(titles: Sequence[str], body: Sequence[Row]) -> tuple[str, int]:
    """The form of the times and the place of their column: the title that says so, else the column that reads best."""
    best = ("ymd", 0)
    most = 0.0
    for form in ("ymd", "dmy", "mdy"):
        for place, title in enumerate(titles):
            cells = [cell for cell in column_of(body, place) if word(cell)]
            if not cells:
                continue
            share = sum(_is_time(cell, form) for cell in cells) / len(cells)
            named = any(_plain(title) == _plain(one) for one in TIMES)
            worth = share * (2 if named else 1) if all(_looks_like_time(cell) or named for cell in cells[:3]) else 0.0
            if worth > most:
                best, most = (form, place), worth
    return best


def _at(row: Row, place: int) -> Cell:
    return row[place] if place < len(row) else None


def _moment(cell: Cell, form: str) -> datetime | None:
    try:
        return moment(cell, form)
    except BadMoment:
        return None


def _is_time(cell: Cell, form: str) -> bool:
    return _moment(cell, form) is not None


def _looks_like_time(cell: Cell) -> bool:
    """A time that is no mere number."""
    if isinstance(cell, int | float) or (isinstance(cell, str) and _is_number(cell) and len(cell.strip()) < 8):
        return False
    return any(_is_time(cell, form) for form in ("ymd", "dmy", "mdy"))


def _is_hour(cell: Cell) -> bool:
    try:
        hour_of_day(cell)
    except BadMoment:
        return False
    return True


def _is_amount(cell: Cell) -> bool:
    try:
        amount(cell, Writing(suffixes=True))
    except BadAmount:
        return False
    return True


def _is_number(cell: Cell) -> bool:
    return _is_amount(cell) and bool(word(cell))


def _suffixed(cell: Cell) -> bool:
    return isinstance(cell, str) and _is_amount(cell) and bool(amount(cell, Writing(suffixes=True)).mark)


def _hour_title(title: str) -> int | None:
    match = _HOUR_TITLE.fullmatch(title.strip())
    return int(match[1]) if match and int(match[1]) <= 24 else None
