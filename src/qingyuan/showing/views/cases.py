"""The queue of cases, one case with its file and its bundle of evidence, and the picture of its type."""

from tempfile import SpooledTemporaryFile
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Greatest
from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingyuan.dispatching.queries import MAY_DETERMINE, Case, bpmn, case, case_type, cases, diagram
from qingyuan.judging.queries import SeverityLevel
from qingyuan.kit import clock
from qingyuan.kit.errors import NotFound, Refused
from qingyuan.showing.api import write_evidence
from qingyuan.showing.logic.casefile import other_evidence, phases_of, records_of, stages_of, steps
from qingyuan.showing.logic.enforcing.narrowing import ANY, area_choice, determined_in, found_any, within_area
from qingyuan.showing.logic.enforcing.violations import basis_words, found_of, suspected
from qingyuan.showing.logic.filters import EVERY, OWNER, Choice, chosen, since, since_choice, value_of, words_in
from qingyuan.showing.logic.findingfile import chart_of, outfall_facts, place_fact
from qingyuan.showing.logic.hub.narrowing import held_by, of_data_from, signed_by
from qingyuan.showing.logic.judging.pollution import pollution_of
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.logic.tracing.words import tracing_of
from qingyuan.showing.request import Request
from qingyuan.showing.rights import TAKES_EVIDENCE, may_open
from qingyuan.showing.standing import standing_of
from qingyuan.showing.views.enforcing.violations import violation_choice
from qingyuan.showing.views.judging.forms import SettleTypeForm
from qingyuan.showing.wording import cited, said
from qingyuan_science.plugins import PluginError

DRAWING_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
IN_MEMORY = 32 * 2**20


def queue(request: Request) -> HttpResponse:
    """Cases, newest first, narrowed by where they stand, severity and words."""
    now = clock.now()
    state = Choice(
        "state",
        _("State"),
        (
            ("open", _("Not closed")),
            ("due-soon", _("Due soon")),
            ("overdue", _("Overdue")),
            ("closed", _("Closed")),
        ),
        default="open",
    )
    severity = Choice("severity", _("Severity"), SeverityLevel.choices, "gravest_now")
    violation, area = violation_choice(), area_choice(request)
    opened_in = since_choice(_("Opened in the"))
    shown = cases(request.user).annotate(gravest_now=Greatest("severity", "finding__severity"))
    found, filters = chosen(shown, (state, severity, violation, area, opened_in), request.GET)
    found = within_area(request, _found_to_be(found, value_of(violation, request.GET)))
    found = since(found, opened_in, request.GET, field="opened_at")
    found, by_holder = held_by(request, found)
    found, by_origin = of_data_from(request, found, "finding__")
    found, by_signer = signed_by(request, found)
    found, by_day = determined_in(request, found)
    narrowed: dict[str, dict[str, Any]] = {
        "open": {"closed_at": None},
        "due-soon": {
            "closed_at": None,
            "tasks__done_at": None,
            "tasks__due_soon_at__lte": now,
            "tasks__due_at__gt": now,
        },
        "overdue": {"closed_at": None, "tasks__done_at": None, "tasks__due_at__lte": now},
        "closed": {"closed_at__isnull": False},
    }
    found = found.filter(**narrowed.get(value_of(state, request.GET), {}))
    places = ("station__title_zh", "station__title_en", "station__code", "cell__title_zh", "cell__title_en")
    found = words_in(found, request.GET.get("q", ""), ("number", "title_zh", "title_en", *places, *OWNER))
    listed = page_of(found, request.GET)
    rows = [{"case": one, "standing": standing_of(one, now), "violation": found_of(one)} for one in listed["page"]]
    filters += [*by_holder, *by_origin, *by_signer, *by_day]
    values = {"page_title": _("Cases"), "rows": rows, "filters": filters, "stream_url": reverse("stream")}
    return render(request, "showing/cases.html", listed | values)


def _found_to_be(found: QuerySet[Case], violation: str) -> QuerySet[Case]:
    if violation == EVERY:
        return found
    return found.filter(found_any() if violation == ANY else Q(violation="" if violation == "no-word" else violation))


def record(request: Request, case_id: int) -> HttpResponse:
    """One case: what to do next, what shows it, what its file holds, what happened."""
    found = case(request.user, case_id)
    values = {
        "page_title": found.title,
        "crumbs": [{"title": _("Cases"), "href": reverse("cases")}],
        "chart": chart_of(found.finding),
        "stream_url": reverse("stream"),
        "pollution": pollution_of(request.user, found.finding),
        "settle_form": SettleTypeForm(),
        "tracing": tracing_of(request.user, found.finding),
        "takes_evidence": may_open(request.user, TAKES_EVIDENCE),
    }
    return render(request, "showing/case.html", values | _now(request, found))


def evidence(request: Request, case_id: int) -> FileResponse:
    """The bundle of evidence, to take away."""
    found = case(request.user, case_id)
    file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 the answer closes it
    try:
        write_evidence(found, file)
    except Refused:
        file.close()
        raise
    file.seek(0)
    answer = FileResponse(file, as_attachment=True, filename=f"{found.number}.zip", content_type="application/zip")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def now(request: Request, case_id: int) -> HttpResponse:
    """The part of the page that changes while people work on the case."""
    return render(request, "showing/_case_now.html", _now(request, case(request.user, case_id)) | {"is_fragment": True})


def _now(request: Request, found: Case) -> dict[str, Any]:
    todo, later = steps(found, request.user)
    standing = standing_of(found, clock.now())
    is_my_turn = standing.task is not None and standing.task.role == request.user.role
    return {
        "case": found,
        "standing": standing,
        "primary": todo[0] if todo and is_my_turn else None,
        "others": todo[1:] if is_my_turn else todo,
        "later": later,
        "stages": stages_of(found),
        "facts": _facts(request, found),
        "violation": found_of(found),
        "suspected": suspected(found.finding),
        "bases": basis_words(found.legal_bases),
        "may_determine": request.user.role in MAY_DETERMINE,
        "records": records_of(found),
        "filed": other_evidence(found),
        "phases": phases_of(found, request.user),
    }


def _facts(request: Request, found: Case) -> list[dict[str, Any]]:
    enterprise = found.place.enterprise
    finding_address = reverse("finding", kwargs={"finding_id": found.finding_id})
    return [
        place_fact(found.place),
        *outfall_facts(request.user, found.place),
        {
            "label": _("Enterprise"),
            "value": enterprise.title if enterprise else "",
            "href": reverse("enterprise", kwargs={"code": enterprise.code}) if enterprise else "",
        },
        {"label": _("Grid cell"), "value": found.cell.title, "note": found.cell.code},
        {"label": _("Finding"), "value": found.finding.title, "href": finding_address},
        {
            "label": _("Kind of case"),
            "value": _type_title(found),
            "href": reverse("case-type", kwargs={"code": found.case_type}),
        },
        {"label": _("Rule that fired"), "value": found.rule_text},
        {"label": _("Department"), "value": found.organisation.title if found.organisation else ""},
    ]


def _type_title(found: Case) -> str:
    try:
        return said(case_type(found.case_type).title)
    except PluginError:
        return found.case_type


def type_page(request: Request, code: str) -> HttpResponse:
    """A case type: its definition, plan, picture, and who does what in which state."""
    kind = _type(code)
    duties = [
        {
            "state": said(duty.state.title),
            "holder": duty.state.holder.label if duty.state.holder else "",
            "verbs": [
                {
                    "title": said(move.title),
                    "needs": [said(need.title) for need in move.needs],
                    "roles": [role.label for role in move.roles],
                }
                for move in duty.verbs
            ],
        }
        for duty in kind.duties()
    ]
    values = {
        "page_title": said(kind.title),
        "crumbs": [{"title": _("Cases"), "href": reverse("cases")}],
        "page_lead": said(kind.definition),
        "code": code,
        "plan": [said(text) for text in kind.plan],
        "source": str(cited(kind.source)),
        "duties": duties,
    }
    return render(request, "showing/case_type.html", values)


def type_drawing(request: Request, code: str) -> HttpResponse:
    """The picture of a case type."""
    _type(code)
    picture = diagram(code, get_language() or "zh-hans")
    return HttpResponse(picture, content_type="image/svg+xml", headers={"Content-Security-Policy": DRAWING_POLICY})


def type_bpmn(request: Request, code: str) -> HttpResponse:
    """A case type as BPMN 2.0, as a file."""
    _type(code)
    answer = HttpResponse(bpmn(code), content_type="application/xml")
    answer.headers["Content-Disposition"] = f'attachment; filename="{code}.bpmn"'
    return answer


def _type(code: str) -> Any:
    try:
        return case_type(code)
    except PluginError as error:
        raise NotFound(str(error)) from error
