"""What is on its way to a platform above: in order for each device, many devices at once, repeated until answered.

No socket and no clock: the caller says what time it is, writes what `to_send` gives, and shows what was answered.

    put(item)          it waits behind those of its device
    to_send(now)       what fits into the window, and what has to be repeated
    answered(...)      an answer settles the item whose QN it names, and makes room
    line_lost()        what was not answered goes back to the head of the queue, in order

A repeat takes with it what the device sent after it, so that the receiver reads a device's packets in order; it carries
the same QN. An item that was repeated in vain is given up as unanswered only if others were answered meanwhile;
otherwise it is the line that is dead, and nothing is given up.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

Key = tuple[int, str, datetime]  # station, kind, start of the period
OF_A_DEVICE = 32  # of one device at once: enough for a line of a second, and little to repeat


class Result(IntEnum):
    """How an item ended; numbers are kept in runs."""

    WAITING = 0
    ACCEPTED = 1
    REFUSED = 2
    UNANSWERED = 3
    TOO_OLD = 4
    UNWRITABLE = 5
    WITHHELD = 6
    BEHIND = 7


@dataclass(slots=True, eq=False)
class Item:
    """One frame to be handed on, and what has become of it; `settled` is told when that is certain."""

    packet: int
    number: int
    mn: str
    qn: str
    cn: str
    data: bytes
    received_us: int
    settled: "Callable[[Item], None]"
    tries: int = 0
    in_vain: int = 0  # of the tries those of this line
    due: float = 0.0
    sent_us: int = 0
    answered_us: int = 0
    result: Result = Result.WAITING
    said: str = ""
    corrects: bool = False  # a device's own, where ours was handed on before

    def end(self, result: Result, said: str = "", now_us: int = 0) -> None:
        """Say how it ended."""
        self.result, self.said, self.answered_us = result, said, now_us
        self.settled(self)


@dataclass(slots=True, eq=False)
class OwnItem(Item):
    """A message that is made here, of a mean or in answer: of which station, kind and period. A long one is several."""

    station: int = 0
    kind: str = ""
    at: datetime = datetime.min  # noqa: DTZ901 never read where it is not given

    @property
    def key(self) -> Key:
        """Of what it is."""
        return self.station, self.kind, self.at


@dataclass
class _Device:
    """What of one device is under way, by QN in the order of sending, and what waits for that."""

    under_way: dict[str, Item] = field(default_factory=dict)
    held: deque[Item] = field(default_factory=deque)


@dataclass
class Window:
    """All items of one line. `over_time` in seconds, `re_count` repeats, `at_once` unanswered items at most.

    With `by_number` answers may name no device (HJ/T 212-2005), so no two items with one QN are under way.
    """

    over_time: float
    re_count: int
    at_once: int
    per_second: int | None = None
    by_number: bool = False
    dead: bool = False
    stopped: bool = False  # nothing goes out any more, answers are still taken
    answers: int = 0
    _queue: deque[Item] = field(default_factory=deque)
    _devices: dict[str, _Device] = field(default_factory=dict)
    _under_way: dict[Item, None] = field(default_factory=dict)  # in the order in which they come due
    _released: dict[str, None] = field(default_factory=dict)  # devices that may go on with what is held, each once
    _numbers: set[str] = field(default_factory=set)
    _held: int = 0
    _answered_at: float = float("-inf")
    _allowed: float = 0.0
    _counted_at: float | None = None

    @property
    def waiting(self) -> int:
        """How many items are not sent yet."""
        return len(self._queue) + self._held

    @property
    def under_way(self) -> int:
        """How many items are sent and not answered."""
        return len(self._under_way)

    def put(self, item: Item) -> None:
        """Queue an item."""
        self._queue.append(item)

    def to_send(self, now: float, now_us: int) -> list[bytes]:
        """What is to be written now: repeats first, then what is new."""
        if self.stopped:
            return []
        frames = self._repeats(now, now_us)
        room = 0 if self.dead else min(self.at_once - len(self._under_way), self._by_rate(now))
        while room > 0 and (item := self._next()) is not None:
            frames.append(self._send(self._devices[item.mn], item, now, now_us))
            room -= 1
        return frames

    def _next(self) -> Item | None:
        """The next item that may go out: of a device that was held up first, then of the queue."""
        while self._released:
            mn = next(iter(self._released))
            device = self._devices.get(mn)
            if device is not None and device.held and self._fits(device, device.held[0]):
                self._held -= 1
                return device.held.popleft()
            del self._released[mn]
        while self._queue:
            item = self._queue.popleft()
            device = self._devices.setdefault(item.mn, _Device())
            if not device.held and self._fits(device, item):
                return item
            device.held.append(item)
            self._held += 1
        return None

    def _by_rate(self, now: float) -> int:
        """How many may be sent now, by the limit a second; what was not used lapses after a second."""
        if self.per_second is None:
            return self.at_once
        since = 1.0 if self._counted_at is None else now - self._counted_at
        self._counted_at = now
        self._allowed = min(self.per_second, self._allowed + since * self.per_second)
        return int(self._allowed)

    def _send(self, device: _Device, item: Item, now: float, now_us: int) -> bytes:
        device.under_way[item.qn] = item
        if self.by_number:
            self._numbers.add(item.qn)
        self._allowed -= 1
        item.sent_us = now_us  # of the sending that is answered, after a break too
        item.tries += 1
        item.in_vain += 1
        item.due = now + self.over_time
        self._under_way.pop(item, None)
        self._under_way[item] = None
        return item.data

    def _repeats(self, now: float, now_us: int) -> list[bytes]:
        """What has come due, each with those of its device behind it; items that were repeated in vain are settled."""
        frames: list[bytes] = []
        while self._under_way and not self.dead:
            item = next(iter(self._under_way))
            if item.due > now:
                break
            device = self._devices[item.mn]
            if item.in_vain <= self.re_count:
                frames += [self._send(device, one, now, now_us) for one in list(device.under_way.values())]
            elif self._answered_at > now - self.over_time * (self.re_count + 1):
                self._leave(device, item)
                item.end(Result.UNANSWERED, "", now_us)
            else:
                self.dead = True
        return frames

    def answered(self, mn: str, qn: str, *, now: float, now_us: int, refusal: str = "") -> bool:
        """Settle the item that an answer names; False where it names none."""
        device = self._devices.get(mn)
        item = device.under_way.get(qn) if device is not None else None
        if item is None and self.by_number and not mn:
            item = next((one for one in self._under_way if one.qn == qn), None)
        self._answered_at = now
        if item is None:
            return False
        self.answers += 1
        self._leave(self._devices[item.mn], item)
        item.end(Result.REFUSED if refusal else Result.ACCEPTED, refusal, now_us)
        return True

    def _leave(self, device: _Device, item: Item) -> None:
        del device.under_way[item.qn]
        del self._under_way[item]
        if self.by_number:
            self._numbers.discard(item.qn)
            self._released.update((mn, None) for mn, one in self._devices.items() if one.held)
        elif device.held:
            self._released[item.mn] = None
        if not device.under_way and not device.held:
            del self._devices[item.mn]

    def _fits(self, device: _Device, item: Item) -> bool:
        """Whether an item may go out beside those of its device: not too many, and no other with its QN."""
        return len(device.under_way) < OF_A_DEVICE and item.qn not in device.under_way and item.qn not in self._numbers

    def next_due(self) -> float | None:
        """When something will have to be repeated; None where nothing is under way."""
        return next(iter(self._under_way)).due if self._under_way else None

    def line_lost(self) -> None:
        """Put what was not answered back, in its order, before what waits."""
        back: list[Item] = []
        for device in self._devices.values():
            back += device.under_way.values()
            back += device.held
        for item in back:
            item.in_vain, item.due = 0, 0.0
        self._queue.extendleft(reversed(back))
        self._devices.clear()
        self._released.clear()
        self._numbers.clear()
        self._under_way.clear()
        self._held, self.dead = 0, False
        self._answered_at = float("-inf")
