"""Lidars: their list, a day of one with heights over time, and one scan on the map with what stands out in it."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Max
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.judging.queries import clues_seen
from qingyuan.kit import clock
from qingyuan.kit.clock import SHANGHAI
from qingyuan.kit.errors import BadInput, NotFound
from qingyuan.places.queries import Station, StationKind, stations
from qingyuan.sensing.queries import ScanKind, packet_of_scan, scan, scans
from qingyuan.showing.logic.devices.packets import evidence_address
from qingyuan.showing.logic.driving.drawing import described
from qingyuan.showing.logic.lidars.heights import day_of, picture
from qingyuan.showing.logic.lidars.looking import HotspotSeen, ScanLook
from qingyuan.showing.map_layer import LegendEntry
from qingyuan.showing.request import Request
from qingyuan.showing.views.maps import ATTRIBUTION, ZOOM, below
from qingyuan_science.plugins import Text

HOT = LegendEntry("hot", "#b5161b", Text("高值区", "Hot spot"), "triangle")
MOST_PROFILES = 1500  # of a day; more than one a minute is not drawn


def listing(request: Request) -> HttpResponse:
    """The lidars of the viewer's territory, each with its newest scans."""
    own = stations(request.user).filter(kind=StationKind.LIDAR).order_by("code")
    last = {
        (row["station"], row["kind"]): row
        for row in scans(request.user)
        .order_by()
        .values("station", "kind")
        .annotate(at=Max("starts_at"), count=Count("pk"))
    }
    values = {
        "page_title": _("Lidars"),
        "page_lead": _("Scans of lidars: around them on the map, and heights over time of fixed beams."),
        "crumbs": [{"title": _("Mobile monitoring"), "href": reverse("drives")}],
        "tab": "lidars",
        "rows": [
            {"station": one, "plan": last.get((one.pk, ScanKind.PLAN)), "profile": last.get((one.pk, ScanKind.PROFILE))}
            for one in own
        ],
        "stream_url": reverse("stream"),
    }
    return render(request, "showing/lidars/listing.html", values)


def lidar(request: Request, code: str) -> HttpResponse:
    """A day of a lidar: heights over time of its fixed beam, and its scans around."""
    station = _station(request, code)
    own = scans(request.user).filter(station=station)
    newest = own.order_by("-starts_at").first()
    day = _day(request.GET.get("day", ""), day_of(newest.starts_at if newest else clock.now()))
    of_day = own.filter(starts_at__gte=day, starts_at__lt=day + timedelta(days=1)).order_by("starts_at")
    profiles = list(of_day.filter(kind=ScanKind.PROFILE).defer(None)[:MOST_PROFILES])
    around = list(of_day.filter(kind=ScanKind.PLAN))
    values: dict[str, Any] = {
        "page_title": station.title,
        "crumbs": _crumbs(),
        "station": station,
        "day": day,
        "earlier": (day - timedelta(days=1)).date().isoformat(),
        "later": (day + timedelta(days=1)).date().isoformat() if day_of(clock.now()) > day else "",
        "picture": picture(profiles, day, ScanLook(request.user, profiles[0], {}).decimals) if profiles else None,
        "quantity": profiles[0] if profiles else None,
        "profiles": profiles,
        "around": around,
        "newest": around[-1] if around else None,
        "stream_url": reverse("stream"),
    }
    return render(request, "showing/lidars/lidar.html", values)


def record(request: Request, scan_id: int) -> HttpResponse:
    """One scan around: on the map, and what stands out."""
    return show(request, ScanLook(request.user, scan(request.user, scan_id), request.GET.dict()))


def show(request: Request, look: ScanLook, refusal: str = "") -> HttpResponse:
    """The page of a scan, with why something was refused."""
    one = look.scan
    if one.kind != ScanKind.PLAN:
        raise NotFound(_("Scan %(id)s is of a fixed beam; its day is on the page of the lidar.") % {"id": one.pk})
    beside = scans(request.user).filter(station=one.station, kind=ScanKind.PLAN, quantity=one.quantity)
    clues = clues_seen("scan", one.pk)
    day = day_of(one.starts_at)
    values: dict[str, Any] = {
        "page_title": one.station.title,
        "crumbs": [
            *_crumbs(),
            {"title": one.station.title, "href": reverse("lidar", kwargs={"code": one.station.code})},
        ],
        "scan": one,
        "look": look,
        "earlier": beside.filter(starts_at__lt=one.starts_at).order_by("-starts_at").first(),
        "later": beside.filter(starts_at__gt=one.starts_at).order_by("starts_at").first(),
        "of_day": beside.filter(starts_at__gte=day, starts_at__lt=day + timedelta(days=1)).order_by("starts_at"),
        "hotspots": [
            {"seen": each, "spot": each.spot, "clue": clues.get(each.key), "what": sentence(look, each)}
            for each in look.hotspots
        ],
        "facts": _facts(look),
        "map": _map_props(look),
        "error": refusal,
    }
    return render(request, "showing/lidars/scan.html", values, status=422 if refusal else 200)


def evidence(request: Request, scan_id: int) -> HttpResponse:
    """The bytes that brought a scan."""
    return redirect(evidence_address(request.user, packet_of_scan(scan(request.user, scan_id))))


def _facts(look: ScanLook) -> list[dict[str, Any]]:
    one = look.scan
    return [
        {
            "label": _("Lidar"),
            "value": one.station.title,
            "href": reverse("station", kwargs={"code": one.station.code}),
        },
        {"label": _("Quantity"), "value": one.quantity_title, "note": one.unit},
        {"label": _("Rays"), "value": f"{one.rays:,}"},
        {"label": _("Distances a ray"), "value": f"{one.gates:,}"},
        {"label": _("Farthest distance"), "value": f"{one.reach_m / 1000:,.1f} km"},
        {"label": _("Elevation"), "value": f"{look.polar.elevation.min():.1f}° – {look.polar.elevation.max():.1f}°"},
        {"label": _("Position (WGS-84)"), "value": f"{one.lon:.5f}, {one.lat:.5f}"},
        {
            "label": _("File"),
            "value": one.name,
            "note": one.sha256[:12],
            "href": reverse("scan-evidence", kwargs={"scan_id": one.pk}),
        },
    ]


def _map_props(look: ScanLook) -> dict[str, Any]:
    one = look.scan
    corners = [look.polar.place(bearing, one.reach_m) for bearing in (0.0, 90.0, 180.0, 270.0)]
    north, east, south, west = float(corners[0][1]), float(corners[1][0]), float(corners[2][1]), float(corners[3][0])
    return {
        "layers_url": reverse("scan-layers", kwargs={"scan_id": one.pk}) + f"?{look.query}",
        "zoom": ZOOM, "attribution": str(ATTRIBUTION), "bounds": [west, south, east, north],
        "center": [one.lon, one.lat],
    }  # fmt: skip


def sentence(look: ScanLook, one: HotspotSeen) -> str:
    """What was found, as a clue says it; whoever enters it may change the words."""
    spot, unit = one.spot, look.scan.unit
    told = {
        "lidar": look.scan.station.title, "quantity": look.scan.quantity_title,
        "value": f"{spot.value:.3g} {unit}".strip(), "place": one.cell.title if one.cell else "",
        "lon": f"{spot.lon:.5f}", "lat": f"{spot.lat:.5f}", "threshold": f"{look.threshold:.3g}",
        "hectares": f"{spot.area / 10_000:.1f}",
    }  # fmt: skip
    said = (
        _(
            "%(lidar)s saw %(quantity)s up to %(value)s at %(place)s (%(lon)s, %(lat)s), above the threshold of"
            " %(threshold)s over %(hectares)s ha."
        )
        % told
    )
    if one.upwind and one.wind:
        firms = ", ".join(f"{each.enterprise.title} ({each.metres:,.0f} m)" for each in one.upwind[:3])
        wind = {"wind": one.wind.name, "speed": f"{one.wind.speed:.1f}", "firms": firms}
        said += " " + _("The wind came from %(wind)s at %(speed)s m/s; upwind lie: %(firms)s.") % wind
    return said


def layers(request: Request, scan_id: int) -> HttpResponse:
    """The layers of a scan's map."""
    look = ScanLook(request.user, scan(request.user, scan_id), request.GET.dict())
    group, title = _("Lidar"), look.scan.quantity_title
    polar = described(
        "scan", title, group, symbol="area", legend=look.classes.legend("area"), url=_layer_address(look, "scan")
    )
    hot = described(
        "hotspots", _("Hot spots"), group, symbol="station", legend=(HOT,), url=_layer_address(look, "hotspots")
    )
    return JsonResponse([*below(), {**polar, "unlabelled": True}, hot], safe=False)


def _layer_address(look: ScanLook, code: str) -> str:
    return reverse("scan-layer", kwargs={"scan_id": look.scan.pk, "code": code}) + f"?{look.query}"


def layer(request: Request, scan_id: int, code: str) -> HttpResponse:
    """What one of them shows."""
    found = ScanLook(request.user, scan(request.user, scan_id), request.GET.dict()).features(code)
    if found is None:
        raise NotFound(_("There is no layer %(code)s on a scan.") % {"code": code})
    return JsonResponse({"type": "FeatureCollection", "features": found})


def _station(request: Request, code: str) -> Station:
    found = stations(request.user).filter(code=code, kind=StationKind.LIDAR).first()
    if found is None:
        raise NotFound(_("There is no lidar %(code)s in your territory.") % {"code": code})
    return found


def _day(text: str, usual: datetime) -> datetime:
    if not text:
        return usual
    try:
        on = date.fromisoformat(text)
    except ValueError:
        raise BadInput(
            _("Found day “%(found)s”, expected one such as 2026-11-22.") % {"found": text[:20]}, "day"
        ) from None
    clock.check_day(on, "day")
    return datetime.combine(on, time(), SHANGHAI)


def _crumbs() -> list[dict[str, str]]:
    return [
        {"title": _("Mobile monitoring"), "href": reverse("drives")},
        {"title": _("Lidars"), "href": reverse("lidars")},
    ]
