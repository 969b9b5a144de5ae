"""Keeping what arrived: packets as bytes in a chained segment, faults as counts, samples of what is plain noise."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any, Protocol

from django.db import connection

from qingyuan.kit import clock
from qingyuan.kit.merkle import leaf_hash
from qingyuan.sensing.logic.raw import packets, segments
from qingyuan.sensing.logic.raw.packets import storable
from qingyuan.sensing.logic.rows import Segment
from qingyuan.sensing.models import PacketState

SAMPLES_A_DAY = 20  # of each fault and sender: enough to inspect, too few to fill the disk
SAMPLE_BYTES = 4096
FEW = 20  # packets; COPY takes more turns than it saves


class Kept(Protocol):
    """What is kept of something that arrived, by whatever door.

    `mn` is the number of a device, or names a feed; `cn` is the command, or the connector. `noise` may be bytes that
    nobody ever meant for us, of which samples are enough.
    """

    @property
    def raw(self) -> bytes: ...
    @property
    def peer(self) -> str: ...
    @property
    def received_us(self) -> int: ...
    @property
    def state(self) -> PacketState: ...
    @property
    def fault(self) -> str: ...
    @property
    def note(self) -> str: ...
    @property
    def mn(self) -> str: ...
    @property
    def cn(self) -> str: ...
    @property
    def noise(self) -> bool: ...
    @property
    def packets(self) -> int: ...


Fault = tuple[str, str, str]  # error, host, sender


class Faults:
    """Faults of a batch, counted, with the last detail of each."""

    def __init__(self) -> None:
        self.counts: Counter[Fault] = Counter()
        self.details: dict[Fault, str] = {}

    def add(self, arrival: Kept, fault: str, note: str) -> None:
        """Count one fault of something that arrived."""
        self.count((fault, host(arrival.peer), "" if arrival.noise else arrival.mn), note)

    def count(self, key: Fault, note: str, times: int = 1) -> None:
        """Count a fault of something that was not kept."""
        self.counts[key] += times
        self.details[key] = note

    def store(self) -> None:
        """Add the counts to the day's, in the caller's transaction."""
        if not self.counts:
            return
        now = clock.now()
        sql = (
            "INSERT INTO sensing_faultcount (day, error, peer, mn, count, last_at, detail)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (day, error, peer, mn) DO UPDATE SET count = sensing_faultcount.count + excluded.count,"
            " last_at = excluded.last_at, detail = excluded.detail"
        )
        with connection.cursor() as cursor:
            for key in sorted(self.counts):
                error, peer, mn = key
                detail = storable(self.details[key])
                cursor.execute(sql, [_day(now), error, peer, storable(mn), self.counts[key], now, detail])


def keep(arrivals: Sequence[Kept]) -> Segment:
    """Store the bytes as one compressed segment, hashed one by one, and where each packet lies in it."""
    kept = [arrival for arrival in arrivals if not _too_many(arrival)]
    parts = [arrival.raw[:SAMPLE_BYTES] if arrival.noise else arrival.raw for arrival in kept]
    received_at = instant(arrivals[-1].received_us)
    leaves = [_leaf(arrival, part) for arrival, part in zip(kept, parts, strict=True)]
    count = sum(arrival.packets for arrival in kept)
    body = segments.Body(parts[0] if len(parts) == 1 else b"".join(parts), count, received_at, leaves)
    if len(kept) <= FEW:
        return segments.append(body, [packets.line(*one) for one in _placed(kept, parts)])
    segment = segments.append(body)
    packets.store(packets.row((segment.id, *place), *rest) for place, *rest in _placed(kept, parts))
    return segment


def _leaf(arrival: Kept, part: bytes) -> bytes:
    """Its hash in the segment: over when it came, from whom, and its bytes (`segments.Place.leaf`)."""
    return leaf_hash(f"{arrival.received_us} {arrival.peer}\n".encode(), part)


def _placed(kept: Sequence[Kept], parts: Sequence[bytes]) -> Iterator[tuple[Any, ...]]:
    """Where each lies in its segment, and the rest of its row."""
    offset = 0
    for arrival, part in zip(kept, parts, strict=True):
        texts = (arrival.peer, arrival.mn, arrival.cn, arrival.state.value, arrival.fault, arrival.note)
        yield (offset, len(part)), arrival.packets, arrival.received_us, *texts
        offset += len(part)


_kept_today: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)


def _too_many(arrival: Kept) -> bool:
    """Whether enough samples of this fault and sender are kept today; only noise is ever left out."""
    if not arrival.noise:
        return False
    day = _day(instant(arrival.received_us)).isoformat()
    for other in [other for other in _kept_today if other != day]:
        del _kept_today[other]
    key = (arrival.fault, host(arrival.peer))
    _kept_today[day][key] += 1
    return _kept_today[day][key] > SAMPLES_A_DAY


def _day(at: datetime) -> date:
    """The day by which faults are counted: that of people here."""
    return at.astimezone(clock.SHANGHAI).date()


def host(peer: str) -> str:
    """The address without its port."""
    found, _, port = peer.rpartition(":")
    return found if found and port.isdigit() else peer


def instant(microseconds: int) -> datetime:
    """Microseconds since 1970 as a time. [UTC]"""
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC)
