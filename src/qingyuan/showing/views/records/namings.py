"""How a list in bulk is matched to enterprises: counts by how they were found, and looking up anew at a press."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.sensing.api.journals import match_journal_again
from qingyuan.sensing.queries.namings import Matching, matching_of
from qingyuan.sensing.queries.records import DataList, data_list
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.request import Request
from qingyuan.showing.views.records import pages


def namings(request: Request, code: str) -> HttpResponse:
    """How many rows and ways of writing of a list in bulk mean an enterprise; a press looks the others up anew."""
    found = data_list(request.user, code)
    if not found.defined.journal or not found.defined.firm:
        raise Http404
    if request.method == "POST":
        ways, moved = match_journal_again(request.user, found, origin=origin_of(request))
        told = {"ways": ways, "moved": moved}
        said = _("Looked up: %(ways)d ways of writing mean somebody now, %(moved)d rows follow.")
        messages.success(request, said % told)
        return redirect("record-namings", code=code)
    matching = matching_of(found)
    values = {
        **pages.head(request, found, "namings"),
        "figures": _figures(found, matching),
        "rows": _ways(found, matching),
        "ways": matching.ways,
    }
    return render(request, "showing/records/namings.html", values)


def _figures(found: DataList, matching: Matching) -> list[dict[str, Any]]:
    own = reverse("record-list", kwargs={"code": found.code})
    return [
        {"key": "rows", "title": _("Rows"), "value": found.held, "href": own},
        {"key": "matched", "title": _("Matched to an enterprise"), "value": found.matched, "href": f"{own}?firm=with"},
        {"key": "ways", "title": _("Ways of writing an enterprise"), "value": matching.ways, "href": ""},
        {"key": "questions", "title": _("Enterprises to be decided"), "value": matching.asked, "href": _asked(found)},
    ]


def _asked(found: DataList) -> str:
    return f"{reverse('record-questions')}?list={found.code}"


def _ways(found: DataList, matching: Matching) -> list[dict[str, Any]]:
    decided = f"{_asked(found)}&state=decided"
    return [
        *({"title": how.label, "count": count, "href": ""} for how, count in matching.found),
        {"title": _("None on file, as a person decided"), "count": matching.nobody, "href": decided},
        {"title": _("To be decided by a person"), "count": matching.asked, "href": _asked(found)},
        {"title": _("Like nobody on file"), "count": matching.unlike, "href": ""},
        {"title": _("Candidates not looked for yet"), "count": matching.waiting, "href": ""},
    ]
