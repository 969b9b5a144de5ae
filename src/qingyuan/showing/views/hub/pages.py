"""The dispatch hub: the departments with what they deliver, the newest findings of all of them, and every source."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.kit import queries as log
from qingyuan.people.queries import Departments
from qingyuan.sensing.queries.records import standings
from qingyuan.showing.logic.filters import EVERY, Choice, drawn_choice, value_of
from qingyuan.showing.logic.hub.delivering import STATES, Delivering, delivering, slug_of, title_of
from qingyuan.showing.logic.hub.rows import LOOKED_BACK, Hub, hub_of, origins_of
from qingyuan.showing.logic.hub.stream import newest_lines
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.logic.records.words import TROUBLED, TROUBLES
from qingyuan.showing.request import Request
from qingyuan.showing.views.hub.packets import page_of_source

NAMED_SILENT = 3
DELIVERING = "delivering"  # in an address: the departments that deliver, alone


def page(request: Request) -> HttpResponse:
    """Every department, the ones of which data are missing first; below, what was found last."""
    seq, now = log.last_seq(), clock.now()
    hub = hub_of(request.user, now)
    values = {
        "page_title": _("Dispatch hub"),
        "page_lead": _("What every department delivers now, and what came of it."),
        "lines": newest_lines(request.user, hub.origins, now),
        "stream_url": f"{reverse('stream')}?after={seq}",
        **_standing(request, hub),
    }
    return render(request, "showing/hub/page.html", values)


def departments_now(request: Request) -> HttpResponse:
    """The departments anew."""
    return render(request, "showing/hub/_departments.html", _standing(request, hub_of(request.user, clock.now())))


def lines_now(request: Request) -> HttpResponse:
    """What was found last, anew."""
    lines = newest_lines(request.user, origins_of(request.user), clock.now())
    return render(request, "showing/hub/_lines.html", {"lines": lines})


def _standing(request: Request, hub: Hub) -> dict[str, Any]:
    every, lists = reverse("hub-sources"), standings(request.user, clock.now())
    only = request.GET.get("only") == DELIVERING
    return {
        "at": clock.now(),
        "hub": hub,
        "rows": [row for row in hub.rows if row.lines or not only],
        "only": DELIVERING if only else "",
        "days": LOOKED_BACK.days,
        "named": f":{NAMED_SILENT}",
        "figures": [
            {"key": "delivering", "title": _("Departments that deliver"), "value": hub.delivering,
             "href": f"{reverse('hub')}?only={DELIVERING}#hub-departments"},
            {"key": "sources", "title": _("Sources"), "value": hub.sources, "href": every},
            {"key": "missing", "title": _("Silent or in trouble"), "value": hub.missing,
             "href": f"{every}?state=missing"},
            {"key": "refused", "title": _("Refused or waiting, 24 h"), "value": hub.refused,
             "href": f"{every}?state=refused"},
            {"key": "lists", "title": _("Data lists silent or with rows refused"),
             "value": sum(one.state in TROUBLES for one in lists), "href": f"{reverse('records')}?state={TROUBLED}"},
            {"key": "overdue", "title": _("Overdue tasks"), "value": hub.overdue,
             "href": f"{reverse('cases')}?state=overdue"},
        ],
    }  # fmt: skip


def source_listing(request: Request) -> HttpResponse:
    """Every source of data, narrowed by department, kind and how it stands."""
    known, found = delivering(request.user, clock.now())
    choices = _choices(known, found)
    asked = {one.name: value_of(one, request.GET) for one in choices}
    words = request.GET.get("q", "").lower().split()
    shown = [one for one in found if _fits(one, asked, known) and _says(one, words)]
    listed = page_of(shown, request.GET)
    values = {
        "page_title": _("Sources of data"),
        "crumbs": [{"title": _("Dispatch hub"), "href": reverse("hub")}],
        "filters": [drawn_choice(one, request.GET) for one in choices],
        "rows": [_row(request, one, known) for one in listed["page"]],
    }
    return render(request, "showing/hub/sources.html", listed | values)


def _choices(known: Departments, found: list[Delivering]) -> list[Choice]:
    keys = sorted({one.source.department for one in found}, key=lambda key: slug_of(key, known))
    kinds = sorted({(one.source.kind, one.kind_title) for one in found})
    more = (("missing", _("Silent or in trouble")), ("refused", _("With something refused or waiting")))
    return [
        Choice("department", _("Source department"), [(slug_of(key, known), title_of(key, known)) for key in keys]),
        Choice("kind", _("Kind"), kinds),
        Choice("state", _("State"), [*more, *((key, title) for key, (title, _kind) in STATES.items())]),
    ]


def _fits(one: Delivering, asked: dict[str, str], known: Departments) -> bool:
    states = {one.key, *(["missing"] if one.is_missing else [])}
    states |= {"refused"} if one.intake.refused or one.intake.names else set()
    return (
        asked["department"] in {EVERY, slug_of(one.source.department, known)}
        and asked["kind"] in {EVERY, one.source.kind}
        and asked["state"] in {EVERY, *states}
    )


def _says(one: Delivering, words: list[str]) -> bool:
    said = f"{one.source.code} {one.source.title} {one.source.station_code}".lower()
    return all(word in said for word in words)


def _row(request: Request, one: Delivering, known: Departments) -> dict[str, Any]:
    came = reverse("hub-packets", kwargs={"sender": one.source.sender})
    return {
        "of": one,
        "department": title_of(one.source.department, known),
        "href": page_of_source(request, one.source),
        "came": came,
    }
