"""Running a screening, and entering what it listed as a clue or opening a case for it."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan.dispatching.api import open_case_by_hand
from qingyuan.dispatching.queries import Case
from qingyuan.judging.api import enter_screened_clue, start_screening
from qingyuan.judging.queries import ScreeningRow, screening_row, screening_rows, screening_run
from qingyuan.kit.errors import BadInput, Refused
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.logic.paging import number_in
from qingyuan.showing.request import Request


@require_POST
def start(request: Request, screening_id: int) -> HttpResponse:
    """Let it run now, over the viewer's territory."""
    run = start_screening(screening_id, request.user, origin_of(request))
    return redirect("screened", run_id=run.pk)


@require_POST
def enter(request: Request, row_id: int) -> HttpResponse:
    """Enter what a row lists as a clue."""
    row = screening_row(request.user, row_id)
    found = enter_screened_clue(row.pk, request.user, origin_of(request))
    message = _("Entered as finding %(id)s; it stands in the list of findings.")
    messages.success(request, message % {"id": found.pk})
    return redirect("screened", run_id=row.run_id)


@require_POST
def open_case(request: Request, row_id: int) -> HttpResponse:
    """Open a case for what a row lists: for its clue, which is entered with it where it was not before."""
    opened = _opened(request, screening_row(request.user, row_id))
    messages.success(request, _("Case %(number)s is open.") % {"number": opened.number})
    return redirect("case", case_id=opened.pk)


@require_POST
def open_cases(request: Request, run_id: int) -> HttpResponse:
    """Open a case for each row that was chosen, all for one reason; what cannot have one is named with why."""
    run, why = screening_run(run_id), request.POST.get("why", "").strip()
    numbers = [number for text in request.POST.getlist("row") if (number := number_in(text)) is not None]
    rows = list(screening_rows(request.user).filter(run=run, pk__in=numbers).order_by("rank", "pk"))
    if not rows:
        raise BadInput(_("Choose at least one row of the list."), "row")
    if not why:
        raise BadInput(_("Say why these cases are opened."), "why")
    opened = list[str]()
    for row in rows:
        try:
            opened.append(_opened(request, row, why).number)
        except Refused as error:
            messages.error(request, f"{row.subject.title}: {error}")
    if opened:
        told = _("%(count)d cases are open: %(numbers)s")
        messages.success(request, told % {"count": len(opened), "numbers": ", ".join(opened)})
    return redirect("screened", run_id=run.pk)


@transaction.atomic
def _opened(request: Request, row: ScreeningRow, why: str = "") -> Case:
    clue = row.clue or enter_screened_clue(row.pk, request.user, origin_of(request))
    return open_case_by_hand(clue.pk, request.user, origin_of(request), why=why)
