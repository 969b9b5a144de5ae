"""Reads of devices, channels, raw packets and faults."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import zstandard
from django.db.models import Q, QuerySet

from qingyuan.people.queries import User
from qingyuan.places.queries import territory_of
from qingyuan.sensing.connector import CONNECTORS, Observed
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
    PacketState,
    RawPacket,
    RawSegment,
    Silence,
)
from qingyuan.sensing.tables.guessing import SCANNED, Guess, Title, guess, look_again
from qingyuan.sensing.tables.layout import Layout, layout_of
from qingyuan.sensing.tables.reading import Table, head_of, open_table
from qingyuan.sensing.tables.sheets import sheets_of
from qingyuan_science.hj212 import Dialect, Keys, read_key, requests_in
from qingyuan_science.hj212.requests import RequestKind

__all__ = [
    "MEDIUM",
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
    "Guess",
    "Layout",
    "PacketBytes",
    "PacketState",
    "RawPacket",
    "RawSegment",
    "Silence",
    "TablePreview",
    "Title",
    "channels",
    "commands_of",
    "devices",
    "dialect_of",
    "faults",
    "feed_packets",
    "feed_packets_received",
    "feeds",
    "guess_table",
    "keys_of",
    "layout_of",
    "packet_bytes",
    "packets_of",
    "packets_received",
    "preview_table",
    "quarantined",
    "reports_of",
    "requests_for",
    "silences_of",
    "silences_to_settle",
    "table_sheets",
    "table_titles",
]

MEDIUM = {
    "outlet-water": "water",
    "surface-water": "water",
    "outlet-gas": "air_emission",
    "ambient-air": "ambient_air",
}
"""The medium in whose terms a kind of station speaks of factors."""
PREVIEWED_ROWS = 20
CHECKED_ROWS = 20_000


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


@dataclass
class TableLine:
    """One row of a table as it is read: its number, when it holds, and what it says by name."""

    number: int
    at: datetime
    said: dict[str, Observed] = field(default_factory=dict)


@dataclass
class TablePreview:
    """A table as it would be read: its first rows, and what is wrong in the rows that were looked at.

    `whole` says whether all rows were looked at; `observed` counts the observations in them.
    """

    titles: list[str]
    names: list[str] = field(default_factory=list)
    lines: list[TableLine] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)
    rows: int = 0
    observed: int = 0
    whole: bool = True


def guess_table(raw: bytes, sheet: str = "", said: Mapping[str, str] | None = None) -> Guess:
    """What the titles and first rows of a table suggest about its layout.

    Parameters
    ----------
    raw : bytes
        A CSV file or an Excel workbook.
    sheet : str
        The sheet of a workbook; the first when empty.
    said : mapping of str to str, optional
        Settings that a person gave already; then only what is measured and where is looked for.

    Returns
    -------
    Guess

    Raises
    ------
    BadPayload
        The file is no table that can be read.
    BadInput
        What was said is wrong.
    """
    rows = head_of(raw, sheet, SCANNED)
    return guess(rows) if said is None else look_again(rows, _layout(said))


def table_sheets(raw: bytes) -> list[str]:
    """The sheets of a workbook.

    Parameters
    ----------
    raw : bytes

    Returns
    -------
    list of str
        None for a CSV file.

    Raises
    ------
    BadPayload
        The workbook cannot be opened.
    """
    return sheets_of(raw)


def table_titles(raw: bytes, settings: Mapping[str, str]) -> list[str]:
    """The titles of the columns of a table.

    Parameters
    ----------
    raw : bytes
    settings : mapping of str to str
        As of the connector of tables.

    Returns
    -------
    list of str

    Raises
    ------
    BadPayload
        The file cannot be read, or lacks a column that the settings name.
    BadInput
        The settings are wrong.
    """
    return _table(raw, settings).titles


def preview_table(raw: bytes, settings: Mapping[str, str]) -> TablePreview:
    """Read the beginning of a table without storing anything.

    Parameters
    ----------
    raw : bytes
    settings : mapping of str to str
        As of the connector of tables.

    Returns
    -------
    TablePreview
        The first 20 rows that say something; the faults of the first 20,000.

    Raises
    ------
    BadPayload
        The file cannot be read, or lacks a column that the settings name.
    BadInput
        The settings are wrong.
    """
    table = _table(raw, settings)
    preview = TablePreview(table.titles, faults=table.faults)
    for observed in table.walk():
        preview.observed += 1
        _show(preview, table, observed)
        if table.number - table.layout.header >= CHECKED_ROWS:
            preview.whole = False
            break
    preview.rows = table.number - table.layout.first + 1
    return preview


def _table(raw: bytes, settings: Mapping[str, str]) -> Table:
    return open_table(raw, _layout(settings))


def _layout(settings: Mapping[str, str]) -> Layout:
    return layout_of(CONNECTORS.get("table").checked(settings))


def _show(preview: TablePreview, table: Table, observed: Observed) -> None:
    last = preview.lines[-1] if preview.lines else None
    if last is None or last.number != table.number:
        if len(preview.lines) == PREVIEWED_ROWS:
            return
        last = TableLine(table.number, observed.at)
        preview.lines.append(last)
    if observed.name not in preview.names:
        preview.names.append(observed.name)
    last.said[observed.name] = observed
