"""Data lists of departments: all of them by department, the records of one, one record, and the counts of a column."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput
from qingyuan.people.queries import Role
from qingyuan.places.queries import sees_whole_district
from qingyuan.sensing.api.records import note_taken
from qingyuan.sensing.queries.journals import JournalRow, counted_in_journal, journal_editions, journal_row
from qingyuan.sensing.queries.records import (
    MANY,
    MAY_DEFINE_LISTS,
    DataList,
    Record,
    Standing,
    counted_by,
    data_list,
    definitions_of,
    may_bring,
    packet_of_file,
    record,
    record_editions,
    row_of_file,
    sees_persons,
    standings,
)
from qingyuan.sensing.records.definition import About, Every, Kind
from qingyuan.showing.logic.environment.sheets import Sheet
from qingyuan.showing.logic.filters import EVERY, Choice, drawn_choice, value_of
from qingyuan.showing.logic.lines import names_of
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.logic.paging import PER_PAGE, number_in, page_of
from qingyuan.showing.logic.records.journals import of_few_days, wanted_of
from qingyuan.showing.logic.records.narrowing import BY_COLUMN, Counted, Narrowed, firm_choice, narrow
from qingyuan.showing.logic.records.words import (
    IN_TABLE,
    STATES,
    TROUBLED,
    TROUBLES,
    Shown,
    heads,
    record_rows,
    shown,
    values_shown,
)
from qingyuan.showing.request import Request
from qingyuan.showing.rights import OFFICE, RECORD_BRINGERS, may_open
from qingyuan.showing.wording import said

READ_AT_ONCE = 4_000_000  # of a file, to show a row of it with its record [B]
LOOKED_THROUGH = 20_000  # of the newest records of a long list, before all of it is searched
MOST_TAKEN = 100_000  # records of one file; a workbook holds no more than a million rows


def listing(request: Request) -> HttpResponse:
    """Every list by department, with what came of it."""
    about = Choice("about", _("About"), About.choices)
    more = (TROUBLED, _("Silent or with rows refused"))
    state = Choice("state", _("State"), [more, *((key, title) for key, (title, _kind) in STATES.items())])
    asked, stands = value_of(about, request.GET), value_of(state, request.GET)
    found = standings(request.user, clock.now())
    words = request.GET.get("q", "").lower().split()
    listed = [
        one for one in found
        if asked in (EVERY, one.list.about) and _stands(one, stands) and _says(one, words)
    ]  # fmt: skip
    listed.sort(key=lambda one: (one.list.department is None, _department(one.list), one.list.code))
    rows = [{"of": one, "department": _department(one.list), **_standing(one)} for one in listed]
    waiting = sum(one.waiting for one in found)
    values = {
        "page_title": _("Department records"),
        "page_lead": _("What other departments and systems hold, matched to enterprises."),
        "tab": "lists",
        "filters": [drawn_choice(about, request.GET), drawn_choice(state, request.GET)],
        "rows": rows,
        "figures": _figures(found, waiting, may_decide=may_open(request.user, RECORD_BRINGERS)),
        "may_decide": may_open(request.user, RECORD_BRINGERS),
        "may_see_hub": may_open(request.user, OFFICE),
        "waiting": waiting,
        "may_define": request.user.role in MAY_DEFINE_LISTS,
    }
    return render(request, "showing/records/listing.html", values)


def _stands(one: Standing, asked: str) -> bool:
    return asked in (EVERY, one.state) or (asked == TROUBLED and one.state in TROUBLES)


def _figures(found: list[Standing], waiting: int, *, may_decide: bool) -> list[dict[str, Any]]:
    own, late = reverse("records"), sum(one.state == "silent" for one in found)
    departments = {one.list.department_id for one in found if one.files and one.list.department_id}
    return [
        {"key": "departments", "title": _("Departments that deliver"), "value": len(departments), "href": own},
        {"key": "records", "title": _("Records"), "value": sum(one.list.held for one in found), "href": own},
        {"key": "matched", "title": _("Matched to an enterprise"), "value": sum(one.list.matched for one in found),
         "href": own},
        {"key": "silent", "title": _("Silent lists"), "value": late, "href": f"{own}?state=silent"},
        {"key": "questions", "title": _("Enterprises to be decided"), "value": waiting,
         "href": reverse("record-questions") if may_decide else ""},
    ]  # fmt: skip


def _says(one: Standing, words: list[str]) -> bool:
    text = f"{one.list.code} {one.list.title_zh} {one.list.title_en} {_department(one.list)}".lower()
    return all(word in text for word in words)


def _department(one: DataList) -> str:
    return one.department.title if one.department else str(_("No department named"))


def _standing(one: Standing) -> dict[str, Any]:
    title, kind = STATES[one.state]
    return {"state": title, "state_kind": kind, "every": Every(one.list.every).label}


def records(request: Request, code: str) -> HttpResponse:
    """The records of one list, searched and narrowed."""
    found = data_list(request.user, code)
    asked = narrow(request.user, found, request.GET)
    is_long = found.held > MANY
    listed = _behind(asked, request) if is_long else page_of(_counted(request, found, asked), request.GET)
    values = {
        **head(request, found, "records"),
        "heads": heads(found, IN_TABLE),
        "rows": record_rows(found, listed["page"], request.user),
        "chips": asked.chips,
        "filters": [drawn_choice(firm_choice(), request.GET)],
        "is_long": is_long,
        "names_firms": bool(found.defined.firm),
        "table_address": f"{reverse('record-table', kwargs={'code': code})}?{request.GET.urlencode()}",
        "most": MOST_TAKEN,
    }
    return render(request, "showing/records/records.html", listed | values)


def _behind(asked: Narrowed, request: Request) -> dict[str, Any]:
    """The records behind the one that an address names: as cheap far back as in front, and nothing is counted."""
    after = number_in(request.GET.get("after"))
    behind = asked.rows if after is None else asked.rows.filter(id__lt=after)
    newest = after if after is not None else next(iter(asked.whole.values_list("id", flat=True)[:1]), 0)
    rows = list(behind.filter(id__gte=newest - LOOKED_THROUGH)[: PER_PAGE + 1])
    if len(rows) <= PER_PAGE:  # what is asked for is rare: no longer along the newest, but as PostgreSQL likes
        rows = list(behind[: PER_PAGE + 1])
    return {"page": rows[:PER_PAGE], "after": rows[PER_PAGE - 1].id if len(rows) > PER_PAGE else ""}


def _counted(request: Request, found: DataList, asked: Narrowed) -> Any:
    whole = asked.is_whole and sees_whole_district(request.user)
    return Counted(asked.rows, found.held) if whole else asked.rows


def table(request: Request, code: str) -> HttpResponse:
    """The records that the address asks for, as a file; in which persons' data stand as the viewer sees them."""
    found = data_list(request.user, code)
    rows = narrow(request.user, found, request.GET).rows[: MOST_TAKEN + 1]
    return taken(request, found, rows.iterator(chunk_size=5000))


def taken(request: Request, found: DataList, rows: Iterable[Record | JournalRow]) -> HttpResponse:
    """Records as a file, and a line of the log where persons' data stand in it."""
    lines = [_line(found, one, request) for one in rows]
    if len(lines) > MOST_TAKEN:
        raise BadInput(_("Found more than %(most)s records, expected fewer: narrow them first.") % {
            "most": f"{MOST_TAKEN:,}"}, "form")  # fmt: skip
    columns = found.defined.columns
    if sees_persons(request.user) and any(one.personal for one in columns):
        note_taken(request.user, found, len(lines), origin_of(request))
    keys = [*(one.code for one in columns), "since", "until", "enterprise", "enterprise_code"]
    titles = [f"{said(one.title)} ({one.unit})" if one.unit else said(one.title) for one in columns]
    more = [_("Holds from"), _("Holds before"), _("Enterprise"), _("Code of the enterprise")]
    return Sheet(found.code, keys, [*titles, *more], lines).taken_as(request.GET.get("form", ""))


def _line(found: DataList, one: Record | JournalRow, request: Request) -> list[Any]:
    cells = values_shown(found, one.values, request.user)
    firm = one.enterprise
    told = [float(cell.text) if cell.is_number and cell.text else cell.text or None for cell in cells]
    return [*told, one.since, one.until, firm.title if firm else None, firm.code if firm else None]


def statistics(request: Request, code: str) -> HttpResponse:
    """How many records have each value of a column, or each pair of values of two."""
    found = data_list(request.user, code)
    spoken = [one for one in found.defined.columns if not one.personal and one.kind != Kind.NUMBER]
    options = [(one.code, said(one.title)) for one in spoken]
    numbers = [(one.code, said(one.title)) for one in found.defined.columns if one.kind == Kind.NUMBER]
    begin = [*found.defined.counted, *(code for code, _title in options), ""]
    first = Choice("by", _("Count by"), options, default=begin[0])
    second = Choice("and", _("And by"), options, default=(*found.defined.counted[1:], EVERY)[0])
    added = Choice("sum", _("Add up"), numbers)
    by = [value_of(first, request.GET), value_of(second, request.GET)]
    by = list(dict.fromkeys(one for one in by if one and one != EVERY))
    total = value_of(added, request.GET)
    chips, days, counted = _counts(request, found, by, "" if total == EVERY else total)
    values = {
        **head(request, found, "statistics"),
        "filters": [drawn_choice(first, request.GET, offers_all=False),
                    drawn_choice(second, request.GET), drawn_choice(added, request.GET)],
        "chips": chips,
        "heads": [title for code in by for known, title in options if known == code],
        "added": next((one for one in heads(found) if one["code"] == total), None),
        "rows": _counted_rows(found, by, counted, request, days=days),
        "days": days,
        "counted": sum(number for _values, number, _sum in counted),
    }  # fmt: skip
    return render(request, "showing/records/statistics.html", values)


def _counts(
    request: Request, found: DataList, by: list[str], added: str
) -> tuple[list[dict[str, str]], dict[str, str], list[Any]]:
    """How many records have each value, and by what they were narrowed; of a list in bulk those of some days."""
    if not found.defined.journal:
        asked = narrow(request.user, found, request.GET)
        return asked.chips, {}, counted_by(found, asked.rows, by, added) if by else []
    wanted = wanted_of(request.user, found, request.GET)
    of_days = of_few_days(found, wanted.asked)
    days = {name: str(day or "") for name, day in zip(("from", "to"), of_days.days, strict=True)}
    return wanted.chips, days, counted_in_journal(request.user, found, of_days, by, added=added) if by else []


def _counted_rows(
    found: DataList, by: list[str], counted: list[Any], request: Request, *, days: dict[str, str]
) -> list[dict[str, Any]]:
    whole = sum(number for _values, number, _sum in counted) or 1
    most = max((number for _values, number, _sum in counted), default=1)
    added = sum(summed or 0.0 for _values, _number, summed in counted)
    columns = [found.defined.column(code) for code in by]
    rows = []
    for values, number, summed in counted:
        left = request.GET.copy()
        for name in ("by", "and", "sum", "page"):
            left.pop(name, None)
        left.update({name: day for name, day in days.items() if name not in left})
        for code, value in zip(by, values, strict=True):
            left[f"{BY_COLUMN}{code}"] = value
        rows.append({
            "values": [shown(column, value, request.user) for column, value in zip(columns, values, strict=True)],
            "number": number, "share": number / whole, "width": round(100 * number / most), "sum": summed,
            "sum_share": summed / added if summed is not None and added else None,
            "href": f"{reverse('record-list', kwargs={'code': found.code})}?{left.urlencode()}",
        })  # fmt: skip
    return rows


def columns(request: Request, code: str) -> HttpResponse:
    """What a record of the list is made of, and how that was before."""
    found = data_list(request.user, code)
    editions = definitions_of(found)
    people = names_of(who for _at, who, _definition in editions)
    values = {
        **head(request, found, "columns"),
        "columns": [
            {
                "of": one,
                "title": said(one.title),
                "kind": Kind(one.kind).label,
                "is_key": one.code in found.defined.key,
                "stands_in": one.code in found.defined.otherwise and one.code not in found.defined.key,
            }
            for one in found.defined.columns
        ],
        "editions": [
            {"at": at, "who": people.get(who, who) or _("the platform"), "columns": len(definition.columns)}
            for at, who, definition in reversed(editions)
        ],
        "since": found.defined.since,
        "until": found.defined.until,
        "firm": found.defined.firm,
    }
    return render(request, "showing/records/columns.html", values)


def one_record(request: Request, code: str, record_id: int) -> HttpResponse:
    """One record: its values, its enterprise, all its editions, and the line of the file that it came from."""
    found = data_list(request.user, code)
    one, editions = _with_editions(request, found, record_id)
    cells = values_shown(found, one.values, request.user)
    values = {
        "page_title": _("Record %(id)d") % {"id": one.id},
        "crumbs": [*_crumbs(), {"title": found.title, "href": reverse("record-list", kwargs={"code": code})}],
        "list": found,
        "record": one,
        "cells": [{"head": top, "cell": cell} for top, cell in zip(heads(found), cells, strict=True)],
        "editions": [
            _edition(found, each, below, request) for each, below in zip(editions, [*editions[1:], None], strict=True)
        ],
        "packet": packet_of_file(one.file) if request.user.role == Role.ADMINISTRATOR else None,
        "may_see_file": may_bring(request.user, found),
        "came_as": _row_of_file(found, one, request),
    }
    return render(request, "showing/records/record.html", values)


Edition = Record | JournalRow


def _with_editions(request: Request, found: DataList, number: int) -> tuple[Edition, list[Edition]]:
    if found.defined.journal:
        row = journal_row(request.user, found, number)
        return row, [*journal_editions(request.user, found, row)]
    one = record(request.user, found, number)
    return one, [*record_editions(request.user, one)]


def _edition(found: DataList, one: Edition, below: Edition | None, request: Request) -> dict[str, Any]:
    """An edition, with what it changed of the one before."""
    now, then = values_shown(found, one.values, request.user), []
    if below is not None:
        then = values_shown(found, below.values, request.user)
    old = {place: value for place, value in enumerate(below.values)} if below else {}
    changes = [
        {"title": top["title"], "before": then[place].text, "after": now[place].text}
        for place, top in enumerate(heads(found))
        if below is not None and (old.get(place) or "") != ((one.values[place : place + 1] or [None])[0] or "")
    ]
    return {"record": one, "changes": changes, "is_first": below is None}


def _row_of_file(found: DataList, one: Edition, request: Request) -> dict[str, Any]:
    """The row as it stands in the file, but for what the viewer may not see; of a large file when it is asked for."""
    if one.file.size > READ_AT_ONCE and "row" not in request.GET:
        return {"state": "large"}
    read = row_of_file(one.file, one.line)
    if read is None:
        return {"state": "lost"}
    titles, cells, places = read
    column_at = {place: found.defined.column(code) for code, place in places.items()}
    hides = not sees_persons(request.user) and any(column.personal for column in found.defined.columns)
    told = []
    for place, title in enumerate(titles):
        column, cell = column_at.get(place), cells[place] if place < len(cells) else None
        text = "" if cell is None else str(cell)
        if column is not None:
            told.append({"title": title, "cell": shown(column, text, request.user)})
        elif not hides:  # nobody has said whether a column that the list lacks is personal
            told.append({"title": title, "cell": Shown(text)})
    return {"state": "read", "cells": told}


def head(request: Request, found: DataList, tab: str) -> dict[str, Any]:
    """What every page of a list has at its top."""
    return {
        "page_title": found.title,
        "page_lead": f"{_department(found)} · {found.get_about_display()}",
        "crumbs": _crumbs(),
        "list": found,
        "tab": tab,
        "may_bring": may_bring(request.user, found),
    }


def _crumbs() -> list[dict[str, str]]:
    return [{"title": _("Department records"), "href": reverse("records")}]
