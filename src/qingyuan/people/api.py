"""Verbs on people and organisations."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import replace
from datetime import date, time
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, NotFound, SealedOtherwise
from qingyuan.kit.log import Origin
from qingyuan.people import reaching
from qingyuan.people.events import (
    ContactKept,
    ContactRemoved,
    OrganisationRegistered,
    PersonRegistered,
    ProgramTokenIssued,
    ProgramTokenWithdrawn,
)
from qingyuan.people.models import Contact, Occasion, Organisation, Presence, ProgramToken, Role, User
from qingyuan.people.queries import contact

__all__ = [
    "TOKEN_BEGINS",
    "change_contact",
    "enter_contact",
    "get_ready_to_send",
    "issue_program_token",
    "note_presence",
    "reader_by_token",
    "register_organisation",
    "register_person",
    "remove_contact",
    "send_to",
    "withdraw_program_token",
]

MOST_TOKENS = 10  # of a person
TOKEN_BEGINS = "read."  # noqa: S105 so that it is told from that of a sender


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


@transaction.atomic
def enter_contact(of: User, address: str, by: User, origin: Origin, **wishes: Any) -> Contact:
    """Enter an address at which a person is reached.

    Parameters
    ----------
    of : User
        Whom it reaches.
    address : str
        Of a chat robot, an e-mail address, or whatever apprise understands.
    by : User
        The person, or an administrator.
    origin : Origin
    **wishes
        As for `change_contact`.

    Returns
    -------
    Contact

    Raises
    ------
    Forbidden
        Somebody else's, and the user is no administrator.
    BadInput
        Says what was found and expected: it is no address, or of a kind that only an administrator may enter.
    """
    if by.pk != of.pk and by.role != Role.ADMINISTRATOR:
        raise Forbidden(_("Addresses are entered by the person or by an administrator"))
    read = reaching.read(address, by_administrator=by.role == Role.ADMINISTRATOR)
    values = _checked(**wishes)
    made = Contact.objects.create(user=of, address=read.text, service=read.service, shown=read.shown, **values)
    _tell_kept(made, replace(origin, actor=by.username))
    return made


@transaction.atomic
def change_contact(contact_id: int, by: User, origin: Origin, **wishes: Any) -> Contact:
    """Change of what an address is told, or switch it off and on.

    Parameters
    ----------
    contact_id : int
    by : User
        The person, or an administrator.
    origin : Origin
    **wishes
        occasions : collection of values of `Occasion`; severity_from : int, the least severity of a finding;
        language : str; quiet_from, quiet_to : time of Shanghai or None; enabled : bool. What is left out stays.

    Returns
    -------
    Contact

    Raises
    ------
    NotFound
        There is no such address, or not of this person.
    BadInput
        An occasion is not known, or quiet hours have one end only.
    """
    kept = contact(by, contact_id)
    names = ("occasions", "severity_from", "language", "quiet_from", "quiet_to", "enabled")
    values = _checked(**{name: getattr(kept, name) for name in names} | wishes)
    for name, value in values.items():
        setattr(kept, name, value)
    kept.save(update_fields=list(values))
    _tell_kept(kept, replace(origin, actor=by.username))
    return kept


@transaction.atomic
def remove_contact(contact_id: int, by: User, origin: Origin) -> None:
    """Forget an address.

    Parameters
    ----------
    contact_id : int
    by : User
        The person, or an administrator.
    origin : Origin

    Raises
    ------
    NotFound
        There is no such address, or not of this person.
    """
    gone = contact(by, contact_id)
    fact = ContactRemoved(id=gone.pk, username=gone.user.username)
    gone.delete()
    log.write(fact, replace(origin, actor=by.username))


def get_ready_to_send() -> None:
    """Load what speaks with messaging services, so that the first message does not wait seconds for it."""
    reaching.get_ready()


def send_to(contact_id: int | None, title: str, body: str) -> str:
    """Hand a message to the service behind an address; waits for its answer, some 15 s at most.

    Parameters
    ----------
    contact_id : int or None
    title, body : str

    Returns
    -------
    str
        Why it could not be sent, for `queries.reason_in_words`; empty when the service took it.
    """
    try:
        to = Contact.objects.filter(pk__in=[contact_id], enabled=True, user__is_active=True).first()
    except SealedOtherwise:
        return reaching.SEALED
    return reaching.send(to.address, title, body) if to else reaching.OFF


def _checked(
    *,
    occasions: Collection[str] = (Occasion.TASK_GIVEN, Occasion.DUE_SOON, Occasion.OVERDUE),
    severity_from: int = 3,
    language: str = "zh-hans",
    quiet_from: time | None = None,
    quiet_to: time | None = None,
    enabled: bool = True,
) -> dict[str, Any]:
    unknown = set(occasions) - set(Occasion.values)
    if unknown:
        words = {"found": ", ".join(sorted(unknown)), "known": ", ".join(Occasion.values)}
        raise BadInput(_("Found %(found)s, expected one of: %(known)s") % words, "occasions")
    if (quiet_from is None) != (quiet_to is None):
        raise BadInput(_("Quiet hours need a beginning and an end"), "quiet_to")
    return {
        "occasions": sorted(occasions), "severity_from": severity_from, "language": language,
        "quiet_from": quiet_from, "quiet_to": quiet_to, "enabled": enabled,
    }  # fmt: skip


def _tell_kept(kept: Contact, origin: Origin) -> None:
    values = {"service": kept.shown, "occasions": kept.occasions, "enabled": kept.enabled}
    log.write(ContactKept(id=kept.pk, username=kept.user.username, values=values), origin)


def issue_program_token(user: User, title: str, origin: Origin) -> str:
    """Let a program read what a person may see.

    Parameters
    ----------
    user : User
    title : str
        For what it is.
    origin : Origin

    Returns
    -------
    str
        The token. It is shown once: only its hash is kept.

    Raises
    ------
    BadInput
        It is not said for what, or the person has too many.
    """
    if not title.strip():
        raise BadInput(_("Say for which program the token is."), "title")
    if ProgramToken.objects.filter(user=user, ended_at=None).count() >= MOST_TOKENS:
        raise BadInput(_("Found %(count)d tokens already: withdraw one first.") % {"count": MOST_TOKENS}, "title")
    token = TOKEN_BEGINS + secrets.token_urlsafe(32)
    with transaction.atomic():
        row = ProgramToken.objects.create(
            user=user, title=title.strip()[:80], token_hash=_hash(token), made_at=clock.now()
        )
        log.write(ProgramTokenIssued(id=row.pk, username=user.username, title=row.title), origin)
    return token


@transaction.atomic
def withdraw_program_token(user: User, number: int, origin: Origin) -> None:
    """Let a token open nothing any more.

    Parameters
    ----------
    user : User
        Whose it is.
    number : int
    origin : Origin

    Raises
    ------
    NotFound
        The person has no such token.
    """
    row = ProgramToken.objects.select_for_update().filter(user=user, pk=number, ended_at=None).first()
    if row is None:
        raise NotFound(_("There is no such token of yours."))
    row.ended_at = clock.now()
    row.save(update_fields=["ended_at"])
    log.write(ProgramTokenWithdrawn(id=row.pk, username=user.username, title=row.title), origin)


def reader_by_token(token: str) -> User:
    """The person whose program reads with a token.

    Parameters
    ----------
    token : str

    Returns
    -------
    User

    Raises
    ------
    Forbidden
        It is no token that holds, or its person may not log in any more.
    """
    row = ProgramToken.objects.filter(token_hash=_hash(token), ended_at=None).select_related("user").first()
    if row is None or not row.user.is_active:
        raise Forbidden("found a token that opens nothing, expected one that a person issued and has not withdrawn")
    today = clock.now().astimezone(clock.SHANGHAI).date()
    if row.used_on != today:
        ProgramToken.objects.filter(pk=row.pk).update(used_on=today)
    return row.user


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
