"""Reads of findings, watches and limits, scoped to the viewer's territory where a viewer is given."""

from datetime import date

from django.db.models import QuerySet

from qingyuan.judging import limits
from qingyuan.judging.models import BlindSpot, Finding, FindingState, SeverityLevel, Watch, WatchKind
from qingyuan.kit.errors import NotFound
from qingyuan.people.queries import User
from qingyuan.places.queries import territory_of
from qingyuan.sensing.queries import Channel
from qingyuan_science.detect import DETECTORS, Severity
from qingyuan_science.plugins import PluginError, Text
from qingyuan_science.standards import Limit, StandardsError
from qingyuan_science.units import UnitError

__all__ = [
    "DETECTORS",
    "BlindSpot",
    "Finding",
    "FindingState",
    "Severity",
    "SeverityLevel",
    "Watch",
    "WatchKind",
    "blind_spots",
    "detector_title",
    "finding",
    "findings",
    "limits_for_channel",
    "open_finding_count",
    "watches",
]


def findings(viewer: User) -> QuerySet[Finding]:
    """Findings at the stations of the viewer's territory, newest first.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Finding
    """
    scope = territory_of(viewer).of_stations("station__")
    return Finding.objects.filter(scope).select_related("station__cell", "station__enterprise", "channel__station")


def finding(viewer: User, finding_id: int) -> Finding:
    """One finding.

    Parameters
    ----------
    viewer : User
    finding_id : int

    Returns
    -------
    Finding

    Raises
    ------
    NotFound
        There is none of that number in the viewer's territory.
    """
    found = findings(viewer).filter(pk=finding_id).first()
    if found is None:
        raise NotFound(f"finding {finding_id}: none in the territory of {viewer.username}")
    return found


def open_finding_count(viewer: User) -> int:
    """How many findings are open in the viewer's territory, for menus.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    int
    """
    return findings(viewer).filter(state=FindingState.OPEN).count()


def limits_for_channel(channel: Channel, kind: str, on: date) -> tuple[Limit, ...]:
    """The limits to draw beside the readings of a channel.

    Parameters
    ----------
    channel : Channel
    kind : str
        Letter of the readings' kind.
    on : date
        The day of the data, in Shanghai.

    Returns
    -------
    tuple of Limit
        Those of the readings' averaging time, or where there are none those of the next longer one up to a month, in
        the channel's unit. Empty where nothing binds, or where the limits cannot be expressed in that unit.
    """
    try:
        bound = limits.nearest(limits.binding(channel, on, on), kind)
        return tuple(limit.in_unit(channel.unit) for limit in bound)
    except (StandardsError, UnitError):
        return ()


def watches() -> QuerySet[Watch]:
    """Every watch, for administrators.

    Returns
    -------
    QuerySet of Watch
    """
    return Watch.objects.select_related("station")


def blind_spots() -> QuerySet[BlindSpot]:
    """Readings that could not be judged, newest first, for administrators.

    Returns
    -------
    QuerySet of BlindSpot
    """
    return BlindSpot.objects.select_related("watch", "channel__station")


def detector_title(code: str) -> Text:
    """What people call a detector.

    Parameters
    ----------
    code : str

    Returns
    -------
    Text
        The code itself where the detector is no longer installed.
    """
    try:
        return DETECTORS.get(code).title
    except PluginError:
        return Text(code, code)
