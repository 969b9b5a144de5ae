"""The class of points: state, provincially or city-controlled, of a district key area, or at drinking water.

A drinking-water source goes before all; then comes the list that names the point's enterprise; then, for points of the
environment, who controls the section or runs the station; then the district's own key areas.
"""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q

from qingyuan.places.models import ControlListing, Enterprise, PointClass, Station
from qingyuan.places.queries.papers import control_levels, known_now

OWN = (PointClass.NATIONAL, PointClass.PROVINCIAL)


def classes_of(stations: Iterable[Station], on: date) -> dict[int, PointClass]:
    """The class of stations on a day, as known now; by one query.

    Parameters
    ----------
    stations : iterable of Station
    on : date

    Returns
    -------
    dict of int to PointClass
        By the station's number; none for those of no class.
    """
    several = list(stations)
    levels = control_levels({one.enterprise_id for one in several if one.enterprise_id}, on)
    found = ((one.pk, _class(one, levels.get(one.enterprise_id or 0, ""))) for one in several)
    return {pk: one for pk, one in found if one is not None}


def _class(station: Station, listed: str) -> PointClass | None:
    if station.drinking_source:
        return PointClass.DRINKING
    if listed:
        return PointClass(listed)
    own = next((one for one in OWN if one in (station.section, station.level)), None)
    return own or (PointClass.DISTRICT if station.key_area else None)


def of_class(wanted: str, on: date, prefix: str = "") -> Q:
    """The condition on rows that reach a station through `prefix`, such as `station__`; the same rule as `classes_of`.

    Parameters
    ----------
    wanted : str
        A value of `PointClass`.
    on : date
    prefix : str

    Returns
    -------
    Q
    """
    drinking = Q(**{f"{prefix}drinking_source": True})
    if wanted == PointClass.DRINKING:
        return drinking
    rows = known_now(ControlListing.objects.filter(valid__contains=on)).order_by()
    listed = Q(**{f"{prefix}enterprise__in": rows.values("enterprise")})

    def own(one: PointClass) -> Q:
        """That its own section or level says so."""
        return Q(**{f"{prefix}section": one}) | Q(**{f"{prefix}level": one})

    if wanted == PointClass.DISTRICT:
        of_district = Q(**{f"{prefix}key_area": True}) & ~own(PointClass.NATIONAL) & ~own(PointClass.PROVINCIAL)
        return of_district & _not(listed, prefix) & ~drinking
    by_list = Q(**{f"{prefix}enterprise__in": rows.filter(level=wanted).values("enterprise")})
    if wanted == PointClass.MUNICIPAL:
        return by_list & ~drinking
    alone = own(PointClass(wanted)) & _not(listed, prefix)
    if wanted == PointClass.PROVINCIAL:
        alone &= ~own(PointClass.NATIONAL)
    return (by_list | alone) & ~drinking


def _not(listed: Q, prefix: str) -> Q:
    """On no list; a point without an enterprise is on none."""
    return Q(**{f"{prefix}enterprise": None}) | ~listed


def firms_of_class(wanted: str, on: date) -> Q:
    """The condition on enterprises that a list puts into a class.

    Parameters
    ----------
    wanted : str
        A value of `PointClass`.
    on : date

    Returns
    -------
    Q
    """
    rows = known_now(ControlListing.objects.filter(valid__contains=on, level=wanted)).order_by()
    return Q(pk__in=rows.values("enterprise"))


def class_of_firm(enterprise: Enterprise, levels: dict[int, str]) -> PointClass | None:
    """The class of a point at an enterprise that stands at no station.

    Parameters
    ----------
    enterprise : Enterprise
    levels : dict of int to str
        As `control_levels` gives them.

    Returns
    -------
    PointClass or None
    """
    level = levels.get(enterprise.pk)
    return PointClass(level) if level else None
