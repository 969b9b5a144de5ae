"""Writing down permits, orders, plans, warnings, meters and reaches (doors in `places.api`).

Each enters the first edition of a paper, or with `replaces` the one that follows: the edition before goes on holding up
to the day or instant on which the new one begins.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.db.models import ForeignKey
from django.utils.translation import gettext as _

from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput
from qingyuan.kit.log import Origin
from qingyuan.places import events
from qingyuan.places.logic import editions
from qingyuan.places.logic.stated import (
    OwnLimit,
    OwnTotal,
    Pledge,
    check_limit,
    check_once,
    check_owner,
    check_reason,
    check_total,
    permit_number,
    share_of,
)
from qingyuan.places.models import (
    AlarmThreshold,
    ControlLevel,
    ControlListing,
    Disclosure,
    EmergencyPlan,
    Enterprise,
    GridCell,
    MeterUse,
    Order,
    OrderKind,
    OutfallEdition,
    Paper,
    Permit,
    PermitLimit,
    PermitTotal,
    PledgedCut,
    PollutionWarning,
    Reach,
    SiteProject,
    SourceDocument,
    Station,
    StationKind,
    Use,
    WarningLevel,
)

Written = TypeVar("Written", bound=Paper)
Days = tuple[date, date | None]
Instants = tuple[datetime, datetime | None]
MOST_TRAVEL_H = 72.0
ENTERED: dict[type[Paper], type[events.PaperEvent]] = {
    Permit: events.PermitEntered,
    Order: events.OrderEntered,
    EmergencyPlan: events.PlanEntered,
    PollutionWarning: events.WarningDeclared,
    MeterUse: events.MeterAssigned,
    Reach: events.ReachEntered,
    ControlListing: events.ControlEntered,
    Disclosure: events.DisclosureEntered,
    OutfallEdition: events.OutfallEntered,
    SiteProject: events.ProjectEntered,
    AlarmThreshold: events.ThresholdEntered,
    SourceDocument: events.DocumentEntered,
}
ENDED: dict[type[Paper], type[events.PaperEvent]] = {
    Permit: events.PermitEnded,
    Order: events.OrderEnded,
    EmergencyPlan: events.PlanEnded,
    PollutionWarning: events.WarningEnded,
    MeterUse: events.MeterReleased,
    Reach: events.ReachEnded,
    ControlListing: events.ControlEnded,
    Disclosure: events.DisclosureEnded,
    OutfallEdition: events.OutfallEnded,
    SiteProject: events.ProjectEnded,
    AlarmThreshold: events.ThresholdEnded,
    SourceDocument: events.DocumentEnded,
}


@transaction.atomic
def enter_permit(
    enterprise: Enterprise,
    *,
    number: str,
    management: str,
    days: Days,
    limits: Iterable[OwnLimit] = (),
    totals: Iterable[OwnTotal] = (),
    replaces: Permit | None = None,
    why: str = "",
    origin: Origin = log.PLATFORM,
) -> Permit:
    """Enter a discharge permit with its own limits and yearly totals.

    Parameters
    ----------
    enterprise : Enterprise
    number : str
        Code of the permit (HJ 608-2017).
    management : str
        A value of `Management`.
    days : (date, date or None)
        First and last day.
    limits : iterable of OwnLimit
    totals : iterable of OwnTotal
    replaces : Permit, optional
        The edition that this one follows.
    why : str
    origin : Origin

    Returns
    -------
    Permit

    Raises
    ------
    BadInput
        The number is no permit's, or another enterprise's; a limit or total is of another enterprise's outlet, of an
        unknown factor or unit, without figure, or stated twice; the days end before they begin.
    Refused
        The permit has an edition already for these days, or the one to follow is no longer current.
    """
    limits, totals = list(limits), list(totals)
    number = permit_number(number, enterprise)
    for limit in limits:
        check_limit(limit, enterprise)
    for total in totals:
        check_total(total, enterprise)
    check_once([(one.station.pk, one.factor, one.averaging, one.basis) for one in limits], "limits")
    check_once([(one.station and one.station.pk, one.factor) for one in totals], "totals")
    row = Permit(enterprise=enterprise, number=number, management=management, valid=days_of(days))
    parts = [
        *(PermitLimit(permit=row, **vars(one)) for one in limits),
        *(PermitTotal(permit=row, **vars(one)) for one in totals),
    ]
    return enter_edition(row, parts, replaces, why=why, origin=origin)


@transaction.atomic
def enter_order(
    enterprise: Enterprise,
    *,
    kind: str,
    number: str,
    issued_by: str,
    span: Instants,
    station: Station | None = None,
    title: str = "",
    cut: float = 1.0,
    replaces: Order | None = None,
    why: str = "",
    origin: Origin = log.PLATFORM,
) -> Order:
    """Enter a decision that an enterprise, or one of its outlets, has to stop or to produce less.

    Parameters
    ----------
    enterprise : Enterprise
    kind : str
        A value of `OrderKind`.
    number : str
        Number of the document.
    issued_by : str
    span : (datetime, datetime or None)
        From when to before when it holds, aware.
    station : Station, optional
        The outlet that it is about; all of the enterprise when left out.
    title : str
    cut : float
        Share by which to cut production; a stop is 1. [1]
    replaces : Order, optional
    why : str
    origin : Origin

    Returns
    -------
    Order

    Raises
    ------
    BadInput
        The kind is not known, the outlet is another enterprise's, the share lies outside 0 to 1, or the time ends
        before it begins.
    Refused
        An order of that number holds already, or the one to follow is no longer current.
    """
    if kind not in OrderKind:
        raise BadInput(_("Expected one of: %(known)s") % {"known": ", ".join(OrderKind.values)}, "kind")
    check_owner(station, enterprise)
    cut = share_of(cut, "cut") if kind == OrderKind.CUT_PRODUCTION else 1.0
    row = Order(
        enterprise=enterprise, station=station, kind=kind, number=number.strip(), title=title.strip(),
        issued_by=issued_by.strip(), cut=cut, valid=_instants(span),
    )  # fmt: skip
    return enter_edition(row, (), replaces, why=why, origin=origin)


@transaction.atomic
def enter_plan(
    enterprise: Enterprise,
    *,
    days: Days,
    pledges: Iterable[Pledge] = (),
    exempt: bool = False,
    grounds: str = "",
    replaces: EmergencyPlan | None = None,
    why: str = "",
    origin: Origin = log.PLATFORM,
) -> EmergencyPlan:
    """Enter what an enterprise pledges to cut at each level of a heavy-pollution warning.

    Parameters
    ----------
    enterprise : Enterprise
    days : (date, date or None)
        First and last day.
    pledges : iterable of Pledge
        One a level at most.
    exempt : bool
        Whether the enterprise need not cut.
    grounds : str
        Why it is exempt; cannot be left out then.
    replaces : EmergencyPlan, optional
    why : str
    origin : Origin

    Returns
    -------
    EmergencyPlan

    Raises
    ------
    BadInput
        A level is not known or stated twice, a share lies outside 0 to 1, it pledges nothing and is not exempt, or is
        exempt without grounds.
    Refused
        The enterprise has a plan already for these days, or the one to follow is no longer current.
    """
    pledges = list(pledges)
    if exempt and not grounds.strip():
        raise BadInput(_("Say why the enterprise is exempt"), "grounds")
    if not exempt and not pledges:
        raise BadInput(_("Found no pledge, expected one for a level at least"), "pledges")
    for one in pledges:
        if one.level not in WarningLevel:
            raise BadInput(_("Expected one of: %(known)s") % {"known": ", ".join(WarningLevel.values)}, "level")
        share_of(one.cut, f"cut_{one.level}")
    check_once([one.level for one in pledges], "pledges")
    row = EmergencyPlan(enterprise=enterprise, exempt=exempt, grounds=grounds.strip(), valid=days_of(days))
    return enter_edition(row, [PledgedCut(plan=row, **vars(one)) for one in pledges], replaces, why=why, origin=origin)


@transaction.atomic
def declare_warning(
    cell: GridCell,
    *,
    level: str,
    number: str,
    span: Instants,
    replaces: PollutionWarning | None = None,
    why: str = "",
    origin: Origin = log.PLATFORM,
) -> PollutionWarning:
    """Declare a heavy-pollution warning over a cell and all below it.

    Parameters
    ----------
    cell : GridCell
    level : str
        A value of `WarningLevel`.
    number : str
        Number of the document.
    span : (datetime, datetime or None)
        From when to before when, aware.
    replaces : PollutionWarning, optional
    why : str
    origin : Origin

    Returns
    -------
    PollutionWarning

    Raises
    ------
    BadInput
        The level is not known, the time ends before it begins, or the one to follow is over another cell.
    Refused
        A warning of that number holds there already, or the one to follow is no longer current.
    """
    if level not in WarningLevel:
        raise BadInput(_("Expected one of: %(known)s") % {"known": ", ".join(WarningLevel.values)}, "level")
    if replaces is not None and replaces.cell_id != cell.pk:
        raise BadInput(_("A warning keeps its area: end it or take it back, and declare another"), "cell")
    row = PollutionWarning(cell=cell, level=level, number=number.strip(), valid=_instants(span))
    return enter_edition(row, (), replaces, why=why, origin=origin)


@transaction.atomic
def assign_meter(
    station: Station,
    *,
    use: str,
    title_zh: str,
    title_en: str,
    days: Days,
    factor: str = "",
    replaces: MeterUse | None = None,
    why: str = "",
    origin: Origin = log.PLATFORM,
) -> MeterUse:
    """Enter what an electricity meter, or one channel of it, feeds.

    Parameters
    ----------
    station : Station
        An electricity meter of an enterprise.
    use : str
        A value of `Use`.
    title_zh, title_en : str
        Name of the equipment.
    days : (date, date or None)
        First and last day.
    factor : str
        The channel; every channel of mean power when empty.
    replaces : MeterUse, optional
    why : str
    origin : Origin

    Returns
    -------
    MeterUse

    Raises
    ------
    BadInput
        The station is no enterprise's meter, or the use is not known.
    Refused
        It has a use already for these days, or the one to follow is no longer current.
    """
    if station.kind != StationKind.POWER_METER or station.enterprise_id is None:
        raise BadInput(_("%(station)s is no electricity meter of an enterprise") % {"station": station}, "station")
    if use not in Use:
        raise BadInput(_("Expected one of: %(known)s") % {"known": ", ".join(Use.values)}, "use")
    row = MeterUse(
        station=station, factor=factor.strip(), use=use, title_zh=title_zh.strip(), title_en=title_en.strip(),
        valid=days_of(days),
    )  # fmt: skip
    return enter_edition(row, (), replaces, why=why, origin=origin)


@transaction.atomic
def enter_reach(
    station: Station,
    upstream: Station,
    *,
    travel_hours: float,
    days: Days,
    flows: bool = False,
    replaces: Reach | None = None,
    why: str = "",
    origin: Origin = log.PLATFORM,
) -> Reach:
    """Enter that water comes from one station to another.

    Parameters
    ----------
    station, upstream : Station
        The lower and the upper end.
    travel_hours : float
        How long water takes. [h, 0 to 72]
    days : (date, date or None)
        First and last day.
    flows : bool
        Whether the flow that the upstream station measures counts.
    replaces : Reach, optional
    why : str
    origin : Origin

    Returns
    -------
    Reach

    Raises
    ------
    BadInput
        Both ends are one station, or the travel time lies outside its bounds.
    Refused
        The reach has an edition already for these days, or the one to follow is no longer current.
    """
    if station == upstream:
        raise BadInput(_("Expected two stations, found the same one twice"), "upstream")
    if not 0.0 <= travel_hours <= MOST_TRAVEL_H:
        raise BadInput(_("Found %(found)g h, expected 0 to 72 h") % {"found": travel_hours}, "travel_hours")
    row = Reach(station=station, upstream=upstream, travel_hours=travel_hours, flows=flows, valid=days_of(days))
    return enter_edition(row, (), replaces, why=why, origin=origin)


@transaction.atomic
def enter_control(
    enterprise: Enterprise,
    *,
    level: str,
    document: str,
    days: Days,
    replaces: ControlListing | None = None,
    why: str = "",
    origin: Origin = log.PLATFORM,
) -> ControlListing:
    """Enter that a list of key dischargers names an enterprise.

    Parameters
    ----------
    enterprise : Enterprise
    level : str
        A value of `ControlLevel`.
    document : str
        The list that names it.
    days : (date, date or None)
        First and last day.
    replaces : ControlListing, optional
    why : str
    origin : Origin

    Returns
    -------
    ControlListing

    Raises
    ------
    BadInput
        The level is not known, no list is named, or the days end before they begin.
    Refused
        The enterprise has a level already for these days, or the one to follow is no longer current.
    """
    if level not in ControlLevel:
        raise BadInput(_("Expected one of: %(known)s") % {"known": ", ".join(ControlLevel.values)}, "level")
    if not document.strip():
        raise BadInput(_("Say which list names it"), "document")
    row = ControlListing(enterprise=enterprise, level=level, document=document.strip(), valid=days_of(days))
    return enter_edition(row, (), replaces, why=why, origin=origin)


@transaction.atomic
def end_paper(paper: Written, last: date | datetime, *, why: str, origin: Origin = log.PLATFORM) -> Written:
    """Let a paper hold up to a day, or to an instant, and no longer.

    Parameters
    ----------
    paper : Permit, Order, EmergencyPlan, PollutionWarning, MeterUse, Reach, ControlListing, Disclosure or
        OutfallEdition
    last : date or datetime
        The last day of what holds by days; the end of what holds by instants.
    why : str
        Cannot be left out.
    origin : Origin

    Returns
    -------
    Paper
        The edition known from now on; the one before stays, for what was judged by it.

    Raises
    ------
    BadInput
        No reason is given, or it begins after that.
    Refused
        A later edition stands in its place.
    """
    check_reason(why)
    clock.check_day(last.date() if isinstance(last, datetime) else last, "last")
    ended = editions.ended_at(paper, last) if isinstance(last, datetime) else editions.ended(paper, last)
    tell(ENDED, ended, paper, why=why, origin=origin)
    return ended


@transaction.atomic
def withdraw_paper(paper: Written, *, why: str, origin: Origin = log.PLATFORM) -> None:
    """Take back a paper that should never have been entered: from now on it never held.

    Parameters
    ----------
    paper : Permit, Order, EmergencyPlan, PollutionWarning, MeterUse, Reach, ControlListing, Disclosure or
        OutfallEdition
    why : str
        Cannot be left out.
    origin : Origin

    Raises
    ------
    BadInput
        No reason is given.
    Refused
        A later edition stands in its place.
    """
    check_reason(why)
    tell(ENDED, editions.withdrawn(paper), paper, why=why, origin=origin)


def enter_edition(row: Written, parts: Iterable[Any], replaces: Written | None, *, why: str, origin: Origin) -> Written:
    """Enter an edition with its parts, the first one or the one that follows."""
    if replaces is not None:
        check_reason(why)
        editions.followed(replaces, row.valid.lower)
    editions.entered(row)
    for part in parts:
        part.save(force_insert=True)
    tell(ENTERED, row, replaces, why=why, origin=origin)
    return row


def tell(
    known: dict[type[Paper], type[events.PaperEvent]], row: Paper, before: Paper | None, *, why: str, origin: Origin
) -> None:
    """Write the fact of a paper, with the time that it may show in another light."""
    about = known[type(row)]
    subject = row.pk if about.subject_kind in {"warning", "threshold"} else getattr(row, f"{about.subject_kind}_id")
    spans = [one.valid for one in (row, before) if one is not None]
    uppers = [one.upper for one in spans]
    until = None if None in uppers else max(_instant(one) for one in uppers)
    fact = about(
        id=subject, paper=row.pk, values=told(row), since=min(_instant(one.lower) for one in spans).isoformat(),
        until=until.isoformat() if until else None,
    )  # fmt: skip
    log.write(fact, origin, why.strip())


def told(row: Any) -> dict[str, Any]:
    """Everything that a paper says, as JSON can hold it.

    Parameters
    ----------
    row : Paper

    Returns
    -------
    dict
        Codes in place of rows, days and instants as ISO 8601.
    """
    values: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.name)
        if isinstance(field, ForeignKey):
            if not isinstance(value, Paper):
                values[field.name] = getattr(value, "code", None)
        elif field.name == "valid":
            values["valid"] = [one and one.isoformat() for one in (value.lower, value.upper)]
        elif field.name not in {"id", "known"}:
            values[field.name] = value.isoformat() if isinstance(value, date) else value
    for name in getattr(row, "parts", ()):
        values[name] = [told(part) for part in getattr(row, name).all()]
    return values


def _instant(at: date | datetime) -> datetime:
    return at if isinstance(at, datetime) else datetime.combine(at, time(), clock.SHANGHAI)


def _check_days(first: date | None, last: date | None) -> None:
    for day, field in ((first, "since"), (last, "until")):
        if day is not None:
            clock.check_day(day, field)


def days_of(days: Days) -> DateRange:
    first, last = days
    _check_days(first, last)
    if last is not None and last < first:
        raise BadInput(_("Expected a last day that is not before the first"), "until")
    return DateRange(first, last and last + timedelta(days=1))


def _instants(span: Instants) -> DateTimeTZRange:
    _check_days(*(at and at.date() for at in span))
    if span[1] is not None and span[1] <= span[0]:
        raise BadInput(_("Expected an end after the start"), "until")
    return DateTimeTZRange(*span)
