"""Entering outfalls, the states they come into, and water bodies."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput, Forbidden, NotFound, Refused
from qingyuan.places.api import draw_water, move_outfall, withdraw_step
from qingyuan.places.geometry import along_km, from_wkb
from qingyuan.places.queries import MAY_KEEP_PAPERS, next_states, outfall, outfalls, sees_whole_district, water_bodies
from qingyuan.showing.forms import WithdrawForm
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.request import Request
from qingyuan.showing.views.acts import add_refusal
from qingyuan.showing.views.outfalls.forms import StepForm, WaterForm


def step(request: Request, code: str) -> HttpResponse:
    """Ask into which state an outfall came, and write it down."""
    row = outfall(request.user, code)
    initial = {"on": clock.now().astimezone(clock.SHANGHAI).date()}
    form = StepForm(next_states(row.state), request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        given = form.cleaned_data
        try:
            move_outfall(
                row.outfall, given["state"], given["on"], user=request.user, note=given["note"],
                origin=origin_of(request),
            )  # fmt: skip
        except (BadInput, Refused) as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Entered. It is in the log under your name."))
            return redirect("outfall", code=row.code)
    return _page(request, form, title=_("Enter the next state"), home=_home(row))


def take_back(request: Request, code: str) -> HttpResponse:
    """Ask why the newest state was a mistake, and take it back."""
    row = outfall(request.user, code)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            withdraw_step(row.outfall, why=form.cleaned_data["why"], origin=origin_of(request))
        except (BadInput, Refused) as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Taken back. It stays on file as taken back."))
            return redirect("outfall", code=row.code)
    return _page(request, form, title=_("Take the newest state back"), home=_home(row))


def waters(request: Request) -> HttpResponse:
    """Rivers and lakes, with how many outfalls each has."""
    counted: dict[int, int] = {}
    for one in outfalls(request.user).prefetch_related(None).values_list("water", flat=True):
        counted[one] = counted.get(one, 0) + 1
    rows = [
        {"water": one, "outfalls": counted.get(one.pk, 0), "length": length_words(one)}
        for one in water_bodies().select_related("into")
    ]
    values = {
        "page_title": _("Rivers and lakes"),
        "crumbs": [{"title": _("River outfalls"), "href": reverse("outfalls")}],
        "rows": rows,
        "may_draw": may_draw(request),
    }
    return render(request, "showing/outfalls/waters.html", values)


def water_form(request: Request, code: str = "") -> HttpResponse:
    """Enter a water body, or draw it anew."""
    row = water_bodies().filter(code=code).first() if code else None
    if code and row is None:
        raise NotFound(_("There is no water body %(code)s.") % {"code": code})
    if not may_draw(request):
        raise Forbidden(_("Rivers and lakes run through every area: who changes them answers for the whole district."))
    form = WaterForm(row, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            draw_water(origin=origin_of(request), **form.cleaned_data)
        except BadInput as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Entered. It is in the log under your name."))
            return redirect("waters")
    title = _("Change: %(what)s") % {"what": row.title} if row else _("Enter a water body")
    return _page(request, form, title=title, home={"title": _("Rivers and lakes"), "href": reverse("waters")})


def may_draw(request: Request) -> bool:
    """Whether a person may change what everybody's territory shares."""
    return request.user.role in MAY_KEEP_PAPERS and sees_whole_district(request.user)


def length_words(water: Any) -> str:
    """The length of a line; nothing for an area."""
    shape = from_wkb(water.shape)
    if shape.geom_type != "LineString":
        return ""
    return f"{along_km(shape, *shape.coords[-1])[0] or 0.0:.1f} km"


def _home(row: Any) -> dict[str, str]:
    return {"title": row.title, "href": reverse("outfall", kwargs={"code": row.code})}


def _page(request: Request, form: Any, *, title: str, home: dict[str, str]) -> HttpResponse:
    values = {
        "page_title": title, "crumbs": [home], "form": form, "draft": f"outfall-{request.path}", "back": home["href"],
    }  # fmt: skip
    return render(request, "showing/judging_form.html", values, status=422 if form.errors else 200)
