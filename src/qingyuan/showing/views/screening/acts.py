"""Running a screening, and entering what it listed as a clue or opening a case for it."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan.dispatching.api import open_case_by_hand
from qingyuan.judging.api import enter_screened_clue, start_screening
from qingyuan.judging.queries import screening_row
from qingyuan.showing.logic.origin import origin_of
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
    row = screening_row(request.user, row_id)
    with transaction.atomic():
        clue = row.clue or enter_screened_clue(row.pk, request.user, origin_of(request))
        opened = open_case_by_hand(clue.pk, request.user, origin_of(request))
    messages.success(request, _("Case %(number)s is open.") % {"number": opened.number})
    return redirect("case", case_id=opened.pk)
