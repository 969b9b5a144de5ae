"""Decoding what a device sent while nobody knew it, or what was refused before its settings were mended."""

from dataclasses import dataclass
from itertools import groupby

import zstandard
from django.db import transaction
from django.db.models import QuerySet

from qingyuan.kit import log
from qingyuan.kit.log import Origin
from qingyuan.sensing.events import PacketsReadAgain, QuarantineDecoded
from qingyuan.sensing.logic.arriving.arrivals import Arrival
from qingyuan.sensing.logic.intake import Batch, Sink, judge_of
from qingyuan.sensing.logic.registry import Registry
from qingyuan.sensing.logic.rows import Segment
from qingyuan.sensing.models import Device, PacketState, RawPacket, RawSegment
from qingyuan.sensing.queries import keys_of, odd_packets_of, packets_of
from qingyuan_science.hj212 import Frame, Framer, Hj212Error, Keys, parse


@dataclass
class Found:
    """How many packets were read, how many of them are sound now, and the readings that were new."""

    packets: int = 0
    sound: int = 0
    readings: int = 0


def decode(device: Device, sink: Sink) -> int:
    """Take every quarantined packet of the device in, segment by segment, in one transaction."""
    with transaction.atomic():
        found = _read(device, packets_of(device).filter(state=PacketState.QUARANTINED), sink)
        if found.packets:
            log.write(QuarantineDecoded(id=device.pk, packets=found.packets, readings=found.readings))
    return found.packets


def read_again(device: Device, sink: Sink, origin: Origin) -> Found:
    """Judge every packet of the device anew that was refused, or of which a part was left out, in one transaction."""
    with transaction.atomic():
        found = _read(device, odd_packets_of(device), sink)
        log.write(PacketsReadAgain(id=device.pk, packets=found.packets, sound=found.sound), origin)
    return found


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
            arrival = _again(packet, body, registry, keys_of(device))
            if known is not None and arrival.message is not None:
                judge_of(known, arrival, batch, registry)
            packet.state, packet.error, packet.note = arrival.state, arrival.fault, arrival.note
            packet.save(update_fields=["state", "error", "note"])
            found.packets += 1
            found.sound += packet.state == PacketState.DECODED and not packet.note
        found.readings += sink(batch.rows, Segment(segment.pk, bytes(segment.hash)))
    return found


def _again(packet: RawPacket, body: bytes, registry: Registry, keys: Keys) -> Arrival:
    raw = body[packet.offset : packet.offset + packet.length]
    received = round(packet.received_at.timestamp() * 1_000_000)
    arrival = Arrival(raw, packet.peer, received)
    known = registry.device(packet.mn)
    frames = Framer(known.dialect, keys=keys).feed(raw) if known is not None else []
    try:
        if known is None or len(frames) != 1 or not isinstance(frames[0], Frame):
            arrival.refuse("BadHeader", "the packet no longer reads as one frame in this device's dialect")
        else:
            arrival.enciphered = frames[0].enciphered
            arrival.message = parse(frames[0].segment, known.dialect)
    except Hj212Error as error:
        arrival.refuse(type(error).__name__, str(error))
    return arrival
