"""Packets that were not stored in whole, by whatever door they came: why, their bytes, and the way to mend that."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.sensing.queries import (
    Device,
    DeviceState,
    Feed,
    PacketState,
    RawPacket,
    connector_of,
    feed_of,
    named_in,
    packet_bytes,
    packets_bytes,
)
from qingyuan.showing.logic.payloads import text_of

LETTERS_SHOWN = 4_000
BROUGHT_AT = {"table": "imports", "spots": "spot-files"}
PACKET_KINDS = {PacketState.DECODED: "good", PacketState.QUARANTINED: "warning", PacketState.REJECTED: "bad"}

NOTHING_KEPT = frozenset({"NoReading", "NoReport", "UnknownCommand"})  # faults of a whole packet that was taken


@dataclass(frozen=True)
class Again:
    """Whether a packet that was not stored in whole can be read again; if not, why, and where that can be mended."""

    may: bool
    why: str = ""
    href: str = ""
    title: str = ""


def packet_kind(packet: RawPacket) -> str:
    """How a packet's state is marked: one that was not stored in whole is not in order."""
    if packet.state == PacketState.DECODED and packet.error in NOTHING_KEPT:
        return "bad"
    return "warning" if is_in_part(packet) else PACKET_KINDS[PacketState(packet.state)]


def packet_state(packet: RawPacket) -> str:
    """What became of a packet: nobody adopts a payload of a feed, its names wait."""
    if packet.state == PacketState.QUARANTINED and packet.mn.startswith("feed:"):
        return _("Names wait")
    if not is_in_part(packet):
        return str(PacketState(packet.state).label)
    if packet.error in NOTHING_KEPT:
        return _("Nothing of it stored")
    return _("Stored in part") if packet.error else _("Not stored in whole")


def is_in_part(packet: RawPacket) -> bool:
    """Whether a packet was taken, but not all of it was stored."""
    return packet.state == PacketState.DECODED and bool(packet.error or packet.note)


def again(packet: RawPacket) -> Again | None:
    """Whether a packet can be read again; None for one that was stored in whole."""
    if packet.state == PacketState.DECODED and not is_in_part(packet):
        return None
    feed = feed_of(packet)
    if feed is not None:
        return again_by_feed(feed)
    named = packet.mn or named_in(packet_bytes(packet).raw)
    return _again_by_device(named)


def again_by_feed(feed: Feed) -> Again:
    """Whether the payloads of a feed can be read again."""
    connector = connector_of(feed)
    if connector is None:
        return Again(False, _("The connector %(code)s is not installed.") % {"code": feed.connector})
    if connector.by_hand:
        why = _("It was brought by hand, and may have been taken back since: bring the file again from its own page.")
        return Again(False, why, reverse(BROUGHT_AT.get(connector.code, "imports")), _("Files brought by hand"))
    return Again(True)


def _again_by_device(named: str) -> Again:
    device = Device.objects.filter(mn=named).first() if named else None
    if not named:
        return Again(False, _("It names no device (MN), so nobody can say whose readings it holds."))
    if device is None:
        why = _("It names the device %(mn)s, which nobody has entered. Once it is entered, this can be read again.")
        href = f"{reverse('admin:sensing_device_add')}?{urlencode({'mn': named})}"
        return Again(False, why % {"mn": named}, href, _("Enter the device"))
    own = reverse("device", kwargs={"mn": device.mn})
    if device.state == DeviceState.QUARANTINED:
        return Again(False, _("Its device is in quarantine: once it is adopted, this is read again."), own, device.mn)
    if device.state != DeviceState.ACTIVE:
        return Again(False, _("Its device is out of use."), own, device.mn)
    return Again(True)


def letter_rows(packets: Iterable[RawPacket]) -> list[dict[str, Any]]:
    """Packets as they are listed, with the beginning of their bytes."""
    return [
        {
            "packet": letter.packet,
            "kind": packet_kind(letter.packet),
            "state": packet_state(letter.packet),
            "text": text_of(letter.raw, LETTERS_SHOWN),
            "is_cut": len(letter.raw) > LETTERS_SHOWN,
        }
        for letter in packets_bytes(packets)
    ]
