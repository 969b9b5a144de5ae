"""Cameras: the list; one with what it filmed; entering, changing and ending it; its live picture; bringing a clip."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Max
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan.kit import clock
from qingyuan.kit.clock import SHANGHAI
from qingyuan.kit.errors import BadInput, NotFound, Refused
from qingyuan.people.queries import User
from qingyuan.sensing.api import bring_footage, end_camera, keep_camera, open_live
from qingyuan.sensing.queries import MAY_KEEP_CAMERAS, MAY_SEE_LIVE, Camera, footage, looks_now
from qingyuan.sensing.queries import camera as camera_of
from qingyuan.showing.logic.filming.playing import form_of, let_play, why_not
from qingyuan.showing.logic.filming.wall import tiles
from qingyuan.showing.logic.filters import drawn_choice
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.request import Request
from qingyuan.showing.views.acts import add_refusal
from qingyuan.showing.views.filming.forms import CameraForm, EndCameraForm, FootageForm
from qingyuan.showing.views.filming.wall import narrowed


def listing(request: Request) -> HttpResponse:
    """The cameras of the territory, each with how much of what it filmed is kept."""
    found, choices = narrowed(request)
    listed = page_of(found, request.GET)
    kept = {row["camera"]: row for row in _kept(request.user, listed["page"])}
    rows = [
        {"tile": one, "camera": one.camera, "kept": kept.get(one.camera.pk)}
        for one in tiles(request.user, listed["page"].object_list, clock.now())
    ]
    values = {
        "page_title": _("Video"),
        "page_lead": _("Cameras, what they filmed, and what was measured meanwhile."),
        "rows": rows,
        "filters": [drawn_choice(one, request.GET) for one in choices],
        "points": found.exclude(station=None).order_by().values("station").distinct().count(),
        "tab": "list",
        "may_keep": request.user.role in MAY_KEEP_CAMERAS,
    }
    return render(request, "showing/filming/cameras.html", listed | values)


def _kept(viewer: User, listed: Any) -> Any:
    here = footage(viewer).filter(camera__in=[one.pk for one in listed], removed_at=None).order_by()
    return here.values("camera").annotate(count=Count("pk"), newest=Max("ends_at"))


def _place(one: Camera) -> dict[str, str]:
    if one.station is not None:
        code = one.station.code
        return {"place": one.station.title, "place_href": reverse("station", kwargs={"code": code}),
                "video_href": reverse("station-video", kwargs={"code": code})}  # fmt: skip
    place = one.enterprise
    return {"place": place.title, "place_href": reverse("enterprise", kwargs={"code": place.code})} if place else {}


def record(request: Request, code: str, form: FootageForm | None = None) -> HttpResponse:
    """One camera: what is known of it, what it filmed, and for those who may a form for one more clip."""
    found = camera_of(request.user, code)
    filmed = footage(request.user).filter(camera=found).order_by("-starts_at", "-pk").annotate(held=Count("holds"))
    may_keep = request.user.role in MAY_KEEP_CAMERAS
    (tile,) = tiles(request.user, [found], clock.now(), secure=request.is_secure())
    values = {
        "page_title": found.title,
        "crumbs": _crumbs()[:1],
        "camera": found,
        "tile": tile,
        "in_use": looks_now(found),
        "facts": _facts(found),
        "may_keep": may_keep,
        "may_see_live": bool(found.live_url) and looks_now(found) and request.user.role in MAY_SEE_LIVE,
        "form": (form or FootageForm()) if may_keep else None,
        **_place(found),
        **page_of(filmed, request.GET),
    }
    answer = render(request, "showing/filming/camera.html", values, status=422 if form and form.errors else 200)
    return let_play(answer, request.user)


def _facts(found: Camera) -> list[dict[str, Any]]:
    place = _place(found)
    ahead = found.clock_ahead_s
    stated = _("%(seconds)s s ahead") if ahead > 0 else _("%(seconds)s s behind") if ahead else _("as the platform’s")
    return [
        {"label": _("Code"), "value": found.code},
        {"label": _("Stands at"), "value": place.get("place", ""), "href": place.get("place_href", "")},
        {"label": _("Looks at"), "value": found.get_looks_at_display()},
        {"label": _("Infrared"), "value": _("Yes") if found.infrared else _("No")},
        {"label": _("Owner"), "value": found.owner},
        {"label": _("GB/T 28181 code"), "value": found.gb_code},
        {"label": _("Its clock"), "value": stated % {"seconds": f"{abs(ahead):g}"}},
        {"label": _("Kept for"), "value": _("%(days)d days from arrival") % {"days": found.keep_days}},
        {"label": _("Valid from"), "value": f"{found.valid_from:%Y-%m-%d}"},
        *([{"label": _("Ended on"), "value": f"{found.ended_on:%Y-%m-%d}"}] if found.ended_on else []),
    ]


@require_POST
def bring(request: Request, code: str) -> HttpResponse:
    """Enter a clip or a still by hand."""
    camera_of(request.user, code)
    form = FootageForm(request.POST, request.FILES)
    if form.is_valid():
        file, begins = form.cleaned_data["file"], form.cleaned_data["begins_at"]
        try:
            stored, new = bring_footage(
                request.user, code, str(file.name), file.read(), begins_at=begins, origin=origin_of(request)
            )
        except BadInput as error:
            add_refusal(form, error)
        else:
            said = (
                _("It is kept, and stands on the axis of its station.") if new else _("These bytes were kept before.")
            )
            messages.success(request, said)
            return redirect("footage", footage_id=stored.pk)
    return record(request, code, form)


def enter(request: Request) -> HttpResponse:
    """Enter a camera; `place` in the address says where it stands."""
    start = {"place": request.GET.get("place", ""), "valid_from": clock.now().astimezone(SHANGHAI).date()}
    form = CameraForm(request.POST if request.method == "POST" else None, initial=start)
    return _kept_form(request, form, "", _("Enter a camera"))


def change(request: Request, code: str) -> HttpResponse:
    """Change what is known of a camera."""
    found = camera_of(request.user, code)
    form = CameraForm(request.POST if request.method == "POST" else None, instance=found)
    return _kept_form(request, form, code, _("Change the camera"))


def _kept_form(request: Request, form: CameraForm, code: str, title: str) -> HttpResponse:
    if form.is_valid():
        known = form.cleaned_data
        try:
            kept = keep_camera(
                request.user, code or known["code"], known["place"].strip(), form.values(),
                valid_from=known["valid_from"], origin=origin_of(request),
            )  # fmt: skip
        except (BadInput, NotFound) as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Camera %(code)s is kept.") % {"code": kept.code})
            return redirect("camera", code=kept.code)
    back = reverse("camera", kwargs={"code": code}) if code else reverse("cameras")
    values = {"page_title": title, "crumbs": _crumbs()[:1], "form": form, "draft": f"camera-{code}", "back": back}
    return render(request, "showing/judging_form.html", values, status=422 if form.errors else 200)


def end(request: Request, code: str) -> HttpResponse:
    """Say that a camera is no longer in use."""
    found = camera_of(request.user, code)
    form = EndCameraForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            ended_on, why = form.cleaned_data["ended_on"], form.cleaned_data["why"]
            end_camera(request.user, code, ended_on, why=why, origin=origin_of(request))
        except (BadInput, Refused) as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("The camera has ended; what it filmed stays."))
            return redirect("camera", code=code)
    back = reverse("camera", kwargs={"code": code})
    values = {"page_title": _("End the camera"), "page_lead": found.title, "crumbs": _crumbs()[:1], "form": form,
              "draft": f"camera-end-{code}", "back": back}  # fmt: skip
    return render(request, "showing/judging_form.html", values, status=422 if form.errors else 200)


@require_POST
def live(request: Request, code: str) -> HttpResponse:
    """Go to the live picture; the log says who went."""
    return HttpResponseRedirect(open_live(request.user, code, origin_of(request)))


@require_POST
def play(request: Request, code: str) -> JsonResponse:
    """The live address for the player of a page, which holds none before; the log says who asked."""
    bar = why_not(str(camera_of(request.user, code).live_url), secure=request.is_secure())
    address = open_live(request.user, code, origin_of(request))
    if bar:
        raise Refused(_("The live picture does not play here: %(why)s.") % {"why": bar})
    answer = JsonResponse({"address": address, "form": form_of(address)})
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _crumbs() -> list[dict[str, str]]:
    return [{"title": _("Video"), "href": reverse("cameras")}]
