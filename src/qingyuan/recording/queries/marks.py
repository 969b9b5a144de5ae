"""What people marked of the data, and means that were sent other than computed here."""

from django.db.models import QuerySet

from qingyuan.people.queries import Role, User
from qingyuan.places.queries import territory_of
from qingyuan.recording.models import Disagreement, MarkedSpan

MAY_MARK = (Role.ENTERPRISE,)
MAY_WITHDRAW = (Role.ENFORCEMENT_OFFICER,)


def marks(viewer: User) -> QuerySet[MarkedSpan]:
    """What people marked of the data of stations in the viewer's territory, withdrawn ones too, newest first.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of MarkedSpan
    """
    found = MarkedSpan.objects.filter(territory_of(viewer).of_stations("station__"))
    return found.select_related("station", "marked_by", "withdrawn_by").prefetch_related("channels__station")


def disagreements(viewer: User) -> QuerySet[Disagreement]:
    """Means of stations in the viewer's territory that were sent other than computed here, newest first.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Disagreement
    """
    found = Disagreement.objects.filter(territory_of(viewer).of_stations("channel__station__"))
    return found.select_related("channel__station")
