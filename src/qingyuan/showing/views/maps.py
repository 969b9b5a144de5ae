"""The map, its list of layers, and the features of each."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput, NotFound
from qingyuan.people.queries import User
from qingyuan.places.queries import cells
from qingyuan.showing.layers import LAYERS
from qingyuan.showing.logic.paging import number_in
from qingyuan.showing.map_layer import Area, View
from qingyuan.showing.request import Request
from qingyuan_science.plugins import PluginError

ZOOM = 11
SPANS = ((1, gettext_lazy("24 hours")), (7, gettext_lazy("7 days")), (30, gettext_lazy("30 days")))
USUAL_DAYS = 7
BELOW = ("towns", "rivers", "enterprises")
ATTRIBUTION = gettext_lazy("Places: Qingyuan")


def page(request: Request) -> HttpResponse:
    """The map over the viewer's territory."""
    bounds = _bounds(request.user)
    days = _days(request)
    props: dict[str, Any] = {
        "layers_url": f"{reverse('map-layers')}?days={days}",
        "zoom": ZOOM,
        "attribution": str(ATTRIBUTION),
    }
    if bounds is not None:
        west, south, east, north = bounds
        props |= {"bounds": [west, south, east, north], "center": [(west + east) / 2, (south + north) / 2]}
    values = {
        "page_title": _("Map"),
        "props": props,
        "has_grid": bounds is not None,
        "stream_url": reverse("stream"),
    }
    return render(request, "showing/map.html", values)


def _bounds(viewer: User) -> Area | None:
    boxes = list(cells(viewer).values_list("bounds", flat=True))
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return Area(min(west), min(south), max(east), max(north))


def layers(request: Request) -> HttpResponse:
    """Every layer with its legend, from the ground up."""
    days = _days(request)
    spans = [
        {"title": str(title), "href": f"{reverse('map')}?days={one}", "chosen": one == days} for one, title in SPANS
    ]
    answer = [
        layer().described(f"{reverse('map-layer', kwargs={'code': layer.code})}?days={days}", spans)
        for layer in _from_the_ground_up()
    ]
    return JsonResponse(answer, safe=False)


def _from_the_ground_up() -> list[Any]:
    """Areas first, points last; what is switched on by hand lies over what is always there."""
    order = ["area", "line", "point", "enterprise", "station", "case"]
    return sorted(LAYERS, key=lambda layer: (order.index(layer.symbol), not layer.visible))


def below() -> list[dict[str, Any]]:
    """The layers of the district that lie below what the map of another page shows."""
    return [LAYERS.get(code)().described(reverse("map-layer", kwargs={"code": code})) for code in BELOW]


def layer(request: Request, code: str) -> HttpResponse:
    """The features of one layer in the viewer's territory, as GeoJSON, narrowed by `bbox` and `days`."""
    try:
        chosen = LAYERS.get(code)()
    except PluginError as error:
        raise NotFound(str(error)) from error
    view = View(request.user, clock.now(), _area(request.GET.get("bbox", "")), _days(request))
    features = [feature.as_geojson() for feature in chosen.features(view)]
    return JsonResponse({"type": "FeatureCollection", "features": features})


def _days(request: Request) -> int:
    """How many days back the layers that have a time go."""
    given = number_in(request.GET.get("days"))
    return given if given in dict(SPANS) else USUAL_DAYS


def _area(text: str) -> Area | None:
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise BadInput(
            _("Found bbox “%(found)s”, expected west,south,east,north in degrees.") % {"found": text}, "bbox"
        ) from None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise BadInput(
            _("Found bbox “%(found)s”, expected west < east and south < north in degrees.") % {"found": text}, "bbox"
        )
    return Area(west, south, east, north)
