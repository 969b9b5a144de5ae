"""The tokens with which a person's programs read: issued by the person, shown once, withdrawn at any time."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan.kit.errors import BadInput
from qingyuan.people.api import issue_program_token, withdraw_program_token
from qingyuan.people.queries import program_tokens_of
from qingyuan.places.queries import stations
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.request import Request

STATIONS_NAMED = 20


def page(request: Request, **more: Any) -> HttpResponse:
    """My programs: the tokens that hold, and what can be read with them."""
    seen = stations(request.user).order_by("code")
    values = {
        "page_title": _("My programs"),
        "page_lead": _("A program reads with a token of yours what you may see, and can change nothing."),
        "tokens": program_tokens_of(request.user),
        "stations": list(seen[:STATIONS_NAMED]),
        "station_count": seen.count(),
        "sta_url": request.build_absolute_uri(reverse("sta")),
        "series_url": request.build_absolute_uri("/api/stations/CODE/series"),
        **more,
    }
    return render(request, "showing/programs.html", values, status=422 if more.get("error") else 200)


@require_POST
def issue(request: Request) -> HttpResponse:
    """A new token, shown this once."""
    title = request.POST.get("title", "")
    try:
        token = issue_program_token(request.user, title, origin_of(request))
    except BadInput as error:
        return page(request, error=str(error), given=title)
    answer = page(request, token=token)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@require_POST
def withdraw(request: Request, number: int) -> HttpResponse:
    """A token opens nothing any more."""
    withdraw_program_token(request.user, number, origin_of(request))
    messages.success(request, _("The token opens nothing any more."))
    return redirect("programs")
