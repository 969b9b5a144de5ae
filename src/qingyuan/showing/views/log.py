"""The log for administrators: who did what, when, from where and why; and whether it still holds."""

from operator import itemgetter

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan.kit.proof import anchors, checking
from qingyuan.kit.queries import last_seq, lines
from qingyuan.sensing.api import segment_faults
from qingyuan.showing.live import FREQUENT_ACTS
from qingyuan.showing.logic.lines import TITLES, for_people
from qingyuan.showing.logic.paging import number_in
from qingyuan.showing.request import Request

SHOWN = 50
MOST_FAULTS = 10


def log(request: Request) -> HttpResponse:
    """Lines of the log, newest first; batches of readings only when they are asked for."""
    subject, act, before = (request.GET.get(name, "").strip() for name in ("subject", "act", "before"))
    found = lines(subject=subject, acts=[act] if act else ())
    if not act and not subject:
        found = found.exclude(act__in=FREQUENT_ACTS)
    if (seq := number_in(before)) is not None:
        found = found.filter(seq__lt=seq)
    entries = list(found[: SHOWN + 1])
    values = {
        "page_title": _("Log"),
        "page_lead": _("Every line is a leaf of one tree of hashes, so that no line can change unnoticed."),
        "lines": for_people(entries[:SHOWN]),
        "older": entries[SHOWN - 1].seq if len(entries) > SHOWN else None,
        "last": last_seq(),
        "subject": subject,
        "act": act,
        "acts": sorted(({"code": one, "title": str(TITLES[one])} for one in TITLES), key=itemgetter("title")),
        "hides_frequent": not act and not subject,
    }
    return render(request, "showing/log.html", values)


@require_POST
def verify(request: Request) -> HttpResponse:
    """Walk the log, hold it against its kept heads, walk the raw segments; and say what was found."""
    heads, unreadable = anchors.kept()
    walked = checking.check(heads)
    segments = list(segment_faults())
    broken = [*unreadable, *walked.faults, *(fault for fault in segments if fault)]
    counted = {"lines": f"{walked.lines:,}", "segments": f"{len(segments):,}"}
    if broken:
        where = "; ".join(broken[:MOST_FAULTS])
        messages.error(request, _("The chain is broken: %(where)s.") % {"where": where})
    else:
        found = _("The chain holds: %(lines)s lines of the log and %(segments)s segments of raw packets were checked.")
        messages.success(request, found % counted)
    return redirect("log")
