"""Which enterprise a list means: questions with candidates and their evidence, decided by a person with a reason."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.kit.errors import BadInput
from qingyuan.places.queries import Enterprise, enterprises
from qingyuan.sensing.api.records import decide_firm
from qingyuan.sensing.queries.journals import JournalRow
from qingyuan.sensing.queries.namings import journal_rows_written_so
from qingyuan.sensing.queries.records import (
    Record,
    WrittenFirm,
    data_lists,
    records_named,
    records_written_so,
    written_firm,
    written_firms,
)
from qingyuan.showing.logic.filters import Choice, chosen, drawn_choice, value_of, words_in
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.logic.records.words import candidate_rows, heads, record_rows
from qingyuan.showing.request import Request

OPEN, DECIDED = "open", "decided"
NOBODY, OTHER = "none", "other"
SHOWN = 10


def questions(request: Request) -> HttpResponse:
    """Ways of writing an enterprise that nobody has decided yet, or those decided."""
    state = Choice("state", _("State"), ((OPEN, _("To be decided")), (DECIDED, _("Decided"))), default=OPEN)
    lists = Choice("list", _("Data list"), [(one.code, one.title) for one in data_lists(request.user)], "of__code")
    decided = value_of(state, request.GET) == DECIDED
    rows, drawn = chosen(written_firms(request.user, decided=decided), (lists,), request.GET)
    listed = page_of(words_in(rows, request.GET.get("q", ""), ("name", "code", "permit")), request.GET)
    shown = list(listed["page"])
    firms, counts = _firms(request, shown), records_named(shown)
    values = {
        "page_title": _("Enterprises to be decided"),
        "page_lead": _("Records that do not name their enterprise exactly. What you decide holds from then on."),
        "crumbs": [{"title": _("Department records"), "href": reverse("records")}],
        "filters": [drawn_choice(state, request.GET, offers_all=False), *drawn],
        "decided": decided,
        "rows": [
            {"of": one, "records": None if one.of.defined.journal else counts.get(one.pk, 0),
             "best": next(iter(candidate_rows(one.candidates, firms)), None)}
            for one in shown
        ],
    }  # fmt: skip
    return render(request, "showing/records/questions.html", listed | values)


def _firms(request: Request, shown: list[WrittenFirm]) -> dict[int, Enterprise]:
    wanted = {one["enterprise"] for each in shown for one in each.candidates}
    return {one.pk: one for one in enterprises(request.user).filter(pk__in=wanted)}


def question(request: Request, written_id: int) -> HttpResponse:
    """One way of writing an enterprise: who it may be and why, and the decision."""
    one, error = written_firm(request.user, written_id), ""
    if request.method == "POST":
        try:
            moved = decide_firm(
                one.pk, request.user, _code(request), request.POST.get("why", ""), origin=origin_of(request)
            )
        except BadInput as refusal:
            error = str(refusal)
        else:
            messages.success(
                request, _("Decided: %(count)d records follow, and those of later deliveries.") % {"count": moved}
            )
            return redirect("record-questions")
    in_bulk = one.of.defined.journal
    rows: Iterable[Record | JournalRow] = (
        journal_rows_written_so(request.user, one, SHOWN)
        if in_bulk else records_written_so(request.user, one)[:SHOWN]
    )  # fmt: skip
    values: dict[str, Any] = {
        "page_title": str(one),
        "page_lead": _("Which enterprise does “%(list)s” mean?") % {"list": one.of.title},
        "crumbs": [
            {"title": _("Department records"), "href": reverse("records")},
            {"title": _("Enterprises to be decided"), "href": reverse("record-questions")},
        ],
        "of": one,
        "list": one.of,
        "candidates": candidate_rows(one.candidates, _firms(request, [one])),
        "heads": heads(one.of, 6),
        "rows": record_rows(one.of, rows, request.user, 6),
        "records": None if in_bulk else records_named([one]).get(one.pk, 0),
        "error": error,
        "given": request.POST,
    }
    return render(request, "showing/records/question.html", values, status=422 if error else 200)


def _code(request: Request) -> str:
    """Of which enterprise the form speaks; empty for none."""
    which = request.POST.get("which", "")
    if which == OTHER:
        code = request.POST.get("code", "").strip().upper()
        if not code:
            raise BadInput(_("Give the code of the enterprise."), "code")
        return code
    if not which:
        raise BadInput(_("Choose an enterprise, or that it is none on file."), "which")
    return "" if which == NOBODY else which
