"""Construction-dust sites now, and the authority's own alarm thresholds; both to take away."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.places.queries import (
    MAY_KEEP_PAPERS,
    AlarmThreshold,
    SiteProject,
    Stage,
    Station,
    StationKind,
    cells,
    known_now,
    thresholds,
    thresholds_seen,
)
from qingyuan.sensing.queries import MEDIUM
from qingyuan.showing.logic.enforcing.narrowing import area_choice
from qingyuan.showing.logic.environment.sheets import Sheet
from qingyuan.showing.logic.factors import unit_of
from qingyuan.showing.logic.filters import EVERY, Choice, chosen, drawn_choice, value_of, words_in
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.logic.papers.words import days_words
from qingyuan.showing.logic.sites.standing import Site, alarming, quiet, sites, standing
from qingyuan.showing.request import Request
from qingyuan.showing.wording import said
from qingyuan_science.standards import StandardsError, find_factor

NAMED = ("code", "title_zh", "title_en", "cell__title_zh", "cell__title_en")
NO_PROJECT = "none"
AT_ONCE = 500  # sites of which the workbook is made in one go


def listing(request: Request) -> HttpResponse:
    """The sites of the territory with project, newest values, thresholds and alarms; those that alarm in front."""
    found, choices = _narrowed(request)
    listed = page_of(found, request.GET)
    today = clock.now().astimezone(clock.SHANGHAI).date()
    values = {
        "page_title": _("Building sites"),
        "page_lead": _(
            "Dust at construction sites beside the authority’s own alarm thresholds. They are no limits of a standard: "
            "what lies above one is an alarm, and proves no violation."
        ),
        "rows": standing(request.user, listed["page"].object_list, clock.now()),
        "filters": [drawn_choice(one, request.GET) for one in choices],
        "alarmed": alarming(sites(request.user)).count(),
        "has_thresholds": known_now(AlarmThreshold.objects.filter(valid__contains=today)).exists(),
        "tab": "sites",
        "stream_url": reverse("stream"),
        "table_address": f"{reverse('sites-table')}?{request.GET.urlencode()}",
    }
    return render(request, "showing/sites/listing.html", listed | values)


def table(request: Request) -> HttpResponse:
    """The same to take away."""
    found, _choices = _narrowed(request)
    heads = [
        _("Code"), _("Site"), _("Area"), _("Project"), _("Builder"), _("Stage"), _("Newest values"),
        _("Alarm thresholds"), _("Alarms"),
    ]  # fmt: skip
    keys = ["code", "name", "area", "project", "builder", "stage", "values", "thresholds", "alarms"]
    every, now = list(found), clock.now()
    rows = [
        _cells(one)
        for first in range(0, len(every), AT_ONCE)
        for one in standing(request.user, every[first : first + AT_ONCE], now)
    ]
    return Sheet("building-sites", keys, heads, rows).taken_as(request.GET.get("form", ""))


def _cells(one: Site) -> list[Any]:
    project = one.project
    values = (f"{each.words.name} {each.newest.value:g} {each.words.unit}" for each in one.values)
    return [
        one.station.code, one.station.title, one.station.cell.title, project.name if project else "",
        project.builder if project else "", project.get_stage_display() if project else "", "; ".join(values),
        "; ".join(one.told), len(one.alarms),
    ]  # fmt: skip


def _narrowed(request: Request) -> tuple[QuerySet[Station], list[Choice]]:
    stage = Choice("stage", _("Stage"), [*Stage.choices, (NO_PROJECT, _("No project entered"))])
    alarm = Choice("alarm", _("Alarm"), [("yes", _("Above a threshold now")), ("no", _("None"))])
    choices = [alarm, stage, area_choice(request)]
    alarmed, staged, area = (value_of(one, request.GET) for one in choices)
    found = sites(request.user)
    if alarmed != EVERY:
        found = alarming(found) if alarmed == "yes" else quiet(found)
    if staged != EVERY:
        today = clock.now().astimezone(clock.SHANGHAI).date()
        running = known_now(SiteProject.objects.filter(valid__contains=today))
        if staged == NO_PROJECT:
            found = found.exclude(pk__in=running.order_by().values("station"))
        else:
            found = found.filter(pk__in=running.filter(stage=staged).order_by().values("station"))
    if area != EVERY:
        path = cells(request.user).values_list("path", flat=True).get(code=area)
        found = found.filter(cell__path__startswith=path)
    return words_in(found, request.GET.get("q", ""), NAMED), choices


def threshold_listing(request: Request) -> HttpResponse:
    """The authority's own alarm thresholds that hold in the territory."""
    found, filters = chosen(
        known_now(thresholds_seen(request.user)),
        [Choice("kind", _("Kind of station"), StationKind.choices, "station_kind")],
        request.GET,
    )
    found = words_in(found, request.GET.get("q", ""), ("issued_by", "basis", "reason", "station__title_zh", "factor"))
    listed = page_of(found, request.GET)
    own = set(thresholds(request.user).filter(pk__in=[one.pk for one in listed["page"]]).values_list("pk", flat=True))
    now = clock.now()
    today = now.astimezone(clock.SHANGHAI).date()
    values = {
        "page_title": _("Alarm thresholds"),
        "page_lead": _(
            "What the authority set for itself, by kind, area and site. The narrowest that fits holds: a site before "
            "its area, an area before what lies around it; at one place the one for the stage before the one for all."
        ),
        "rows": [
            {"row": one, "factor": _factor(one), "unit": unit_of(one.unit), "days": days_words(one.valid),
             "holds": one.holds(today, now), "own": one.pk in own}
            for one in listed["page"]
        ],
        "filters": filters,
        "may_keep": request.user.role in MAY_KEEP_PAPERS,
        "tab": "thresholds",
    }  # fmt: skip
    return render(request, "showing/sites/thresholds.html", listed | values)


def _factor(one: AlarmThreshold) -> str:
    try:
        return said(find_factor(one.factor, medium=MEDIUM[one.station_kind]).short)
    except (StandardsError, ValueError, KeyError):
        return one.factor
