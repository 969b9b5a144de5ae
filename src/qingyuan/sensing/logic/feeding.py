"""Payloads of a feed into the database: raw bytes, readings and faults, in one transaction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

import zstandard
from django.db import connection, transaction

from qingyuan.sensing.connector import CONNECTORS, BadPayload, Connector, Observed, Payload, Read
from qingyuan.sensing.logic.intake import Sink
from qingyuan.sensing.logic.keeping import Faults, instant, keep
from qingyuan.sensing.logic.plausible import AHEAD_US, EARLIEST_US, LARGEST, MISSING
from qingyuan.sensing.logic.registry import Registry
from qingyuan.sensing.logic.rows import Rows, Segment
from qingyuan.sensing.models import Feed, FeedName, PacketState, RawPacket, RawSegment
from qingyuan.sensing.queries import MEDIUM
from qingyuan_science.series import Mark, microseconds
from qingyuan_science.units import UnitError, convert

BASES = ("measured", "converted")
KINDS_SENT = "rmhd"


@dataclass
class Delivery:
    """One payload, and what became of it: how many readings are stored, and what is wrong, as (error, detail)."""

    payload: Payload
    mn: str
    cn: str
    state: PacketState = PacketState.DECODED
    fault: str = ""
    note: str = ""
    readings: int = 0
    noise: bool = False
    faults: list[tuple[str, str]] = field(default_factory=list)

    @property
    def raw(self) -> bytes:
        return self.payload.raw

    @property
    def peer(self) -> str:
        return self.payload.address[:64]

    @property
    def received_us(self) -> int:
        return self.payload.received_us

    def end(self, state: PacketState, fault: str, note: str) -> None:
        self.state, self.fault, self.note = state, fault, note


@dataclass(frozen=True)
class Target:
    """The channel that a name means; `scale` brings values in `unit` to the channel's own unit."""

    channel: int
    kind: str
    unit: str
    channel_unit: str


@dataclass
class Doubt(Exception):
    """Why one observation is no reading."""

    fault: str
    detail: str


@dataclass
class Names:
    """What the names of a feed mean, looked up once a batch."""

    feed: Feed
    registry: Registry
    meant: dict[str, Target | None] = field(default_factory=dict)

    def target(self, name: str) -> Target | None:
        """The channel of a name; None where it is left out on purpose.

        Raises
        ------
        Doubt
            Nobody has said what the name means.
        """
        if name not in self.meant:
            self.meant[name] = self._by_table(name)
        return self.meant[name]

    def _by_table(self, name: str) -> Target | None:
        row = FeedName.objects.filter(feed=self.feed, name=name).select_related("channel").first()
        if row is None:
            return self._by_codes(name)
        if row.channel is None:
            return None
        return Target(row.channel.pk, row.kind, row.unit or row.channel.unit, row.channel.unit)

    def _by_codes(self, name: str) -> Target:
        code, _, rest = name.partition("/")
        factor_code, _, basis = rest.partition("/")
        station = self.feed.stations.filter(code=code).first() if rest else None
        factor = self.registry.factor(factor_code, MEDIUM.get(station.kind, "")) if station is not None else None
        if station is None or factor is None or (basis or BASES[0]) not in BASES:
            raise Doubt("UnknownName", f"found {name!r}: expected a name of this feed's table, or STATION/FACTOR")
        channel, unit = self.registry.channel(station.pk, factor, basis or BASES[0])
        return Target(channel, "r", unit, unit)


def take_in(feed: Feed, payloads: Sequence[Payload], sink: Sink) -> list[Delivery]:
    """Write payloads durably; each delivery says what became of its payload. Nothing is written when anything fails."""
    if not payloads:
        return []
    connector = CONNECTORS.get(feed.connector)()
    deliveries = [Delivery(payload, feed.sender, connector.code[:8]) for payload in payloads]
    with transaction.atomic():
        names, faults, rows = Names(feed, Registry()), Faults(), Rows()
        for delivery in deliveries:
            _read(delivery, connector, names, faults=faults, rows=rows)
        segment = keep(deliveries)
        faults.store()
        _mark_seen(feed, deliveries)
        sink(rows, segment)
    return deliveries


def _read(delivery: Delivery, connector: Connector, names: Names, *, faults: Faults, rows: Rows) -> None:
    try:
        read = connector.read_in_turn(delivery.payload, names.feed.settings)
    except BadPayload as error:
        delivery.end(PacketState.REJECTED, "BadPayload", str(error))
        delivery.faults.append((delivery.fault, delivery.note))
        faults.add(delivery, delivery.fault, delivery.note)
        return
    for fault, detail in chain(_store(delivery, read, names, rows), read.faults):
        delivery.faults.append((fault, detail))
        faults.add(delivery, fault, detail)
        waits = PacketState.QUARANTINED if fault == "UnknownName" else delivery.state
        delivery.end(waits, fault, detail)


def _store(delivery: Delivery, read: Read, names: Names, rows: Rows) -> Iterator[tuple[str, str]]:
    """Append what can be stored to `rows`; what cannot is named."""
    for observed in read.walk():
        try:
            target = names.target(observed.name)
            if target is not None:
                _append(rows, observed, target, delivery.received_us)
                delivery.readings += 1
        except Doubt as doubt:
            place = f"{observed.where}: " if observed.where else ""
            yield doubt.fault, f"{place}{doubt.detail}"


def _append(rows: Rows, observed: Observed, target: Target, received_us: int) -> None:
    kind = observed.kind or target.kind
    if kind not in KINDS_SENT:
        raise Doubt("UnknownKind", f"found kind {kind!r}: expected one of {', '.join(KINDS_SENT)}")
    if observed.mark not in list(Mark):
        raise Doubt("UnknownMark", f"found mark {observed.mark!r}: expected one of {', '.join(Mark)}")
    at = _instant(observed.at, received_us)
    numbers = _numbers(observed, target)
    rows.add((target.channel, kind, at), numbers, observed.mark, received_us)


def _instant(at: datetime, received_us: int) -> int:
    found = microseconds(at)
    if not EARLIEST_US <= found <= received_us + AHEAD_US:
        raise Doubt("BadTime", f"found time {at.isoformat()}: expected between 2000-01-01 and one hour from now")
    return found


def _numbers(observed: Observed, target: Target) -> tuple[float, float, float, float]:
    unit = observed.unit or target.unit
    try:
        scaled = tuple(
            MISSING if number is None else convert(number, unit, target.channel_unit)
            for number in (observed.value, observed.low, observed.high)
        )
    except UnitError as error:
        raise Doubt("BadUnit", str(error)) from error
    total = MISSING if observed.total is None else observed.total
    numbers = (scaled[0], scaled[1], scaled[2], total)
    if any(abs(number) > LARGEST for number in numbers):
        raise Doubt("AbsurdValue", f"found {observed.name}={observed.value}: expected below {LARGEST:g}")
    return numbers


def _mark_seen(feed: Feed, deliveries: Sequence[Delivery]) -> None:
    sql = (
        "UPDATE sensing_feed SET packets = packets + %s, last_seen_at = %s, last_address = %s, trouble = ''"
        " WHERE id = %s"
    )
    last = deliveries[-1]
    with connection.cursor() as cursor:
        cursor.execute(sql, [len(deliveries), instant(last.received_us), last.peer, feed.pk])


def replay(feed: Feed, sink: Sink) -> tuple[int, int]:
    """Read again every payload that waits or was rejected; how many there were, and how many are sound now."""
    connector = CONNECTORS.get(feed.connector)()
    with transaction.atomic():
        odd = RawPacket.objects.filter(mn=feed.sender).exclude(state=PacketState.DECODED, error="")
        packets = list(odd.select_for_update().order_by("segment_id", "offset"))
        names, sound = Names(feed, Registry()), 0
        for packet in packets:
            delivery, rows = _again(packet), Rows()
            _read(delivery, connector, names, faults=Faults(), rows=rows)
            packet.state, packet.error, packet.note = delivery.state, delivery.fault, delivery.note
            packet.save(update_fields=["state", "error", "note"])
            segment = RawSegment.objects.only("pk", "hash").get(pk=packet.segment_id)
            sink(rows, Segment(segment.pk, bytes(segment.hash)))
            sound += not delivery.fault
    return len(packets), sound


def _again(packet: RawPacket) -> Delivery:
    segment = RawSegment.objects.get(pk=packet.segment_id)
    raw = zstandard.decompress(bytes(segment.body))[packet.offset : packet.offset + packet.length]
    payload = Payload(raw, packet.peer, round(packet.received_at.timestamp() * 1_000_000))
    return Delivery(payload, packet.mn, packet.cn)
