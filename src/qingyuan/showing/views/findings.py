"""The queue of findings, one finding with what shows it, and dismissing it with a reason."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan.dispatching.api import open_case_by_hand
from qingyuan.dispatching.queries import NO_VIOLATION, case_of_finding, cases, cases_of_findings, suspecting
from qingyuan.judging.api import MAY_DISMISS, MAY_SETTLE, dismiss, settle_pollution_type, what_would_change
from qingyuan.judging.queries import (
    EXPECTED,
    Finding,
    FindingState,
    SeverityLevel,
    binding_mean,
    detector_title,
    finding,
    heads,
    problems,
)
from qingyuan.kit.errors import BadInput, NotFound, Refused
from qingyuan.kit.log import about
from qingyuan.people.queries import Role
from qingyuan.places.queries import StationKind
from qingyuan.showing.logic import charts
from qingyuan.showing.logic.driving import kept
from qingyuan.showing.logic.driving.kept import seen_on
from qingyuan.showing.logic.enforcing.narrowing import ANY, found_in_year, suspecting_any
from qingyuan.showing.logic.enforcing.violations import kinds, suspected, violations_of_clues
from qingyuan.showing.logic.factors import measured, unit_of
from qingyuan.showing.logic.filters import (
    CLUES,
    DETECTORS,
    EVERY,
    OWNER,
    Choice,
    chosen,
    since,
    since_choice,
    value_of,
    words_in,
)
from qingyuan.showing.logic.findingfile import chart_of, mass_facts, outfall_facts, place_fact, video_of
from qingyuan.showing.logic.hub.narrowing import of_data_from
from qingyuan.showing.logic.judging.grounds import THRESHOLD_PREFIX, grounds_of
from qingyuan.showing.logic.judging.likeness import alike_one
from qingyuan.showing.logic.judging.outcomes import Outcome, alike
from qingyuan.showing.logic.judging.pollution import pollution_of, types_of_pollution
from qingyuan.showing.logic.judging.totals import RunningTotal
from qingyuan.showing.logic.judging.words import (
    about_detector,
    amount_words,
    number_words,
    rule_facts,
    settings_of,
    sign_rows,
)
from qingyuan.showing.logic.lines import as_timeline, for_people
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.logic.screening.becoming import screened_answers
from qingyuan.showing.logic.tracing.words import told_to, tracing_of
from qingyuan.showing.request import Request
from qingyuan.showing.rights import OFFICE, may_open
from qingyuan.showing.views.acts import add_refusal
from qingyuan.showing.views.judging.forms import DismissForm, SettleTypeForm
from qingyuan.showing.wording import said

HELD, CONFIRMED = "held", "confirmed"  # what the filter by cases asks for
PERIODS = "mhd"  # kinds of readings that stand for a period
OUTCOME_KINDS = {Outcome.CONFIRMED: "bad", Outcome.REFUTED: "good", Outcome.UNDECIDED: "waiting"}
STATE_KINDS = {FindingState.OPEN: "warning", FindingState.CLEARED: "good", FindingState.DISMISSED: "idle"}


def queue(request: Request) -> HttpResponse:
    """Findings, newest first, narrowed by state, severity, kind of station and words."""
    suspected_kind = Choice("violation", _("Suspected violation"), [(ANY, _("Any violation")), *kinds()])
    found_in = since_choice(_("Found in the"))
    in_case = Choice("case", _("Case"), ((HELD, _("Held by a case")), (CONFIRMED, _("Found to be a violation"))))
    by_whom = Choice("by", _("Found by"), ((DETECTORS, _("Detectors")), (CLUES, _("People, screenings, satellites"))))
    choices = [
        Choice("state", _("State"), FindingState.choices, "state", default="open"),
        Choice("severity", _("Severity"), SeverityLevel.choices, "severity"),
        Choice("kind", _("Kind of station"), StationKind.choices, "station__kind"),
        suspected_kind,
        found_in,
        by_whom,
        Choice("type", _("Settled type"), types_of_pollution(), "settled_type__code"),
        in_case,
    ]
    shown = heads(request.user).annotate(merged=Count("parts")).order_by("-opened_at", "-pk")
    found, filters = chosen(shown, choices, request.GET)
    suspicion = value_of(suspected_kind, request.GET)
    if suspicion != EVERY:
        found = found.filter(suspecting_any() if suspicion == ANY else suspecting(suspicion))
    found = since(found, found_in, request.GET, field="opened_at")
    if (who := value_of(by_whom, request.GET)) != EVERY:
        found = found.filter(channel__isnull=who == CLUES)
    if (held := value_of(in_case, request.GET)) != EVERY:
        found = found.filter(pk__in=_of_cases(request, confirmed=held == CONFIRMED))
    found, by_origin = of_data_from(request, found)
    found, by_year = found_in_year(request, found)
    found, by_likeness = alike_one(request, found)
    places = ("station__title_zh", "station__title_en", "station__code", "cell__title_zh", "cell__title_en")
    found = words_in(found, request.GET.get("q", ""), (*places, *OWNER, "sentence_zh", "sentence_en"))
    listed = page_of(found, request.GET)
    rows = [{"finding": one, "kind": STATE_KINDS[FindingState(one.state)]} for one in listed["page"]]
    _add_cases(request, rows)
    values: dict[str, Any] = {
        "page_title": _("Findings"),
        "rows": rows,
        "filters": [*filters, *by_origin, *by_year, *by_likeness],
        "stream_url": reverse("stream"),
    }
    values["may_report"] = request.user.role != Role.ENTERPRISE
    return render(request, "showing/findings.html", listed | values)


def _of_cases(request: Request, *, confirmed: bool) -> list[int]:
    """The findings that cases hold; only those whose case was found to be a violation, if asked."""
    held = violations_of_clues(request.user)
    return [pk for pk, violation in held.items() if not confirmed or violation not in {"", NO_VIOLATION}]


def _add_cases(request: Request, rows: list[dict[str, Any]]) -> None:
    by_finding = cases_of_findings(cases(request.user), [row["finding"].pk for row in rows])
    for row in rows:
        row["case"] = by_finding.get(row["finding"].pk)


def record(
    request: Request, finding_id: int, form: DismissForm | None = None, settle_form: SettleTypeForm | None = None
) -> HttpResponse:
    """One finding: its sentence, clause, chart and readings, the case it led to, and what people did with it."""
    found = finding(request.user, finding_id)
    state = FindingState(found.state)
    opened, total = case_of_finding(request.user, found.pk), RunningTotal.of(found)
    values = {
        "page_title": found.title,
        "crumbs": [{"title": _("Findings"), "href": reverse("findings")}],
        "finding": found,
        "state": state.label,
        "state_kind": STATE_KINDS[state],
        "case": opened,
        "may_open_case": opened is None and request.user.role == Role.DUTY_OFFICER,
        "facts": [
            *_facts(request, found),
            *(total.facts() if total else []),
            *mass_facts(found),
            *_suspicion(found),
            *rule_facts(found, linked=may_open(request.user, OFFICE)),
        ],
        "signs": sign_rows(found),
        "screened": screened_answers(request.user, found),
        "seen": problems(request.user).filter(finding=found).first() if "suspected_problem" in found.edition else None,
        "seen_on": seen_on(request.user, found),
        "grounds": grounds_of(found),
        "settings": settings_of(found),
        "method": about_detector(found.detector),
        **_turned_out(request, found),
        "parts": list(found.parts.all()),
        "can_look_again": found.channel_id is not None and found.detector != EXPECTED,
        "chart": {"url": reverse("finding-total", kwargs={"finding_id": found.pk})} if total else chart_of(found),
        "total": total,
        "video": video_of(request.user, found),
        "readings": _readings(found),
        "words": measured(found.channel) if found.channel else None,
        "begins": found.kind in PERIODS,
        "timeline": as_timeline(for_people(told_to(request.user, about(f"finding/{found.pk}")))),
        "may_screen": may_open(request.user, OFFICE),
        "may_dismiss": request.user.role in MAY_DISMISS and state != FindingState.DISMISSED,
        "form": form or DismissForm(),
        "pollution": pollution_of(request.user, found),
        "settle_form": settle_form or SettleTypeForm(),
        "tracing": tracing_of(request.user, found),
        "stream_url": reverse("stream"),
    }
    return render(request, "showing/finding.html", values, status=422 if form or settle_form else 200)


def _suspicion(found: Finding) -> list[dict[str, Any]]:
    what, longer = suspected(found), binding_mean(found)
    if not what:
        return []
    words = _("not established: the limit is for the %(mean)s, and these are %(kind)s")
    told = {"mean": said(longer.label), "kind": found.get_kind_display()} if longer else {}
    return [{"label": _("Suspected violation"), "value": what, "note": words % told if longer else ""}]


def total(request: Request, finding_id: int) -> HttpResponse:
    """The running total of the year behind a finding, as the chart island reads it."""
    found = RunningTotal.of(finding(request.user, finding_id))
    if found is None:
        raise NotFound(_("This finding rests on no total of a year."))
    return HttpResponse(found.as_chart(), content_type="application/json")


@require_POST
def dismiss_finding(request: Request, finding_id: int) -> HttpResponse:
    """Dismiss a finding; without a kind or a reason the page comes back and asks for it."""
    form = DismissForm(request.POST)
    if not form.is_valid() and request.user.role in MAY_DISMISS:
        return record(request, finding_id, form)
    values = form.cleaned_data
    try:
        dismiss(finding_id, request.user, values.get("why", ""), origin_of(request), code=values.get("code", ""))
    except (BadInput, Refused) as refusal:
        add_refusal(form, refusal)
        return record(request, finding_id, form)
    messages.success(
        request, _("The finding is dismissed. While the same values last, no other one is opened for them.")
    )
    return redirect("finding", finding_id=finding_id)


@require_POST
def settle_type(request: Request, finding_id: int) -> HttpResponse:
    """Settle the type, and go back to where it was done: the finding's page or its case's."""
    form = SettleTypeForm(request.POST)
    if not form.is_valid() and request.user.role in MAY_SETTLE:
        return record(request, finding_id, settle_form=form)
    code, why = form.cleaned_data.get("type", ""), form.cleaned_data.get("shown_by", "")
    try:
        settle_pollution_type(finding_id, request.user, origin_of(request), code=code, why=why)
    except BadInput as refusal:
        add_refusal(form, refusal)
        return record(request, finding_id, settle_form=form)
    messages.success(request, _("The type of pollution is settled. What signs weigh is learned from it."))
    back = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return redirect(back)
    return redirect("finding", finding_id=finding_id)


def would_change(request: Request, finding_id: int) -> HttpResponse:
    """A part of the page: how far each setting would have to differ, or the limit, for it not to be found."""
    found = finding(request.user, finding_id)
    lines = [_limit_line(found)] if found.limit_high is not None or found.limit_low is not None else []
    total = RunningTotal.of(found)
    if total is not None:
        words = {"total": number_words(found.signs[0]["value"])}
        lines.append(_("It would not be found if the permit allowed %(total)s kg or more in the year.") % words)
    try:
        told = what_would_change(found.pk)
    except Refused as refusal:
        told = []
        lines.append(str(refusal))
    for one in told:
        values = {"setting": said(one.parameter.title), "now": amount_words(one.parameter, one.value)}
        if one.turns_at is not None:
            values["then"] = amount_words(one.parameter, one.turns_at)
            lines.append(_("%(setting)s: not found at %(then)s (found at %(now)s)") % values)
    if told and any(one.turns_at is None for one in told):
        lines.append(_("No allowed value of another setting would change it."))
    return render(request, "showing/_would_change.html", {"lines": lines})


def _limit_line(found: Finding) -> str:
    words = {"peak": f"{found.peak:g} {unit_of(found.unit)}"}
    if found.limit_code.startswith(THRESHOLD_PREFIX):
        return _("It would not be found if the alarm threshold were %(peak)s or more.") % words
    if found.limit_high is not None and found.peak > found.limit_high:
        return _("It would not be found if the limit were %(peak)s or more.") % words
    return _("It would not be found if the limit were %(peak)s or less.") % words


def _turned_out(request: Request, found: Finding) -> dict[str, Any]:
    same = alike(request.user, found)
    return {
        "turned_out": [{"title": one.words, "count": same.counts[one.value], "code": one.value} for one in Outcome],
        "alike": [
            {"finding": one, "outcome": outcome.words, "kind": OUTCOME_KINDS[outcome]} for one, outcome in same.newest
        ],
    }


@require_POST
def open_case(request: Request, finding_id: int) -> HttpResponse:
    """Open a case by hand for a finding that no dispatch rule fits."""
    opened = open_case_by_hand(finding_id, request.user, origin_of(request), why=request.POST.get("why", ""))
    messages.success(request, _("Case %(number)s is open.") % {"number": opened.number})
    return redirect("case", case_id=opened.pk)


def kept_readings(request: Request, finding_id: int) -> HttpResponse:
    """What a clue of a drive keeps of what was measured, for its chart."""
    return HttpResponse(kept.chart(finding(request.user, finding_id)), content_type="application/json")


def _facts(request: Request, found: Finding) -> list[dict[str, Any]]:
    places = [place_fact(found.place), *outfall_facts(request.user, found.place)]
    if found.channel is None:
        by = found.reported_by.name if found.reported_by else ""
        by_satellite = "suspected_problem" in found.edition and found.reported_by is None
        finder = _("Satellite") if by_satellite else said(detector_title(found.detector))
        return [*places, {"label": _("Found by"), "value": finder, "note": by}]
    words = measured(found.channel)
    bounds = [f"≥ {found.limit_low:g}"] if found.limit_low is not None else []
    bounds += [f"≤ {found.limit_high:g}"] if found.limit_high is not None else []
    own = found.limit_code.startswith(THRESHOLD_PREFIX)
    what, multiple = (_("Alarm threshold"), _("Above it by")) if own else (_("Limit"), _("Exceedance multiple"))
    longer, expected = binding_mean(found), found.detector == EXPECTED  # of what is expected nothing is beyond yet
    if longer is not None:
        multiple = _("Beyond it by")
    limited = [
        {"label": what, "value": f"{', '.join(bounds)} {unit_of(found.unit)}".strip(), "note": found.limit_title},
        *([] if expected else [{"label": multiple, "value": number_words(found.times_over)}]),
    ]
    shown = f"{found.peak:,.{words.decimals}f} {unit_of(found.unit)}".strip()
    worst = next((us for us, value in found.evidence if value == found.peak), None)
    behind = "" if worst is None else _reading(found, worst)
    same = not found.signs or found.signs[0]["unit"] == found.unit  # else the value tells nothing of the finding
    return [
        *places,
        {"label": _("Factor"), "value": words.title, "note": words.code},
        *([{"label": _("Worst value"), "value": shown, "href": behind}] if same else []),
        *(limited if bounds else []),
        {"label": _("Authority that set it") if own else _("Clause"), "value": found.clause},
        {"label": _("Chance") if expected else _("Share of valid data"), "value": f"{found.confidence:.0%}"},
        {"label": _("Found by"), "value": said(detector_title(found.detector)), "note": charts.kind_title(found.kind)},
    ]


def _readings(found: Finding) -> list[dict[str, Any]]:
    rows = []
    for us, value in sorted(found.evidence, reverse=True):
        at = datetime.fromtimestamp(us / 1e6, UTC)
        over = (found.limit_high is not None and value > found.limit_high) or (
            found.limit_low is not None and value < found.limit_low
        )
        rows.append({"at": at, "value": value, "over": over, "href": _reading(found, us)})
    return rows


def _reading(found: Finding, us: int) -> str:
    """The page of one of the readings that a finding rests on."""
    return reverse("reading", kwargs={"channel": found.channel_id, "kind": found.kind, "at": us // 1000})
