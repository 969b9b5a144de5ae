"""Raw packets for people: their text, what is decoded from it, and the way back from a reading to its packet."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language

from qingyuan.kit.clock import SHANGHAI
from qingyuan.people.queries import Role, User
from qingyuan.recording.queries import received_at
from qingyuan.sensing.queries import (
    BadPayload,
    Channel,
    Device,
    Feed,
    Observed,
    PacketBytes,
    RawPacket,
    connector_of,
    dialect_of,
    feed_of,
    feed_packets_received,
    packet_bytes,
    packets_received,
    read_by_feed,
)
from qingyuan.showing.logic.factors import unit_of
from qingyuan.showing.wording import said
from qingyuan_science.hj212 import STANDARD, Dialect, Hj212Error, decode_packet, period_start
from qingyuan_science.hj212.codes import commands
from qingyuan_science.standards import StandardsError, find_factor

COMMAND_OF_KIND = {"r": "2011", "m": "2051", "h": "2061", "d": "2031"}
OBSERVED_SHOWN = 500
PASSWORD = re.compile(r"(\bPW\s*=)[^;,&]*", re.IGNORECASE)


@dataclass(frozen=True)
class FactorLine:
    """What a packet says about one factor."""

    code: str
    title: str
    unit: str
    values: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Explained:
    """One packet: its text, what it says, or what is wrong with it."""

    packet: RawPacket
    text: str
    decoded: dict[str, Any]
    lines: tuple[FactorLine, ...]
    command: str


def explained(packet: RawPacket, device: Device | None, viewer: User) -> Explained:
    """The packet with everything that it says; its password is for administrators only."""
    found = packet_bytes(packet)
    raw, feed = found.raw, feed_of(packet)
    if feed is not None:
        return _explained_by_feed(found, feed)
    decoded = decode_packet(raw, _dialect(device))
    values = decoded.get("values") or {}
    lines = tuple(_line(code, parts) for code, parts in values.items())
    text = text_of(raw) if viewer.role == Role.ADMINISTRATOR else PASSWORD.sub(r"\1***", text_of(raw))
    return Explained(packet, text, decoded, lines, command_title(packet.cn))


def _explained_by_feed(packet: PacketBytes, feed: Feed) -> Explained:
    """What the feed's connector reads in a payload."""
    connector = connector_of(feed)
    title = said(connector.title) if connector else feed.connector
    decoded: dict[str, Any]
    try:
        observed, faults = read_by_feed(feed, packet)
    except BadPayload as error:
        observed, decoded = [], {"ok": False, "error": type(error).__name__, "detail": str(error)}
    else:
        decoded = {"ok": True, "warnings": [f"{fault}: {detail}" for fault, detail in faults]}
    lines = tuple(_observed_line(one) for one in observed[:OBSERVED_SHOWN])
    return Explained(packet.packet, text_of(packet.raw), decoded, lines, title)


def _observed_line(one: Observed) -> FactorLine:
    at = f"{one.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    numbers = (("value", one.value), ("low", one.low), ("high", one.high), ("total", one.total))
    said_of_it = (("at", at), *numbers, ("unit", one.unit), ("kind", one.kind))
    return FactorLine(one.name, "", one.unit, tuple(pair for pair in said_of_it if pair[1] not in (None, "")))


def text_of(raw: bytes) -> str:
    """The bytes as text; what is no text, and what cannot be seen, is shown as its number."""
    for encoding in ("ascii", "utf-8", "gbk"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)
    return "".join(chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}" for byte in raw)


def command_title(cn: str) -> str:
    """What a command code means, as devices send it."""
    rows = [row for row in commands(cn) if row.direction != "host-to-device"] or list(commands(cn))
    if not rows:
        return ""
    return rows[0].title_zh if (get_language() or "zh").startswith("zh") else rows[0].title_en


def packet_behind(channel: Channel, kind: str, at: datetime) -> RawPacket | None:
    """The packet that brought a reading: received when it was, and telling of its time; None for computed values."""
    received = received_at(channel.pk, kind, at)
    if received is None or kind not in COMMAND_OF_KIND:
        return None
    sent = packets_received(channel.station_id, COMMAND_OF_KIND[kind], received)
    told = (packet for packet in sent if _tells_of(packet, at))
    return next(told, None) or feed_packets_received(channel, received).first()


def _tells_of(packet: RawPacket, at: datetime) -> bool:
    dialect = _dialect(Device.objects.filter(mn=packet.mn).select_related("dialect").first())
    decoded = decode_packet(packet_bytes(packet).raw, dialect)
    try:
        return bool(decoded.get("data_time")) and period_start(packet.cn, decoded["data_time"], dialect) == at
    except Hj212Error:
        return False


def _dialect(device: Device | None) -> Dialect:
    """How a device speaks; the standard where nobody knows the device."""
    return dialect_of(device.dialect) if device else STANDARD


def _line(code: str, parts: dict[str, Any]) -> FactorLine:
    try:
        factor = find_factor(code)
    except StandardsError:
        return FactorLine(code, "", "", tuple(parts.items()))
    return FactorLine(
        code, factor.short.in_language(get_language() or "zh-hans"), unit_of(factor.unit), tuple(parts.items())
    )
