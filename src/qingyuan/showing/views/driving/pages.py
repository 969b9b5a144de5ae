"""Drives of mobile monitors: the list, one drive on the map and over time, its peaks, and several drives compared."""

from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.judging.queries import clues_seen
from qingyuan.kit import clock
from qingyuan.kit.clock import SHANGHAI
from qingyuan.kit.errors import BadInput, NotFound
from qingyuan.people.queries import User
from qingyuan.places.queries import cells_at
from qingyuan.recording.queries import Drive, drive, drives
from qingyuan.sensing.queries import Channel
from qingyuan.showing.logic.driving import drawing, taking
from qingyuan.showing.logic.driving.comparing import MOST, Compared
from qingyuan.showing.logic.driving.looking import DriveLook, PeakSeen
from qingyuan.showing.logic.factors import measured
from qingyuan.showing.logic.filters import EVERY, Choice, chosen, value_of, words_in
from qingyuan.showing.logic.paging import number_in, page_of
from qingyuan.showing.request import Request
from qingyuan.showing.views.maps import ATTRIBUTION, ZOOM, below
from qingyuan.showing.wayback import reading_address, readings_address
from qingyuan_science.series import moment
from qingyuan_science.standards.factors import POSITION

SAME_ROADS = timedelta(days=60)  # how far back drives over the same roads are offered
OFFERED = 12
SQUARES_SHOWN = 20


def listing(request: Request) -> HttpResponse:
    """Drives through the viewer's territory, the newest first."""
    whole = drives(request.user)
    vehicle, day, factor = _choices(whole)
    found, drawn = chosen(whole, [vehicle, day, factor], request.GET)
    asked = value_of(day, request.GET)
    if asked != EVERY:
        start = datetime.combine(date.fromisoformat(asked), time(), SHANGHAI)
        found = found.filter(starts_at__lt=start + timedelta(days=1), ends_at__gte=start)
    measuring = value_of(factor, request.GET)
    if measuring != EVERY:
        found = found.filter(station__in=Channel.objects.filter(factor=measuring).values("station"))
    found = words_in(found, request.GET.get("q", ""), ("station__title_zh", "station__title_en", "station__code"))
    listed = page_of(found, request.GET)
    now = clock.now()
    values = {
        "page_title": _("Mobile monitoring"),
        "page_lead": _("Drives of vehicles and flights of drones, cut out of where they were."),
        "tab": "drives",
        "filters": drawn,
        "rows": [
            {"drive": one, "running": one.is_running(now), "lasted": one.ends_at - one.starts_at,
             "stood": timedelta(seconds=round(one.stood_s))}
            for one in listed["page"]
        ],
        "stream_url": reverse("stream"),
    }  # fmt: skip
    return render(request, "showing/driving/listing.html", listed | values)


def _choices(whole: QuerySet[Drive]) -> tuple[Choice, Choice, Choice]:
    vehicles = {
        one.station.code: one.station.title for one in whole.order_by("station_id", "-pk").distinct("station_id")
    }
    began = whole.order_by("-starts_at").values_list("starts_at", flat=True)[:2000]
    days = sorted({one.astimezone(SHANGHAI).date() for one in began}, reverse=True)
    own = Channel.objects.filter(station__code__in=vehicles).exclude(factor__in=POSITION).select_related("station")
    factors = {one.factor: measured(one).short for one in own}
    return (
        Choice("vehicle", _("Vehicle or drone"), sorted(vehicles.items()), "station__code"),
        Choice("day", _("Day"), [(one.isoformat(), one.isoformat()) for one in days[:60]]),
        Choice("factor", _("Factor"), sorted(factors.items(), key=lambda one: one[1])),
    )


def look_of(request: Request, drive_id: int) -> DriveLook:
    """The drive as the address asks for it."""
    return DriveLook(request.user, drive(request.user, drive_id), request.GET.dict())


def record(request: Request, drive_id: int) -> HttpResponse:
    """One drive: the coloured track, the course over time, its peaks and who lay upwind."""
    return show(request, look_of(request, drive_id))


def show(request: Request, look: DriveLook, refusal: str = "") -> HttpResponse:
    """The page of a drive, with why something was refused."""
    one, words = look.drive, look.words
    keys = clues_seen("drive", one.pk)
    values: dict[str, Any] = {
        "page_title": one.station.title,
        "crumbs": [{"title": _("Mobile monitoring"), "href": reverse("drives")}],
        "drive": one,
        "look": look,
        "words": words,
        "running": look.is_running,
        "factors": [(of, measured(of)) for of in look.channels],
        "means": look.means(),
        "behind": _behind(look),
        "facts": _facts(look),
        "peaks": [_peak_row(look, peak, keys) for peak in look.peaks],
        "others": same_roads(request.user, one),
        "map": _map_props(look),
        "chart": {"url": reverse("drive-series", kwargs={"drive_id": one.pk}) + f"?{look.query}", "moves": "drive"},
        "sources": taking.SOURCES,
        "error": refusal,
        "stream_url": reverse("stream") if look.is_running else "",
    }
    return render(request, "showing/driving/drive.html", values, status=422 if refusal else 200)


def _map_props(look: DriveLook) -> dict[str, Any]:
    number = {"drive_id": look.drive.pk}
    west, south, east, north = look.drive.bounds
    return {
        "layers_url": reverse("drive-layers", kwargs=number) + f"?{look.query}",
        "moments_url": reverse("drive-moments", kwargs=number) + f"?{look.query}",
        "follows": "drive",
        "zoom": ZOOM,
        "attribution": str(ATTRIBUTION),
        "bounds": [west, south, east, north],
        "center": [(west + east) / 2, (south + north) / 2],
    }


def _facts(look: DriveLook) -> list[dict[str, Any]]:
    one, found = look.drive, look.driven
    refused = found.refused.outside + found.refused.jumped
    told = _("%(jumped)d too far from the one before, %(outside)d outside the globe") % {
        "jumped": found.refused.jumped, "outside": found.refused.outside,
    }  # fmt: skip
    station = reverse("station", kwargs={"code": one.station.code})
    facts = [
        {"label": _("Vehicle or drone"), "value": one.station.title, "href": station, "note": one.station.kind_title},
        {"label": _("Length"), "value": f"{one.metres / 1000:,.1f} km"},
        {"label": _("Positions"), "value": f"{len(found.track):,}"},
        {"label": _("Positions not believed"), "value": f"{refused:,}", "note": told if refused else ""},
        {"label": _("Grid cells crossed"), "value": ", ".join(cell.title for cell in one.cells.order_by("path"))},
    ]
    if found.hidden:
        hidden = {"label": _("Outside your territory"), "value": f"{found.hidden:,}", "note": _("positions, not shown")}
        facts.append(hidden)
    return facts


def _peak_row(look: DriveLook, one: PeakSeen, keys: dict[str, int]) -> dict[str, Any]:
    (cell,) = cells_at([(one.peak.lon, one.peak.lat)])
    return {"seen": one, "peak": one.peak, "cell": cell, "at": moment_of(one), "clue": keys.get(clue_key(look, one)),
            "href": reading_address(look.channel.pk, "r", moment_of(one)) if look.channel else "",
            "what": sentence(look, one, cell.title if cell else "")}  # fmt: skip


def _behind(look: DriveLook) -> dict[str, str]:
    """The way from the figures of a drive to its readings: to the largest, and to all of them."""
    found, one = look.placed, look.drive
    if look.channel is None or not len(found):
        return {}
    largest = moment(int(found.at[int(np.argmax(found.value))]))
    return {
        "all": readings_address(look.channel, "r", one.starts_at, one.ends_at + timedelta(seconds=1)),
        "largest": reading_address(look.channel.pk, "r", largest),
    }


def moment_of(one: PeakSeen) -> datetime:
    """When the top of a peak was measured."""
    return moment(one.peak.at)


def clue_key(look: DriveLook, one: PeakSeen) -> str:
    """What tells one peak of a drive from another."""
    return f"{look.channel.factor if look.channel else ''}@{one.peak.at}"


def sentence(look: DriveLook, one: PeakSeen, place: str) -> str:
    """What was found, as a clue says it; whoever enters it may change the words."""
    if look.words is None:
        return ""
    decimals, unit, peak = look.words.decimals, look.words.unit, one.peak
    told = {
        "vehicle": look.drive.station.title, "factor": look.words.short, "place": place, "lon": f"{peak.lon:.5f}",
        "lat": f"{peak.lat:.5f}", "value": f"{peak.value:,.{decimals}f} {unit}",
        "excess": f"{peak.excess:,.{decimals}f} {unit}", "metres": f"{peak.metres:,.0f}",
    }  # fmt: skip
    said = (
        _(
            "%(vehicle)s measured %(factor)s of %(value)s at %(place)s (%(lon)s, %(lat)s), %(excess)s above the"
            " background of the drive, over %(metres)s m of the way."
        )
        % told
    )
    if one.upwind and one.wind:
        firms = ", ".join(f"{each.enterprise.title} ({each.metres:,.0f} m)" for each in one.upwind[:3])
        wind = {"wind": one.wind.name, "speed": f"{one.wind.speed:.1f}", "firms": firms}
        said += " " + _("The wind came from %(wind)s at %(speed)s m/s; upwind lie: %(firms)s.") % wind
    return said


def same_roads(viewer: User, one: Drive) -> list[Drive]:
    """Other drives of late that may have gone over the same roads, the newest first."""
    near = drives(viewer).filter(bounds__meets=one.bounds, starts_at__gte=one.starts_at - SAME_ROADS).exclude(pk=one.pk)
    return list(near.order_by("-starts_at")[:OFFERED])


def layers(request: Request, drive_id: int) -> HttpResponse:
    """The layers of a drive's map."""
    return JsonResponse([*below(), *drawing.layers(look_of(request, drive_id))], safe=False)


def layer(request: Request, drive_id: int, code: str) -> HttpResponse:
    """What one of them shows."""
    found = drawing.features(look_of(request, drive_id), code)
    if found is None:
        raise NotFound(_("There is no layer %(code)s on a drive.") % {"code": code})
    return JsonResponse({"type": "FeatureCollection", "features": found})


def moments(request: Request, drive_id: int) -> HttpResponse:
    """When it was where."""
    return JsonResponse(drawing.moments(look_of(request, drive_id)), safe=False)


def series(request: Request, drive_id: int) -> HttpResponse:
    """Readings and background over time, for the chart."""
    return HttpResponse(drawing.chart(look_of(request, drive_id)), content_type="application/json")


def table(request: Request, drive_id: int) -> HttpResponse:
    """Every reading with its place, to take away."""
    look, form = look_of(request, drive_id), request.GET.get("form", "")
    if form == "geojson":
        return taking.geojson(look)
    return taking.sheet(look).as_json() if form == "json" else taking.sheet(look).taken_as(form)


def compare(request: Request) -> HttpResponse:
    """Several drives over the same roads, square by square."""
    found = _compared(request)
    first = found.looks[0]
    numbers = "&".join(f"drive={one.drive.pk}" for one in found.looks)
    boxes = list(zip(*(one.drive.bounds for one in found.looks), strict=True))
    bounds = [min(boxes[0]), min(boxes[1]), max(boxes[2]), max(boxes[3])]
    values = {
        "page_title": _("Drives compared"),
        "page_lead": _("Squares of 50 m: each pass once, weighted by the way, and the median of the passes."),
        "crumbs": [{"title": _("Mobile monitoring"), "href": reverse("drives")}],
        "found": found,
        "words": first.words,
        "factors": [(one, measured(one)) for one in first.channels],
        "channel": first.channel,
        "asked": [one.drive.pk for one in found.looks],
        "highest": [
            {"square": one, "lon": (one.west + one.east) / 2, "lat": (one.south + one.north) / 2,
             "means": [one.of_drive(number) for number in range(len(found.looks))]}
            for one in found.highest(SQUARES_SHOWN)
        ],
        "map": {
            "layers_url": f"{reverse('drives-compare-layers')}?{numbers}&{first.query}",
            "zoom": ZOOM, "attribution": str(ATTRIBUTION), "bounds": bounds,
            "center": [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2],
        },
        "sources": taking.SOURCES,
    }  # fmt: skip
    return render(request, "showing/driving/compare.html", values)


def compare_layers(request: Request) -> HttpResponse:
    """The layers of the map of compared drives; the squares themselves with `squares`."""
    found = _compared(request)
    if "squares" in request.GET:
        return JsonResponse({"type": "FeatureCollection", "features": found.features()})
    address = f"{reverse('drives-compare-layers')}?{request.GET.urlencode()}&squares=1"
    words = found.looks[0].words
    name = words.name if words else _("Squares")
    own = drawing.described(
        "squares", name, _("Drives"), symbol="area", legend=found.classes.legend("area"), url=address
    )
    return JsonResponse([*below(), {**own, "unlabelled": True}], safe=False)


def _compared(request: Request) -> Compared:
    numbers = [number for text in request.GET.getlist("drive") if (number := number_in(text)) is not None]
    if not numbers or len(set(numbers)) > MOST:
        wrong = {"most": MOST, "found": len(set(numbers))}
        raise BadInput(_("Found %(found)d drives to compare, expected 1 to %(most)d.") % wrong, "drive")
    asked = request.GET.dict()
    return Compared([DriveLook(request.user, drive(request.user, one), asked) for one in dict.fromkeys(numbers)])
