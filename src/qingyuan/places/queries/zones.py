"""Reads of areas that are watched over, scoped to the viewer's territory."""

from django.db.models import QuerySet

from qingyuan.people.queries import Role, User
from qingyuan.places.models import Zone
from qingyuan.places.queries.ledger import territory_of

MAY_DRAW_ZONES = (Role.ANALYST, Role.ENFORCEMENT_OFFICER, Role.ADMINISTRATOR)


def zones(viewer: User) -> QuerySet[Zone]:
    """Areas that touch the viewer's territory.

    Parameters
    ----------
    viewer : User
        An enterprise user sees none.

    Returns
    -------
    QuerySet of Zone
    """
    if viewer.role == Role.ENTERPRISE:
        return Zone.objects.none()
    touching = Zone.objects.filter(territory_of(viewer).of_cells("cells__")).values("pk")
    return Zone.objects.filter(pk__in=touching)
