"""Suspected problems that satellites saw, each with its spots and why it was made a clue, or was not; and all spots."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan.dispatching.queries import case_of_finding
from qingyuan.judging.api import MAY_ENTER, enter_problem
from qingyuan.judging.queries import (
    ProblemState,
    SuspectedProblem,
    excluded_places,
    problem,
    problem_of_spots,
    problems,
    spot_rules,
    spots_of_problem,
)
from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput
from qingyuan.kit.log import about
from qingyuan.people.queries import Role
from qingyuan.places.queries import person_answering_for
from qingyuan.sensing.queries import SpotKind, Sureness, spots
from qingyuan.showing.logic.filters import EVERY, Choice, chosen, value_of, words_in
from qingyuan.showing.logic.lines import as_timeline, for_people
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.request import Request

KINDS = {
    ProblemState.CLUE: "warning", ProblemState.UNSURE: "waiting", ProblemState.EXCLUDED: "idle",
    ProblemState.NO_RULE: "waiting", ProblemState.WITHDRAWN: "idle",
}  # fmt: skip


def _since() -> Choice:
    return Choice("days", _("Last seen"), ((1, _("24 hours")), (7, _("7 days")), (30, _("30 days"))), default="30")


def _narrowed(found: QuerySet[Any], request: Request, field: str) -> tuple[QuerySet[Any], list[dict[str, Any]]]:
    """By time, kind and confidence."""
    since = _since()
    found, drawn = chosen(
        found,
        [since, Choice("kind", _("Kind"), SpotKind.choices, "kind"),
         Choice("sureness", _("Confidence"), Sureness.choices, "sureness")],
        request.GET,
    )  # fmt: skip
    days = value_of(since, request.GET)
    if days != EVERY:
        found = found.filter(**{f"{field}__gte": clock.now() - timedelta(days=int(days))})
    return found, drawn


def listing(request: Request) -> HttpResponse:
    """Suspected problems in the viewer's territory, the latest first."""
    state = Choice("state", _("What became of it"), ProblemState.choices, "state")
    found, drawn = chosen(problems(request.user), [state], request.GET)
    found, more = _narrowed(found, request, "last_at")
    fields = ("cell__title_zh", "cell__title_en", "sentence_zh", "sentence_en")
    found = words_in(found, request.GET.get("q", ""), fields)
    listed = page_of(found, request.GET)
    values = {
        "page_title": _("Satellite"),
        "page_lead": _("What satellites saw, joined into suspected problems; each says why it is a clue or is not."),
        "tab": "problems",
        "filters": [*drawn, *more],
        "rows": [{"problem": one, "kind": KINDS[ProblemState(one.state)]} for one in listed["page"]],
        "stream_url": reverse("stream"),
    }
    return render(request, "showing/satellite/problems.html", listed | values)


def spot_listing(request: Request) -> HttpResponse:
    """Every spot in the viewer's territory, the newest first."""
    found, drawn = _narrowed(spots(request.user), request, "observed_at")
    found = words_in(found, request.GET.get("q", ""), ("cell__title_zh", "cell__title_en", "satellite", "instrument"))
    listed = page_of(found, request.GET)
    by_spot = problem_of_spots([one.pk for one in listed["page"]])
    values = {
        "page_title": _("Satellite spots"),
        "page_lead": _("Each pixel or polygon of a product, with the file and the row that say so."),
        "tab": "spots",
        "filters": drawn,
        "spot_rows": [{"spot": one, "problem": by_spot.get(one.pk)} for one in listed["page"]],
    }
    return render(request, "showing/satellite/spots.html", listed | values)


def rules(request: Request) -> HttpResponse:
    """By which rules spots are joined and become clues, and which places are excluded."""
    values = {
        "page_title": _("Rules for what satellites see"),
        "page_lead": _("How spots are joined, from how sure on they become clues, and where they never do."),
        "tab": "rules",
        "rules": spot_rules(),
        "places": excluded_places(),
        "may_set": request.user.role == Role.ADMINISTRATOR,
    }
    return render(request, "showing/satellite/rules.html", values)


def record(request: Request, problem_id: int) -> HttpResponse:
    """One suspected problem: what was seen, why it is a clue or is not, its spots, and what people did."""
    return _show(request, problem(request.user, problem_id))


def _show(request: Request, found: SuspectedProblem, refusal: str = "", why: str = "") -> HttpResponse:
    open_still = found.finding is None and found.state != ProblemState.WITHDRAWN
    worker = person_answering_for(found.cell, Role.GRID_WORKER)
    values = {
        "page_title": f"{found.get_kind_display()} {found.pk}",
        "crumbs": [{"title": _("Satellite"), "href": reverse("satellite")}],
        "problem": found,
        "state_kind": KINDS[ProblemState(found.state)],
        "spot_rows": [{"spot": one} for one in spots_of_problem(found)],
        "case": case_of_finding(request.user, found.finding.pk) if found.finding else None,
        "facts": [
            {"label": _("Grid cell"), "value": found.cell.title, "note": found.cell.code},
            {"label": _("Grid worker"), "value": worker.name if worker else ""},
            {"label": _("Position (WGS-84)"), "value": f"{found.lon:.5f}, {found.lat:.5f}"},
            {"label": _("Confidence"), "value": found.get_sureness_display()},
        ],
        "may_enter": open_still and request.user.role in MAY_ENTER,
        "error": refusal,
        "why": why,
        "timeline": as_timeline(for_people(about(f"suspected-problem/{found.pk}"))),
    }
    return render(request, "showing/satellite/problem.html", values, status=422 if refusal else 200)


@require_POST
def enter(request: Request, problem_id: int) -> HttpResponse:
    """Make it a clue though the rules left it out."""
    found, why = problem(request.user, problem_id), request.POST.get("why", "")
    try:
        clue = enter_problem(found.pk, request.user, why, origin_of(request))
    except BadInput as error:
        return _show(request, found, str(error), why)
    messages.success(request, _("Entered as finding %(id)s; it stands in the list of findings.") % {"id": clue.pk})
    return redirect("problem", problem_id=found.pk)
