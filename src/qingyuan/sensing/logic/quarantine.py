"""Decoding, after adoption, what a device sent while nobody knew it."""

from itertools import groupby

import zstandard
from django.db import transaction

from qingyuan.kit import log
from qingyuan.sensing.events import QuarantineDecoded
from qingyuan.sensing.logic.arriving.arrivals import Arrival
from qingyuan.sensing.logic.intake import Batch, Sink, read_packet
from qingyuan.sensing.logic.registry import Registry
from qingyuan.sensing.logic.rows import Segment
from qingyuan.sensing.models import Device, PacketState, RawPacket, RawSegment
from qingyuan.sensing.queries import keys_of
from qingyuan_science.hj212 import Frame, Framer, Hj212Error, Keys, parse


def decode(device: Device, sink: Sink) -> int:
    """Take every quarantined packet of the device in, segment by segment, in one transaction."""
    with transaction.atomic():
        registry = Registry()
        registry.refresh()
        known = registry.device(device.mn)
        waiting = RawPacket.objects.filter(mn=device.mn, state=PacketState.QUARANTINED).select_for_update()
        packets = list(waiting.order_by("segment_id", "offset"))
        stored = 0
        for segment_id, group in groupby(packets, key=lambda packet: packet.segment_id):
            segment = RawSegment.objects.get(pk=segment_id)
            body = zstandard.decompress(bytes(segment.body))
            batch = Batch([])
            for packet in group:
                arrival = _again(packet, body, registry, keys_of(device))
                if known is not None and arrival.message is not None:
                    read_packet(arrival, known, batch, registry)
                packet.state, packet.error, packet.note = arrival.state, arrival.fault, arrival.note
                packet.save(update_fields=["state", "error", "note"])
            stored += sink(batch.rows, Segment(segment.pk, bytes(segment.hash)))
        if packets:
            log.write(QuarantineDecoded(id=device.pk, packets=len(packets), readings=stored))
    return len(packets)


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
            arrival.message = parse(frames[0].segment, known.dialect)
    except Hj212Error as error:
        arrival.refuse(type(error).__name__, str(error))
    return arrival
