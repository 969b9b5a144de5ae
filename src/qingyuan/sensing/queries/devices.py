"""Reads of devices, channels, dialects, and what devices were asked and told."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Exists, Model, OuterRef, QuerySet

from qingyuan.kit.queries import lines, lines_since
from qingyuan.kit.turns import Question
from qingyuan.people.queries import User
from qingyuan.places.queries import Station, territory_of, with_territory
from qingyuan.sensing.events import DeviceRegistered, PartsMissing
from qingyuan.sensing.models import (
    ENDED,
    Channel,
    Command,
    Device,
    DeviceReport,
    DeviceState,
    DialectProfile,
    Silence,
)
from qingyuan_science.hj212 import Dialect, Keys, read_key, requests_in
from qingyuan_science.hj212.reports import StandardCheck
from qingyuan_science.hj212.requests import RequestKind
from qingyuan_science.series import moment

MEDIUM = {
    "outlet-water": "water",
    "surface-water": "water",
    "outlet-gas": "air_emission",
    "ambient-air": "ambient_air",
    "power-meter": "electricity",
    "working-state": "process",
    "weather": "ambient_air",
    "dust-site": "ambient_air",
    "fume": "air_emission",
    "noise": "noise",
    "traffic": "traffic",
    "vehicle": "ambient_air",
    "drone": "ambient_air",
    "lidar": "ambient_air",
}


"""The medium in whose terms a kind of station speaks of factors."""

SYSTEM_OF_KIND = {
    "outlet-water": "32",
    "outlet-gas": "31",
    "surface-water": "21",
    "ambient-air": "22",
    "weather": "22",
    "noise": "23",
    "dust-site": "39",
    "fume": "31",
    "power-meter": "44",
    "working-state": "45",
}
"""The system code (ST) by which a kind of station speaks."""


RETAINING = ("retain-over-limit", "retain-sample")
"""Codes of the requests to retain a sample, of the editions of 2017 and 2025."""


KEY_HOLDS = timedelta(days=90)
"""How long a device of 2025 uses one key. HJ 212-2025 (second-hand)."""


_KEY_NAMED = re.compile("(^|, )key(,|$)")  # among what a person, or a command, changed of a device


def channels(viewer: User) -> QuerySet[Channel]:
    """Channels of the stations in the viewer's territory.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Channel
    """
    return Channel.objects.filter(territory_of(viewer).of_stations("station__")).select_related("station")


def channel_named(viewer: User, station: str, factor: str, basis: str) -> Channel | None:
    """The channel of a station by its code, if the viewer may see it; by one turn to the database.

    Parameters
    ----------
    viewer : User
    station : str
        Code of the station.
    factor, basis : str

    Returns
    -------
    Channel or None
        One of `channels`, with its station.
    """

    def _read(cursor: Any) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row

    territory, row = with_territory(viewer, Question(_named(), [station, factor, basis], _read))
    if row is None or not territory.covers(*row[:2]):
        return None
    own, its = _columns(Channel), _columns(Station)
    found = Channel.from_db(connection.alias, own, row[2 : 2 + len(own)])
    found.station = Station.from_db(connection.alias, its, row[2 + len(own) :])
    return found


@cache
def _named() -> str:
    """Put together once: every chart asks for it."""
    own, its = (
        [f'{name}."{column}"' for column in _columns(model)] for name, model in (("c", Channel), ("s", Station))
    )
    return (
        f"SELECT g.path, e.organisation_id, {', '.join((*own, *its))} FROM sensing_channel c"  # noqa: S608 our own names
        " JOIN places_station s ON s.id = c.station_id JOIN places_gridcell g ON g.id = s.cell_id"
        " LEFT JOIN places_enterprise e ON e.id = s.enterprise_id"
        " WHERE s.code = %s AND c.factor = %s AND c.basis = %s"
    )


def _columns(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def units_of(channel_ids: Iterable[int]) -> dict[int, str]:
    """The units in which channels are kept.

    Parameters
    ----------
    channel_ids : iterable of int

    Returns
    -------
    dict of int to str
        Channels that do not exist are left out.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, unit FROM sensing_channel WHERE id = ANY(%s)", [list(channel_ids)])
        return dict(cursor.fetchall())


def devices(viewer: User) -> QuerySet[Device]:
    """Registered devices of the stations in the viewer's territory.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Device
    """
    return Device.objects.filter(territory_of(viewer).of_stations("station__")).select_related("station", "dialect")


def dialect_of(profile: DialectProfile) -> Dialect:
    """How a sender of that profile speaks, as the codec takes it.

    Parameters
    ----------
    profile : DialectProfile

    Returns
    -------
    qingyuan_science.hj212.Dialect
    """
    return dialect_from(profile.code, profile.settings)


def dialect_from(code: str, settings: Mapping[str, Any]) -> Dialect:
    """A dialect out of the settings of a profile, as its row or the log holds them.

    Parameters
    ----------
    code : str
    settings : mapping of str to object

    Returns
    -------
    qingyuan_science.hj212.Dialect
    """
    told = dict(settings)
    if "encodings" in told:
        told["encodings"] = tuple(told["encodings"])
    return Dialect(code, **told)


def keys_of(device: Device | None) -> Keys:
    """The SM4 keys of a device, as the codec asks for them.

    Parameters
    ----------
    device : Device or None

    Returns
    -------
    callable
        From any MN to the device's key, and after it those that it had before: old packets are read by them. To none
        where it never had one.
    """
    told = [device.key, *device.former_keys.split("\n")] if device is not None else []
    keys = tuple(read_key(key) for key in told if key)
    return lambda mn: keys


def keys_changed(devices: Collection[Device] | None = None, since: datetime | None = None) -> dict[int, datetime]:
    """When the SM4 keys of devices were entered or changed last, as far as the log tells it.

    Parameters
    ----------
    devices : collection of Device, optional
        Of any when left out.
    since : datetime, optional
        Only changes from then on.

    Returns
    -------
    dict of int to datetime
        By number of the device; one whose key came by another way has no entry.
    """
    acts = (DeviceRegistered.__name__,)
    wanted = None if devices is None else {f"device/{one.pk}" for one in devices}
    if since is not None:
        told = [(line.subject, line.at) for line in lines_since(since, acts=acts) if _KEY_NAMED.search(line.why)]
    else:
        named = lines(acts=acts).filter(why__regex=_KEY_NAMED.pattern)
        named = named if wanted is None else named.filter(subject__in=wanted)
        told = list(named.values_list("subject", "at"))
    found: dict[int, datetime] = {}
    for subject, at in told:
        number = int(subject.partition("/")[2])
        if wanted is None or subject in wanted:
            found[number] = max(at, found.get(number, at))
    return found


def keys_too_old(devices: Collection[Device], now: datetime) -> dict[int, datetime]:
    """Devices of 2025 whose key is older than the edition wants, by number, and since when each has it.

    Parameters
    ----------
    devices : collection of Device
        With their dialects.
    now : datetime

    Returns
    -------
    dict of int to datetime
        None of those of which it is not known since when they have their key.

    Source
    ------
    HJ 212-2025: a new key every 90 days (second-hand).
    """
    keyed = [one for one in devices if one.key and dialect_of(one.dialect).cipher != "none"]
    changed = keys_changed(keyed) if keyed else {}
    return {number: at for number, at in changed.items() if now - at > KEY_HOLDS}


def quarantined() -> QuerySet[Device]:
    """Devices that sent packets but belong to no station yet, newest first; for administrators.

    Returns
    -------
    QuerySet of Device
    """
    return Device.objects.filter(state=DeviceState.QUARANTINED).order_by("-last_seen_at")


def commands_of(device: Device) -> QuerySet[Command]:
    """What was asked of a device, newest first.

    Parameters
    ----------
    device : Device

    Returns
    -------
    QuerySet of Command
    """
    return Command.objects.filter(device=device).order_by("-pk")


def requests_for(device: Device) -> tuple[RequestKind, ...]:
    """What can be asked of a device, by the edition that it speaks.

    Parameters
    ----------
    device : Device

    Returns
    -------
    tuple of qingyuan_science.hj212.RequestKind
    """
    return requests_in(dialect_of(device.dialect).edition)


def retaining_request(profile: DialectProfile) -> str | None:
    """How a device of that profile is asked to retain a sample.

    Parameters
    ----------
    profile : DialectProfile

    Returns
    -------
    str or None
        Code of a row of `qingyuan_science.hj212.REQUESTS`; None where its edition has no such request.

    Source
    ------
    HJ 212-2017, 3015; HJ 212-2025, 3022.
    """
    known = {kind.code for kind in requests_in(dialect_of(profile).edition)}
    return next((code for code in RETAINING if code in known), None)


def reports_of(device: Device) -> QuerySet[DeviceReport]:
    """What a device told of itself that is no reading, newest first.

    Parameters
    ----------
    device : Device

    Returns
    -------
    QuerySet of DeviceReport
    """
    return DeviceReport.objects.filter(device=device)


def standard_checks(station: Station, since: datetime) -> list[tuple[str, datetime, bool]]:
    """The checks against a standard sample that devices of a station reported with an outcome, oldest first.

    Parameters
    ----------
    station : Station
    since : datetime
        Aware; the first instant looked at.

    Returns
    -------
    list of tuple of str, datetime and bool
        Code of the factor, when it was made, and whether it was passed.

    Source
    ------
    HJ 212-2025, 2062.
    """
    told = DeviceReport.objects.filter(device__station=station, kind=StandardCheck.__name__, at__gte=since)
    rows = told.order_by("at", "pk").values_list("subject", "at", "values__passed")
    return [(factor, at, passed) for factor, at, passed in rows if isinstance(passed, bool)]


def silences_of(device: Device) -> QuerySet[Silence]:
    """Times in which a device was not heard, newest first.

    Parameters
    ----------
    device : Device

    Returns
    -------
    QuerySet of Silence
    """
    return Silence.objects.filter(device=device)


def silences_to_settle(ended_before: datetime) -> QuerySet[Silence]:
    """Silences of which something may be missing still, oldest first; not while their device is being asked.

    Parameters
    ----------
    ended_before : datetime
        Devices that came back after it are left out: they may be sending by themselves what was missed.

    Returns
    -------
    QuerySet of Silence
    """
    asked = Command.objects.filter(device=OuterRef("device"), code__endswith="-history").exclude(state__in=ENDED)
    found = Silence.objects.filter(~Exists(asked), settled_at=None, ended_at__lt=ended_before)
    return found.select_related("device__dialect", "device__station").order_by("ended_at")


@dataclass(frozen=True)
class MissedParts:
    """A message of which parts did not come: of which device, of which command, and for which instant or period.

    `since` is when it was given up.
    """

    device: Device
    cn: str
    at: datetime
    since: datetime


def missed_parts(since: datetime, before: datetime) -> list[MissedParts]:
    """Split messages that were given up with parts missing, oldest first; not those of a device that is being asked.

    Parameters
    ----------
    since, before : datetime
        When they were given up.

    Returns
    -------
    list of MissedParts
    """
    told = [line for line in lines_since(since, acts=(PartsMissing.__name__,)) if line.at < before]
    found = {
        (int(line.detail["id"]), str(line.detail["cn"]), int(line.detail["at_us"])): line.at for line in reversed(told)
    }  # a message may be given up more than once
    asked = Command.objects.filter(device=OuterRef("pk"), code__endswith="-history").exclude(state__in=ENDED)
    free = Device.objects.filter(~Exists(asked), pk__in={number for number, *_ in found}, state=DeviceState.ACTIVE)
    devices = {one.pk: one for one in free.select_related("dialect", "station")}
    return [
        MissedParts(devices[number], cn, moment(at), since)
        for (number, cn, at), since in found.items() if number in devices
    ]  # fmt: skip
