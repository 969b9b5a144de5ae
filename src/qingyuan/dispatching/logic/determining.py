"""Saying which violation a case was found to be, with the laws in force at the time of the act."""

from qingyuan.dispatching.events import ViolationDetermined
from qingyuan.dispatching.models import Case
from qingyuan.dispatching.queries import days_of_act, legal_bases_of, violation_title
from qingyuan.kit import clock, log
from qingyuan.kit.log import Origin
from qingyuan.people.queries import User


def determine(case: Case, code: str, user: User, origin: Origin, *, why: str = "") -> None:
    """Write it on the case and into the log; the laws are frozen as they are known now."""
    first, last = days_of_act(case)
    bases = [one.as_json() for one in legal_bases_of(code, first, last)]
    case.violation, case.violation_at, case.violation_by = code, clock.now(), user
    case.legal_bases = bases
    case.save(update_fields=["violation", "violation_at", "violation_by", "legal_bases"])
    title = violation_title(code)
    fact = ViolationDetermined(
        id=case.pk, violation=code, violation_zh=title.zh, violation_en=title.en, act_first=first.isoformat(),
        act_last=last.isoformat(), bases=bases,
    )  # fmt: skip
    log.write(fact, origin, why)
