"""Reads of who holds what: tasks by organisation, how soon they are signed for, the cases of findings."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from qingyuan.dispatching import permits
from qingyuan.dispatching.case_types import CASE_TYPES
from qingyuan.dispatching.casework import Move
from qingyuan.dispatching.models import Case, Evidence, Task
from qingyuan.people.queries import User
from qingyuan.places.queries import territory_of
from qingyuan_science.plugins import PluginError

HOLDER = Coalesce("assignee__organisation", "organisation")


@dataclass(frozen=True)
class Held:
    """Open tasks of an organisation: all of them, those due soon, and those whose time limit has passed [1]."""

    open: int = 0
    due_soon: int = 0
    overdue: int = 0


def held_by_organisation(viewer: User, now: datetime) -> dict[int | None, Held]:
    """Open tasks at the places of the viewer's territory, by the organisation that holds them; by one query.

    Parameters
    ----------
    viewer : User
    now : datetime

    Returns
    -------
    dict of int or None to Held
        By the organisation of the person who has the task, else the one it was given to; None for tasks that anybody
        of a role may do.
    """
    here = Task.objects.filter(territory_of(viewer).of_places("case__"), done_at=None).order_by()
    soon = Q(due_soon_at__lte=now, due_at__gt=now)
    counted = here.annotate(holder=HOLDER).values_list("holder").annotate(
        every=Count("pk"), soon=Count("pk", filter=soon), late=Count("pk", filter=Q(due_at__lte=now))
    )  # fmt: skip
    return {holder: Held(*numbers) for holder, *numbers in counted}


def times_to_sign(viewer: User, since: datetime) -> dict[int | None, timedelta]:
    """How long a new case waited for whoever got it, the median by organisation; by one query.

    Parameters
    ----------
    viewer : User
    since : datetime
        First tasks that ended from then on count.

    Returns
    -------
    dict of int or None to timedelta
        By the organisation of the person who signed, or handed back. A task that somebody else took away is left out.
    """
    waited: dict[int | None, list[float]] = defaultdict(list)
    here = _signed(since).filter(territory_of(viewer).of_places("case__"))
    signed = here.order_by().annotate(waited=F("done_at") - F("opened_at"))
    for organisation, one in signed.values_list("done_by__organisation", "waited"):
        waited[organisation].append(one.total_seconds())
    return {organisation: timedelta(seconds=median(several)) for organisation, several in waited.items()}


def _signed(since: datetime) -> QuerySet[Task]:
    """First tasks of cases that ended from an instant on by whoever got them."""
    first = Q()
    for kind in CASE_TYPES:
        first |= Q(case__case_type=kind.code, state=kind.starts)
    return Task.objects.filter(first, done_at__gte=since, done_by__role=F("role"))


def cases_signed_by(found: QuerySet[Case], organisation_id: int, since: datetime) -> QuerySet[Case]:
    """The cases of which `times_to_sign` takes the median of an organisation.

    Parameters
    ----------
    found : QuerySet of Case
    organisation_id : int
    since : datetime

    Returns
    -------
    QuerySet of Case
    """
    signed = _signed(since).filter(case=OuterRef("pk"), done_by__organisation=organisation_id)
    return found.filter(Exists(signed))


def cases_held_by(found: QuerySet[Case], organisation_id: int, *, or_nobody: bool = False) -> QuerySet[Case]:
    """The cases whose open task an organisation holds.

    Parameters
    ----------
    found : QuerySet of Case
    organisation_id : int
    or_nobody : bool
        Also those whose task anybody of a role may do.

    Returns
    -------
    QuerySet of Case
    """
    held = Q(holder=organisation_id) | (Q(holder=None) if or_nobody else Q(pk__in=()))
    return found.filter(
        Exists(Task.objects.filter(case=OuterRef("pk"), done_at=None).annotate(holder=HOLDER).filter(held))
    )


def cases_of_findings(found: QuerySet[Case], finding_ids: Collection[int]) -> dict[int, Case]:
    """The case that each finding led to, or was filed with while that was open; the queries do not grow with them.

    Parameters
    ----------
    found : QuerySet of Case
        As `cases` gave it.
    finding_ids : collection of int

    Returns
    -------
    dict of int to Case
    """
    subjects = {f"finding/{pk}": pk for pk in finding_ids}
    filed = Evidence.objects.filter(subject__in=subjects).order_by().values_list("subject", "case")
    of_finding = {subjects[subject]: case for subject, case in filed}
    first = Q(finding__in=finding_ids) | Q(pk__in=of_finding.values())
    by_number = {one.pk: one for one in found.filter(first)}
    own = {one.finding_id: one for one in by_number.values()}
    others = {pk: by_number[case] for pk, case in of_finding.items() if case in by_number}
    return others | {pk: one for pk, one in own.items() if pk in subjects.values()}


def giving_move(case: Case, viewer: User) -> Move | None:
    """The move by which the viewer gives a case to somebody now; None where it is not theirs to give.

    Parameters
    ----------
    case : Case
        As `cases` gave it, with its open task.
    viewer : User

    Returns
    -------
    Move or None
    """
    task: Task | None = next(iter(case.open_tasks), None)  # type: ignore[attr-defined]
    if task is None:
        return None
    try:
        moves = CASE_TYPES.get(case.case_type).moves_from(case.state)
    except PluginError:
        return None
    return next((move for move in moves if move.gives_to and permits.may_move(viewer, move, task)), None)
