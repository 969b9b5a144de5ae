"""What is expected to pass its limit, the likeliest first; and what forecasts were worth."""

from datetime import timedelta
from typing import Any

from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.forecasting.queries import FORECASTERS, LeadScore, scores, standings
from qingyuan.kit import clock
from qingyuan.places.queries import StationKind
from qingyuan.showing.logic.filters import EVERY, Choice, drawn_choice, value_of, words_in
from qingyuan.showing.logic.forecasting.made import chosen_days
from qingyuan.showing.logic.forecasting.words import CURRENT_FOR, rows_of
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.request import Request
from qingyuan.showing.wording import said

TITLES = ("channel__station__title_zh", "channel__station__title_en", "channel__station__code", "channel__factor")
SOME = 0.05  # a smaller chance is not listed unless asked for
PER_PAGE = 50


def listing(request: Request) -> HttpResponse:
    """Channels by the chance that a limit is passed within 24 or 72 hours."""
    now = clock.now()
    choices = [
        Choice("within", _("Within"), [("24", _("24 hours")), ("72", _("72 hours"))], default="24"),
        Choice(
            "show", _("Show"),
            [("expected", _("Chance of 5 % or more")), ("none", _("Not forecast now"))], default="expected",
        ),
        Choice("kind", _("Kind of station"), StationKind.choices),
    ]  # fmt: skip
    within, show, kind = (value_of(one, request.GET) for one in choices)
    hours = 24 if within == "24" else 72
    every = standings(request.user)
    is_current = {"forecast__issued_at__gte": now - CURRENT_FOR}
    found = every if kind == EVERY else every.filter(channel__station__kind=kind)
    if show == "none":
        found = found.exclude(**is_current)
    elif show == "expected":
        found = found.filter(**is_current, **{f"chance_{hours}__gte": SOME})
    found = words_in(found, request.GET.get("q", ""), TITLES)
    found = found.order_by(F(f"chance_{hours}").desc(nulls_last=True), "channel__station__code", "channel")
    listed = page_of(found, request.GET, PER_PAGE)
    values: dict[str, Any] = {
        "page_title": _("Forecast and early warning"),
        "page_lead": _("Which limits are likely to be passed, by forecasts that were stored before the fact."),
        "tab": "expected",
        "filters": [drawn_choice(one, request.GET, offers_all=one.name != "within") for one in choices],
        "rows": rows_of(request.user, list(listed["page"]), hours, now),
        "hours": hours,
        "watched": every.count(),
        "current": every.filter(**is_current).count(),
        "stream_url": reverse("stream"),
    }
    return render(request, "showing/forecasting/listing.html", listed | values)


def scored(request: Request) -> HttpResponse:
    """Errors by hours ahead beside persistence and what is usual, and how often the interval held."""
    now = clock.now()
    choice, days = chosen_days(request.GET)
    found = scores(request.user, now - timedelta(days=days), now)
    values = {
        "page_title": _("What forecasts were worth"),
        "crumbs": [{"title": _("Forecast and early warning"), "href": reverse("forecasts")}],
        "tab": "scores",
        "filters": [drawn_choice(choice, request.GET, offers_all=False)],
        "rows": [_score_row(one, days) for one in found],
        "forecasters": [{"title": said(one.title), "version": one.version} for one in FORECASTERS],
    }
    return render(request, "showing/forecasting/scores.html", values)


def _score_row(one: LeadScore, days: int) -> dict[str, Any]:
    return {
        "lead": one.lead,
        "hours": f"{reverse('forecast-score-hours')}?days={days}&lead={one.lead}",
        "count": one.ours.count,
        "error": one.ours.error,
        "persistence": one.persistence.error,
        "usual": one.usual.error if one.usual else None,
        "skill": one.ours.skill(one.persistence),
        "skill_usual": one.ours_beside_usual.skill(one.usual) if one.usual and one.ours_beside_usual else None,
        "covered": one.ours.covered,
    }
