"""Reads of outfalls and their states, scoped to the viewer's territory."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.kit.errors import NotFound
from qingyuan.people.queries import User
from qingyuan.places.models import Outfall, OutfallDischarger, OutfallEdition, OutfallMonitor, OutfallState, OutfallStep
from qingyuan.places.queries.ledger import territory_of
from qingyuan.places.queries.papers import known_now

__all__ = [
    "called",
    "monitors_of",
    "next_states",
    "outfall",
    "outfall_editions",
    "outfall_steps",
    "outfalls",
    "outfalls_at",
    "watched_by",
]

FOLLOWS: dict[str, tuple[OutfallState, ...]] = {
    "": (OutfallState.FOUND, OutfallState.SUPERVISED),
    OutfallState.FOUND: (OutfallState.MONITORED, OutfallState.REMOVED),
    OutfallState.MONITORED: (OutfallState.TRACED, OutfallState.REMOVED),
    OutfallState.TRACED: (OutfallState.RECTIFYING, OutfallState.SUPERVISED, OutfallState.REMOVED),
    OutfallState.RECTIFYING: (OutfallState.RECTIFIED, OutfallState.REMOVED),
    OutfallState.RECTIFIED: (OutfallState.SUPERVISED, OutfallState.RECTIFYING),
    OutfallState.SUPERVISED: (OutfallState.MONITORED, OutfallState.RECTIFYING, OutfallState.REMOVED),
    OutfallState.REMOVED: (),
}
"""Which states may follow which: survey, monitor, trace, rectify, supervise, none left out. An outfall that was set
with its approval begins under supervision."""


def next_states(state: str) -> tuple[OutfallState, ...]:
    """Which states may follow a state.

    Parameters
    ----------
    state : str
        A value of `OutfallState`; empty before the first.

    Returns
    -------
    tuple of OutfallState
    """
    return FOLLOWS[state]


def outfall_editions(viewer: User) -> QuerySet[OutfallEdition]:
    """What is known of outfalls in the viewer's territory, of every edition.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of OutfallEdition
        With the `state` that each outfall is in now, empty for none. An enterprise user sees those that the own
        enterprise discharges through.
    """
    territory = territory_of(viewer)
    if territory.organisation_id is not None:
        own = OutfallDischarger.objects.filter(enterprise__organisation_id=territory.organisation_id)
        seen = Q(pk__in=own.values("outfall"))
    else:
        seen = territory.of_cells("cell__")
    steps = OutfallStep.objects.filter(outfall=OuterRef("outfall"), withdrawn_at=None).order_by("-pk")
    in_state = Coalesce(Subquery(steps.values("state")[:1]), Value(""))
    found = OutfallEdition.objects.filter(seen).annotate(in_state=in_state)
    return found.select_related("outfall", "water", "cell", "section", "supervisor")


def outfalls(viewer: User, on: date | None = None) -> QuerySet[OutfallEdition]:
    """Outfalls in the viewer's territory as known now.

    Parameters
    ----------
    viewer : User
    on : date, optional
        The day on which they hold; today in Shanghai when left out.

    Returns
    -------
    QuerySet of OutfallEdition
        One of each outfall, with its dischargers and monitors.
    """
    day = on or clock.now().astimezone(clock.SHANGHAI).date()
    found = known_now(outfall_editions(viewer)).filter(valid__contains=day)
    return found.prefetch_related("dischargers__enterprise", "monitors__station").order_by("outfall__code")


def outfall(viewer: User, code: str) -> OutfallEdition:
    """One outfall by its official code or by ours: as it is today, or as it was last.

    Parameters
    ----------
    viewer : User
    code : str

    Returns
    -------
    OutfallEdition

    Raises
    ------
    NotFound
        The viewer sees no such outfall.
    """
    called = known_now(outfall_editions(viewer)).filter(Q(outfall__code__iexact=code) | Q(official_code__iexact=code))
    last = called.order_by("-valid", "-pk").first()
    if last is None:
        raise NotFound(_("There is no outfall %(code)s in your territory.") % {"code": code})
    same = outfalls(viewer).filter(outfall=last.outfall_id).first()
    return same or last


def outfalls_at(viewer: User, station_ids: Collection[int]) -> dict[int, list[OutfallEdition]]:
    """Which outfalls stations watch.

    Parameters
    ----------
    viewer : User
    station_ids : collection of int

    Returns
    -------
    dict of int to list of OutfallEdition
        By the station's number; no entry where it watches none that the viewer sees.
    """
    watching = OutfallMonitor.objects.filter(station__in=station_ids)
    seen = outfalls(viewer).filter(pk__in=watching.values("outfall")).prefetch_related(None)
    by_pk = {one.pk: one for one in seen}
    found: dict[int, list[OutfallEdition]] = {}
    for one in watching.filter(outfall__in=by_pk).order_by("outfall"):
        found.setdefault(one.station_id, []).append(by_pk[one.outfall_id])
    return found


def outfalls_into(section_ids: Collection[int], on: date) -> QuerySet[OutfallEdition]:
    """Outfalls that discharge into the reaches of sections, whoever asks.

    Parameters
    ----------
    section_ids : collection of int
        Numbers of receiving stations.
    on : date
        The day on which they hold, as known now.

    Returns
    -------
    QuerySet of OutfallEdition
        With their dischargers and monitors.
    """
    held = known_now(OutfallEdition.objects.filter(section__in=section_ids)).filter(valid__contains=on)
    return (
        held.select_related("outfall")
        .prefetch_related("dischargers__enterprise", "monitors__station")
        .order_by("outfall")
    )


def outfall_steps(found: Outfall) -> QuerySet[OutfallStep]:
    """Every step of an outfall in the order written, those taken back too.

    Parameters
    ----------
    found : Outfall

    Returns
    -------
    QuerySet of OutfallStep
    """
    return OutfallStep.objects.filter(outfall=found).select_related("by").order_by("pk")


def monitors_of(edition_ids: Collection[int]) -> dict[int, list[int]]:
    """Which stations watch outfalls.

    Parameters
    ----------
    edition_ids : collection of int
        Numbers of `OutfallEdition`.

    Returns
    -------
    dict of int to list of int
        Numbers of stations by the edition's; no entry where none does.
    """
    found: dict[int, list[int]] = {}
    for edition, station in OutfallMonitor.objects.filter(outfall__in=edition_ids).values_list("outfall", "station"):
        found.setdefault(edition, []).append(station)
    return found


def watched_by(stations: Any) -> Q:
    """The condition on editions of outfalls that some of the stations watch them.

    Parameters
    ----------
    stations : QuerySet or collection of int
        Numbers of stations.

    Returns
    -------
    Q
    """
    return Q(pk__in=OutfallMonitor.objects.filter(station__in=stations).values("outfall"))


def called(word: str) -> Q:
    """The condition on editions of outfalls that a word is in a name, code or number, or names a discharger.

    Parameters
    ----------
    word : str

    Returns
    -------
    Q
    """
    own = ("outfall__code", "official_code", "title_zh", "title_en", "responsible", "number")
    fields = (*own, "water__title_zh", "water__title_en")
    found = Q()
    for field in fields:
        found |= Q(**{f"{field}__icontains": word})
    names = Q(enterprise__title_zh__icontains=word) | Q(enterprise__title_en__icontains=word)
    return found | Q(pk__in=OutfallDischarger.objects.filter(names).values("outfall"))
