"""Verbs of evaluation: rules, evaluations, signs, objections."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.evaluating.logic import computing, objecting, ruling
from qingyuan.evaluating.models import Grade, GradeRules, GradeRun, Objection, Sign
from qingyuan.evaluating.queries import MAY_GRADE
from qingyuan.kit import log
from qingyuan.kit.errors import Forbidden
from qingyuan.kit.log import Origin
from qingyuan.people.queries import User
from qingyuan.places.queries import Enterprise

__all__ = [
    "answer_objection",
    "ask_for_due_grades",
    "ask_for_grades",
    "compute_grades",
    "enter_sign",
    "file_objection",
    "objectionable",
    "set_grade_rules",
    "withdraw_sign",
]


def set_grade_rules(
    values: Mapping[str, Any], *, document: str, valid_from: date, origin: Origin = log.PLATFORM
) -> GradeRules:
    """Set the bureau's own rules of environmental credit from a day on; grades already computed keep theirs.

    Parameters
    ----------
    values : Mapping
        ``weights`` by indicator [%], None for one that carries none; ``curves`` by measure, each a list of the fact's
        number and the points deducted [of 100], empty for one that is not used; ``parameters`` of the plug-in.
    document : str
        The document that sets them.
    valid_from : date
    origin : Origin

    Returns
    -------
    GradeRules

    Raises
    ------
    BadInput
        A code is not known, a number lies outside its bounds, or no document is named.
    """
    return ruling.set_rules(values, document=document, valid_from=valid_from, origin=origin)


def ask_for_grades(user: User, origin: Origin, *, year: int | None = None, day: date | None = None) -> GradeRun:
    """Let every enterprise be evaluated, as a job.

    Parameters
    ----------
    user : User
        An analyst, enforcement officer, supervisor or administrator.
    origin : Origin
    year : int, optional
        A calendar year that is over.
    day : date, optional
        A day that is over, for the twelve months up to it; up to now when both are left out.

    Returns
    -------
    GradeRun
        Waiting.

    Raises
    ------
    Forbidden
        The role may not.
    BadInput
        The year or the day is not over.
    """
    if user.role not in MAY_GRADE:
        roles = ", ".join(str(role.label) for role in MAY_GRADE)
        raise Forbidden(_("Only these roles may do this: %(roles)s") % {"roles": roles})
    return computing.ask(user, Origin(user.username, origin.place), year, day)


def compute_grades(run_id: int) -> None:
    """Compute an evaluation that waits (the job).

    Parameters
    ----------
    run_id : int
        One that ended is left alone.

    Notes
    -----
    It ends done with a grade of every enterprise, or failed and saying why. Earlier evaluations stay as they are.
    """
    computing.compute(run_id)


def ask_for_due_grades(now: datetime) -> int:
    """Ask for the evaluations that are due: every Monday morning, and from 5 January on of the year that ended.

    The first time, where none was ever asked for, as of today and as of the end of last month.

    Parameters
    ----------
    now : datetime
        Aware.

    Returns
    -------
    int
        How many were asked for.
    """
    return computing.ask_due(now)


def enter_sign(
    enterprise: Enterprise, user: User, origin: Origin, *, code: str, on: date, what: str, document: str
) -> Sign:
    """Enter a veto item, an incident or a green item of an enterprise, which the next evaluation counts.

    Parameters
    ----------
    enterprise : Enterprise
    user : User
        Somebody who may let grades be computed.
    origin : Origin
    code : str
        Of an item, see `qingyuan_science.standards.procedure.credit.credit_signs`.
    on : date
        The day on which it happened or was granted.
    what : str
        What happened, or which green item it is.
    document : str
        The document that shows it.

    Returns
    -------
    Sign

    Raises
    ------
    Forbidden
        The role may not.
    BadInput
        The item is not known, the day lies in the future, or a text is missing.
    """
    return objecting.enter_sign(enterprise, user, code=code, on=on, what=what, document=document, origin=origin)


def withdraw_sign(sign_id: int, user: User, origin: Origin, *, why: str) -> Sign:
    """Take such an item back; evaluations from now on leave it out.

    Parameters
    ----------
    sign_id : int
    user : User
        Somebody who may let grades be computed.
    origin : Origin
    why : str
        Cannot be left out.

    Returns
    -------
    Sign

    Raises
    ------
    NotFound, Forbidden, Refused, BadInput
        It is not in the user's territory, the role may not, it was taken back already, or no reason is given.
    """
    return objecting.withdraw_sign(sign_id, user, why, origin)


def objectionable(grade: Grade) -> dict[str, dict[str, Any]]:
    """What can be objected to in a grade.

    Parameters
    ----------
    grade : Grade

    Returns
    -------
    dict
        By code the wording (``zh`` and ``en``) of each deduction, and of each sign against the enterprise that counts.
    """
    return objecting.objectionable(grade)


def file_objection(grade_id: int, user: User, origin: Origin, *, item: str, reason: str) -> Objection:
    """Object to an item of the own grade.

    Parameters
    ----------
    grade_id : int
    user : User
        Of the enterprise.
    origin : Origin
    item : str
        A key of `objectionable`.
    reason : str
        Cannot be left out.

    Returns
    -------
    Objection
        Waiting for its answer.

    Raises
    ------
    NotFound
        The grade is not the user's to see.
    Forbidden
        The user is not of an enterprise.
    Refused
        The grade was corrected since, or an objection to the item waits already.
    BadInput
        The item is none that can be objected to, or no reason is given.
    """
    return objecting.file_objection(grade_id, user, item, reason, origin=origin)


def answer_objection(objection_id: int, user: User, origin: Origin, *, accepted: bool, words: str) -> Objection:
    """Accept an objection or refuse it.

    Parameters
    ----------
    objection_id : int
    user : User
        A supervisor.
    origin : Origin
    accepted : bool
        Whether the item is taken out: the grade is then computed anew, and evaluations of an overlapping time leave the
        same points out.
    words : str
        The reason; cannot be left out.

    Returns
    -------
    Objection

    Raises
    ------
    NotFound, Forbidden, Refused, BadInput
        It is not in the user's territory, the role may not, it was answered already, or no reason is given.
    """
    return objecting.answer(objection_id, user, accepted=accepted, words=words, origin=origin)
