"""Payloads of a feed into the database: raw bytes, readings and faults, in one transaction."""

import hashlib
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, groupby
from typing import Any

import structlog
import zstandard
from django.db import connection, transaction

from qingyuan.kit import clock, log
from qingyuan.kit.log import PLATFORM
from qingyuan.sensing.connector import CONNECTORS, LONGEST_ADDRESS, BadPayload, Connector, Observed, Payload, Read
from qingyuan.sensing.events import FeedTroubled, ForecastsBrought
from qingyuan.sensing.logic import spotting
from qingyuan.sensing.logic.filming import keeping, storing
from qingyuan.sensing.logic.intake import Sink
from qingyuan.sensing.logic.lidars import scanning
from qingyuan.sensing.logic.plausible import AHEAD_US, EARLIEST_US, LARGEST, MISSING, largest
from qingyuan.sensing.logic.raw.keeping import Faults, host, instant, keep
from qingyuan.sensing.logic.raw.packets import storable
from qingyuan.sensing.logic.recordkeeping import storing as records
from qingyuan.sensing.logic.recordkeeping.staging import Staged, stage
from qingyuan.sensing.logic.registry import Registry
from qingyuan.sensing.logic.rows import Rows, Segment
from qingyuan.sensing.models import (
    Camera,
    Door,
    FaultCount,
    Feed,
    Footage,
    PacketState,
    RawPacket,
    RawSegment,
    WaitingName,
)
from qingyuan.sensing.queries import MEDIUM, bytes_behind
from qingyuan_science.series import Mark, microseconds
from qingyuan_science.units import UnitError, convert

_log = structlog.get_logger("feeds")


BASES = ("measured", "converted")


KINDS_SENT = ("r", "m", "h", "d")


UNKNOWN = "UnknownName"


LONGEST_NAME, LONGEST_FAULT = 200, 32


MOST_NAMES_A_BATCH = 500  # that are listed as waiting; the next batch lists more


_MEANT = (
    "SELECT n.channel_id, n.kind, n.unit, c.unit, c.factor FROM sensing_feedname n LEFT JOIN sensing_channel c"
    " ON c.id = n.channel_id WHERE n.feed_id = %s AND n.name = %s"
)


@dataclass
class Delivery:
    """One payload, and what became of it.

    `readings`, `spots` and `scans` count what was stored of it, `records` the rows of a list that could be read,
    `faults` is what is wrong, as (error, detail); `read` is what it says, `refused` why parts of that were not stored.
    What `camera` filmed is `footage`, not always new; `receipt` stands for it among the raw packets.
    """

    payload: Payload
    mn: str
    cn: str
    state: PacketState = PacketState.DECODED
    fault: str = ""
    note: str = ""
    readings: int = 0
    spots: int = 0
    records: int = 0
    scans: int = 0
    noise: bool = False
    read: Read = field(default_factory=Read)
    refused: dict[str, str] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)
    receipt: bytes = b""
    camera: Camera | None = None
    footage: Footage | None = None
    is_new: bool = True
    staged: Staged | None = None

    @property
    def waiting(self) -> int:
        """How many observations wait until somebody says what their names mean."""
        return sum(fault == UNKNOWN for fault, _ in self.faults)

    @property
    def raw(self) -> bytes:
        return self.receipt or self.payload.raw

    @property
    def packets(self) -> int:
        return 1

    @property
    def peer(self) -> str:
        return self.payload.address[:LONGEST_ADDRESS]

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
    largest: float = LARGEST


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
    unknown: Counter[str] = field(default_factory=Counter)

    def target(self, name: str) -> Target | None:
        """The channel of a name; None where it is left out on purpose.

        Raises
        ------
        Doubt
            Nobody has said what the name means.
        """
        if name not in self.meant and name not in self.unknown:
            self._look_up(name)
        if name in self.unknown:
            self.unknown[name] += 1
            raise Doubt(UNKNOWN, f"found {name!r}: expected a name of this feed's table, or STATION/FACTOR")
        return self.meant[name]

    def _look_up(self, name: str) -> None:
        if not name or len(name) > LONGEST_NAME or "\0" in name or not _is_text(name):
            raise Doubt("BadName", f"found name {name[:40]!r}, expected a text of at most {LONGEST_NAME} letters")
        try:
            self.meant[name] = self._by_table(name)
        except LookupError:
            self.unknown[name] = 0

    def _by_table(self, name: str) -> Target | None:
        with connection.cursor() as cursor:
            cursor.execute(_MEANT, [self.feed.pk, name])
            row = cursor.fetchone()
        if row is None:
            return self._by_codes(name)
        channel, kind, unit, channel_unit, factor = row
        if channel is None:
            return None
        return Target(channel, kind, unit or channel_unit, channel_unit, largest(factor))

    def _by_codes(self, name: str) -> Target:
        code, _, rest = name.partition("/")
        factor_code, _, basis = rest.partition("/")
        station = self.feed.stations.filter(code=code).first() if rest else None
        factor = self.registry.factor(factor_code, MEDIUM.get(station.kind, "")) if station is not None else None
        if station is None or factor is None or (basis or BASES[0]) not in BASES:
            raise LookupError(name)
        channel, unit = self.registry.channel(station.pk, factor, basis or BASES[0])
        return Target(channel, "r", unit, unit, largest(factor.code))


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def take_in(
    feed: Feed, payloads: Sequence[Payload], sink: Sink, meant: Mapping[str, Target] | None = None
) -> list[Delivery]:
    """Write payloads durably; each delivery says what became of its payload. Nothing is written when anything fails."""
    if not payloads:
        return []
    connector = CONNECTORS.get(feed.connector)()
    deliveries = [Delivery(payload, feed.sender, connector.code[:8]) for payload in payloads]
    for delivery in deliveries if connector.films(feed.settings) else ():
        delivery.receipt = keeping.receipt(delivery.payload.raw)
    with transaction.atomic():
        names, faults, rows = Names(feed, Registry(), dict(meant or {})), Faults(), Rows()
        for delivery in deliveries:
            _read(delivery, connector, names, faults=faults, rows=rows)
        segment = keep(deliveries)
        for delivery in deliveries:
            if delivery.read.spots is not None:
                delivery.spots = spotting.store(feed, delivery.payload, delivery.read, segment.id)
            _tell_of_forecasts(feed, connector, delivery, segment.id)
            if delivery.read.scans is not None and delivery.state != PacketState.REJECTED:
                delivery.scans = scanning.store(feed, delivery.payload, delivery.read.scans, segment.id)
            _store_footage(feed, delivery)
            if delivery.staged is not None:
                records.store(feed, delivery.payload, delivery.staged, segment.id)
        faults.store()
        _list_waiting(names)
        _mark_seen(feed, deliveries)
        sink(rows, segment)
    return deliveries


def _read(delivery: Delivery, connector: Connector, names: Names, *, faults: Faults, rows: Rows) -> None:
    try:
        read = delivery.read = connector.read_in_turn(delivery.payload, names.feed.settings)
        if read.scans is not None:
            scanning.lidars(names.feed, read.scans)
        if read.filmed is not None:
            delivery.camera = storing.camera_of(names.feed, read.filmed)
            storing.on_file(delivery.camera, read.filmed, keeping.hash_of(delivery.payload.raw))
        if read.records is not None:
            delivery.staged = stage(read.records)
            delivery.records = delivery.staged.rows
            read.faults.extend(delivery.staged.faults)
    except BadPayload as error:
        _reject(delivery, ("BadPayload", str(error)), faults)
        return
    except Exception as error:  # noqa: BLE001 a connector that fails must not stop what comes after; the payload is kept
        _log.error("connector failed", feed=names.feed.code, trace=traceback.format_exc())
        _reject(delivery, ("ConnectorFailed", f"{type(error).__name__}: {error}"), faults)
        return
    for name, detail in chain(_store(delivery, read, names, rows), read.faults):
        fault = name[:LONGEST_FAULT]
        delivery.faults.append((fault, detail))
        faults.add(delivery, fault, detail)
        waits = PacketState.QUARANTINED if fault == UNKNOWN else delivery.state
        delivery.end(waits, fault, detail)


def _tell_of_forecasts(feed: Feed, connector: Connector, delivery: Delivery, segment: int) -> None:
    """Write down at once that bytes with forecasts lie in a segment: only what came before a day may be scored."""
    if delivery.read.foretold is None or delivery.state == PacketState.REJECTED:
        return
    told = {one.name: feed.settings.get(one.name, one.default) for one in connector.settings if not one.secret}
    fact = ForecastsBrought(
        id=segment, feed=feed.code, name=delivery.payload.address, connector=connector.code, settings=told,
        sha256=hashlib.sha256(delivery.payload.raw).hexdigest(), days=len(delivery.read.foretold),
    )  # fmt: skip
    log.write(fact)


def _store_footage(feed: Feed, delivery: Delivery) -> None:
    filmed, camera = delivery.read.filmed, delivery.camera
    if camera is None or filmed is None or delivery.state == PacketState.REJECTED:
        return
    raw, (where, _space, name) = delivery.payload.raw, delivery.payload.address.rpartition(" ")
    door = Door.FOLDER if CONNECTORS.get(feed.connector).listens else Door.PUSH
    brought = storing.Brought(door, name, where, feed)
    stored = storing.store(camera, filmed, keeping.keep(raw), len(raw), brought=brought, origin=PLATFORM)
    delivery.footage, delivery.is_new = stored


def _reject(delivery: Delivery, reason: tuple[str, str], faults: Faults) -> None:
    delivery.end(PacketState.REJECTED, *reason)
    delivery.faults.append(reason)
    faults.add(delivery, *reason)


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
            delivery.refused[observed.where] = doubt.detail
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
    if any(abs(number) > target.largest for number in numbers):
        raise Doubt("AbsurdValue", f"found {observed.name}={observed.value}: expected below {target.largest:g}")
    return numbers


def _list_waiting(names: Names) -> None:
    """Show the names that nobody explained to whoever can."""
    sql = (
        "INSERT INTO sensing_waitingname (feed_id, name, count, last_at) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (feed_id, name) DO UPDATE SET count = sensing_waitingname.count + excluded.count,"
        " last_at = excluded.last_at"
    )
    found = sorted(names.unknown.items())[:MOST_NAMES_A_BATCH]
    if not found:
        return
    with connection.cursor() as cursor:
        cursor.executemany(sql, [(names.feed.pk, name, count, clock.now()) for name, count in found])


def _mark_seen(feed: Feed, deliveries: Sequence[Delivery]) -> None:
    sql = (
        "UPDATE sensing_feed SET packets = packets + %s, last_seen_at = %s, last_address = %s, trouble = ''"
        " WHERE id = %s"
    )
    last = deliveries[-1]
    with connection.cursor() as cursor:
        cursor.execute(sql, [len(deliveries), instant(last.received_us), last.peer, feed.pk])


@dataclass
class Replayed:
    """Payloads that were read again: how many, how many are sound now, and of which something was stored."""

    payloads: int = 0
    sound: int = 0
    stored: list[int] = field(default_factory=list)


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
        _list_waiting(names)
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
        _read(delivery, *reading, faults=Faults(), rows=rows)
        if delivery.read.spots is not None and not spotting.is_stored(reading[1].feed, raw):
            spotting.store(reading[1].feed, payload, delivery.read, segment_id)
        if delivery.read.scans is not None and delivery.state != PacketState.REJECTED:
            delivery.scans = scanning.store(reading[1].feed, payload, delivery.read.scans, segment_id)
        _store_footage(reading[1].feed, delivery)
        if delivery.staged is not None and not records.was_taken_back(reading[1].feed, raw):
            records.store(reading[1].feed, payload, delivery.staged, segment_id, only_new=True)
        packet.state, packet.error, packet.note = delivery.state, delivery.fault, storable(delivery.note)
        packet.save(update_fields=["state", "error", "note"])
        found.payloads += 1
        found.sound += not delivery.fault
        if delivery.readings or delivery.records or not delivery.fault:
            found.stored.append(packet.pk)
    sink(rows, Segment(segment.pk, bytes(segment.hash)))


@transaction.atomic
def note_position(feed: Feed, position: Mapping[str, Any]) -> None:
    """Keep how far a feed has been read; in the transaction of the payloads that were read last.

    Parameters
    ----------
    feed : Feed
    position : mapping
        Whatever its connector needs to go on, as JSON.
    """
    feed.position = dict(position)
    feed.save(update_fields=["position"])


@transaction.atomic
def note_trouble(feed: Feed, trouble: str) -> None:
    """Show on a feed why it cannot be reached; the log says when that began.

    Parameters
    ----------
    feed : Feed
    trouble : str
    """
    found = Feed.objects.select_for_update().get(pk=feed.pk)
    if not found.trouble:
        log.write(FeedTroubled(id=found.pk, code=found.code, trouble=trouble))
    found.trouble = trouble
    found.save(update_fields=["trouble"])


def trouble_is_over(feed: Feed) -> None:
    """Show that a feed can be reached again, though nothing has come yet.

    Parameters
    ----------
    feed : Feed
    """
    Feed.objects.filter(pk=feed.pk).exclude(trouble="").update(trouble="")


@transaction.atomic
def count_feed_fault(feed: Feed, fault: str, detail: str, times: int = 1) -> None:
    """Count what a feed sent and could not be taken in at all.

    Parameters
    ----------
    feed : Feed
    fault : str
        Name of the fault.
    detail : str
        What was found and what was expected.
    times : int
    """
    faults = Faults()
    faults.count((fault, feed.last_address, feed.sender), detail, times)
    faults.store()


@transaction.atomic
def count_bad_token(peer: str) -> int:
    """Count a request with a token that opens nothing.

    Parameters
    ----------
    peer : str
        Address and port that it came from.

    Returns
    -------
    int
        How many came from there today, this one included.
    """
    fault = "BadToken"
    faults = Faults()
    faults.count((fault, host(peer), ""), "found a token of no enabled feed, expected one that an administrator issued")
    faults.store()
    counted = FaultCount.objects.filter(error=fault, peer=host(peer), mn="").order_by("-day").first()
    return counted.count if counted else 1
