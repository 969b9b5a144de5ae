"""Walls of cameras: of one enterprise, and of all in the territory; their newest pictures, or live ones."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.kit.errors import NotFound
from qingyuan.places.queries import Enterprise, PointClass, Station, cells, enterprises
from qingyuan.sensing.queries import MAY_KEEP_CAMERAS, Camera, LooksAt, cameras
from qingyuan.showing.logic.enforcing.narrowing import area_choice
from qingyuan.showing.logic.filming.playing import let_play
from qingyuan.showing.logic.filming.wall import Tile, cameras_at, of_point_class, tiles
from qingyuan.showing.logic.filters import EVERY, Choice, drawn_choice, value_of, words_in
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.request import Request

NAMED = (
    "code", "title_zh", "title_en", "station__code", "station__title_zh", "station__title_en",
    "station__enterprise__title_zh", "station__enterprise__title_en", "enterprise__title_zh", "enterprise__title_en",
    "gb_code",
)  # fmt: skip
ON_A_WALL = 24
LIVE_AT_ONCE = 9  # players in one page; our own choice


def of_all(request: Request) -> HttpResponse:
    """The cameras in use in the territory as a wall of their newest pictures."""
    found, choices = narrowed(request)
    today = clock.now().astimezone(clock.SHANGHAI).date()
    using = found.filter(Q(ended_on=None) | Q(ended_on__gt=today), valid_from__lte=today)
    listed = page_of(using, request.GET, ON_A_WALL)
    shown = tiles(request.user, listed["page"].object_list, clock.now(), secure=request.is_secure())
    values = {
        "page_title": _("Video wall"),
        "page_lead": _("The newest picture of every camera in use; live pictures stay with the media server."),
        "crumbs": [{"title": _("Video"), "href": reverse("cameras")}],
        "filters": [drawn_choice(one, request.GET) for one in choices],
        "tab": "wall",
        **_playing(request, shown),
    }
    return let_play(render(request, "showing/filming/wall.html", listed | values), request.user)


def of_enterprise(request: Request, code: str) -> HttpResponse:
    """All cameras of an enterprise side by side."""
    owner = _enterprise(request, code)
    shown = tiles(request.user, list(cameras_at(request.user, owner)), clock.now(), secure=request.is_secure())
    values: dict[str, Any] = {
        "page_title": _("%(enterprise)s: video") % {"enterprise": owner.title},
        "crumbs": [
            {"title": _("Video"), "href": reverse("cameras")},
            {"title": owner.title, "href": reverse("enterprise", kwargs={"code": owner.code})},
        ],
        "enterprise": owner,
        "may_keep": request.user.role in MAY_KEEP_CAMERAS,
        **_playing(request, shown),
    }
    return let_play(render(request, "showing/filming/enterprise.html", values), request.user)


def _playing(request: Request, shown: list[Tile]) -> dict[str, Any]:
    """The tiles, and which of them play by themselves: the first few, where `live` is asked for."""
    able = [one for one in shown if one.plays]
    live = "live" in request.GET
    return {
        "tiles": shown,
        "live": live,
        "playable": len(able),
        "at_once": LIVE_AT_ONCE,
        "starting": {one.camera.pk for one in able[:LIVE_AT_ONCE]} if live else set(),
    }


def _enterprise(request: Request, code: str) -> Enterprise:
    found = enterprises(request.user).filter(code=code).first()
    if found is None:
        raise NotFound(_("There is no enterprise %(code)s in your territory.") % {"code": code})
    return found


def narrowed(request: Request) -> tuple[QuerySet[Camera], list[Choice]]:
    """The cameras that the address asks for, in the order of their points, and the filters."""
    every = cameras(request.user)
    choices = [
        Choice("looks", _("Looks at"), LooksAt.choices),
        Choice("class", _("Point class"), PointClass.choices),
        area_choice(request),
        Choice("enterprise", _("Enterprise"), _owners(request, every)),
        Choice("point", _("Point"), _points(every)),
        Choice("infrared", _("Infrared"), [("yes", _("Yes")), ("no", _("No"))]),
    ]
    looks, point_class, area, owner, point, infrared = (value_of(one, request.GET) for one in choices)
    found = every
    if looks != EVERY:
        found = found.filter(looks_at=looks)
    if point_class != EVERY:
        found = of_point_class(found, point_class, clock.now())
    if area != EVERY:
        path = cells(request.user).values_list("path", flat=True).get(code=area)
        found = found.filter(Q(station__cell__path__startswith=path) | Q(enterprise__cell__path__startswith=path))
    if owner != EVERY:
        found = found.filter(Q(station__enterprise__code=owner) | Q(enterprise__code=owner))
    if point != EVERY:
        found = found.filter(station__code=point)
    if infrared != EVERY:
        found = found.filter(infrared=infrared == "yes")
    return words_in(found, request.GET.get("q", ""), NAMED).order_by("station__code", "code"), choices


def _owners(request: Request, every: QuerySet[Camera]) -> list[tuple[str, str]]:
    """Enterprises that have a camera."""
    pairs = every.order_by().values_list("station__enterprise", "enterprise")
    ids = {pk for pair in pairs for pk in pair if pk is not None}
    return [(one.code, one.title) for one in enterprises(request.user).filter(pk__in=ids)]


def _points(every: QuerySet[Camera]) -> list[tuple[str, str]]:
    """Stations that have a camera."""
    found: Iterable[Station] = Station.objects.filter(pk__in=every.order_by().values("station")).order_by("code")
    return [(one.code, one.title) for one in found]
