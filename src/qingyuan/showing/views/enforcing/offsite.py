"""Off-site supervision 1+3: monitoring beside permit, credit and disclosure, and the contradictions between them."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan.evaluating.queries import CHECKS, DEFINITION, cross_check, newest_run
from qingyuan.judging.api import save_screening, start_screening
from qingyuan.judging.fact import FACTS
from qingyuan.judging.queries import ScreeningRow, ScreeningRun, screening_rows
from qingyuan.kit import clock
from qingyuan.kit.errors import NotFound
from qingyuan.people.queries import Role
from qingyuan.places.queries import Enterprise, cells, enterprises
from qingyuan.showing.logic.enforcing.narrowing import TOWN, area_choice
from qingyuan.showing.logic.environment.sheets import Sheet
from qingyuan.showing.logic.filters import EVERY, Choice, drawn_choice, value_of, words_in
from qingyuan.showing.logic.offsite.beside import Beside, beside
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.logic.screening.becoming import RowWords, row_words
from qingyuan.showing.request import Request
from qingyuan.showing.wording import said

PER_PAGE = 25
TITLES = ("code", "title_zh", "title_en")


def listing(request: Request) -> HttpResponse:
    """Every enterprise in four columns, with what contradicts."""
    saved = cross_check()
    run = newest_run(saved) if saved else None
    rows = _contradicting(request, run)
    choices = _choices(request)
    owners = _narrowed(request, rows, choices)
    listed = page_of(owners, request.GET, PER_PAGE)
    shown = beside(request.user, list(listed["page"]), clock.now())
    listed_rows = [rows[one.enterprise.pk] for one in shown if one.enterprise.pk in rows]
    told = {one.row.enterprise_id: one for one in row_words(request.user, listed_rows)}
    values = {
        "page_title": _("Off-site supervision 1+3"),
        "page_lead": _(
            "What monitoring measured beside what permit, credit and disclosure say, and where they contradict."
        ),
        "screening": saved,
        "run": run,
        "going": saved.runs.filter(state__in=("waiting", "running")).first() if saved else None,
        "counts": _counts(rows),
        "total": len(rows),
        "filters": [drawn_choice(one, request.GET) for one in choices],
        "rows": [{"beside": one, "found": told.get(one.enterprise.pk)} for one in shown],
        "may_open_case": request.user.role == Role.DUTY_OFFICER,
        "table_address": f"{reverse('off-site-table')}?{request.GET.urlencode()}",
    }
    return render(request, "showing/offsite/listing.html", listed | values)


def table(request: Request) -> HttpResponse:
    """The same to take away: a line for each factor at each outlet."""
    saved = cross_check()
    run = newest_run(saved) if saved else None
    rows = _contradicting(request, run)
    owners = _narrowed(request, rows, _choices(request))
    told = {one.row.enterprise_id: one for one in row_words(request.user, list(rows.values()))}
    keys = ["code", "name", "where", "factor", "measured_kg", "permitted_kg", "year", "declared_kg", "measured_then_kg",
            "permit", "permit_last", "credit", "contradictions"]  # fmt: skip
    heads = [
        _("Code"), _("Name"), _("Where"), _("Factor"), _("Measured this year, kg"), _("Permitted a year, kg"),
        _("Year disclosed"), _("Declared, kg"), _("Measured in that year, kg"), _("Permit"), _("Permit valid to"),
        _("Credit"), _("Contradictions"),
    ]  # fmt: skip
    lines = [
        line for one in beside(request.user, owners, clock.now()) for line in _lines(one, told.get(one.enterprise.pk))
    ]
    return Sheet("off-site", keys, heads, lines).taken_as(request.GET.get("form", ""))


def _lines(one: Beside, found: RowWords | None) -> list[list[Any]]:
    words = "; ".join(each["sentence"] for each in found.answers if each["met"]) if found else ""
    own = [one.permit.number if one.permit else "", one.permit_last or "", one.level, words]
    year = one.disclosure.year if one.disclosure else ""
    head = [one.enterprise.code, one.enterprise.title]
    found_lines = [
        [*head, each.where, each.name, each.measured, each.permitted, year, each.declared, each.then, *own]
        for each in one.lines
    ]
    return found_lines or [[*head, "", "", "", "", year, "", "", *own]]


def enterprise(request: Request, code: str) -> HttpResponse:
    """One enterprise: each factor at each outlet side by side, and every contradiction with its numbers."""
    owner = enterprises(request.user).filter(code=code).first()
    if owner is None:
        raise NotFound(_("There is no enterprise %(code)s in your territory.") % {"code": code})
    saved = cross_check()
    run = newest_run(saved) if saved else None
    row = _contradicting(request, run).get(owner.pk)
    values = {
        "page_title": _("%(name)s: monitoring, permit, credit, disclosure") % {"name": owner.title},
        "crumbs": [{"title": _("Off-site supervision 1+3"), "href": reverse("off-site")}],
        "one": beside(request.user, [owner], clock.now())[0],
        "found": row_words(request.user, [row])[0] if row else None,
        "run": run,
        "may_open_case": request.user.role == Role.DUTY_OFFICER,
    }
    return render(request, "showing/offsite/enterprise.html", values)


@require_POST
def compare(request: Request) -> HttpResponse:
    """Let the cross-check run now; the first time it is saved as a screening of whoever asks."""
    saved = cross_check() or save_screening(DEFINITION, request.user, origin_of(request))
    start_screening(saved.pk, request.user, origin_of(request))
    messages.success(request, _("The comparison is asked for; what it finds appears on this page."))
    return redirect("off-site")


def _contradicting(request: Request, run: ScreeningRun | None) -> dict[int, ScreeningRow]:
    """By enterprise of the viewer's territory what the newest run listed."""
    rows = screening_rows(request.user).filter(run=run) if run else ()
    return {one.enterprise_id: one for one in rows if one.enterprise_id}


def _choices(request: Request) -> list[Choice]:
    kinds = [("any", _("Any contradiction")), *((one.fact, said(FACTS.get(one.fact).title)) for one in CHECKS)]
    return [Choice("found", _("Contradiction"), [*kinds, ("none", _("None"))]), area_choice(request)]


def _narrowed(request: Request, rows: dict[int, ScreeningRow], choices: Sequence[Choice]) -> list[Enterprise]:
    asked, area = (value_of(one, request.GET) for one in choices)
    found = words_in(enterprises(request.user).select_related("cell"), request.GET.get("q", ""), TITLES)
    if asked == "none":
        found = found.exclude(pk__in=rows)
    elif asked != EVERY:
        found = found.filter(pk__in=[pk for pk, row in rows.items() if asked == "any" or asked in _met(row)])
    path = ""
    if area != EVERY:
        path = cells(request.user, TOWN).values_list("path", flat=True).get(code=area)
    inside = [one for one in found.order_by("code") if not path or f"{one.cell.path}/".startswith(f"{path}/")]
    return sorted(inside, key=lambda one: (rows[one.pk].rank if one.pk in rows else len(rows) + 1, one.code))


def _met(row: ScreeningRow) -> set[str]:
    conditions = row.run.definition["conditions"]
    return {one["fact"] for one, answer in zip(conditions, row.answers, strict=True) if answer["met"]}


def _counts(rows: dict[int, ScreeningRow]) -> list[dict[str, Any]]:
    met = [_met(row) for row in rows.values()]
    return [
        {"fact": one.fact, "title": said(FACTS.get(one.fact).title), "count": sum(one.fact in each for each in met)}
        for one in CHECKS
    ]
