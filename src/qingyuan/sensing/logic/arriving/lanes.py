"""What waits for the database, in two lanes: senders that are devices of the register, and everybody else.

A flood of strangers, or of bytes that are no packets, fills its own lane. It takes at most a share of each transaction,
and is held back by itself, so devices do not wait for its backlog.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from qingyuan.sensing.logic.arriving.arrivals import Arrival, Run

BATCH, BATCH_BYTES = 2_000, 4_000_000  # packets, or bytes, of one transaction
OTHERS, OTHERS_BYTES = 500, 1_000_000  # of those what is not of registered devices, which costs more by far
FULL, ROOM = 20_000, 10_000  # packets of a lane in memory at which senders are held back, and let go again
FULL_BYTES, ROOM_BYTES = 8_000_000, 4_000_000  # the same, where packets are long


class Source(Protocol):
    """Who sends, as far as it waits in a lane."""

    def pause(self) -> bool:
        """Read nothing more for now; false if it is gone."""

    def resume(self) -> None:
        """Read again."""


Sender = TypeVar("Sender", bound=Source)
Waiting = tuple[Sender, Arrival | Run]


@dataclass(eq=False)
class Lane(Generic[Sender]):
    """What waits in the order in which it came, how much it is, and which senders are held back."""

    queue: deque[Waiting[Sender]] = field(default_factory=deque)
    senders: set[Sender] = field(default_factory=set)
    held: set[Sender] = field(default_factory=set)
    packets: int = 0
    bytes: int = 0

    def put(self, source: Sender, arrival: Arrival | Run) -> None:
        """Let it wait."""
        self.queue.append((source, arrival))
        self.packets += arrival.packets
        self.bytes += len(arrival.raw)

    def first(self, packets: int, length: int) -> Iterator[Waiting[Sender]]:
        """The oldest up to so many packets or bytes; one at least, where anything is wanted."""
        for source, arrival in self.queue:
            if packets <= 0 or length <= 0:
                return
            yield source, arrival
            packets -= arrival.packets
            length -= len(arrival.raw)

    def drop(self, count: int) -> None:
        """Forget the oldest, which are safe; let senders go where there is room again."""
        for _ in range(count):
            _source, arrival = self.queue.popleft()
            self.packets -= arrival.packets
            self.bytes -= len(arrival.raw)
        if self.packets < ROOM and self.bytes < ROOM_BYTES:
            for source in self.held:
                source.resume()
            self.held.clear()

    def press(self, source: Sender) -> None:
        """Hold a sender back while too much waits; where it is too many bytes, all of the lane.

        Each of ten thousand senders could bring a read more.
        """
        if self.bytes > FULL_BYTES:
            self.held.update(one for one in self.senders - self.held if one.pause())
        elif self.packets > FULL and source not in self.held and source.pause():
            self.held.add(source)

    def leave(self, source: Sender) -> None:
        """Forget a sender that is gone; what it sent still waits."""
        self.senders.discard(source)
        self.held.discard(source)


@dataclass(eq=False)
class Lanes(Generic[Sender]):
    """Both lanes, and what of them makes the next transaction."""

    devices: Lane[Sender] = field(default_factory=Lane)
    others: Lane[Sender] = field(default_factory=Lane)

    @property
    def packets(self) -> int:
        """How many packets wait."""
        return self.devices.packets + self.others.packets

    @property
    def held(self) -> int:
        """How many senders are held back."""
        return len(self.devices.held) + len(self.others.held)

    def next(self) -> tuple[list[Waiting[Sender]], list[Waiting[Sender]]]:
        """What makes the next transaction, of devices and of others; it goes on waiting until it is dropped."""
        others = list(self.others.first(OTHERS, OTHERS_BYTES))
        most = (BATCH - OTHERS, BATCH_BYTES - OTHERS_BYTES) if others else (BATCH, BATCH_BYTES)
        return list(self.devices.first(*most)), others
