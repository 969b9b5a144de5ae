"""Bulletins of air quality forecasts as tables: one row an area and a day, in CSV or Excel."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache

from qingyuan.sensing.brought.foretold import HIGHEST_INDEX, Foretold
from qingyuan.sensing.connector import BadPayload, Payload, Read, Setting
from qingyuan.sensing.connectors import _values as values
from qingyuan.sensing.tables.moments import BadMoment, moment
from qingyuan.sensing.tables.sheets import BrokenOff, Cell, Row, rows_of
from qingyuan_science.plugins import Text
from qingyuan_science.standards.air import air_editions

FORM = "bulletins"
BEIJING = timezone(timedelta(hours=8))
AHEAD = timedelta(hours=1)  # of our clock; our own choice, as for readings
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
MOST_ROWS = 20_000  # a year of a province; our own choice
_LONGEST = 80  # of names
_HEADS = {  # what each column is called where a feed does not say
    "area": ("area", "区域", "城市", "区县", "地区"),
    "day": ("day", "预报日期", "日期"),
    "issued_at": ("issued_at", "发布时间", "起报时间"),
    "forecaster": ("forecaster", "预报员", "模式", "预报来源"),
    "aqi": ("aqi", "AQI", "AQI范围", "空气质量指数"),
    "level": ("level", "级别", "空气质量级别", "等级", "类别"),
    "primary": ("primary", "首要污染物"),
}
_NEEDED = ("area", "day")
_ITEMS = {"PM2.5": "PM2.5", "PM25": "PM2.5", "PM10": "PM10", "SO2": "SO2", "NO2": "NO2", "CO": "CO", "O3": "O3",
          "O3-8h": "O3", "O3_8h": "O3", "细颗粒物": "PM2.5", "可吸入颗粒物": "PM10", "二氧化硫": "SO2",
          "二氧化氮": "NO2", "一氧化碳": "CO", "臭氧": "O3"}  # fmt: skip
_NONE = frozenset({"", "-", "—", "--", "/", "无", "none"})
_COLUMN_ITEMS = {"PM2.5": "PM2.5", "PM10": "PM10", "SO2": "SO2", "NO2": "NO2", "CO": "CO", "O3_8h": "O3_8h"}
_ROMAN = (("I", "Ⅰ"), ("II", "Ⅱ"), ("III", "Ⅲ"), ("IV", "Ⅳ"), ("V", "Ⅴ"), ("VI", "Ⅵ"))
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_SEPARATORS = re.compile(r"[,，、;；/]+")
_RANGE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:-|~|～|—|–|至|to)\s*(\d+(?:\.\d+)?)")
_BETWEEN = re.compile(r"\s*(?:-|~|～|—|–|至|到|或|\bto\b|\bor\b)\s*")

COLUMNS = Setting(
    "columns",
    Text("预报表列名", "Columns of forecast bulletins"),
    Text(
        "与通用列名不同时写明，如 area=城市名称, day=预报时间, forecaster=预报单位；可用："
        "area, day, issued_at, forecaster, aqi, level, primary。",
        "Where they differ from the usual ones, such as area=city, day=valid_on, forecaster=office; known are area, "
        "day, issued_at, forecaster, aqi, level, primary.",
    ),
    check=lambda text: _named(text),
)
FORECASTER = Setting(
    "forecaster",
    Text("预报员或模式", "Forecaster or model"),
    Text("表中没有该列时，由谁预报。", "Who foretells, where no column says so."),
)
BULLETIN_FIELDS = (COLUMNS, FORECASTER)


@dataclass(frozen=True)
class _Table:
    """Where in a row what stands."""

    places: Mapping[str, int]
    items: Mapping[str, int]
    forecaster: str
    received: datetime

    def cell(self, row: Row, name: str) -> Cell:
        place = self.places.get(name)
        return row[place] if place is not None and place < len(row) else None

    def text(self, row: Row, name: str) -> str:
        cell = self.cell(row, name)
        whole = isinstance(cell, float) and cell.is_integer()
        return "" if cell is None else (str(int(cell)) if whole else str(cell)).strip()  # type: ignore[arg-type]


def read_bulletins(payload: Payload, settings: Mapping[str, str]) -> Read:
    """What a table foretells; a row that cannot be read does not take the others with it.

    Raises
    ------
    BadPayload
        The file as a whole is no table with an area, a day, and an index or a level.
    """
    received = datetime.fromtimestamp(payload.received_us / 1e6, UTC)
    read = Read(foretold=[])
    try:
        for where, row, table in _rows(payload.raw, settings, received):
            try:
                read.add_foretold(_foretold(row, table, where))
            except ValueError as error:
                read.faults.append(("BadForecast", f"{where}: {error}"))
    except BrokenOff as error:
        read.faults.append(("BrokenOff", str(error)))
    if not read.foretold and not read.faults:
        read.faults.append(("NoForecast", "found no row below the head, expected one at least"))
    return read


def _rows(raw: bytes, settings: Mapping[str, str], received: datetime) -> Iterator[tuple[str, Row, _Table]]:
    table = None
    for number, row in enumerate(rows_of(raw), start=1):
        if all(cell is None or str(cell).strip() == "" for cell in row):
            continue
        if number > MOST_ROWS:
            raise BrokenOff(f"found more than {MOST_ROWS:,} rows, expected fewer; bring the rest as another file")
        if table is None:
            table = _table(row, settings, received)
            continue
        yield f"row {number}", row, table
    if table is None:
        raise BadPayload("found no row, expected a table with a head")


def _table(head: Row, settings: Mapping[str, str], received: datetime) -> _Table:
    titles = ["" if cell is None else str(cell).strip() for cell in head]
    own = _named(settings.get(COLUMNS.name, ""))
    places = {}
    for name, usual in _HEADS.items():
        wanted = (own[name],) if name in own else usual
        found = [place for place, title in enumerate(titles) if title in wanted]
        if len(found) > 1:
            raise BadPayload(f"found {len(found)} columns for {name} in {values.shown(titles)}, expected one")
        if found:
            places[name] = found[0]
    if not set(_NEEDED) <= set(places) or not {"aqi", "level"} & set(places):
        expected = "area (区域), day (日期), aqi (AQI) / level (级别)"
        raise BadPayload(f"found the columns {values.shown(titles)}, expected among them {expected}")
    plain = [title.translate(_SUBSCRIPTS).partition("(")[0].partition("（")[0].strip() for title in titles]
    items = {_COLUMN_ITEMS[title]: place for place, title in enumerate(plain) if title in _COLUMN_ITEMS}
    return _Table(places, items, settings.get(FORECASTER.name, "").strip(), received)


def _named(text: str) -> dict[str, str]:
    """The columns that a setting names.

    Raises
    ------
    ValueError
        A part is no NAME=COLUMN of a known name.
    """
    found = {}
    for part in (one.strip() for one in text.split(",") if one.strip()):
        name, equals, column = (piece.strip() for piece in part.partition("="))
        if not equals or name not in _HEADS or not column:
            raise ValueError(f"found {values.shown(part)}, expected NAME=COLUMN with one of {', '.join(_HEADS)}")
        found[name] = column
    return found


def _foretold(row: Row, table: _Table, where: str) -> Foretold:
    area, forecaster = _short(table, row, "area"), _short(table, row, "forecaster") or table.forecaster
    if not area:
        raise ValueError("found no area, expected the code or name of one")
    if not forecaster:
        raise ValueError("found no forecaster, expected a column that names one, or the setting of the feed")
    day = _day(table.cell(row, "day"))
    issued_at = _issued(table.cell(row, "issued_at"), table.received)
    value, low, high = _index(table.text(row, "aqi"))
    first, last = (0, 0) if value is not None or low is not None else _levels(table.text(row, "level"))
    return Foretold(
        area, day, issued_at, forecaster, value, low, high, first, last, _primary(table.text(row, "primary")),
        dict(_concentrations(row, table)), where,
    )  # fmt: skip


def _short(table: _Table, row: Row, name: str) -> str:
    text = table.text(row, name)
    if len(text) > _LONGEST or "\0" in text:
        raise ValueError(f"found {name} of {len(text)} letters, expected at most {_LONGEST}")
    return text


def _day(cell: Cell) -> date:
    try:
        return moment(cell).date()
    except BadMoment as error:
        raise ValueError(f"day: {error}") from error


def _issued(cell: Cell, received: datetime) -> datetime:
    """When it says that it was issued, in Beijing time without a zone; on arrival where it says nothing."""
    if cell is None or str(cell).strip() == "":
        return received
    try:
        found = moment(cell)
    except BadMoment as error:
        raise ValueError(f"issued_at: {error}") from error
    at = found if found.tzinfo else found.replace(tzinfo=BEIJING)
    if at > received + AHEAD:
        raise ValueError(f"found issued_at {found.isoformat(sep=' ')}, expected none in the future")
    if at < EARLIEST:
        raise ValueError(f"found issued_at {found.isoformat(sep=' ')}, expected none before 2000")
    return at.astimezone(UTC)


def _index(text: str) -> tuple[float | None, float | None, float | None]:
    """The AQI, or the ends of its range."""
    if text in _NONE:
        return None, None, None
    ends = _RANGE.fullmatch(text)
    if ends is None:
        try:
            index = values.number(text, "AQI")
        except ValueError as error:
            raise ValueError(
                f"found AQI {values.shown(text)}, expected one such as 85 or a range such as 75-95"
            ) from error
        return _possible(index), None, None
    low, high = (_possible(float(ends[number])) for number in (1, 2))
    if low is None or high is None or low > high:
        raise ValueError(f"found AQI {values.shown(text)}, expected the smaller end first")
    return None, low, high


def _possible(value: float | None) -> float | None:
    if value is not None and not 0 <= value <= HIGHEST_INDEX:
        raise ValueError(f"found AQI {value:g}, expected 0 to {HIGHEST_INDEX}")
    return value


def _levels(text: str) -> tuple[int, int]:
    """The first and the last level that words name; the words are those of the editions of the index."""
    parts = [part for part in _BETWEEN.split(text) if part]
    found = [_level(part) for part in parts]
    if not found or len(found) > 2:
        raise ValueError(f"found level {values.shown(text)}, expected an AQI, or a level such as 良 or 良至轻度污染")
    if found[0] > found[-1]:
        raise ValueError(f"found level {values.shown(text)}, expected the better level first")
    return found[0], found[-1]


def _level(word: str) -> int:
    level = _level_words().get(word.strip().lower().removesuffix("级"))
    if level is None:
        known = "优, 良, 轻度污染, 中度污染, 重度污染, 严重污染"
        raise ValueError(f"found level {values.shown(word)}, expected one of {known}, or I to VI")
    return level


@cache
def _level_words() -> dict[str, int]:
    """What people write for a level: its name, in Chinese also without its last word, and its number."""
    found = {}
    for one, roman in zip(air_editions()[-1].categories, _ROMAN, strict=True):
        zh = one.name.zh
        names = (zh, zh.removesuffix("污染"), one.name.en, one.numeral.removesuffix("级"), str(one.level), *roman)
        found.update({name.lower(): one.level for name in names})
    return found


def _primary(text: str) -> tuple[str, ...]:
    if text.lower() in _NONE:
        return ()
    found = []
    for part in (one.strip().translate(_SUBSCRIPTS) for one in _SEPARATORS.split(text)):
        item = _ITEMS.get(part) or _ITEMS.get(part.upper())
        if item is None:
            expected = ", ".join(sorted(set(_ITEMS.values())))
            raise ValueError(f"found primary pollutant {values.shown(part)}, expected one of {expected}")
        found.append(item)
    return tuple(dict.fromkeys(found))


def _concentrations(row: Sequence[Cell], table: _Table) -> Iterator[tuple[str, float]]:
    for item, place in table.items.items():
        value = values.number(row[place], item) if place < len(row) else None
        if value is None:
            continue
        if value < 0:
            raise ValueError(f"found concentration {item} {value:g}, expected 0 or more")
        yield item, value
