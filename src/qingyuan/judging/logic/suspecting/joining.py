"""Spots near in space and time are one suspected problem."""

from collections.abc import Iterable
from datetime import timedelta
from math import cos, radians

import shapely
from django.db.models import Q
from shapely.geometry.base import BaseGeometry

from qingyuan.judging.models import FindingState, ProblemSpot, ProblemState, SpotRule, SuspectedProblem
from qingyuan.kit import clock
from qingyuan.places.geometry import from_wkb
from qingyuan.sensing.queries import Spot

METRES_A_DEGREE = 111_195.0  # of latitude, on a sphere of 6,371 km


def rule_for(kind: str, spot: Spot) -> SpotRule | None:
    """The rule in force on the day of a spot; one of its kind goes before one of every kind, then the newer one."""
    day = spot.observed_at.astimezone(clock.SHANGHAI).date()
    return SpotRule.objects.filter(kind__in=(kind, ""), valid__contains=day).order_by("-kind", "-pk").first()


def join(spots: Iterable[Spot]) -> list[SuspectedProblem]:
    """Give each spot its problem, an earlier one or a new one; the problems that a spot came to, each once."""
    touched: dict[int, SuspectedProblem] = {}
    for spot in spots:
        if ProblemSpot.objects.filter(spot=spot).exists():
            continue
        problem = _joined(spot) or _begun(spot)
        ProblemSpot.objects.create(problem=problem, spot=spot)
        touched[problem.pk] = problem
    return list(touched.values())


def _joined(spot: Spot) -> SuspectedProblem | None:
    """The problem of the nearest spot within the distance and the time of the rule, if one stands open still."""
    rule = rule_for(spot.kind, spot)
    if rule is None:
        return None
    apart = timedelta(hours=rule.within_hours)
    rows = ProblemSpot.objects.filter(
        spot__kind=spot.kind, spot__withdrawn_at=None,
        spot__observed_at__range=(spot.observed_at - apart, spot.observed_at + apart),
        spot__bounds__meets=_around(spot, rule.near_m),
    ).exclude(  # what comes after its case has ended is another problem
        Q(problem__finding__state=FindingState.CLEARED) & Q(problem__finding__cleared_at__lt=spot.observed_at)
    )  # fmt: skip
    shape = from_wkb(spot.shape)
    near = [
        (metres(shape, from_wkb(one.spot.shape)), one.pk, one.problem) for one in rows.select_related("problem", "spot")
    ]
    found = min((one for one in near if one[0] <= rule.near_m), default=None, key=lambda one: one[:2])
    return found[2] if found else None


def _around(spot: Spot, near_m: float) -> tuple[float, float, float, float]:
    """The box within which whatever is near enough lies, at least in part. [degree]"""
    north = near_m / METRES_A_DEGREE
    east = north / max(cos(radians(spot.lat)), 0.1)
    return spot.bounds[0] - east, spot.bounds[1] - north, spot.bounds[2] + east, spot.bounds[3] + north


def _begun(spot: Spot) -> SuspectedProblem:
    return SuspectedProblem.objects.create(
        kind=spot.kind, state=ProblemState.NO_RULE, cell_id=spot.cell_id, lon=spot.lon, lat=spot.lat,
        first_at=spot.observed_at, last_at=spot.observed_at, noted_at=clock.now(), sureness=spot.sureness,
    )  # fmt: skip


def metres(one: BaseGeometry, other: BaseGeometry) -> float:
    """The distance between two shapes in degrees, on a plane that touches the sphere at the first; good below 50 km."""
    lat = one.centroid.y
    scale = METRES_A_DEGREE * cos(radians(lat)), METRES_A_DEGREE
    return float(shapely.distance(*(shapely.transform(shape, lambda xy: xy * scale) for shape in (one, other))))
