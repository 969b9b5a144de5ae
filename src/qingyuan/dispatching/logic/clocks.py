"""What runs out: tasks that are due soon, tasks that are overdue, cases that are overdue; each is told once."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from qingyuan.dispatching.case_types import CASE_TYPES
from qingyuan.dispatching.casework import ROLE_TITLES, Clock
from qingyuan.dispatching.events import CaseEscalated, TaskDueSoon
from qingyuan.dispatching.models import Case, Task
from qingyuan.kit import log
from qingyuan_science.plugins import Text

WHOLE_CASE = Text("案件办结", "closing the case")


def run(now: datetime) -> int:
    """Look at every open case whose time has come; returns how many facts were told."""
    due_soon = Q(warned_at=None, due_soon_at__lte=now, due_at__gt=now)
    overdue = Q(escalated_at=None, due_at__lte=now)
    late = Task.objects.filter(due_soon | overdue, done_at=None).values_list("case_id", flat=True)
    late_cases = Case.objects.filter(closed_at=None, overdue_told_to="", due_at__lte=now).values_list("pk", flat=True)
    return sum(_look_at(pk, now) for pk in sorted({*late, *late_cases}))


@transaction.atomic
def _look_at(case_id: int, now: datetime) -> int:
    case = Case.objects.select_for_update(of=("self",)).get(pk=case_id)
    task = case.tasks.filter(done_at=None).first()
    if task is None:
        return 0
    return _warn(case, task, now) + _escalate_task(case, task, now) + _escalate_case(case, now)


def _warn(case: Case, task: Task, now: datetime) -> int:
    if task.warned_at or not task.due_soon_at <= now < task.due_at:
        return 0
    task.warned_at = now
    task.save(update_fields=["warned_at"])
    title = CASE_TYPES.get(case.case_type).state(task.state).title
    fact = TaskDueSoon(id=case.pk, task=task.pk, state_zh=title.zh, state_en=title.en, due_at=task.due_at.isoformat())
    log.write(fact, at=now)
    return 1


def _escalate_task(case: Case, task: Task, now: datetime) -> int:
    state = CASE_TYPES.get(case.case_type).state(task.state)
    if state.clock is None or task.escalated_at or task.due_at > now:
        return 0
    task.escalated_at, task.escalated_to = now, state.clock.escalates_to
    task.save(update_fields=["escalated_at", "escalated_to"])
    return _told(case, task.pk, (state.title, state.clock, task.due_at), now)


def _escalate_case(case: Case, now: datetime) -> int:
    if case.overdue_told_to or case.due_at > now:
        return 0
    whole = CASE_TYPES.get(case.case_type).clock
    case.overdue_told_to = whole.escalates_to
    case.save(update_fields=["overdue_told_to"])
    return _told(case, 0, (WHOLE_CASE, whole, case.due_at), now)


def _told(case: Case, task: int, late: tuple[Text, Clock, datetime], now: datetime) -> int:
    title, limit, due_at = late
    to = ROLE_TITLES[limit.escalates_to]
    Case.objects.filter(pk=case.pk, escalated_at=None).update(escalated_at=now)
    fact = CaseEscalated(
        id=case.pk, task=task, to_role=limit.escalates_to, to_zh=to.zh, to_en=to.en,
        late_zh=title.zh, late_en=title.en, due_at=due_at.isoformat(),
    )  # fmt: skip
    log.write(fact, at=now)
    return 1
