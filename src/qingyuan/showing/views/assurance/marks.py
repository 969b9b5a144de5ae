"""Marking the data of a time at an outlet, withdrawing a mark, and the evidence that belongs to it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.kit.errors import BadInput, Forbidden, NotFound, Refused
from qingyuan.people.queries import Role
from qingyuan.places.queries import Station, stations
from qingyuan.recording.api import Evidence, mark_span, withdraw_mark
from qingyuan.recording.queries import MAY_MARK, MAY_WITHDRAW, MarkedSpan, marks
from qingyuan.sensing.queries import channels
from qingyuan.showing.forms import MarkForm, WithdrawForm
from qingyuan.showing.logic.assurance import mark_words
from qingyuan.showing.logic.devices.failedchecks import proposed_mark
from qingyuan.showing.logic.factors import measured
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.request import Request
from qingyuan.showing.views.acts import add_refusal


def mark_form(request: Request, code: str) -> HttpResponse:
    """Ask what happened at an outlet, when and to which factors, and mark the data of that time."""
    station = stations(request.user).filter(code=code).first()
    if station is None:
        raise NotFound(_("There is no station %(code)s in your territory.") % {"code": code})
    if request.user.role not in MAY_MARK:
        roles = ", ".join(str(Role(role).label) for role in MAY_MARK)
        raise Forbidden(_("Only these roles may mark data: %(roles)s") % {"roles": roles})
    factors = [(one.pk, measured(one).name) for one in channels(request.user).filter(station=station)]
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = MarkForm(station, factors, *sent, initial=proposed_mark(request.GET))
    if form.is_valid():
        file = form.cleaned_data["evidence"]
        try:
            row = mark_span(
                code, request.user, origin_of(request), code=form.cleaned_data["code"],
                starts_at=form.cleaned_data["starts_at"], ends_at=form.cleaned_data["ends_at"],
                reason=form.cleaned_data["reason"], channel_ids=[int(pk) for pk in form.cleaned_data["factors"]],
                attached=Evidence(file.name, file.read()) if file else None,
            )  # fmt: skip
        except (BadInput, Refused) as error:
            add_refusal(form, error)
        else:
            messages.success(request, _told(row))
            return redirect("station", code=code)
    lead = _("What is marked stays in the record with your name. Marking falsely counts as falsifying data.")
    values = _values(station, form, _("Mark data"), lead) | {"draft": f"mark-{code}"}
    return render(request, "showing/mark.html", values, status=422 if form.errors else 200)


def _told(row: MarkedSpan) -> str:
    if row.late:
        return _("Marked. It was due earlier, which the mark says too.")
    return _("Marked. What it touches is computed anew.")


def withdraw_form(request: Request, mark_id: int) -> HttpResponse:
    """Ask why a mark does not hold, and withdraw it."""
    row = marks(request.user).filter(pk=mark_id).first()
    if row is None:
        raise NotFound(_("There is no mark %(id)s in your territory.") % {"id": mark_id})
    if request.user.role not in MAY_WITHDRAW:
        roles = ", ".join(str(Role(role).label) for role in MAY_WITHDRAW)
        raise Forbidden(_("Only these roles may withdraw a mark: %(roles)s") % {"roles": roles})
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            withdraw_mark(mark_id, request.user, form.cleaned_data["why"], origin_of(request))
        except (BadInput, Refused) as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Withdrawn. The device’s own marks stand again."))
            return redirect("station", code=row.station.code)
    values = _values(row.station, form, _("Withdraw the mark"), "")
    values |= {"draft": f"withdraw-{mark_id}", "mark": mark_words(row, request.user)}
    return render(request, "showing/mark.html", values, status=422 if form.errors else 200)


def evidence(request: Request, mark_id: int) -> HttpResponse:
    """The evidence of a mark, byte for byte, to be saved and not opened in the page."""
    row = marks(request.user).filter(pk=mark_id).exclude(evidence_sha256="").first()
    if row is None or not row.evidence_path.exists():
        raise NotFound(_("There is no evidence to mark %(id)s in your territory.") % {"id": mark_id})
    answer = HttpResponse(row.evidence_path.read_bytes(), content_type="application/octet-stream")
    ending = row.evidence_name.rpartition(".")[2].lower()
    answer.headers["Content-Disposition"] = f'attachment; filename="mark-{row.pk}.{ending}"'
    return answer


def _values(station: Station, form: Any, title: str, lead: str) -> dict[str, Any]:
    address = reverse("station", kwargs={"code": station.code})
    return {
        "page_title": title,
        "page_lead": lead,
        "crumbs": [{"title": _("Places"), "href": reverse("places")}, {"title": station.title, "href": address}],
        "station": station,
        "form": form,
    }
