"""Cells as their columns mean them: each value has one way in which it is written, so that the same is the same."""

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from unicodedata import is_normalized, normalize

from qingyuan.kit.clock import SHANGHAI
from qingyuan.sensing.records.definition import Column, Kind
from qingyuan.sensing.tables.cells import MISSING, BadAmount, Writing, amount
from qingyuan.sensing.tables.moments import BadMoment, moment
from qingyuan.sensing.tables.sheets import Cell
from qingyuan.sensing.tables.workbooks import NO_VALUE, Formula

LONGEST = 1000  # letters of one value; our own choice
_MONTH = re.compile(r"(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*月?(?:份)?")
_YEAR = re.compile(r"(\d{4})\s*年?(?:度)?")
_HALVES = re.compile("[\ud800-\udfff]")  # of a letter; JSON can name one alone, and no text has it
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{0,6}[1-9])?")
_YEARS = (1900, 2200)
NOTHING = frozenset(MISSING) | {""}
Reader = Callable[[Cell], str]


class BadValue(ValueError):
    """A cell is not what its column means."""


def reader_of(column: Column) -> Reader:
    """What turns a cell of a column into its value; empty where it holds none."""
    return _READERS[Kind(column.kind)]


def _text(cell: Cell) -> str:
    if type(cell) is str and cell.isalnum() and len(cell) <= LONGEST:  # most cells of long lists
        return "" if cell in NOTHING else cell
    if isinstance(cell, str):
        text = _saved(cell)
    elif cell is None:
        return ""
    elif isinstance(cell, float) and cell.is_integer():
        text = str(int(cell))
    else:
        text = str(cell)
    text = " ".join(text.split())
    if "\0" in text:
        text = text.replace("\0", "")
    if _HALVES.search(text):
        raise BadValue("found half of a letter, expected a text")
    if len(text) > LONGEST:
        raise BadValue(f"found a text of {len(text)} letters, expected at most {LONGEST}")
    return "" if text in NOTHING else text


def _saved(cell: str) -> str:
    """A text as it stands in the file; a formula that was saved without its value is none."""
    if isinstance(cell, Formula):
        raise BadValue(NO_VALUE)
    return cell


def _code(cell: Cell) -> str:
    text = _text(cell)
    if text.isalnum() and text == text.upper() and (text.isascii() or is_normalized("NFKC", text)):
        return text
    return plain_code(text)


@lru_cache(maxsize=65536)
def plain_code(text: str) -> str:
    """A text without blanks, in capitals, with letters of full width made plain."""
    return "".join(normalize("NFKC", text).split()).upper()


def _number(cell: Cell) -> str:
    if isinstance(cell, str) and _PLAIN_NUMBER.fullmatch(cell):
        return cell
    try:
        found = amount(cell, Writing())
    except BadAmount as error:
        raise BadValue(str(error)) from error
    if found.below is not None:
        raise BadValue(f"found {cell!r}, expected a number")
    return "" if found.value is None else f"{found.value:.15g}"


def _date(cell: Cell) -> str:
    if isinstance(cell, str):
        return _written_date(_saved(cell).strip())
    return "" if cell is None else _day(cell).isoformat()


@lru_cache(maxsize=65536)
def _written_date(text: str) -> str:
    if text in NOTHING:
        return ""
    if len(text) == 10 and text[4] == text[7] == "-":
        try:
            return _in_years(date.fromisoformat(text)).isoformat()
        except ValueError:
            pass
    return _day(text).isoformat()


def _day(cell: Cell) -> date:
    try:
        return _in_years(moment(cell).date())
    except BadMoment as error:
        raise BadValue(str(error)) from error


def _in_years(found: date) -> date:
    if not _YEARS[0] <= found.year < _YEARS[1]:
        raise BadValue(f"found {found.isoformat()}, expected a day of the years {_YEARS[0]} to {_YEARS[1] - 1}")
    return found


def _month(cell: Cell) -> str:
    if isinstance(cell, datetime | date):
        return f"{_day(cell):%Y-%m}"
    return _written_month(_text(cell))


@lru_cache(maxsize=4096)
def _written_month(text: str) -> str:
    if not text:
        return ""
    found = _MONTH.fullmatch(normalize("NFKC", text))
    if found is None:
        return _written_date(text)[:7]
    if not 1 <= int(found[2]) <= 12 or not _YEARS[0] <= int(found[1]) < _YEARS[1]:
        raise BadValue(f"found {text!r}, expected a month such as 2026-10")
    return f"{found[1]}-{int(found[2]):02d}"


def _moment(cell: Cell) -> str:
    """An instant by the clock of Shanghai, to the second."""
    if cell is None or (isinstance(cell, str) and _saved(cell).strip() in NOTHING):
        return ""
    try:
        found = moment(cell)
        _in_years(found.date())  # before its zone leads out of the calendar
    except BadMoment as error:
        raise BadValue(str(error)) from error
    found = found.astimezone(SHANGHAI) if found.tzinfo else found
    _in_years(found.date())
    return f"{found:%Y-%m-%d %H:%M:%S}"


def _year(cell: Cell) -> str:
    if isinstance(cell, datetime | date):
        return str(cell.year)
    text = _text(cell)
    found = _YEAR.fullmatch(text)
    if text and (found is None or not _YEARS[0] <= int(found[1]) < _YEARS[1]):
        raise BadValue(f"found {text!r}, expected a year such as 2026")
    return found[1] if found else ""


_READERS: dict[Kind, Reader] = {
    Kind.TEXT: _text, Kind.CODE: _code, Kind.NUMBER: _number, Kind.DATE: _date, Kind.MONTH: _month, Kind.YEAR: _year,
    Kind.MOMENT: _moment,
}  # fmt: skip


@lru_cache(maxsize=65536)
def first_day(value: str) -> date | None:
    """The first day of a date, month or year as it is kept; the day of an instant."""
    if not value:
        return None
    parts = [*map(int, value[:10].split("-")), 1, 1]
    return date(*parts[:3])


@lru_cache(maxsize=65536)
def day_after(value: str) -> date | None:
    """The day after the last one of a month or a year as it is kept; None of a date or instant, which says no end."""
    parts = [int(part) for part in value[:10].split("-")] if value else []
    if len(parts) == 2:
        return date(parts[0] + parts[1] // 12, parts[1] % 12 + 1, 1)
    return date(parts[0] + 1, 1, 1) if len(parts) == 1 else None
