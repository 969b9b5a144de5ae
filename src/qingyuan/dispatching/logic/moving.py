"""The engine: one move of one case, checked against its table, its file and who asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from qingyuan.dispatching import fields as move_fields
from qingyuan.dispatching import permits
from qingyuan.dispatching.case_types import CASE_TYPES
from qingyuan.dispatching.casework import CaseType, Move, State
from qingyuan.dispatching.events import CaseClosed, CaseMoved
from qingyuan.dispatching.logic import determining, tasks
from qingyuan.dispatching.models import Case, Evidence, Task
from qingyuan.dispatching.queries import cases, open_task
from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, NotFound, Refused
from qingyuan.kit.log import Origin
from qingyuan.people.queries import User, person
from qingyuan.tracing import api as tracing


@dataclass(frozen=True)
class Act:
    """Who wants to do what, from where, why, and with which values."""

    verb: str
    user: User
    origin: Origin
    why: str
    fields: Mapping[str, Any]


def locked(case_id: int, user: User) -> Case:
    """The case with its row locked, if the user may know of it; every change takes this lock before the log's."""
    if not cases(user).filter(pk=case_id).exists():
        raise NotFound(_("There is no case %(id)s in your territory") % {"id": case_id})
    held = Prefetch("evidence", Evidence.objects.filter(voided_at=None))
    return (
        Case.objects.select_for_update(of=("self",))
        .select_related("rule__person", "cell")
        .prefetch_related(held)
        .get(pk=case_id)
    )


def task_at_hand(case: Case) -> Task:
    """The open task of a case that has not ended."""
    task = open_task(case)
    if task is None:
        ended = permits.said(CASE_TYPES.get(case.case_type).state(case.state).title)
        raise Refused(_("Case %(number)s has ended: %(state)s") % {"number": case.number, "state": ended})
    return task


def move(case: Case, act: Act) -> Case:
    """Make the move or say why not."""
    kind = CASE_TYPES.get(case.case_type)
    task = task_at_hand(case)
    wanted = _found(kind, case, act.verb)
    permits.check_move(act.user, wanted, task)
    values = _checked(case, wanted, act)
    now = clock.now()
    task.done_at, task.done_by = now, act.user
    task.save(update_fields=["done_at", "done_by"])
    target = kind.state(wanted.target)
    _tell(case, wanted, act, values)
    if wanted.finds:
        determining.determine(case, values[wanted.finds], act.user, act.origin)
    _trace(case, wanted, act, values)
    case.evidence.filter(kind__in=wanted.voids, voided_at=None).update(voided_at=now)
    case.state = target.code
    if target.final:
        _close(case, target, act)
    case.save(update_fields=["state", "closed_at", "outcome"])
    tasks.give(case, target, now, person(values[wanted.gives_to]) if wanted.gives_to else None)
    return case


def _found(kind: type[CaseType], case: Case, verb: str) -> Move:
    found = kind.move(case.state, verb)
    if found is None:
        possible = ", ".join(permits.said(one.title) for one in kind.moves_from(case.state))
        here = {"verb": verb, "state": permits.said(kind.state(case.state).title), "possible": possible}
        raise Refused(_("“%(verb)s” is not possible in the state “%(state)s”; possible: %(possible)s") % here)
    return found


def _checked(case: Case, wanted: Move, act: Act) -> dict[str, str]:
    if wanted.reason and not act.why:
        raise BadInput(_("“%(verb)s” needs a reason") % {"verb": permits.said(wanted.title)}, "why")
    needs = permits.missing(case, wanted)
    if needs:
        lacking = "; ".join(permits.said(need.title) for need in needs)
        raise Refused(_("“%(verb)s” still needs: %(needs)s") % {"verb": permits.said(wanted.title), "needs": lacking})
    return move_fields.read(case, wanted, act.fields)


def _tell(case: Case, wanted: Move, act: Act, values: dict[str, str]) -> None:
    target = CASE_TYPES.get(case.case_type).state(wanted.target)
    fact = CaseMoved(
        id=case.pk, verb=wanted.verb, verb_zh=wanted.title.zh, verb_en=wanted.title.en, source=case.state,
        target=target.code, target_zh=target.title.zh, target_en=target.title.en, fields=values,
    )  # fmt: skip
    log.write(fact, act.origin, act.why)


def _trace(case: Case, wanted: Move, act: Act, values: dict[str, str]) -> None:
    """Tell tracing which source was named, or whether it was the one."""
    if wanted.names:
        tracing.name_source(case.finding_id, values[wanted.names], act.user, act.origin, why=act.why)
    if wanted.settles:
        tracing.settle_source(case.finding_id, wanted.settles, act.user, act.origin, why=act.why)


def _close(case: Case, target: State, act: Act) -> None:
    case.closed_at, case.outcome = clock.now(), target.code
    fact = CaseClosed(
        id=case.pk, number=case.number, outcome=target.code, outcome_zh=target.title.zh, outcome_en=target.title.en
    )
    log.write(fact, act.origin)
