"""Trying a detector out before it is used: what it would have found, beside what turned out to be so."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan.judging.api import may_set_rules, set_watch, try_out
from qingyuan.judging.queries import detector_title
from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput
from qingyuan.kit.faults.sentences import in_words
from qingyuan.places.queries import stations
from qingyuan.sensing.queries import Channel, channels
from qingyuan.showing.logic.judging.comparing import compared
from qingyuan.showing.logic.judging.words import about_detector, settings_words
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.request import Request
from qingyuan.showing.views.acts import add_refusal
from qingyuan.showing.views.judging.forms import TrialForm
from qingyuan.showing.wording import said


def trial(request: Request) -> HttpResponse:
    """The form, and once a station is chosen what the detector would have found there."""
    may_set_rules(request.user)
    asked = "days" in request.GET and "show" not in request.GET  # the button that shows a detector's settings
    form = _form(request, request.GET if asked else None)
    values: dict[str, Any] = {
        "page_title": _("Try a detector"),
        "page_lead": _(
            "What a detector would have found in the last days with these settings, beside what people confirmed or "
            "refuted. Nothing is written until you put it into force."
        ),
        "crumbs": [{"title": _("Watch rules"), "href": reverse("watch-rules")}],
        "form": form,
        "about": about_detector(form["detector"].value()),
        "today": clock.now().astimezone(clock.SHANGHAI).date(),
    }
    if form.is_bound and form.is_valid():
        try:
            values |= _result(request, form)
        except BadInput as error:
            add_refusal(form, error)
    return render(request, "showing/trial.html", values, status=422 if form.is_bound and form.errors else 200)


@require_POST
def put_into_force(request: Request) -> HttpResponse:
    """Make what was tried a watch rule of the station, from a day on."""
    may_set_rules(request.user)
    form = _form(request, request.POST)
    try:
        begins = date.fromisoformat(request.POST.get("valid_from", ""))
    except ValueError:
        raise BadInput(_("Found no day, expected a form such as 2026-11-22."), "valid_from") from None
    if not form.is_valid():
        raise BadInput(form.errors.as_text())
    chosen = form.cleaned_data
    set_watch(
        chosen["detector"], kind=chosen["kind"], valid_from=begins, station=chosen["station"],
        factor=chosen["factor"], parameters=form.settings(), user=request.user, origin=origin_of(request),
    )  # fmt: skip
    messages.success(request, _("In force from %(day)s.") % {"day": begins.isoformat()})
    return redirect(f"{reverse('watch-rules')}?station={chosen['station'].code}")


def _form(request: Request, sent: Any) -> TrialForm:
    detector = (sent or request.GET).get("detector") or "exceedance"
    first = {
        "detector": detector, "station": request.GET.get("station", ""), "factor": request.GET.get("factor", ""),
        "kind": request.GET.get("kind", "h"), "days": request.GET.get("days", 30),
    }  # fmt: skip
    return TrialForm(detector, stations(request.user).order_by("code"), sent, initial=first)


def _result(request: Request, form: TrialForm) -> dict[str, Any]:
    chosen = form.cleaned_data
    own = _channels(request, chosen)
    end = clock.now()
    span = end - form.length, end
    trial = try_out(chosen["detector"], form.settings(), kind=chosen["kind"], channels=own, span=span)
    against = compared(trial, request.user, own, span)
    return {
        "tried": said(detector_title(chosen["detector"])),
        "settings": settings_words(chosen["detector"], form.settings()),
        "station": chosen["station"],
        "span": span,
        "rows": sorted(against.rows, key=lambda row: row["started_at"], reverse=True),
        "missed": against.missed,
        "counts": against.counts,
        "unjudged": sorted({in_words(reason) for _channel, reason in trial.unjudged}),
        "blind": len({channel.pk for channel, _reason in trial.unjudged}) >= len(own),
        "sent": [(name, value) for name, value in request.GET.items() if value],
    }


def _channels(request: Request, chosen: dict[str, Any]) -> list[Channel]:
    own = channels(request.user).filter(station=chosen["station"]).select_related("station__enterprise")
    found = list(own.filter(factor=chosen["factor"]) if chosen["factor"] else own)
    converted = {one.factor for one in found if one.basis == "converted"}
    return [one for one in found if one.basis == "converted" or one.factor not in converted]
