"""Who may open which page; territory and organisation narrow further what a page then shows (in every `queries.py`)."""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from qingyuan.dispatching.queries import MAY_FILE_FOOTAGE
from qingyuan.evaluating.queries import MAY_ANSWER, MAY_GRADE
from qingyuan.forecasting.queries import MAY_BRING_FORECASTS
from qingyuan.inspecting.queries import MAY_FLY
from qingyuan.kit.errors import Forbidden
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import MAY_DECLARE_WARNINGS, MAY_DRAW_ZONES, MAY_KEEP_PAPERS
from qingyuan.recording.queries import MAY_IMPORT
from qingyuan.registering.queries import MAY_KEEP_SOURCES
from qingyuan.sensing.queries import MAY_BRING_SPOTS, MAY_KEEP_CAMERAS, MAY_SEE_LIVE
from qingyuan.sensing.queries.records import MAY_BRING_RECORDS
from qingyuan.showing import refusals
from qingyuan.showing.wording import enumerated

View = Callable[..., Any]


EVERYONE = frozenset(Role)


AUTHORITY = EVERYONE - {Role.ENTERPRISE}


OFFICE = AUTHORITY - {Role.GRID_WORKER, Role.DEPARTMENT_HANDLER}


TAKES_EVIDENCE = frozenset({Role.ANALYST, Role.ENFORCEMENT_OFFICER, Role.SUPERVISOR})


ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})


IMPORTERS = frozenset(MAY_IMPORT)


PAPER_KEEPERS = frozenset(MAY_KEEP_PAPERS)


SPOT_BRINGERS = frozenset(MAY_BRING_SPOTS)


RECORD_BRINGERS = frozenset({*MAY_BRING_RECORDS, Role.DEPARTMENT_HANDLER})  # these for the own department


FORETELLERS = frozenset(MAY_BRING_FORECASTS)


CAMERA_KEEPERS = frozenset(MAY_KEEP_CAMERAS)


FOOTAGE_FILERS = frozenset(MAY_FILE_FOOTAGE)


FLYERS = frozenset(MAY_FLY)


ZONE_DRAWERS = frozenset(MAY_DRAW_ZONES)


LIVE_WATCHERS = frozenset(MAY_SEE_LIVE)


DECLARERS = frozenset(MAY_DECLARE_WARNINGS)


COMMANDERS = frozenset({Role.ADMINISTRATOR, Role.ENFORCEMENT_OFFICER})


GRADERS = frozenset(MAY_GRADE)


ANSWERERS = frozenset(MAY_ANSWER)


SOURCE_KEEPERS = frozenset(MAY_KEEP_SOURCES)


def page(route: str, view: View, name: str, allowed: Collection[Role] = EVERYONE) -> URLPattern:
    """A page for people: the roles that may open it, and every refusal told as a page."""
    return path(route, _guarded(view, allowed, refusals.as_page), name=name)


def data(route: str, view: View, name: str, allowed: Collection[Role] = EVERYONE) -> URLPattern:
    """An address that answers JSON: the roles that may read it, and every refusal told as JSON."""
    return path(route, _guarded(view, allowed, refusals.as_json), name=name)


def may_open(user: User, allowed: Collection[Role]) -> bool:
    """Whether the role of a person is among those allowed."""
    return user.role in allowed


def _guarded(view: View, allowed: Collection[Role], told: refusals.Telling) -> View:
    if iscoroutinefunction(view):

        @wraps(view)
        async def wrapped_async(request: HttpRequest, **values: Any) -> HttpResponseBase:
            try:
                _require(await request.auser(), allowed)
                return await view(request, **values)  # type: ignore[no-any-return]
            except refusals.KNOWN as error:
                return told(request, error)

        return _opened_by(wrapped_async, allowed)

    @wraps(view)
    def wrapped(request: HttpRequest, **values: Any) -> HttpResponseBase:
        try:
            _require(request.user, allowed)
            return view(request, **values)  # type: ignore[no-any-return]
        except refusals.KNOWN as error:
            return told(request, error)

    return _opened_by(wrapped, allowed)


def _opened_by(view: View, allowed: Collection[Role]) -> View:
    """Note on a view who may open it, for those who offer a way to it."""
    view.allowed = allowed  # type: ignore[attr-defined]
    return view


def _require(user: Any, allowed: Collection[Role]) -> None:
    if may_open(user, allowed):
        return
    own = Role(user.role).label if user.role in Role.values else _("none")
    others = enumerated(role.label for role in Role if role in allowed)
    raise Forbidden(_("Your role is %(role)s; this page is for: %(others)s.") % {"role": own, "others": others})
