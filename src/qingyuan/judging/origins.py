"""Reads of where findings came from: a station's data, a person's report, or a feed of what satellites see."""

from collections.abc import Collection
from typing import Any, NamedTuple

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from qingyuan.judging.models import Finding, ProblemSpot


class CameFrom(NamedTuple):
    """Numbers of the station of a finding, of the organisation of who reported it, and of the feed that shows it.

    Each is None where there is none; the last that is given tells most.
    """

    station: int | None
    organisation: int | None
    feed: int | None


def came_from(finding_ids: Collection[int]) -> dict[int, CameFrom]:
    """Where findings came from, by one query.

    Parameters
    ----------
    finding_ids : collection of int

    Returns
    -------
    dict of int to CameFrom
    """
    told = _told(Finding.objects.filter(pk__in=finding_ids), "")
    return {pk: CameFrom(*of) for pk, *of in told.values_list("pk", *_fields(""))}


def count_by_origin(rows: QuerySet[Any], finding: str = "") -> dict[CameFrom, int]:
    """How many findings, or rows that have one, came from where; by one query.

    Parameters
    ----------
    rows : QuerySet
        Of findings, or of what reaches one through `finding`.
    finding : str
        For example `finding__`; empty for findings themselves.

    Returns
    -------
    dict of CameFrom to int
    """
    counted = _told(rows.order_by(), finding).values_list(*_fields(finding)).annotate(counted=Count("pk"))
    return {CameFrom(*of): number for *of, number in counted}


def coming_from(
    rows: QuerySet[Any],
    origins: tuple[Collection[int], Any, Collection[int]],
    finding: str = "",
    *,
    or_nowhere: bool = False,
) -> QuerySet[Any]:
    """The findings, or rows that have one, that came from some stations, organisations or feeds.

    Parameters
    ----------
    rows : QuerySet
    origins : tuple
        Numbers of stations, of organisations (or a queryset of them), and of feeds; for each finding the last that it
        has tells where it came from.
    finding : str
        As for `count_by_origin`.
    or_nowhere : bool
        Also those of which none of the three is known.

    Returns
    -------
    QuerySet
    """
    at, by, shown = _fields(finding)
    stations, organisations, feeds = origins
    unseen, unsaid = Q(**{shown: None}), Q(**{shown: None, by: None})
    wanted = Q(**{f"{shown}__in": feeds}) | unseen & Q(**{f"{by}__in": organisations})
    wanted |= unsaid & Q(**{f"{at}__in": stations})
    return _told(rows, finding).filter(wanted | unsaid & Q(**{at: None}) if or_nowhere else wanted)


def _told(rows: QuerySet[Any], finding: str) -> QuerySet[Any]:
    shown = ProblemSpot.objects.filter(problem__finding=OuterRef(f"{finding}pk")).values("spot__file__feed")
    told: QuerySet[Any] = rows.annotate(shown_by=Subquery(shown[:1]))
    return told


def _fields(finding: str) -> tuple[str, str, str]:
    return f"{finding}station", f"{finding}reported_by__organisation", "shown_by"


def clues_seen(by: str, number: int) -> dict[str, int]:
    """The clues that people entered from a drive, a scan or a flight.

    Parameters
    ----------
    by : {"drive", "scan", "flight"}
    number : int
        Of the drive, the scan or the flight.

    Returns
    -------
    dict of str to int
        Finding by the key of the place on it.
    """
    rows = Finding.objects.filter(edition__seen__by=by, edition__seen__number=number).values_list("pk", "edition")
    return {edition["seen"]["key"]: pk for pk, edition in rows}
