"""A case for whoever is looking: where it stands, what may be done next, what its file holds, what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan.dispatching.queries import Case, Line, NextAct, next_acts, stages, timeline
from qingyuan.inspecting.queries import Conclusion, inspections, rectifications
from qingyuan.people.queries import User
from qingyuan.showing.logic.lines import head_and_rest
from qingyuan.showing.wording import said

SUGGESTED = {Conclusion.CONFIRMED: "confirm", Conclusion.UNFOUNDED: "refute"}
"""The verb that a recorded conclusion asks for, where the case type has it."""

RECORD_VERBS = {
    "inspection": gettext_lazy("Write the inspection record"),
    "rectification": gettext_lazy("Write the rectification record"),
}
LINE_KINDS = {
    "FindingOpened": "warning",
    "FindingCleared": "good",
    "ClueSettled": "good",
    "CaseOpened": "working",
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
    return Step(f"record-{kind}", title if verb is None else str(verb), _form("case-record", case, kind=kind))


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


def lines_of(case: Case) -> list[dict[str, Any]]:
    """The timeline, newest first, as `_timeline.html` draws it."""
    return [_entry(line) for line in reversed(timeline(case))]


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
        where = _("%(metres)s m from the station (± %(accuracy)s m)") % distance
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
