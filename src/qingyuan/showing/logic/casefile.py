"""A case for whoever is looking: where it stands, what may be done next, what its file holds, what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan.dispatching.queries import Case, Line, NextAct, Stage, case_type, next_acts, stages, timeline
from qingyuan.inspecting.queries import Conclusion, inspections, rectifications
from qingyuan.judging.queries import heads, screening_rows
from qingyuan.people.queries import User
from qingyuan.showing.logic.lines import head_and_rest
from qingyuan.showing.rights import OFFICE, may_open
from qingyuan.showing.wording import said

SUGGESTED = {Conclusion.CONFIRMED: "confirm", Conclusion.UNFOUNDED: "refute"}
"""The verb that a recorded conclusion asks for, where the case type has it."""

RECORD_VERBS = {
    "inspection": gettext_lazy("Write the inspection record"),
    "rectification": gettext_lazy("Write the rectification record"),
}
WARNED_WITHIN = timedelta(days=30)  # our own choice
MOST_WARNED = 10
PHASES = {
    "FindingOpened": "before",
    "FindingMerged": "before",
    "CaseEscalated": "after",
    "CaseClosed": "after",
    "ClueSettled": "after",
}
"""In which phase a line stands whatever the state of the case; the others by the state that the case has then."""

LINE_KINDS = {
    "FindingOpened": "warning",
    "FindingCleared": "good",
    "ClueSettled": "good",
    "CaseOpened": "working",
    "ViolationDetermined": "bad",
    "TaskDueSoon": "warning",
    "CaseEscalated": "bad",
    "CaseClosed": "good",
    "EvidenceAdded": "idle",
    "TaskGiven": "waiting",
}


@dataclass(frozen=True)
class Step:
    """Something to press: an act that is done at once (`post`), or a form (`href`)."""

    verb: str
    title: str
    href: str
    leads_to: str = ""
    post: bool = False


def steps(case: Case, viewer: User) -> tuple[list[Step], list[str]]:
    """What the viewer may do now, the most likely first; and the acts that wait for a record of it."""
    acts = next_acts(case, viewer)
    wanted = {need.kind: need for act in acts for need in act.missing}
    todo = [_record_step(case, kind, said(need.title)) for kind, need in wanted.items()]
    suggested = _suggested(case) if acts else ""
    ready = sorted((act for act in acts if act.ready), key=lambda act: act.verb != suggested)
    todo += [_step(case, act) for act in ready]
    return todo, [said(act.title) for act in acts if not act.ready]


def _record_step(case: Case, kind: str, title: str) -> Step:
    verb = RECORD_VERBS.get(kind)
    return Step(f"record-{kind}", title if verb is None else str(verb), filed_at(case, kind))


def filed_at(case: Case, kind: str) -> str:
    """Where people file a kind of evidence; what follows from the finding is filed at its page."""
    if kind in RECORD_VERBS:
        return _form("case-record", case, kind=kind)
    return reverse("finding", kwargs={"finding_id": case.finding_id})


def _step(case: Case, act: NextAct) -> Step:
    at_once = not act.reason and not act.fields
    return Step(act.verb, said(act.title), _form("case-act", case, verb=act.verb), said(act.target), at_once)


def _form(name: str, case: Case, **values: str) -> str:
    return reverse(name, kwargs={"case_id": case.pk, **values})


def _suggested(case: Case) -> str:
    last = inspections(case).last()
    return SUGGESTED[Conclusion(last.conclusion)] if last else ""


def stages_of(case: Case) -> list[dict[str, Any]]:
    """The four stages of the closed loop, with when each was reached."""
    return [{"title": said(reached.stage.value), "at": reached.at} for reached in stages(case)]


def phases_of(case: Case, viewer: User) -> list[dict[str, Any]]:
    """The timeline in its three phases, newest first: warning before, dispatch during, supervision after."""
    parts: dict[str, list[dict[str, Any]]] = {phase: [] for phase in ("before", "during", "after")}
    closing = {state.code for state in case_type(case.case_type).states if state.stage is Stage.CLOSE}
    stands = ""
    for line in timeline(case):
        stands = line.state or stands
        phase = PHASES.get(line.act) or ("after" if stands in closing else "during")
        parts[phase].append(_entry(line))
    parts["before"] = sorted([*parts["before"], *_warned(case, viewer)], key=lambda entry: entry["at"])
    titles = {"after": _("After: supervision"), "during": _("During: dispatch"), "before": _("Before: warning")}
    return [{"key": key, "title": title, "entries": parts[key][::-1]} for key, title in titles.items()]


def _warned(case: Case, viewer: User) -> list[dict[str, Any]]:
    """What was found at its station, and which screenings listed its enterprise, in the days before the case."""
    span = (case.opened_at - WARNED_WITHIN, case.opened_at)
    own = case.evidence.filter(kind="finding").values_list("subject", flat=True)
    known = {case.finding_id, *(int(subject.partition("/")[2]) for subject in own)}
    if case.station is None:
        return []
    earlier = heads(viewer).filter(station=case.station_id, opened_at__range=span).exclude(pk__in=known)
    entries = [
        {
            "title": one.title, "at": one.opened_at, "who": "", "text": one.sentence, "kind": "warning",
            "href": reverse("finding", kwargs={"finding_id": one.pk}),
        }
        for one in earlier[:MOST_WARNED]
    ]  # fmt: skip
    listed = screening_rows(viewer).filter(enterprise=case.station.enterprise_id, run__started_at__range=span)
    linked = may_open(viewer, OFFICE)
    for row in listed.select_related("run__screening").order_by("-run__started_at")[:MOST_WARNED]:
        words = {"rank": row.rank, "title": row.run.screening.title}
        title = _("Listed by screening “%(title)s”, rank %(rank)d") % words
        href = reverse("screened", kwargs={"run_id": row.run_id}) if linked else ""
        entries.append({"title": title, "at": row.run.started_at, "who": "", "text": "", "kind": "idle", "href": href})
    return entries


def _entry(line: Line) -> dict[str, Any]:
    title, text = head_and_rest(said(line.what))
    place = f" · {line.origin}" if line.origin and line.origin != "platform" else ""
    return {
        "title": title,
        "at": line.at,
        "who": said(line.who) + place,
        "text": " ".join(filter(None, (text, line.why))),
        "kind": LINE_KINDS.get(line.act, "working"),
    }


def records_of(case: Case) -> list[dict[str, Any]]:
    """What people put into the file, with photos; what was voided later says so."""
    voided = {item.subject: item.voided_at for item in case.evidence.all() if item.voided_at}
    found: list[dict[str, Any]] = [
        {"title": _("Inspection record"), "record": one, "facts": _seen(one), "subject": f"inspection/{one.pk}"}
        for one in inspections(case)
    ]
    found += [
        {"title": _("Rectification record"), "record": one, "facts": _done(one), "subject": f"rectification/{one.pk}"}
        for one in rectifications(case)
    ]
    for one in found:
        one["voided_at"] = voided.get(one["subject"])
        one["photos"] = list(one["record"].media.all())
    return sorted(found, key=lambda one: one["record"].at)


def _seen(record: Any) -> list[dict[str, Any]]:
    where = ""
    if record.distance_m is not None:
        distance = {"metres": f"{record.distance_m:,.0f}", "accuracy": f"{record.accuracy_m or 0:,.0f}"}
        where = _("%(metres)s m from the place (± %(accuracy)s m)") % distance
    return [
        {"label": _("Conclusion"), "value": record.get_conclusion_display()},
        {"label": _("Production"), "value": record.get_production_state_display()},
        {"label": _("Discharge"), "value": record.get_discharge_state_display()},
        {"label": _("Treatment"), "value": record.get_treatment_state_display()},
        {"label": _("Where"), "value": where},
        {"label": _("Notes"), "value": record.notes},
    ]


def _done(record: Any) -> list[dict[str, Any]]:
    return [
        {"label": _("What was done"), "value": record.measure},
        {"label": _("Finished on"), "value": f"{record.finished_on:%Y-%m-%d}"},
        {"label": _("Notes"), "value": record.notes},
    ]


def other_evidence(case: Case) -> Sequence[Any]:
    """What the platform filed: findings and what became of them."""
    return [item for item in case.evidence.all() if item.kind not in {"inspection", "rectification"}]
