"""Rehearsals: what a rule set would have found in days that have passed, beside what was really found."""

import csv
import json
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan.judging.api import (
    MAY_SET_RULES,
    always,
    compare_rules,
    drop_rehearsal,
    export_rules,
    may_set_rules,
    put_into_force,
    rule_file,
    start_rehearsal,
)
from qingyuan.judging.queries import (
    Finding,
    Rehearsal,
    RehearsalState,
    RehearsedFinding,
    SeverityLevel,
    detector_title,
    missed,
    rehearsal,
    rehearsals,
    rehearsed,
)
from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput
from qingyuan.kit.faults.sentences import in_words
from qingyuan.kit.faults.titles import title_of
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import Point, Station, cells, sees_whole_district
from qingyuan.showing.logic.filters import EVERY, Choice, chosen, value_of, words_in
from qingyuan.showing.logic.judging.going import KINDS, going, share, silent
from qingyuan.showing.logic.judging.rehearsed import summary
from qingyuan.showing.logic.judging.words import rule_lines
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.logic.spreadsheets import not_computed
from qingyuan.showing.request import Request
from qingyuan.showing.views.acts import add_refusal
from qingyuan.showing.views.judging.rehearsal_forms import RehearsalForm
from qingyuan.showing.wording import named, said

WORDS = ("station__code", "station__title_zh", "station__title_en", "sentence_zh", "sentence_en",
         "station__enterprise__title_zh", "station__enterprise__title_en")  # fmt: skip


def listing(request: Request) -> HttpResponse:
    """What was rehearsed so far."""
    values = {
        "page_title": _("Rehearsals"),
        "page_lead": _(
            "What rules would have found, had they been in force: run over stored readings, kept to compare."
        ),
        "crumbs": _crumbs()[:1],
        "may_set": request.user.role in MAY_SET_RULES,
        **page_of(rehearsals(), request.GET),
    }
    values["rows"] = [{"run": one, "kind": KINDS[one.state]} for one in values["page"]]
    return render(request, "showing/rehearsals.html", values)


def start(request: Request) -> HttpResponse:
    """Ask which rules over which days, and let them run."""
    may_set_rules(request.user)
    sent = request.method == "POST" and "show" not in request.POST  # the button that shows a detector's settings
    told = request.POST if request.method == "POST" else request.GET
    detector = told.get("detector") or "exceedance"
    area = cells(request.user).order_by("path")
    form = RehearsalForm(detector, area, *((request.POST, request.FILES) if sent else ()))
    if not sent:
        form.initial = {name: value for name, value in told.items() if name in form.fields}
    if sent and form.is_valid():
        given = form.cleaned_data
        try:
            made = start_rehearsal(
                request.user, origin_of(request), rules=form.rules(), title=given["title"] or form.usual_title(),
                cell=given["cell"], days=(given["first_day"], given["last_day"]),
            )  # fmt: skip
        except BadInput as error:
            add_refusal(form, error)
        else:
            return redirect("rehearsal", rehearsal_id=made.pk)
    values = {
        "page_title": _("Rehearse rules"),
        "page_lead": _("Nothing is written to the findings: the rules run over what is stored, in the background."),
        "crumbs": _crumbs(),
        "form": form,
        "settings_of": said(detector_title(detector)),
    }
    return render(request, "showing/rehearsal_form.html", values, status=422 if sent else 200)


def record(request: Request, rehearsal_id: int) -> HttpResponse:
    """How far it is; once it is done, what it found beside what was really found."""
    one = rehearsal(rehearsal_id)
    values: dict[str, Any] = {
        "page_title": one.title,
        "crumbs": _crumbs(),
        "run": one,
        "state_kind": KINDS[one.state],
        "share": share(one.done, one.channels),
        "silent": silent(one, rehearsals()),
        "going": going(one),
        "may_drop": one.made_by_id == request.user.pk or request.user.role == Role.ADMINISTRATOR,
        "may_set": request.user.role in MAY_SET_RULES,
        "may_force": request.user.role in MAY_SET_RULES and sees_whole_district(request.user),
    }
    if one.state == RehearsalState.DONE:
        values |= _result(request, one)
    return render(request, "showing/rehearsal.html", values)


def table(request: Request, rehearsal_id: int) -> StreamingHttpResponse:
    """The findings that the filters choose, as a file for Excel; the mark at its head lets Excel read it as UTF-8."""
    one = rehearsal(rehearsal_id)
    found, _filters, _which = _asked(request, one)
    head = [
        _("Detector"), _("Station code"), _("Station"), _("Enterprise"), _("Grid cell"), _("Factor"), _("Severity"),
        _("From"), _("To"), _("Peak"), _("On file as"), _("Sentence"),
    ]  # fmt: skip
    lines = ([not_computed(cell) for cell in _cells(row)] for row in found.iterator(2000))
    writer = csv.writer(_Echo())
    body = (writer.writerow(row) for row in _after(head, lines))
    answer = StreamingHttpResponse(_after("\ufeff", body), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="rehearsal-{one.pk}.csv"'
    return answer


def result(request: Request, rehearsal_id: int) -> StreamingHttpResponse:
    """The same as lines of JSON: first the rehearsal with its rules, then a line for each finding."""
    one = rehearsal(rehearsal_id)
    found, _filters, _which = _asked(request, one)
    head = {
        "rehearsal": one.pk, "title": one.title, "first_day": one.first_day.isoformat(),
        "last_day": one.last_day.isoformat(), "area": one.cell.path if one.cell else None,
        "known_at": one.known_at.isoformat() if one.known_at else None, "rules": rule_file(one.rules),
        "not_judged": one.blind,
    }  # fmt: skip
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in _after(head, map(_as_json, found.iterator(2000))))
    answer = StreamingHttpResponse(lines, content_type="application/x-ndjson; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="rehearsal-{one.pk}.jsonl"'
    return answer


def rules_of(request: Request, rehearsal_id: int) -> HttpResponse:
    """The rule set that was rehearsed, to be kept, imported or taken elsewhere."""
    return _file(rehearsal(rehearsal_id).rules)


def rules_in_force(request: Request) -> HttpResponse:
    """The rule set of this platform, with its edition and time."""
    return _file(export_rules())


@require_POST
def force(request: Request, rehearsal_id: int) -> HttpResponse:
    """Let the rules that were rehearsed hold from today on, in place of those that do not stand among them."""
    done = put_into_force(rehearsal_id, request.user, origin_of(request))
    told = _("From today on: %(set)s rules set, %(ended)s ended, %(overrides)s overrides added.")
    messages.success(request, told % {"set": done.set, "ended": done.ended, "overrides": done.overrides})
    return redirect("watch-rules")


@require_POST
def drop(request: Request, rehearsal_id: int) -> HttpResponse:
    """Delete it with what it found."""
    drop_rehearsal(rehearsal_id, request.user, origin_of(request))
    messages.success(request, _("The rehearsal is deleted."))
    return redirect("rehearsals")


def _crumbs() -> list[dict[str, str]]:
    return [
        {"title": _("Watch rules"), "href": reverse("watch-rules")},
        {"title": _("Rehearsals"), "href": reverse("rehearsals")},
    ]


def _file(rules: dict[str, Any]) -> HttpResponse:
    told = rule_file(rules)
    answer = JsonResponse(told, json_dumps_params={"ensure_ascii": False, "indent": 2})
    answer.headers["Content-Disposition"] = f'attachment; filename="rules-{told["edition"]}.json"'
    return answer


def _result(request: Request, one: Rehearsal) -> dict[str, Any]:
    found, filters, which = _asked(request, one)
    today = clock.now().astimezone(clock.SHANGHAI).date()
    more, fewer = compare_rules(always(one.rules, today), always(export_rules(), today))
    paged = page_of(found, request.GET)
    query = request.GET.copy()
    query.pop("page", None)
    tail = f"?{query.urlencode()}" if query else ""
    return {
        "sums": summary(request.user, one),
        "filters": filters,
        "which": which,
        "rows": [_shown(row) for row in paged["page"]],
        **paged,
        "blind": [
            {"detector": said(detector_title(code)), "why": _reason(why), "count": n} for code, why, n in one.blind
        ],
        "edition": rule_file(one.rules)["edition"],
        "rules": rule_lines(one.rules, request.user),
        "more": rule_lines(more, request.user),
        "fewer": rule_lines(fewer, request.user),
        "csv_address": reverse("rehearsal-csv", kwargs={"rehearsal_id": one.pk}) + tail,
        "json_address": reverse("rehearsal-json", kwargs={"rehearsal_id": one.pk}) + tail,
    }


def _asked(request: Request, one: Rehearsal) -> tuple[QuerySet[Any], list[dict[str, Any]], str]:
    """The findings that the address asks for: those of the rehearsal, or those on file that it missed."""
    options = [("new", _("Found by the rehearsal alone")), ("known", _("Found by both")), ("missed", _("Only on file"))]
    which = Choice("which", _("Findings"), options)
    value = value_of(which, request.GET)
    found: QuerySet[Any] = _of(request.user, one, value)
    codes = list(found.order_by().values_list("detector", flat=True).distinct())
    detectors = [(code, said(detector_title(code))) for code in sorted(codes)]
    severities = [(level.value, level.label) for level in reversed(SeverityLevel)]
    choices = (
        Choice("detector", _("Detector"), detectors, "detector"),
        Choice("severity", _("Severity"), severities, "severity"),
    )
    narrowed, filters = chosen(found, choices, request.GET)
    drawn = chosen(found, [which], request.GET)[1]
    return words_in(narrowed, request.GET.get("q", ""), WORDS), [*drawn, *filters], value


def _of(viewer: User, one: Rehearsal, which: str) -> QuerySet[Any]:
    if which == "missed":
        return missed(viewer, one).order_by("-started_at", "pk")
    told = {EVERY: Q(), "known": Q(known__isnull=False), "new": Q(known__isnull=True)}[which]
    return rehearsed(viewer, one).filter(told, merged=False)


def _shown(row: RehearsedFinding | Finding) -> dict[str, Any]:
    return {"row": row, "detector": said(detector_title(row.detector)), "known": _known(row)}


def _known(row: RehearsedFinding | Finding) -> Finding | None:
    return row if isinstance(row, Finding) else row.known


def _place(row: RehearsedFinding | Finding) -> Station | Point:
    return row.place if isinstance(row, Finding) else row.station


def _cells(row: RehearsedFinding | Finding) -> list[Any]:
    known, place = _known(row), _place(row)
    owner = place.enterprise
    channel = row.channel
    return [
        said(detector_title(row.detector)), place.code, place.title, owner.title if owner else "",
        place.cell.title, channel.factor if channel else "", SeverityLevel(row.severity).label,
        _local(row.started_at), _local(row.ended_at), row.peak, known.pk if known else "", row.sentence,
    ]  # fmt: skip


def _as_json(row: RehearsedFinding | Finding) -> dict[str, Any]:
    known, channel, place = _known(row), row.channel, _place(row)
    return {
        "detector": row.detector, "kind": row.kind, "station": place.code,
        "factor": channel.factor if channel else "", "cell": place.cell.path, "severity": row.severity,
        "started_at": row.started_at.isoformat(), "ended_at": row.ended_at.isoformat(), "peak": row.peak,
        "finding": known.pk if known else None, "sentence_zh": row.sentence_zh, "sentence_en": row.sentence_en,
    }  # fmt: skip


def _local(at: Any) -> str:
    return f"{at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"


def _after(first: Any, rest: Any) -> Iterator[Any]:
    yield first
    yield from rest


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, value: str) -> str:
        return value


def _reason(kept: str) -> str:
    """Why something could not be judged, in the reader's language."""
    fault, _colon, sentence = kept.partition(": ")
    return named(title_of(fault), in_words(sentence))
