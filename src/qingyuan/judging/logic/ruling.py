"""Setting what is watched: watches, overrides, and rule sets taken in and given out (doors in `judging.api`)."""

import json
from datetime import date, timedelta
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from qingyuan.judging.events import OverrideEnded, OverrideSet, WatchEnded, WatchSet
from qingyuan.judging.logic import rulesets, seeing
from qingyuan.judging.models import Override, Watch
from qingyuan.judging.queries import overrides_within, watches_within
from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, NotFound
from qingyuan.kit.log import Origin
from qingyuan.people.queries import Role, User
from qingyuan.places.events import ThresholdEntered
from qingyuan.places.queries import AlarmThreshold, Enterprise, Station, sees_whole_district
from qingyuan_science.plugins import PluginError

Rule = TypeVar("Rule", Watch, Override)

MAY_SET_RULES = (Role.ANALYST, Role.ADMINISTRATOR)
ALARMS = "alarm_threshold"
ALARMED = {"realtime": "r", "minute": "m", "hour": "h", "day": "d"}


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


def check_kind(detector: str, kind: str) -> None:
    """Check that a detector is made for a kind of readings.

    Parameters
    ----------
    detector : str
        Code of a detector that is installed.
    kind : str
        A value of `WatchKind`.

    Raises
    ------
    BadInput
        It is made for other kinds; names them.
    """
    if not seeing.made_for(detector, kind):
        raise BadInput(seeing.expected_kinds(detector, kind), "kind")


def one_at_a_time() -> None:
    """Wait, up to the end of the transaction, for whoever sets rules, so that of two at once one sees all."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('judging.rules'))")


@transaction.atomic
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
    user: User | None = None,
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
    user : User, optional
        Who sets it: an analyst or an administrator; None for the platform.
    origin : Origin

    Returns
    -------
    Watch
        The same row when the same was set before.

    Raises
    ------
    BadInput
        There is no such detector, or it does not take such settings or such readings; says what it expects.
    Forbidden
        The user's role may not set rules, or not for a whole industry or everywhere.
    """
    may_set_rules(user)
    _may_reach(user, station, enterprise)
    check_settings(detector, parameters or {})
    check_kind(detector, kind)
    one_at_a_time()
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


def watch_threshold(event: ThresholdEntered) -> None:
    """Let the detector of alarm thresholds look at the kind of stations that a threshold is for (a handler).

    Where a rule looks at all of that kind already, also one that says that it is not to look, nothing is set.

    Parameters
    ----------
    event : ThresholdEntered
    """
    row = AlarmThreshold.objects.get(pk=event.paper)
    kind, since = ALARMED[row.averaging], row.valid.lower
    wide = Q(enterprise=None, station=None, industry="", factor="", station_kind__in=("", row.station_kind))
    if not Watch.objects.filter(wide, detector=ALARMS, kind=kind, valid__contains=since).exists():
        set_watch(ALARMS, kind=kind, valid_from=since, station_kind=row.station_kind)


@transaction.atomic
def end_watch(watch_id: int, last_day: date, origin: Origin = log.PLATFORM, *, user: User | None = None) -> Watch:
    """Let a watch judge data up to a day and no longer; one that ended earlier stays as it is.

    Parameters
    ----------
    watch_id : int
    last_day : date
    origin : Origin
    user : User, optional
        As for `set_watch`.

    Returns
    -------
    Watch

    Raises
    ------
    NotFound
        There is none of that number, or not for a place in the user's territory.
    Forbidden
        The user's role may not set rules.
    """
    may_set_rules(user)
    known = Watch.objects.all() if user is None else watches_within(user)
    watch = _end(known, watch_id, last_day)
    if watch is None:
        raise NotFound(_("There is no rule %(id)s.") % {"id": watch_id})
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
        The user's role may not set rules, or not for a whole industry.
    BadInput
        No such detector or setting, no reason, no place, an end before the beginning, or a day beyond all data; says
        what it expects.
    """
    may_set_rules(user)
    check_settings(detector, parameters)
    if not parameters:
        raise BadInput(_("Found no setting, expected at least one that differs"), "parameters")
    if not reason.strip():
        raise BadInput(_("Say why the settings differ"), "reason")
    if not (industry or enterprise or station):
        raise BadInput(_("Found no place, expected an industry, an enterprise or a station"), "station")
    _may_reach(user, station, enterprise)
    _check_days(days)
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


def _check_days(days: tuple[date, date]) -> None:
    if days[1] < days[0]:
        raise BadInput(_("Expected a last day that is not before the first"), "last_day")
    for day, field in zip(days, ("valid_from", "last_day"), strict=True):
        clock.check_day(day, field)


@transaction.atomic
def end_override(override_id: int, last_day: date, user: User | None = None, origin: Origin = log.PLATFORM) -> Override:
    """Let an override hold up to a day and no longer; one that ended earlier stays as it is.

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
        There is none of that number, or not for a place in the user's territory.
    Forbidden
        The user's role may not set rules.
    """
    may_set_rules(user)
    known = Override.objects.all() if user is None else overrides_within(user)
    row = _end(known, override_id, last_day)
    if row is None:
        raise NotFound(_("There is no override %(id)s.") % {"id": override_id})
    log.write(OverrideEnded(id=row.pk, last_day=last_day.isoformat()), origin)
    return row


def _end(known: QuerySet[Rule], number: int, last_day: date) -> Rule | None:
    """Have a rule hold up to a day and no longer; None where it is not among those."""
    row = known.select_related(None).select_for_update().filter(pk=number).first()
    if row is not None:
        row.valid = ended(row.valid, last_day)
        row.save(update_fields=["valid"])
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


def may_set_rules_everywhere(user: User | None) -> None:
    """Refuse who may not set what is watched in the whole district.

    Parameters
    ----------
    user : User or None
        None for the platform itself.

    Raises
    ------
    Forbidden
        The role may set no rules, or the territory is a part of the district.
    """
    may_set_rules(user)
    if user is not None and not sees_whole_district(user):
        raise Forbidden(_("Only those in charge of the whole district may set rules for an industry or everywhere"))


def _may_reach(user: User | None, station: Station | None, enterprise: Enterprise | None) -> None:
    if station is None and enterprise is None:
        may_set_rules_everywhere(user)


def ended(valid: DateRange, last_day: date) -> DateRange:
    """The days up to the last one, never more than there were; none where it lies before the first."""
    if valid.isempty:
        return valid
    end = min(last_day + timedelta(days=1), valid.upper or date.max)
    return DateRange(empty=True) if valid.lower and end <= valid.lower else DateRange(valid.lower, end)


def _named(station: Station | None, enterprise: Enterprise | None) -> dict[str, str]:
    return {"station": station.code if station else "", "enterprise": enterprise.code if enterprise else ""}


def export_rules() -> dict[str, Any]:
    """All watches and overrides as a rule set in JSON.

    Returns
    -------
    dict
        What `import_rules` and `rehearse` take.
    """
    related = ("station", "enterprise")
    return rulesets.written(Watch.objects.select_related(*related), Override.objects.select_related(*related))


@transaction.atomic
def import_rules(given: Any, origin: Origin = log.PLATFORM, *, user: User | None = None) -> int:
    """Put the rules of a rule set into force beside those that are; the same rule again changes nothing.

    Parameters
    ----------
    given : dict
        A rule set; what `json` reads from a file.
    origin : Origin
    user : User, optional
        Who puts it into force; None for the platform.

    Returns
    -------
    int
        How many rules were not there before.

    Raises
    ------
    BadInput
        It is no rule set, or names what is not known here; then nothing is changed.
    Forbidden
        The user may not set rules for the whole district.
    """
    may_set_rules_everywhere(user)
    one_at_a_time()
    ruleset = rulesets.read(given)
    there = {json.dumps(one, sort_keys=True) for part in _parts(export_rules()) for one in part}
    made: list[Watch | Override] = [*ruleset.watches, *ruleset.overrides]
    new = 0
    for one in made:
        ((told,),) = (part for part in _parts(rulesets.written(*_as_one(one))) if part)
        if json.dumps(told, sort_keys=True) in there:
            continue
        new += 1
        one.pk = None
        if isinstance(one, Override):
            one.set_at = clock.now()
            one.save()
            log.write(OverrideSet(id=one.pk, values=told), origin, one.reason)
        else:
            one.save()
            log.write(WatchSet(id=one.pk, values=told), origin)
    return new


def _parts(given: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    return given["watches"], given["overrides"]


def _as_one(rule: Watch | Override) -> tuple[list[Watch], list[Override]]:
    return ([rule], []) if isinstance(rule, Watch) else ([], [rule])
