"""Products of satellites as files: brought, looked at row by row, entered, taken back; without script."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan.kit.errors import BadInput, NotFound
from qingyuan.sensing.api import bring_spots, enter_spots, preview_spots, undo_spots
from qingyuan.sensing.queries import (
    BadPayload,
    SpotFile,
    packet_of_spots,
    spot_file,
    spot_files,
    spots,
    spots_of_file,
)
from qingyuan.showing.logic.bringing import bringer, file_in, file_state, settings_given, settings_of, way_back
from qingyuan.showing.logic.devices.packets import evidence_address
from qingyuan.showing.logic.importing import FAULTS_SHOWN, fault_rows
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.request import Request

SHOWN = 200  # spots of a file that its page draws; all are in the list of spots
CONNECTOR = "spots"


def listing(request: Request) -> HttpResponse:
    """Bring a file, and those that came so far, through whatever door."""
    error, given = "", {}
    if request.method == "POST":
        given = settings_given(CONNECTOR, request)
        try:
            return redirect("spot-file", file_id=_brought(request, given).pk)
        except BadInput as refusal:
            error = str(refusal)
    values: dict[str, Any] = {
        "page_title": _("Satellite products"),
        "page_lead": _("Active fires and interpreted polygons. Nothing is entered before you have seen it."),
        "crumbs": _crumbs()[:1],
        "tab": "files",
        "error": error,
        "settings": settings_of(CONNECTOR, given),
        **page_of(spot_files(request.user), request.GET),
    }
    values["rows"] = [{"file": one, "by": bringer(one), **_state(one)} for one in values["page"]]
    return render(request, "showing/satellite/files.html", values, status=422 if error else 200)


def _brought(request: Request, given: dict[str, str]) -> SpotFile:
    name, raw = file_in(request, "CSV, GeoJSON")
    return bring_spots(request.user, name, raw, settings=given, origin=origin_of(request))


def record(request: Request, file_id: int) -> HttpResponse:
    """What it would enter; once it is entered, what it brought, what of it could not be read, and the way back."""
    file = spot_file(request.user, file_id)
    if file.entered_at is None:
        return _preview(request, file)
    return _entered(request, file)


def evidence(request: Request, spot_id: int) -> HttpResponse:
    """The bytes that brought a spot."""
    one = spots(request.user).filter(pk=spot_id).first()
    if one is None:
        raise NotFound(_("There is no spot %(id)s in your territory.") % {"id": spot_id})
    return redirect(evidence_address(request.user, packet_of_spots(one.file)))


def _preview(request: Request, file: SpotFile) -> HttpResponse:
    values: dict[str, Any] = {
        "page_title": file.name,
        "page_lead": _("Look at what it would do; nothing is entered yet."),
        "crumbs": _crumbs(),
        "file": file,
        "by": bringer(file),
        "may_enter": file.brought_by_id == request.user.pk,
    }
    try:
        found = preview_spots(file)
    except BadPayload as error:
        return render(request, "showing/satellite/file.html", values | {"error": str(error)}, status=422)
    values |= {
        "preview": found,
        "shown": [{"spot": spot, "cell": cell, "sureness": spot.sureness.label, "kind": spot.kind.label}
                  for spot, cell in found.new[:SHOWN]],
        **_counted(len(found.new), found.known, found.outside, len(found.faults)),
        "faults": fault_rows(list(found.faults[:FAULTS_SHOWN])),
    }  # fmt: skip
    return render(request, "showing/satellite/file.html", values)


def _entered(request: Request, file: SpotFile, refusal: str = "", why: str = "") -> HttpResponse:
    brought, packet = spots_of_file(file.pk), packet_of_spots(file)
    values = {
        "page_title": file.name,
        "crumbs": _crumbs(),
        "file": file,
        "by": bringer(file),
        **_counted(file.new, file.known, file.outside, file.faulty),
        "spot_rows": [{"spot": one} for one in brought[:SHOWN]],
        "faults": fault_rows([(fault, detail) for fault, detail in file.faults[:FAULTS_SHOWN]]),
        "packet": packet.pk if packet else None,
        **way_back(request, file, refusal, why),
        **_state(file),
    }
    return render(request, "showing/satellite/file.html", values, status=422 if refusal else 200)


@require_POST
def enter(request: Request, file_id: int) -> HttpResponse:
    """Enter what was looked at."""
    file = enter_spots(file_id, request.user, origin_of(request))
    messages.success(request, _("Spots entered: %(count)d. The file is kept as evidence.") % {"count": file.new})
    return redirect("spot-file", file_id=file.pk)


@require_POST
def undo(request: Request, file_id: int) -> HttpResponse:
    """Take back what it brought."""
    file, why = spot_file(request.user, file_id), request.POST.get("why", "")
    try:
        withdrawn = undo_spots(file.pk, request.user, why, origin_of(request))
    except BadInput as error:
        return _entered(request, file, str(error), why)
    messages.success(request, _("Undone, spots taken back: %(count)d.") % {"count": withdrawn})
    return redirect("spot-file", file_id=file.pk)


def _counted(new: int, known: int, outside: int, faulty: int) -> dict[str, Any]:
    titles = (_("New spots"), _("On file before"), _("Outside the grid"), _("Faulty rows"))
    numbers = (new, known, outside, faulty)
    return {"counts": {"new": new, "faulty": faulty}, "counted": list(zip(numbers, titles, strict=True))}


def _state(file: SpotFile) -> dict[str, str]:
    return file_state(entered=file.entered_at is not None, undone=file.undone_at is not None)


def _crumbs() -> list[dict[str, str]]:
    return [
        {"title": _("Satellite"), "href": reverse("satellite")},
        {"title": _("Satellite products"), "href": reverse("spot-files")},
    ]
