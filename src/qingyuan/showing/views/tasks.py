"""What is mine to do, the most urgent first; and for a supervisor or a leader what was brought before them."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.dispatching.queries import escalated, tasks_of
from qingyuan.kit import clock
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.request import Request
from qingyuan.showing.standing import standing_of, state_of
from qingyuan.showing.wording import said


def tasks(request: Request) -> HttpResponse:
    """Open tasks as cards that a thumb can press."""
    return render(
        request, "showing/tasks.html", _shown(request) | {"page_title": _("Tasks"), "stream_url": reverse("stream")}
    )


def now(request: Request) -> HttpResponse:
    """The cards alone, for a page that stays open."""
    return render(request, "showing/_tasks.html", _shown(request))


def _shown(request: Request) -> dict[str, object]:
    listed = page_of(tasks_of(request.user), request.GET)
    cards = [{"task": task, "state": _state_title(task)} for task in listed["page"]]
    raised = [{"case": one, "standing": standing_of(one, clock.now())} for one in escalated(request.user)[:20]]
    return listed | {"cards": cards, "escalated": raised}


def _state_title(task: object) -> str:
    found = state_of(task.case)  # type: ignore[attr-defined]
    return said(found.title) if found else ""
