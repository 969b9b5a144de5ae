"""Raw packets for people: their text, what is decoded from it, and the way back from a reading to its packet."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from qingyuan.forecasting.queries import bulletins
from qingyuan.kit.errors import NotFound
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import stations
from qingyuan.sensing.queries import (
    Device,
    RawPacket,
    Spoken,
    devices,
    dialect_of,
    feed_of,
    feed_packets_received,
    is_product_seen,
    keys_of,
    packet_bytes,
    packets_received,
    spoken_behind,
    stations_ever_of_feed,
)
from qingyuan.showing.logic.devices.inspector import Inspection, inspected, without_secrets
from qingyuan.showing.logic.payloads import ExplainedPayload, Told, explained_payload, without_others
from qingyuan_science.hj212 import STANDARD, Dialect, Hj212Error, decode_packet, period_start
from qingyuan_science.hj212.codes import commands

COMMANDS_OF_KIND = {"r": ("2011", "2052"), "m": ("2051", "2111"), "h": ("2061",), "d": ("2031",)}
KIND_OF_COMMAND = {command: kind for kind, several in COMMANDS_OF_KIND.items() for command in several}
RESULT_WORDS = {
    "accepted": gettext_lazy("taken"),
    "corrected": gettext_lazy("taken, in place of a mean computed here"),
    "refused": gettext_lazy("turned down"),
    "unanswered": gettext_lazy("not answered"),
    "too-old": gettext_lazy("left out as too old"),
    "unwritable": gettext_lazy("could not be written"),
    "behind": gettext_lazy("withheld: it came after a mean computed here had gone"),
    "withheld": gettext_lazy("withheld: it came enciphered and would have gone in the clear"),
}


@dataclass(frozen=True)
class Explained:
    """One packet: what it says to the last byte, or what is wrong with it."""

    packet: RawPacket
    number: int  # which of the packets that have one row, from 1
    length: int
    decoded: dict[str, Any]
    inspection: Inspection
    command: str
    spoken: Spoken  # by which dialect it is read
    is_present: bool  # whether the device speaks so today


def explained(
    packet: RawPacket, device: Device | None, viewer: User, number: int = 1, *, as_now: bool = False
) -> Explained | ExplainedPayload:
    """The packet with everything that it says; its password is for administrators only.

    Of several that have one row, the one with that number. A packet is read by the dialect of its time, a payload of a
    feed by the settings of its time, or both as they would be read now.
    """
    feed = feed_of(packet)
    if feed is not None:
        return explained_payload(packet, feed, as_now=as_now)
    singles, keys = packet_bytes(packet).singles, keys_of(device)
    number = min(max(number, 1), len(singles))
    raw = singles[number - 1]
    present = _dialect(device)
    spoken = Spoken(present) if device is None or as_now else spoken_behind(device, packet)
    decoded = decode_packet(raw, spoken.dialect, keys)
    hidden = viewer.role != Role.ADMINISTRATOR
    if hidden:
        decoded |= {
            "detail": without_secrets(decoded.get("detail") or ""),
            "warnings": [without_secrets(one) for one in decoded.get("warnings") or ()],
        }
    inspection = inspected(raw, spoken.dialect, keys, hide_password=hidden)
    told = (decoded, inspection, command_title(packet.cn), spoken, spoken.dialect == present)
    return Explained(packet, number, len(raw), *told)


def command_title(cn: str) -> str:
    """What a command code means, as devices send it."""
    rows = [row for row in commands(cn) if row.direction != "host-to-device"] or list(commands(cn))
    if not rows:
        return ""
    return rows[0].title_zh if (get_language() or "zh").startswith("zh") else rows[0].title_en


def may_see(viewer: User, packet: RawPacket) -> bool:
    """Whether everything that a packet speaks of is in the viewer's territory; administrators see all packets."""
    if viewer.role == Role.ADMINISTRATOR or devices(viewer).filter(mn=packet.mn).exists():
        return True
    feed = feed_of(packet)
    written = stations_ever_of_feed(feed) if feed else set()
    if written:
        return stations(viewer).filter(pk__in=written).count() == len(written)
    return feed is not None and (is_product_seen(viewer, packet) or bulletins(viewer).filter(packet=packet.pk).exists())


def evidence_address(viewer: User, packet: RawPacket | None) -> str:
    """The page of the bytes that brought something; who may see only some of what they speak of is told so."""
    if packet is None:
        raise NotFound(_("The bytes that brought it are not kept."))
    if not may_see(viewer, packet):
        raise NotFound(_("The bytes that brought it speak of other places too, which you may not see."))
    return reverse("packet", kwargs={"packet_id": packet.pk})


def packet_behind(reading: Told, received: datetime | None) -> tuple[RawPacket, int] | None:
    """The packet that brought a reading: received at that instant, and telling of its time; None for computed values.

    With the number of the packet among those that have its row, from 1.
    """
    channel, kind, at = reading
    if received is None or kind not in COMMANDS_OF_KIND:
        return None
    sent = packets_received(channel.station_id, COMMANDS_OF_KIND[kind], received)
    told = ((packet, number) for packet in sent for number in _numbers_telling_of(packet, at))
    return next(told, None) or _payload_behind(reading, received)


def _payload_behind(reading: Told, received: datetime) -> tuple[RawPacket, int] | None:
    """Of the payloads that came at that instant the one that tells of the reading."""
    came = list(feed_packets_received(reading[0], received))
    for packet in came if len(came) > 1 else ():
        feed = feed_of(packet)
        if feed is not None and explained_payload(packet, feed, reading).own:
            return packet, 1
    return (came[0], 1) if came else None


def brought(reading: Told, received: datetime | None, viewer: User) -> Explained | ExplainedPayload | None:
    """The packet that brought a reading, and what it says of it as far as the viewer may see."""
    found = packet_behind(reading, received)
    if found is None:
        return None
    packet, number = found
    feed = feed_of(packet)
    if feed is None:
        device = Device.objects.filter(mn=packet.mn).select_related("dialect").first()
        return explained(packet, device, viewer, number)
    told = explained_payload(packet, feed, reading)
    return told if may_see(viewer, packet) else without_others(told)


def _numbers_telling_of(packet: RawPacket, at: datetime) -> Iterator[int]:
    device = Device.objects.filter(mn=packet.mn).select_related("dialect").first()
    dialect, keys = STANDARD if device is None else spoken_behind(device, packet).dialect, keys_of(device)
    for number, raw in enumerate(packet_bytes(packet).singles, 1):
        decoded = decode_packet(raw, dialect, keys)
        with suppress(Hj212Error):
            if decoded.get("data_time") and period_start(packet.cn, decoded["data_time"], dialect) == at:
                yield number


def _dialect(device: Device | None) -> Dialect:
    """How a device speaks; the standard where nobody knows the device."""
    return dialect_of(device.dialect) if device else STANDARD
