"""Verbs on findings: judging what was stored, dismissing, running a judgement again, setting what is watched."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from qingyuan.judging.events import FindingDismissed, OverrideEnded, OverrideSet, WatchEnded, WatchSet
from qingyuan.judging.logic import judging, seeing, watching
from qingyuan.judging.logic.episodes import see
from qingyuan.judging.logic.passes import passes
from qingyuan.judging.logic.surroundings import fetch
from qingyuan.judging.logic.watching import Look
from qingyuan.judging.models import Finding, FindingState, Override, Watch
from qingyuan.judging.queries import finding
from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, NotFound, Refused
from qingyuan.kit.log import Origin
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import Enterprise, Station
from qingyuan.recording.events import ReadingsChanged
from qingyuan.sensing.queries import Channel
from qingyuan_science import detect
from qingyuan_science.plugins import PluginError
from qingyuan_science.series import microseconds

__all__ = [
    "check_settings",
    "dismiss",
    "end_override",
    "end_watch",
    "judge_readings",
    "judge_span",
    "may_set_rules",
    "rerun",
    "set_override",
    "set_watch",
]

MONTH = timedelta(days=30)
MAY_DISMISS = (Role.DUTY_OFFICER, Role.ANALYST)
MAY_SET_RULES = (Role.ANALYST, Role.ADMINISTRATOR)


@transaction.atomic
def judge_readings(event: ReadingsChanged) -> None:
    """Let every watch that wants the new readings look at them (a handler of the loop).

    Parameters
    ----------
    event : ReadingsAppended, HoursComputed, DataMarked or MarkWithdrawn

    Notes
    -----
    Readings are judged by the limits in force on their own day and known now. Doing it twice changes nothing. What
    cannot be judged (an unknown standard, a unit that no limit converts to) is counted as a blind spot, so that one
    wrong setting does not stop the judging of everything else. Everything is looked at before anything is written, so
    that findings are locked for a short time only.
    """
    judging.judge(list(watching.looks(event.spans)))


def judge_span(start: datetime, end: datetime, channel_ids: Iterable[int] | None = None) -> int:
    """Judge stored readings of a time that has passed, as if they came now; a month at a time.

    Parameters
    ----------
    start, end : datetime
        Aware; `start` belongs to the span, `end` does not.
    channel_ids : iterable of int, optional
        All channels when left out.

    Returns
    -------
    int
        How many looks were taken.

    Raises
    ------
    BadInput
        The span ends before it begins.

    Notes
    -----
    Rules and limits are those of the day of the data. It leaves the findings that judging batch by batch would have
    left, and doing it twice changes nothing.
    """
    if end <= start:
        raise BadInput(_("Expected an end after the start"), "end")
    chosen = list(channel_ids) if channel_ids is not None else list(Channel.objects.values_list("pk", flat=True))
    taken = 0
    while start < end:
        until = min(start + MONTH, end)
        with transaction.atomic():
            looks = list(watching.over(chosen, start, until))
            judging.judge(looks)
        taken, start = taken + len(looks), until
    return taken


@transaction.atomic
def dismiss(finding_id: int, user: User, why: str, origin: Origin) -> Finding:
    """Decide that a finding means nothing.

    Parameters
    ----------
    finding_id : int
    user : User
        A duty officer or an analyst.
    why : str
        The reason; it cannot be left out.
    origin : Origin

    Returns
    -------
    Finding
        Dismissed; while the same values last, no other finding is opened for them.

    Raises
    ------
    NotFound
        None of that number in the user's territory.
    Forbidden
        The user's role may not dismiss.
    BadInput
        No reason is given.
    Refused
        It is dismissed already.
    """
    row = Finding.objects.select_for_update().get(pk=finding(user, finding_id).pk)
    if user.role not in MAY_DISMISS:
        roles = ", ".join(str(role.label) for role in MAY_DISMISS)
        raise Forbidden(_("Only these roles may dismiss a finding: %(roles)s") % {"roles": roles})
    if not why.strip():
        raise BadInput(_("Say why the finding means nothing"), "why")
    if row.state == FindingState.DISMISSED:
        raise Refused(_("The finding is dismissed already"))
    row.state, row.dismissed_at, row.dismissed_by, row.dismissed_why = (
        FindingState.DISMISSED, clock.now(), user, why.strip(),
    )  # fmt: skip
    row.save(update_fields=["state", "dismissed_at", "dismissed_by", "dismissed_why"])
    log.write(FindingDismissed(id=row.pk, detector=row.detector), origin, why.strip())
    return row


def rerun(finding_id: int) -> tuple[detect.Finding, ...]:
    """Run the detector again as it ran when the finding last changed.

    Parameters
    ----------
    finding_id : int

    Returns
    -------
    tuple of qingyuan_science.detect.Finding
        What it says about the finding's time with the settings of then and the standards known then, over the readings
        as they stand now; empty if they no longer show anything.
    """
    row = Finding.objects.select_related("channel__station__enterprise").get(pk=finding_id)
    if row.channel is None:
        return ()
    known_at = datetime.fromisoformat(row.edition["known_at"])
    look = Look(row.detector, row.kind, row.parameters, row.channel, row.started_at, row.ended_at, row.started_at)
    found: list[detect.Finding] = []
    for one in passes(look, whole=True):
        seen = see(one, fetch([one]), known_at)
        found += [run for episode in seen.episodes for run in episode.runs]
    return tuple(
        run for run in found if run.start < microseconds(row.ended_at) and run.end > microseconds(row.started_at)
    )


def check_settings(detector: str, parameters: dict[str, Any]) -> None:
    """Check settings against what a detector declares.

    Parameters
    ----------
    detector : str
        Code of a detector.
    parameters : dict

    Raises
    ------
    BadInput
        There is no such detector, or it does not take such settings; says what it expects.
    """
    try:
        seeing.detector(detector, parameters)
    except PluginError as error:
        raise BadInput(str(error), "parameters") from error


def set_watch(
    detector: str,
    *,
    kind: str,
    valid_from: date,
    station_kind: str = "",
    industry: str = "",
    enterprise: Enterprise | None = None,
    station: Station | None = None,
    factor: str = "",
    parameters: dict[str, Any] | None = None,
    enabled: bool = True,
    origin: Origin = log.PLATFORM,
) -> Watch:
    """Let a detector look at channels from a day on.

    Parameters
    ----------
    detector : str
        Code of a detector.
    kind : str
        A value of `WatchKind`.
    valid_from : date
        First day of the data to be judged.
    station_kind : str
        A value of `StationKind`; every kind when left out.
    industry : str
        Code of an industry, or its beginning; every one when left out.
    enterprise : Enterprise, optional
        One enterprise only.
    station : Station, optional
        One station only.
    factor : str
        Code of a factor; every one with a limit when left out.
    parameters : dict, optional
        Settings of the detector; its defaults when left out.
    enabled : bool
        False says that the detector does not look there, whatever wider rules say.
    origin : Origin

    Returns
    -------
    Watch
        The same row when the same was set before.

    Raises
    ------
    BadInput
        There is no such detector, or it does not take such settings; says what it expects.
    """
    check_settings(detector, parameters or {})
    conditions: dict[str, Any] = {
        "detector": detector, "kind": kind, "station_kind": station_kind, "industry": industry,
        "enterprise": enterprise, "station": station, "factor": factor, "enabled": enabled,
    }  # fmt: skip
    settings = {"parameters": parameters or {}, "valid": DateRange(valid_from, None)}
    watch, created = Watch.objects.get_or_create(defaults={}, **conditions, **settings)
    if created:
        values = {**conditions, **_named(station, enterprise), "parameters": parameters or {}}
        log.write(WatchSet(id=watch.pk, values={**values, "valid_from": valid_from.isoformat()}), origin)
    return watch


def end_watch(watch_id: int, last_day: date, origin: Origin = log.PLATFORM) -> Watch:
    """Let a watch judge data up to a day and no longer.

    Parameters
    ----------
    watch_id : int
    last_day : date
    origin : Origin

    Returns
    -------
    Watch
    """
    watch = Watch.objects.get(pk=watch_id)
    watch.valid = _ended(watch.valid, last_day)
    watch.save(update_fields=["valid"])
    log.write(WatchEnded(id=watch.pk, last_day=last_day.isoformat()), origin)
    return watch


@transaction.atomic
def set_override(
    detector: str,
    *,
    parameters: dict[str, Any],
    reason: str,
    days: tuple[date, date],
    user: User | None = None,
    station_kind: str = "",
    industry: str = "",
    enterprise: Enterprise | None = None,
    station: Station | None = None,
    factor: str = "",
    origin: Origin = log.PLATFORM,
) -> Override:
    """Let some settings of a detector differ at a place for a time.

    Parameters
    ----------
    detector : str
        Code of a detector.
    parameters : dict
        The settings that differ.
    reason : str
        Why; it cannot be left out.
    days : tuple of date
        First and last day of the data, both included.
    user : User, optional
        Who sets it: an analyst or an administrator; None for the platform.
    station_kind, industry, enterprise, station, factor
        As for `set_watch`; at least one of industry, enterprise and station.
    origin : Origin

    Returns
    -------
    Override

    Raises
    ------
    Forbidden
        The user's role may not set rules.
    BadInput
        No such detector or setting, no reason, no place, or an end before the beginning; says what it expects.
    """
    may_set_rules(user)
    check_settings(detector, parameters)
    if not parameters:
        raise BadInput(_("Found no setting, expected at least one that differs"), "parameters")
    if not reason.strip():
        raise BadInput(_("Say why the settings differ"), "reason")
    if not (industry or enterprise or station):
        raise BadInput(_("Found no place, expected an industry, an enterprise or a station"), "station")
    if days[1] < days[0]:
        raise BadInput(_("Expected a last day that is not before the first"), "last_day")
    place: dict[str, Any] = {
        "station_kind": station_kind, "industry": industry, "enterprise": enterprise, "station": station,
        "factor": factor,
    }  # fmt: skip
    row = Override.objects.create(
        detector=detector, parameters=parameters, reason=reason.strip(), set_by=user, set_at=clock.now(),
        valid=DateRange(days[0], days[1] + timedelta(days=1)), **place,
    )  # fmt: skip
    values = {**place, **_named(station, enterprise), "detector": detector, "parameters": parameters}
    first, last = (day.isoformat() for day in days)
    log.write(OverrideSet(id=row.pk, values={**values, "valid_from": first, "last_day": last}), origin, row.reason)
    return row


@transaction.atomic
def end_override(override_id: int, last_day: date, user: User | None = None, origin: Origin = log.PLATFORM) -> Override:
    """Let an override hold up to a day and no longer.

    Parameters
    ----------
    override_id : int
    last_day : date
    user : User, optional
        As for `set_override`.
    origin : Origin

    Returns
    -------
    Override

    Raises
    ------
    NotFound
        There is none of that number.
    Forbidden
        The user's role may not set rules.
    """
    may_set_rules(user)
    row = Override.objects.select_for_update().filter(pk=override_id).first()
    if row is None:
        raise NotFound(_("There is no override %(id)s.") % {"id": override_id})
    row.valid = _ended(row.valid, last_day)
    row.save(update_fields=["valid"])
    log.write(OverrideEnded(id=row.pk, last_day=last_day.isoformat()), origin)
    return row


def may_set_rules(user: User | None) -> None:
    """Refuse who may not set what is watched.

    Parameters
    ----------
    user : User or None
        None for the platform itself.

    Raises
    ------
    Forbidden
        The role is another; says which roles may.
    """
    if user is not None and user.role not in MAY_SET_RULES:
        roles = ", ".join(str(role.label) for role in MAY_SET_RULES)
        raise Forbidden(_("Only these roles may set rules: %(roles)s") % {"roles": roles})


def _ended(valid: DateRange, last_day: date) -> DateRange:
    """The days up to the last one; none where it lies before the first."""
    end = last_day + timedelta(days=1)
    return DateRange(valid.lower, max(end, valid.lower) if valid.lower else end)


def _named(station: Station | None, enterprise: Enterprise | None) -> dict[str, str]:
    return {"station": station.code if station else "", "enterprise": enterprise.code if enterprise else ""}
