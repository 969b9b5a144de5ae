"""Reads of suspected problems, scoped to the viewer's territory where a viewer is given."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from qingyuan.judging.models import ExcludedPlace, ProblemSpot, SpotRule, SuspectedProblem
from qingyuan.kit.errors import NotFound
from qingyuan.people.queries import User
from qingyuan.places.queries import territory_of
from qingyuan.sensing.queries import Spot


def problems(viewer: User) -> QuerySet[SuspectedProblem]:
    """Suspected problems in the viewer's territory, the latest observation first.

    Parameters
    ----------
    viewer : User
        An enterprise user sees none.

    Returns
    -------
    QuerySet of SuspectedProblem
    """
    here = territory_of(viewer).of_cells("cell__")
    return SuspectedProblem.objects.filter(here).select_related("cell", "finding")


def problem(viewer: User, problem_id: int) -> SuspectedProblem:
    """One suspected problem.

    Parameters
    ----------
    viewer : User
    problem_id : int

    Returns
    -------
    SuspectedProblem

    Raises
    ------
    NotFound
        There is none of that number in the viewer's territory.
    """
    found = problems(viewer).filter(pk=problem_id).first()
    if found is None:
        raise NotFound(_("There is no suspected problem %(id)s in your territory.") % {"id": problem_id})
    return found


def spots_of_problem(one: SuspectedProblem) -> list[Spot]:
    """What satellites saw of a problem, earliest first, also what was taken back.

    Parameters
    ----------
    one : SuspectedProblem

    Returns
    -------
    list of Spot
    """
    rows = ProblemSpot.objects.filter(problem=one).select_related("spot__file", "spot__cell")
    return [row.spot for row in rows.order_by("spot__observed_at", "spot_id")]


def problem_of_spots(spot_ids: list[int]) -> dict[int, SuspectedProblem]:
    """The problem of each spot.

    Parameters
    ----------
    spot_ids : list of int

    Returns
    -------
    dict of int to SuspectedProblem
        By spot; a spot that was not looked at yet has no entry.
    """
    rows = ProblemSpot.objects.filter(spot__in=spot_ids).select_related("problem")
    return {row.spot_id: row.problem for row in rows}


def spot_rules() -> QuerySet[SpotRule]:
    """Every rule for what satellites see.

    Returns
    -------
    QuerySet of SpotRule
    """
    return SpotRule.objects.order_by("pk")


def excluded_places() -> QuerySet[ExcludedPlace]:
    """Every excluded place.

    Returns
    -------
    QuerySet of ExcludedPlace
    """
    return ExcludedPlace.objects.select_related("enterprise").order_by("pk")
