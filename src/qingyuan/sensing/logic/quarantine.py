"""Decoding what a device sent while nobody knew it, or what was refused before its settings were mended."""

from dataclasses import dataclass, field
from itertools import groupby

import zstandard
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from qingyuan.kit import clock, log
from qingyuan.kit.errors import Refused
from qingyuan.kit.log import Origin
from qingyuan.sensing.events import PacketsReadAgain, QuarantineDecoded
from qingyuan.sensing.logic.arriving.arrivals import TOO_MANY, Arrival
from qingyuan.sensing.logic.intake import Batch, Sink, judge_of
from qingyuan.sensing.logic.raw.packets import storable
from qingyuan.sensing.logic.registry import Known, Registry
from qingyuan.sensing.logic.rows import Segment
from qingyuan.sensing.logic.telling import store
from qingyuan.sensing.models import Device, PacketState, RawPacket, RawSegment
from qingyuan.sensing.queries import keys_of, named_in, odd_packets_of, packet_bytes, packets_of
from qingyuan_science.hj212 import STANDARD, BadFrame, Framer, Hj212Error, Keys, parse
from qingyuan_science.series import microseconds


@dataclass
class Found:
    """How many packets were read, how many are decoded and how many sound now, and the readings that were new.

    `late` are numbers of those that are decoded only now, `grown` of those of which other parts are stored than before.
    """

    packets: int = 0
    decoded: int = 0
    sound: int = 0
    readings: int = 0
    late: list[int] = field(default_factory=list)
    grown: list[int] = field(default_factory=list)

    def count(self, packet: RawPacket, before: tuple[str, str]) -> None:
        """Count a packet by what it is now, and by the state and the note that it had before."""
        decoded = packet.state == PacketState.DECODED
        self.packets += 1
        self.decoded += decoded
        self.sound += decoded and not packet.note
        if decoded and before[0] != PacketState.DECODED:
            self.late.append(packet.pk)
        elif decoded and before[1] != packet.note:
            self.grown.append(packet.pk)


def decode(device: Device, sink: Sink) -> int:
    """Take in what the device sent while nobody knew it, segment by segment, in one transaction."""
    waits = Q(state=PacketState.QUARANTINED)
    unread = Q(state=PacketState.REJECTED, cn="") | Q(state=PacketState.REJECTED, error=TOO_MANY)
    with transaction.atomic():
        found = _read(device, packets_of(device).filter(waits | unread), sink)
        if found.decoded:
            log.write(QuarantineDecoded(id=device.pk, packets=found.decoded, readings=found.readings, late=found.late))
    return found.decoded


def read_again(device: Device, sink: Sink, origin: Origin, packet: RawPacket | None = None) -> Found:
    """Judge anew every packet of the device that was refused or of which a part was left out, or the one given.

    Raises
    ------
    Refused
        The packet names another device, or none.
    """
    chosen = odd_packets_of(device) if packet is None else _own(device, packet)
    with transaction.atomic():
        found = _read(device, chosen, sink)
        log.write(PacketsReadAgain(device.pk, found.packets, found.sound, found.late, found.grown), origin)
    return found


def _own(device: Device, packet: RawPacket) -> QuerySet[RawPacket]:
    """The one packet, unless it is sound; what was refused before its number was kept names it in its bytes."""
    named = packet.mn or named_in(packet_bytes(packet).raw)
    if named != device.mn:
        told = {"named": named or "—", "mn": device.mn}
        raise Refused(_("This packet names the device %(named)s, not %(mn)s.") % told)
    return RawPacket.objects.filter(pk=packet.pk).exclude(state=PacketState.DECODED, note="")


def _read(device: Device, chosen: QuerySet[RawPacket], sink: Sink) -> Found:
    registry, found = Registry(), Found()
    registry.refresh()
    known = registry.device(device.mn)
    packets = list(chosen.select_for_update().order_by("segment_id", "offset"))
    for segment_id, group in groupby(packets, key=lambda packet: packet.segment_id):
        segment = RawSegment.objects.get(pk=segment_id)
        body = zstandard.decompress(bytes(segment.body))
        batch = Batch([])
        for packet in group:
            arrival, before = _again(packet, body, known, keys_of(device)), (packet.state, packet.note)
            if known is not None and arrival.message is not None:
                judge_of(known, arrival, batch, registry)
            packet.mn, packet.cn = device.mn, arrival.cn or packet.cn
            packet.state, packet.error, packet.note = arrival.state, arrival.fault, storable(arrival.note)
            packet.read_again_at = clock.now()
            packet.save(update_fields=["mn", "cn", "state", "error", "note", "read_again_at"])
            found.count(packet, before)
        store(batch.told, late=True)
        found.readings += sink(batch.rows, Segment(segment.pk, bytes(segment.hash)))
    return found


def _again(packet: RawPacket, body: bytes, known: Known | None, keys: Keys) -> Arrival:
    raw = body[packet.offset : packet.offset + packet.length]
    arrival = Arrival(raw, packet.peer, microseconds(packet.received_at))
    framer = Framer(known.dialect if known is not None else STANDARD, keys=keys)
    frames = [*framer.feed(raw), *framer.close()]
    try:
        if known is None or len(frames) != 1:
            arrival.refuse("BadHeader", "the packet no longer reads as one frame in this device's dialect")
        elif isinstance(frames[0], BadFrame):
            arrival.refuse(type(frames[0].error).__name__, str(frames[0].error))
        else:
            arrival.segment, arrival.enciphered = frames[0].segment, frames[0].enciphered
            message = parse(frames[0].segment, known.dialect)
            if message.mn in ("", known.mn):
                arrival.message = message
            else:
                arrival.refuse("BadHeader", f"found MN {message.mn!r}: expected {known.mn!r}")
    except Hj212Error as error:
        arrival.refuse(type(error).__name__, str(error))
    return arrival
