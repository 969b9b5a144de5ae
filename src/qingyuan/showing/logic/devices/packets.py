"""Raw packets for people: their text, what is decoded from it, and the way back from a reading to its packet."""

from collections.abc import Iterator
from contextlib import suppress
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
    number: int  # which of the packets that have one row, from 1
    length: int
    decoded: dict[str, Any]
    inspection: Inspection
    command: str


def explained(packet: RawPacket, device: Device | None, viewer: User, number: int = 1) -> Explained | ExplainedPayload:
    """The packet with everything that it says; its password is for administrators only.

    Of several that have one row, the one with that number.
    """
    feed = feed_of(packet)
    if feed is not None:
        return explained_payload(packet, feed)
    singles, keys = packet_bytes(packet).singles, keys_of(device)
    number = min(max(number, 1), len(singles))
    raw = singles[number - 1]
    decoded = decode_packet(raw, _dialect(device), keys)
    hidden = viewer.role != Role.ADMINISTRATOR
    if hidden:
        decoded |= {
            "detail": without_secrets(decoded.get("detail") or ""),
            "warnings": [without_secrets(one) for one in decoded.get("warnings") or ()],
        }
    inspection = inspected(raw, _dialect(device), keys, hide_password=hidden)
    return Explained(packet, number, len(raw), decoded, inspection, command_title(packet.cn))


def command_title(cn: str) -> str:
    """What a command code means, as devices send it."""
    rows = [row for row in commands(cn) if row.direction != "host-to-device"] or list(commands(cn))
    if not rows:
        return ""
    return rows[0].title_zh if (get_language() or "zh").startswith("zh") else rows[0].title_en


def packet_behind(channel: Channel, kind: str, at: datetime) -> tuple[RawPacket, int] | None:
    """The packet that brought a reading: received when it was, and telling of its time; None for computed values.

    With the number of the packet among those that have its row, from 1.
    """
    received = received_at(channel.pk, kind, at)
    if received is None or kind not in COMMAND_OF_KIND:
        return None
    sent = packets_received(channel.station_id, COMMAND_OF_KIND[kind], received)
    told = ((packet, number) for packet in sent for number in _numbers_telling_of(packet, at))
    payload = feed_packets_received(channel, received).first()
    return next(told, None) or ((payload, 1) if payload else None)


def _numbers_telling_of(packet: RawPacket, at: datetime) -> Iterator[int]:
    device = Device.objects.filter(mn=packet.mn).select_related("dialect").first()
    dialect, keys = _dialect(device), keys_of(device)
    for number, raw in enumerate(packet_bytes(packet).singles, 1):
        decoded = decode_packet(raw, dialect, keys)
        with suppress(Hj212Error):
            if decoded.get("data_time") and period_start(packet.cn, decoded["data_time"], dialect) == at:
                yield number


def _dialect(device: Device | None) -> Dialect:
    """How a device speaks; the standard where nobody knows the device."""
    return dialect_of(device.dialect) if device else STANDARD
