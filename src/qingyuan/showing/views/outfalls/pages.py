"""River outfalls: the list, one with everything about it, and the list to take away."""

from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.dispatching.queries import cases
from qingyuan.judging.queries import FindingState, findings
from qingyuan.kit import clock
from qingyuan.people.queries import Role
from qingyuan.places.queries import (
    MAY_KEEP_PAPERS,
    GridCell,
    OutfallState,
    called,
    next_states,
    outfall,
    outfalls,
    watched_by,
    water_bodies,
)
from qingyuan.showing.logic.enforcing.narrowing import area_choice
from qingyuan.showing.logic.filters import EVERY, Choice, chosen, value_of
from qingyuan.showing.logic.outfalls.file import file_of
from qingyuan.showing.logic.outfalls.lights import lights_of
from qingyuan.showing.logic.outfalls.sheets import table_of
from qingyuan.showing.logic.outfalls.words import (
    class_words,
    code_facts,
    facts_of,
    state_words,
    water_facts,
    wide_classes,
)
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.request import Request
from qingyuan.showing.standing import standing_of

MOST_WORDS = 8
NEWEST = 10


def listing(request: Request) -> HttpResponse:
    """Outfalls with their light, class, state and water body."""
    found, filters = asked(request)
    listed = page_of(found, request.GET)
    rows = list(listed["page"])
    lights = lights_of(request.user, rows, clock.now())
    values = {
        "page_title": _("River outfalls"),
        "filters": filters,
        "figures": _counts(request),
        "rows": [
            {"row": one, "light": lights[one.pk], "class": class_words(one), "state": state_words(one.state)}
            for one in rows
        ],
        "may_keep": request.user.role in MAY_KEEP_PAPERS,
        "narrowed": any(request.GET.get(name) for name in ("q", "water", "class", "state", "area", "going")),
    }
    return render(request, "showing/outfalls/listing.html", listed | values)


def table(request: Request) -> HttpResponse:
    """The same to take away, under the titles by which it can be brought back."""
    found, _filters = asked(request)
    return table_of(found).taken_as(request.GET.get("form", ""))


def asked(request: Request) -> tuple[QuerySet[Any], list[dict[str, Any]]]:
    """The outfalls that the address asks for, and the filters."""
    wide = wide_classes()
    water = Choice("water", _("Water body"), [(one.code, one.title) for one in water_bodies()], "water__code")
    kind = Choice("class", _("Class of outfall"), [(key, title) for key, (title, _names) in wide.items()])
    state = Choice("state", _("State"), OutfallState.choices, "in_state")
    area = area_choice(request)
    going = Choice(
        "going", _("Going on"), (("case", _("Open case")), ("finding", _("Open finding")), ("quiet", _("Nothing open")))
    )
    found, filters = chosen(outfalls(request.user), (water, kind, state, area, going), request.GET)
    picked = value_of(kind, request.GET)
    if picked != EVERY:
        found = found.filter(kind__in=wide[picked][1])
    cell = value_of(area, request.GET)
    if cell != EVERY:
        path = GridCell.objects.filter(code=cell).values_list("path", flat=True).first() or ""
        found = found.filter(cell__path__startswith=path)
    found = _going_on(request, found, value_of(going, request.GET))
    for word in request.GET.get("q", "").split()[:MOST_WORDS]:
        found = found.filter(called(word))
    return found, filters


def _going_on(request: Request, found: QuerySet[Any], what: str) -> QuerySet[Any]:
    with_case = watched_by(cases(request.user).filter(closed_at=None).order_by().values("station"))
    with_finding = watched_by(findings(request.user).filter(state=FindingState.OPEN).order_by().values("station"))
    narrowed = {"case": with_case, "finding": with_finding, "quiet": ~with_case & ~with_finding}
    return found.filter(narrowed[what]) if what in narrowed else found


def _counts(request: Request) -> list[dict[str, Any]]:
    """How many there are of each of the widest classes."""
    counted = dict(outfalls(request.user).order_by().values_list("kind").annotate(Count("pk")))
    href = reverse("outfalls")
    every = {"key": "all", "title": _("Outfalls"), "value": sum(counted.values()), "href": href}
    return [every] + [
        {
            "key": key,
            "title": title,
            "value": sum(counted.get(name, 0) for name in names),
            "href": f"{href}?class={key}",
        }
        for key, (title, names) in wide_classes().items()
    ]


def record(request: Request, code: str) -> HttpResponse:
    """One outfall: identity, water, who discharges, what is measured, found and done."""
    row = outfall(request.user, code)
    now = clock.now()
    kept = file_of(request.user, row, now)
    today = now.astimezone(clock.SHANGHAI).date()
    values = {
        "page_title": row.title,
        "crumbs": [{"title": _("River outfalls"), "href": reverse("outfalls")}],
        "outfall": row,
        "file": kept,
        "light": kept.light,
        "state": state_words(row.state),
        "facts": facts_of(row, request.user, now),
        "code_facts": code_facts(row),
        "water_facts": water_facts(row),
        "dischargers": list(row.dischargers.select_related("enterprise")),
        "cases": [{"case": one, "standing": standing_of(one, now)} for one in kept.cases[:NEWEST]],
        "sees_cases": request.user.role != Role.ENTERPRISE,
        "may_keep": request.user.role in MAY_KEEP_PAPERS,
        "next": next_states(row.state),
        "holds": row.holds(today, now),
        "chart_props": {"url": kept.chart["url"]} if kept.chart else None,
        "newest": f":{NEWEST}",
        "stream_url": reverse("stream"),
    }
    return render(request, "showing/outfalls/outfall.html", values)
