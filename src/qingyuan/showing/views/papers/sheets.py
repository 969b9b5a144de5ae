"""Permits out of a spreadsheet: brought, looked at, entered, and taken back. All of it works without script."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan.kit.errors import BadInput, Refused
from qingyuan.people.queries import Role
from qingyuan.places.api import Brought, bring_permits, enter_permits, try_permits, undo_permits
from qingyuan.places.queries import PermitSheet, known_now, permit_sheet, permit_sheets, permits
from qingyuan.sensing.queries import BadPayload
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.logic.papers.sheets import SheetPart, empty_sheet, permits_in
from qingyuan.showing.request import Request

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS = {"new": "good", "changed": "warning", "unchanged": "idle", "refused": "bad", "faulty": "bad"}


def listing(request: Request) -> HttpResponse:
    """Bring a spreadsheet, and those brought so far."""
    error = ""
    if request.method == "POST":
        try:
            return redirect("permit-sheet", sheet_id=_brought(request).pk)
        except (BadInput, BadPayload) as refusal:
            error = str(refusal)
    values: dict[str, Any] = {
        "page_title": _("Permits from a spreadsheet"),
        "page_lead": _(
            "Limits and totals of many permits at once. Nothing is entered before you have seen what it does."
        ),
        "crumbs": _crumbs()[:1],
        "error": error,
        **page_of(permit_sheets(request.user), request.GET),
    }
    values["rows"] = [{"sheet": one, **_state(one)} for one in values["page"]]
    return render(request, "showing/permit_sheets.html", values, status=422 if error else 200)


def _brought(request: Request) -> PermitSheet:
    file = request.FILES.get("file")
    if file is None:
        raise BadInput(_("Choose a file: CSV or .xlsx."), "file")
    raw = file.read()
    permits_in(request.user, raw)  # what is no table of permits is not kept
    return bring_permits(request.user, str(file.name), raw)


def form(request: Request) -> HttpResponse:
    """An empty workbook with the titles of the columns."""
    answer = HttpResponse(empty_sheet(), content_type=WORKBOOK)
    answer.headers["Content-Disposition"] = 'attachment; filename="permits.xlsx"'
    return answer


def record(request: Request, sheet_id: int) -> HttpResponse:
    """What it would enter, row by row; once it is entered, what it brought and the way back."""
    sheet = permit_sheet(request.user, sheet_id)
    if sheet.entered_at is not None:
        return _entered(request, sheet)
    parts = permits_in(request.user, bytes(sheet.body))
    given = [one.given for one in parts if one.given is not None]
    if request.method == "POST":
        found = enter_permits(sheet.pk, request.user, given, origin_of(request))
        entered = sum(one.permit is not None for one in found)
        messages.success(request, _("Entered: %(count)d permits. The spreadsheet is kept.") % {"count": entered})
        return redirect("permit-sheet", sheet_id=sheet.pk)
    lines = _lines(parts, try_permits(given))
    values = {
        "page_title": sheet.name,
        "page_lead": _(
            "Look at what it would do; nothing is entered yet. A permit with a faulty row is left out whole."
        ),
        "crumbs": _crumbs(),
        "sheet": sheet,
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
        undone = undo_permits(sheet.pk, request.user, why, origin_of(request))
    except (BadInput, Refused) as error:
        return _entered(request, sheet, str(error), why)
    told = {"withdrawn": undone.withdrawn, "restored": undone.restored, "kept": undone.kept}
    words = _("Undone: %(withdrawn)d permits taken back, %(restored)d before them hold again, %(kept)d left alone.")
    messages.success(request, words % told)
    return redirect("permit-sheet", sheet_id=sheet.pk)


def _entered(request: Request, sheet: PermitSheet, refusal: str = "", why: str = "") -> HttpResponse:
    seen = permits(request.user).filter(pk__in=sheet.permits.values("permit"))
    still = set(known_now(seen).values_list("pk", flat=True))
    own = request.user.role == Role.ADMINISTRATOR or sheet.made_by_id == request.user.pk
    values = {
        "page_title": sheet.name,
        "crumbs": _crumbs(),
        "sheet": sheet,
        "brought": [{"permit": one, "still": one.pk in still} for one in seen.order_by("number")],
        "may_undo": own and sheet.undone_at is None,
        "error": refusal,
        "why": why,
        **_state(sheet),
    }
    return render(request, "showing/permit_sheet.html", values, status=422 if refusal else 200)


def _lines(parts: list[SheetPart], tried: list[Brought]) -> list[dict[str, Any]]:
    outcomes = {id(one.given): one for one in tried}
    return [_line(part, outcomes.get(id(part.given))) for part in parts]


def _line(part: SheetPart, tried: Brought | None) -> dict[str, Any]:
    outcome = tried.outcome if tried else "faulty"
    faults = part.faults or ([(part.rows[0], tried.why)] if tried and tried.why else [])
    return {
        "part": part,
        "outcome": outcome,
        "kind": KINDS[outcome],
        "title": _titles()[outcome],
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


def _crumbs() -> list[dict[str, str]]:
    return [
        {"title": _("Enterprises"), "href": reverse("enterprises")},
        {"title": _("Permits from a spreadsheet"), "href": reverse("permit-sheets")},
    ]
