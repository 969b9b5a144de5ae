"""What the parts of papers say, and whether it can be: numbers of permits, limits, totals, pledged shares."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from math import inf
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.kit.errors import BadInput
from qingyuan.places.models import Averaged, Basis, Enterprise, Station
from qingyuan_science.standards import Factor, StandardsError, find_factor
from qingyuan_science.standards.codes.outlets import permit_code
from qingyuan_science.units import UnitError, convert


@dataclass(frozen=True)
class OwnLimit:
    """A limit of a permit: at which outlet, of which factor, for which mean, on which basis. [unit]"""

    station: Station
    factor: str
    averaging: str
    high: float | None
    unit: str
    low: float | None = None
    basis: str = Basis.MEASURED


@dataclass(frozen=True)
class OwnTotal:
    """What a permit allows in a calendar year, at one outlet or at all of the enterprise. [kg]"""

    factor: str
    kilograms: float
    station: Station | None = None


@dataclass(frozen=True)
class OwnPenalty:
    """A penalty that a disclosure names."""

    number: str
    on: date
    what: str = ""


@dataclass(frozen=True)
class Pledge:
    """What a plan pledges at a level: the share of production by which to cut, and the measures in words. [1]"""

    level: str
    cut: float
    measures: str = ""


def permit_number(number: str, enterprise: Enterprise) -> str:
    """The code of a permit of that enterprise."""
    try:
        found = permit_code(number)
    except StandardsError as error:
        raise BadInput(str(error), "number") from error
    if found.holder is not None and found.holder.code != enterprise.code:
        words = {"found": found.holder.code, "expected": enterprise.code}
        raise BadInput(_("Found the permit of %(found)s, expected one of %(expected)s") % words, "number")
    return found.code


def check_limit(limit: OwnLimit, enterprise: Enterprise) -> None:
    """Refuse a limit that says nothing sensible, or is of another enterprise's outlet."""
    check_owner(limit.station, enterprise)
    usual = _factor(limit.factor).unit
    if limit.averaging not in Averaged:
        raise BadInput(_("Expected one of: %(known)s") % {"known": ", ".join(Averaged.values)}, "averaging")
    if limit.basis not in Basis:
        raise BadInput(_("Expected one of: %(known)s") % {"known": ", ".join(Basis.values)}, "basis")
    if limit.low is None and limit.high is None:
        raise BadInput(_("%(factor)s: found no figure, expected one") % {"factor": limit.factor}, "limits")
    for figure in (limit.low, limit.high):
        if figure is not None and not 0.0 <= figure < inf:
            words = {"factor": limit.factor, "found": figure}
            raise BadInput(_("%(factor)s: found a limit of %(found)g, expected nought or more") % words, "limits")
    if limit.low is not None and limit.high is not None and limit.low >= limit.high:
        raise BadInput(_("%(factor)s: found bounds in the wrong order") % {"factor": limit.factor}, "limits")
    try:
        convert(1.0, limit.unit, usual)
    except UnitError as error:
        raise BadInput(f"{limit.factor}: {error}", "limits") from error


def check_total(total: OwnTotal, enterprise: Enterprise, *, nought: bool = False) -> None:
    """Refuse a total that says nothing sensible, or is of another enterprise's outlet; `nought` lets none pass."""
    check_owner(total.station, enterprise)
    _factor(total.factor)
    if not (0.0 < total.kilograms < inf or (nought and total.kilograms == 0.0)):
        raise BadInput(_("%(factor)s: expected a total above nought") % {"factor": total.factor}, "totals")


def check_owner(station: Station | None, enterprise: Enterprise) -> None:
    """Refuse an outlet of another enterprise."""
    if station is not None and station.enterprise_id != enterprise.pk:
        words = {"station": station.code, "enterprise": enterprise.title}
        raise BadInput(_("%(station)s is no outlet of %(enterprise)s") % words, "station")


def _factor(code: str) -> Factor:
    try:
        return find_factor(code)
    except StandardsError as error:
        raise BadInput(str(error), "factor") from error


def check_once(keys: list[Any], field: str) -> None:
    """Refuse what is stated twice."""
    twice = sorted(str(one) for one, count in Counter(keys).items() if count > 1)
    if twice:
        raise BadInput(_("Found twice: %(what)s") % {"what": "; ".join(twice)}, field)


def share_of(cut: float, field: str) -> float:
    """A share between 0 and 1. [1]"""
    if not 0.0 <= cut <= 1.0:
        raise BadInput(_("Found a share of %(found)g, expected 0 to 1") % {"found": cut}, field)
    return cut


def check_reason(why: str) -> None:
    """Refuse a change without a reason."""
    if not why.strip():
        raise BadInput(_("Say why"), "why")
