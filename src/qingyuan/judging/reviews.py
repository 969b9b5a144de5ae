"""Reads of times that were judged again, scoped to the viewer's territory."""

from datetime import UTC, datetime, time, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from qingyuan.judging.models import Review, ReviewedFinding
from qingyuan.kit import clock
from qingyuan.kit.errors import NotFound
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import enterprises, stations


def reviews(viewer: User) -> QuerySet[Review]:
    """Times of enterprises in the viewer's territory that were judged again, newest first.

    Parameters
    ----------
    viewer : User
        An enterprise user sees none.

    Returns
    -------
    QuerySet of Review
    """
    found = Review.objects.filter(enterprise__in=enterprises(viewer)).select_related("enterprise", "made_by")
    return found.none() if viewer.role == Role.ENTERPRISE else found


def review(viewer: User, review_id: int) -> Review:
    """One of them.

    Parameters
    ----------
    viewer : User
    review_id : int

    Returns
    -------
    Review

    Raises
    ------
    NotFound
        There is none of that number in the viewer's territory.
    """
    found = reviews(viewer).filter(pk=review_id).first()
    if found is None:
        raise NotFound(_("There is no time judged again %(id)s in your territory.") % {"id": review_id})
    return found


def reviewed(viewer: User, one: Review) -> QuerySet[ReviewedFinding]:
    """In which findings at stations of the viewer's territory a review differs from what was on file.

    Parameters
    ----------
    viewer : User
    one : Review

    Returns
    -------
    QuerySet of ReviewedFinding
        Earliest first.
    """
    found = ReviewedFinding.objects.filter(review=one, finding__station__in=stations(viewer))
    return found.select_related("finding__station")


def time_of(one: Review) -> tuple[datetime, datetime]:
    """From when to before when a review goes: whole days, up to now at most.

    Parameters
    ----------
    one : Review

    Returns
    -------
    tuple of datetime
    """
    first, last = (datetime.combine(day, time(), clock.SHANGHAI) for day in (one.first_day, one.last_day))
    return first.astimezone(UTC), min((last + timedelta(days=1)).astimezone(UTC), clock.now())
