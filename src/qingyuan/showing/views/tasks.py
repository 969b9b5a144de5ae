"""What is mine to do, the most urgent first; and for a supervisor or a leader what was brought before them."""

from datetime import UTC, datetime

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.dispatching.queries import escalated, tasks_of
from qingyuan.kit import clock
from qingyuan.showing.logic.paging import number_in, page_of
from qingyuan.showing.request import Request
from qingyuan.showing.standing import standing_of, state_of
from qingyuan.showing.wording import said

_LAST = 4_102_444_800  # 2100
_MOST = 20


def tasks(request: Request) -> HttpResponse:
    """Open tasks as cards that a thumb can press."""
    return render(
        request, "showing/tasks.html", _shown(request) | {"page_title": _("Tasks"), "stream_url": reverse("stream")}
    )


def now(request: Request) -> HttpResponse:
    """The cards alone, for a page that stays open."""
    return render(request, "showing/_tasks.html", _shown(request))


def new(request: Request) -> HttpResponse:
    """Tasks that were given to the person since an instant [Unix s], for pages that are open but not seen."""
    since = datetime.fromtimestamp(min(number_in(request.GET.get("since")) or 0, _LAST), UTC)
    found = tasks_of(request.user).filter(opened_at__gte=since).order_by("-pk")[:_MOST]
    told = [
        {
            "id": task.pk,
            "title": task.case.title,
            "step": _state_title(task),
            "href": reverse("case", kwargs={"case_id": task.case_id}),
        }
        for task in found
    ]
    return JsonResponse({"tasks": told}, json_dumps_params={"ensure_ascii": False})


def _shown(request: Request) -> dict[str, object]:
    listed = page_of(tasks_of(request.user), request.GET)
    cards = [{"task": task, "state": _state_title(task)} for task in listed["page"]]
    raised = [{"case": one, "standing": standing_of(one, clock.now())} for one in escalated(request.user)[:20]]
    return listed | {"cards": cards, "escalated": raised}


def _state_title(task: object) -> str:
    found = state_of(task.case)  # type: ignore[attr-defined]
    return said(found.title) if found else ""
