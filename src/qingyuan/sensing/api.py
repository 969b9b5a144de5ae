"""Verbs on devices and feeds: registering, adopting, taking in, decoding what was quarantined."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.db import transaction

from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, Refused
from qingyuan.kit.log import Origin
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
    FeedTroubled,
)
from qingyuan.sensing.logic import feeding, quarantine, segments
from qingyuan.sensing.logic.feeding import Delivery
from qingyuan.sensing.logic.intake import Sink
from qingyuan.sensing.logic.keeping import Faults, host
from qingyuan.sensing.logic.rows import Rows, Segment
from qingyuan.sensing.models import (
    Channel,
    Device,
    DeviceState,
    DialectProfile,
    FaultCount,
    Feed,
    FeedName,
    WaitingName,
)
from qingyuan_science.hj212 import STANDARD, Dialect
from qingyuan_science.units import UnitError, convert

__all__ = [
    "Delivery",
    "Payload",
    "Rows",
    "Segment",
    "Sink",
    "adopt_device",
    "count_bad_token",
    "count_feed_fault",
    "decode_quarantined",
    "define_channel",
    "define_dialect",
    "define_feed",
    "feed_by_token",
    "issue_token",
    "map_name",
    "note_position",
    "note_trouble",
    "register_device",
    "replay_feed",
    "take_in_payloads",
    "trouble_is_over",
    "verify_segments",
]


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
    feed, _ = Feed.objects.update_or_create(code=code, defaults={**values, "settings": checked})
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
        The name is empty or too long, the kind is not one of these, or the unit does not convert to the channel's.
    """
    if not name or len(name) > feeding.LONGEST_NAME:
        raise BadInput(f"found name {name[:40]!r}, expected 1 to {feeding.LONGEST_NAME} letters", "name")
    if kind not in feeding.KINDS_SENT:
        raise BadInput(f"found kind {kind!r}, expected one of: {', '.join(feeding.KINDS_SENT)}", "kind")
    if channel is not None and unit:
        try:
            convert(1.0, unit, channel.unit)
        except UnitError as error:
            raise BadInput(str(error), "unit") from error
    values = {"channel": channel, "kind": kind, "unit": unit}
    row, _ = FeedName.objects.update_or_create(feed=feed, name=name, defaults=values)
    WaitingName.objects.filter(feed=feed, name=name).delete()
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
    """
    payloads, sound = feeding.replay(feed, sink)
    log.write(FeedReplayed(id=feed.pk, payloads=payloads, sound=sound), origin)
    return payloads, sound


@transaction.atomic
def note_position(feed: Feed, position: Mapping[str, Any]) -> None:
    """Keep how far a feed has been read; in the transaction of the payloads that were read last.

    Parameters
    ----------
    feed : Feed
    position : mapping
        Whatever its connector needs to go on, as JSON.
    """
    feed.position = dict(position)
    feed.save(update_fields=["position"])


@transaction.atomic
def note_trouble(feed: Feed, trouble: str) -> None:
    """Show on a feed why it cannot be reached; the log says when that began.

    Parameters
    ----------
    feed : Feed
    trouble : str
    """
    found = Feed.objects.select_for_update().get(pk=feed.pk)
    if not found.trouble:
        log.write(FeedTroubled(id=found.pk, code=found.code, trouble=trouble))
    found.trouble = trouble
    found.save(update_fields=["trouble"])


def trouble_is_over(feed: Feed) -> None:
    """Show that a feed can be reached again, though nothing has come yet.

    Parameters
    ----------
    feed : Feed
    """
    Feed.objects.filter(pk=feed.pk).exclude(trouble="").update(trouble="")


@transaction.atomic
def count_feed_fault(feed: Feed, fault: str, detail: str, times: int = 1) -> None:
    """Count what a feed sent and could not be taken in at all.

    Parameters
    ----------
    feed : Feed
    fault : str
        Name of the fault.
    detail : str
        What was found and what was expected.
    times : int
    """
    faults = Faults()
    faults.count((fault, feed.last_address, feed.sender), detail, times)
    faults.store()


@transaction.atomic
def count_bad_token(peer: str) -> int:
    """Count a request with a token that opens nothing.

    Parameters
    ----------
    peer : str
        Address and port that it came from.

    Returns
    -------
    int
        How many came from there today, this one included.
    """
    fault = "BadToken"
    faults = Faults()
    faults.count((fault, host(peer), ""), "found a token of no enabled feed, expected one that an administrator issued")
    faults.store()
    counted = FaultCount.objects.filter(error=fault, peer=host(peer), mn="").order_by("-day").first()
    return counted.count if counted else 1
