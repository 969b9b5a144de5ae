"""Verbs on places: drawing cells, registering enterprises and stations, posting people, and writing papers."""

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from qingyuan.kit import log
from qingyuan.kit.errors import BadInput
from qingyuan.kit.log import Origin
from qingyuan.people.queries import Organisation, User
from qingyuan.places import geometry
from qingyuan.places.events import (
    EnterpriseRegistered,
    PersonPosted,
    PostingEnded,
    StandardApplied,
    StandardEnded,
    StationDescribed,
    StationRegistered,
    WaterDrawn,
)
from qingyuan.places.logic import editions
from qingyuan.places.logic.archive import BroughtFile, enter_document
from qingyuan.places.logic.bringing import (
    Brought,
    GivenDisclosure,
    GivenPermit,
    bring_sheet,
    enter_sheet,
    links_of,
    try_sheet,
    undo_sheet,
)
from qingyuan.places.logic.disclosing import enter_disclosure
from qingyuan.places.logic.grid import draw_cell, redraw_cell
from qingyuan.places.logic.outfall_steps import move_outfall, withdraw_step
from qingyuan.places.logic.outfalls import GivenOutfall, OutfallFacts, enter_outfall
from qingyuan.places.logic.papers import (
    assign_meter,
    declare_warning,
    end_paper,
    enter_control,
    enter_order,
    enter_permit,
    enter_plan,
    enter_reach,
    withdraw_paper,
)
from qingyuan.places.logic.sites import enter_project, enter_threshold
from qingyuan.places.logic.stated import OwnLimit, OwnPenalty, OwnTotal, Pledge
from qingyuan.places.logic.zones import draw_zone
from qingyuan.places.models import (
    AppliedStandard,
    ControlListing,
    Enterprise,
    GridCell,
    Posting,
    Station,
    StationDescription,
    WaterBody,
    WaterLevel,
)
from qingyuan.places.models.ledger import BODIES
from qingyuan.places.network import NetworkPart, network_parts
from qingyuan.places.queries import cell_at, known_now

__all__ = [
    "Brought",
    "BroughtFile",
    "GivenDisclosure",
    "GivenOutfall",
    "GivenPermit",
    "OutfallFacts",
    "OwnLimit",
    "OwnPenalty",
    "OwnTotal",
    "Pledge",
    "apply_standard",
    "assign_meter",
    "bring_sheet",
    "declare_warning",
    "describe_station",
    "draw_cell",
    "draw_water",
    "draw_zone",
    "end_paper",
    "end_posting",
    "end_standard",
    "enter_control",
    "enter_controls",
    "enter_disclosure",
    "enter_document",
    "enter_order",
    "enter_outfall",
    "enter_permit",
    "enter_plan",
    "enter_project",
    "enter_reach",
    "enter_sheet",
    "enter_threshold",
    "links_of",
    "move_outfall",
    "place_in_network",
    "post_person",
    "redraw_cell",
    "register_enterprise",
    "register_station",
    "try_sheet",
    "undo_sheet",
    "withdraw_paper",
    "withdraw_step",
]
SHAPES = ("LineString", "Polygon", "MultiPolygon")


@transaction.atomic
def draw_water(
    code: str,
    *,
    title_zh: str,
    title_en: str,
    kind: str,
    shape: BaseGeometry,
    level: str = "",
    into: WaterBody | None = None,
    into_km: float | None = None,
    origin: Origin = log.PLATFORM,
) -> WaterBody:
    """Enter a river or a lake, or draw it anew.

    Parameters
    ----------
    code : str
    title_zh, title_en : str
    kind : {"river", "lake"}
    shape : shapely geometry
        Line, drawn downstream, or polygon in WGS-84. [degree]
    level : str
        A value of `WaterLevel`: who manages it.
    into : WaterBody, optional
        What it flows into.
    into_km : float, optional
        At which kilometre of that, counted from the upper end of its line. [km]
    origin : Origin

    Returns
    -------
    WaterBody

    Raises
    ------
    BadInput
        The shape is empty, not valid or no line or area, kind or level is not known, or it flows into itself.
    """
    if shape.is_empty or not shape.is_valid or shape.geom_type not in SHAPES:
        words = {"code": code, "found": shape.geom_type}
        raise BadInput(_("%(code)s: found %(found)s, expected a valid line or area") % words, "shape")
    if kind not in dict(BODIES):
        raise BadInput(_("Expected one of: %(known)s") % {"known": ", ".join(dict(BODIES))}, "kind")
    if level and level not in WaterLevel.values:
        raise BadInput(_("Expected one of: %(known)s") % {"known": ", ".join(WaterLevel.values)}, "level")
    if into is not None and into.code == code:
        raise BadInput(_("A water body cannot flow into itself"), "into")
    stored = geometry.to_wkb(shape)
    values = {"title_zh": title_zh, "title_en": title_en or title_zh, "kind": kind, "level": level, "into": into}
    water = WaterBody.objects.update_or_create(code=code, defaults=values | {"into_km": into_km, "shape": stored})[0]
    log.write(WaterDrawn(id=water.pk, code=code, shape_sha256=hashlib.sha256(stored).hexdigest()), origin)
    return water


def register_enterprise(
    code: str, *, lon: float, lat: float, organisation: Organisation | None = None, **values: str
) -> Enterprise:
    """Enter an enterprise in the cell that holds it.

    Parameters
    ----------
    code : str
        Unified social credit code.
    lon, lat : float
        WGS-84. [degree]
    organisation : Organisation, optional
        The organisation of its users.
    **values : str
        title_zh, title_en, industry_code, industry_zh, industry_en, management, address_zh, address_en.

    Returns
    -------
    Enterprise

    Raises
    ------
    BadInput
        The point lies in no cell.
    """
    enterprise = Enterprise.objects.create(
        code=code, lon=lon, lat=lat, cell=_cell_of(code, lon, lat), organisation=organisation, **values
    )
    log.write(EnterpriseRegistered(id=enterprise.pk, code=code))
    return enterprise


def register_station(
    code: str, *, title_zh: str, title_en: str, kind: str, lon: float, lat: float, enterprise: Enterprise | None = None
) -> Station:
    """Enter a station in the cell that holds it.

    Parameters
    ----------
    code : str
    title_zh, title_en : str
    kind : str
        A value of `StationKind`.
    lon, lat : float
        WGS-84. [degree]
    enterprise : Enterprise, optional
        Whose outlet it is.

    Returns
    -------
    Station

    Raises
    ------
    BadInput
        The point lies in no cell.
    """
    station = Station.objects.create(
        code=code,
        title_zh=title_zh,
        title_en=title_en,
        kind=kind,
        lon=lon,
        lat=lat,
        cell=_cell_of(code, lon, lat),
        enterprise=enterprise,
    )
    log.write(StationRegistered(id=station.pk, code=code))
    return station


@transaction.atomic
def describe_station(station: Station, values: Mapping[str, Any], origin: Origin = log.PLATFORM) -> None:
    """Write down what somebody says of a station and of the place where it stands.

    Parameters
    ----------
    station : Station
    values : mapping
        Any of `title` (both languages get it), `named`, `description`, `properties`, `place_name`,
        `place_description`, `place_properties` and `place_geometry`; what is left out stays.
    origin : Origin

    Raises
    ------
    BadInput
        A value has another name than these, or a title or name is longer than 120 characters.
    """
    known = {"title", *(field.name for field in StationDescription._meta.fields)} - {"station"}
    for name, value in values.items():
        if name not in known:
            raise BadInput(f"found {name}, expected one of: {', '.join(sorted(known))}", name)
        if name in {"title", "place_name"} and len(value) > 120:
            raise BadInput(f"found {name} of {len(value)} characters, expected at most 120", name)
    if "title" in values:
        station.title_zh = station.title_en = values["title"]
        station.save(update_fields=["title_zh", "title_en"])
    defaults = {name: value for name, value in values.items() if name != "title"}
    StationDescription.objects.update_or_create(station=station, defaults=defaults)
    log.write(StationDescribed(id=station.pk, values=dict(values)), origin)


@transaction.atomic
def place_in_network(station: Station, part: NetworkPart, origin: Origin = log.PLATFORM) -> None:
    """Say what part a station plays in the monitoring network.

    Parameters
    ----------
    station : Station
    part : NetworkPart
    origin : Origin
    """
    if network_parts([station.pk])[station.pk] != part:
        Station.objects.filter(pk=station.pk).update(**part.as_told())
        log.write(StationDescribed(id=station.pk, values={"network": part.as_told()}), origin)


def apply_standard(
    station: Station, *, standard: str, level: str, valid_from: date, origin: Origin = log.PLATFORM
) -> AppliedStandard:
    """Bind a station to a class of a standard from a day on.

    Parameters
    ----------
    station : Station
    standard : str
        For example "GB 18918-2002".
    level : str
        Class or scope inside the standard, as the limit tables name it.
    valid_from : date
    origin : Origin

    Returns
    -------
    AppliedStandard
    """
    applied = AppliedStandard.objects.create(
        station=station,
        standard=standard,
        level=level,
        valid=DateRange(valid_from, None),
        known=editions.known_from_now(),
    )
    fact = StandardApplied(id=station.pk, standard=standard, level=level, valid_from=valid_from.isoformat())
    log.write(fact, origin)
    return applied


def post_person(user: User, cell: GridCell, *, valid_from: date, origin: Origin = log.PLATFORM) -> Posting:
    """Let a person answer for a cell, with all below it, from a day on.

    Parameters
    ----------
    user : User
    cell : GridCell
    valid_from : date
    origin : Origin

    Returns
    -------
    Posting
    """
    posting = Posting.objects.create(
        user=user, cell=cell, valid=DateRange(valid_from, None), known=editions.known_from_now()
    )
    log.write(PersonPosted(id=user.pk, cell=cell.code, valid_from=valid_from.isoformat()), origin)
    return posting


@transaction.atomic
def end_posting(posting: Posting, last_day: date, *, why: str = "", origin: Origin = log.PLATFORM) -> Posting:
    """Let a person answer for a cell up to a day and no longer.

    Parameters
    ----------
    posting : Posting
    last_day : date
        The last day on which the person answers for the cell.
    why : str
    origin : Origin

    Returns
    -------
    Posting
        The edition known from now on; the one before stays, for what was decided by it.

    Raises
    ------
    BadInput
        The posting begins after that day.
    Refused
        A later edition stands in its place.
    """
    ended = editions.ended(posting, last_day)
    fact = PostingEnded(id=posting.user_id, cell=posting.cell.code, last_day=last_day.isoformat())
    log.write(fact, origin, why)
    return ended


@transaction.atomic
def end_standard(
    applied: AppliedStandard, last_day: date, *, why: str = "", origin: Origin = log.PLATFORM
) -> AppliedStandard:
    """Let a class of a standard bind a station up to a day and no longer.

    Parameters
    ----------
    applied : AppliedStandard
    last_day : date
        The last day whose data are judged by it.
    why : str
    origin : Origin

    Returns
    -------
    AppliedStandard
        The edition known from now on; the one before stays, for what was judged by it.

    Raises
    ------
    BadInput
        It begins to bind after that day.
    Refused
        A later edition stands in its place.
    """
    ended = editions.ended(applied, last_day)
    names = {"standard": applied.standard, "level": applied.level}
    log.write(StandardEnded(id=applied.station_id, last_day=last_day.isoformat(), **names), origin, why)
    return ended


@transaction.atomic
def enter_controls(
    listed: Mapping[Enterprise, str], *, document: str, days: tuple[date, date | None], origin: Origin = log.PLATFORM
) -> int:
    """Enter a whole list of key dischargers: all of it, or nothing where one row is refused.

    Parameters
    ----------
    listed : Mapping of Enterprise to str
        A value of `ControlLevel` for each.
    document : str
        The list.
    days : (date, date or None)
        First and last day.
    origin : Origin

    Returns
    -------
    int
        How many editions were entered; what says the same already is left as it is.

    Raises
    ------
    BadInput, Refused
        As for `enter_control`.
    """
    standing = {one.enterprise_id: one for one in known_now(ControlListing.objects.filter(enterprise__in=listed))
                .filter(valid__contains=days[0]).select_for_update()}  # fmt: skip
    entered = 0
    for enterprise, level in listed.items():
        before = standing.get(enterprise.pk)
        if before is None or (before.level, before.document) != (level, document.strip()):
            enter_control(
                enterprise, level=level, document=document, days=days, replaces=before,
                why=document if before else "", origin=origin,
            )  # fmt: skip
            entered += 1
    return entered


def _cell_of(code: str, lon: float, lat: float) -> GridCell:
    cell = cell_at(lon, lat)
    if cell is None:
        raise BadInput(f"{code}: the point {lon}, {lat} lies in no grid cell; draw the grid first", "lon")
    return cell
