"""Key points in front of the duty officer: one with live video beside its live values, and all in one list and map."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.kit.errors import NotFound
from qingyuan.places.queries import cells
from qingyuan.showing.logic.driving.drawing import described
from qingyuan.showing.logic.enforcing.narrowing import area_choice
from qingyuan.showing.logic.filming.playing import let_play
from qingyuan.showing.logic.filming.points import (
    CLASSES,
    FILMED,
    LEGEND,
    STANDINGS,
    Point,
    features,
    key_points,
    points,
)
from qingyuan.showing.logic.filters import EVERY, Choice, drawn_choice, value_of, words_in
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.request import Request
from qingyuan.showing.views.maps import ATTRIBUTION, ZOOM, below

ON_A_PAGE = 30
PLAYERS = 4  # that begin by themselves beside the values; our own choice
NAMED = ("code", "title_zh", "title_en", "enterprise__title_zh", "enterprise__title_en")


def page(request: Request) -> HttpResponse:
    """The chosen point large, the list below it, and the map."""
    found, choices = _narrowed(request)
    listed = page_of(found, request.GET, ON_A_PAGE)
    shown = listed["page"].object_list
    chosen = _chosen(request, shown)
    values: dict[str, Any] = {
        "page_title": _("Key points"),
        "page_lead": _("Sources under control, drinking water and air stations: what they say, and who films them."),
        "crumbs": [{"title": _("Watch"), "href": reverse("watch")}],
        "filters": [drawn_choice(one, request.GET) for one in choices],
        "rows": shown,
        "counted": [(key, title, sum(one.standing == key for one in found)) for key, title in STANDINGS],
        "chosen": chosen,
        "starting": {one.camera.pk for one in [each for each in chosen.tiles if each.plays][:PLAYERS]}
        if chosen
        else (),
        "map": _map(request, found),
        "stream_url": reverse("stream"),
    }
    return let_play(render(request, "showing/points.html", listed | values), request.user)


def values_of(request: Request, code: str) -> HttpResponse:
    """The values of one point as they stand now."""
    return render(request, "showing/_point_values.html", {"chosen": _of(request, code)})


def layers(request: Request) -> JsonResponse:
    """The layers of the map; the points themselves with `points`."""
    found, _choices = _narrowed(request)
    if "points" in request.GET:
        return JsonResponse({"type": "FeatureCollection", "features": features(found)})
    address = f"{reverse('watch-points-layers')}?{request.GET.urlencode()}&points=1"
    own = described("points", _("Key points"), _("Monitoring"), symbol="station", legend=LEGEND, url=address)
    return JsonResponse([*below(), own], safe=False)


def _map(request: Request, found: list[Point]) -> dict[str, Any]:
    spots = [(one.station.lon, one.station.lat) for one in found]
    if not spots:
        return {}
    lons, lats = zip(*spots, strict=True)
    return {
        "layers_url": f"{reverse('watch-points-layers')}?{request.GET.urlencode()}",
        "zoom": ZOOM,
        "attribution": str(ATTRIBUTION),
        "bounds": [min(lons) - 0.01, min(lats) - 0.01, max(lons) + 0.01, max(lats) + 0.01],
        "center": [(min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2],
    }


def _narrowed(request: Request) -> tuple[list[Point], list[Choice]]:
    """The points that the address asks for; what stands above a limit in front."""
    choices = [
        Choice("class", _("Point class"), CLASSES),
        Choice("values", _("State of the values"), STANDINGS),
        Choice("video", _("Video"), FILMED),
        area_choice(request),
    ]
    wanted, standing, filmed, area = (value_of(one, request.GET) for one in choices)
    now = clock.now()
    narrowed = key_points(request.user, "" if wanted == EVERY else wanted, now)
    if area != EVERY:
        path = cells(request.user).values_list("path", flat=True).get(code=area)
        narrowed = narrowed.filter(cell__path__startswith=path)
    narrowed = words_in(narrowed, request.GET.get("q", ""), NAMED).select_related("enterprise", "cell")
    every = points(request.user, list(narrowed), now, secure=request.is_secure())
    order = [key for key, _title in STANDINGS]
    kept = [one for one in every if standing in (EVERY, one.standing) and filmed in (EVERY, one.filmed)]
    return sorted(kept, key=lambda one: (order.index(one.standing), one.station.code)), choices


def _chosen(request: Request, listed: Sequence[Point]) -> Point | None:
    """The point that the address names; else the first of the list that has the most to see."""
    if "point" in request.GET:
        return _of(request, request.GET["point"])
    seen = [key for key, _title in FILMED]
    return min(listed, key=lambda one: seen.index(one.filmed), default=None)


def _of(request: Request, code: str) -> Point:
    now = clock.now()
    one = key_points(request.user, "", now).filter(code=code).select_related("enterprise", "cell").first()
    if one is None:
        raise NotFound(_("There is no key point %(code)s in your territory.") % {"code": code})
    return points(request.user, [one], now, secure=request.is_secure())[0]
