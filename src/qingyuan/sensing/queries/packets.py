"""Reads of raw packets and counted faults."""

import hashlib
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import zstandard
from django.db.models import Q, QuerySet

from qingyuan.kit import clock
from qingyuan.kit.queries import lines
from qingyuan.places.queries import Station
from qingyuan.sensing.events import DeviceAdopted, DeviceRegistered
from qingyuan.sensing.models import (
    Device,
    FaultCount,
    PacketState,
    RawPacket,
    RawSegment,
)
from qingyuan_science.hj212 import Framer

READ_AGAIN_WITHIN = timedelta(days=30)  # a device speaks every few seconds, and none of that is looked through twice
REFUSED = (PacketState.REJECTED, PacketState.QUARANTINED)
NAMING = re.compile(rb"MN=([^;&\r\n]{1,64});")


@dataclass(frozen=True)
class PacketBytes:
    """What came over the wire: one raw packet, or several that have one row."""

    packet: RawPacket
    raw: bytes

    @property
    def singles(self) -> list[bytes]:
        """The packets one by one; those of one row are framed to the letter of the standard."""
        if self.packet.packets == 1:
            return [self.raw]
        return [frame.raw for frame in Framer().feed(self.raw)]


def _decoded(station_id: int) -> QuerySet[RawPacket]:
    """Decoded packets of the devices that stand at a station, or once stood there by the log."""
    there = set(Device.objects.filter(station=station_id).values_list("mn", flat=True))
    code = Station.objects.values_list("code", flat=True).get(pk=station_id)
    placed = lines(acts=(DeviceRegistered.__name__, DeviceAdopted.__name__)).filter(detail__station=code)
    senders = there | set(placed.values_list("detail__mn", flat=True))
    return RawPacket.objects.filter(mn__in=senders, state=PacketState.DECODED).order_by("pk")


def packets_received(station_id: int, commands: Collection[str], at: datetime) -> QuerySet[RawPacket]:
    """Packets of some commands that a station's devices sent and the gateway received at one instant.

    Parameters
    ----------
    station_id : int
    commands : collection of str
        Command codes.
    at : datetime
        The stamp that readings carry as their `received_at`; packets that came in one piece share it.

    Returns
    -------
    QuerySet of RawPacket
    """
    return _decoded(station_id).filter(cn__in=commands, received_at=at)


def packets_behind(station_id: int, received: Collection[datetime]) -> QuerySet[RawPacket]:
    """Decoded packets of a station's devices that the gateway received at some instants.

    Parameters
    ----------
    station_id : int
    received : collection of datetime
        The stamps that readings carry as their `received_at`.

    Returns
    -------
    QuerySet of RawPacket
    """
    return _decoded(station_id).filter(received_at__in=received)


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


def packets_sent_by(sender: str, since: datetime, *, refused: bool = False) -> QuerySet[RawPacket]:
    """What one sender sent from an instant on, newest first; the rows that `Intake` counts.

    Parameters
    ----------
    sender : str
        As `Source` names it: an MN, or a feed's.
    since : datetime
        Aware.
    refused : bool
        Only those that were refused or wait.

    Returns
    -------
    QuerySet of RawPacket
        A row may hold several packets, which its `packets` counts.
    """
    found = RawPacket.objects.filter(mn=sender, received_at__gte=since).order_by("-received_at", "-pk")
    return found.filter(state__in=REFUSED) if refused else found


def odd_packets_of(device: Device) -> QuerySet[RawPacket]:
    """Packets of a device of the last 30 days that wait, were refused, or were stored in part; newest first.

    Parameters
    ----------
    device : Device

    Returns
    -------
    QuerySet of RawPacket
    """
    since = clock.now() - READ_AGAIN_WITHIN
    return packets_of(device).filter(received_at__gte=since).exclude(state=PacketState.DECODED, note="")


def named_in(raw: bytes) -> str:
    """The number of the device that bytes name, whether or not they can be read; nothing proves it.

    Parameters
    ----------
    raw : bytes

    Returns
    -------
    str
        Empty where they name none.
    """
    found = NAMING.search(raw)
    return found[1].decode("ascii", "replace") if found else ""


def packets_of_fault(fault: FaultCount) -> QuerySet[RawPacket]:
    """The packets that were kept of a counted fault, newest first.

    Parameters
    ----------
    fault : FaultCount

    Returns
    -------
    QuerySet of RawPacket
        Of its day and its sender; what could not be read at all is counted by address, whatever device it names.
    """
    begins = datetime.combine(fault.day, time(), clock.SHANGHAI)
    of_day = RawPacket.objects.filter(received_at__gte=begins, received_at__lt=begins + timedelta(days=1))
    if fault.mn:
        found = of_day.filter(mn=fault.mn)
    else:
        there = Q(peer=fault.peer) | Q(peer__startswith=f"{fault.peer}:")
        found = of_day.filter(there, state=PacketState.REJECTED)
    alone = Q(error="NoReading", note=fault.detail)  # of a packet of which the fault left nothing
    return found.filter(Q(error=fault.error) | alone).order_by("-received_at", "-pk")


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
        Of a row of several packets the bytes of all.
    """
    segment = RawSegment.objects.get(pk=packet.segment_id)
    body = zstandard.decompress(bytes(segment.body))
    return PacketBytes(packet, body[packet.offset : packet.offset + packet.length])


def packets_bytes(packets: Iterable[RawPacket]) -> list[PacketBytes]:
    """The bytes of several packets; each of their segments is read once.

    Parameters
    ----------
    packets : iterable of RawPacket

    Returns
    -------
    list of PacketBytes
        In the order of the packets.
    """
    wanted = list(packets)
    segments = RawSegment.objects.filter(pk__in={packet.segment_id for packet in wanted})
    bodies = {segment.pk: zstandard.decompress(bytes(segment.body)) for segment in segments}
    return [
        PacketBytes(packet, bodies[packet.segment_id][packet.offset : packet.offset + packet.length])
        for packet in wanted
    ]


def packet_with(sender: str, segment: int, sha256: str) -> RawPacket | None:
    """What a sender brought in a segment by the hash of its bytes; files that come together share a segment.

    Parameters
    ----------
    sender : str
        As raw packets name it.
    segment : int
    sha256 : str

    Returns
    -------
    RawPacket or None
        None where no bytes of the sender in the segment have that hash.
    """
    there = packets_bytes(RawPacket.objects.filter(segment_id=segment, mn=sender).order_by("pk"))
    return next((one.packet for one in there if hashlib.sha256(one.raw).hexdigest() == sha256), None)
