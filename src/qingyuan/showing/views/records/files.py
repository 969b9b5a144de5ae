"""Deliveries of a data list: brought, looked at row by row, entered, taken back; without script."""

import json
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan.kit.errors import BadInput, Refused
from qingyuan.people.queries import Role
from qingyuan.sensing.api.records import (
    bring_records,
    enter_records,
    preview_records,
    say_columns,
    titles_of_file,
    undo_records,
)
from qingyuan.sensing.errors import BadPayload
from qingyuan.sensing.queries.journals import Asked, JournalRow, journal_rows
from qingyuan.sensing.queries.records import (
    DataList,
    Record,
    RecordFile,
    data_list,
    packet_of_file,
    record_file,
    record_files,
    records_of,
)
from qingyuan.sensing.records.definition import LEFT_OUT, by_titles
from qingyuan.showing.logic.bringing import bringer, file_in, file_state, way_back
from qingyuan.showing.logic.importing import FAULTS_SHOWN, fault_rows
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.logic.records.words import IN_TABLE, heads, record_rows, values_shown
from qingyuan.showing.request import Request
from qingyuan.showing.views.records.pages import head
from qingyuan.showing.wording import said

SHOWN = 50  # records of a delivery that its page draws; all are in the list


def listing(request: Request, code: str) -> HttpResponse:
    """Bring a file of a list, and those that came so far, through whatever door."""
    found, error = data_list(request.user, code), ""
    if request.method == "POST":
        try:
            return redirect("record-file", file_id=_brought(request, found).pk)
        except BadInput as refusal:
            error = str(refusal)
    listed = page_of(record_files(request.user).filter(of=found), request.GET)
    values: dict[str, Any] = {
        **head(request, found, "files"),
        "error": error,
        "rows": [{"file": one, "by": bringer(one), **_state(one)} for one in listed["page"]],
        "needed": [said(one.title) for one in found.defined.columns if one.code in found.defined.needed],
    }
    return render(request, "showing/records/files.html", listed | values, status=422 if error else 200)


def _brought(request: Request, found: DataList) -> RecordFile:
    name, raw = file_in(request, "CSV, .xlsx, JSON")
    return bring_records(request.user, found.code, name, raw, origin=origin_of(request))


def one_file(request: Request, file_id: int) -> HttpResponse:
    """What it would enter; once it is entered, what it brought, what of it could not be read, and the way back."""
    file = record_file(request.user, file_id)
    return _waiting(request, file) if file.entered_at is None else _entered(request, file)


def _waiting(request: Request, file: RecordFile, refusal: str = "") -> HttpResponse:
    titles: tuple[str, ...] = ()
    values: dict[str, Any] = {
        **_head(file), "page_lead": _("Look at how it is read; nothing is entered yet."), "error": refusal,
        "own": file.brought_by_id == request.user.pk, "sheet": file.settings.get("sheet", ""),
        "header": file.settings.get("header", "1"),
    }  # fmt: skip
    try:
        titles = titles_of_file(file)
        found = preview_records(file)
    except (BadPayload, BadInput) as error:
        values |= {"error": refusal or str(error), "mapping": _mapping(file, titles), "titles": titles}
        return render(request, "showing/records/file.html", values, status=422)
    staged = found.staged
    values |= {
        "preview": found,
        "staged": staged,
        "counts": {"rows": staged.rows, "faulty": staged.faulty},
        "counted": [
            (staged.rows, _("Rows that can be read")),
            (staged.matched, _("With an enterprise")),
            (len(staged.asked), _("Other names")),
            (staged.faulty, _("Faulty rows")),
        ],
        "mapping": _mapping(file, titles),
        "titles": titles,
        "heads": heads(file.of, IN_TABLE),
        "shown": [
            {"number": number, "cells": values_shown(file.of, row, request.user, IN_TABLE)}
            for number, row in staged.shown
        ],
        "faults": fault_rows(list(staged.faults[:FAULTS_SHOWN])),
    }
    return render(request, "showing/records/file.html", values, status=422 if refusal else 200)


def _mapping(file: RecordFile, titles: tuple[str, ...]) -> list[dict[str, Any]]:
    """Each column of the list, and where in the file it stands."""
    told = json.loads(file.settings.get("titles") or "{}")
    at = by_titles(file.of.defined, titles, told)
    return [
        {"column": one, "title": said(one.title), "chosen": titles[at[one.code]] if one.code in at else LEFT_OUT,
         "needed": one.code in file.of.defined.needed}
        for one in file.of.defined.columns
    ]  # fmt: skip


def _entered(request: Request, file: RecordFile, refusal: str = "", why: str = "") -> HttpResponse:
    packet = packet_of_file(file)
    values = {
        **_head(file),
        "counts": {"faulty": file.faulty},
        "counted": [
            (file.new, _("New records")),
            (file.changed, _("Changed records")),
            (file.repeated, _("On file before")),
            (file.matched, _("With an enterprise")),
            (file.faulty, _("Faulty rows")),
        ],
        "heads": heads(file.of, IN_TABLE),
        "rows": record_rows(file.of, _brought_by(request, file), request.user),
        "list": file.of,
        "faults": fault_rows([(fault, detail) for fault, detail in file.faults[:FAULTS_SHOWN]]),
        "packet": packet.pk if packet and request.user.role == Role.ADMINISTRATOR else None,
        **way_back(request, file, refusal, why),
    }
    return render(request, "showing/records/file.html", values, status=422 if refusal else 200)


def _brought_by(request: Request, file: RecordFile) -> Iterable[Record | JournalRow]:
    """The first records that a delivery made known, as far as they are known."""
    if file.of.defined.journal:
        return journal_rows(request.user, file.of, Asked(delivery=file.pk), most=SHOWN).rows
    return records_of(request.user, file.of).filter(file=file.pk).order_by("line")[:SHOWN]


@require_POST
def columns_said(request: Request, file_id: int) -> HttpResponse:
    """Keep where the columns stand, and look again or enter."""
    file = record_file(request.user, file_id)
    told = dict(zip(request.POST.getlist("column"), request.POST.getlist("title"), strict=False))
    settings = {
        **file.settings, "titles": json.dumps(told, ensure_ascii=False), "sheet": request.POST.get("sheet", "").strip(),
        "header": request.POST.get("header", "").strip() or "1",
    }  # fmt: skip
    try:
        say_columns(file.pk, request.user, settings)
        if request.POST.get("act") == "enter":
            entered = enter_records(file.pk, request.user, origin_of(request))
            said_counts = {"new": entered.new, "changed": entered.changed}
            messages.success(
                request,
                _("Entered: %(new)d new records, %(changed)d changed. The file is kept as evidence.") % said_counts,
            )
    except (BadInput, BadPayload, Refused) as error:
        if file.entered_at is not None:
            raise
        return _waiting(request, record_file(request.user, file_id), str(error))
    return redirect("record-file", file_id=file.pk)


@require_POST
def undo(request: Request, file_id: int) -> HttpResponse:
    """Take back what it brought."""
    file, why = record_file(request.user, file_id), request.POST.get("why", "")
    try:
        gone, back = undo_records(file.pk, request.user, why, origin_of(request))
    except BadInput as error:
        return _entered(request, file, str(error), why)
    words = {"gone": gone, "back": back}
    messages.success(request, _("Undone: %(gone)d records gone, %(back)d stand again as before.") % words)
    return redirect("record-file", file_id=file.pk)


def _head(file: RecordFile) -> dict[str, Any]:
    address = reverse("record-files", kwargs={"code": file.of.code})
    return {
        "page_title": file.name,
        "crumbs": [
            {"title": _("Department records"), "href": reverse("records")},
            {"title": file.of.title, "href": address},
        ],
        "file": file,
        "by": bringer(file),
        **_state(file),
    }


def _state(file: RecordFile) -> dict[str, str]:
    return file_state(entered=file.entered_at is not None, undone=file.undone_at is not None)
