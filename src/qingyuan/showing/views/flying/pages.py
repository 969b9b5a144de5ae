"""Patrol flights: the list, one with its map, pictures and what was seen, and the areas they fly over."""

from io import BytesIO
from typing import Any

from django.db.models import Count, Max, Q
from django.http import FileResponse, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from qingyuan.inspecting.errors import PhotoDamaged
from qingyuan.inspecting.queries import MAY_FLY, flight, flight_media, flights, photo_bytes
from qingyuan.kit.clock import SHANGHAI
from qingyuan.kit.errors import NotFound
from qingyuan.places.queries import MAY_DRAW_ZONES, ZoneKind, zones
from qingyuan.showing.logic.driving.drawing import described
from qingyuan.showing.logic.filters import Choice, chosen, words_in
from qingyuan.showing.logic.flying import looking
from qingyuan.showing.logic.flying.looking import FlightLook, address_of
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.request import Request
from qingyuan.showing.templatetags.showing import share
from qingyuan.showing.views.filming.footage import part_of
from qingyuan.showing.views.flying.forms import PicturesForm, SightingForm
from qingyuan.showing.views.maps import ATTRIBUTION, ZOOM, below
from qingyuan.showing.views.photos import FOR_A_YEAR, SMALL

NAMED = ("purpose", "pilot", "zone__title_zh", "zone__title_en", "station__title_zh", "station__code")


def listing(request: Request) -> HttpResponse:
    """Flights with what they covered and which findings came of them, the newest first."""
    every = flights(request.user)
    areas = [(one.code, one.title) for one in zones(request.user)]
    drones = {one.station.code: one.station.title for one in every.order_by("station_id").distinct("station_id")}
    choices = [
        Choice("kind", _("Kind of area"), ZoneKind.choices, "zone__kind"),
        Choice("zone", _("Area"), areas, "zone__code"),
        Choice("drone", _("Drone"), sorted(drones.items()), "station__code"),
    ]
    found, drawn = chosen(every, choices, request.GET)
    found = words_in(found, request.GET.get("q", ""), NAMED).annotate(
        filmed=Count("media", distinct=True),
        seen=Count("sightings", distinct=True),
        reported=Count("sightings", filter=Q(sightings__finding__isnull=False), distinct=True),
    )
    found = found.order_by("-starts_at", "-pk")  # what is counted loses the order of the table
    listed = page_of(found, request.GET)
    values = {
        "page_title": _("Patrol flights"),
        "page_lead": _("Drones over nature reserves, drinking-water sources and industrial parks."),
        "tab": "flights",
        "filters": drawn,
        "rows": [{"flight": one, "look": FlightLook(request.user, one)} for one in listed["page"]],
        "may_fly": request.user.role in MAY_FLY,
        "stream_url": reverse("stream"),
    }
    return render(request, "showing/flying/listing.html", listed | values)


def record(request: Request, flight_id: int) -> HttpResponse:
    """One flight."""
    return show(request, flight_id)


def show(request: Request, flight_id: int, *, pictures: Any = None, sighting: Any = None) -> HttpResponse:
    """The page of a flight, with a form that was refused."""
    look = FlightLook(request.user, flight(request.user, flight_id))
    one = look.flight
    may = request.user.role in MAY_FLY
    refused = bool((pictures and pictures.errors) or (sighting and sighting.errors))
    values = {
        "page_title": f"{one.zone.title} · {one.starts_at.astimezone(SHANGHAI):%m-%d %H:%M}",
        "crumbs": [{"title": _("Patrol flights"), "href": reverse("flights")}],
        "flight": one,
        "look": look,
        "facts": _facts(look),
        "rows": [{"placed": each, "form": _sighting(each) if may else None} for each in look.pictures],
        "may_fly": may,
        "form": (pictures or PicturesForm()) if may else None,
        "sighting": sighting,
        "map": _map(look),
        "stream_url": reverse("stream"),
    }
    return render(request, "showing/flying/flight.html", values, status=422 if refused else 200)


def _sighting(one: looking.Placed) -> SightingForm:
    start: dict[str, Any] = {"picture": one.media.pk, "at": one.media.taken_at}
    if one.lon is not None and one.lat is not None:
        start |= {"lon": round(one.lon, 6), "lat": round(one.lat, 6)}
    return SightingForm(initial=start, auto_id=f"id_{one.media.pk}_%s")


def _facts(look: FlightLook) -> list[dict[str, Any]]:
    one = look.flight
    covered = share(look.covered) if look.covered is not None else ""
    within = _("within %(metres)d m of its way") % {"metres": looking.SEEN_M}
    station = reverse("station", kwargs={"code": one.station.code})
    facts: list[dict[str, Any]] = [
        {"label": _("Area"), "value": one.zone.title, "note": one.zone.get_kind_display()},
        {"label": _("Purpose"), "value": one.purpose},
        {"label": _("Pilot"), "value": one.pilot},
        {
            "label": _("Drone"),
            "value": one.station.title,
            "href": station,
        },
        {"label": _("Flown"), "value": f"{look.metres / 1000:,.1f} km" if look.tracks else ""},
        {"label": _("Covered"), "value": covered, "note": within if covered else ""},
        {"label": _("Entered by"), "value": one.entered_by.name},
    ]
    for each in look.drives:
        href = reverse("drive", kwargs={"drive_id": each.pk})
        facts.append({"label": _("Readings on the way"), "value": each.station.title, "href": href})
    return [*facts, {"label": _("Notes"), "value": one.notes}] if one.notes else facts


def _map(look: FlightLook) -> dict[str, Any]:
    west, south, east, north = look.zone.bounds
    return {
        "layers_url": reverse("flight-layers", kwargs={"flight_id": look.flight.pk}),
        "zoom": ZOOM, "attribution": str(ATTRIBUTION), "bounds": [west, south, east, north],
        "center": [(west + east) / 2, (south + north) / 2],
    }  # fmt: skip


def layers(request: Request, flight_id: int) -> JsonResponse:
    """The layers of a flight's map; one of them with `show`."""
    look = FlightLook(request.user, flight(request.user, flight_id))
    if "show" in request.GET:
        return JsonResponse({"type": "FeatureCollection", "features": look.features(request.GET["show"])})
    own = [
        ("zone", _("Area"), "area", (looking.ZONE,)),
        ("way", _("Way flown"), "line", (looking.WAY,)),
        ("pictures", _("Photos and clips"), "station", (looking.PICTURE,)),
        ("seen", _("Seen"), "station", (looking.NOTED, looking.REPORTED)),
    ]
    group = _("Patrol flight")
    made = [
        described(code, title, group, symbol=symbol, legend=legend, url=address_of(look.flight, code))
        for code, title, symbol, legend in own
    ]
    return JsonResponse([*below(), *made], safe=False)


def picture(request: Request, media_id: int) -> HttpResponseBase:
    """The photo, byte for byte; of a clip the part that is asked for."""
    found = flight_media(request.user, media_id)
    if not found.path.exists():
        raise NotFound(_("The bytes of this picture are not there any more."))
    if found.is_clip:
        return part_of(request, found)
    answer = FileResponse(found.path.open("rb"), content_type=found.content_type)
    answer.headers["Cache-Control"] = FOR_A_YEAR
    answer.headers["ETag"] = f'"{found.sha256}"'
    return answer


def small(request: Request, media_id: int) -> HttpResponse:
    """A photo as a JPEG of at most 480 pixels, without what its header says of its maker."""
    found = flight_media(request.user, media_id)
    if found.is_clip:
        raise NotFound(_("A clip has no small picture."))
    try:
        content = photo_bytes(found)
    except PhotoDamaged as error:
        raise NotFound(_("The photo is not what was filed: %(why)s") % {"why": error}) from error
    with Image.open(BytesIO(content)) as image:
        turned = ImageOps.exif_transpose(image).convert("RGB")
        turned.thumbnail(SMALL)
        body = BytesIO()
        turned.save(body, "JPEG", quality=80)
    return HttpResponse(body.getvalue(), content_type="image/jpeg", headers={"Cache-Control": FOR_A_YEAR})


def areas(request: Request) -> HttpResponse:
    """The areas that are watched over, each with how often it was flown over, and when last."""
    listed = page_of(zones(request.user), request.GET)
    flown = {row["zone"]: row for row in _flown(request, [one.pk for one in listed["page"]])}
    values = {
        "page_title": _("Areas watched over"),
        "crumbs": [{"title": _("Patrol flights"), "href": reverse("flights")}],
        "tab": "zones",
        "rows": [{"zone": one, "flown": flown.get(one.pk)} for one in listed["page"]],
        "may_draw": request.user.role in MAY_DRAW_ZONES,
    }
    return render(request, "showing/flying/zones.html", listed | values)


def _flown(request: Request, ids: list[int]) -> Any:
    return (
        flights(request.user)
        .filter(zone__in=ids)
        .order_by()
        .values("zone")
        .annotate(count=Count("pk"), last=Max("starts_at"))
    )
