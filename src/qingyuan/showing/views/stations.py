"""One station: who it is, what binds it, its factors with chart and readings, how its device stands."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.judging.queries import Finding, FindingState, findings, limits_for_channel
from qingyuan.kit import clock
from qingyuan.kit.clock import SHANGHAI
from qingyuan.kit.errors import NotFound
from qingyuan.places.queries import (
    MAY_KEEP_PAPERS,
    Station,
    StationKind,
    classes_of,
    known_now,
    permits,
    reaches,
    standards_binding,
    stations,
)
from qingyuan.recording.queries import MAY_MARK, coverage, disagreements, latest, marks, windows
from qingyuan.sensing.queries import Channel, Device, cameras_of, channels
from qingyuan.showing.logic import timespans
from qingyuan.showing.logic.assurance import mark_words
from qingyuan.showing.logic.devices.failedchecks import failed_checks
from qingyuan.showing.logic.environment.newest import now_of
from qingyuan.showing.logic.factors import level_words, limit_words, mark_title, measured, over_words
from qingyuan.showing.logic.findingfile import outfall_facts
from qingyuan.showing.logic.forecasting.facilities import facilities_at
from qingyuan.showing.logic.forecasting.words import current, told
from qingyuan.showing.logic.papers.words import days_words
from qingyuan.showing.logic.sites.own import own_of
from qingyuan.showing.logic.timespans import Span
from qingyuan.showing.request import Request
from qingyuan.showing.rights import COMMANDERS, may_open
from qingyuan.showing.states import states_of
from qingyuan.showing.views.assurance.quality import disagreement_row
from qingyuan.showing.wording import listed
from qingyuan_science.series import Series
from qingyuan_science.standards import Limit

VIEWS = {"r": "r", "m": "mM", "t": "tT", "h": "hH", "d": "dD"}


MOST_ROWS = 200


ENOUGH_HOURS = 3


STALE_AFTER = timedelta(hours=2)


FAR_BACK = timedelta(days=20_000)


NEWEST = 5


OUTLETS = (StationKind.OUTLET_WATER, StationKind.OUTLET_GAS)


def station(request: Request, code: str) -> HttpResponse:
    """The station with one factor chosen; factor, kind of value and time range live in the URL."""
    found = stations(request.user).filter(code=code).first()
    if found is None:
        raise NotFound(_("There is no station %(code)s in your territory.") % {"code": code})
    now = clock.now()
    measures = list(channels(request.user).filter(station=found).order_by("factor", "-basis"))
    chosen = chosen_channel(measures, request)
    newest = _newest(chosen)
    ends = now if newest is None or now - newest < STALE_AFTER else newest + timedelta(seconds=1)
    span = timespans.asked(request.GET, ends, "24h")
    values = {
        "page_title": found.title,
        "crumbs": [{"title": _("Places"), "href": reverse("places")}],
        "station": found,
        "state": states_of([found.pk], now)[found.pk],
        "facts": _facts(request, found),
        "quality_now": now_of(request.user, found, now),
        "devices": Device.objects.filter(station=found).select_related("dialect"),
        "findings": findings(request.user).filter(station=found)[:NEWEST],
        "marks": [mark_words(one, request.user) for one in marks(request.user).filter(station=found)[:NEWEST]],
        "failed_checks": failed_checks(request.user, found, now) if found.kind in OUTLETS else [],
        "may_see_devices": may_open(request.user, COMMANDERS),
        "may_mark": request.user.role in MAY_MARK and found.kind in OUTLETS,
        "disagreements": [
            disagreement_row(one) for one in disagreements(request.user).filter(channel__station=found)[:NEWEST]
        ],
        "reaches": _reaches(request, found),
        "own": own_of(request.user, found, now),
        "facilities": facilities_at(request.user, found, now) if found.kind in OUTLETS else None,
        "may_keep": request.user.role in MAY_KEEP_PAPERS,
        "factors": [_tab(one, chosen) for one in measures],
        "ranges": _ranges(span),
        "stale_since": newest if ends != now else None,
        "stream_url": reverse("stream"),
    }
    if chosen is not None:
        values |= _factor_part(chosen, request, span, live=ends == now)
    return render(request, "showing/station.html", values)


def _reaches(request: Request, found: Station) -> list[dict[str, Any]] | None:
    """From where water comes to a station of a river; None for other kinds."""
    if found.kind != StationKind.SURFACE_WATER:
        return None
    held = known_now(reaches(request.user)).filter(station=found).order_by("upstream__code", "valid")
    return [{"row": one, "days": days_words(one.valid)} for one in held]


def chosen_channel(measures: list[Channel], request: Request) -> Channel | None:
    """The channel that an address names; else the one that is in question, or the first of which much is forbidden."""
    asked = (request.GET.get("factor"), request.GET.get("basis") or "measured")
    exact = next((one for one in measures if (one.factor, one.basis) == asked), None)
    return exact or _in_question(measures) or _first_with_limit(measures) or next(iter(measures), None)


def _in_question(measures: list[Channel]) -> Channel | None:
    """The factor of the newest open finding."""
    found = Finding.objects.filter(channel__in=measures, state=FindingState.OPEN).first()
    return next((one for one in measures if found is not None and one.pk == found.channel_id), None)


def _first_with_limit(measures: list[Channel]) -> Channel | None:
    """The first factor of which too much is forbidden; those with a range, such as pH, seldom are the question."""
    today = clock.now().astimezone(SHANGHAI).date()
    for one in measures:
        limits = limits_for_channel(one, "h", today)
        if limits and limits[0].low is None:
            return one
    return None


def _newest(channel: Channel | None) -> datetime | None:
    """When the newest value of a channel was measured, of whatever kind and however old."""
    if channel is None:
        return None
    found = [latest([channel.pk], kind, since=FAR_BACK).get(channel.pk) for kind in "rmh"]
    return max((one.at for one in found if one), default=None)


def _tab(channel: Channel, chosen: Channel | None) -> dict[str, Any]:
    return {"words": measured(channel), "factor": channel.factor, "basis": channel.basis, "chosen": channel == chosen}


def _ranges(span: Span) -> list[dict[str, Any]]:
    return [
        {"value": name, "title": title, "chosen": name == span.range}
        for name, (_length, title) in timespans.RANGES.items()
    ]


def _factor_part(channel: Channel, request: Request, span: Span, *, live: bool) -> dict[str, Any]:
    kind = _kind(channel, request, span)
    today = span.end.astimezone(SHANGHAI).date()
    limits = limits_for_channel(channel, kind, today)
    rows = rows_of(channel, kind, span, limits)
    query = f"factor={channel.factor}&basis={channel.basis}&kind={VIEWS[kind]}&{_span_query(span, live)}"
    return {
        "words": measured(channel),
        "kind": kind,
        "kinds": [{"value": value, "title": title, "chosen": value == kind} for value, title in _kind_titles().items()],
        "chart": {"url": f"{reverse('series', kwargs={'code': channel.station.code})}?{query}"},
        "limits": [limit_words(limit) for limit in limits],
        "forecast": _forecast(channel),
        "has_computed": len(VIEWS[kind]) > 1,
        "rows": rows,
        "elsewhere": [] if rows else _elsewhere(channel, kind, span),
        "most_rows": MOST_ROWS,
        "series_address": f"{reverse('series', kwargs={'code': channel.station.code})}?{query}",
    }


def _elsewhere(channel: Channel, kind: str, span: Span) -> list[dict[str, Any]]:
    """The other kinds of which there are values in a range."""
    counted = {
        view: max(coverage(channel.pk, letter, span.start, span.end) for letter in letters)
        for view, letters in VIEWS.items()
        if view != kind
    }
    titles = _kind_titles()
    return [{"value": view, "title": titles[view], "count": count} for view, count in counted.items() if count]


def _forecast(channel: Channel) -> dict[str, Any] | None:
    """What the newest forecast says of itself and of each hour; None where none is current."""
    found = current(channel, clock.now())
    return told(found) if found else None


def _kind_titles() -> dict[str, str]:
    return {"r": _("Real-time"), "m": _("Minutes"), "t": _("10 minutes"), "h": _("Hours"), "d": _("Days")}


def _kind(channel: Channel, request: Request, span: Span) -> str:
    """The kind asked for; else hours, or shorter values while there are hardly any hours; in any case what is there."""
    asked = request.GET.get("kind", "")
    if asked in VIEWS:
        return asked
    counted = {kind: coverage(channel.pk, kind, span.start, span.end) for kind in "hHrmdD"}
    if max(counted["h"], counted["H"]) >= ENOUGH_HOURS:
        return "h"
    return next((kind.lower() for kind in "rmhHdD" if counted[kind] > 0), "r")


def _span_query(span: Span, live: bool) -> str:
    if span.range and live:
        return f"range={span.range}"
    start, end = (at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for at in (span.start, span.end))
    return f"from={start}&to={end}"


def rows_of(channel: Channel, kind: str, span: Span, limits: tuple[Limit, ...]) -> list[dict[str, Any]]:
    """The readings, newest first; means as sent and as computed here stand side by side."""
    by_kind = {letter: windows([channel.pk], letter, span.start, span.end)[channel.pk] for letter in VIEWS[kind]}
    instants = sorted({int(at) for series in by_kind.values() for at in series.at[-MOST_ROWS:]}, reverse=True)
    return [
        {
            "at": datetime.fromtimestamp(us / 1e6, UTC),
            "cells": [_cell(channel, letter, _value_at(series, us), limits) for letter, series in by_kind.items()],
        }
        for us in instants[:MOST_ROWS]
    ]


def _value_at(series: Series, us: int) -> Series:
    first, after = np.searchsorted(series.at, [us, us + 1])
    return series.part(slice(int(first), int(after)))


def _cell(channel: Channel, kind: str, one: Series, limits: tuple[Limit, ...]) -> dict[str, Any]:
    """One value, or nothing where the series of one value is empty."""
    if not len(one):
        return {"missing": True}
    valid = bool(one.valid[0])
    value = float(one.value[0])
    return {
        "value": None if np.isnan(value) else value,
        "mark": "" if valid else mark_title(str(one.mark[0])),
        "over": over_words(limits, value, kind) if valid else "",
        "href": reverse("reading", kwargs={"channel": channel.pk, "kind": kind, "at": int(one.at[0]) // 1000}),
    }


def _permits(request: Request, found: Station) -> list[dict[str, Any]]:
    """The permits in force that state a limit or a total here."""
    today = clock.now().astimezone(SHANGHAI).date()
    held = known_now(permits(request.user)).filter(valid__contains=today)
    here = held.filter(Q(limits__station=found) | Q(totals__station=found)).distinct()
    return [
        {
            "label": _("Discharge permit"),
            "value": one.number,
            "href": reverse("enterprise", kwargs={"code": one.enterprise.code}) + "#permit",
        }
        for one in here
    ]


def _emissions(found: Station) -> list[dict[str, Any]]:
    """The way to what an outlet emitted."""
    if found.kind not in OUTLETS:
        return []
    href = reverse("emissions-outlet", kwargs={"code": found.code})
    return [{"label": _("Emissions"), "value": _("loads, months, trend"), "href": href}]


def _components(found: Station) -> list[dict[str, Any]]:
    """The way to what the air at a special station is made of."""
    if not found.purpose:
        return []
    href = reverse("component-station", kwargs={"code": found.code})
    return [{"label": _("Components"), "value": _("groups, species, wind"), "href": href}]


def _video(request: Request, found: Station) -> list[dict[str, Any]]:
    """The way to what its cameras filmed."""
    count = cameras_of(request.user, found).count()
    if not count:
        return []
    words = _("cameras: %(count)d") % {"count": count}
    return [{"label": _("Video"), "value": words, "href": reverse("station-video", kwargs={"code": found.code})}]


def _class(found: Station, today: date) -> list[dict[str, Any]]:
    """Of which class the point is."""
    held = classes_of([found], today).get(found.pk)
    return [{"label": _("Point class"), "value": str(held.label)}] if held else []


def _facts(request: Request, found: Station) -> list[dict[str, Any]]:
    today = clock.now().astimezone(SHANGHAI).date()
    owner = found.enterprise
    standards = listed(level_words(*binding) for binding in standards_binding(found.pk, today))
    on_map = f"{reverse('map')}#at=stations/{reverse('station', kwargs={'code': found.code})}"
    return [
        {"label": _("Code"), "value": found.code},
        {"label": _("Kind of station"), "value": found.kind_title},
        {
            "label": _("Enterprise"),
            "value": owner.title if owner else "",
            "href": reverse("enterprise", kwargs={"code": owner.code}) if owner else "",
        },
        *outfall_facts(request.user, found),
        *_class(found, today),
        {"label": _("Grid cell"), "value": found.cell.title, "note": found.cell.code},
        {"label": _("Standards in force"), "value": standards},
        *_permits(request, found),
        {"label": _("Position (WGS-84)"), "value": f"{found.lon:.5f}, {found.lat:.5f}", "href": on_map},
        *_emissions(found),
        *_components(found),
        *_video(request, found),
        {
            "label": _("Data quality"),
            "value": _("of today"),
            "href": reverse("quality-day", kwargs={"code": found.code, "day": today.isoformat()}),
        },
    ]
