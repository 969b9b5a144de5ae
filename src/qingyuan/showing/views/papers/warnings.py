"""Heavy-pollution warnings: all of them, and one with what it asks of whom."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.kit.errors import NotFound
from qingyuan.kit.log import about
from qingyuan.kit.queries import Entry
from qingyuan.places.queries import MAY_DECLARE_WARNINGS, PollutionWarning, cells, known_now, warnings_seen
from qingyuan.showing.logic.lines import as_timeline, for_people
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.logic.papers.response import response
from qingyuan.showing.logic.papers.words import span_words
from qingyuan.showing.request import Request


def listing(request: Request) -> HttpResponse:
    """Warnings over the viewer's territory, newest first."""
    listed = page_of(known_now(warnings_seen(request.user)), request.GET)
    values = {
        "page_title": _("Heavy-pollution warnings"),
        "page_lead": _("A warning asks of every enterprise below its area with a plan what that plan pledges."),
        "rows": [_row(one) for one in listed["page"]],
        "may_declare": request.user.role in MAY_DECLARE_WARNINGS,
    }
    return render(request, "showing/warnings.html", listed | values)


def record(request: Request, warning_id: int) -> HttpResponse:
    """One warning: whom it binds to cut what, and for each whether electricity says that it did."""
    found = known_now(warnings_seen(request.user)).filter(pk=warning_id).first()
    if found is None:
        raise NotFound(_("There is no current warning %(id)s over your territory.") % {"id": warning_id})
    now = clock.now()
    own = cells(request.user).filter(pk=found.cell_id).exists()
    answered = response(request.user, found, now)
    counts = {kind: sum(one.kind == kind for one in answered.answers) for kind in ("good", "bad", "warning", "waiting")}
    row = _row(found)
    values = {
        "page_title": _("%(level)s warning %(number)s") % {"level": row["level"], "number": found.number},
        "crumbs": [{"title": _("Heavy-pollution warnings"), "href": reverse("warnings")}],
        "warning": found,
        "facts": [
            {"label": _("Level"), "value": row["level"]},
            {"label": _("Area"), "value": found.cell.title, "note": found.cell.code},
            {"label": _("Valid"), "value": row["span"]},
            {"label": _("Known since"), "value": f"{found.known.lower.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"},
        ],
        "answers": answered.answers,
        "without_plan": answered.without_plan,
        "counts": counts,
        "may_change": own and request.user.role in MAY_DECLARE_WARNINGS,
        "timeline": as_timeline(for_people(_history(request, found))),
    }
    return render(request, "showing/warning.html", values)


def _history(request: Request, found: PollutionWarning) -> list[Entry]:
    """The lines of every edition of a warning."""
    editions = warnings_seen(request.user).filter(number=found.number, cell=found.cell_id)
    return [line for pk in editions.values_list("pk", flat=True) for line in about(f"warning/{pk}")]


def _row(one: PollutionWarning) -> dict[str, Any]:
    now = clock.now()
    begun, over = one.valid.lower <= now, one.valid.upper is not None and one.valid.upper <= now
    state, kind = (_("Over"), "idle") if over else (_("In force"), "warning") if begun else (_("Ahead"), "waiting")
    return {
        "row": one,
        "level": one.get_level_display(),
        "span": span_words(one.valid),
        "state": state,
        "kind": kind,
    }
