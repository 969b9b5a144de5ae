"""Reads of cases, tasks and case types, scoped to the viewer's territory where a viewer is given."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from qingyuan.dispatching import bpmn as bpmn_file
from qingyuan.dispatching import drawing, fields, permits
from qingyuan.dispatching.case_types import CASE_TYPES
from qingyuan.dispatching.casework import CaseType, Duty, Field, Move, Need, Stage, State
from qingyuan.dispatching.events import CaseEvent
from qingyuan.dispatching.models import (
    NO_VIOLATION,
    Case,
    DispatchRule,
    Evidence,
    Task,
    TaskClock,
    TimeLimitEdition,
)
from qingyuan.dispatching.queries.holding import (
    Held,
    cases_held_by,
    cases_of_findings,
    cases_signed_by,
    giving_move,
    held_by_organisation,
    times_to_sign,
)
from qingyuan.dispatching.queries.violations import (
    MAY_DETERMINE,
    Basis,
    days_of_act,
    legal_bases_of,
    suspecting,
    violation_title,
    violations_between,
)
from qingyuan.dispatching.time_limits import TimeLimit, shipped, shipped_limit
from qingyuan.judging.events import FindingEvent
from qingyuan.kit import clock, log
from qingyuan.kit.errors import NotFound
from qingyuan.kit.events import Event
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import territory_of
from qingyuan_science.plugins import Text

__all__ = [
    "CASE_TYPES",
    "MAY_DETERMINE",
    "NO_VIOLATION",
    "Basis",
    "Case",
    "CaseType",
    "Counts",
    "DispatchRule",
    "Duty",
    "Evidence",
    "Held",
    "Line",
    "Move",
    "Need",
    "NextAct",
    "Stage",
    "StageReached",
    "State",
    "Task",
    "TaskClock",
    "bpmn",
    "case",
    "case_of_finding",
    "case_type",
    "case_types",
    "cases",
    "cases_held_by",
    "cases_of_findings",
    "cases_signed_by",
    "counts",
    "days_of_act",
    "diagram",
    "dispatch_rules",
    "escalated",
    "giving_move",
    "held_by_organisation",
    "holder_of",
    "legal_bases_of",
    "next_acts",
    "open_task",
    "people_for",
    "stages",
    "suspecting",
    "tasks_of",
    "time_limit",
    "time_limits",
    "timeline",
    "times_to_sign",
    "violation_title",
    "violations_between",
]
_UNFOLDED = {"FindingGrew"}  # hourly news of a finding belongs to the finding's page


@dataclass(frozen=True)
class Line:
    """One line of a case's timeline: who, when, from where, what and why; `state` where the line moved the case."""

    seq: int
    at: datetime
    who: Text
    origin: str
    what: Text
    why: str
    act: str
    state: str = ""


@dataclass(frozen=True)
class NextAct:
    """Something that the viewer may do with a case, and what is still missing for it."""

    verb: str
    title: Text
    target: Text
    reason: bool
    fields: tuple[Field, ...]
    missing: tuple[Need, ...]

    @property
    def ready(self) -> bool:
        """Whether nothing is missing but what the form itself asks for."""
        return not self.missing


@dataclass(frozen=True)
class StageReached:
    """A stage of the closed loop, and when the problem reached it; None while it has not."""

    stage: Stage
    at: datetime | None


@dataclass(frozen=True)
class Counts:
    """What the menus show to a viewer."""

    my_tasks: int
    overdue: int
    escalated: int
    open_cases: int


def case_types() -> tuple[type[CaseType], ...]:
    """Every case type.

    Returns
    -------
    tuple of type
    """
    return tuple(CASE_TYPES)


def case_type(code: str) -> type[CaseType]:
    """The case type of that code.

    Parameters
    ----------
    code : str

    Returns
    -------
    type

    Raises
    ------
    qingyuan_science.plugins.UnknownPlugin
        There is none; the message lists those that exist.
    """
    return CASE_TYPES.get(code)


def diagram(code: str, language: str) -> str:
    """A case type as a picture with a lane for each role, drawn from its table.

    Parameters
    ----------
    code : str
        Code of a case type.
    language : str
        For example "zh-hans" or "en".

    Returns
    -------
    str
        SVG that takes the colour of the text around it.
    """
    return drawing.svg(case_type(code), language)


def bpmn(code: str) -> str:
    """A case type as BPMN 2.0, for other workflow programs.

    Parameters
    ----------
    code : str
        Code of a case type.

    Returns
    -------
    str
        XML with lanes, tasks, timers, sequence flows and where each is drawn.
    """
    return bpmn_file.xml(case_type(code))


def time_limit(code: str, on: date, known_at: datetime | None = None) -> TimeLimit:
    """How long a step may take: the bureau's own edition, else the shipped one.

    Parameters
    ----------
    code : str
    on : date
        The day on which the step begins.
    known_at : datetime, optional
        What was known then; now when left out.

    Returns
    -------
    TimeLimit
    """
    limit = shipped_limit(code)
    own = TimeLimitEdition.objects.filter(
        limit=code, valid__contains=on, known__contains=known_at or clock.now()
    ).first()
    if own is None:
        return limit
    return TimeLimit(code, limit.title, own.hours, "bureau", own.document, "", "")


def time_limits(on: date) -> list[TimeLimit]:
    """Every time limit as it holds on a day.

    Parameters
    ----------
    on : date

    Returns
    -------
    list of TimeLimit
    """
    return [time_limit(code, on) for code in shipped()]


def dispatch_rules(on: date | None = None) -> QuerySet[DispatchRule]:
    """The dispatch rules that hold, the one that goes first in front.

    Parameters
    ----------
    on : date, optional
        The day on which they hold; every day when left out.

    Returns
    -------
    QuerySet of DispatchRule
    """
    found = DispatchRule.objects.filter(known__contains=clock.now()).select_related("cell", "organisation", "person")
    return found.filter(valid__contains=on) if on else found


MAY_FILE_FOOTAGE = (Role.DUTY_OFFICER, Role.ANALYST, Role.ENFORCEMENT_OFFICER, Role.SUPERVISOR)
"""Who puts clips and stills of cameras into the file of a case."""


def cases(viewer: User) -> QuerySet[Case]:
    """Cases at the places of the viewer's territory, newest first.

    Parameters
    ----------
    viewer : User
        An enterprise user sees none: an inspection is not announced.

    Returns
    -------
    QuerySet of Case
    """
    if viewer.role == Role.ENTERPRISE:
        return Case.objects.none()
    open_tasks = Task.objects.filter(done_at=None).select_related("assignee", "organisation")
    return (
        Case.objects.filter(territory_of(viewer).of_places())
        .select_related("station__enterprise", "cell", "organisation", "finding__cell")
        .prefetch_related(Prefetch("tasks", open_tasks, to_attr="open_tasks"))
    )


def case(viewer: User, case_id: int) -> Case:
    """One case.

    Parameters
    ----------
    viewer : User
    case_id : int

    Returns
    -------
    Case

    Raises
    ------
    NotFound
        There is none of that number in the viewer's territory.
    """
    found = cases(viewer).select_related("rule", "finding__channel").filter(pk=case_id).first()
    if found is None:
        raise NotFound(_("There is no case %(id)s in your territory") % {"id": case_id})
    return found


def case_of_finding(viewer: User, finding_id: int) -> Case | None:
    """The case that a finding belongs to, as its first cause or as one that came while it was open.

    Parameters
    ----------
    viewer : User
    finding_id : int

    Returns
    -------
    Case or None
    """
    filed = Evidence.objects.filter(case=OuterRef("pk"), subject=f"finding/{finding_id}")
    return cases(viewer).filter(Q(finding=finding_id) | Q(Exists(filed))).first()


def open_task(case: Case) -> Task | None:
    """What is to be done now; None when the case has ended.

    Parameters
    ----------
    case : Case

    Returns
    -------
    Task or None
    """
    return case.tasks.filter(done_at=None).select_related("assignee", "organisation").first()


def holder_of(task: Task) -> Text:
    """Who holds a task, in words.

    Parameters
    ----------
    task : Task

    Returns
    -------
    Text
    """
    return permits.holder_of(task)


def tasks_of(user: User) -> QuerySet[Task]:
    """Open tasks that are the user's to do, the most urgent first.

    Parameters
    ----------
    user : User

    Returns
    -------
    QuerySet of Task
    """
    anybody = Q(assignee=None) & (Q(organisation=None) | Q(organisation=user.organisation_id))
    mine = Task.objects.filter(Q(assignee=user) | anybody, done_at=None, role=user.role)
    here = territory_of(user).of_places("case__")
    return mine.filter(here).select_related("case__station__enterprise", "case__finding", "case__cell")


def escalated(viewer: User) -> QuerySet[Case]:
    """Open cases that passed a time limit and were brought before the viewer's role.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Case
    """
    late = Task.objects.filter(case=OuterRef("pk"), escalated_to=viewer.role, done_at=None)
    return cases(viewer).filter(Q(overdue_told_to=viewer.role) | Q(Exists(late)), closed_at=None)


def counts(viewer: User) -> Counts:
    """What the menus show.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    Counts
    """
    mine = tasks_of(viewer)
    return Counts(
        my_tasks=mine.count(),
        overdue=mine.filter(due_at__lte=clock.now()).count(),
        escalated=escalated(viewer).count(),
        open_cases=cases(viewer).filter(closed_at=None).count(),
    )


def next_acts(case: Case, viewer: User) -> list[NextAct]:
    """What the viewer may do with the case now, each with what is still missing.

    Parameters
    ----------
    case : Case
    viewer : User

    Returns
    -------
    list of NextAct
        In the order of the case type's table; empty when it is another's turn or the case has ended.
    """
    task = open_task(case)
    if task is None or not fields.answers_there(viewer, case):
        return []
    kind = case_type(case.case_type)
    return [
        NextAct(
            move.verb, move.title, kind.state(move.target).title, move.reason, move.fields, permits.missing(case, move)
        )
        for move in kind.moves_from(case.state)
        if permits.may_move(viewer, move, task)
    ]


def people_for(case: Case, field: Field) -> list[User]:
    """The people who can be named in a field of a move.

    Parameters
    ----------
    case : Case
    field : Field

    Returns
    -------
    list of User
    """
    return fields.eligible(case, field)


def timeline(case: Case) -> list[Line]:
    """Everything that happened to a case and to its findings, oldest first, read from the chained log.

    Parameters
    ----------
    case : Case

    Returns
    -------
    list of Line
    """
    subjects = case.evidence.filter(kind="finding").values_list("subject", flat=True)
    findings = {case.finding_id, *(int(subject.partition("/")[2]) for subject in subjects)}
    entries = [*log.about(f"case/{case.pk}"), *(line for one in findings for line in log.about(f"finding/{one}"))]
    names = _names(entry.actor for entry in entries)
    lines = []
    for entry in sorted(entries, key=lambda entry: entry.seq):
        if entry.act not in _UNFOLDED:
            words, state = _said(entry.act, entry.detail)
            who = names[entry.actor]
            lines.append(Line(entry.seq, entry.at, who, entry.origin, words, entry.why, entry.act, state))
    return lines


def stages(case: Case) -> list[StageReached]:
    """When the problem reached each stage of the closed loop.

    Parameters
    ----------
    case : Case

    Returns
    -------
    list of StageReached
        All four, in their order.
    """
    kind = case_type(case.case_type)
    begun = [task.opened_at for task in case.tasks.all() if kind.state(task.state).stage is Stage.CLOSE]
    reached = {
        Stage.SENSE: case.finding.started_at,
        Stage.JUDGE: case.finding.opened_at,
        Stage.DISPOSE: case.opened_at,
        Stage.CLOSE: min(begun, default=case.closed_at),
    }
    return [StageReached(stage, reached[stage]) for stage in Stage]


def _names(actors: Iterable[str]) -> dict[str, Text]:
    wanted = set(actors)
    names = {actor: Text(actor, actor) if actor else Text("平台", "the platform") for actor in wanted}
    for one in User.objects.filter(username__in=wanted):
        names[one.username] = Text(one.name_zh or one.username, one.name_en or one.username)
    return names


def _said(act: str, detail: dict[str, Any]) -> tuple[Text, str]:
    """What a line of the log says, and the state that it brought the case to."""
    event = Event.known[act].from_detail(detail)
    words = event.words() if isinstance(event, CaseEvent | FindingEvent) else Text(act, act)
    return words, event.stands() if isinstance(event, CaseEvent) else ""
