"""Entering flights, their pictures, what was seen, and areas."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan.inspecting.api import Photo, note_sighting, record_flight, report_sighting, take_media
from qingyuan.inspecting.queries import flight
from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput, NotFound, Refused
from qingyuan.places.api import draw_zone
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.request import Request
from qingyuan.showing.views.acts import add_refusal
from qingyuan.showing.views.flying.forms import FlightForm, PicturesForm, SightingForm, ZoneForm
from qingyuan.showing.views.flying.pages import show


def enter(request: Request) -> HttpResponse:
    """Enter a flight that was flown."""
    now = clock.now().replace(microsecond=0)
    start = {"starts_at": now - timedelta(minutes=30), "ends_at": now, "pilot": request.user.name}
    sent = (request.POST,) if request.method == "POST" else ()
    form = FlightForm(request.user, *sent, initial=start)
    if form.is_valid():
        try:
            made = record_flight(request.user, form.cleaned_data, origin_of(request))
        except (BadInput, NotFound, Refused) as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("The flight is entered; bring its photos and clips below."))
            return redirect("flight", flight_id=made.pk)
    return _form(request, form, _("Enter a flight"), draft="flight-new", back=reverse("flights"))


@require_POST
def bring(request: Request, flight_id: int) -> HttpResponse:
    """Keep photos and clips of a flight."""
    flight(request.user, flight_id)
    form = PicturesForm(request.POST, request.FILES)
    if form.is_valid():
        files = [Photo(str(one.name), one.read()) for one in request.FILES.getlist("pictures")]
        begins = form.cleaned_data["begins_at"]
        try:
            made = take_media(request.user, flight_id, files, origin_of(request), begins_at=begins)
        except BadInput as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Pictures and clips kept: %(count)d.") % {"count": len(made)})
            return redirect("flight", flight_id=flight_id)
    return show(request, flight_id, pictures=form)


@require_POST
def note(request: Request, flight_id: int) -> HttpResponse:
    """Note what was seen on a picture."""
    form = SightingForm(request.POST)
    if form.is_valid():
        try:
            made = note_sighting(request.user, flight_id, form.cleaned_data, origin_of(request))
        except (BadInput, NotFound) as error:
            add_refusal(form, error)
        else:
            address = reverse("flight", kwargs={"flight_id": flight_id})
            return redirect(f"{address}#sighting-{made.pk}")
    return show(request, flight_id, sighting=form)


@require_POST
def report(request: Request, flight_id: int, sighting_id: int) -> HttpResponse:
    """Enter what was seen into the list of findings."""
    flight(request.user, flight_id)
    found = report_sighting(request.user, sighting_id, origin_of(request))
    messages.success(request, _("Entered as finding %(id)s; it stands in the list of findings.") % {"id": found.pk})
    return redirect("finding", finding_id=found.pk)


def area(request: Request) -> HttpResponse:
    """Draw an area that is watched over."""
    form = ZoneForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        told = form.cleaned_data
        try:
            draw_zone(
                told["code"], title_zh=told["title_zh"], title_en=told["title_en"], kind=told["kind"],
                shape=told["boundary"], origin=origin_of(request),
            )  # fmt: skip
        except BadInput as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("The area is drawn."))
            return redirect("zones")
    return _form(request, form, _("Draw an area"), draft="zone-new", back=reverse("zones"))


def _form(request: Request, form: FlightForm | ZoneForm, title: str, *, draft: str, back: str) -> HttpResponse:
    crumbs = [{"title": _("Patrol flights"), "href": reverse("flights")}]
    values = {"page_title": title, "crumbs": crumbs, "form": form, "draft": draft, "back": back}
    return render(request, "showing/judging_form.html", values, status=422 if form.errors else 200)
