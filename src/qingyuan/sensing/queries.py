"""Reads of devices, channels, raw packets and faults."""

from dataclasses import dataclass
from datetime import datetime

import zstandard
from django.db.models import Q, QuerySet

from qingyuan.people.queries import User
from qingyuan.places.queries import territory_of
from qingyuan.sensing.models import (
    Channel,
    Device,
    DeviceState,
    DialectProfile,
    FaultCount,
    Feed,
    FeedName,
    Instrument,
    PacketState,
    RawPacket,
    RawSegment,
)
from qingyuan_science.hj212 import Dialect

__all__ = [
    "Channel",
    "Device",
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
    "channels",
    "devices",
    "dialect_of",
    "faults",
    "feed_packets",
    "feed_packets_received",
    "feeds",
    "packet_bytes",
    "packets_of",
    "packets_received",
    "quarantined",
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
