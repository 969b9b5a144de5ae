"""Reads of devices, channels, raw packets and faults."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import zstandard
from django.db.models import Count, Q, QuerySet, Sum

from qingyuan.people.queries import User
from qingyuan.places.queries import territory_of
from qingyuan.sensing.connector import CONNECTORS, BadPayload, Connector, Observed, Payload, Setting
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
    WaitingName,
)
from qingyuan_science.hj212 import Dialect, Keys, read_key, requests_in
from qingyuan_science.hj212.requests import RequestKind

__all__ = [
    "BadPayload",
    "Channel",
    "Command",
    "CommandState",
    "Connector",
    "Device",
    "DeviceReport",
    "DeviceState",
    "DialectProfile",
    "FaultCount",
    "Feed",
    "FeedFigures",
    "FeedName",
    "Instrument",
    "Observed",
    "PacketBytes",
    "PacketState",
    "RawPacket",
    "RawSegment",
    "Setting",
    "Silence",
    "channels",
    "commands_of",
    "connector_of",
    "connectors",
    "devices",
    "dialect_of",
    "faults",
    "feed_by_code",
    "feed_figures",
    "feed_of",
    "feed_packets",
    "feed_packets_received",
    "feeds",
    "is_posted",
    "keys_of",
    "names_of",
    "odd_packets",
    "packet_bytes",
    "packets_behind",
    "packets_bytes",
    "packets_of",
    "packets_received",
    "quarantined",
    "read_by_feed",
    "reports_of",
    "requests_for",
    "silences_of",
    "silences_to_settle",
    "stations_of_feed",
    "waiting_names",
]


@dataclass(frozen=True)
class PacketBytes:
    """One raw packet as it came over the wire."""

    packet: RawPacket
    raw: bytes


@dataclass(frozen=True)
class FeedFigures:
    """What came of one feed since some instant, and what waits: names, and payloads with anything wrong."""

    packets: int = 0
    faults: int = 0
    names: int = 0
    odd: int = 0


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


def feed_by_code(code: str) -> Feed | None:
    """The feed with a code; for administrators.

    Parameters
    ----------
    code : str

    Returns
    -------
    Feed or None
    """
    return Feed.objects.filter(code=code).first()


def feed_of(packet: RawPacket) -> Feed | None:
    """The feed that a packet came from; None where a device sent it.

    Parameters
    ----------
    packet : RawPacket

    Returns
    -------
    Feed or None
    """
    kind, colon, code = packet.mn.partition(":")
    return feed_by_code(code) if colon and kind == "feed" else None


def stations_of_feed(feed: Feed) -> set[int]:
    """Numbers of the stations that a feed may write to.

    Parameters
    ----------
    feed : Feed

    Returns
    -------
    set of int
    """
    named = FeedName.objects.filter(feed=feed, channel__isnull=False).values_list("channel__station_id", flat=True)
    return {*feed.stations.values_list("pk", flat=True), *named}


def read_by_feed(feed: Feed, packet: PacketBytes) -> tuple[list[Observed], list[tuple[str, str]]]:
    """What a payload says, as the feed's connector reads it now; nothing is stored.

    Parameters
    ----------
    feed : Feed
    packet : PacketBytes

    Returns
    -------
    tuple of list of Observed, and list of (error, detail)

    Raises
    ------
    BadPayload
        The payload as a whole cannot be read.
    """
    connector = connector_of(feed)
    if connector is None:
        return [], [("UnknownConnector", f"found connector {feed.connector!r}, which is not installed")]
    received_us = round(packet.packet.received_at.timestamp() * 1_000_000)
    read = connector().read(Payload(packet.raw, packet.packet.peer, received_us), feed.settings)
    return read.observed, read.faults


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


def connectors() -> tuple[type[Connector], ...]:
    """Every connector that is installed.

    Returns
    -------
    tuple of type
    """
    return tuple(CONNECTORS)


def connector_of(feed: Feed) -> type[Connector] | None:
    """How the payloads of a feed are read; None where that connector is no longer installed.

    Parameters
    ----------
    feed : Feed

    Returns
    -------
    type or None
    """
    return CONNECTORS.get(feed.connector) if feed.connector in CONNECTORS else None


def is_posted(feed: Feed) -> bool:
    """Whether a feed's sender posts its payloads with a token.

    Parameters
    ----------
    feed : Feed

    Returns
    -------
    bool
    """
    connector = connector_of(feed)
    return connector is not None and connector.posted


def names_of(feed: Feed) -> QuerySet[FeedName]:
    """What a feed means by its names, by name.

    Parameters
    ----------
    feed : Feed

    Returns
    -------
    QuerySet of FeedName
    """
    return FeedName.objects.filter(feed=feed).select_related("channel__station").order_by("name")


def odd_packets(feed: Feed) -> QuerySet[RawPacket]:
    """Payloads of a feed that wait, were rejected, or of which a part could not be stored; newest first.

    Parameters
    ----------
    feed : Feed

    Returns
    -------
    QuerySet of RawPacket
    """
    return feed_packets(feed).exclude(state=PacketState.DECODED, error="")


def waiting_names(feed: Feed) -> QuerySet[WaitingName]:
    """Names that a feed sent and nobody has explained, the most frequent first.

    Parameters
    ----------
    feed : Feed

    Returns
    -------
    QuerySet of WaitingName
    """
    return WaitingName.objects.filter(feed=feed).order_by("-count", "name")


def feed_figures(feeds: Sequence[Feed], since: datetime) -> dict[int, FeedFigures]:
    """What came of feeds since an instant, and what waits now; by four queries however many feeds there are.

    Parameters
    ----------
    feeds : sequence of Feed
    since : datetime

    Returns
    -------
    dict of int to FeedFigures
        By the number of the feed.
    """
    by_sender = {feed.sender: feed.pk for feed in feeds}
    sent = RawPacket.objects.filter(mn__in=by_sender).order_by()
    packets = dict(sent.filter(received_at__gte=since).values_list("mn").annotate(Count("pk")))
    odd = dict(sent.exclude(state=PacketState.DECODED, error="").values_list("mn").annotate(Count("pk")))
    counted = FaultCount.objects.filter(mn__in=by_sender, last_at__gte=since).order_by()
    faults_made = dict(counted.values_list("mn").annotate(Sum("count")))
    names = dict(WaitingName.objects.filter(feed__in=feeds).order_by().values_list("feed").annotate(Count("pk")))
    return {
        pk: FeedFigures(packets.get(mn, 0), faults_made.get(mn, 0), names.get(pk, 0), odd.get(mn, 0))
        for mn, pk in by_sender.items()
    }


def packets_bytes(packets: Iterable[RawPacket]) -> list[PacketBytes]:
    """The bytes of several packets; each of their segments is read once.

    Parameters
    ----------
    packets : iterable of RawPacket

    Returns
    -------
    list of PacketBytes
        In the order of the packets.
    """
    wanted = list(packets)
    segments = RawSegment.objects.filter(pk__in={packet.segment_id for packet in wanted})
    bodies = {segment.pk: zstandard.decompress(bytes(segment.body)) for segment in segments}
    return [
        PacketBytes(packet, bodies[packet.segment_id][packet.offset : packet.offset + packet.length])
        for packet in wanted
    ]


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
