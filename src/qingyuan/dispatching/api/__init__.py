"""Verbs on cases: opening, acting, filing evidence, watching clocks; and setting their rules and time limits."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.utils.translation import gettext as _

from qingyuan.dispatching import permits
from qingyuan.dispatching.case_types import CASE_TYPES
from qingyuan.dispatching.events import (
    CaseClosed,
    FindingUnrouted,
    LegalBasisSet,
    RuleAdded,
    RuleRetired,
    TimeLimitSet,
)
from qingyuan.dispatching.logic import clocks, determining, filing, moving, opening, rules, sampling
from qingyuan.dispatching.logic.filing import Item
from qingyuan.dispatching.logic.moving import Act
from qingyuan.dispatching.logic.opening import Ground
from qingyuan.dispatching.logic.routing import Happening, Route, routes
from qingyuan.dispatching.models import (
    NO_VIOLATION,
    Case,
    DispatchRule,
    Evidence,
    LegalBasisEdition,
    Task,
    TimeLimitEdition,
)
from qingyuan.dispatching.queries import MAY_DETERMINE
from qingyuan.dispatching.time_limits import shipped_limit
from qingyuan.judging.api import settle_clues
from qingyuan.judging.events import FindingCleared, FindingDismissed, FindingOpened
from qingyuan.judging.queries import Finding, SeverityLevel, finding
from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, Refused
from qingyuan.kit.log import Origin
from qingyuan.people.queries import Organisation, Role, User
from qingyuan.places.queries import GridCell
from qingyuan.sensing.events import CommandEnded
from qingyuan.sensing.queries import RETAINING, Command
from qingyuan_science.plugins import Text
from qingyuan_science.standards.procedure.violations import violation, violations

__all__ = [
    "Happening",
    "Item",
    "Route",
    "act",
    "add_evidence",
    "add_rule",
    "assign",
    "determine_violation",
    "evidence_faults",
    "file_retained_sample",
    "note_finding_cleared",
    "note_finding_dismissed",
    "open_case_by_hand",
    "open_case_for_finding",
    "retain_sample_for_finding",
    "retire_rule",
    "routes",
    "set_legal_basis",
    "set_time_limit",
    "settle_clues_of_case",
    "task_for_evidence",
    "watch_clocks",
]

BY_HAND = Text("值班员手工立案", "opened by hand by the duty officer")


@transaction.atomic
def open_case_for_finding(event: FindingOpened) -> None:
    """Open a case by the dispatch rule that fits the finding (a handler of the loop).

    Parameters
    ----------
    event : FindingOpened

    Notes
    -----
    While a case about the same at the same channel is open, a further finding goes into its file and no second case is
    opened. Where no rule fits, that is a line of the log and the finding waits for a duty officer.
    """
    found = _locked_finding(event.id)
    if opening.case_holding(found) is not None:
        return
    already = opening.open_case_at(found)
    if already is not None:
        filing.file_finding(already, found)
        return
    rule = rules.rule_for(found, clock.now())
    if rule is None:
        log.write(FindingUnrouted(id=found.pk))
        return
    opening.open_case(found, Ground(rule.case_type, Text(rule.title_zh, rule.title_en), rule), log.PLATFORM)


@transaction.atomic
def open_case_by_hand(
    finding_id: int, user: User, origin: Origin, *, case_type: str = "exceedance", why: str = ""
) -> Case:
    """Open a case for a finding that no rule fits.

    Parameters
    ----------
    finding_id : int
    user : User
        A duty officer.
    origin : Origin
    case_type : str
        Code of a case type.
    why : str

    Returns
    -------
    Case

    Raises
    ------
    NotFound
        None of that number in the user's territory.
    Forbidden
        The user is no duty officer.
    Refused
        The finding has a case already.
    """
    found = _locked_finding(finding(user, finding_id).pk)
    if user.role != Role.DUTY_OFFICER:
        raise Forbidden(_("Only a duty officer opens a case by hand"))
    there = opening.case_holding(found)
    if there is not None:
        raise Refused(_("The finding belongs to case %(number)s already") % {"number": there.number})
    return opening.open_case(found, Ground(case_type, BY_HAND), _by(user, origin), why)


def note_finding_cleared(event: FindingCleared) -> None:
    """Put into the case's file that the values are in order again (a handler of the loop).

    Parameters
    ----------
    event : FindingCleared
    """
    title = Text("数据恢复正常", "Values in order again")
    _note(event.id, "cleared", title, f"finding/{event.id}/cleared/{event.ended_at}")


def note_finding_dismissed(event: FindingDismissed) -> None:
    """Put into the case's file that the finding was dismissed (a handler of the loop).

    Parameters
    ----------
    event : FindingDismissed
    """
    _note(event.id, "dismissed", Text("线索被排除", "Finding dismissed"), f"finding/{event.id}/dismissed")


@transaction.atomic
def retain_sample_for_finding(event: FindingOpened) -> None:
    """Ask the samplers of a station for a sample while a limit is exceeded there (a handler of the loop).

    Parameters
    ----------
    event : FindingOpened
    """
    sampling.ask(Finding.objects.select_related("station").get(pk=event.id))


@transaction.atomic
def file_retained_sample(event: CommandEnded) -> None:
    """Put the bottle of a retained sample, or that there is none, into the case's file (a handler of the loop).

    Parameters
    ----------
    event : CommandEnded
    """
    if event.code in RETAINING:
        sampling.file(Command.objects.select_related("device").get(pk=event.command))


def settle_clues_of_case(event: CaseClosed) -> None:
    """Clear what people reported and the case was about (a handler of the loop).

    Parameters
    ----------
    event : CaseClosed
    """
    settle_clues(opening.findings_of(Case.objects.get(pk=event.id)))


@transaction.atomic
def act(
    case_id: int,
    verb: str,
    user: User,
    origin: Origin,
    *,
    why: str = "",
    fields: Mapping[str, Any] | None = None,
) -> Case:
    """Do with a case what its type's table allows.

    Parameters
    ----------
    case_id : int
    verb : str
        A verb of the table, such as "accept".
    user : User
        Who does it.
    origin : Origin
        From where.
    why : str
        The reason, where the table demands one; kept in any case.
    fields : Mapping, optional
        The values that the move asks for, by name.

    Returns
    -------
    Case
        As it stands after the move.

    Raises
    ------
    NotFound
        None of that number in the user's territory.
    Refused
        The verb is not possible in this state (says which are), or evidence is missing (says which).
    Forbidden
        It is for another role, or another holds the task (says who).
    BadInput
        The reason or a field is missing or wrong.
    """
    case = moving.locked(case_id, user)
    return moving.move(case, Act(verb, user, _by(user, origin), why.strip(), fields or {}))


def assign(case_id: int, to: User, by: User, origin: Origin, *, why: str = "") -> Case:
    """Give a case to a grid worker.

    Parameters
    ----------
    case_id : int
    to : User
        Who gets it; the place must be in the person's territory.
    by : User
        A duty officer.
    origin : Origin
    why : str

    Returns
    -------
    Case

    Raises
    ------
    NotFound, Refused, Forbidden, BadInput
        As for `act`.
    """
    return act(case_id, "assign", by, origin, why=why, fields={"assignee": to.username})


@transaction.atomic
def determine_violation(case_id: int, code: str, user: User, origin: Origin, *, why: str) -> Case:
    """Say anew which violation a case was found to be, or that it is none; what was said before stays in the log.

    Parameters
    ----------
    case_id : int
    code : str
        Of a kind of violation, or `NO_VIOLATION`.
    user : User
        An enforcement officer or a supervisor.
    origin : Origin
    why : str
        Cannot be left out.

    Returns
    -------
    Case

    Raises
    ------
    NotFound
        None of that number in the user's territory.
    Forbidden
        It is for another role.
    Refused
        Nothing that counts was recorded on site yet.
    BadInput
        The kind is not known, or the reason is missing.
    """
    case = moving.locked(case_id, user)
    if user.role not in MAY_DETERMINE:
        raise Forbidden(_("Only enforcement officers and supervisors determine a violation"))
    if not case.evidence.filter(kind="inspection", voided_at=None).exists():
        raise Refused(_("There is no inspection record that counts; a violation is determined by what was seen"))
    known = [NO_VIOLATION, *(one.code for one in violations())]
    if code not in known:
        words = {"found": code or "—", "known": ", ".join(known)}
        raise BadInput(_("Found %(found)s, expected one of: %(known)s") % words, "violation")
    if not why.strip():
        raise BadInput(_("Say why"), "why")
    determining.determine(case, code, user, _by(user, origin), why=why.strip())
    return case


@transaction.atomic
def task_for_evidence(case_id: int, user: User, kind: str) -> Task:
    """The open task on which the user may put a kind of evidence, with the case locked.

    Parameters
    ----------
    case_id : int
    user : User
    kind : str
        Such as "inspection".

    Returns
    -------
    Task

    Raises
    ------
    NotFound
        None of that number in the user's territory.
    Forbidden
        Another holds the task (says who).
    Refused
        The state of the case does not ask for such evidence.
    """
    case = moving.locked(case_id, user)
    task = moving.task_at_hand(case)
    permits.check_holder(user, task)
    case_type = CASE_TYPES.get(case.case_type)
    wanted = [need for move in case_type.moves_from(case.state) if user.role in move.roles for need in move.needs]
    if kind not in {need.kind for need in wanted}:
        asked = "; ".join(dict.fromkeys(permits.said(need.title) for need in wanted)) or "—"
        here = {"state": permits.said(case_type.state(case.state).title), "needs": asked}
        raise Refused(_("In the state “%(state)s” the file asks for: %(needs)s") % here)
    return task


@transaction.atomic
def add_evidence(case_id: int, user: User, origin: Origin, item: Item) -> Evidence:
    """Put a piece of evidence into the case's file.

    Parameters
    ----------
    case_id : int
    user : User
        Who holds the open task.
    origin : Origin
    item : Item

    Returns
    -------
    Evidence
        The piece that is there already when the subject was filed before.

    Raises
    ------
    NotFound, Forbidden, Refused
        As for `task_for_evidence`.
    """
    task = task_for_evidence(case_id, user, item.kind)
    return filing.file(task.case, item, user, _by(user, origin))


def watch_clocks() -> int:
    """Tell what is due soon and escalate what is overdue, each once.

    Returns
    -------
    int
        How many facts were told.
    """
    return clocks.run(clock.now())


@transaction.atomic
def add_rule(
    *,
    title_zh: str,
    title_en: str,
    case_type: str,
    valid_from: date,
    detector: str = "",
    station_kind: str = "",
    cell: GridCell | None = None,
    severity_from: int = SeverityLevel.NOTICE,
    organisation: Organisation | None = None,
    person: User | None = None,
    priority: int = 10,
    origin: Origin = log.PLATFORM,
) -> DispatchRule:
    """Add a dispatch rule; an empty condition fits everything.

    Parameters
    ----------
    title_zh, title_en : str
        What the case shows as its reason.
    case_type : str
        Code of a case type.
    valid_from : date
    detector : str
    station_kind : str
        A value of `StationKind`.
    cell : GridCell, optional
        With everything below it.
    severity_from : int
        The least severity.
    organisation : Organisation, optional
        The department that rectifies.
    person : User, optional
        Who gets the first task in place of the person answering for the cell.
    priority : int
        The highest of the rules that fit is taken.
    origin : Origin

    Returns
    -------
    DispatchRule

    Raises
    ------
    qingyuan_science.plugins.UnknownPlugin
        There is no such case type.
    """
    rule = DispatchRule.objects.create(
        title_zh=title_zh, title_en=title_en, case_type=CASE_TYPES.get(case_type).code, detector=detector,
        station_kind=station_kind, cell=cell, severity_from=severity_from, organisation=organisation, person=person,
        priority=priority, valid=DateRange(valid_from, None), known=DateTimeTZRange(clock.now(), None),
    )  # fmt: skip
    values = {
        "title_zh": title_zh, "case_type": case_type, "detector": detector, "station_kind": station_kind,
        "cell": cell.path if cell else "", "severity_from": int(severity_from), "priority": priority,
        "organisation": organisation.code if organisation else "", "person": person.username if person else "",
        "valid_from": valid_from.isoformat(),
    }  # fmt: skip
    log.write(RuleAdded(id=rule.pk, values=values), origin)
    return rule


@transaction.atomic
def retire_rule(rule_id: int, origin: Origin = log.PLATFORM, *, why: str = "") -> DispatchRule:
    """Let a dispatch rule fire no longer; cases that it opened keep it.

    Parameters
    ----------
    rule_id : int
    origin : Origin
    why : str

    Returns
    -------
    DispatchRule
    """
    rule = DispatchRule.objects.select_for_update().get(pk=rule_id)
    rule.known = DateTimeTZRange(rule.known.lower, clock.now())
    rule.save(update_fields=["known"])
    log.write(RuleRetired(id=rule.pk), origin, why)
    return rule


@transaction.atomic
def set_time_limit(
    limit: str, hours: float, *, document: str, valid_from: date, origin: Origin = log.PLATFORM
) -> TimeLimitEdition:
    """Set the bureau's own time limit for a step from a day on; tasks already given keep theirs.

    Parameters
    ----------
    limit : str
        Code of a shipped time limit.
    hours : float
        [h]
    document : str
        The order or rule that sets it.
    valid_from : date
    origin : Origin

    Returns
    -------
    TimeLimitEdition

    Raises
    ------
    UnknownTimeLimit
        No clock uses that code.
    """
    now = clock.now()
    after = DateRange(valid_from, None)
    same = TimeLimitEdition.objects.filter(limit=shipped_limit(limit).code, known__contains=now, valid__overlap=after)
    for old in same.select_for_update():
        old.known = DateTimeTZRange(old.known.lower, now)
        old.save(update_fields=["known"])
        if old.valid.lower is None or old.valid.lower < valid_from:
            before = DateRange(old.valid.lower, valid_from)
            known = DateTimeTZRange(now, None)
            TimeLimitEdition.objects.create(
                limit=limit, hours=old.hours, document=old.document, valid=before, known=known
            )
    edition = TimeLimitEdition.objects.create(
        limit=limit, hours=hours, document=document, valid=after, known=DateTimeTZRange(now, None)
    )
    log.write(TimeLimitSet(id=edition.pk, limit=limit, hours=hours, valid_from=valid_from.isoformat()), origin)
    return edition


@transaction.atomic
def set_legal_basis(
    code: str, *, law: str, article: str, valid_from: date, origin: Origin = log.PLATFORM
) -> LegalBasisEdition:
    """Set the article on which the bureau rests a kind of violation from a day on; what is determined keeps its own.

    Parameters
    ----------
    code : str
        Of a kind of violation.
    law, article : str
    valid_from : date
    origin : Origin

    Returns
    -------
    LegalBasisEdition

    Raises
    ------
    qingyuan_science.standards.errors.UnknownEntry
        There is no such kind of violation.
    """
    now = clock.now()
    after = DateRange(valid_from, None)
    same = LegalBasisEdition.objects.filter(violation=violation(code).code, law=law.strip(), known__contains=now)
    for old in same.filter(valid__overlap=after).select_for_update():
        old.known = DateTimeTZRange(old.known.lower, now)
        old.save(update_fields=["known"])
        if old.valid.lower is None or old.valid.lower < valid_from:
            before = DateRange(old.valid.lower, valid_from)
            LegalBasisEdition.objects.create(
                violation=code, law=old.law, article=old.article, valid=before, known=DateTimeTZRange(now, None)
            )
    edition = LegalBasisEdition.objects.create(
        violation=code, law=law.strip(), article=article.strip(), valid=after, known=DateTimeTZRange(now, None)
    )
    fact = LegalBasisSet(
        id=edition.pk, violation=code, law=edition.law, article=edition.article, valid_from=valid_from.isoformat()
    )
    log.write(fact, origin)
    return edition


def _locked_finding(finding_id: int) -> Finding:
    """The finding, locked so that two openings of its case take turns."""
    found = Finding.objects.select_for_update(of=("self",)).select_related("station__cell", "cell")
    return found.get(pk=finding_id)


@transaction.atomic
def _note(finding_id: int, kind: str, title: Text, subject: str) -> None:
    holding = opening.case_holding(Finding.objects.get(pk=finding_id))
    if holding is None:
        return
    case = Case.objects.select_for_update(of=("self",)).get(pk=holding.pk)
    filing.file_news(case, kind, title, subject)


def _by(user: User, origin: Origin) -> Origin:
    return replace(origin, actor=user.username)


def evidence_faults() -> Iterator[str | None]:
    """Hold what every piece of evidence says against the hash under which it was filed.

    Returns
    -------
    iterator of str or None
        For each piece what is wrong with it, or None.
    """
    return filing.faults()
