"""The messages of the last days, and within how many seconds they were taken."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from qingyuan.dispatching.queries.messages import MessageState, messages, reached
from qingyuan.kit import clock
from qingyuan.people.queries import Occasion, reason_in_words
from qingyuan.showing.logic.filters import Choice, chosen, words_in
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.request import Request
from qingyuan.showing.rights import ADMINISTRATORS, may_open

DAYS = 7
KINDS = {
    MessageState.WAITING: "waiting",
    MessageState.SENDING: "working",
    MessageState.SENT: "good",
    MessageState.FAILED: "bad",
}


def listing(request: Request) -> HttpResponse:
    """Who was told what, when, and what went wrong."""
    recent = messages(request.user, clock.now() - timedelta(days=DAYS))
    choices = (
        Choice("state", _("State"), MessageState.choices, "state"),
        Choice("occasion", _("Occasion"), Occasion.choices, "occasion"),
    )
    found, filters = chosen(recent, choices, request.GET)
    fields = ("user__name_zh", "user__name_en", "user__username", "title", "case__number", "shown")
    listed = page_of(words_in(found, request.GET.get("q", ""), fields), request.GET)
    measured = reached(recent)
    values = {
        "page_title": _("Messages"),
        "page_lead": _("Of the last seven days, about cases and findings in your territory."),
        "figures": [(state, MessageState(state).label, count) for state, count in measured.counts.items()],
        "measured": measured,
        "filters": filters,
        "may_enter": may_open(request.user, ADMINISTRATORS),
        "rows": [
            {
                "message": one,
                "kind": KINDS[MessageState(one.state)],
                "reason": reason_in_words(one.error) if one.error else "",
                "seconds": (one.sent_at - one.since).total_seconds() if one.sent_at else None,
            }
            for one in listed["page"]
        ],
    }
    return render(request, "showing/reaching/messages.html", listed | values)
