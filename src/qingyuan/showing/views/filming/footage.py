"""One clip or still: its page, its bytes in the parts that a player asks for, and its way into the file of a case."""

import re
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan.dispatching.api.footage import file_footage
from qingyuan.dispatching.queries import MAY_FILE_FOOTAGE, Case, cases
from qingyuan.inspecting.queries import FlightMedia
from qingyuan.kit.errors import BadInput, NotFound
from qingyuan.people.queries import User
from qingyuan.sensing.queries import Footage, footage_by_id
from qingyuan.showing.logic.findingfile import utc
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.logic.paging import number_in
from qingyuan.showing.request import Request

PART = 4 * 1024 * 1024  # of one answer at most; a player asks on
FOR_A_DAY = "private, max-age=86400"
MOST_CASES = 20
MARGIN = timedelta(minutes=30)
Filmed = Footage | FlightMedia
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def record(request: Request, footage_id: int) -> HttpResponse:
    """The picture, where it comes from, and the cases that may refer to it."""
    found = footage_by_id(request.user, footage_id)
    held = [number_in(hold.subject.partition("/")[2]) or 0 for hold in found.holds.all()]
    values = {
        "page_title": found.camera.title,
        "crumbs": [{"title": found.camera.title, "href": reverse("camera", kwargs={"code": found.camera.code})}],
        "footage": found,
        "facts": _facts(found),
        "is_missing": found.removed_at is None and not found.path.exists(),
        "held_for": cases(request.user).filter(pk__in=held),
        "open_cases": _open_cases(request.user, found) if found.removed_at is None else (),
        "axis_href": _axis(found),
    }
    return render(request, "showing/filming/footage.html", values)


def _axis(found: Footage) -> str:
    """Where it stands on the axis of its station."""
    if found.camera.station is None:
        return ""
    address = reverse("station-video", kwargs={"code": found.camera.station.code})
    span = f"from={utc(found.starts_at - MARGIN)}&to={utc(found.ends_at + MARGIN)}"
    return f"{address}?{span}&at={utc(found.starts_at)}&camera={found.camera.code}"


def _open_cases(viewer: User, found: Footage) -> list[Case]:
    """Those that go on at the camera's place, and do not refer to it yet."""
    if viewer.role not in MAY_FILE_FOOTAGE:
        return []
    camera = found.camera
    here = cases(viewer).filter(closed_at=None)
    here = here.filter(station=camera.station) if camera.station else here.filter(station__enterprise=camera.enterprise)
    return list(here.exclude(evidence__subject=f"footage/{found.pk}")[:MOST_CASES])


def _facts(found: Footage) -> list[dict[str, Any]]:
    lasts = f"{(found.ends_at - found.starts_at).total_seconds():,.1f} s"
    by = found.brought_by.name if found.brought_by else found.feed.title if found.feed else ""
    return [
        {"label": _("Camera"), "value": found.camera.title,
         "href": reverse("camera", kwargs={"code": found.camera.code})},
        {"label": _("Kind"), "value": _("Clip") if found.is_clip else _("Still")},
        *([{"label": _("Lasts"), "value": lasts}] if found.is_clip else []),
        {"label": _("Picture"), "value": f"{found.width} × {found.height}", "note": found.codec},
        {"label": _("Size"), "value": f"{found.size:,} B"},
        {"label": _("Name"), "value": found.name},
        {"label": _("Came by"), "value": found.get_door_display(), "note": " ".join(filter(None, (by, found.address)))},
    ]  # fmt: skip


@require_POST
def into_case(request: Request, footage_id: int) -> HttpResponse:
    """Put it into the file of a case."""
    number = number_in(request.POST.get("case"))
    if number is None:
        raise BadInput(_("Choose the case that refers to it."), "case")
    evidence = file_footage(number, footage_id, request.user, origin_of(request))
    messages.success(request, _("It is in the file of the case, and kept beyond its time."))
    return redirect("case", case_id=evidence.case_id)


def content(request: Request, footage_id: int) -> HttpResponseBase:
    """The bytes, or the part that is asked for (RFC 9110, 14), so that a player can go to any instant."""
    found = footage_by_id(request.user, footage_id)
    if found.removed_at is not None or not found.path.exists():
        raise NotFound(_("The bytes of this clip or still are not there any more."))
    answer = part_of(request, found)
    answer.headers["Cache-Control"] = FOR_A_DAY
    return answer


def part_of(request: Request, found: Filmed) -> HttpResponseBase:
    """What a request wants of kept bytes: all of them, or a part."""
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    answer = _whole(found) if asked is None or asked.groups() == ("", "") else _part(found, *asked.groups())
    answer.headers["Accept-Ranges"] = "bytes"
    answer.headers["Content-Disposition"] = "inline"
    answer.headers["ETag"] = f'"{found.sha256}"'
    return answer


def _whole(found: Filmed) -> HttpResponseBase:
    if found.size <= PART:
        return HttpResponse(found.path.read_bytes(), content_type=found.content_type)
    return FileResponse(found.path.open("rb"), content_type=found.content_type)


def _part(found: Filmed, first: str, last: str) -> HttpResponse:
    """One part; `-500` asks for the last 500 bytes. [B]"""
    if first:
        start, end = int(first[:20]), min(int(last[:20]) if last else found.size - 1, found.size - 1)
    else:
        start, end = max(0, found.size - int(last[:20])), found.size - 1
    if start > end:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{found.size}"})
    end = min(end, start + PART - 1)
    with found.path.open("rb") as file:
        file.seek(start)
        body = file.read(end - start + 1)
    stated = f"bytes {start}-{end}/{found.size}"
    return HttpResponse(body, status=206, content_type=found.content_type, headers={"Content-Range": stated})
