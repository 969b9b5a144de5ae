"""What waits for the database, in two lanes: senders that are devices of the register, and everybody else.

A flood of strangers, or of bytes that are no packets, fills its own lane. It takes at most a share of each transaction,
and is held back by itself, so devices do not wait for its backlog. Within a lane devices take turns, by the number that
they name, so one that floods waits for itself.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from qingyuan.sensing.logic.arriving.arrivals import Arrival, Run

BATCH, BATCH_BYTES = 2_000, 4_000_000  # packets, or bytes, of one transaction
OTHERS, OTHERS_BYTES = 500, 1_000_000  # of those what is not of registered devices, which costs more by far
LEAST, LONGEST_S = 20, 0.5  # a transaction that takes longer is followed by shorter ones: all in it wait for its end
FULL, ROOM = 20_000, 10_000  # packets of a lane in memory at which senders are held back, and let go again
FULL_BYTES, ROOM_BYTES = 8_000_000, 4_000_000  # the same, where packets are long
FLOODED = 2  # times as full: everybody is held back


class Source(Protocol):
    """Who sends, as far as it waits in a lane."""

    mn: str

    def pause(self) -> bool:
        """Read nothing more for now; false if it is gone."""

    def resume(self) -> None:
        """Read again."""


Sender = TypeVar("Sender", bound=Source)
Waiting = tuple[Sender, Arrival | Run]


@dataclass(eq=False, slots=True)
class _Line(Generic[Sender]):
    """What waits of one device, in the order in which it came."""

    queue: deque[Waiting[Sender]] = field(default_factory=deque)
    packets: int = 0
    bytes: int = 0

    def count(self, arrival: Arrival | Run, sign: int) -> None:
        """Count something in or out."""
        self.packets += sign * arrival.packets
        self.bytes += sign * len(arrival.raw)


@dataclass(eq=False)
class Lane(Generic[Sender]):
    """What waits of each device, whose turn it is, and which senders are held back.

    `taken` is on its way into the database; `packets` and `bytes` count it too, until it is safe.
    """

    lines: dict[str, _Line[Sender]] = field(default_factory=dict)
    turns: deque[str] = field(default_factory=deque)
    taken: list[Waiting[Sender]] = field(default_factory=list)
    senders: set[Sender] = field(default_factory=set)
    held: set[Sender] = field(default_factory=set)
    packets: int = 0
    bytes: int = 0

    def put(self, source: Sender, arrival: Arrival | Run) -> None:
        """Let it wait."""
        line = self.lines.get(source.mn)
        if line is None:
            line = self.lines[source.mn] = _Line()
            self.turns.append(source.mn)
        line.queue.append((source, arrival))
        line.count(arrival, 1)
        self.packets += arrival.packets
        self.bytes += len(arrival.raw)

    def take(self, packets: int, length: int) -> None:
        """Take up to so many packets or bytes, of one device after the other; something at least, where any waits."""
        while self.turns and packets > 0 and length > 0:
            mn = self.turns.popleft()
            line = self.lines[mn]
            source, arrival = line.queue.popleft()
            line.count(arrival, -1)
            self.taken.append((source, arrival))
            if line.queue:
                self.turns.append(mn)
            else:
                del self.lines[mn]
            packets -= arrival.packets
            length -= len(arrival.raw)

    def drop(self) -> None:
        """Forget what was taken, which is safe; let senders go where there is room again."""
        for _source, arrival in self.taken:
            self.packets -= arrival.packets
            self.bytes -= len(arrival.raw)
        self.taken.clear()
        if self.packets < ROOM and self.bytes < ROOM_BYTES:
            for source in self.held:
                source.resume()
            self.held.clear()

    @property
    def full(self) -> bool:
        """Whether too much waits."""
        return self.packets > FULL or self.bytes > FULL_BYTES

    def press(self, source: Sender) -> None:
        """While too much waits, hold a sender back that has more than its share of it.

        Each of ten thousand senders could still bring a read more, so when twice as much waits all are held back.
        """
        if self.bytes > FLOODED * FULL_BYTES:
            self.held.update(one for one in self.senders - self.held if one.pause())
        elif self.full and self._has_much(source.mn):
            self.hold(source)

    def hold(self, source: Sender) -> None:
        """Hold a sender back until there is room."""
        if source not in self.held and source.pause():
            self.held.add(source)

    def _has_much(self, mn: str) -> bool:
        line = self.lines.get(mn)
        share = max(len(self.lines), 1)
        return line is not None and (line.packets * share > FULL or line.bytes * share > FULL_BYTES)

    def leave(self, source: Sender) -> None:
        """Forget a sender that is gone; what it sent still waits."""
        self.senders.discard(source)
        self.held.discard(source)


@dataclass(eq=False)
class Lanes(Generic[Sender]):
    """Both lanes, and what of them makes the next transaction."""

    devices: Lane[Sender] = field(default_factory=Lane)
    others: Lane[Sender] = field(default_factory=Lane)
    most: int = BATCH

    @property
    def packets(self) -> int:
        """How many packets wait."""
        return self.devices.packets + self.others.packets

    @property
    def held(self) -> int:
        """How many senders are held back."""
        return len(self.devices.held | self.others.held)

    def next(self) -> tuple[list[Waiting[Sender]], list[Waiting[Sender]]]:
        """What makes the next transaction, of devices and of others: what was taken before, until it is dropped."""
        if not self.devices.taken and not self.others.taken:
            share = min(OTHERS, max(self.most // 4, LEAST))
            self.others.take(share, OTHERS_BYTES)
            beside = bool(self.others.taken)
            self.devices.take(max(self.most - beside * share, LEAST), BATCH_BYTES - beside * OTHERS_BYTES)
        return self.devices.taken, self.others.taken

    def drop(self, seconds: float) -> None:
        """Forget what was taken, which is safe, and how long that took: the next transaction is as much shorter."""
        packets = self.packets
        self.devices.drop()
        self.others.drop()
        if seconds > LONGEST_S:
            self.most = max(LEAST, int((packets - self.packets) * LONGEST_S / seconds))
        else:
            self.most = min(BATCH, 2 * self.most)

    def greet(self, source: Sender) -> None:
        """Whoever connects waits with the others until it says who it is; while a lane is full it is not read."""
        self.others.senders.add(source)
        for lane in (self.devices, self.others):
            if lane.full:
                lane.hold(source)

    def leave(self, source: Sender) -> None:
        """Forget a sender that is gone; what it sent still waits."""
        self.devices.leave(source)
        self.others.leave(source)
