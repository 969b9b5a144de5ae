"""Reads of people and organisations."""

from django.db.models import QuerySet

from qingyuan.people.models import Organisation, Role, User

__all__ = ["Organisation", "Role", "User", "demo_logins", "people_with_role", "person"]


def people_with_role(role: str, organisation: str | None = None) -> QuerySet[User]:
    """Active people of a role, in the order in which they were entered.

    Parameters
    ----------
    role : str
        A value of `Role`.
    organisation : str, optional
        Code of an organisation; all when left out.

    Returns
    -------
    QuerySet of User
    """
    found = User.objects.filter(is_active=True, role=role).select_related("organisation").order_by("pk")
    return found.filter(organisation__code=organisation) if organisation else found


def person(username: str) -> User | None:
    """The person of that log-in name, or None.

    Parameters
    ----------
    username : str

    Returns
    -------
    User or None
    """
    return User.objects.filter(username=username).select_related("organisation").first()


def demo_logins() -> list[tuple[str, str, str]]:
    """One log-in of each role, for the demo's first screen.

    Returns
    -------
    list of (role label, username, name)
    """
    chosen: dict[str, User] = {}
    for user in User.objects.filter(is_active=True).order_by("pk"):
        chosen.setdefault(user.role, user)
    return [(str(Role(role).label), user.username, user.name) for role, user in chosen.items()]
