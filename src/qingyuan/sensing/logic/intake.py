"""One batch of arrivals into the database: raw packets, readings, faults and devices, in one transaction."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db import connection, transaction

from qingyuan.kit import clock, log
from qingyuan.kit.merkle import leaf_hash
from qingyuan.sensing.events import DeviceSeen
from qingyuan.sensing.logic import packets, segments
from qingyuan.sensing.logic.decoding import KIND_OF_COMMAND, learn, read_into
from qingyuan.sensing.logic.forms import Cut, Form, cut
from qingyuan.sensing.logic.packets import storable
from qingyuan.sensing.logic.registry import Known, Registry
from qingyuan.sensing.logic.rows import Rows, Segment
from qingyuan.sensing.models import Device, DialectProfile, PacketState
from qingyuan_science.hj212 import STANDARD, Dialect, Hj212Error, Message, parse

Sink = Callable[[Rows, Segment], int]
SAMPLES_A_DAY = 20  # of each fault and sender: enough to inspect, too few to fill the disk
SAMPLE_BYTES = 4096


@dataclass(slots=True)
class Arrival:
    """A frame as it came, and what became of it. It has no `message` when read by a known form, or when in `error`."""

    raw: bytes
    peer: str
    received_us: int
    segment: bytes = b""
    dialect: Dialect = STANDARD
    message: Message | None = None
    error: Hj212Error | None = None
    state: PacketState = PacketState.REJECTED
    fault: str = ""
    note: str = ""
    form: Form | None = None
    qn: bytes = b""

    @property
    def mn(self) -> str:
        if self.message is None:
            return self.form.mn if self.form else ""
        return self.message.mn[:64]

    @property
    def cn(self) -> str:
        if self.message is None:
            return self.form.cn if self.form else ""
        return self.message.cn[:8]

    def begin(self) -> None:
        """Forget what an attempt that failed said."""
        self.state, self.fault, self.note, self.form = PacketState.REJECTED, "", "", None

    def refuse(self, fault: str, note: str) -> None:
        self.state, self.fault, self.note = PacketState.REJECTED, fault, note


@dataclass
class Batch:
    """What one transaction writes."""

    arrivals: list[Arrival]
    rows: Rows = field(default_factory=Rows)
    faults: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    details: dict[tuple[str, str, str], str] = field(default_factory=dict)
    seen: dict[str, tuple[int, int, str]] = field(default_factory=dict)

    def count_fault(self, arrival: Arrival, fault: str, note: str) -> None:
        key = (fault, _host(arrival.peer), arrival.mn)
        self.faults[key] += 1
        self.details[key] = note

    def see(self, mn: str, arrival: Arrival) -> None:
        """Count one packet of a device that is known, be it in quarantine only."""
        number, _, _ = self.seen.get(mn, (0, 0, ""))
        self.seen[mn] = (number + 1, arrival.received_us, arrival.peer)


def take_in(arrivals: list[Arrival], registry: Registry, sink: Sink) -> int:
    """Write a batch durably; afterwards each arrival's `state` says what became of it.

    Returns how many readings were new. Nothing is written when anything fails.
    """
    batch = Batch(arrivals)
    try:
        with transaction.atomic():
            registry.refresh()
            for arrival in arrivals:
                _judge(arrival, batch, registry)
            segment = _keep_packets(batch)
            _count_faults(batch)
            _mark_seen(batch)
            return sink(batch.rows, segment)
    except BaseException:
        registry.forget()
        raise


def _judge(arrival: Arrival, batch: Batch, registry: Registry) -> None:
    arrival.begin()
    found = cut(arrival.segment, arrival.dialect) if arrival.error is None else None
    form = registry.form(found.key) if found is not None else None
    if found is None or form is None or not _read_by_form(arrival, form, found, batch):
        _judge_in_full(arrival, batch, registry)
        if found is not None and form is None:
            _learn(arrival, found, registry)


def _read_by_form(arrival: Arrival, form: Form, found: Cut, batch: Batch) -> bool:
    if not form.read_into(batch.rows, found.values, arrival.received_us):
        return False
    arrival.state, arrival.form, arrival.qn = PacketState.DECODED, form, found.qn
    batch.see(form.mn, arrival)
    return True


def _learn(arrival: Arrival, found: Cut, registry: Registry) -> None:
    """Read the next packets like this one by their form, unless this one had anything odd."""
    message, device = arrival.message, registry.device(arrival.mn)
    if message is None or device is None or message.cn not in KIND_OF_COMMAND:
        return
    if arrival.state == PacketState.DECODED and not arrival.note:
        form = learn(message, found, device, registry)
        if form is not None:
            arrival.form, arrival.qn = form, found.qn
            registry.remember(found.key, form)


def _judge_in_full(arrival: Arrival, batch: Batch, registry: Registry) -> None:
    try:
        if arrival.error is None and arrival.message is None:
            arrival.message = parse(arrival.segment, arrival.dialect)
    except Hj212Error as error:
        arrival.error = error
    if arrival.error is not None:
        arrival.refuse(type(arrival.error).__name__, str(arrival.error))
    elif arrival.message is not None:
        _judge_message(arrival, arrival.message, batch, registry)
    if arrival.fault:
        batch.count_fault(arrival, arrival.fault, arrival.note)


def _judge_message(arrival: Arrival, message: Message, batch: Batch, registry: Registry) -> None:
    if not arrival.mn:
        arrival.refuse("MissingField", "found no MN: expected the number of the device")
        return
    device = registry.device(arrival.mn) or _meet(arrival, registry)
    batch.see(device.mn, arrival)
    if not device.active:
        arrival.state = PacketState.QUARANTINED
    elif device.password and message.pw != device.password:
        arrival.refuse("BadPassword", f"found PW {message.pw!r}: expected the password registered for {device.mn}")
    else:
        read_packet(arrival, device, batch, registry)


def read_packet(arrival: Arrival, device: Known, batch: Batch, registry: Registry) -> None:
    """Add an active device's packet to the batch's readings; commands without readings are kept as decoded too."""
    message = arrival.message
    arrival.state = PacketState.DECODED
    if message is None or message.cn not in KIND_OF_COMMAND:
        return
    try:
        doubts = read_into(batch.rows, message, device=device, registry=registry, received_us=arrival.received_us)
    except Hj212Error as error:
        arrival.refuse(type(error).__name__, str(error))
        return
    for fault, note in doubts.found:
        batch.count_fault(arrival, fault, note)
        arrival.note = note


def _meet(arrival: Arrival, registry: Registry) -> Known:
    """Enter a device that nobody registered, in quarantine."""
    now = clock.now()
    defaults = {"first_seen_at": now, "dialect": DialectProfile.objects.get(code=STANDARD.code)}
    device, created = Device.objects.get_or_create(mn=arrival.mn, defaults=defaults)
    if created:
        log.write(DeviceSeen(id=device.pk, mn=device.mn, peer=arrival.peer))
    known = registry.device(arrival.mn)
    if known is None:
        raise Device.DoesNotExist(arrival.mn)
    return known


def _keep_packets(batch: Batch) -> Segment:
    """Store the packets' bytes as one compressed segment, hashed one by one, and where each packet lies in it."""
    kept = [arrival for arrival in batch.arrivals if not _too_many(arrival)]
    parts = [arrival.raw if arrival.error is None else arrival.raw[:SAMPLE_BYTES] for arrival in kept]
    received_at = _instant(batch.arrivals[-1].received_us)
    leaves = [_leaf(arrival, part) for arrival, part in zip(kept, parts, strict=True)]
    segment = segments.append(segments.Body(b"".join(parts), len(kept), received_at, leaves))
    packets.store(_rows(segment.id, kept, parts))
    return segment


def _leaf(arrival: Arrival, part: bytes) -> bytes:
    """The packet's hash in its segment: over when it came, from whom, and its bytes (`segments.Place.leaf`)."""
    return leaf_hash(f"{arrival.received_us} {arrival.peer}\n".encode() + part)


def _rows(segment: int, kept: list[Arrival], parts: list[bytes]) -> Iterator[bytes]:
    offset = 0
    for arrival, part in zip(kept, parts, strict=True):
        place = (segment, offset, len(part))
        texts = (arrival.peer, arrival.mn, arrival.cn, arrival.state.value, arrival.fault, arrival.note)
        yield packets.row(place, arrival.received_us, *texts)
        offset += len(part)


def _count_faults(batch: Batch) -> None:
    if not batch.faults:
        return
    day, now = clock.now().date(), clock.now()
    sql = (
        "INSERT INTO sensing_faultcount (day, error, peer, mn, count, last_at, detail) VALUES (%s,%s,%s,%s,%s,%s,%s)"
        " ON CONFLICT (day, error, peer, mn) DO UPDATE SET count = sensing_faultcount.count + excluded.count,"
        " last_at = excluded.last_at, detail = excluded.detail"
    )
    with connection.cursor() as cursor:
        for key in sorted(batch.faults):
            error, peer, mn = key
            cursor.execute(sql, [day, error, peer, storable(mn), batch.faults[key], now, storable(batch.details[key])])


def _mark_seen(batch: Batch) -> None:
    sql = (
        "UPDATE sensing_device d SET last_seen_at = s.at, last_peer = s.peer, packets = d.packets + s.packets"
        " FROM unnest(%s::text[], %s::int[], %s::timestamptz[], %s::text[]) AS s(mn, packets, at, peer)"
        " WHERE d.mn = s.mn"
    )
    if not batch.seen:
        return
    names = sorted(batch.seen)
    counts, instants, peers = zip(*(batch.seen[name] for name in names), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(sql, [names, list(counts), [_instant(at) for at in instants], list(peers)])


_kept_today: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)


def _too_many(arrival: Arrival) -> bool:
    """Whether enough samples of this fault and sender are kept today; only rejected bytes are ever left out."""
    if arrival.state != PacketState.REJECTED or arrival.message is not None:
        return False
    day = _instant(arrival.received_us).date().isoformat()
    for other in [other for other in _kept_today if other != day]:
        del _kept_today[other]
    key = (arrival.fault, _host(arrival.peer))
    _kept_today[day][key] += 1
    return _kept_today[day][key] > SAMPLES_A_DAY


def _host(peer: str) -> str:
    return peer.rpartition(":")[0] or peer


def _instant(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC)
