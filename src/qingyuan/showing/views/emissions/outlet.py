"""What one outlet emitted of one pollutant: days, months, trend, and what stands in for gaps."""

import json
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.kit.errors import NotFound
from qingyuan.places.queries import Station, stations
from qingyuan.recording.queries import CARRIERS
from qingyuan.sensing.queries import Channel, channels
from qingyuan.showing.logic.emissions.listing import LOAD_SOURCE, Emitted, by_outlet
from qingyuan.showing.logic.emissions.outlet import Day, Month, days_of, loads_by_day, months_of, trend_of
from qingyuan.showing.logic.emissions.substitutes import PutIn, put_in
from qingyuan.showing.logic.emissions.sums import contents_of, flow_beside
from qingyuan.showing.logic.environment.asked import Look
from qingyuan.showing.logic.environment.hours import start_of
from qingyuan.showing.logic.environment.levels import clauses
from qingyuan.showing.logic.environment.sheets import Sheet
from qingyuan.showing.logic.factors import measured
from qingyuan.showing.request import Request
from qingyuan.showing.views.emissions.listing import row_of
from qingyuan_science.plugins import Source

MILLI = 1000
WHOLE = 0.999  # share of a day's running hours above which the chart shows it without a gap


def page(request: Request, code: str) -> HttpResponse:
    """The outlet with one pollutant and one period chosen; both live in the URL."""
    station, look = outlet_asked(request, code), Look.asked(request.user, request.GET)
    contents = contents_of(request.user, [station])
    chosen = chosen_content(contents, request)
    values: dict[str, Any] = {
        **look.controls(),
        "page_title": station.title,
        "page_lead": _("What this outlet emitted"),
        "crumbs": _crumbs(station, look),
        "station": station,
        "look": look,
        "period": look.period,
        "factors": [
            {"words": measured(one), "chosen": one == chosen, "href": look.address(area="", factor=one.factor)}
            for one in contents
        ],
    }
    values["filters"] = [one for one in values["filters"] if one["name"] != "area"]
    if chosen is not None:
        values |= _of_factor(request, chosen, look)
        for way in ("earlier", "later"):
            values[way] = values[way] and f"{values[way]}&factor={chosen.factor}"
    return render(request, "showing/emissions/outlet.html", values)


def table(request: Request, code: str) -> HttpResponse:
    """The days of the period to take away."""
    station, look = outlet_asked(request, code), Look.asked(request.user, request.GET)
    chosen = chosen_content(contents_of(request.user, [station]), request)
    if chosen is None:
        raise NotFound(_("Nothing is measured at %(code)s of which a mass can be made.") % {"code": code})
    flow, filled = _beside(request, chosen, look)
    words = measured(chosen)
    keys = [
        "day",
        "kilograms",
        "hours_known",
        "hours_stopped",
        "substituted_kilograms",
        "flow",
        "flow_hours",
        "concentration",
    ]
    heads = [
        _("Day"), _("Emitted, kg"), _("Hours known"), _("Hours stopped"), _("Substituted, kg"), _("Flow, m³"),
        _("Hours of flow known"), f"{words.short}, {words.unit}",
    ]  # fmt: skip
    lines = [
        [
            one.day,
            one.sums.amount,
            one.sums.hours,
            one.sums.stopped,
            one.put_in,
            one.volume,
            one.volume_hours,
            one.concentration,
        ]
        for one in reversed(days_of(chosen, flow, look.period, filled))
    ]
    name = f"emissions-{code}-{chosen.factor}-{look.period.title}".replace(" ", "-")
    told = Sheet(name, keys, heads, lines, {"outlet": code, "factor": chosen.factor}, _clauses(filled))
    return told.as_json() if request.GET.get("form") == "json" else told.taken_as(request.GET.get("form", ""))


def series(request: Request, code: str) -> HttpResponse:
    """The daily loads of a period as the chart draws them; days that are not wholly known are shaded."""
    station, look = outlet_asked(request, code), Look.asked(request.user, request.GET)
    chosen = chosen_content(contents_of(request.user, [station]), request)
    points: list[list[float | int | None]] = []
    windows: list[dict[str, Any]] = []
    title = station.title
    if chosen is not None:
        title = f"{station.title} {measured(chosen).short}"
        days, mass, known = loads_by_day(chosen, look.period.first, look.period.until)
        stamps = [int(start_of(day).timestamp() * MILLI) for day in days]
        points = [[at, None if value != value else value] for at, value in zip(stamps, mass.tolist(), strict=True)]
        windows = _gaps(stamps, known.tolist())
    answer = {
        "title": title, "unit": "kg/d", "decimals": 2, "limits": [], "windows": windows,
        "series": [{"name": _("Emitted in a day"), "points": points}],
    }  # fmt: skip
    return HttpResponse(json.dumps(answer, ensure_ascii=False), content_type="application/json")


def _gaps(stamps: list[int], known: list[float]) -> list[dict[str, Any]]:
    """Runs of days of which hours are missing."""
    found: list[dict[str, Any]] = []
    a_day = int(timedelta(days=1).total_seconds()) * MILLI
    for at, share in zip(stamps, known, strict=True):
        if share >= WHOLE:
            continue
        if found and found[-1]["to"] == at:
            found[-1]["to"] = at + a_day
        else:
            found.append({"from": at, "to": at + a_day, "title": _("not all hours known"), "kind": "invalid"})
    return found


def outlet_asked(request: Request, code: str) -> Station:
    """The outlet that an address names.

    Raises
    ------
    NotFound
        The viewer may see no such outlet.
    """
    found = stations(request.user).filter(code=code, kind__in=CARRIERS).select_related("enterprise").first()
    if found is None:
        raise NotFound(_("There is no outlet %(code)s in your territory.") % {"code": code})
    return found


def chosen_content(contents: list[Channel], request: Request) -> Channel | None:
    """The concentration that an address names, else the first."""
    asked = request.GET.get("factor")
    return next((one for one in contents if one.factor == asked), None) or next(iter(contents), None)


def _crumbs(station: Station, look: Look) -> list[dict[str, str]]:
    crumbs = [{"title": _("Emissions"), "href": reverse("emissions") + look.address()}]
    if station.enterprise:
        own = reverse("emissions-enterprise", kwargs={"code": station.enterprise.code})
        crumbs.append({"title": station.enterprise.title, "href": own + look.address(area="")})
    return crumbs


def _beside(request: Request, chosen: Channel, look: Look) -> tuple[Channel | None, PutIn]:
    flow = flow_beside(chosen, channels(request.user).filter(station=chosen.station_id))
    return flow, put_in([(chosen, flow)], look.period.first, look.period.until, look.period.today)[chosen.pk]


def _of_factor(request: Request, chosen: Channel, look: Look) -> dict[str, Any]:
    flow, filled = _beside(request, chosen, look)
    emitted = next(one for one in by_outlet(look, [chosen.station]) if one.factor == chosen.factor)
    days = days_of(chosen, flow, look.period, filled)
    query = look.address(area="", factor=chosen.factor)
    own = {"code": chosen.station.code}
    return {
        "words": measured(chosen),
        "flow": flow,
        "line": row_of(emitted, look),
        "before_address": look.address(area="", factor=chosen.factor, year=str(look.period.year - 1)),
        "emitted": emitted,
        "filled": filled,
        "substituted": float(filled.amounts.sum()),
        "accounted": _accounted(emitted, filled),
        "unit_left": _("h") if emitted.medium == "gas" else _("d"),
        "chart": {"url": reverse("emissions-series", kwargs=own) + query},
        "beside": _charts_beside(chosen, flow, look),
        "days": [_day(one, chosen) for one in days],
        "months": [_month(one, chosen, look) for one in months_of(chosen, look.period, filled)],
        "tested": trend_of(chosen, look.period.until),
        "clauses": _clauses(filled),
        "table_address": reverse("emissions-outlet-table", kwargs=own) + query,
    }


def _accounted(emitted: Emitted, filled: PutIn) -> float | None:
    added = float(filled.amounts.sum())
    return added or None if emitted.now.amount is None else emitted.now.amount + added


def _charts_beside(chosen: Channel, flow: Channel | None, look: Look) -> list[dict[str, Any]]:
    """The readings of flow and concentration of the same days, by the station's own charts."""
    if not look.period.days:
        return []
    span = _span(look.period.first, look.period.until)
    own = {"code": chosen.station.code}
    series_of, readings_of = reverse("series", kwargs=own), reverse("station", kwargs=own)
    several = [one for one in (chosen, flow) if one is not None]
    return [
        {
            "words": measured(one),
            "chart": {"url": f"{series_of}?factor={one.factor}&basis={one.basis}&kind=dD&{span}"},
            "href": f"{readings_of}?factor={one.factor}&basis={one.basis}&kind=d&{span}",
        }
        for one in several
    ]


def _span(first: date, last: date) -> str:
    return f"from={first.isoformat()}&to={(last + timedelta(days=1)).isoformat()}"


def _day(one: Day, chosen: Channel) -> dict[str, Any]:
    own = reverse("emissions-day", kwargs={"code": chosen.station.code, "day": one.day.isoformat()})
    return {"day": one, "href": f"{own}?factor={chosen.factor}"}


def _month(one: Month, chosen: Channel, look: Look) -> dict[str, Any]:
    return {
        "month": one,
        "href": look.address(area="", factor=chosen.factor, year=str(one.first.year), part=str(one.first.month)),
        "before_href": look.address(
            area="", factor=chosen.factor, year=str(one.first.year - 1), part=str(one.first.month)
        ),
    }


def _clauses(filled: PutIn) -> list[Source]:
    return clauses([LOAD_SOURCE, *filled.sources])
