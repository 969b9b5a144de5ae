"""Reads of cameras and what they filmed, scoped to the viewer's territory."""

import re
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.kit.clock import SHANGHAI
from qingyuan.kit.errors import NotFound
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import Station, enterprises, territory_of
from qingyuan.sensing.connector import CONNECTORS
from qingyuan.sensing.filmed.film import LONGEST_S
from qingyuan.sensing.models import Camera, Feed, Footage
from qingyuan.sensing.models.cameras import path_of

RECEIPT = re.compile(rb'\{"bytes_kept":"([0-9a-f]{64})","size":\d+\}')
"""The receipt of footage; no clip or still has this form, and no other name of a file fits into it."""

MAY_KEEP_CAMERAS = (Role.ENFORCEMENT_OFFICER, Role.ANALYST, Role.ADMINISTRATOR)
"""Who enters and ends cameras, and brings footage by hand: as for permits and orders."""

MAY_SEE_LIVE = (Role.DUTY_OFFICER, Role.ANALYST, Role.ENFORCEMENT_OFFICER, Role.SUPERVISOR, Role.LEADER)


def cameras(viewer: User) -> QuerySet[Camera]:
    """Cameras in the viewer's territory, those that have ended too.

    Parameters
    ----------
    viewer : User
        An enterprise user sees none: what the authority films is for the authority, like photos of inspections.

    Returns
    -------
    QuerySet of Camera
    """
    if viewer.role == Role.ENTERPRISE:
        return Camera.objects.none()
    here = territory_of(viewer).of_stations("station__")
    at_enterprise = Q(station=None, enterprise__in=enterprises(viewer))
    return Camera.objects.filter(here & Q(station__isnull=False) | at_enterprise).select_related(
        "station__cell", "station__enterprise", "enterprise__cell"
    )


def camera(viewer: User, code: str) -> Camera:
    """One camera.

    Parameters
    ----------
    viewer : User
    code : str

    Returns
    -------
    Camera

    Raises
    ------
    NotFound
        There is none of that code in the viewer's territory.
    """
    found = cameras(viewer).filter(code=code).first()
    if found is None:
        raise NotFound(_("There is no camera %(code)s in your territory.") % {"code": code})
    return found


def cameras_of(viewer: User, station: Station) -> QuerySet[Camera]:
    """The cameras at a station, and those of its enterprise that stand at no station.

    Parameters
    ----------
    viewer : User
    station : Station

    Returns
    -------
    QuerySet of Camera
    """
    at = Q(station=station)
    if station.enterprise_id is not None:
        at |= Q(enterprise=station.enterprise_id)
    return cameras(viewer).filter(at).order_by("-station_id", "code")


def looks_now(camera: Camera) -> bool:
    """Whether a camera is in use today.

    Parameters
    ----------
    camera : Camera

    Returns
    -------
    bool
    """
    today = clock.now().astimezone(SHANGHAI).date()
    return camera.valid_from <= today and (camera.ended_on is None or today < camera.ended_on)


def footage(viewer: User) -> QuerySet[Footage]:
    """Clips and stills of the cameras in the viewer's territory, earliest first, those that were removed too.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Footage
    """
    return Footage.objects.filter(camera__in=cameras(viewer)).select_related("camera__station", "camera__enterprise")


def footage_between(viewer: User, station: Station, start: datetime, end: datetime) -> QuerySet[Footage]:
    """What the cameras of a station show of a span of time, whole clips that reach into it included.

    Parameters
    ----------
    viewer : User
    station : Station
    start, end : datetime

    Returns
    -------
    QuerySet of Footage
        Earliest first.
    """
    earliest = start - timedelta(seconds=LONGEST_S)
    during = footage(viewer).filter(starts_at__gte=earliest, starts_at__lt=end, ends_at__gte=start)
    return during.filter(camera__in=cameras_of(viewer, station))


def footage_by_id(viewer: User, footage_id: int) -> Footage:
    """One clip or still.

    Parameters
    ----------
    viewer : User
    footage_id : int

    Returns
    -------
    Footage

    Raises
    ------
    NotFound
        There is none of that number in the viewer's territory.
    """
    found = footage(viewer).filter(pk=footage_id).first()
    if found is None:
        raise NotFound(_("There is no clip or still %(id)s in your territory.") % {"id": footage_id})
    return found


def footage_filed(numbers: list[int]) -> QuerySet[Footage]:
    """Clips and stills by number; for bundles of evidence, whose case says who may have them.

    Parameters
    ----------
    numbers : list of int

    Returns
    -------
    QuerySet of Footage
    """
    return Footage.objects.filter(pk__in=numbers).select_related("camera").order_by("pk")


def takes_footage(feed: Feed) -> bool:
    """Whether what comes by a feed are clips and stills.

    Parameters
    ----------
    feed : Feed

    Returns
    -------
    bool
    """
    return feed.connector in CONNECTORS and CONNECTORS.get(feed.connector).films(feed.settings)


def bytes_behind(kept: bytes) -> bytes:
    """The payload that a raw packet stands for: of footage it is a receipt, and the bytes lie in a file.

    Parameters
    ----------
    kept : bytes

    Returns
    -------
    bytes
        What is no receipt is itself; of a file that is not there any more nothing.
    """
    receipt = RECEIPT.fullmatch(kept)
    if receipt is None:
        return kept
    path = path_of(receipt[1].decode())
    return path.read_bytes() if path.exists() else b""
