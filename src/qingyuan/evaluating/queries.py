"""Reads of grades, their rules, signs and objections, scoped to the viewer's territory where a viewer is given."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from qingyuan.evaluating.crosscheck import CHECKS, DEFINITION, cross_check, newest_run
from qingyuan.evaluating.models import Grade, GradeRules, GradeRun, Objection, RunState, Sign
from qingyuan.evaluating.rules import BUREAU, CREDIT, in_force, plugin_of, resolved
from qingyuan.evaluating.scoring import known_of, scored, without
from qingyuan.kit import clock
from qingyuan.kit.errors import NotFound
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import Enterprise, enterprises
from qingyuan_science.assess.grading import GRADINGS, Graded, Level

__all__ = [
    "BUREAU",
    "CHECKS",
    "CREDIT",
    "DEFINITION",
    "GRADINGS",
    "MAY_ANSWER",
    "MAY_GRADE",
    "MAY_SET_RULES",
    "Grade",
    "GradeRules",
    "GradeRun",
    "Objection",
    "RunState",
    "Sign",
    "cross_check",
    "editions",
    "grade",
    "grades",
    "history",
    "levels",
    "levels_of",
    "newest_run",
    "objection",
    "objections",
    "objections_waiting",
    "plugin_of",
    "resolved",
    "rules_on",
    "run",
    "runs",
    "signs",
    "would_be",
]

MAY_GRADE = (Role.ANALYST, Role.ENFORCEMENT_OFFICER, Role.SUPERVISOR, Role.ADMINISTRATOR)
MAY_ANSWER = (Role.SUPERVISOR,)
MAY_SET_RULES = (Role.ADMINISTRATOR,)


def levels() -> tuple[Level, ...]:
    """The levels of environmental credit, the best first.

    Returns
    -------
    tuple of Level
    """
    return GRADINGS.get(CREDIT).levels()


def rules_on(day: date) -> dict[str, Any]:
    """The rules of environmental credit on a day, as known now.

    Parameters
    ----------
    day : date
        In Shanghai.

    Returns
    -------
    dict
        Weights, measures and settings, each with who says so.
    """
    return in_force(day)


def editions() -> QuerySet[GradeRules]:
    """The bureau's editions of the rules that are known now, newest first.

    Returns
    -------
    QuerySet of GradeRules
    """
    return GradeRules.objects.filter(kind=CREDIT, known__contains=clock.now()).order_by("-valid")


def runs() -> QuerySet[GradeRun]:
    """Every evaluation, newest first; what it says of enterprises is narrowed to the viewer's territory by `grades`.

    Returns
    -------
    QuerySet of GradeRun
    """
    return GradeRun.objects.filter(kind=CREDIT).select_related("asked_by")


def run(run_id: int | None = None) -> GradeRun | None:
    """One evaluation that is done.

    Parameters
    ----------
    run_id : int, optional
        The newest when left out.

    Returns
    -------
    GradeRun or None
        None where none is done yet.

    Raises
    ------
    NotFound
        There is none of that number, or it is not done.
    """
    done = runs().filter(state=RunState.DONE)
    found = done.filter(pk=run_id).first() if run_id is not None else done.first()
    if found is None and run_id is not None:
        raise NotFound(_("There is no evaluation %(id)s.") % {"id": run_id})
    return found


def grades(viewer: User, of: GradeRun) -> QuerySet[Grade]:
    """What an evaluation says of the enterprises in the viewer's territory, as it stands.

    Parameters
    ----------
    viewer : User
    of : GradeRun

    Returns
    -------
    QuerySet of Grade
        With corrections of accepted objections; the lowest score first.
    """
    found = Grade.objects.filter(run=of, newest=True, enterprise__in=enterprises(viewer))
    return found.select_related("enterprise__cell").order_by("score", "enterprise__code")


def history(viewer: User, enterprise: Enterprise) -> QuerySet[Grade]:
    """Every grade of an enterprise, also those that were corrected since, newest first.

    Parameters
    ----------
    viewer : User
    enterprise : Enterprise

    Returns
    -------
    QuerySet of Grade
    """
    found = Grade.objects.filter(enterprise=enterprise, run__kind=CREDIT, enterprise__in=enterprises(viewer))
    return found.select_related("run", "enterprise")


def grade(viewer: User, grade_id: int) -> Grade:
    """One grade.

    Parameters
    ----------
    viewer : User
    grade_id : int

    Returns
    -------
    Grade

    Raises
    ------
    NotFound
        There is none of that number in the viewer's territory.
    """
    seen = Grade.objects.filter(enterprise__in=enterprises(viewer)).select_related("run", "enterprise")
    found = seen.filter(pk=grade_id).first()
    if found is None:
        raise NotFound(_("There is no grade %(id)s in your territory.") % {"id": grade_id})
    return found


def would_be(found: Grade, item: str) -> Graded:
    """What a grade would be without one of its deductions or signs.

    Parameters
    ----------
    found : Grade
    item : str
        The code of a measure, or `sign-` with the number of a sign that a person entered.

    Returns
    -------
    Graded
        By the same rules; nothing is stored.
    """
    return scored(found.run.rules, without(known_of(found.items, found.signs), item)).graded


def levels_of(enterprise_ids: Collection[int], before: datetime) -> dict[int, Grade]:
    """The newest grade of enterprises, of evaluations whose time ended at most a day after an instant.

    Parameters
    ----------
    enterprise_ids : collection of int
    before : datetime
        Aware.

    Returns
    -------
    dict of int to Grade
        By the enterprise's number; none for those never graded.
    """
    rows = Grade.objects.filter(
        enterprise__in=enterprise_ids, newest=True, run__kind=CREDIT, run__state=RunState.DONE,
        run__span_end__lte=before + timedelta(days=1),
    )  # fmt: skip
    newest = rows.order_by("enterprise_id", "-run__span_end", "-run_id", "-pk").distinct("enterprise_id")
    return {one.enterprise_id: one for one in newest}


def signs(viewer: User) -> QuerySet[Sign]:
    """Veto items, incidents and green items of enterprises in the viewer's territory, withdrawn ones too.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Sign
    """
    found = Sign.objects.filter(enterprise__in=enterprises(viewer))
    return found.select_related("enterprise", "entered_by", "withdrawn_by")


def objections(viewer: User) -> QuerySet[Objection]:
    """Objections of enterprises in the viewer's territory, newest first.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Objection
    """
    found = Objection.objects.filter(enterprise__in=enterprises(viewer))
    return found.select_related("enterprise", "grade__run", "filed_by", "answered_by")


def objection(viewer: User, objection_id: int) -> Objection:
    """One objection.

    Parameters
    ----------
    viewer : User
    objection_id : int

    Returns
    -------
    Objection

    Raises
    ------
    NotFound
        There is none of that number in the viewer's territory.
    """
    found = objections(viewer).filter(pk=objection_id).first()
    if found is None:
        raise NotFound(_("There is no objection %(id)s in your territory.") % {"id": objection_id})
    return found


def objections_waiting(viewer: User) -> int:
    """How many objections wait for the viewer's answer, for menus.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    int
        Nought for those who do not answer them.
    """
    return objections(viewer).filter(accepted=None).count() if viewer.role in MAY_ANSWER else 0
