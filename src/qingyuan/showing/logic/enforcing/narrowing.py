"""Lists narrowed so that they count what a page of violations counted: a year or month, an area, any kind."""

import re
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from qingyuan.dispatching.queries import NO_VIOLATION, Case, suspecting
from qingyuan.kit import clock
from qingyuan.kit.clock import SHANGHAI
from qingyuan.people.queries import User
from qingyuan.places.queries import GridCell, cells
from qingyuan.showing.logic.filters import EVERY, Choice, drawn_choice, value_of
from qingyuan.showing.request import Request
from qingyuan_science.standards.procedure.violations import violations

TOWN = 2
ANY = "any"  # in addresses: whichever kind of violation
LATELY = 30  # days
FIRST_YEAR, YEARS_OFFERED = 2000, 5
MONTHS = 12


def area_choice(request: Request) -> Choice:
    """The filter by town."""
    return Choice("area", _("Area"), [(one.code, one.title) for one in cells(request.user, TOWN)])


def within(cell: GridCell) -> Q:
    """What stands at a station of an area, or at a point of it where no station is."""
    under = f"{cell.path}/"
    inside = Q(station__cell=cell) | Q(station__cell__path__startswith=under)
    return inside | (Q(station=None) & (Q(cell=cell) | Q(cell__path__startswith=under)))


def within_area(request: Request, found: QuerySet[Any]) -> QuerySet[Any]:
    """The findings or cases of the town that the address names."""
    code = value_of(area_choice(request), request.GET)
    cell = None if code == EVERY else _town(request.user, code)
    return found if cell is None else found.filter(within(cell))


def _town(viewer: User, code: str) -> GridCell | None:
    return cells(viewer, TOWN).filter(code=code).first()


def suspecting_any() -> Q:
    """The findings that make any kind of violation suspected."""
    return reduce(or_, (suspecting(one.code) for one in violations() if one.detectors))


def found_any() -> Q:
    """The cases that a person found to be a violation, of whichever kind."""
    return ~Q(violation__in=("", NO_VIOLATION))


def found_in_year(request: Request, found: QuerySet[Any]) -> tuple[QuerySet[Any], list[dict[str, Any]]]:
    """The findings of the year and the town that the address names; the filters are drawn only where it names them."""
    drawn = []
    if request.GET.get("year"):
        year = Choice("year", _("Found in the year"), [(one, str(one)) for one in _years(request.GET["year"])])
        if (asked := value_of(year, request.GET)) != EVERY:
            start, end = span_of(asked)
            found = found.filter(opened_at__gte=start, opened_at__lt=end)
        drawn.append(drawn_choice(year, request.GET))
    if request.GET.get("area"):
        found = within_area(request, found)
        drawn.append(drawn_choice(area_choice(request), request.GET))
    return found, drawn


def determined_in(request: Request, found: QuerySet[Case]) -> tuple[QuerySet[Case], list[dict[str, Any]]]:
    """The cases determined in the year, the month or the last days that the address names; drawn only where it does."""
    asked = request.GET.get("determined", "")
    if not asked:
        return found, []
    options: list[tuple[Any, str]] = [(f"{LATELY}d", _("last %(days)d days") % {"days": LATELY})]
    if re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", asked, re.ASCII):
        options.append((asked, asked))
    options += [(one, str(one)) for one in _years(asked[:4])]
    choice = Choice("determined", _("Violation determined in"), options)
    value = value_of(choice, request.GET)
    if value == f"{LATELY}d":
        found = found.filter(violation_at__gte=clock.now() - timedelta(days=LATELY))
    elif value != EVERY:
        start, end = span_of(value)
        found = found.filter(violation_at__gte=start, violation_at__lt=end)
    return found, [drawn_choice(choice, request.GET)]


def _years(asked: str) -> list[int]:
    """The last years, with the one that is asked for."""
    this_year = clock.now().astimezone(SHANGHAI).year
    known = set(range(this_year - YEARS_OFFERED + 1, this_year + 1))
    if asked.isascii() and asked.isdecimal() and FIRST_YEAR <= int(asked[:5]) <= this_year:
        known.add(int(asked))
    return sorted(known, reverse=True)


def span_of(text: str) -> tuple[datetime, datetime]:
    """Start and end of a year or a month in China, such as 2026 or 2026-11."""
    year, _dash, month = text.partition("-")
    if not month:
        return datetime(int(year), 1, 1, tzinfo=SHANGHAI), datetime(int(year) + 1, 1, 1, tzinfo=SHANGHAI)
    next_year, after = divmod(int(month), MONTHS)
    return (
        datetime(int(year), int(month), 1, tzinfo=SHANGHAI),
        datetime(int(year) + next_year, after + 1, 1, tzinfo=SHANGHAI),
    )
