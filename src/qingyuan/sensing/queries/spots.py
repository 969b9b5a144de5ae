"""Reads of products of satellites and their spots, scoped to the viewer's territory where a viewer is given."""

import hashlib

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from qingyuan.kit.errors import NotFound
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import territory_of
from qingyuan.sensing.models import RawPacket, Spot, SpotFile
from qingyuan.sensing.queries.packets import packet_bytes, packet_with

MAY_BRING_SPOTS = (Role.DUTY_OFFICER, Role.ANALYST, Role.ADMINISTRATOR)


def spots(viewer: User) -> QuerySet[Spot]:
    """What satellites saw in the viewer's territory, newest first, without what was taken back.

    Parameters
    ----------
    viewer : User
        An enterprise user sees none.

    Returns
    -------
    QuerySet of Spot
    """
    here = territory_of(viewer).of_cells("cell__")
    return Spot.objects.filter(here, withdrawn_at=None).select_related("cell", "file")


def spots_of_file(file_id: int) -> list[Spot]:
    """The spots that a file brought, also those taken back, earliest first.

    Parameters
    ----------
    file_id : int

    Returns
    -------
    list of Spot
    """
    return list(Spot.objects.filter(file=file_id).select_related("cell").order_by("observed_at", "pk"))


def spot_files(viewer: User) -> QuerySet[SpotFile]:
    """Files of satellite products, newest first.

    Parameters
    ----------
    viewer : User
        One of `MAY_BRING_SPOTS` sees all; others see none.

    Returns
    -------
    QuerySet of SpotFile
    """
    if viewer.role not in MAY_BRING_SPOTS:
        return SpotFile.objects.none()
    return SpotFile.objects.select_related("feed", "brought_by", "undone_by")


def spot_file(viewer: User, file_id: int) -> SpotFile:
    """One file of a satellite product.

    Parameters
    ----------
    viewer : User
    file_id : int

    Returns
    -------
    SpotFile

    Raises
    ------
    NotFound
        There is none of that number that the viewer may see.
    """
    found = spot_files(viewer).filter(pk=file_id).first()
    if found is None:
        raise NotFound(_("There is no file %(id)s.") % {"id": file_id})
    return found


def packet_of_spots(file: SpotFile) -> RawPacket | None:
    """Where the bytes of a product lie.

    Parameters
    ----------
    file : SpotFile

    Returns
    -------
    RawPacket or None
        None where it was not entered.
    """
    if file.feed is None or file.segment is None:
        return None
    return packet_with(file.feed.sender, file.segment, file.sha256)


def is_product_seen(viewer: User, packet: RawPacket) -> bool:
    """Whether a payload is a product of satellites that the viewer may see as it came.

    Parameters
    ----------
    viewer : User
        One of `MAY_BRING_SPOTS`, or somebody in whose territory all its spots lie.
    packet : RawPacket

    Returns
    -------
    bool
    """
    files = SpotFile.objects.filter(segment=packet.segment_id)
    if not files.exists():
        return False
    files = files.filter(sha256=hashlib.sha256(packet_bytes(packet).raw).hexdigest())
    if spot_files(viewer).filter(pk__in=files).exists():
        return True
    brought, here = Spot.objects.filter(file__in=files), territory_of(viewer).of_cells("cell__")
    return brought.exists() and not brought.exclude(here).exists()
