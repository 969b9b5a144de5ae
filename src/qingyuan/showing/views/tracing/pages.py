"""Findings whose source was sought, what tracing was worth, and seeking again."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan.dispatching.queries import cases
from qingyuan.places.queries import StationKind
from qingyuan.showing.logic.filters import Choice, chosen, words_in
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.logic.tracing.words import first_of
from qingyuan.showing.request import Request
from qingyuan.showing.wording import said
from qingyuan.tracing.api import trace_again
from qingyuan.tracing.queries import TRACERS, traces, worth

PLACES = ("finding__station__title_zh", "finding__station__title_en", "finding__station__code")


def listing(request: Request) -> HttpResponse:
    """Findings whose source was sought, newest first, with the most probable source of each."""
    kind = Choice("kind", _("Kind of station"), StationKind.choices, "finding__station__kind")
    found, filters = chosen(traces(request.user), (kind,), request.GET)
    found = words_in(found, request.GET.get("q", ""), (*PLACES, "sentence_zh", "sentence_en"))
    listed = page_of(found, request.GET)
    rows = list(listed["page"])
    first = first_of(rows)
    by_finding = {
        one.finding_id: one for one in cases(request.user).filter(finding__in=[one.finding_id for one in rows])
    }
    values: dict[str, Any] = {
        "page_title": _("Tracing"),
        "page_lead": _("Where abnormal water and air may have come from, with what speaks for and against."),
        "rows": [{"trace": one, "first": first.get(one.pk), "case": by_finding.get(one.finding_id)} for one in rows],
        "filters": filters,
        "worth": worth(request.user),
        "tracers": [
            {"title": said(one.title), "validity": said(one.validity), "version": one.version} for one in TRACERS
        ],
        "stream_url": reverse("stream"),
    }
    return render(request, "showing/tracing/listing.html", listed | values)


@require_POST
def again(request: Request, finding_id: int) -> HttpResponse:
    """Seek the source of a finding with what is known now, and go back to where it was asked."""
    trace_again(finding_id, request.user, origin_of(request))
    messages.success(request, _("The source was sought again with what is known now."))
    back = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return redirect(back)
    return redirect("finding", finding_id=finding_id)
