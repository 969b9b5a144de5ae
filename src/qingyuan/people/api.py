"""Verbs on people and organisations."""

from datetime import date

from django.contrib.auth.hashers import make_password

from qingyuan.kit import log
from qingyuan.kit.log import Origin
from qingyuan.people.events import OrganisationRegistered, PersonRegistered
from qingyuan.people.models import Organisation, Presence, User

__all__ = ["note_presence", "register_organisation", "register_person"]


def note_presence(user_id: int, day: date) -> None:
    """Note that a person used the platform on a day; a second time changes nothing.

    Parameters
    ----------
    user_id : int
    day : date
        Of Shanghai.
    """
    Presence.objects.bulk_create([Presence(user_id=user_id, day=day)], ignore_conflicts=True)


def register_organisation(code: str, *, title_zh: str, title_en: str, kind: str) -> Organisation:
    """Enter an organisation, or bring its titles up to date.

    Parameters
    ----------
    code : str
    title_zh, title_en : str
    kind : str
        For example "bureau", "team", "department", "town", "enterprise".

    Returns
    -------
    Organisation
    """
    values = {"title_zh": title_zh, "title_en": title_en, "kind": kind}
    organisation, created = Organisation.objects.update_or_create(code=code, defaults=values)
    if created:
        log.write(OrganisationRegistered(id=organisation.pk, code=code))
    return organisation


def register_person(
    username: str,
    *,
    name_zh: str,
    name_en: str,
    role: str,
    organisation: Organisation,
    password: str | None = None,
    encoded_password: str = "",
    origin: Origin = log.PLATFORM,
) -> User:
    """Enter a person with a log-in; an existing one keeps the password.

    Parameters
    ----------
    username : str
    name_zh, name_en : str
    role : str
        A value of `Role`.
    organisation : Organisation
    password : str, optional
        Without one the person cannot log in yet.
    encoded_password : str
        A password that is hashed already, in place of `password`.
    origin : Origin

    Returns
    -------
    User
    """
    user = User.objects.filter(username=username).first()
    if user is None:
        user = User(username=username)
        user.password = encoded_password or make_password(password)
    user.name_zh, user.name_en, user.role, user.organisation = name_zh, name_en, role, organisation
    user.is_staff = user.is_superuser = role == "administrator"
    created = user.pk is None
    user.save()
    if created:
        log.write(PersonRegistered(id=user.pk, username=username, role=role), origin)
    return user
