"""Raw packets for people: their text, what is decoded from it, and the way back from a reading to its packet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language

from qingyuan.people.queries import Role, User
from qingyuan.recording.queries import received_at
from qingyuan.sensing.queries import (
    Channel,
    Device,
    RawPacket,
    dialect_of,
    feed_of,
    feed_packets_received,
    keys_of,
    packet_bytes,
    packets_received,
)
from qingyuan.showing.logic.devices.inspector import Inspection, inspected, without_secrets
from qingyuan.showing.logic.payloads import ExplainedPayload, explained_payload
from qingyuan_science.hj212 import STANDARD, Dialect, Hj212Error, decode_packet, period_start
from qingyuan_science.hj212.codes import commands

COMMAND_OF_KIND = {"r": "2011", "m": "2051", "h": "2061", "d": "2031"}


@dataclass(frozen=True)
class Explained:
    """One packet: what it says to the last byte, or what is wrong with it."""

    packet: RawPacket
    decoded: dict[str, Any]
    inspection: Inspection
    command: str


def explained(packet: RawPacket, device: Device | None, viewer: User) -> Explained | ExplainedPayload:
    """The packet with everything that it says; its password is for administrators only."""
    feed = feed_of(packet)
    if feed is not None:
        return explained_payload(packet, feed)
    raw, keys = packet_bytes(packet).raw, keys_of(device)
    decoded = decode_packet(raw, _dialect(device), keys)
    hidden = viewer.role != Role.ADMINISTRATOR
    if hidden:
        decoded |= {
            "detail": without_secrets(decoded.get("detail") or ""),
            "warnings": [without_secrets(one) for one in decoded.get("warnings") or ()],
        }
    return Explained(
        packet, decoded, inspected(raw, _dialect(device), keys, hide_password=hidden), command_title(packet.cn)
    )


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
    device = Device.objects.filter(mn=packet.mn).select_related("dialect").first()
    dialect = _dialect(device)
    decoded = decode_packet(packet_bytes(packet).raw, dialect, keys_of(device))
    try:
        return bool(decoded.get("data_time")) and period_start(packet.cn, decoded["data_time"], dialect) == at
    except Hj212Error:
        return False


def _dialect(device: Device | None) -> Dialect:
    """How a device speaks; the standard where nobody knows the device."""
    return dialect_of(device.dialect) if device else STANDARD
