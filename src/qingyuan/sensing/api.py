"""Verbs on devices and feeds: registering, adopting, taking in, decoding what was quarantined."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, Refused
from qingyuan.kit.log import Origin
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import Station
from qingyuan.sensing.connector import CONNECTORS, Payload
from qingyuan.sensing.events import (
    ChannelDefined,
    DeviceAdopted,
    DeviceRegistered,
    FeedDefined,
    FeedNameMapped,
    FeedReplayed,
    FeedTokenIssued,
)
from qingyuan.sensing.logic import commanding, feeding, quarantine, segments
from qingyuan.sensing.logic.feeding import Delivery
from qingyuan.sensing.logic.intake import Sink
from qingyuan.sensing.logic.rows import Rows, Segment
from qingyuan.sensing.models import (
    Channel,
    Command,
    CommandState,
    Device,
    DeviceState,
    DialectProfile,
    Feed,
    FeedName,
    Silence,
)
from qingyuan_science.hj212 import REQUESTS, STANDARD, Dialect, RequestError
from qingyuan_science.units import UnitError, convert

__all__ = [
    "Delivery",
    "Payload",
    "Rows",
    "Segment",
    "Sink",
    "adopt_device",
    "ask_for_history",
    "command_device",
    "decode_quarantined",
    "define_channel",
    "define_dialect",
    "define_feed",
    "feed_by_token",
    "issue_token",
    "map_name",
    "register_device",
    "replay_feed",
    "settle_silence",
    "take_in_payloads",
    "verify_segments",
    "withdraw_command",
]

MAY_COMMAND = (Role.ADMINISTRATOR, Role.ENFORCEMENT_OFFICER)
MAY_COMMAND_ALL = (Role.ADMINISTRATOR,)


def define_dialect(dialect: Dialect, *, title_zh: str, title_en: str) -> DialectProfile:
    """Enter a dialect profile, or bring it up to date.

    Parameters
    ----------
    dialect : qingyuan_science.hj212.Dialect
    title_zh, title_en : str

    Returns
    -------
    DialectProfile
    """
    settings = {name: value for name, value in asdict(dialect).items() if name != "code"}
    values = {"title_zh": title_zh, "title_en": title_en, "settings": settings}
    return DialectProfile.objects.update_or_create(code=dialect.code, defaults=values)[0]


def register_device(mn: str, *, station: Station, password: str = "", dialect: str = STANDARD.code) -> Device:
    """Enter a device before it speaks for the first time.

    Parameters
    ----------
    mn : str
    station : Station
    password : str
        What its PW field must hold; empty to accept any.
    dialect : str
        Code of a dialect profile.

    Returns
    -------
    Device
    """
    device = Device.objects.create(
        mn=mn,
        station=station,
        password=password,
        state=DeviceState.ACTIVE,
        dialect=DialectProfile.objects.get(code=dialect),
        first_seen_at=clock.now(),
    )
    log.write(DeviceRegistered(id=device.pk, mn=mn, station=station.code))
    return device


def define_channel(station: Station, *, factor: str, unit: str, basis: str = "measured") -> Channel:
    """Enter a channel before its first reading comes.

    Parameters
    ----------
    station : Station
    factor : str
        Code of the factor table.
    unit : str
        Unit of its readings.
    basis : {"measured", "converted"}
        Converted (折算) to the reference oxygen content, or as measured.

    Returns
    -------
    Channel
        The same row when it was entered before.
    """
    channel, created = Channel.objects.get_or_create(
        station=station, factor=factor, basis=basis, defaults={"unit": unit}
    )
    if created:
        log.write(ChannelDefined(id=channel.pk, station=station.code, factor=factor, basis=basis))
    return channel


@transaction.atomic
def adopt_device(device_id: int, station: Station, origin: Origin) -> Device:
    """Give a quarantined device its station; what it has sent so far will be decoded by the loop.

    Parameters
    ----------
    device_id : int
    station : Station
    origin : Origin
        Who adopts it.

    Returns
    -------
    Device

    Raises
    ------
    Refused
        The device is not in quarantine.
    """
    device = Device.objects.select_for_update().get(pk=device_id)
    if device.state != DeviceState.QUARANTINED:
        raise Refused(f"device {device.mn} is {device.state}: only a quarantined device can be adopted")
    device.state, device.station = DeviceState.ACTIVE, station
    device.save(update_fields=["state", "station"])
    log.write(DeviceAdopted(id=device.pk, mn=device.mn, station=station.code), origin)
    return device


def decode_quarantined(device_id: int, sink: Sink) -> int:
    """Decode the packets that a device sent while it was in quarantine and hand the readings to `sink`.

    Parameters
    ----------
    device_id : int
    sink : callable
        As the gateway's: takes the rows and the segment they came in.

    Returns
    -------
    int
        How many packets were decoded. A second call finds nothing left to do.
    """
    return quarantine.decode(Device.objects.get(pk=device_id), sink)


def verify_segments() -> int:
    """Walk the chain of raw segments.

    Returns
    -------
    int
        How many segments there are.

    Raises
    ------
    LogBroken
        A segment's bytes or its link to the segment before were changed, or a segment is missing.
    """
    return segments.verify()


@transaction.atomic
def define_feed(
    code: str,
    *,
    connector: str,
    title_zh: str,
    title_en: str,
    settings: Mapping[str, Any] | None = None,
    stations: Iterable[Station] = (),
    enabled: bool = True,
    origin: Origin = log.PLATFORM,
) -> Feed:
    """Enter a feed, or bring it up to date.

    Parameters
    ----------
    code : str
    connector : str
        Code of a connector.
    title_zh, title_en : str
    settings : mapping, optional
        The connector's settings; those left out take their defaults.
    stations : iterable of Station
        Stations whose channels the feed may name by the platform's codes.
    enabled : bool
    origin : Origin

    Returns
    -------
    Feed

    Raises
    ------
    BadInput
        There is no such connector, or a setting is unknown, missing or wrong.
    """
    if connector not in CONNECTORS:
        known = ", ".join(plugin.code for plugin in CONNECTORS)
        raise BadInput(f"found connector {connector!r}, expected one of: {known}", "connector")
    plugin = CONNECTORS.get(connector)
    checked = plugin.checked(settings or {})
    values = {"title_zh": title_zh, "title_en": title_en, "connector": connector, "enabled": enabled}
    feed, _new = Feed.objects.update_or_create(code=code, defaults={**values, "settings": checked})
    feed.stations.set(stations)
    secrets_left_out = {setting.name: checked[setting.name] for setting in plugin.settings if not setting.secret}
    told = {**values, "settings": secrets_left_out, "stations": [station.code for station in feed.stations.all()]}
    log.write(FeedDefined(id=feed.pk, code=code, values=told), origin)
    return feed


@transaction.atomic
def map_name(
    feed: Feed,
    name: str,
    channel: Channel | None,
    *,
    kind: str = "r",
    unit: str = "",
    origin: Origin = log.PLATFORM,
) -> FeedName:
    """Say which channel a name of a feed means.

    Parameters
    ----------
    feed : Feed
    name : str
    channel : Channel or None
        None leaves the name out on purpose.
    kind : str
        One of r, m, h, d: real-time values, or means of minutes, hours or days.
    unit : str
        Unit of what is sent; the channel's own when empty.
    origin : Origin

    Returns
    -------
    FeedName

    Raises
    ------
    BadInput
        The kind is not one of these, or the unit does not convert to the channel's.
    """
    if kind not in feeding.KINDS_SENT:
        raise BadInput(f"found kind {kind!r}, expected one of: {', '.join(feeding.KINDS_SENT)}", "kind")
    if channel is not None and unit:
        try:
            convert(1.0, unit, channel.unit)
        except UnitError as error:
            raise BadInput(str(error), "unit") from error
    values = {"channel": channel, "kind": kind, "unit": unit}
    row, _new = FeedName.objects.update_or_create(feed=feed, name=name, defaults=values)
    number = channel.pk if channel else None
    log.write(FeedNameMapped(id=feed.pk, name=name, channel=number, kind=kind, unit=unit), origin)
    return row


@transaction.atomic
def issue_token(feed: Feed, origin: Origin) -> str:
    """Give a feed a new token; the one before opens nothing any more.

    Parameters
    ----------
    feed : Feed
    origin : Origin

    Returns
    -------
    str
        The token. It is shown once: only its hash is kept.
    """
    token = secrets.token_urlsafe(32)
    feed.token_hash = _token_hash(token)
    feed.save(update_fields=["token_hash"])
    log.write(FeedTokenIssued(id=feed.pk, code=feed.code), origin)
    return token


def feed_by_token(token: str) -> Feed:
    """The enabled feed that a token belongs to.

    Parameters
    ----------
    token : str

    Returns
    -------
    Feed

    Raises
    ------
    Forbidden
        No enabled feed has that token.
    """
    feed = Feed.objects.filter(token_hash=_token_hash(token), enabled=True).first() if token else None
    if feed is None:
        raise Forbidden("found a token of no enabled feed, expected one that an administrator issued")
    return feed


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def take_in_payloads(feed: Feed, payloads: Sequence[Payload], sink: Sink) -> list[Delivery]:
    """Store what a feed delivered: the bytes as evidence, the readings through `sink`, and what is wrong as counts.

    Parameters
    ----------
    feed : Feed
    payloads : sequence of Payload
    sink : callable
        As the gateway's: takes the rows and the segment they came in.

    Returns
    -------
    list of Delivery
        One a payload: what became of it, and how many readings it held. All are committed when this returns.

    Notes
    -----
    The same payload twice stores its bytes twice and its readings once.
    """
    return feeding.take_in(feed, payloads, sink)


@transaction.atomic
def replay_feed(feed: Feed, sink: Sink, origin: Origin) -> tuple[int, int]:
    """Read again what a feed delivered and could not be stored in whole, after its names or settings were mended.

    Parameters
    ----------
    feed : Feed
    sink : callable
    origin : Origin

    Returns
    -------
    tuple of int
        How many payloads were read again, and how many of them are sound now.

    Raises
    ------
    Refused
        Its payloads were brought by hand, and may have been taken back since.
    """
    if CONNECTORS.get(feed.connector).by_hand:
        raise Refused(_("Tables are not read again by themselves: import the file again."))
    payloads, sound = feeding.replay(feed, sink)
    log.write(FeedReplayed(id=feed.pk, payloads=payloads, sound=sound), origin)
    return payloads, sound


@transaction.atomic
def command_device(
    device: Device, code: str, arguments: Mapping[str, Any], *, user: User, why: str, origin: Origin
) -> Command:
    """Ask something of a device; the gateway that it is connected to sends it and keeps how it goes.

    Parameters
    ----------
    device : Device
    code : str
        Code of a row of `qingyuan_science.hj212.REQUESTS`.
    arguments : mapping
        Values by the names of that row.
    user : User
        An administrator or an enforcement officer; dangerous commands are for administrators.
    why : str
        Needed for a dangerous command.
    origin : Origin

    Returns
    -------
    Command
        It waits for ten minutes for the device to be connected.

    Raises
    ------
    Forbidden
        The user's role may not give this command.
    Refused
        The device is not active.
    BadInput
        The device's edition has no such command, an argument is wrong, or the reason is missing.
    """
    dangerous = code in REQUESTS and REQUESTS[code].dangerous
    allowed = MAY_COMMAND_ALL if dangerous else MAY_COMMAND
    if user.role not in allowed:
        roles = ", ".join(str(role.label) for role in allowed)
        raise Forbidden(_("Only these roles may give this command: %(roles)s") % {"roles": roles})
    if device.state != DeviceState.ACTIVE:
        raise Refused(_("Only an active device can be commanded; adopt it first."))
    if dangerous and not why.strip():
        raise BadInput(_("Say why: this command changes what the device measures or who may command it."), "why")
    try:
        given = commanding.checked(device, code, arguments)
    except RequestError as error:
        raise BadInput(str(error)) from error
    return commanding.give(device, code, given, why=why.strip(), origin=origin)


@transaction.atomic
def withdraw_command(command_id: int, user: User) -> Command:
    """Take back a command that was not sent yet.

    Parameters
    ----------
    command_id : int
    user : User
        Whoever may give commands.

    Returns
    -------
    Command

    Raises
    ------
    Forbidden
        The user's role may not give commands.
    Refused
        It was sent already, or has ended.
    """
    if user.role not in MAY_COMMAND:
        raise Forbidden(_("Your role may not give commands."))
    row = Command.objects.select_for_update(of=("self",)).select_related("device").get(pk=command_id)
    if row.state != CommandState.WAITING:
        raise Refused(_("The command was sent already and cannot be taken back."))
    commanding.withdraw(row)
    return row


def ask_for_history(device: Device, code: str, start: datetime, end: datetime, *, why: str) -> Command:
    """Let the platform ask a device for data of the past.

    Parameters
    ----------
    device : Device
    code : {"minute-history", "hour-history", "day-history"}
    start, end : datetime
        First and last period that is missing.
    why : str

    Returns
    -------
    Command
        It waits for a day for the device to be connected.

    Raises
    ------
    BadInput
        The device's edition has no such command.
    """
    local = [f"{at.astimezone(clock.SHANGHAI):%Y%m%d%H%M%S}" for at in (start, end)]
    arguments = dict(zip(("BeginTime", "EndTime"), local, strict=True))
    try:
        given = commanding.checked(device, code, arguments)
    except RequestError as error:
        raise BadInput(str(error)) from error
    return commanding.give(device, code, given, why=why, patience=timedelta(days=1))


def settle_silence(silence_id: int) -> None:
    """Note that a silence was looked into, and what was missing was asked for.

    Parameters
    ----------
    silence_id : int
    """
    Silence.objects.filter(pk=silence_id).update(settled_at=clock.now())
