"""The list of screenings, one screening with its runs, and what a run listed."""

from datetime import timedelta
from typing import Any

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan.judging.api import definition_of
from qingyuan.judging.queries import (
    Screening,
    ScreeningRun,
    screening,
    screening_rows,
    screening_run,
    screenings,
)
from qingyuan.kit import clock
from qingyuan.kit.log import about
from qingyuan.people.queries import Role
from qingyuan.showing.logic.enforcing.narrowing import LATELY
from qingyuan.showing.logic.filters import EVERY, Choice, drawn_choice, value_of, words_in
from qingyuan.showing.logic.judging.going import KINDS, going, share, silent
from qingyuan.showing.logic.lines import as_timeline, for_people
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.logic.screening.becoming import Converted, converted, row_words, rows_counted, together
from qingyuan.showing.logic.screening.words import (
    condition_words,
    head_words,
    needed_words,
    scope_words,
    subject_words,
    told,
)
from qingyuan.showing.logic.screening.workbook import workbook
from qingyuan.showing.request import Request
from qingyuan.showing.wording import said

MOST_RUNS = 30
STEPS = {
    "listed": gettext_lazy("Listed"),
    "clues": gettext_lazy("Entered as clues"),
    "cases": gettext_lazy("Became cases"),
    "confirmed": gettext_lazy("Confirmed on site"),
}
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PLACES = (
    "enterprise__code", "enterprise__title_zh", "enterprise__title_en",
    "cell__code", "cell__title_zh", "cell__title_en",
)  # fmt: skip


def listing(request: Request) -> HttpResponse:
    """The saved screenings, each with its last run and how far what it listed came."""
    found = list(screenings().order_by("pk"))
    conversions = converted(request.user, [one.pk for one in found])
    last = {one.screening_id: one for one in
            ScreeningRun.objects.order_by("screening_id", "-started_at", "-pk").distinct("screening_id")}  # fmt: skip
    values = {
        "page_title": _("Screening"),
        "page_lead": _(
            "Saved questions across all sources: which enterprises or grid cells stand out by several numbers at once."
            " What they list can be entered as clues and opened as cases."
        ),
        "rows": [_screening_row(one, last.get(one.pk), conversions[one.pk]) for one in found],
        "figures": _figures(together(conversions.values()), "?"),
    }
    return render(request, "showing/screenings.html", values)


def _screening_row(one: Screening, last: ScreeningRun | None, conversion: Converted) -> dict[str, Any]:
    return {
        "screening": one,
        "conditions": [said(each.words) for each in definition_of(one).conditions],
        "last": last,
        "last_kind": KINDS[last.state] if last else "",
        "conversion": conversion,
    }


def _figures(conversion: Converted, asked: str) -> list[dict[str, Any]]:
    listed = reverse("screened-rows") + asked
    return [
        {"title": title, "value": value, "share": share, "href": f"{listed}became={code}"}
        for (code, title), (value, share) in zip(STEPS.items(), conversion.steps, strict=True)
    ]


def rows(request: Request) -> HttpResponse:
    """What screenings listed, of all runs: as the numbers of a screening or of all count it, or each row of late."""
    which = Choice("screening", _("Screening"), [(one.pk, one.title) for one in screenings().order_by("pk")])
    step = Choice("became", _("Came as far as"), list(STEPS.items()), default="listed")
    lately = Choice("since", _("Listed in the"), [(LATELY, _("last %(days)d days") % {"days": LATELY})])
    asked, became = value_of(which, request.GET), value_of(step, request.GET)
    found = screening_rows(request.user)
    if value_of(lately, request.GET) != EVERY:
        found = found.filter(run__ended_at__gte=clock.now() - timedelta(days=LATELY))
        drawn = [drawn_choice(lately, request.GET)]
        if asked != EVERY:
            found = found.filter(run__screening=int(asked))
    else:
        ids = [int(asked)] if asked != EVERY else [code for code, _title in which.options]
        found = rows_counted(request.user, ids, became if became != EVERY else "listed")
        drawn = [drawn_choice(step, request.GET, offers_all=False)]
    found = words_in(found, request.GET.get("q", ""), PLACES)
    listed = page_of(found.select_related("run__screening").order_by("-run__ended_at", "rank", "-pk"), request.GET)
    values = {
        "page_title": _("What screenings listed"),
        "page_lead": _("Each run counts for itself.")
        if value_of(lately, request.GET) != EVERY
        else _("Over all runs; what a screening listed again stands once, as its newest run has it."),
        "crumbs": [{"title": _("Screening"), "href": reverse("screenings")}],
        "rows": row_words(request.user, listed["page"].object_list),
        "filters": [drawn_choice(which, request.GET), *drawn],
    }
    return render(request, "showing/screened_rows.html", listed | values)


def record(request: Request, screening_id: int) -> HttpResponse:
    """One screening: what it asks, its runs, what became of what they listed, and who changed it."""
    found = screening(screening_id)
    definition = definition_of(found)
    here = dict(
        screening_rows(request.user).filter(run__screening=found).select_related(None).order_by()
        .values_list("run").annotate(Count("pk"))
    )  # fmt: skip
    runs = found.runs.select_related("ran_by")[:MOST_RUNS]
    values = {
        "page_title": found.title,
        "crumbs": [{"title": _("Screening"), "href": reverse("screenings")}],
        "screening": found,
        "conditions": [said(one.words) for one in definition.conditions],
        "needed": needed_words(found.needed, len(definition.conditions)),
        "facts": _facts(found),
        "runs": [{"run": one, "kind": KINDS[one.state], "listed": here.get(one.pk, 0)} for one in runs],
        "figures": _figures(converted(request.user, [found.pk])[found.pk], f"?screening={found.pk}&"),
        "timeline": as_timeline(for_people(about(f"screening/{found.pk}"))),
    }
    return render(request, "showing/screening.html", values)


def _facts(found: Screening) -> list[dict[str, Any]]:
    scope = {
        "subject": found.subject, "industry": found.industry, "cell": found.cell, "management": found.management,
        "cell_zh": found.cell.title_zh if found.cell else "", "cell_en": found.cell.title_en if found.cell else "",
    }  # fmt: skip
    return [
        {"label": _("What is looked at"), "value": scope_words(scope)},
        {"label": _("Over the last"), "value": _("%(days)d days") % {"days": found.days}},
        {
            "label": _("When it runs"),
            "value": found.get_schedule_display(),
            "note": "" if found.enabled else _("switched off"),
        },
        {
            "label": _("Clues entered by themselves"),
            "value": _("at most %(count)d of a run by the timer") % {"count": found.enters}
            if found.enters
            else _("none"),
        },
        {"label": _("Owner"), "value": found.owner.name, "note": found.owner.get_role_display()},
    ]


def run_record(request: Request, run_id: int) -> HttpResponse:
    """What a run listed in the viewer's territory, with what became of each."""
    run = screening_run(run_id)
    choice = Choice(
        "clue",
        _("Clue"),
        (("none", _("Not entered yet")), ("entered", _("Entered as clue"))),
    )
    found = screening_rows(request.user).filter(run=run)
    every = found.count()
    asked = value_of(choice, request.GET)
    if asked != EVERY:
        found = found.filter(clue__isnull=asked == "none")
    found = words_in(found, request.GET.get("q", ""), PLACES)
    listed = page_of(found, request.GET)
    rows, may_open = row_words(request.user, listed["page"].object_list), request.user.role == Role.DUTY_OFFICER
    drawn = [
        {"value": code, "title": title, "chosen": code == asked} for code, title in ((EVERY, _("All")), *choice.options)
    ]
    address = reverse("screening", kwargs={"screening_id": run.screening_id})
    values = {
        "page_title": told(run.definition, "title"),
        "crumbs": [
            {"title": _("Screening"), "href": reverse("screenings")},
            {"title": run.screening.title, "href": address},
        ],
        "run": run,
        "state_kind": KINDS[run.state],
        "going": going(run),
        "share": share(run.looked_at, run.total),
        "silent": silent(run, ScreeningRun.objects.all()),
        "heads": [head_words(one) for one in run.definition["conditions"]],
        "conditions": [condition_words(one) for one in run.definition["conditions"]],
        "needed": needed_words(run.definition["needed"], len(run.definition["conditions"])),
        "scope": scope_words(run.definition),
        "subject": subject_words(run.definition),
        "rows": rows,
        "every": every,
        "filters": [{"name": choice.name, "title": choice.title, "options": drawn}],
        "may_open_case": may_open,
        "may_choose": may_open and not all(one.case or one.standing for one in rows),
    }
    return render(request, "showing/screened.html", listed | values)


def run_workbook(request: Request, run_id: int) -> HttpResponse:
    """All rows of a run in the viewer's territory as a workbook."""
    run = screening_run(run_id)
    rows = row_words(request.user, list(screening_rows(request.user).filter(run=run)))
    answer = HttpResponse(workbook(run, rows, request.build_absolute_uri), content_type=WORKBOOK)
    name = f"screening-{run.screening_id}-{run.pk}.xlsx"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
