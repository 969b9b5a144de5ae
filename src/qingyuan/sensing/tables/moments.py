"""Times out of cells, in the forms in which people and spreadsheets write them."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from qingyuan.sensing.tables.cells import FULL_WIDTH
from qingyuan.sensing.tables.sheets import Cell

_REST = r"(?:[ T]*(\d{1,2})(?:[:时点](?:(\d{1,2})分?)?)?(?::?(\d{1,2})(?:\.\d+)?秒?)?)?"
_ZONE = r"\s*(Z|[+-]\d{2}:?\d{2})?"
_YEAR_FIRST = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?" + _REST + _ZONE)
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})" + _REST + _ZONE)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})[ T]?(?:(\d{2}))?(?:(\d{2}))?(?:(\d{2}))?")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_HOUR = re.compile(r"(\d{1,2})(?:[:时点](?:(\d{1,2})分?)?)?(?::\d{1,2})?")
_SERIAL_START = datetime(1899, 12, 30)  # noqa: DTZ001 day 0 of Excel's calendar, which has no zone
_SERIALS = (20_000, 80_000)  # 1954 to 2119: what a bare number may mean as a day
_LATEST_HOUR = 24


class BadMoment(ValueError):
    """A cell is no time in the form that was agreed."""


EXPECTED = {
    "ymd": "a time such as 2026-11-22 08:00, 2026/11/22 8:00, 2026年11月22日8时, 20261122080000 or a date of Excel",
    "dmy": "a time with the day first, such as 22/11/2026 08:00",
    "mdy": "a time with the month first, such as 11/22/2026 08:00",
    "serial": "a date of Excel as a number, such as 46348.3333",
}
FORMS = tuple(EXPECTED)


def moment(cell: Cell, form: str = "ymd") -> datetime:
    """When a cell says; without zone unless it names one.

    Raises
    ------
    BadMoment
        It is no time of that form.
    """
    if isinstance(cell, datetime):
        return _whole_seconds(cell)
    if isinstance(cell, date):
        return datetime.combine(cell, time())
    if isinstance(cell, bool) or cell is None or isinstance(cell, time | timedelta):
        raise BadMoment(f"found {cell!r}, expected {EXPECTED[form]}")
    text = repr(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    return _of_text(text.strip(), form)


@lru_cache(maxsize=65536)  # a long table says every time once for each of its names
def _of_text(text: str, form: str) -> datetime:
    for read in _READERS[form]:
        try:
            found = read(text.translate(FULL_WIDTH))
        except (ValueError, OverflowError) as error:
            raise BadMoment(f"found {text!r} ({error}), expected {EXPECTED[form]}") from error
        if found is not None:
            return found
    raise BadMoment(f"found {text!r}, expected {EXPECTED[form]}")


def _year_first(text: str) -> datetime | None:
    match = _YEAR_FIRST.fullmatch(text)
    return _put_together(match, (1, 2, 3)) if match else None


def _day_first(text: str) -> datetime | None:
    match = _YEAR_LAST.fullmatch(text)
    return _put_together(match, (3, 2, 1)) if match else None


def _month_first(text: str) -> datetime | None:
    match = _YEAR_LAST.fullmatch(text)
    return _put_together(match, (3, 1, 2)) if match else None


def _compact(text: str) -> datetime | None:
    match = _COMPACT.fullmatch(text)
    return _put_together(match, (1, 2, 3)) if match else None


def _serial(text: str) -> datetime | None:
    if not _SERIAL.fullmatch(text) or not _SERIALS[0] <= float(text) <= _SERIALS[1]:
        return None
    return _whole_seconds(_SERIAL_START + timedelta(days=float(text)))


_READERS: dict[str, tuple[Callable[[str], datetime | None], ...]] = {
    "ymd": (_year_first, _compact, _serial),
    "dmy": (_day_first,),
    "mdy": (_month_first,),
    "serial": (_serial,),
}


def _put_together(match: re.Match[str], order: tuple[int, int, int]) -> datetime:
    year, month, day = (int(match[number]) for number in order)
    hour, minute, second = (int(match[number] or 0) for number in (4, 5, 6))
    if hour > _LATEST_HOUR or (hour == _LATEST_HOUR and (minute or second)):
        raise ValueError("hour must be in 0..24")
    zone = match[7] if match.re.groups > 6 else None
    found = datetime(year, month, day, hour % _LATEST_HOUR, minute, second)  # noqa: DTZ001 the layout has the zone
    found += timedelta(days=hour // _LATEST_HOUR)
    if not zone:
        return found
    return datetime.fromisoformat(f"{found.isoformat()}{zone.replace('Z', '+00:00')}")


def _whole_seconds(found: datetime) -> datetime:
    """Excel keeps times as fractions of a day, which miss the second by some microseconds."""
    return (found + timedelta(milliseconds=500)).replace(microsecond=0)


def hour_of_day(cell: Cell) -> timedelta:
    """What an hour column adds to the day: 8, "8时", "08:00", a time of Excel; 24 is the end of the day.

    Raises
    ------
    BadMoment
        It is no hour from 0 to 24.
    """
    found = _since_midnight(cell)
    if found is None or not timedelta() <= found <= timedelta(hours=_LATEST_HOUR):
        raise BadMoment(f"found {cell!r}, expected an hour from 0 to 24")
    return found


def _since_midnight(cell: Cell) -> timedelta | None:
    if isinstance(cell, datetime | time):
        return timedelta(hours=cell.hour, minutes=cell.minute)
    if isinstance(cell, timedelta):
        return cell
    if isinstance(cell, float) and 0 < cell < 1:
        return timedelta(minutes=round(cell * 24 * 60))
    text = repr(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    match = _HOUR.fullmatch(text.strip().translate(FULL_WIDTH))
    return timedelta(hours=int(match[1]), minutes=int(match[2] or 0)) if match and int(match[2] or 0) < 60 else None
