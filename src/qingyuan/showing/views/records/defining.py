"""Lists for administrators: taken over from the catalogue, changed column by column."""

import json
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.kit.errors import BadInput
from qingyuan.people.queries import Organisation, departments
from qingyuan.sensing.api import issue_token
from qingyuan.sensing.api.records import define_list, feed_of_list, take_over_list
from qingyuan.sensing.queries.journals import may_become_journal
from qingyuan.sensing.queries.records import DataList, data_list, data_lists
from qingyuan.sensing.records.catalogue import entries
from qingyuan.sensing.records.definition import FIRM_PARTS, About, Column, Every, Kind
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.request import Request
from qingyuan.showing.views.records.pages import head
from qingyuan.showing.wording import said

SPARE = 3  # empty lines for columns that are added


def catalogue(request: Request) -> HttpResponse:
    """Ready lists, of which one is taken over with a department."""
    known = departments().known
    if request.method == "POST":
        code = request.POST.get("code", "")
        taken = take_over_list(code, _department(request.POST), origin_of(request))
        messages.success(request, _("Taken over: %(title)s. Bring its first file.") % {"title": taken.title})
        return redirect("record-files", code=taken.code)
    held = set(data_lists(request.user).values_list("code", flat=True))
    rows = [
        {
            "entry": one, "title": said(one.title), "department": said(one.department), "about": About(one.about).label,
            "every": Every(one.every).label, "columns": [said(column.title) for column in one.definition.columns],
            "held": one.code in held, "own": _like(one.department.zh, known),
        }
        for one in entries()
    ]  # fmt: skip
    values = {
        "page_title": _("Ready data lists"),
        "page_lead": _("Take over what a department delivers; its columns can be changed afterwards."),
        "crumbs": [{"title": _("Department records"), "href": reverse("records")}],
        "rows": rows,
        "departments": known,
    }
    return render(request, "showing/records/catalogue.html", values)


def _like(name: str, known: tuple[Organisation, ...]) -> str:
    """The code of the organisation whose title holds a name."""
    return next((one.code for one in known if name in one.title_zh), "")


def _department(post: QueryDict) -> Organisation | None:
    code = post.get("department", "")
    return next((one for one in departments().known if one.code == code), None)


def change(request: Request, code: str) -> HttpResponse:
    """Titles, department, pace and columns of a list."""
    found, error = data_list(request.user, code), ""
    if request.method == "POST":
        try:
            _define(request, found)
        except BadInput as refusal:
            error = str(refusal)
        else:
            messages.success(request, _("Kept. What was known stays as it was."))
            return redirect("record-columns", code=code)
    values: dict[str, Any] = {
        **head(request, found, "columns"),
        "page_title": _("Change %(title)s") % {"title": found.title},
        "error": error,
        "columns": [*found.defined.columns, *[Column("", "", "") for _spare in range(SPARE)]],
        "known": len(found.defined.columns),
        "kinds": Kind.choices,
        "abouts": About.choices,
        "paces": Every.choices,
        "departments": departments().known,
        "may_become_journal": may_become_journal(found),
        "is_journal": "journal" in request.POST if error and may_become_journal(found) else found.defined.journal,
        "keys": [said(found.defined.column(one).title) for one in found.defined.key],
        "parts": [{"name": part, "column": found.defined.firm.get(part, "")} for part in FIRM_PARTS],
    }
    return render(request, "showing/records/change.html", values, status=422 if error else 200)


def _define(request: Request, found: DataList) -> None:
    post = request.POST
    lines = zip(
        *(post.getlist(f"column-{name}") for name in ("code", "zh", "en", "kind", "unit", "names")), strict=True
    )
    personal, required = set(post.getlist("personal")), set(post.getlist("required"))
    columns = tuple(
        Column(code.strip(), zh.strip(), en.strip(), kind, unit.strip(), _names(names), code.strip() in personal,
               code.strip() in required)
        for code, zh, en, kind, unit, names in lines if code.strip()
    )  # fmt: skip
    before = found.defined
    firm = {part: post.get(f"firm-{part}", "") for part in FIRM_PARTS if post.get(f"firm-{part}")}
    journal = "journal" in post if may_become_journal(found) else before.journal
    definition = replace(
        before, columns=columns, since=post.get("since", ""), until=post.get("until", ""), firm=firm, journal=journal
    )
    define_list(
        found.code, title_zh=post.get("title_zh", ""), title_en=post.get("title_en", ""), about=post.get("about", ""),
        definition=definition, department=_department(post), every=post.get("every", ""), origin=origin_of(request),
    )  # fmt: skip


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.replace("，", ",").replace("、", ",").split(",") if name.strip())


def token(request: Request, code: str) -> HttpResponse:
    """Give the department a token by which its system posts this list."""
    found = data_list(request.user, code)
    feed = feed_of_list(found, origin_of(request))
    values: dict[str, Any] = {
        **head(request, found, "files"),
        "page_title": _("HTTP push of %(title)s") % {"title": found.title},
        "feed": feed,
        "token": issue_token(feed, origin_of(request)) if request.method == "POST" else "",
        "address": request.build_absolute_uri(reverse("http-api:post-records")),
        "sample": json.dumps({"records": [{one.code: "…" for one in found.defined.columns[:5]}]}, ensure_ascii=False),
    }
    return render(request, "showing/records/token.html", values)
