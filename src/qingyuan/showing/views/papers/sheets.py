"""Permits out of a spreadsheet: brought, looked at, entered, and taken back. All of it works without script."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from qingyuan.kit.errors import BadInput, Refused
from qingyuan.people.queries import Role, User
from qingyuan.places.api import Brought, bring_sheet, enter_sheet, links_of, try_sheet, undo_sheet
from qingyuan.places.queries import (
    PermitSheet,
    SheetKind,
    disclosures,
    known_now,
    outfall_editions,
    permit_sheet,
    permit_sheets,
    permits,
)
from qingyuan.sensing.queries import BadPayload
from qingyuan.showing.logic.bringing import file_in
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.logic.outfalls.sheets import empty_outfalls, outfalls_in
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.logic.papers.disclosure_sheets import disclosures_in, empty_disclosures
from qingyuan.showing.logic.papers.sheets import SheetPart, empty_sheet, permits_in
from qingyuan.showing.request import Request

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS = {"new": "good", "changed": "warning", "unchanged": "idle", "refused": "bad", "faulty": "bad"}


ENTERPRISE, ENTERPRISES = gettext_lazy("Enterprise"), gettext_lazy("Enterprises")


class _Named(NamedTuple):
    title: str
    code: str


@dataclass(frozen=True)
class Words:
    """What differs between spreadsheets of permits, of disclosures and of outfalls."""

    read: Callable[[User, bytes], list[SheetPart]]
    empty: Callable[[], bytes]
    title: Any
    lead: Any
    rows: Any
    key: Any
    heads: tuple[Any, Any]
    entered: Callable[[User], Any]
    whose: Any = ENTERPRISE
    of_given: Callable[[Any], Any] = lambda given: given.enterprise
    of_paper: Callable[[Any], Any] = lambda paper: paper.enterprise
    home: str = "enterprise"
    list: tuple[str, Any] = ("enterprises", ENTERPRISES)


WORDS: dict[str, Words] = {
    SheetKind.PERMIT: Words(
        permits_in,
        empty_sheet,
        gettext_lazy("Permits from a spreadsheet"),
        gettext_lazy(
            "Limits and totals of many permits at once. Nothing is entered before you have seen what it does."
        ),
        gettext_lazy(
            "CSV or .xlsx, at most 5 MB. A row for each limit or total, with number and first day of its permit; the "
            "empty spreadsheet has the titles."
        ),
        gettext_lazy("Number of the permit"),
        (gettext_lazy("Limits"), gettext_lazy("Totals")),
        permits,
    ),
    SheetKind.DISCLOSURE: Words(
        disclosures_in,
        empty_disclosures,
        gettext_lazy("Disclosures from a spreadsheet"),
        gettext_lazy(
            "Declared amounts and penalties of many enterprises at once. Nothing is entered before you have seen what "
            "it does."
        ),
        gettext_lazy(
            "CSV or .xlsx, at most 5 MB. A row for each declared amount or penalty, with credit code and year; the "
            "empty spreadsheet has the titles."
        ),
        gettext_lazy("Credit code and year"),
        (gettext_lazy("Amounts"), gettext_lazy("Penalties")),
        disclosures,
    ),
    SheetKind.OUTFALL: Words(
        outfalls_in,
        empty_outfalls,
        gettext_lazy("Outfalls from a spreadsheet"),
        gettext_lazy("A list of outfalls at once. Nothing is entered before you have seen what it does."),
        gettext_lazy(
            "CSV or .xlsx, at most 5 MB. A row for each outfall, with name, class, water body and position; the list "
            "as taken away can be brought back changed."
        ),
        gettext_lazy("Outfall"),
        (gettext_lazy("Enterprises"), gettext_lazy("Stations")),
        outfall_editions,
        gettext_lazy("Outfall"),
        lambda given: _Named(given.facts.title_zh, given.outfall.code) if given.outfall else None,
        lambda paper: _Named(paper.title, paper.outfall.code),
        "outfall",
        ("outfalls", gettext_lazy("River outfalls")),
    ),
}


def listing(request: Request) -> HttpResponse:
    """Bring a spreadsheet, and those brought so far."""
    error, kind = "", _kind(request)
    if request.method == "POST":
        try:
            return redirect("permit-sheet", sheet_id=_brought(request, kind).pk)
        except (BadInput, BadPayload) as refusal:
            error = str(refusal)
    values: dict[str, Any] = {
        "page_title": WORDS[kind].title,
        "page_lead": WORDS[kind].lead,
        "crumbs": _crumbs(kind)[:1],
        "error": error,
        "words": WORDS[kind],
        "of": kind,
        **page_of(permit_sheets(request.user).filter(kind=kind), request.GET),
    }
    values["rows"] = [{"sheet": one, **_state(one)} for one in values["page"]]
    return render(request, "showing/permit_sheets.html", values, status=422 if error else 200)


def _kind(request: Request) -> str:
    asked = request.GET.get("of", "")
    return asked if asked in WORDS else SheetKind.PERMIT


def _brought(request: Request, kind: str) -> PermitSheet:
    name, raw = file_in(request, "CSV, .xlsx")
    WORDS[kind].read(request.user, raw)  # what is no such table is not kept
    return bring_sheet(request.user, name, raw, kind)


def form(request: Request) -> HttpResponse:
    """An empty workbook with the titles of the columns."""
    kind = _kind(request)
    answer = HttpResponse(WORDS[kind].empty(), content_type=WORKBOOK)
    answer.headers["Content-Disposition"] = f'attachment; filename="{kind}s.xlsx"'
    return answer


def record(request: Request, sheet_id: int) -> HttpResponse:
    """What it would enter, row by row; once it is entered, what it brought and the way back."""
    sheet = permit_sheet(request.user, sheet_id)
    if sheet.entered_at is not None:
        return _entered(request, sheet)
    words = WORDS[sheet.kind]
    parts = words.read(request.user, bytes(sheet.body))
    given = [one.given for one in parts if one.given is not None]
    if request.method == "POST":
        found = enter_sheet(sheet.pk, request.user, given, origin_of(request))
        entered = sum(one.paper is not None for one in found)
        messages.success(request, _("Entered: %(count)d. The spreadsheet is kept.") % {"count": entered})
        return redirect("permit-sheet", sheet_id=sheet.pk)
    lines = _lines(parts, try_sheet(given), words)
    values = {
        "page_title": sheet.name,
        "page_lead": _("Look at what it would do; nothing is entered yet. What has a faulty row is left out whole."),
        "crumbs": _crumbs(sheet.kind),
        "sheet": sheet,
        "words": words,
        "lines": lines,
        "counts": {name: sum(one["outcome"] == name for one in lines) for name in KINDS},
        "enterable": sum(one["outcome"] in ("new", "changed") for one in lines),
    }
    return render(request, "showing/permit_sheet.html", values)


@require_POST
def undo(request: Request, sheet_id: int) -> HttpResponse:
    """Take back what it brought."""
    sheet, why = permit_sheet(request.user, sheet_id), request.POST.get("why", "")
    try:
        undone = undo_sheet(sheet.pk, request.user, why, origin_of(request))
    except (BadInput, Refused) as error:
        return _entered(request, sheet, str(error), why)
    told = {"withdrawn": undone.withdrawn, "restored": undone.restored, "kept": undone.kept}
    words = _("Undone: %(withdrawn)d taken back, %(restored)d before them hold again, %(kept)d left alone.")
    messages.success(request, words % told)
    return redirect("permit-sheet", sheet_id=sheet.pk)


def _entered(request: Request, sheet: PermitSheet, refusal: str = "", why: str = "") -> HttpResponse:
    words = WORDS[sheet.kind]
    seen = words.entered(request.user).filter(pk__in=links_of(sheet).values(sheet.kind))
    still = set(known_now(seen).values_list("pk", flat=True))
    own = request.user.role == Role.ADMINISTRATOR or sheet.made_by_id == request.user.pk
    values = {
        "page_title": sheet.name,
        "crumbs": _crumbs(sheet.kind),
        "sheet": sheet,
        "words": words,
        "brought": [
            {"paper": one, "whose": words.of_paper(one), "still": one.pk in still} for one in seen.order_by("pk")
        ],
        "may_undo": own and sheet.undone_at is None,
        "error": refusal,
        "why": why,
        **_state(sheet),
    }
    return render(request, "showing/permit_sheet.html", values, status=422 if refusal else 200)


def _lines(parts: list[SheetPart], tried: list[Brought], words: Words) -> list[dict[str, Any]]:
    outcomes = {id(one.given): one for one in tried}
    return [_line(part, outcomes.get(id(part.given)), words) for part in parts]


def _line(part: SheetPart, tried: Brought | None, words: Words) -> dict[str, Any]:
    outcome = tried.outcome if tried else "faulty"
    faults = part.faults or ([(part.rows[0], tried.why)] if tried and tried.why else [])
    return {
        "part": part,
        "outcome": outcome,
        "kind": KINDS[outcome],
        "title": _titles()[outcome],
        "figures": part.given.figures if part.given else None,
        "whose": words.of_given(part.given) if part.given else None,
        "faults": [{"row": row, "fault": fault} for row, fault in faults],
    }


def _titles() -> dict[str, str]:
    return {
        "new": _("New"), "changed": _("New edition"), "unchanged": _("Unchanged"), "refused": _("Refused"),
        "faulty": _("Faulty"),
    }  # fmt: skip


def _state(sheet: PermitSheet) -> dict[str, Any]:
    if sheet.undone_at is not None:
        return {"state": _("Undone"), "state_kind": "idle"}
    return {"state": _("Entered"), "state_kind": "good"} if sheet.entered_at else {
        "state": _("Not entered yet"), "state_kind": "waiting",
    }  # fmt: skip


def _crumbs(kind: str) -> list[dict[str, str]]:
    return [
        {"title": WORDS[kind].list[1], "href": reverse(WORDS[kind].list[0])},
        {"title": WORDS[kind].title, "href": f"{reverse('permit-sheets')}?of={kind}"},
    ]
