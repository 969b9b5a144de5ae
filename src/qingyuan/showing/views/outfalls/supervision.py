"""Outfalls and their events as they stand at this moment; the page keeps itself current."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.dispatching.queries import cases
from qingyuan.judging.queries import findings
from qingyuan.kit import clock
from qingyuan.kit import queries as log
from qingyuan.places.queries import monitors_of
from qingyuan.showing.logic import feed
from qingyuan.showing.logic.board import Cell, cells_of, shown_channels
from qingyuan.showing.logic.factors import measured
from qingyuan.showing.logic.outfalls.lights import ORDER, TITLES, Light, lights_of
from qingyuan.showing.logic.outfalls.words import class_words
from qingyuan.showing.request import Request
from qingyuan.showing.views.outfalls.pages import asked
from qingyuan.showing.wording import said

MOST = 300
MOST_VALUES = 4


def page(request: Request) -> HttpResponse:
    """Every outfall, the worst first, with the reasons of its light, and the newest events."""
    seq = log.last_seq()
    _found, filters = asked(request)
    values = {
        "page_title": _("Outfalls now"),
        "crumbs": [{"title": _("River outfalls"), "href": reverse("outfalls")}],
        "filters": filters,
        "query": request.GET.urlencode(),
        "stream_url": f"{reverse('stream')}?after={seq}",
    }
    return render(request, "showing/outfalls/live.html", _standing(request) | _news(request) | values)


def now(request: Request) -> HttpResponse:
    """The outfalls anew."""
    return render(request, "showing/outfalls/_live_rows.html", _standing(request))


def news(request: Request) -> HttpResponse:
    """What was found and opened last at outfalls."""
    return render(request, "showing/_watch_news.html", _news(request))


def _standing(request: Request) -> dict[str, Any]:
    at = clock.now()
    found, _filters = asked(request)
    rows = list(found.prefetch_related(None))  # all of them, so that the worst come first and are counted
    lights = lights_of(request.user, rows, at)
    rows.sort(key=lambda one: (ORDER.index(lights[one.pk].key), one.outfall.code))
    shown = rows[:MOST]
    values = _values(shown, at)
    return {
        "at": at,
        "rows": [
            {"row": one, "light": lights[one.pk], "class": class_words(one), "values": values.get(one.pk, [])}
            for one in shown
        ],
        "lights": [
            {"key": key, "light": Light(key, ()), "title": said(TITLES[key]),
             "count": sum(lights[one.pk].key == key for one in rows)}
            for key in ORDER
        ],
        "most": MOST if len(rows) > MOST else None,
    }  # fmt: skip


def _values(rows: list[Any], at: Any) -> dict[int, list[tuple[Any, Cell]]]:
    """The newest values of each outfall, those that a limit binds first."""
    watching = monitors_of([one.pk for one in rows])
    by_station = shown_channels(sorted({pk for several in watching.values() for pk in several}))
    cells = cells_of([channel for several in by_station.values() for channel in several], at)
    found = {}
    for edition, stations in watching.items():
        held = [
            (measured(channel), cells[channel.pk])
            for pk in stations
            for channel in by_station[pk]
            if channel.pk in cells
        ]
        found[edition] = sorted(held, key=lambda one: (not one[1].over, not one[1].limit))[:MOST_VALUES]
    return found


def _news(request: Request) -> dict[str, Any]:
    found, _filters = asked(request)
    watching = monitors_of(list(found.values_list("pk", flat=True)))
    at = {pk for several in watching.values() for pk in several}
    seen, opened = findings(request.user).filter(station__in=at), cases(request.user).filter(station__in=at)
    return {"feed": feed.newest(seen, opened)}
