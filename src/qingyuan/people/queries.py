"""Reads of people and organisations."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext as _

from qingyuan.kit.errors import NotFound
from qingyuan.people import reaching
from qingyuan.people.models import Contact, Occasion, Organisation, Presence, ProgramToken, Role, User
from qingyuan.people.reaching import OFF, SEALED, STOPPED

__all__ = [
    "ENTERPRISES",
    "HOPELESS",
    "STOPPED",
    "Contact",
    "Departments",
    "Occasion",
    "Organisation",
    "ProgramToken",
    "Role",
    "Use",
    "UseOfGroup",
    "User",
    "contact",
    "contacts_for",
    "demo_logins",
    "departments",
    "people_to_reach",
    "people_with_role",
    "person",
    "reason_in_words",
    "use_of_platform",
]

HOPELESS = {OFF, SEALED}  # reasons for which trying again is of no use
WEEK = timedelta(days=7)
ENTERPRISES = 0  # stands for all enterprises together where the departments of an authority are listed
_ENTERPRISE, _BUREAU = "enterprise", "bureau"  # kinds of organisations


@dataclass(frozen=True)
class UseOfGroup:
    """How the people of a role or an organisation use the platform: how many there are, and were here lately [1]."""

    group: str
    people: int
    on_the_day: int
    in_a_week: int
    in_the_span: int
    never: int


@dataclass(frozen=True)
class Use:
    """How the platform is used: people a day [1], and by role and organisation."""

    daily: tuple[tuple[date, int], ...]
    whole: UseOfGroup
    by_role: tuple[UseOfGroup, ...]
    by_organisation: tuple[UseOfGroup, ...]


@dataclass(frozen=True)
class Departments:
    """The organisations of the authority; enterprises count together, and what nobody names is the bureau's own."""

    known: tuple[Organisation, ...]

    @property
    def bureau(self) -> int | None:
        """Number of the bureau itself, the first entered of that kind; None where there is none."""
        return min((one.pk for one in self.known if one.kind == _BUREAU), default=None)

    def counts_as(self, organisation_id: int | None, *, of_enterprise: bool = False) -> int | None:
        """Under which department something counts.

        Parameters
        ----------
        organisation_id : int or None
            Whose it is; None where nobody said.
        of_enterprise : bool
            Whether it then is an enterprise's.

        Returns
        -------
        int or None
            Number of an organisation, or `ENTERPRISES`; None where there is not even a bureau.
        """
        if any(one.pk == organisation_id for one in self.known):
            return organisation_id
        return ENTERPRISES if of_enterprise or organisation_id is not None else self.bureau


def departments() -> Departments:
    """The organisations of the authority: its bureau, teams, departments and town offices.

    Returns
    -------
    Departments
        By code; read by one query.
    """
    return Departments(tuple(Organisation.objects.exclude(kind=_ENTERPRISE).order_by("code")))


def use_of_platform(day: date, days: int = 30) -> Use:
    """Count who used the platform in the days up to one.

    Parameters
    ----------
    day : date
        The last day, of Shanghai.
    days : int
        How many days, that one included. [d]

    Returns
    -------
    Use
        Of the people who may log in now; the most numerous group first. A week is the last seven days.
    """
    first = day - timedelta(days=days - 1)
    seen: Counter[date] = Counter(
        Presence.objects.filter(day__range=(first, day), user__is_active=True).values_list("day", flat=True)
    )
    last = dict(Presence.objects.filter(day__lte=day).values_list("user").annotate(Max("day")))
    here = [
        (user, last.get(user.pk, date.min))
        for user in User.objects.filter(is_active=True).select_related("organisation")
    ]
    return Use(
        daily=tuple((first + timedelta(days=n), seen[first + timedelta(days=n)]) for n in range(days)),
        whole=_counted("", [at for _user, at in here], day, first),
        by_role=_parted(((user.role, at) for user, at in here), day, first),
        by_organisation=_parted(
            ((user.organisation.title if user.organisation else "", at) for user, at in here), day, first
        ),
    )


def _parted(last: Iterable[tuple[str, date]], day: date, first: date) -> tuple[UseOfGroup, ...]:
    groups: dict[str, list[date]] = defaultdict(list)
    for group, at in last:
        groups[group].append(at)
    counted = [_counted(group, several, day, first) for group, several in sorted(groups.items())]
    return tuple(sorted(counted, key=lambda one: -one.people))


def _counted(group: str, last: Sequence[date], day: date, first: date) -> UseOfGroup:
    """Of the people's last days, how many lie in each span; the earliest of all days stands for never."""
    return UseOfGroup(
        group,
        people=len(last),
        on_the_day=sum(at == day for at in last),
        in_a_week=sum(at > day - WEEK for at in last),
        in_the_span=sum(at >= first for at in last),
        never=sum(at == date.min for at in last),
    )


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


def contact(viewer: User, contact_id: int) -> Contact:
    """An address of the viewer, or of anybody for an administrator.

    Parameters
    ----------
    viewer : User
    contact_id : int

    Returns
    -------
    Contact

    Raises
    ------
    NotFound
        There is none of that number, or not for this viewer.
    """
    found = Contact.objects.select_related("user").filter(pk=contact_id)
    if viewer.role != Role.ADMINISTRATOR:
        found = found.filter(user=viewer)
    one = found.first()
    if one is None:
        raise NotFound(_("There is no address %(id)s of yours.") % {"id": contact_id})
    return one


def contacts_for(people: Iterable[User], occasion: str) -> QuerySet[Contact]:
    """Addresses that are switched on, of people who want to hear of an occasion.

    Parameters
    ----------
    people : iterable of User
    occasion : str
        A value of `Occasion`.

    Returns
    -------
    QuerySet of Contact
        With their people.
    """
    found = Contact.objects.filter(user__in=people, user__is_active=True, enabled=True, occasions__contains=[occasion])
    return found.select_related("user")


def people_to_reach() -> QuerySet[User]:
    """Active people of the authority, each with how many addresses are switched on, as `reached_at`.

    Returns
    -------
    QuerySet of User
        Those without an address first.
    """
    found = User.objects.filter(is_active=True).exclude(role=Role.ENTERPRISE).select_related("organisation")
    counted = found.annotate(reached_at=Count("contacts", filter=Q(contacts__enabled=True)))
    return counted.order_by("reached_at", "role", "pk")


def reason_in_words(reason: str) -> str:
    """Why a message could not be sent.

    Parameters
    ----------
    reason : str
        What `api.send_to` answered.

    Returns
    -------
    str
    """
    return reaching.in_words(reason)


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


def program_tokens_of(user: User) -> QuerySet[ProgramToken]:
    """The tokens that a person's programs read with and that hold, oldest first.

    Parameters
    ----------
    user : User

    Returns
    -------
    QuerySet of ProgramToken
    """
    return ProgramToken.objects.filter(user=user, ended_at=None)
