"""Reads of patrol flights, scoped to the viewer's territory."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from qingyuan.inspecting.models import Flight, FlightMedia
from qingyuan.kit.errors import NotFound
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import zones

MAY_FLY = (Role.ENFORCEMENT_OFFICER, Role.ANALYST, Role.DUTY_OFFICER, Role.ADMINISTRATOR)
"""Who enters flights, their pictures, and what was seen."""


def flights(viewer: User) -> QuerySet[Flight]:
    """Flights over areas that touch the viewer's territory, the newest first.

    Parameters
    ----------
    viewer : User
        An enterprise user sees none.

    Returns
    -------
    QuerySet of Flight
    """
    return Flight.objects.filter(zone__in=zones(viewer)).select_related("station__cell", "zone", "entered_by")


def flight(viewer: User, flight_id: int) -> Flight:
    """One flight.

    Parameters
    ----------
    viewer : User
    flight_id : int

    Returns
    -------
    Flight

    Raises
    ------
    NotFound
        There is none of that number in the viewer's territory.
    """
    found = flights(viewer).filter(pk=flight_id).first()
    if found is None:
        raise NotFound(_("There is no flight %(id)s in your territory.") % {"id": flight_id})
    return found


def flight_media(viewer: User, media_id: int) -> FlightMedia:
    """One photo or clip of a flight.

    Parameters
    ----------
    viewer : User
    media_id : int

    Returns
    -------
    FlightMedia

    Raises
    ------
    NotFound
        There is none of that number in the viewer's territory.
    """
    found = FlightMedia.objects.filter(flight__in=flights(viewer), pk=media_id).select_related("flight").first()
    if found is None:
        raise NotFound(_("There is no picture %(id)s in your territory.") % {"id": media_id})
    return found
