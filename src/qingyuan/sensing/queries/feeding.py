"""Reads of feeds, their names and what waits."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet, Sum

from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput
from qingyuan.sensing.connector import CONNECTORS, BadPayload, Connector, Observed, Payload
from qingyuan.sensing.models import (
    Channel,
    FaultCount,
    Feed,
    FeedName,
    PacketState,
    RawPacket,
    WaitingName,
)
from qingyuan.sensing.queries.cameras import bytes_behind
from qingyuan.sensing.queries.devices import MEDIUM
from qingyuan.sensing.queries.editions import FeedEdition, feeds_ever_of_channel, meanings_at
from qingyuan.sensing.queries.packets import PacketBytes
from qingyuan_science.series import microseconds
from qingyuan_science.standards import UnknownFactor, find_factor


@dataclass(frozen=True)
class FeedFigures:
    """What came of one feed since some instant, and what waits: names, and payloads with anything wrong."""

    packets: int = 0
    faults: int = 0
    names: int = 0
    odd: int = 0


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


def read_by_feed(
    feed: Feed, packet: PacketBytes, edition: FeedEdition | None = None
) -> tuple[list[Observed], list[tuple[str, str]]]:
    """What a payload says, as the feed's connector reads it by the settings of an edition; nothing is stored.

    Parameters
    ----------
    feed : Feed
    packet : PacketBytes
    edition : FeedEdition, optional
        The feed as it stands now when left out.

    Returns
    -------
    tuple of list of Observed, and list of (error, detail)

    Raises
    ------
    BadPayload
        The payload as a whole cannot be read.
    """
    code, told = (edition.connector, edition.settings) if edition else (feed.connector, feed.settings)
    if code not in CONNECTORS:
        return [], [("UnknownConnector", f"found connector {code!r}, which is not installed")]
    connector = CONNECTORS.get(code)
    settings = {setting.name: told.get(setting.name, setting.default) for setting in connector.settings}
    payload = Payload(bytes_behind(packet.raw), packet.packet.peer, microseconds(packet.packet.received_at))
    try:
        read = connector().read(payload, settings)
    except BadPayload:
        raise
    except BadInput as error:
        raise BadPayload(str(error)) from error
    except Exception as error:  # noqa: BLE001 a plug-in that fails on a payload must not hide its bytes from people
        return [], [("ConnectorFailed", f"{type(error).__name__}: {error}")]
    return read.observed, read.faults


def observed_of(
    feed: Feed, observed: Sequence[Observed], reading: tuple[Channel, str, datetime], at: datetime | None = None
) -> list[Observed]:
    """What of a payload says one reading; of several that do, the last one counts.

    Parameters
    ----------
    feed : Feed
    observed : sequence of Observed
        Everything that the payload says.
    reading : tuple of Channel, str and datetime
        Its channel, kind and the start of its period.
    at : datetime, optional
        When it was read: names are taken as they were meant then, or as they are meant now when left out.

    Returns
    -------
    list of Observed
    """
    channel, kind, start = reading
    then = [one for one in observed if one.at == start]
    meant = meanings_at(feed, {one.name for one in then}, at or clock.now())
    told = []
    for one in then:
        number, letter = meant.get(one.name) or (channel.pk if _names(one.name, channel) else None, "r")
        if number == channel.pk and (one.kind or letter) == kind:
            told.append(one)
    return told


def _names(name: str, channel: Channel) -> bool:
    """Whether STATION/FACTOR or STATION/FACTOR/BASIS names a channel."""
    station, _, rest = name.partition("/")
    code, _, basis = rest.partition("/")
    if (station, basis or "measured") != (channel.station.code, channel.basis):
        return False
    try:
        return find_factor(code, medium=MEDIUM.get(channel.station.kind)).code == channel.factor
    except UnknownFactor:
        return False


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
    """Payloads that the platform received at one instant from the feeds that may or could write to a channel.

    Parameters
    ----------
    channel : Channel
    at : datetime
        The stamp that readings carry as their `received_at`.

    Returns
    -------
    QuerySet of RawPacket
    """
    return feed_packets_behind(channel, [at])


def feed_packets_behind(channel: Channel, received: Collection[datetime]) -> QuerySet[RawPacket]:
    """Payloads that the platform received at some instants from the feeds that may or could write to a channel.

    Parameters
    ----------
    channel : Channel
    received : collection of datetime
        The stamps that readings carry as their `received_at`.

    Returns
    -------
    QuerySet of RawPacket
    """
    senders = [feed.sender for feed in Feed.objects.filter(pk__in=feeds_ever_of_channel(channel))]
    return RawPacket.objects.filter(mn__in=senders, received_at__in=received).order_by("pk")


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


def takes_records(feed: Feed) -> bool:
    """Whether what a feed's sender posts are records of a data list.

    Parameters
    ----------
    feed : Feed

    Returns
    -------
    bool
    """
    return feed.connector == "records"
