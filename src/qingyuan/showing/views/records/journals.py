"""Lists in bulk: their rows newest first, page behind page, and counts of the days that are asked for."""

from collections.abc import Iterator
from itertools import islice

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from qingyuan.sensing.queries.journals import Asked, JournalRow, journal_rows, journal_span
from qingyuan.sensing.queries.records import DataList, data_list
from qingyuan.showing.logic.filters import drawn_choice
from qingyuan.showing.logic.paging import PER_PAGE
from qingyuan.showing.logic.records.journals import wanted_of
from qingyuan.showing.logic.records.narrowing import firm_choice
from qingyuan.showing.logic.records.words import IN_TABLE, heads, record_rows
from qingyuan.showing.request import Request
from qingyuan.showing.views.records import pages
from qingyuan.showing.wording import said

AT_ONCE = 5000  # rows of a file that is taken away


def records(request: Request, code: str) -> HttpResponse:
    """The records of one list, in bulk or not."""
    found = data_list(request.user, code)
    return _rows(request, found) if found.defined.journal else pages.records(request, code)


def _rows(request: Request, found: DataList) -> HttpResponse:
    wanted = wanted_of(request.user, found, request.GET)
    rows = journal_rows(request.user, found, wanted.asked, after=request.GET.get("after", ""), most=PER_PAGE)
    lead = next((one for one in found.defined.key if one != found.defined.since), found.defined.since)
    values = {
        **pages.head(request, found, "records"),
        "heads": heads(found, IN_TABLE),
        "rows": record_rows(found, rows.rows, request.user),
        "after": rows.after,
        "looked_to": rows.looked_to,
        "chips": wanted.chips,
        "filters": [drawn_choice(firm_choice(), request.GET)] if found.defined.firm else [],
        "lead": said(found.defined.column(lead).title),
        "span": journal_span(found),
        "is_whole": wanted.asked.is_whole,
        "table_address": f"{reverse('record-table', kwargs={'code': found.code})}?{request.GET.urlencode()}",
        "most": pages.MOST_TAKEN,
    }
    return render(request, "showing/records/journal.html", values)


def table(request: Request, code: str) -> HttpResponse:
    """The records that the address asks for, as a file."""
    found = data_list(request.user, code)
    if not found.defined.journal:
        return pages.table(request, code)
    asked = wanted_of(request.user, found, request.GET).asked
    return pages.taken(request, found, islice(_all(request, found, asked), pages.MOST_TAKEN + 1))


def _all(request: Request, found: DataList, asked: Asked) -> Iterator[JournalRow]:
    after = ""
    while True:
        rows = journal_rows(request.user, found, asked, after=after, most=AT_ONCE * 5)
        yield from rows.rows
        after = rows.after
        if not after:
            return
