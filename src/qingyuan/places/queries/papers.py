"""Reads of papers: for judging, whenever they were known; for pages, within the viewer's territory."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.kit.errors import NotFound
from qingyuan.kit.turns import Question, ask
from qingyuan.people.queries import Role, User
from qingyuan.places.events import PaperEvent
from qingyuan.places.models import (
    AppliedStandard,
    ControlListing,
    Disclosure,
    EmergencyPlan,
    MeterUse,
    Order,
    Paper,
    Permit,
    PermitLimit,
    PermitSheet,
    PermitTotal,
    PollutionWarning,
    Reach,
    Station,
)
from qingyuan.places.queries.ledger import cells, enterprises, stations

Read = TypeVar("Read", bound=Paper)
Applied = tuple[list[AppliedStandard], bool]

MAY_KEEP_PAPERS = (Role.ENFORCEMENT_OFFICER, Role.ANALYST, Role.ADMINISTRATOR)
_APPLIED = ("id", "station_id", "standard", "level", "valid", "known")
_BINDING = (  # asked for by every chart, so it is not put together anew each time
    f"SELECT {', '.join(_APPLIED)} FROM places_appliedstandard WHERE station_id = ANY(%s) ORDER BY id;"  # noqa: S608
    " SELECT EXISTS (SELECT FROM places_permitlimit WHERE station_id = ANY(%s))"
)
MAY_DECLARE_WARNINGS = (Role.DUTY_OFFICER, Role.SUPERVISOR, Role.ADMINISTRATOR)


def known_now(rows: QuerySet[Read], at: datetime | None = None) -> QuerySet[Read]:
    """Of editions those that are known.

    Parameters
    ----------
    rows : QuerySet of a paper
    at : datetime, optional
        What was known then; now when left out.

    Returns
    -------
    QuerySet
    """
    return rows.filter(known__contains=at or clock.now())


def what_binds(station_ids: Collection[int]) -> tuple[list[AppliedStandard], list[PermitLimit]]:
    """Standards applied to stations and limits of permits there, of every edition; in one turn if there are no permits.

    Parameters
    ----------
    station_ids : collection of int

    Returns
    -------
    list of AppliedStandard
        In the order in which they were entered.
    list of PermitLimit
        As `permit_limits` gives them.
    """
    if not station_ids:
        return [], []
    return with_permits(station_ids, ask(binding(station_ids)))


def binding(station_ids: Collection[int]) -> Question[Applied]:
    """The question of `what_binds`, to be asked together with others; `with_permits` reads on.

    Parameters
    ----------
    station_ids : collection of int

    Returns
    -------
    Question
        Answered by the standards applied, and whether there are limits of permits.
    """

    def _read(cursor: Any) -> Applied:
        applied = [AppliedStandard.from_db(connection.alias, _APPLIED, row) for row in cursor.fetchall()]
        cursor.nextset()
        return applied, bool(cursor.fetchone()[0])

    asked = list(station_ids)
    return Question(_BINDING, [asked, asked], _read)


def with_permits(station_ids: Collection[int], told: Applied) -> tuple[list[AppliedStandard], list[PermitLimit]]:
    """What binds stations, out of the answer to `binding`: by one more query where there are permits.

    Parameters
    ----------
    station_ids : collection of int
    told : list of AppliedStandard, and bool

    Returns
    -------
    list of AppliedStandard
    list of PermitLimit
        As `what_binds`.
    """
    applied, is_permitted = told
    return applied, list(permit_limits(station_ids)) if is_permitted else []


def permit_limits(station_ids: Collection[int]) -> QuerySet[PermitLimit]:
    """Limits of permits at outlets, of every edition, with their permits.

    Parameters
    ----------
    station_ids : collection of int

    Returns
    -------
    QuerySet of PermitLimit
    """
    return PermitLimit.objects.filter(station__in=station_ids).select_related("permit").order_by("pk")


def permit_totals(enterprise_ids: Collection[int]) -> QuerySet[PermitTotal]:
    """Yearly totals of enterprises' permits, of every edition, with their permits.

    Parameters
    ----------
    enterprise_ids : collection of int

    Returns
    -------
    QuerySet of PermitTotal
    """
    return PermitTotal.objects.filter(permit__enterprise__in=enterprise_ids).select_related("permit").order_by("pk")


def orders_over(enterprise_ids: Collection[int], span: tuple[datetime, datetime]) -> QuerySet[Order]:
    """Orders to enterprises that hold at some time of a span, of every edition.

    Parameters
    ----------
    enterprise_ids : collection of int
    span : tuple of datetime

    Returns
    -------
    QuerySet of Order
    """
    return Order.objects.filter(enterprise__in=enterprise_ids, valid__overlap=span).order_by("pk")


def plans_of(enterprise_ids: Collection[int]) -> QuerySet[EmergencyPlan]:
    """Emergency plans of enterprises with their pledges and where they stand, of every edition.

    Parameters
    ----------
    enterprise_ids : collection of int

    Returns
    -------
    QuerySet of EmergencyPlan
    """
    found = EmergencyPlan.objects.filter(enterprise__in=enterprise_ids).select_related("enterprise__cell")
    return found.prefetch_related("cuts").order_by("pk")


def warnings_over(span: tuple[datetime, datetime]) -> QuerySet[PollutionWarning]:
    """Warnings anywhere that hold at some time of a span, of every edition, with their cells.

    Parameters
    ----------
    span : tuple of datetime

    Returns
    -------
    QuerySet of PollutionWarning
    """
    return PollutionWarning.objects.filter(valid__overlap=span).select_related("cell").order_by("pk")


def meter_uses(enterprise_ids: Collection[int]) -> QuerySet[MeterUse]:
    """What the meters of enterprises feed, of every edition.

    Parameters
    ----------
    enterprise_ids : collection of int

    Returns
    -------
    QuerySet of MeterUse
    """
    return MeterUse.objects.filter(station__enterprise__in=enterprise_ids).select_related("station").order_by("pk")


def reaches_to(station_ids: Collection[int]) -> QuerySet[Reach]:
    """Reaches that end at stations, of every edition, with the station upstream.

    Parameters
    ----------
    station_ids : collection of int

    Returns
    -------
    QuerySet of Reach
    """
    return Reach.objects.filter(station__in=station_ids).select_related("upstream").order_by("pk")


def permit_sheets(viewer: User) -> QuerySet[PermitSheet]:
    """Spreadsheets of permits and of disclosures that a person brought; an administrator sees those of all.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of PermitSheet
        Newest first, without their bytes.
    """
    found = PermitSheet.objects.select_related("made_by", "undone_by").defer("body")
    return found if viewer.role == Role.ADMINISTRATOR else found.filter(made_by=viewer)


def permit_sheet(viewer: User, sheet_id: int) -> PermitSheet:
    """One of them.

    Parameters
    ----------
    viewer : User
    sheet_id : int

    Returns
    -------
    PermitSheet

    Raises
    ------
    NotFound
        There is none of that number that the person may see.
    """
    found = permit_sheets(viewer).filter(pk=sheet_id).first()
    if found is None:
        raise NotFound(_("There is no spreadsheet %(id)s of yours.") % {"id": sheet_id})
    return found


def stations_concerned(event: PaperEvent) -> QuerySet[Station]:
    """Stations of which an order or a warning says something.

    Parameters
    ----------
    event : PaperEvent

    Returns
    -------
    QuerySet of Station
        Of an order the outlets and meters of its enterprise, of a warning those of every enterprise below its cell that
        ever filed a plan.
    """
    if event.subject_kind == "enterprise":
        return Station.objects.filter(enterprise=event.id)
    path = PollutionWarning.objects.values_list("cell__path", flat=True).get(pk=event.paper)
    below = Q(enterprise__cell__path=path) | Q(enterprise__cell__path__startswith=f"{path}/")
    return Station.objects.filter(below, enterprise__in=EmergencyPlan.objects.values("enterprise"))


def permits_of(enterprise_ids: Collection[int]) -> QuerySet[Permit]:
    """Permits of enterprises, of every edition.

    Parameters
    ----------
    enterprise_ids : collection of int

    Returns
    -------
    QuerySet of Permit
    """
    return Permit.objects.filter(enterprise__in=enterprise_ids)


def disclosures_of(enterprise_ids: Collection[int]) -> QuerySet[Disclosure]:
    """What enterprises disclosed, of every edition.

    Parameters
    ----------
    enterprise_ids : collection of int

    Returns
    -------
    QuerySet of Disclosure
    """
    return Disclosure.objects.filter(enterprise__in=enterprise_ids)


def disclosures(viewer: User) -> QuerySet[Disclosure]:
    """What enterprises in the viewer's territory disclosed, of every edition.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Disclosure
        With amounts and penalties.
    """
    found = Disclosure.objects.filter(enterprise__in=enterprises(viewer)).select_related("enterprise")
    return found.prefetch_related("amounts__station", "penalties")


def permits(viewer: User) -> QuerySet[Permit]:
    """Permits of enterprises in the viewer's territory, of every edition.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Permit
        With their limits and totals.
    """
    found = Permit.objects.filter(enterprise__in=enterprises(viewer)).select_related("enterprise")
    return found.prefetch_related("limits__station", "totals__station")


def orders(viewer: User) -> QuerySet[Order]:
    """Orders to enterprises in the viewer's territory, of every edition.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Order
    """
    return Order.objects.filter(enterprise__in=enterprises(viewer)).select_related("enterprise", "station")


def plans(viewer: User) -> QuerySet[EmergencyPlan]:
    """Emergency plans of enterprises in the viewer's territory, of every edition.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of EmergencyPlan
    """
    found = EmergencyPlan.objects.filter(enterprise__in=enterprises(viewer))
    return found.select_related("enterprise__cell").prefetch_related("cuts")


def uses_of_meters(viewer: User) -> QuerySet[MeterUse]:
    """What the meters in the viewer's territory feed, of every edition.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of MeterUse
    """
    return MeterUse.objects.filter(station__in=stations(viewer)).select_related("station__enterprise")


def reaches(viewer: User) -> QuerySet[Reach]:
    """Reaches whose lower end lies in the viewer's territory, of every edition.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Reach
    """
    return Reach.objects.filter(station__in=stations(viewer)).select_related("station", "upstream")


def warnings_seen(viewer: User) -> QuerySet[PollutionWarning]:
    """Warnings over the viewer's territory or a part of it, of every edition, newest first.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of PollutionWarning
        Those whose cell lies in the territory, and those of a cell above it.
    """
    own = cells(viewer)
    above = {"/".join(path.split("/")[:depth]) for path in own.values_list("path", flat=True) for depth in range(1, 9)}
    seen = Q(cell__in=own) | Q(cell__path__in=above)
    return PollutionWarning.objects.filter(seen).select_related("cell").order_by("-valid", "-pk")


def controls(viewer: User) -> QuerySet[ControlListing]:
    """Control levels of enterprises in the viewer's territory, of every edition.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of ControlListing
    """
    return ControlListing.objects.filter(enterprise__in=enterprises(viewer)).select_related("enterprise")


def control_levels(enterprise_ids: Collection[int], on: date, known_at: datetime | None = None) -> dict[int, str]:
    """Which control level enterprises have on a day.

    Parameters
    ----------
    enterprise_ids : collection of int
    on : date
        In Shanghai.
    known_at : datetime, optional
        What was known then; now when left out.

    Returns
    -------
    dict of int to str
        A value of `ControlLevel` by the enterprise's number; none for those that no list names.
    """
    rows = known_now(ControlListing.objects.filter(enterprise__in=enterprise_ids, valid__contains=on), known_at)
    return dict(rows.order_by().values_list("enterprise", "level"))
