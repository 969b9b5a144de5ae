"""Verbs on what people noticed: entering it into the list of findings, settling it with its case."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.judging.events import ClueSettled
from qingyuan.judging.logic.clues import Clue, enter
from qingyuan.judging.models import Finding, FindingState, SeverityLevel
from qingyuan.judging.queries import REPORTED, clues_seen
from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, NotFound, Refused
from qingyuan.kit.log import Origin
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import Point, cells, cells_at, stations
from qingyuan_science.plugins import Text


@transaction.atomic
def report_clue(
    station_code: str,
    user: User,
    origin: Origin,
    *,
    what: str,
    span: tuple[datetime, datetime],
    severity: int = SeverityLevel.MINOR,
) -> Finding:
    """Enter what a person noticed into the list of findings.

    Parameters
    ----------
    station_code : str
        The place, in the user's territory.
    user : User
        Anybody of the authorities.
    origin : Origin
    what : str
        What was noticed.
    span : tuple of datetime
        From when to when, aware.
    severity : int
        A value of `SeverityLevel`, as the person sees it.

    Returns
    -------
    Finding
        Open, without a channel; dispatch rules take it up like any other.

    Raises
    ------
    Forbidden
        The user is of an enterprise.
    NotFound
        There is no such place in the user's territory.
    BadInput
        Nothing is told, or the time lies in the future or ends before it begins.
    """
    if user.role == Role.ENTERPRISE:
        raise Forbidden(_("Clues are reported by people of the authorities"))
    station = stations(user).filter(code=station_code).first()
    if station is None:
        raise NotFound(_("There is no station %(code)s in your territory.") % {"code": station_code})
    _check_clue(what, span)
    said = Text(what.strip(), what.strip())
    clue = Clue(Text("人员反映线索", "Clue reported by a person"), said, span, severity)
    return enter(station, clue, user, origin)


_SEEN = {
    "drive": Text("走航监测线索", "Clue of a drive"),
    "scan": Text("激光雷达线索", "Clue of a lidar"),
    "flight": Text("无人机巡检线索", "Clue of a drone patrol"),
}


@transaction.atomic
def report_seen(
    user: User,
    origin: Origin,
    *,
    at: tuple[float, float],
    what: str,
    span: tuple[datetime, datetime],
    seen: dict[str, Any],
    severity: int = SeverityLevel.MINOR,
) -> Finding:
    """Enter what a person found on a drive, in a scan of a lidar or on a patrol flight into the list of findings.

    Parameters
    ----------
    user : User
        Anybody of the authorities.
    origin : Origin
    at : tuple of float
        Longitude and latitude of the place, in the user's territory. [degree, WGS-84]
    what : str
        What was found.
    span : tuple of datetime
        From when to when, aware.
    seen : dict
        What it was found on, as JSON, kept with the finding: `by` (``drive``, ``scan`` or ``flight``), `number` of that
        row, `key` that tells one place of it from another, and the figures.
    severity : int
        A value of `SeverityLevel`, as the person sees it.

    Returns
    -------
    Finding
        Open, at a point of a grid cell; dispatch rules take it up like any other.

    Raises
    ------
    Forbidden
        The user is of an enterprise.
    NotFound
        The place lies in no cell of the user's territory.
    BadInput
        Nothing is told, or the time cannot be.
    Refused
        The same was entered before.
    """
    if user.role == Role.ENTERPRISE:
        raise Forbidden(_("Clues are reported by people of the authorities"))
    (cell,) = cells_at([at])
    if cell is None or not cells(user).filter(pk=cell.pk).exists():
        found = {"lon": at[0], "lat": at[1]}
        raise NotFound(_("The place %(lon).5f, %(lat).5f lies in no grid cell of your territory.") % found)
    _check_clue(what, span)
    before = clues_seen(seen["by"], seen["number"]).get(seen["key"])
    if before is not None:
        raise Refused(_("This was entered as finding %(id)s.") % {"id": before})
    said = Text(what.strip(), what.strip())
    clue = Clue(_SEEN[seen["by"]], said, span, severity, edition={"seen": seen})
    return enter(Point(cell, *at), clue, user, origin)


@transaction.atomic
def settle_clues(finding_ids: Iterable[int], origin: Origin = log.PLATFORM) -> int:
    """Clear what people reported when the case about it has ended; what detectors found is left to its values.

    Parameters
    ----------
    finding_ids : iterable of int
        What the case is about.
    origin : Origin

    Returns
    -------
    int
        How many were open.
    """
    rows = Finding.objects.filter(pk__in=list(finding_ids), detector=REPORTED, state=FindingState.OPEN)
    settled = list(rows.select_for_update(of=("self",)).order_by("pk"))
    for row in settled:
        row.state, row.cleared_at = FindingState.CLEARED, clock.now()
        row.save(update_fields=["state", "cleared_at"])
        log.write(ClueSettled(id=row.pk), origin)
    return len(settled)


def _check_clue(what: str, span: tuple[datetime, datetime]) -> None:
    if not what.strip():
        raise BadInput(_("Say what was noticed"), "what")
    if span[1] < span[0]:
        raise BadInput(_("Expected an end after the start"), "until")
    if span[0] > clock.now():
        raise BadInput(_("Expected a start that is not in the future"), "since")
    if span[1] > clock.now():
        raise BadInput(_("Expected an end that is not in the future"), "until")
