"""The picture and the readings of a station on one axis of time."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.kit.errors import NotFound
from qingyuan.places.queries import Station, stations
from qingyuan.recording.queries import STEPS, coverage
from qingyuan.sensing.queries import (
    MAY_KEEP_CAMERAS,
    MAY_SEE_LIVE,
    Camera,
    Channel,
    Footage,
    cameras_of,
    channels,
    footage,
    footage_between,
    looks_now,
)
from qingyuan.showing.logic import charts, timespans
from qingyuan.showing.logic.factors import measured
from qingyuan.showing.logic.filming.axis import MOST_ITEMS, items_of, rows_of
from qingyuan.showing.logic.findingfile import utc
from qingyuan.showing.logic.timespans import Span
from qingyuan.showing.request import Request
from qingyuan.showing.views.stations import chosen_channel

MOST_CHANNELS = 12  # whose value at the instant is told
MOST_MEANS = 5  # columns of the list
KINDS = "rmMtThH"
LONG = timedelta(days=3)  # spans beyond it are drawn of hours
LEAD = timedelta(hours=1)  # before the span, so that the mean in whose period it begins is there
REAL_TIME_S = 30.0  # between real-time values, as HJ 212 asks for at least
MOST_LISTED = 200


def page(request: Request, code: str) -> HttpResponse:
    """Footage above, the chart below; without script the clips with their times and means."""
    station = _station(request, code)
    looking = list(cameras_of(request.user, station))
    newest = footage(request.user).filter(camera__in=looking, removed_at=None).order_by("-ends_at").first()
    span = timespans.asked(request.GET, clock.now(), "6h")
    measures = _measures(request, station)
    kind = _kind(measures, span)
    found = list(footage_between(request.user, station, span.start, span.end)[: MOST_ITEMS + 1])
    listed = rows_of(found[:MOST_ITEMS], measures[:MOST_MEANS], kind, span)
    values = {
        "page_title": _("%(station)s: video and readings") % {"station": station.title},
        "crumbs": [{"title": station.title, "href": reverse("station", kwargs={"code": code})}],
        "station": station,
        "cameras": [{"camera": one, "in_use": looks_now(one)} for one in looking],
        "ranges": [
            {"value": name, "title": title, "chosen": name == span.range}
            for name, (_length, title) in timespans.RANGES.items()
        ],
        "span": span,
        "found": bool(found),
        "newest": newest,
        "around_newest": _around(newest) if newest else "",
        "island": _island(request, station, measures, kinds=_drawn(kind, span), span=span),
        "means": [measured(one) for one in measures[:MOST_MEANS]],
        "kind_title": charts.kind_title(kind),
        "rows": listed[:MOST_LISTED],
        "more": len(listed) > MOST_LISTED or len(found) > MOST_ITEMS,
        "may_keep": request.user.role in MAY_KEEP_CAMERAS,
        "may_see_live": request.user.role in MAY_SEE_LIVE,
    }
    return render(request, "showing/filming/joined.html", values)


def data(request: Request, code: str) -> JsonResponse:
    """What the cameras of a station filmed in a span, as the island reads it."""
    station = _station(request, code)
    span = timespans.asked(request.GET, clock.now(), "6h")
    found = list(footage_between(request.user, station, span.start, span.end)[: MOST_ITEMS + 1])
    return JsonResponse({
        "from": round(span.start.timestamp() * 1000),
        "to": round(span.end.timestamp() * 1000),
        "cameras": [_camera(one) for one in cameras_of(request.user, station)],
        "footage": items_of(found[:MOST_ITEMS]),
        "more": len(found) > MOST_ITEMS,
    })  # fmt: skip


def _camera(one: Camera) -> dict[str, str]:
    return {"code": one.code, "title": one.title, "looks_at": one.get_looks_at_display()}


def _station(request: Request, code: str) -> Station:
    found = stations(request.user).filter(code=code).first()
    if found is None:
        raise NotFound(_("There is no station %(code)s in your territory.") % {"code": code})
    return found


def _measures(request: Request, station: Station) -> list[Channel]:
    """The channels of the station, first the one that is asked for or in question."""
    found = list(channels(request.user).filter(station=station).order_by("factor", "-basis"))
    first = chosen_channel(found, request)
    return sorted(found, key=lambda one: one != first)[:MOST_CHANNELS]


def _kind(measures: list[Channel], span: Span) -> str:
    """The kind of value that fills most of the span, the shortest of those that fill it alike."""
    kinds = KINDS if span.length <= LONG else KINDS[-2:]
    if not measures:
        return kinds[0]

    def filled(kind: str) -> float:
        count = coverage(measures[0].pk, kind, span.start, span.end)
        return round(min(1.0, count * (STEPS[kind] or REAL_TIME_S) / span.length.total_seconds()), 1)

    return max(kinds, key=filled)


def _drawn(kind: str, span: Span) -> str:
    """Real-time values come first where the span is short: they stand nearer to the instant than a mean does."""
    return kind if kind == "r" or span.length > LONG else f"r{kind}"


def _island(request: Request, station: Station, measures: list[Channel], *, kinds: str, span: Span) -> dict[str, Any]:
    asked = f"from={utc(span.start)}&to={utc(span.end)}"
    lead = f"from={utc(span.start - LEAD)}&to={utc(span.end)}"
    series = reverse("series", kwargs={"code": station.code})
    return {
        "footage": f"{reverse('station-footage', kwargs={'code': station.code})}?{asked}",
        "channels": [
            {
                "title": measured(one).name,
                "url": f"{series}?factor={one.factor}&basis={one.basis}&kind={kinds}&{lead}",
            }
            for one in measures
        ],
        "stands": [(STEPS[kind] or 0) * 1000 for kind in kinds],
        "at": request.GET.get("at", ""),
        "camera": request.GET.get("camera", ""),
    }


def _around(newest: Footage) -> str:
    start: datetime = newest.starts_at - timedelta(hours=1)
    return f"?from={utc(start)}&to={utc(newest.ends_at + timedelta(minutes=10))}"
