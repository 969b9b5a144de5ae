"""Reads of rehearsals, scoped to the viewer's territory: of a rehearsal everybody sees what lies in the own one."""

from datetime import UTC, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from qingyuan.judging.models import Finding, Rehearsal, RehearsedFinding
from qingyuan.kit.clock import SHANGHAI
from qingyuan.kit.errors import NotFound
from qingyuan.people.queries import User
from qingyuan.places.queries import GridCell, territory_of


def rehearsals() -> QuerySet[Rehearsal]:
    """Every rehearsal, newest first.

    Returns
    -------
    QuerySet of Rehearsal
        Not scoped: what one found is, by `rehearsed`.
    """
    return Rehearsal.objects.select_related("cell", "made_by")


def rehearsal(rehearsal_id: int) -> Rehearsal:
    """One rehearsal.

    Parameters
    ----------
    rehearsal_id : int

    Returns
    -------
    Rehearsal

    Raises
    ------
    NotFound
        There is none, or it was deleted.
    """
    found = rehearsals().filter(pk=rehearsal_id).first()
    if found is None:
        raise NotFound(_("There is no rehearsal %(id)s.") % {"id": rehearsal_id})
    return found


def span_of(one: Rehearsal) -> tuple[datetime, datetime]:
    """From when to before when a rehearsal went.

    Parameters
    ----------
    one : Rehearsal

    Returns
    -------
    tuple of datetime
    """
    first, last = (datetime.combine(day, time(), SHANGHAI) for day in (one.first_day, one.last_day))
    return first.astimezone(UTC), (last + timedelta(days=1)).astimezone(UTC)


def rehearsed(viewer: User, one: Rehearsal) -> QuerySet[RehearsedFinding]:
    """What a rehearsal found at stations of the viewer's territory, newest first.

    Parameters
    ----------
    viewer : User
    one : Rehearsal

    Returns
    -------
    QuerySet of RehearsedFinding
        Those merged into an earlier one too.
    """
    found = RehearsedFinding.objects.filter(territory_of(viewer).of_stations("station__"), rehearsal=one)
    return found.select_related("station__cell", "station__enterprise", "channel__station", "known")


def really_found(viewer: User, one: Rehearsal) -> QuerySet[Finding]:
    """What detectors really found in the time and area of a rehearsal, in the viewer's territory.

    Parameters
    ----------
    viewer : User
    one : Rehearsal

    Returns
    -------
    QuerySet of Finding
        Without those merged into an earlier one, and without what people reported: no rule finds that. Nor what lies
        outside the territory of who rehearsed: there the rehearsal did not look.
    """
    start, end = span_of(one)
    own = territory_of(one.made_by, one.known_at and one.known_at.astimezone(SHANGHAI).date())
    found = Finding.objects.filter(
        territory_of(viewer).of_stations("station__"), own.of_stations("station__"), merged_into=None,
        channel__isnull=False, started_at__lt=end, ended_at__gt=start,
    )  # fmt: skip
    if one.cell is not None:
        found = found.filter(below(one.cell))
    return found.select_related("station__cell", "station__enterprise", "channel__station")


def missed(viewer: User, one: Rehearsal) -> QuerySet[Finding]:
    """What was really found, and by the rehearsal not.

    Parameters
    ----------
    viewer : User
    one : Rehearsal

    Returns
    -------
    QuerySet of Finding
    """
    told = RehearsedFinding.objects.filter(
        rehearsal=one, station=OuterRef("station"), cause=OuterRef("cause"), factor=OuterRef("channel__factor"),
        started_at__lt=OuterRef("ended_at"), ended_at__gt=OuterRef("started_at"),
    )  # fmt: skip
    met = RehearsedFinding.objects.filter(rehearsal=one, known__isnull=False)  # also by what is merged into it
    return really_found(viewer, one).filter(~Exists(told)).exclude(pk__in=met.values("known"))


def below(cell: GridCell, prefix: str = "station__") -> Q:
    """The stations in a cell of the grid, as a condition.

    Parameters
    ----------
    cell : GridCell
    prefix : str
        How the queryset's rows reach a station.

    Returns
    -------
    Q
    """
    return Q(**{f"{prefix}cell__path": cell.path}) | Q(**{f"{prefix}cell__path__startswith": f"{cell.path}/"})
