"""Lists narrowed to one department: what came of its data, and what it holds."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from qingyuan.dispatching.queries import Case, cases_held_by, cases_signed_by
from qingyuan.judging.queries import coming_from
from qingyuan.kit import clock
from qingyuan.people.queries import ENTERPRISES, Departments, Organisation, departments
from qingyuan.showing.logic.filters import EVERY, Choice, drawn_choice, value_of
from qingyuan.showing.logic.hub.delivering import slug_of, title_of
from qingyuan.showing.logic.hub.rows import LOOKED_BACK, origins_of
from qingyuan.showing.request import Request
from qingyuan.showing.rights import OFFICE, may_open


def held_by(request: Request, found: QuerySet[Case]) -> tuple[QuerySet[Case], list[dict[str, Any]]]:
    """The cases whose open task the department of the address holds, and the filter as it is drawn."""
    known = departments()
    options = [(one.code, one.title) for one in known.known]
    choice = Choice("department", _("With"), options)
    code = value_of(choice, request.GET)
    if code != EVERY:
        number = next(one.pk for one in known.known if one.code == code)
        found = cases_held_by(found, number, or_nobody=number == known.bureau)
    return found, [drawn_choice(choice, request.GET)]


def signed_by(request: Request, found: QuerySet[Case]) -> tuple[QuerySet[Case], list[dict[str, Any]]]:
    """The cases that the department of the address signed for lately; the filter is drawn only where it names one."""
    if not request.GET.get("signed") or not may_open(request.user, OFFICE):
        return found, []
    known = departments()
    choice = Choice("signed", _("Signed lately by"), [(one.code, one.title) for one in known.known])
    number = next((one.pk for one in known.known if one.code == value_of(choice, request.GET)), None)
    if number is not None:
        found = cases_signed_by(found, number, clock.now() - LOOKED_BACK)
    return found, [drawn_choice(choice, request.GET)]


def of_data_from(
    request: Request, found: QuerySet[Any], finding: str = ""
) -> tuple[QuerySet[Any], list[dict[str, Any]]]:
    """What came of the data of the department that the address names; the filter is drawn only where it names one."""
    if not request.GET.get("from") or not may_open(request.user, OFFICE):
        return found, []
    known = departments()
    keys = _keys(known)
    choice = Choice("from", _("Source department"), [(slug, title_of(key, known)) for slug, key in keys.items()])
    slug = value_of(choice, request.GET)
    if slug != EVERY:
        found = _narrowed(request, found, keys[slug], finding)
    return found, [drawn_choice(choice, request.GET)]


def _keys(known: Departments) -> dict[str, int | None]:
    own = () if known.bureau else (None,)
    return {slug_of(key, known): key for key in (*(one.pk for one in known.known), ENTERPRISES, *own)}


def _narrowed(request: Request, found: QuerySet[Any], key: int | None, finding: str) -> QuerySet[Any]:
    origins = origins_of(request.user)
    known = {one.pk for one in origins.known.known}
    firms = Organisation.objects.exclude(pk__in=known).values("pk")
    by = firms if key == ENTERPRISES else [key] if key else []
    at = [pk for pk, whose in origins.by_station.items() if whose == key]
    shown = [pk for pk, whose in origins.by_feed.items() if whose == key]
    return coming_from(found, (at, by, shown), finding, or_nowhere=key == origins.known.bureau)
