"""What was known of a finding when somebody decided about it."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.dispatching.queries import case_of_finding
from qingyuan.judging.queries import Finding, finding
from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput
from qingyuan.kit.log import about
from qingyuan.showing.logic.factors import measured
from qingyuan.showing.logic.judging.then import then_and_now
from qingyuan.showing.logic.lines import Line, for_people, head_and_rest
from qingyuan.showing.logic.timespans import instant
from qingyuan.showing.logic.tracing.words import told_to
from qingyuan.showing.request import Request


def page(request: Request, finding_id: int) -> HttpResponse:
    """Readings, limits, rules, papers and people as known at an instant, beside what is known now."""
    found, now = finding(request.user, finding_id), clock.now()
    refused = ""
    try:
        at = instant(request.GET["at"], "at") if request.GET.get("at") else found.opened_at
        if at > now:
            raise BadInput(_("Found a time that is still to come, expected one of the past."), "at")
    except BadInput as error:
        at, refused = found.opened_at, str(error)
    values = {
        "page_title": _("What was known then"),
        "page_lead": found.sentence,
        "crumbs": [
            {"title": _("Findings"), "href": reverse("findings")},
            {"title": found.title, "href": reverse("finding", kwargs={"finding_id": found.pk})},
        ],
        "finding": found,
        "at": at,
        "asked": at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%dT%H:%M:%S"),
        "refused": refused,
        "now": now,
        "moments": _moments(request, found, at),
        "known": then_and_now(found, at, now),
        "words": measured(found.channel) if found.channel else None,
    }
    return render(request, "showing/then.html", values, status=422 if refused else 200)


def _moments(request: Request, found: Finding, at: datetime) -> list[dict[str, Any]]:
    """When somebody, or the platform, did something about the finding or its case: instants worth asking for."""
    case = case_of_finding(request.user, found.pk)
    subjects = [f"finding/{found.pk}", *([f"case/{case.pk}"] if case else [])]
    lines: list[Line] = [line for one in subjects for line in for_people(told_to(request.user, about(one)))]
    return [
        {
            "title": head_and_rest(line.title)[0],
            "who": line.who,
            "at": line.at,
            "href": f"?at={line.at.astimezone(clock.SHANGHAI).isoformat().replace('+', '%2B')}",
            "chosen": line.at == at,
        }
        for line in sorted(lines, key=lambda line: line.seq)
    ]
