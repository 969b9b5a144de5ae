"""Environmental credit: every enterprise by level, one enterprise with all that its level rests on, and the rules."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.evaluating.queries import (
    CREDIT,
    GRADINGS,
    MAY_ANSWER,
    MAY_GRADE,
    MAY_SET_RULES,
    GradeRun,
    RunState,
    editions,
    history,
    objections,
    rules_on,
    run,
    runs,
    signs,
)
from qingyuan.kit import clock
from qingyuan.kit.errors import NotFound
from qingyuan.people.queries import Role
from qingyuan.places.queries import Enterprise, cells, enterprises
from qingyuan.showing.logic.credit.listing import CHANGES, Row, before, change_words, distribution, rows_of
from qingyuan.showing.logic.credit.words import (
    curve_words,
    grade_words,
    level_kind,
    level_words,
    next_level,
    rule_words,
    run_words,
    told,
)
from qingyuan.showing.logic.enforcing.narrowing import TOWN, area_choice
from qingyuan.showing.logic.environment.sheets import Sheet
from qingyuan.showing.logic.filters import EVERY, Choice, drawn_choice, value_of
from qingyuan.showing.logic.paging import number_in, page_of
from qingyuan.showing.logic.papers.words import days_words
from qingyuan.showing.request import Request
from qingyuan.showing.wording import cited, said
from qingyuan_science.plugins import parameters_of
from qingyuan_science.standards.procedure.credit import credit_levels, credit_signs

MOST_RUNS = 24
YEARS_BACK = 3


def listing(request: Request) -> HttpResponse:
    """Every enterprise with its level, the worst first, beside last time; how many have each level."""
    shown_run, choices = _asked(request)
    rows = rows_of(request.user, shown_run) if shown_run else []
    shown = _narrowed(request, rows, choices)
    going = runs().filter(state__in=(RunState.WAITING, RunState.RUNNING)).first()
    failed = runs().first()
    earlier = before(shown_run) if shown_run else None
    this_year = clock.now().astimezone(clock.SHANGHAI).year
    values = {
        "page_title": _("Environmental credit"),
        "page_lead": _(
            "Every enterprise scored from what the platform knows of it, each deduction with what shows it."
        ),
        "run": shown_run,
        "run_title": run_words(shown_run) if shown_run else "",
        "earlier": run_words(earlier) if earlier else "",
        "going": going,
        "failed": failed if failed and failed.state == RunState.FAILED else None,
        "levels": distribution(rows),
        "total": len(rows),
        "filters": [drawn_choice(one, request.GET, offers_all=one.name != "run") for one in choices],
        "may_grade": request.user.role in MAY_GRADE,
        "waiting": _waiting(request),
        "years": range(this_year - 1, this_year - 1 - YEARS_BACK, -1),
        "table_address": f"{reverse('credit-table')}?{request.GET.urlencode()}",
    }
    return render(request, "showing/credit/listing.html", page_of(shown, request.GET) | values)


def table(request: Request) -> HttpResponse:
    """The same to take away, with the points of every indicator."""
    shown_run, choices = _asked(request)
    rows = _narrowed(request, rows_of(request.user, shown_run), choices) if shown_run else []
    named = [one for one in shown_run.rules["indicators"] if one["weight"]] if shown_run else []
    keys = [
        "code",
        "name",
        "level",
        "score",
        "assessed",
        "level_before",
        "change",
        *(one["code"] for one in named),
        "why",
    ]
    heads = [
        _("Code"), _("Name"), _("Level"), _("Score"), _("Weight assessed, %"), _("Last evaluation"),
        _("Against last time"), *(f"{told(one)} ({one['weight']:g} %)" for one in named), _("Why"),
    ]  # fmt: skip
    lines = [_line(row, named) for row in rows]
    sources = [cited(credit_levels()[0].source)]
    return Sheet("credit", keys, heads, lines, clauses=sources).taken_as(request.GET.get("form", ""))


def _line(row: Row, named: Sequence[dict[str, Any]]) -> list[Any]:
    points = {one["code"]: one["points"] for one in row.grade.items}
    return [
        row.enterprise.code, row.enterprise.title, row.level, row.grade.score, round(row.grade.assessed, 1),
        row.level_before, change_words(row.change), *(points.get(one["code"]) for one in named),
        "; ".join(row.reasons),
    ]  # fmt: skip


def enterprise(request: Request, code: str) -> HttpResponse:
    """One enterprise: level, every indicator with points, evidence and clause, what would change it, history."""
    found = enterprise_seen(request, code)
    every = list(history(request.user, found).exclude(run__state=RunState.FAILED)[:50])
    newest = [one for one in every if one.newest]
    asked = number_in(request.GET.get("grade"))
    shown = next((one for one in every if one.pk == asked), newest[0] if newest else None)
    values = {
        "page_title": _("Environmental credit of %(name)s") % {"name": found.title},
        "crumbs": [{"title": _("Environmental credit"), "href": reverse("credit")}],
        "enterprise": found,
        "told": grade_words(request.user, shown) if shown else None,
        "next": next_level(shown) if shown else None,
        "history": [
            {"grade": one, "run": run_words(one.run), "level": level_words(one.level), "kind": level_kind(one.level)}
            for one in every
        ],
        "signs": [_sign(one) for one in signs(request.user).filter(enterprise=found)],
        "objections": objections(request.user).filter(enterprise=found),
        "may_object": request.user.role == Role.ENTERPRISE and shown is not None and shown.newest,
        "may_answer": request.user.role in MAY_ANSWER,
        "may_grade": request.user.role in MAY_GRADE,
    }
    return render(request, "showing/credit/enterprise.html", values)


def rules(request: Request) -> HttpResponse:
    """The rules in force today: levels, weights, measures, veto items; who says each and how far it was checked."""
    today = clock.now().astimezone(clock.SHANGHAI).date()
    held = rules_on(today)
    measures: dict[str, list[dict[str, Any]]] = {}
    for one in held["measures"]:
        measures.setdefault(one["indicator"], []).append(
            {"title": told(one), "curve": curve_words(one), **rule_words(one)}
        )
    values = {
        "page_title": _("Rules of environmental credit"),
        "page_lead": _("What the document says, how far that was checked, and what the bureau sets itself."),
        "crumbs": [{"title": _("Environmental credit"), "href": reverse("credit")}],
        "document": held["document"],
        "levels": [{"title": level_words(one.colour), "kind": level_kind(one.colour), "least": one.least}
                   for one in credit_levels()],
        "indicators": [
            {"title": told(one), "group": told(one, "group"), "weight": one["weight"],
             "measures": measures.get(one["code"], []), **rule_words(one)}
            for one in held["indicators"]
        ],
        "whole": sum(one["weight"] or 0.0 for one in held["indicators"]),
        "measured_signs": measures.get("", []),
        "signs": [{"title": said(one.name), "kind": one.kind, "source": one.source} for one in credit_signs()],
        "parameters": _parameters(held),
        "editions": [{"row": one, "days": days_words(one.valid)} for one in editions()],
        "may_set": request.user.role in MAY_SET_RULES,
    }  # fmt: skip
    return render(request, "showing/credit/rules.html", values)


def enterprise_seen(request: Request, code: str) -> Enterprise:
    """The enterprise of a code in the viewer's territory."""
    found = enterprises(request.user).filter(code=code).first()
    if found is None:
        raise NotFound(_("There is no enterprise %(code)s in your territory.") % {"code": code})
    return found


def _parameters(held: dict[str, Any]) -> list[dict[str, Any]]:
    specs = parameters_of(GRADINGS.get(CREDIT))
    yes, no = _("yes"), _("no")
    return [
        {
            "label": said(one.title),
            "value": (yes if held["parameters"][one.name] else no)
            if isinstance(one.default, bool)
            else f"{held['parameters'][one.name]:g} {one.unit}",
        }
        for one in specs
    ]


def _sign(one: Any) -> dict[str, Any]:
    known = next(each for each in credit_signs() if each.code == one.code)
    kinds = {"veto": "bad", "incident": "warning", "green": "good"}
    return {"row": one, "title": said(known.name), "kind": "idle" if one.withdrawn_at else kinds[known.kind]}


def _waiting(request: Request) -> Any:
    """Objections without an answer, for those who answer them."""
    if request.user.role not in MAY_ANSWER:
        return []
    return objections(request.user).filter(accepted=None)


def _asked(request: Request) -> tuple[GradeRun | None, list[Choice]]:
    done = list(runs().filter(state=RunState.DONE)[:MOST_RUNS])
    newest = str(done[0].pk) if done else EVERY
    which = Choice("run", _("Evaluation"), [(one.pk, run_words(one)) for one in done], default=newest)
    level = Choice("level", _("Level"), [(one["code"], one["title"]) for one in distribution([])])
    change = Choice("change", _("Against last time"), [(one, change_words(one)) for one in CHANGES])
    chosen = value_of(which, request.GET)
    found = next((one for one in done if str(one.pk) == chosen), run())
    return found, [which, level, change, area_choice(request)]


def _narrowed(request: Request, rows: Sequence[Row], choices: Sequence[Choice]) -> list[Row]:
    level, change, area = (value_of(one, request.GET) for one in choices[1:])
    path = ""
    if area != EVERY:
        path = cells(request.user, TOWN).values_list("path", flat=True).get(code=area)
    words = request.GET.get("q", "").split()[:8]
    return [
        one
        for one in rows
        if level in (EVERY, one.grade.level or "none")
        and change in (EVERY, one.change)
        and (not path or f"{one.enterprise.cell.path}/".startswith(f"{path}/"))
        and all(word.casefold() in _text(one.enterprise) for word in words)
    ]


def _text(one: Enterprise) -> str:
    return f"{one.code} {one.title_zh} {one.title_en}".casefold()
