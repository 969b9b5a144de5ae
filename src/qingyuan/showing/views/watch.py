"""The duty officer's live page, and the fragments by which it stays current."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.dispatching.queries import Case, cases
from qingyuan.judging.queries import Finding, FindingState, findings
from qingyuan.kit import clock
from qingyuan.kit import queries as log
from qingyuan.places.queries import Station, StationKind, stations
from qingyuan.recording.queries import latest_seq
from qingyuan.showing.logic import feed
from qingyuan.showing.logic.board import board, group_sizes
from qingyuan.showing.logic.paging import number_in, page_of
from qingyuan.showing.request import Request
from qingyuan.showing.states import states_of

STATIONS_PER_PAGE = 60
MOST_BATCHES = 200


def watch(request: Request) -> HttpResponse:
    """Every station with its newest values, what was found last, and how much is open."""
    seq, kept = log.last_seq(), latest_seq()
    listed = page_of(_asked(request), request.GET, STATIONS_PER_PAGE)
    seen, opened = findings(request.user), cases(request.user)
    groups, sizes = board(list(listed["page"]), clock.now()), group_sizes(stations(request.user))
    for group in groups:
        group.total = sizes[group.key]
    values = {
        "page_title": _("Watch"),
        "groups": groups,
        "kinds": _kinds(request),
        "feed": feed.newest(seen, opened),
        "figures": _figures(seen, opened),
        "seq": kept,
        "stream_url": f"{reverse('stream')}?after={seq}",
    }
    return render(request, "showing/watch.html", listed | values)


def values_of(request: Request) -> HttpResponse:
    """The cells that changed since the page (or its last refresh), as far as the newest readings have moved on."""
    seq = latest_seq()
    after = number_in(request.GET.get("after")) or 0
    told = log.lines(acts=["ReadingsAppended", "HoursComputed"], after=after).filter(seq__lte=seq)
    batches = told.values_list("detail", flat=True)[:MOST_BATCHES]
    changed = {span[0] for detail in batches for span in detail["spans"]}
    rows = [row for group in board(_shown(request), clock.now()) for row in group.rows]
    cells = [cell for row in rows for _column, channel, cell in row.cells if channel in changed and cell]
    return render(request, "showing/_watch_values.html", {"cells": cells, "rows": rows, "seq": seq})


def states(request: Request) -> HttpResponse:
    """The state of every station on the page, and the figures."""
    found = states_of([station.pk for station in _shown(request)], clock.now())
    values = {"states": found.items(), "figures": _figures(findings(request.user), cases(request.user))}
    return render(request, "showing/_watch_states.html", values)


def news(request: Request) -> HttpResponse:
    """What was found and opened last."""
    return render(
        request, "showing/_watch_news.html", {"feed": feed.newest(findings(request.user), cases(request.user))}
    )


def _asked(request: Request) -> Any:
    found = stations(request.user)
    kind = request.GET.get("kind")
    return found.filter(kind=kind) if kind in StationKind.values else found


def _shown(request: Request) -> list[Station]:
    return list(page_of(_asked(request), request.GET, STATIONS_PER_PAGE)["page"])


def _kinds(request: Request) -> list[dict[str, Any]]:
    """The kinds of which the viewer has stations, and the one that was chosen."""
    chosen = request.GET.get("kind") or ""
    present = {*stations(request.user).order_by().values_list("kind", flat=True).distinct(), chosen}
    kinds = [("", _("All")), *(one for one in StationKind.choices if one[0] in present)]
    return [{"value": value, "title": title, "chosen": value == chosen} for value, title in kinds]


def _figures(seen: QuerySet[Finding], opened: QuerySet[Case]) -> list[dict[str, Any]]:
    late = Count("tasks", filter=Q(tasks__done_at=None, tasks__due_at__lte=clock.now()))
    still_open = opened.filter(closed_at=None).annotate(late=late)
    counted = still_open.aggregate(open=Count("pk"), overdue=Count("pk", filter=Q(late__gt=0)))
    return [
        {
            "key": "findings",
            "title": _("Open findings"),
            "value": seen.filter(state=FindingState.OPEN).count(),
            "href": f"{reverse('findings')}?state=open",
        },
        {"key": "cases", "title": _("Open cases"), "value": counted["open"], "href": f"{reverse('cases')}?state=open"},
        {
            "key": "late",
            "title": _("Overdue"),
            "value": counted["overdue"],
            "href": f"{reverse('cases')}?state=overdue",
        },
    ]
