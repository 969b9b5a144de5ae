"""Reads of inspection and rectification records, scoped to the viewer's territory."""

import hashlib

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from qingyuan.dispatching.queries import Case, cases
from qingyuan.inspecting.errors import PhotoDamaged
from qingyuan.inspecting.forms import InspectionForm, RectificationForm
from qingyuan.inspecting.models import (
    Category,
    Conclusion,
    DischargeState,
    Flight,
    FlightMedia,
    Inspection,
    Media,
    ProductionState,
    Rectification,
    Sighting,
    TreatmentState,
)
from qingyuan.inspecting.queries.flights import MAY_FLY, flight, flight_media, flights
from qingyuan.kit.errors import NotFound
from qingyuan.people.queries import User

__all__ = [
    "MAY_FLY",
    "Category",
    "Conclusion",
    "DischargeState",
    "Flight",
    "FlightMedia",
    "Inspection",
    "InspectionForm",
    "Media",
    "ProductionState",
    "Rectification",
    "RectificationForm",
    "Sighting",
    "TreatmentState",
    "flight",
    "flight_media",
    "flights",
    "inspections",
    "media",
    "photo_bytes",
    "rectifications",
]


def inspections(case: Case) -> QuerySet[Inspection]:
    """The inspection records of a case with their photos, oldest first.

    Parameters
    ----------
    case : Case
        As `dispatching.queries` gave it to the viewer.

    Returns
    -------
    QuerySet of Inspection
    """
    return (
        Inspection.objects.filter(case=case)
        .select_related("by", "case__station", "case__finding__cell")
        .prefetch_related("media")
    )


def rectifications(case: Case) -> QuerySet[Rectification]:
    """The rectification records of a case with their photos, oldest first.

    Parameters
    ----------
    case : Case
        As `dispatching.queries` gave it to the viewer.

    Returns
    -------
    QuerySet of Rectification
    """
    return Rectification.objects.filter(case=case).select_related("by").prefetch_related("media")


def media(viewer: User, media_id: int) -> Media:
    """One photo.

    Parameters
    ----------
    viewer : User
    media_id : int

    Returns
    -------
    Media

    Raises
    ------
    NotFound
        There is none of that number in a case that the viewer may see.
    """
    seen = cases(viewer).values("pk")
    found = Media.objects.filter(Q(inspection__case__in=seen) | Q(rectification__case__in=seen), pk=media_id).first()
    if found is None:
        raise NotFound(_("There is no photo %(id)s in your territory") % {"id": media_id})
    return found


def photo_bytes(media: Media | FlightMedia) -> bytes:
    """The bytes of a photo, as they were filed.

    Parameters
    ----------
    media : Media or FlightMedia

    Returns
    -------
    bytes

    Raises
    ------
    PhotoDamaged
        The file is gone, or its bytes have another hash than the one filed.
    """
    try:
        content = media.path.read_bytes()
    except FileNotFoundError as error:
        raise PhotoDamaged(f"photo {media.pk}: the file {media.sha256} is gone") from error
    found = hashlib.sha256(content).hexdigest()
    if found != media.sha256:
        raise PhotoDamaged(f"photo {media.pk}: found bytes with SHA-256 {found}, expected {media.sha256}")
    return content
