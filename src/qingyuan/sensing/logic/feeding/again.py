"""Payloads that wait or were rejected, read again after names, settings or connectors were mended."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

import zstandard
from django.db import transaction

from qingyuan.sensing.connector import CONNECTORS, Connector, Payload
from qingyuan.sensing.errors import Unstorable
from qingyuan.sensing.logic.feeding.delivery import Delivery
from qingyuan.sensing.logic.feeding.names import Names, list_waiting
from qingyuan.sensing.logic.feeding.products import Kept
from qingyuan.sensing.logic.feeding.taking import merge, read, reject, store
from qingyuan.sensing.logic.intake import Sink
from qingyuan.sensing.logic.raw.keeping import Faults
from qingyuan.sensing.logic.raw.packets import storable
from qingyuan.sensing.logic.registry import Registry
from qingyuan.sensing.logic.rows import Rows, Segment
from qingyuan.sensing.models import Feed, PacketState, RawPacket, RawSegment, WaitingName
from qingyuan.sensing.queries import bytes_behind
from qingyuan_science.series import microseconds


@dataclass
class Replayed:
    """Payloads that were read again: how many, how many are sound now, and of which something was stored.

    `late` are those that are decoded only now, `grown` those of which other parts are stored than before.
    """

    payloads: int = 0
    sound: int = 0
    stored: list[int] = field(default_factory=list)
    late: list[int] = field(default_factory=list)
    grown: list[int] = field(default_factory=list)


def replay(feed: Feed, sink: Sink, packet: RawPacket | None = None) -> Replayed:
    """Read again every payload that waits or was rejected, or the one that is named if it is among them."""
    connector, found = CONNECTORS.get(feed.connector)(), Replayed()
    with transaction.atomic():
        odd = RawPacket.objects.filter(mn=feed.sender).exclude(state=PacketState.DECODED, error="")
        chosen = odd if packet is None else odd.filter(pk=packet.pk)
        packets = list(chosen.select_for_update().order_by("segment_id", "offset"))
        names = Names(feed, Registry())
        for segment_id, some in groupby(packets, key=lambda one: one.segment_id):
            _read_again(segment_id, list(some), (connector, names), sink, found=found)
        waiting = WaitingName.objects.filter(feed=feed)
        if packet is None:
            waiting.delete()
        else:  # what it names was counted when it came
            for name in waiting.filter(name__in=names.unknown).values_list("name", flat=True):
                del names.unknown[name]
        list_waiting(names)
    return found


def _read_again(
    segment_id: int, packets: Sequence[RawPacket], reading: tuple[Connector, Names], sink: Sink, *, found: Replayed
) -> None:
    """Read packets of one segment, and note what came of them."""
    segment, rows = RawSegment.objects.get(pk=segment_id), Rows()
    body = zstandard.decompress(bytes(segment.body))
    for packet in packets:
        raw = body[packet.offset : packet.offset + packet.length]
        payload = Payload(bytes_behind(raw), packet.peer, microseconds(packet.received_at))
        delivery = Delivery(payload, packet.mn, packet.cn)
        read(delivery, *reading, faults=Faults(), rows=rows)
        try:
            with transaction.atomic():
                merge(reading[1].feed, delivery, again=True)
                store(reading[1].feed, delivery, Kept(segment_id, again=True))
        except Unstorable as error:
            reject(delivery, (Unstorable.__name__, str(error)), Faults())
        before = (packet.state, packet.error, packet.note)
        packet.state, packet.error, packet.note = delivery.state, delivery.fault, storable(delivery.note)
        packet.save(update_fields=["state", "error", "note"])
        found.payloads += 1
        found.sound += not delivery.fault
        if delivery.readings or delivery.records or not delivery.fault:
            found.stored.append(packet.pk)
        if packet.state == PacketState.DECODED and before[0] != PacketState.DECODED:
            found.late.append(packet.pk)
        elif packet.state == PacketState.DECODED and before != (packet.state, packet.error, packet.note):
            found.grown.append(packet.pk)
    sink(rows, Segment(segment.pk, bytes(segment.hash)))
