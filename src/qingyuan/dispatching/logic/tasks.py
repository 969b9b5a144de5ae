"""Giving the task of a state to somebody, with its time limit."""

from collections.abc import Callable
from datetime import datetime, timedelta

from qingyuan.dispatching import permits
from qingyuan.dispatching.casework import Clock, Giving, State
from qingyuan.dispatching.events import TaskGiven
from qingyuan.dispatching.models import Case, Task
from qingyuan.dispatching.queries import time_limit
from qingyuan.kit import clock, log
from qingyuan.people.queries import Organisation, User
from qingyuan.places.queries import person_answering_for

Holder = tuple[User | None, Organisation | None]
DUE_SOON = 3 / 4  # a task is due soon when a quarter of its time is left


def give(case: Case, state: State, now: datetime, named: User | None = None) -> Task | None:
    """Open the task of a state; a final state has none."""
    if state.final or state.clock is None or state.holder is None:
        return None
    assignee, organisation = _FINDERS[state.given_to](case, state, named)
    due_soon_at, due_at = _clock(case, state, state.clock, now)
    task = Task.objects.create(
        case=case, state=state.code, role=state.holder, assignee=assignee, organisation=organisation,
        opened_at=now, due_soon_at=due_soon_at, due_at=due_at,
    )  # fmt: skip
    to = permits.holder_of(task)
    fact = TaskGiven(
        id=case.pk, task=task.pk, state=state.code, role=state.holder,
        assignee=assignee.username if assignee else "", organisation=organisation.code if organisation else "",
        to_zh=to.zh, to_en=to.en, due_at=due_at.isoformat(),
    )  # fmt: skip
    log.write(fact, at=now)
    return task


def somebody_for(case: Case, state: State) -> bool:
    """Whether the state's task would find its person; tasks of organisations and roles always find somebody."""
    return state.given_to is not Giving.PERSON or _FINDERS[state.given_to](case, state, None)[0] is not None


def _clock(case: Case, state: State, limit: Clock, now: datetime) -> tuple[datetime, datetime]:
    """Due soon, and due. A state that is entered again keeps its first clock: going back buys no time."""
    before = case.tasks.filter(state=state.code).order_by("pk").first()
    if before is not None:
        return before.due_soon_at, before.due_at
    within = within_limit(limit, now)
    return now + within * DUE_SOON, now + within


def within_limit(limit: Clock, now: datetime) -> timedelta:
    """The time that a clock gives, by the edition in force."""
    return timedelta(hours=time_limit(limit.limit, now.astimezone(clock.SHANGHAI).date()).hours)


def _person(case: Case, state: State, named: User | None) -> Holder:
    """Who was named, else held such a task of the case last, else stands in the rule, else answers for the place."""
    last = case.tasks.filter(role=state.holder, assignee__is_active=True).order_by("-pk").first()
    ruled = case.rule.person if case.rule and case.rule.person and case.rule.person.role == state.holder else None
    held = last.assignee if last else None
    return named or held or ruled or person_answering_for(case.cell, state.holder or ""), None


def _organisation(case: Case, state: State, named: User | None) -> Holder:
    return named, case.organisation


def _role(case: Case, state: State, named: User | None) -> Holder:
    return named, None


_FINDERS: dict[Giving, Callable[[Case, State, User | None], Holder]] = {
    Giving.PERSON: _person,
    Giving.ORGANISATION: _organisation,
    Giving.ROLE: _role,
}
