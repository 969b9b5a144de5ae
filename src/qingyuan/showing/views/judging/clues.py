"""Reporting what a person noticed; it stands in the list of findings like what detectors found."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.judging.api import report_clue
from qingyuan.kit.errors import BadInput
from qingyuan.places.queries import stations
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.request import Request
from qingyuan.showing.views.acts import add_refusal
from qingyuan.showing.views.judging.forms import ClueForm


def clue_form(request: Request) -> HttpResponse:
    """Ask for place, time and what was noticed, and enter it as a finding."""
    places = stations(request.user).order_by("code")
    sent = (request.POST,) if request.method == "POST" else ()
    form = ClueForm(places, *sent, initial={"station": request.GET.get("station", ""), "severity": 2})
    if form.is_valid():
        values = form.cleaned_data
        try:
            row = report_clue(
                values["station"].code, request.user, origin_of(request), what=values["what"],
                span=(values["since"], values["until"] or values["since"]), severity=values["severity"],
            )  # fmt: skip
        except BadInput as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("The clue stands in the list of findings."))
            return redirect("finding", finding_id=row.pk)
    values = {
        "page_title": _("Report a clue"),
        "page_lead": _("What you or somebody else noticed: where, when and what. No measurement is needed."),
        "crumbs": [{"title": _("Findings"), "href": reverse("findings")}],
        "form": form,
        "draft": "clue",
        "back": reverse("findings"),
    }
    return render(request, "showing/judging_form.html", values, status=422 if form.errors else 200)
