"""Import of tables: upload, look at how it is read, confirm, and undo. All of it works without script."""

import csv
import io
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan.kit.errors import BadInput, NotFound
from qingyuan.kit.faults.sentences import in_words
from qingyuan.kit.faults.titles import title_of
from qingyuan.people.queries import Role
from qingyuan.places.queries import stations
from qingyuan.recording.api import confirm_import, import_again, lay_out_import, start_import, undo_import
from qingyuan.recording.queries import Import, ImportDraft, draft_bytes, import_draft, import_faults, imports
from qingyuan.sensing.errors import BadPayload
from qingyuan.sensing.queries import Guess, feed_packets, guess_table, preview_table, table_sheets
from qingyuan.showing.logic.bringing import file_in
from qingyuan.showing.logic.hub.delivering import department_fact
from qingyuan.showing.logic.importing import (
    FAULTS_SHOWN,
    LayoutForm,
    column_rows,
    fault_rows,
    is_complete,
    layout_from,
    preview_rows,
    proposed,
    station_rows,
)
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.request import Request

UNDONE, DONE = "idle", "good"
BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for something else


def listing(request: Request) -> HttpResponse:
    """Step one, and the tables imported so far."""
    error = ""
    if request.method == "POST":
        try:
            return redirect("import-draft", draft_id=_start(request).pk)
        except BadInput as refusal:
            error = str(refusal)
    values: dict[str, Any] = {
        "page_title": _("Import"),
        "page_lead": _("Readings from CSV and Excel tables. Nothing is stored before you have seen how it is read."),
        "error": error,
        **page_of(imports(request.user), request.GET),
    }
    return render(request, "showing/imports.html", values, status=422 if error else 200)


def _start(request: Request) -> ImportDraft:
    return start_import(request.user, *file_in(request, "CSV, .xlsx"))


def draft(request: Request, draft_id: int) -> HttpResponse:
    """Step two: what stands where, and how it is read. Confirmed from here."""
    found = import_draft(request.user, draft_id)
    if request.method != "POST":
        return _ask(request, found)
    seen = _say(request, found)
    if request.POST.get("act") != "import" or not seen:
        if request.POST.get("act") == "import":
            messages.info(request, _("Not imported yet: look at what is new here first."))
        return redirect("import-draft", draft_id=draft_id)
    try:
        made = confirm_import(draft_id, request.user, origin_of(request))
    except (BadInput, BadPayload) as error:
        return _ask(request, import_draft(request.user, draft_id), str(error))
    messages.success(request, _("Imported. The file is kept as evidence."))
    return redirect("import", import_id=made.pk)


def _say(request: Request, found: ImportDraft) -> bool:
    """Keep what the page says; whether it speaks of everything that the table holds."""
    before, raw = dict(found.layout), draft_bytes(found)
    sheet = request.POST.get("sheet") or before.get("sheet", "")
    if sheet != before.get("sheet", ""):
        lay_out_import(found.pk, request.user, {**guess_table(raw, sheet).settings, "sheet": sheet})
        return False
    layout = layout_from(request.POST, before)
    try:
        completed = proposed(layout, guess_table(raw, sheet, layout), request.user)
    except (BadInput, BadPayload):
        completed = layout
    lay_out_import(found.pk, request.user, completed)
    return is_complete(layout, completed)


def _ask(request: Request, found: ImportDraft, refusal: str = "") -> HttpResponse:
    raw = draft_bytes(found)
    error, guess, layout = refusal, Guess({}, [], []), dict(found.layout)
    try:
        guess = guess_table(raw, layout.get("sheet", ""), layout)
        layout = proposed(layout, guess, request.user)
    except (BadInput, BadPayload) as problem:
        error = error or str(problem)
        guess = guess_table(raw, layout.get("sheet", ""))
    places = stations(request.user).order_by("code")
    values = {
        "page_title": found.name,
        "page_lead": _("Look at how the table is read and correct it; nothing is stored yet."),
        "crumbs": [{"title": _("Import"), "href": reverse("imports")}],
        "draft": found,
        "form": LayoutForm(layout, titles=guess.titles, sheets=table_sheets(raw), at=places),
        "columns": column_rows(layout, guess, request.user),
        "given_stations": station_rows(layout, guess),
        "stations": list(places),
        **_previewed(raw, layout, error),
    }
    return render(request, "showing/import_draft.html", values, status=422 if refusal else 200)


def _previewed(raw: bytes, layout: dict[str, str], error: str) -> dict[str, Any]:
    try:
        preview = preview_table(raw, layout)
    except (BadInput, BadPayload) as problem:
        return {"error": error or str(problem), "preview": None}
    return {
        "error": error,
        "preview": preview,
        "table": preview_rows(preview),
        "faults": fault_rows(preview.faults[:FAULTS_SHOWN]),
    }


def record(request: Request, import_id: int) -> HttpResponse:
    """What an import changed, what of it could not be read, and the way back."""
    return _show(request, _found(request, import_id))


def _show(request: Request, made: Import, refusal: str = "", why: str = "") -> HttpResponse:
    may_undo = made.undone_at is None and (
        request.user.role == Role.ADMINISTRATOR or made.made_by_id == request.user.pk
    )
    counts = [{"title": title_of(fault), "count": count} for fault, count in made.fault_counts.items()]
    values = {
        "page_title": made.name,
        "crumbs": [{"title": _("Import"), "href": reverse("imports")}],
        "made": made,
        "state": _("Undone") if made.undone_at else _("Imported"),
        "state_kind": UNDONE if made.undone_at else DONE,
        "fault_counts": counts,
        "faults": fault_rows(list(import_faults(made, FAULTS_SHOWN))),
        "may_undo": may_undo,
        "error": refusal,
        "why": why,
        "facts": _facts(request, made),
    }
    return render(request, "showing/import.html", values, status=422 if refusal else 200)


def _facts(request: Request, made: Import) -> list[dict[str, Any]]:
    packet = feed_packets(made.feed).filter(segment_id=made.segment).first()
    shown = packet is not None and request.user.role == Role.ADMINISTRATOR
    return [
        {"label": _("Made by"), "value": made.made_by.name if made.made_by else _("command line")},
        department_fact(made.feed),
        {"label": _("Size"), "value": f"{made.size:,} B"},
        {"label": "SHA-256", "value": f"{made.sha256[:16]}…"},
        {
            "label": _("Evidence of it"),
            "value": packet.pk if packet else "",
            "href": reverse("packet", kwargs={"packet_id": packet.pk}) if packet and shown else "",
        },
    ]


def _found(request: Request, import_id: int) -> Import:
    made = imports(request.user).filter(pk=import_id).first()
    if made is None:
        raise NotFound(_("There is no import %(id)s.") % {"id": import_id})
    return made


def faults(request: Request, import_id: int) -> HttpResponse:
    """Everything that could not be taken in as it stands, as CSV."""
    made = _found(request, import_id)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([_("Fault"), _("Cell"), _("Found and expected")])
    for fault, detail in import_faults(made):
        cell, _colon, said = detail.partition(": ")
        writer.writerow([title_of(fault), cell, in_words(said)])
    answer = HttpResponse(BYTE_ORDER_MARK + text.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="import-{made.pk}-faults.csv"'
    return answer


@require_POST
def bring_again(request: Request, import_id: int) -> HttpResponse:
    """Look at the kept file of an import once more, by the layout of now."""
    return redirect("import-draft", draft_id=import_again(import_id, request.user).pk)


@require_POST
def undo(request: Request, import_id: int) -> HttpResponse:
    """Take an import back."""
    made, why = _found(request, import_id), request.POST.get("why", "")
    try:
        undone = undo_import(made.pk, request.user, why, origin_of(request))
    except BadInput as error:
        return _show(request, made, str(error), why)
    counts = {"removed": f"{undone.removed:,}", "restored": f"{undone.restored:,}"}
    messages.success(request, _("Undone: %(removed)s readings removed, %(restored)s given back.") % counts)
    return redirect("import", import_id=import_id)
