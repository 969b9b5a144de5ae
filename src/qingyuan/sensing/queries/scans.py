"""Reads of lidars and their scans, scoped to the viewer's territory."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from qingyuan.kit.errors import NotFound
from qingyuan.people.queries import User
from qingyuan.places.queries import territory_of
from qingyuan.sensing.models import RawPacket, Scan
from qingyuan.sensing.queries.packets import packet_with


def scans(viewer: User) -> QuerySet[Scan]:
    """Scans of the lidars in the viewer's territory, the newest first.

    Parameters
    ----------
    viewer : User
        An enterprise user sees none.

    Returns
    -------
    QuerySet of Scan
        Without their bodies, which are read when they are asked for.
    """
    here = territory_of(viewer).of_cells("station__cell__")
    return Scan.objects.filter(here).select_related("station__cell").defer("body")


def scan(viewer: User, scan_id: int) -> Scan:
    """One scan.

    Parameters
    ----------
    viewer : User
    scan_id : int

    Returns
    -------
    Scan

    Raises
    ------
    NotFound
        There is none of that number in the viewer's territory.
    """
    found = scans(viewer).filter(pk=scan_id).first()
    if found is None:
        raise NotFound(_("There is no scan %(id)s in your territory.") % {"id": scan_id})
    return found


def packet_of_scan(one: Scan) -> RawPacket | None:
    """Where the bytes lie that brought a scan.

    Parameters
    ----------
    one : Scan

    Returns
    -------
    RawPacket or None
    """
    return packet_with(one.feed.sender, one.segment, one.sha256)
