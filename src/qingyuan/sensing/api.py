"""Verbs on devices (registering, adopting, decoding what was quarantined) and proofs of what they sent."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from django.db import transaction

from qingyuan.kit import clock, log, merkle
from qingyuan.kit.errors import Refused
from qingyuan.kit.log import Origin
from qingyuan.places.queries import Station
from qingyuan.sensing.events import ChannelDefined, DeviceAdopted, DeviceRegistered
from qingyuan.sensing.logic import quarantine, segments
from qingyuan.sensing.logic.intake import Sink
from qingyuan.sensing.logic.rows import Rows, Segment
from qingyuan.sensing.models import Channel, Device, DeviceState, DialectProfile, RawPacket, RawSegment
from qingyuan_science.hj212 import STANDARD, Dialect

__all__ = [
    "PacketProof",
    "Rows",
    "Segment",
    "Sink",
    "adopt_device",
    "decode_quarantined",
    "define_channel",
    "define_dialect",
    "prove_packets",
    "register_device",
    "segment_faults",
    "verify_segments",
]


@dataclass(frozen=True)
class PacketProof:
    """One raw packet, and what shows it to be leaf `index` of its segment, whose hash the log names.

    The leaf's body is `before`, `raw` and `after` in a row: the stamp goes before a packet that was hashed by itself,
    and the rest of the segment stands around one that was not.
    """

    packet: RawPacket
    raw: bytes
    before: bytes
    after: bytes
    index: int
    count: int
    path: tuple[bytes, ...]
    previous: bytes


def define_dialect(dialect: Dialect, *, title_zh: str, title_en: str) -> DialectProfile:
    """Enter a dialect profile, or bring it up to date.

    Parameters
    ----------
    dialect : qingyuan_science.hj212.Dialect
    title_zh, title_en : str

    Returns
    -------
    DialectProfile
    """
    settings = {name: value for name, value in asdict(dialect).items() if name != "code"}
    values = {"title_zh": title_zh, "title_en": title_en, "settings": settings}
    return DialectProfile.objects.update_or_create(code=dialect.code, defaults=values)[0]


def register_device(mn: str, *, station: Station, password: str = "", dialect: str = STANDARD.code) -> Device:
    """Enter a device before it speaks for the first time.

    Parameters
    ----------
    mn : str
    station : Station
    password : str
        What its PW field must hold; empty to accept any.
    dialect : str
        Code of a dialect profile.

    Returns
    -------
    Device
    """
    device = Device.objects.create(
        mn=mn,
        station=station,
        password=password,
        state=DeviceState.ACTIVE,
        dialect=DialectProfile.objects.get(code=dialect),
        first_seen_at=clock.now(),
    )
    log.write(DeviceRegistered(id=device.pk, mn=mn, station=station.code))
    return device


def define_channel(station: Station, *, factor: str, unit: str, basis: str = "measured") -> Channel:
    """Enter a channel before its first reading comes.

    Parameters
    ----------
    station : Station
    factor : str
        Code of the factor table.
    unit : str
        Unit of its readings.
    basis : {"measured", "converted"}
        Converted (折算) to the reference oxygen content, or as measured.

    Returns
    -------
    Channel
        The same row when it was entered before.
    """
    channel, created = Channel.objects.get_or_create(
        station=station, factor=factor, basis=basis, defaults={"unit": unit}
    )
    if created:
        log.write(ChannelDefined(id=channel.pk, station=station.code, factor=factor, basis=basis))
    return channel


@transaction.atomic
def adopt_device(device_id: int, station: Station, origin: Origin) -> Device:
    """Give a quarantined device its station; what it has sent so far will be decoded by the loop.

    Parameters
    ----------
    device_id : int
    station : Station
    origin : Origin
        Who adopts it.

    Returns
    -------
    Device

    Raises
    ------
    Refused
        The device is not in quarantine.
    """
    device = Device.objects.select_for_update().get(pk=device_id)
    if device.state != DeviceState.QUARANTINED:
        raise Refused(f"device {device.mn} is {device.state}: only a quarantined device can be adopted")
    device.state, device.station = DeviceState.ACTIVE, station
    device.save(update_fields=["state", "station"])
    log.write(DeviceAdopted(id=device.pk, mn=device.mn, station=station.code), origin)
    return device


def decode_quarantined(device_id: int, sink: Sink) -> int:
    """Decode the packets that a device sent while it was in quarantine and hand the readings to `sink`.

    Parameters
    ----------
    device_id : int
    sink : callable
        As the gateway's: takes the rows and the segment they came in.

    Returns
    -------
    int
        How many packets were decoded. A second call finds nothing left to do.
    """
    return quarantine.decode(Device.objects.get(pk=device_id), sink)


def verify_segments() -> int:
    """Walk the chain of raw segments.

    Returns
    -------
    int
        How many segments there are.

    Raises
    ------
    LogBroken
        A segment's bytes or its link to the segment before were changed, or a segment is missing.
    """
    return segments.verify()


def segment_faults() -> Iterator[str | None]:
    """Walk the chain of raw segments and tell of each whether it is whole.

    Returns
    -------
    iterator of str or None
        For each segment what is wrong with it, or None.
    """
    return segments.faults()


def prove_packets(packets: Sequence[RawPacket]) -> Iterator[PacketProof]:
    """The bytes of packets, each with what shows it to be of its segment.

    Parameters
    ----------
    packets : sequence of RawPacket

    Returns
    -------
    iterator of PacketProof
        In the order of the segments.
    """
    wanted: dict[int, list[RawPacket]] = {}
    for packet in packets:
        wanted.setdefault(packet.segment_id, []).append(packet)
    places = segments.places_in(list(wanted))
    for segment in RawSegment.objects.filter(pk__in=wanted).order_by("pk").iterator(chunk_size=100):
        found = segments.opened(segment, places[segment.pk])
        leaves = found.leaves() if found.stamped else [merkle.leaf_hash(found.data)]
        nodes = merkle.nodes_of(leaves)
        for packet in wanted[segment.pk]:
            place = found.place_of(packet.offset)
            index = found.places.index(place) if found.stamped else 0
            yield PacketProof(
                packet, place.cut(found.data), *found.around(place), index=index, count=len(leaves),
                path=tuple(merkle.inclusion_proof(index, len(leaves), nodes)), previous=found.previous,
            )  # fmt: skip
