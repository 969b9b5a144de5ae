"""What a page of environment quality looks at: an area and a month, a quarter or a year, both in the URL."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.kit.clock import SHANGHAI
from qingyuan.kit.errors import BadInput
from qingyuan.people.queries import User
from qingyuan.places.queries import GridCell, NetworkPart, Station, cells, network_parts, stations
from qingyuan.showing.logic.filters import EVERY

WHOLE_YEAR = "year"
QUARTERS = {f"Q{number}": (3 * number - 2, 3 * number) for number in range(1, 5)}
EARLIEST_YEAR = 2017  # the year before it is the first of an index that held nationwide
YEARS_OFFERED = 6
AREA_LEVELS = (1, 2)


@dataclass(frozen=True)
class Period:
    """A month (`part` is its number), a quarter (`Q1` to `Q4`) or a whole year (`year`), seen on a day."""

    year: int
    part: str
    today: date

    @classmethod
    def asked(cls, query: QueryDict, now: datetime) -> "Period":
        """The period that an address asks for, the month of yesterday without one."""
        today = now.astimezone(SHANGHAI).date()
        usual = today - timedelta(days=1)
        year, part = query.get("year") or str(usual.year), query.get("part") or str(usual.month)
        if query.get("year") and not query.get("part"):
            part = WHOLE_YEAR
        if not (year.isascii() and year.isdecimal() and EARLIEST_YEAR <= int(year[:6]) <= today.year):
            raise BadInput(
                _("Found year “%(found)s”, expected one from %(first)d to %(last)d.")
                % {"found": year[:20], "first": EARLIEST_YEAR, "last": today.year},
                "year",
            )
        if part not in {WHOLE_YEAR, *QUARTERS, *map(str, range(1, 13))}:
            raise BadInput(_("Found “%(found)s”, expected year, Q1 to Q4 or 1 to 12.") % {"found": part[:20]}, "part")
        return cls(int(year), part, today)

    @property
    def months(self) -> tuple[int, int]:
        if self.part == WHOLE_YEAR:
            return 1, 12
        return QUARTERS.get(self.part) or (int(self.part), int(self.part))

    @property
    def first(self) -> date:
        return date(self.year, self.months[0], 1)

    @property
    def last(self) -> date:
        """The last day, whether it is over or not."""
        month = self.months[1]
        return date(self.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)

    @property
    def until(self) -> date:
        """The last day that is over; before `first` where none is."""
        return max(min(self.last, self.today - timedelta(days=1)), self.first - timedelta(days=1))

    @property
    def running(self) -> bool:
        """Whether days of it are still to come."""
        return self.until < self.last

    @cached_property
    def days(self) -> list[date]:
        """The days that are over."""
        return [self.first + timedelta(days=number) for number in range((self.until - self.first).days + 1)]

    @property
    def year_before(self) -> "Period":
        """The same days of the year before: where this period is running, only as far as it has run."""
        seen = _year_earlier(self.until) + timedelta(days=1) if self.running else self.today
        return Period(self.year - 1, self.part, seen)

    def moved(self, steps: int) -> "Period":
        """The period before or after of the same length."""
        length = self.months[1] - self.months[0] + 1
        month = self.year * 12 + self.months[0] - 1 + steps * length
        year, first = divmod(month, 12)
        part = {12: WHOLE_YEAR, 3: f"Q{first // 3 + 1}"}.get(length, str(first + 1))
        return Period(year, part, self.today)

    @property
    def query(self) -> dict[str, str]:
        return {"year": str(self.year), "part": self.part}

    @property
    def title(self) -> str:
        if self.part == WHOLE_YEAR:
            return str(self.year)
        if self.part in QUARTERS:
            return f"{self.year} {self.part}"
        return f"{self.year}-{int(self.part):02}"


def _year_earlier(day: date) -> date:
    return day.replace(year=day.year - 1, day=min(day.day, 28 if day.month == 2 else day.day))


@dataclass(frozen=True)
class Look:
    """What a page looks at: whose territory, which area of it, which period, and the rest of the address."""

    viewer: User
    period: Period
    area: GridCell | None
    areas: tuple[GridCell, ...]
    now: datetime

    @classmethod
    def asked(cls, viewer: User, query: QueryDict) -> "Look":
        now = clock.now()
        areas = tuple(cells(viewer).filter(level__in=AREA_LEVELS))
        asked = query.get("area") or EVERY
        area = next((one for one in areas if one.path == asked), None)
        if area is None and asked != EVERY:
            raise BadInput(_("Found area “%(found)s”, expected one of your territory.") % {"found": asked[:20]}, "area")
        return cls(viewer, Period.asked(query, now), area, areas, now)

    @property
    def title(self) -> str:
        return self.area.title if self.area else _("Whole territory")

    def address(self, **changes: str) -> str:
        """The words of an address that looks at the same, with changes."""
        kept = self.period.query | ({"area": self.area.path} if self.area else {}) | changes
        return "?" + urlencode({name: value for name, value in kept.items() if value})

    @property
    def before_address(self) -> str:
        """The same of the year before; empty where that lies before all that can be asked for."""
        year = self.period.year - 1
        return self.address(year=str(year)) if year >= EARLIEST_YEAR else ""

    def stations(self, kind: str, **more: Any) -> list[Station]:
        """Stations of a kind in the area, as far as the viewer may see them; `more` narrows them by their columns."""
        found = stations(self.viewer).filter(kind=kind, **more)
        if self.area:
            found = found.filter(Q(cell__path=self.area.path) | Q(cell__path__startswith=f"{self.area.path}/"))
        return list(found)

    def assessed(self, kind: str) -> list[Station]:
        """Of those the ones by which an area may be assessed."""
        return [one for one in self.stations(kind) if one.is_assessed]

    def parts(self, found: list[Station]) -> dict[int, NetworkPart]:
        """What part each station plays in the network."""
        return network_parts([one.pk for one in found])

    def controls(self) -> dict[str, Any]:
        """Year, part of it and area as the page draws them, with the ways back and on."""
        years = range(self.period.today.year, self.period.today.year - YEARS_OFFERED, -1)
        areas = [(EVERY, _("All")), *((one.path, one.title) for one in self.areas)]
        on = self.period.moved(1)
        return {
            "filters": [
                _drawn("year", _("Year"), [(year, year) for year in sorted({*years, self.period.year}, reverse=True)],
                       self.period.year),
                _drawn("part", _("Part of the year"), _parts(), self.period.part),
                _drawn("area", _("Area"), areas, self.area.path if self.area else EVERY),
            ],
            "earlier": self.address(**self.period.moved(-1).query),
            "later": self.address(**on.query) if on.first < self.period.today else "",
        }  # fmt: skip


def _drawn(name: str, title: str, options: list[tuple[Any, Any]], value: Any) -> dict[str, Any]:
    marked = [{"value": code, "title": words, "chosen": str(code) == str(value)} for code, words in options]
    return {"name": name, "title": title, "options": marked}


def _parts() -> list[tuple[str, str]]:
    whole: list[tuple[str, str]] = [(WHOLE_YEAR, _("Whole year"))]
    quarter: Callable[[int], str] = lambda number: _("Quarter %(number)d") % {"number": number}  # noqa: E731 short
    months = [(str(month), _("Month %(number)d") % {"number": month}) for month in range(1, 13)]
    return [*whole, *((f"Q{number}", quarter(number)) for number in range(1, 5)), *months]
