"""What figures of our own forecasts are made of: one forecast with its inputs, and the hours behind a score."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.forecasting.queries import (
    FORECASTERS,
    LEADS,
    Forecast,
    Pair,
    forecast,
    forecaster_title,
    forecasts_of_issue,
    hash_holds,
    pairs,
)
from qingyuan.kit import clock
from qingyuan.kit.queries import lines
from qingyuan.showing.logic.factors import measured
from qingyuan.showing.logic.filters import EVERY, Choice, drawn_choice, value_of
from qingyuan.showing.logic.forecasting.made import came_hours, chosen_days, input_rows, means, pair_row
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.request import Request
from qingyuan.showing.wayback import reading_address
from qingyuan.showing.wording import said

PER_PAGE = 50
EVERY_HOUR, WITH_USUAL, INSIDE = "hours", "usual", "inside"


def hours(request: Request) -> HttpResponse:
    """The forecast hours that the scores of one lead are made of, each beside what came."""
    now = clock.now()
    choice, days = chosen_days(request.GET)
    lead = Choice("lead", _("Hours ahead"), [(one, f"{one} h") for one in LEADS], default=str(LEADS[0]))
    of = Choice(
        "of", _("Which hours"),
        [
            (EVERY_HOUR, _("Every hour that came")),
            (WITH_USUAL, _("Hours of which the usual was known")),
            (INSIDE, _("Hours within the interval")),
        ],
        default=EVERY_HOUR,
    )  # fmt: skip
    wanted, which = value_of(lead, request.GET), value_of(of, request.GET)
    every = pairs(request.user, now - timedelta(days=days), now, LEADS[0] if wanted == EVERY else int(wanted))
    found = _chosen(every, which)
    listed = page_of(found, request.GET, PER_PAGE)
    values: dict[str, Any] = {
        "page_title": _("Forecast hours beside what came"),
        "page_lead": _("Each hour counts once in the scores; its errors stand as a share of the mean that came."),
        "crumbs": [
            {"title": _("Forecast and early warning"), "href": reverse("forecasts")},
            {"title": _("What forecasts were worth"), "href": f"{reverse('forecast-scores')}?days={days}"},
        ],
        "filters": [drawn_choice(one, request.GET, offers_all=False) for one in (choice, lead, of)],
        "rows": [pair_row(one) for one in listed["page"]],
        "means": means(found),
        "of_all": len(every),
    }
    return render(request, "showing/forecasting/hours.html", listed | values)


def _chosen(every: list[Pair], which: str) -> list[Pair]:
    if which == WITH_USUAL:
        return [one for one in every if one.usual is not None]
    return [one for one in every if one.inside] if which == INSIDE else every


def record(request: Request, forecast_id: int) -> HttpResponse:
    """One forecast: the run that made it, each hour beside what came, and every reading that it was made of."""
    one = forecast(request.user, forecast_id)
    words = measured(one.channel)
    listed = page_of(input_rows(one), request.GET, PER_PAGE)
    station = reverse("station", kwargs={"code": one.channel.station.code})
    values: dict[str, Any] = {
        "page_title": f"{one.channel.station.title} · {words.name}",
        "page_lead": _("A forecast as it was stored before the hours came, and what it was made of."),
        "crumbs": [{"title": _("Forecast and early warning"), "href": reverse("forecasts")}],
        "one": one,
        "words": words,
        "newest_from": reading_address(one.channel_id, "h", one.rests_on),
        "facts": _facts(one, f"{station}?factor={one.channel.factor}&basis={one.channel.basis}&kind=h&range=3d"),
        "hours": came_hours(one),
        "inputs": listed["page"].object_list,
        "limits_of_forecaster": _validity(one),
    }
    return render(request, "showing/forecasting/forecast.html", listed | values)


def _facts(one: Forecast, station: str) -> list[dict[str, Any]]:
    line = lines(f"forecasts/{one.issue_id}", acts=("ForecastsIssued",)).first()
    holds = line is not None and hash_holds(one.issue_id, line.detail["sha256"])
    together = len(forecasts_of_issue(one.issue_id))
    return [
        {"label": _("Station"), "value": one.channel.station.title, "href": station},
        {"label": _("Run"), "value": one.issue_id, "note": _("%(count)d forecasts") % {"count": together}},
        {"label": _("Forecaster"), "value": said(forecaster_title(one.forecaster)), "note": one.version},
        {"label": _("How it came about"), "value": one.basis},
        {"label": _("Hash of the run"), "value": f"{one.issue.sha256[:16]}…", "note": _kept(holds=holds)},
    ]


def _kept(*, holds: bool) -> str:
    if holds:
        return _("what is stored still has the hash that its line of the log tells")
    return _("what is stored no longer has the hash that its line of the log tells")


def _validity(one: Forecast) -> str:
    """What the forecaster knows and what it does not, in its own words."""
    return next((said(each.validity) for each in FORECASTERS if each.code == one.forecaster), "")
