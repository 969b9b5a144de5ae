"""Who is told what, when a task is given, runs out, or a finding is opened: one message for each address."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override
from procrastinate.contrib.django import app

from qingyuan.dispatching import permits
from qingyuan.dispatching.case_types import CASE_TYPES
from qingyuan.dispatching.events import CaseEscalated, TaskDueSoon, TaskGiven
from qingyuan.dispatching.models import Case, Message, Task
from qingyuan.dispatching.queries import cases, open_task
from qingyuan.forwarding.events import DestinationLags
from qingyuan.judging.events import FindingOpened
from qingyuan.judging.queries import Finding, SeverityLevel, findings
from qingyuan.kit import clock, log
from qingyuan.kit.events import Event
from qingyuan.people.queries import Contact, Occasion, Role, User, contacts_for, people_with_role
from qingyuan_science.plugins import Text

JOB, QUEUE = "dispatching.send_messages", "messages"
Texts = Callable[[], tuple[str, list[str]]]


@dataclass(frozen=True)
class News:
    """Something that people are told of: on what occasion, who, about what, and in which words of their language."""

    occasion: Occasion
    key: str
    to: Iterable[User]
    texts: Texts
    case: Case | None = None
    finding: Finding | None = None
    everywhere: bool = False  # it lies in no territory

    def may_be_seen_by(self, user: User) -> bool:
        """Whether it lies in the person's territory."""
        if self.everywhere:
            return True
        if self.case is not None:
            return cases(user).filter(pk=self.case.pk).exists()
        return self.finding is not None and findings(user).filter(pk=self.finding.pk).exists()


def tell(event: Event) -> int:
    """Write the messages of an event, and wake who sends them; answers how many."""
    reached = [(news, one) for news in _NEWS[type(event)](event) for one in _reached(news)]
    if not reached:
        return 0
    at, now = _happened_at(event), clock.now()
    messages = [_message(news, one, at, now) for news, one in reached]
    made = Message.objects.bulk_create(messages, ignore_conflicts=True)
    for service in sorted({one.service for one in messages}):
        wake(service)
    return len(made)


def wake(service: str, pause_s: float = 0.0) -> None:
    """Let the messages of a service be sent, at commit or after a pause."""
    schedule = {"schedule_in": {"seconds": pause_s}} if pause_s else {}
    app.configure_task(JOB, queue=QUEUE, **schedule).defer(service=service)  # type: ignore[arg-type]


def _reached(news: News) -> Iterator[Contact]:
    for contact in contacts_for(news.to, news.occasion):
        grave = news.finding is None or news.finding.severity >= contact.severity_from
        if grave and news.may_be_seen_by(contact.user):
            yield contact


def _message(news: News, contact: Contact, at: datetime, now: datetime) -> Message:
    with override(contact.language):
        title, lines = news.texts()
    since = max(at, _after_quiet(contact, now)) if _is_quiet(contact, now) else at
    return Message(
        contact=contact, user=contact.user, service=contact.service, shown=contact.shown, occasion=news.occasion,
        key=f"{news.occasion}/{news.key}", case=news.case, finding=news.finding, title=title[:160],
        body="\n".join(line for line in lines if line), since=since, created_at=now, next_at=max(since, now),
    )  # fmt: skip


def _given(event: TaskGiven) -> Iterator[News]:
    task = _open(event.task)
    if task is not None:
        texts = _about_task(task, lambda step: _("Qingyuan: new task, %(step)s") % {"step": step})
        before = task.case.tasks.exclude(done_at=None).order_by("-pk").first()
        to = [one for one in _holders(task) if before is None or one.pk != before.done_by_id]  # who did it knows
        yield News(Occasion.TASK_GIVEN, f"task/{task.pk}", to, texts, case=task.case)


def _due_soon(event: TaskDueSoon) -> Iterator[News]:
    task = _open(event.task)
    if task is not None:
        texts = _about_task(task, lambda step: _("Qingyuan: due soon, %(step)s") % {"step": step})
        yield News(Occasion.DUE_SOON, f"task/{task.pk}", _holders(task), texts, case=task.case)


def _escalated(event: CaseEscalated) -> Iterator[News]:
    """Whoever holds the task, and those before whom it was brought."""
    case = Case.objects.select_related("cell").get(pk=event.id)
    task = open_task(case)
    if task is None or event.task not in (0, task.pk):
        return

    def texts() -> tuple[str, list[str]]:
        step = permits.said(Text(event.late_zh, event.late_en))
        return _("Qingyuan: overdue, %(step)s") % {"step": step}, _case_lines(
            case, datetime.fromisoformat(event.due_at)
        )

    told = {one.pk: one for one in (*_holders(task), *people_with_role(event.to_role))}
    yield News(Occasion.OVERDUE, f"case/{case.pk}/{event.task}", told.values(), texts, case=case)


def _found(event: FindingOpened) -> Iterator[News]:
    finding = Finding.objects.select_related("station__cell").get(pk=event.id)

    def texts() -> tuple[str, list[str]]:
        severity = SeverityLevel(finding.severity).label
        title = _("Qingyuan: new finding, %(severity)s") % {"severity": severity}
        return title, [finding.sentence, str(finding.place.title), _page(f"/findings/{finding.pk}/")]

    yield News(Occasion.FINDING, f"finding/{finding.pk}", people_with_role(Role.DUTY_OFFICER), texts, finding=finding)


def _lags(event: DestinationLags) -> Iterator[News]:
    """Administrators: a platform above waits for its data."""

    def texts() -> tuple[str, list[str]]:
        since = datetime.fromisoformat(event.oldest_at).astimezone(clock.SHANGHAI)
        waiting = _("%(count)s packets wait, the oldest since %(since)s") % {
            "count": event.waiting, "since": f"{since:%Y-%m-%d %H:%M}",
        }  # fmt: skip
        title = _("Qingyuan: handing on to %(code)s lags") % {"code": event.code}
        return title, [waiting, event.trouble, _page(f"/destinations/{event.code}/")]

    key = f"destination/{event.id}/{event.oldest_at}"
    yield News(Occasion.LAGGING, key, people_with_role(Role.ADMINISTRATOR), texts, everywhere=True)


_NEWS: dict[type[Event], Callable[[Any], Iterator[News]]] = {
    TaskGiven: _given,
    TaskDueSoon: _due_soon,
    CaseEscalated: _escalated,
    FindingOpened: _found,
    DestinationLags: _lags,
}


def _open(task_id: int) -> Task | None:
    """The task, unless it was done before anybody could be told of it."""
    found = Task.objects.select_related("case__cell", "assignee", "organisation")
    return found.filter(pk=task_id, done_at=None).first()


def _holders(task: Task) -> Iterable[User]:
    if task.assignee is not None:
        return (task.assignee,)
    return people_with_role(task.role, task.organisation.code if task.organisation else None)


def _about_task(task: Task, title: Callable[[str], str]) -> Texts:
    def texts() -> tuple[str, list[str]]:
        step = permits.said(CASE_TYPES.get(task.case.case_type).state(task.state).title)
        return title(step), _case_lines(task.case, task.due_at)

    return texts


def _case_lines(case: Case, due_at: datetime) -> list[str]:
    due = f"{due_at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"
    place = _("%(place)s, case %(number)s") % {"place": case.cell.title, "number": case.number}
    return [case.title, place, _("Until %(due)s") % {"due": due}, _page(f"/cases/{case.pk}/")]


def _page(path: str) -> str:
    return f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else ""


def _happened_at(event: Event) -> datetime:
    """When the log has it; now for an event that is not in it."""
    told = [line for line in log.about(event.subject) if line.act == type(event).__name__]
    at = [line.at for line in told if type(event).from_detail(line.detail) == event]
    return at[-1] if at else clock.now()


def _is_quiet(contact: Contact, now: datetime) -> bool:
    if contact.quiet_from is None or contact.quiet_to is None:
        return False
    here = now.astimezone(clock.SHANGHAI).time()
    if contact.quiet_from <= contact.quiet_to:
        return contact.quiet_from <= here < contact.quiet_to
    return here >= contact.quiet_from or here < contact.quiet_to


def _after_quiet(contact: Contact, now: datetime) -> datetime:
    here = now.astimezone(clock.SHANGHAI)
    end = here.replace(hour=contact.quiet_to.hour, minute=contact.quiet_to.minute, second=0, microsecond=0)  # type: ignore[union-attr]
    return end if end > here else end + timedelta(days=1)
