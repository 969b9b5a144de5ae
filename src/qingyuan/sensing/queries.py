"""Reads of devices, channels, raw packets and faults."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import zstandard
from django.db.models import Q, QuerySet

from qingyuan.people.queries import User
from qingyuan.places.queries import territory_of
from qingyuan.sensing.models import (
    Channel,
    Command,
    CommandState,
    Device,
    DeviceReport,
    DeviceState,
    DialectProfile,
    FaultCount,
    Feed,
    FeedName,
    Instrument,
    PacketState,
    RawPacket,
    RawSegment,
    Silence,
)
from qingyuan_science.hj212 import Dialect, Keys, read_key, requests_in
from qingyuan_science.hj212.requests import RequestKind

__all__ = [
    "Channel",
    "Command",
    "CommandState",
    "Device",
    "DeviceReport",
    "DeviceState",
    "DialectProfile",
    "FaultCount",
    "Feed",
    "FeedName",
    "Instrument",
    "PacketBytes",
    "PacketState",
    "RawPacket",
    "RawSegment",
    "Silence",
    "channels",
    "commands_of",
    "devices",
    "dialect_of",
    "faults",
    "feed_packets",
    "feed_packets_received",
    "feeds",
    "keys_of",
    "packet_bytes",
    "packets_behind",
    "packets_of",
    "packets_received",
    "quarantined",
    "reports_of",
    "requests_for",
    "silences_of",
    "silences_to_settle",
]


@dataclass(frozen=True)
class PacketBytes:
    """One raw packet as it came over the wire."""

    packet: RawPacket
    raw: bytes


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
    settings = dict(profile.settings)
    if "encodings" in settings:
        settings["encodings"] = tuple(settings["encodings"])
    return Dialect(profile.code, **settings)


def keys_of(device: Device | None) -> Keys:
    """The SM4 keys of a device, as the codec asks for them.

    Parameters
    ----------
    device : Device or None

    Returns
    -------
    callable
        From any MN to the device's key; to none where it has none.
    """
    keys = (read_key(device.key),) if device is not None and device.key else ()
    return lambda mn: keys


def packets_received(station_id: int, cn: str, at: datetime) -> QuerySet[RawPacket]:
    """Packets of a command that a station's devices sent and the gateway received at one instant.

    Parameters
    ----------
    station_id : int
    cn : str
        Command code.
    at : datetime
        The stamp that readings carry as their `received_at`; packets that came in one piece share it.

    Returns
    -------
    QuerySet of RawPacket
    """
    senders = Device.objects.filter(station=station_id).values("mn")
    return RawPacket.objects.filter(mn__in=senders, cn=cn, received_at=at, state=PacketState.DECODED).order_by("pk")


def packets_behind(station_id: int, received: Collection[datetime]) -> QuerySet[RawPacket]:
    """Decoded packets of a station's devices that the gateway received at some instants.

    Parameters
    ----------
    station_id : int
    received : collection of datetime
        The stamps that readings carry as their `received_at`.

    Returns
    -------
    QuerySet of RawPacket
    """
    senders = Device.objects.filter(station=station_id).values("mn")
    return RawPacket.objects.filter(mn__in=senders, received_at__in=received, state=PacketState.DECODED).order_by("pk")


def quarantined() -> QuerySet[Device]:
    """Devices that sent packets but belong to no station yet, newest first; for administrators.

    Returns
    -------
    QuerySet of Device
    """
    return Device.objects.filter(state=DeviceState.QUARANTINED).order_by("-last_seen_at")


def packets_of(device: Device) -> QuerySet[RawPacket]:
    """Where the packets of a device lie, newest first.

    Parameters
    ----------
    device : Device

    Returns
    -------
    QuerySet of RawPacket
    """
    return RawPacket.objects.filter(mn=device.mn).order_by("-received_at", "-pk")


def feeds() -> QuerySet[Feed]:
    """All feeds by code; for administrators.

    Returns
    -------
    QuerySet of Feed
    """
    return Feed.objects.all()


def feed_packets(feed: Feed) -> QuerySet[RawPacket]:
    """Where the payloads of a feed lie, newest first.

    Parameters
    ----------
    feed : Feed

    Returns
    -------
    QuerySet of RawPacket
    """
    return RawPacket.objects.filter(mn=feed.sender).order_by("-received_at", "-pk")


def feed_packets_received(channel: Channel, at: datetime) -> QuerySet[RawPacket]:
    """Payloads that the platform received at one instant from the feeds that may write to a channel.

    Parameters
    ----------
    channel : Channel
    at : datetime
        The stamp that readings carry as their `received_at`.

    Returns
    -------
    QuerySet of RawPacket
    """
    writing = Q(stations=channel.station_id) | Q(pk__in=FeedName.objects.filter(channel=channel).values("feed"))
    senders = [feed.sender for feed in Feed.objects.filter(writing).distinct()]
    return RawPacket.objects.filter(mn__in=senders, received_at=at).order_by("pk")


def faults() -> QuerySet[FaultCount]:
    """Counted faults, newest day first; for administrators.

    Returns
    -------
    QuerySet of FaultCount
    """
    return FaultCount.objects.all()


def packet_bytes(packet: RawPacket) -> PacketBytes:
    """The bytes of one packet, out of its compressed segment.

    Parameters
    ----------
    packet : RawPacket

    Returns
    -------
    PacketBytes
    """
    segment = RawSegment.objects.get(pk=packet.segment_id)
    body = zstandard.decompress(bytes(segment.body))
    return PacketBytes(packet, body[packet.offset : packet.offset + packet.length])


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
    """Silences whose missing data nobody has asked for yet, oldest first.

    Parameters
    ----------
    ended_before : datetime
        Devices that came back after it are left out: they may be sending by themselves what was missed.

    Returns
    -------
    QuerySet of Silence
    """
    found = Silence.objects.filter(settled_at=None, ended_at__lt=ended_before)
    return found.select_related("device__dialect", "device__station").order_by("ended_at")
