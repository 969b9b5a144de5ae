"""Watch rules: what is watched where, which rule holds at a station and where it comes from, and overrides."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan.judging.api import MAY_SET_RULES, end_override, end_watch, may_set_rules, set_override, set_watch
from qingyuan.judging.queries import (
    DETECTORS,
    EffectiveRule,
    Override,
    Watch,
    WatchKind,
    detector_title,
    effective_rules,
    overrides_within,
    watches,
    watches_within,
)
from qingyuan.judging.rules import in_force
from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput, Forbidden, NotFound
from qingyuan.places.queries import Station, stations
from qingyuan.sensing.queries import Channel, channels
from qingyuan.showing.logic.factors import measured
from qingyuan.showing.logic.judging.words import days_words, place_words, settings_words, specs_of
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.request import Request
from qingyuan.showing.views.acts import add_refusal
from qingyuan.showing.views.judging.forms import OverrideForm, Places, WatchForm, with_settings
from qingyuan.showing.wording import listed, named, said


def listing(request: Request) -> HttpResponse:
    """All rules, and the overrides of the viewer's places; of one station, if asked for, what holds there today."""
    asked = request.GET.get("station", "")
    station = _station(request, asked) if asked else None
    today = clock.now().astimezone(clock.SHANGHAI).date()
    own = set(watches_within(request.user).values_list("pk", flat=True))
    values = {
        "page_title": _("Watch rules"),
        "page_lead": _(
            "Which detector looks where. Of several rules for a detector the one of the narrowest place holds: outlet "
            "before enterprise before industry. Data are judged by the rule of their own day."
        ),
        "stations": stations(request.user).order_by("code"),
        "station": station,
        "effective": _effective(request, station) if station else [],
        "watches": sorted(
            (_watch_row(one) | {"now": in_force(one, today), "own": one.pk in own} for one in watches()),
            key=lambda row: row["detector"],
        ),
        "overrides": [_override_row(one) | {"now": in_force(one, today)} for one in overrides_within(request.user)],
        "may_set": request.user.role in MAY_SET_RULES,
    }
    return render(request, "showing/rules.html", values)


def override_form(request: Request) -> HttpResponse:
    """Ask which settings differ at a place, for how long and why."""
    may_set_rules(request.user)
    choices = with_settings()
    detector = request.POST.get("detector") or request.GET.get("detector") or "exceedance"
    if detector not in dict(choices):
        raise NotFound(_("There is no detector %(code)s with settings.") % {"code": detector})
    form = OverrideForm(detector, Places.of(request.user), request.POST if request.method == "POST" else None)
    form.initial = {"valid_from": clock.now().astimezone(clock.SHANGHAI).date(), **_given(request)}
    if form.is_valid():
        try:
            set_override(
                detector, parameters=form.settings(), reason=form.cleaned_data["reason"], user=request.user,
                days=(form.cleaned_data["valid_from"], form.cleaned_data["last_day"]), origin=origin_of(request),
                **form.place(),
            )  # fmt: skip
        except (BadInput, Forbidden) as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Set. Data of these days are judged with it from now on."))
            return _to_rules(form.cleaned_data["station"])
    values = {
        "page_title": _("Set an override"),
        "page_lead": _("Settings of %(detector)s that differ at a place for a time. What is left empty stays.")
        % {"detector": said(detector_title(detector))},
        "crumbs": [{"title": _("Watch rules"), "href": reverse("watch-rules")}],
        "form": form,
        "detectors": choices,
        "detector": detector,
        "draft": f"override-{detector}",
        "back": reverse("watch-rules"),
    }
    return render(request, "showing/override_form.html", values, status=422 if form.errors else 200)


def watch_form(request: Request) -> HttpResponse:
    """Ask which detector is to look where, with which settings and from when on."""
    may_set_rules(request.user)
    choices = [(one.code, said(one.title)) for one in DETECTORS]
    detector = request.POST.get("detector") or request.GET.get("detector") or "exceedance"
    if detector not in dict(choices):
        raise NotFound(_("There is no detector %(code)s.") % {"code": detector})
    form = WatchForm(detector, Places.of(request.user), request.POST if request.method == "POST" else None)
    today = clock.now().astimezone(clock.SHANGHAI).date()
    form.initial = {"valid_from": today, "looks": "yes", "kind": "h", **_given(request)}
    if form.is_valid():
        try:
            set_watch(
                detector, kind=form.cleaned_data["kind"], valid_from=form.cleaned_data["valid_from"],
                parameters=form.settings(), enabled=form.cleaned_data["looks"] == "yes", user=request.user,
                origin=origin_of(request), **form.place(),
            )  # fmt: skip
        except (BadInput, Forbidden) as error:
            add_refusal(form, error)
        else:
            begins = form.cleaned_data["valid_from"].isoformat()
            messages.success(request, _("In force from %(day)s.") % {"day": begins})
            return _to_rules(form.cleaned_data["station"])
    values = {
        "page_title": _("Set a rule"),
        "page_lead": _("Where %(detector)s looks, and with which settings. Of several rules the narrowest place holds.")
        % {"detector": said(detector_title(detector))},
        "crumbs": [{"title": _("Watch rules"), "href": reverse("watch-rules")}],
        "form": form,
        "detectors": choices,
        "detector": detector,
        "draft": f"watch-{detector}",
        "back": reverse("watch-rules"),
    }
    return render(request, "showing/override_form.html", values, status=422 if form.errors else 200)


@require_POST
def watch_end(request: Request, watch_id: int) -> HttpResponse:
    """Let a rule hold up to today and no longer."""
    today = clock.now().astimezone(clock.SHANGHAI).date()
    end_watch(watch_id, today, origin_of(request), user=request.user)
    messages.success(request, _("It ends with today."))
    return redirect("watch-rules")


@require_POST
def override_end(request: Request, override_id: int) -> HttpResponse:
    """Let an override hold up to today and no longer."""
    today = clock.now().astimezone(clock.SHANGHAI).date()
    end_override(override_id, today, request.user, origin_of(request))
    messages.success(request, _("It ends with today."))
    return redirect("watch-rules")


def _given(request: Request) -> dict[str, str]:
    return {name: request.GET.get(name, "") for name in ("station", "enterprise", "industry", "factor")}


def _to_rules(station: Station | None) -> HttpResponse:
    return redirect(f"{reverse('watch-rules')}?station={station.code}" if station else reverse("watch-rules"))


def _station(request: Request, code: str) -> Station:
    found = stations(request.user).filter(code=code).first()
    if found is None:
        raise NotFound(_("There is no station %(code)s in your territory.") % {"code": code})
    return found


def _effective(request: Request, station: Station) -> list[dict[str, Any]]:
    own = channels(request.user).filter(station=station).select_related("station__enterprise")
    today = clock.now().astimezone(clock.SHANGHAI).date()
    return [_effective_row(one) for one in effective_rules(own, today)]


def _effective_row(one: EffectiveRule) -> dict[str, Any]:
    rule, holding = one.rule, one.fitting[-1]
    overrides = rule.overrides if rule else ()
    return {
        "factor": _factor(one.channel),
        "factor_code": one.channel.factor,
        "may_differ": rule is not None and bool(specs_of(one.detector)),
        "detector": said(detector_title(one.detector)),
        "code": one.detector,
        "kind": WatchKind(one.kind).label,
        "looks": rule is not None,
        "from": place_words(holding),
        "wider": [place_words(watch) for watch in reversed(one.fitting[:-1])],
        "settings": settings_words(one.detector, rule.parameters) if rule else [],
        "overrides": [named(listed([place_words(row), days_words(row)]), row.reason) for row in overrides],
    }


def _factor(channel: Channel) -> str:
    return measured(channel).name


def _watch_row(one: Watch) -> dict[str, Any]:
    return {
        "id": one.pk,
        "detector": said(detector_title(one.detector)),
        "place": place_words(one),
        "kind": one.get_kind_display(),
        "settings": settings_words(one.detector, one.parameters),
        "days": days_words(one),
        "looks": one.enabled,
    }


def _override_row(one: Override) -> dict[str, Any]:
    return {
        "id": one.pk,
        "detector": said(detector_title(one.detector)),
        "place": place_words(one),
        "settings": settings_words(one.detector, one.parameters),
        "days": days_words(one),
        "reason": one.reason,
        "by": one.set_by.name if one.set_by else "",
    }
