"""Violations: how many of which kind, where and when, and saying which one a case was found to be."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.dispatching.api import determine_violation
from qingyuan.dispatching.queries import MAY_DETERMINE, NO_VIOLATION, case, violation_title
from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput, Forbidden, Refused
from qingyuan.places.queries import GridCell, cells
from qingyuan.showing.forms import ViolationForm
from qingyuan.showing.logic.enforcing.narrowing import ANY, FIRST_YEAR, MONTHS, TOWN, area_choice
from qingyuan.showing.logic.enforcing.violations import Year, bases_on, kinds, suspected, year_of
from qingyuan.showing.logic.environment.sheets import Sheet
from qingyuan.showing.logic.filters import EVERY, Choice, value_of
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.logic.paging import number_in
from qingyuan.showing.request import Request
from qingyuan.showing.views.acts import add_refusal
from qingyuan.showing.wording import said


def listing(request: Request) -> HttpResponse:
    """The violations of a year by kind, area and month, and how many of the clues led to one."""
    counted, area = _asked(request)
    today = clock.now().astimezone(clock.SHANGHAI).date()
    query = f"?year={counted.year}&area={area.code if area else EVERY}"
    values = {
        "page_title": _("Violations"),
        "page_lead": _("Clues by the day on which they were found, violations by the day on which a person said so."),
        "counted": counted,
        "filters": _filters(request, counted.year),
        "of_area": f"&area={area.code}" if area else "",
        "no_violation": NO_VIOLATION,
        "months": range(1, MONTHS + 1),
        "laws": [{"title": title, "bases": bases_on(code, today)} for code, title in kinds()],
        "today": today,
        "table_address": reverse("violations-table") + query,
    }
    return render(request, "showing/enforcing/violations.html", values)


def table(request: Request) -> HttpResponse:
    """The same to take away, one line a kind."""
    counted, area = _asked(request)
    keys = ["code", "kind", "clues", "cases", "confirmed", "found", *(f"month_{one:02d}" for one in _months())]
    heads = [
        _("Code"), _("Kind of violation"), _("Clues"), _("Cases"), _("Confirmed"), _("Found"),
        *(_("Month %(month)d") % {"month": one} for one in _months()),
    ]  # fmt: skip
    rows = [
        [one.code, one.title, one.clues, one.cases, one.confirmed, one.found, *one.months]
        for one in (*counted.kinds, counted.sums)
    ]
    empty = [""] * MONTHS
    for one in counted.areas:
        rows += [[code, f"{one.title}: {title}", "", "", "", number, *empty] for code, title, number in one.kinds]
    about = {"year": counted.year, "area": area.title if area else ""}
    return Sheet(f"violations-{counted.year}", keys, heads, rows, about).taken_as(request.GET.get("form", ""))


def determine(request: Request, case_id: int) -> HttpResponse:
    """Ask which violation a case was found to be, and why."""
    found = case(request.user, case_id)
    if request.user.role not in MAY_DETERMINE:
        raise Forbidden(_("Only enforcement officers and supervisors determine a violation"))
    form = ViolationForm(request.POST if request.method == "POST" else None, initial={"violation": found.violation})
    if form.is_valid():
        values = form.cleaned_data
        try:
            determine_violation(case_id, values["violation"], request.user, origin_of(request), why=values["why"])
        except (BadInput, Refused) as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Entered. It is in the log under your name."))
            return redirect("case", case_id=case_id)
    back = reverse("case", kwargs={"case_id": case_id})
    lead = _("Suspected: %(what)s. The laws in force at the time of the act are kept with it.")
    values = {
        "page_title": _("Determine the violation"),
        "page_lead": lead % {"what": suspected(found.finding) or "—"},
        "crumbs": [{"title": _("Cases"), "href": reverse("cases")}, {"title": found.number, "href": back}],
        "form": form,
        "draft": f"violation-{case_id}",
        "back": back,
    }
    return render(request, "showing/judging_form.html", values, status=422 if form.errors else 200)


def violation_choice() -> Choice:
    """The filter of cases by what they were found to be."""
    options = [
        ("no-word", _("Not determined")),
        (ANY, _("Any violation")),
        *kinds(),
        (NO_VIOLATION, said(violation_title(NO_VIOLATION))),
    ]
    return Choice("violation", _("Violation found"), options)


def _asked(request: Request) -> tuple[Year, GridCell | None]:
    this_year = clock.now().astimezone(clock.SHANGHAI).year
    year = number_in(request.GET.get("year")) or this_year
    year = year if FIRST_YEAR <= year <= this_year else this_year
    area = cells(request.user, TOWN).filter(code=request.GET.get("area", "")).first()
    return year_of(request.user, year, area), area


def _filters(request: Request, year: int) -> list[dict[str, Any]]:
    this_year = clock.now().astimezone(clock.SHANGHAI).year
    years = [{"value": one, "title": str(one), "chosen": one == year} for one in range(this_year, this_year - 5, -1)]
    area = area_choice(request)
    chosen = value_of(area, request.GET)
    towns = [(EVERY, _("All")), *area.options]
    drawn = [{"value": code, "title": title, "chosen": str(code) == chosen} for code, title in towns]
    return [
        {"name": "year", "title": _("Year"), "options": years},
        {"name": "area", "title": area.title, "options": drawn},
    ]


def _months() -> range:
    return range(1, MONTHS + 1)
