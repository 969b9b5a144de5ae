"""A data logger as a state machine without sockets: time and bytes in, bytes out.

    advance(time)       the world's time: what has come due goes into the buffer
    connect()           the line is up: what was not answered is sent again, oldest first
    to_send(clock)      bytes to write now: new messages while the window is open, repeats of what was not answered
    receive(bytes)      what the platform wrote: a 9014 lets go of the message it names
    disconnect()        the line is down: real-time values are forgotten, means are kept

Two clocks go in. `advance` takes the time in the world, which may run faster than the wall; `to_send` takes the wall's
clock in seconds, by which a peer's patience is measured.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime

from qingyuan_science.hj212 import BadFrame, Framer, Hj212Error, Message, encode, parse
from qingyuan_science.worlds.packets import KINDS, REALTIME, Sent
from qingyuan_science.worlds.scene.stations import Station
from qingyuan_science.worlds.world import World

_DATA_ANSWER = "9014"


@dataclass(slots=True)
class _Outgoing:
    message: Message
    frame: bytes
    tries: int = 0
    due: float = 0.0


class Device:
    """The logger of one station.

    Parameters
    ----------
    world : World
    station : Station
    since : datetime
        Aware; what was to be sent before is not sent.
    kinds : tuple of str
        Command codes that it sends.
    over_time : float
        How long it waits for an answer. [s]
    re_count : int
        How often it repeats. [1]
    window : int
        How many messages may wait for an answer at the same time; 1 is stop-and-wait. [1]
    keep : int
        How many messages its buffer holds; beyond that the oldest are lost. [1]

    Attributes
    ----------
    connected : bool
    sent, repeated, answered, forgotten, ignored : int
        Counts: messages sent first, repeats, answers, messages given up, frames that were no answer to anything.

    Source
    ------
    HJ 212-2017, table on timeouts and repeats: 10 s and 3 repeats on mobile links; an upload with bit 0 of Flag set is
    repeated with the same QN until a 9014 names it.

    Examples
    --------
    >>> from datetime import UTC, datetime, timedelta
    >>> world = World(epoch=datetime(2026, 11, 22, 2, 0, tzinfo=UTC))
    >>> device = Device(world, world.station("QJ-W01"), world.epoch, kinds=("2011",))
    >>> device.connect()
    >>> device.advance(world.epoch + timedelta(seconds=40))
    >>> device.to_send(0.0)[:2], device.waiting
    (b'##', 2)
    """

    def __init__(
        self, world: World, station: Station, since: datetime, *,
        kinds: tuple[str, ...] = KINDS, over_time: float = 10.0, re_count: int = 3, window: int = 8, keep: int = 20_000,
    ) -> None:  # fmt: skip
        self.station = station
        self.connected = False
        self.sent = self.repeated = self.answered = self.forgotten = self.ignored = 0
        self._over_time, self._re_count, self._window, self._keep = over_time, re_count, window, keep
        self._coming = world.messages(station, since, None, kinds)
        self._next: Sent = next(self._coming)
        self._buffer: deque[_Outgoing] = deque()
        self._unanswered: OrderedDict[str, _Outgoing] = OrderedDict()
        self._framer = Framer(station.dialect)
        self._gave_up = False

    @property
    def next_message_at(self) -> datetime:
        """When in the world the next message comes due."""
        return self._next[0]

    @property
    def waiting(self) -> int:
        """Messages not yet answered, in the buffer or on the way. [1]"""
        return len(self._buffer) + len(self._unanswered)

    @property
    def line_is_dead(self) -> bool:
        """Whether a message was repeated to no avail, so that the line should be closed and opened anew."""
        return self._gave_up

    def advance(self, time: datetime) -> None:
        """Take everything that has come due into the buffer.

        Parameters
        ----------
        time : datetime
            Aware; the time in the world.
        """
        while self._next[0] <= time:
            message = self._next[1]
            if self.connected or message.cn != REALTIME:
                self._buffer.append(_Outgoing(message, encode(message, self.station.dialect)))
            self._next = next(self._coming)
        while len(self._buffer) > self._keep:
            self._buffer.popleft()
            self.forgotten += 1

    def connect(self) -> None:
        """Begin to use a new line."""
        self.connected, self._gave_up = True, False
        self._framer = Framer(self.station.dialect)

    def disconnect(self) -> None:
        """Stop using the line; means that were not answered go back to the head of the buffer, in order."""
        kept = [one for one in (*self._unanswered.values(), *self._buffer) if one.message.cn != REALTIME]
        self.forgotten += self.waiting - len(kept)
        for one in kept:
            one.tries = 0
        self._buffer, self.connected = deque(kept), False
        self._unanswered.clear()

    def to_send(self, clock: float) -> bytes:
        """Give what is to be written now.

        Parameters
        ----------
        clock : float
            A clock that never goes back. [s]

        Returns
        -------
        bytes
            Whole frames, none where there is nothing to write.
        """
        if not self.connected or self._gave_up:
            return b""
        frames = [self._try(one, clock) for one in self._unanswered.values() if one.due <= clock]
        while self._buffer and len(self._unanswered) < self._window:
            one = self._buffer.popleft()
            self.sent += 1
            frames.append(self._try(one, clock))
            if one.message.wants_answer:
                self._unanswered[one.message.qn] = one
        return b"".join(frames)

    def next_repeat_at(self) -> float | None:
        """Tell when something will have to be repeated.

        Returns
        -------
        float or None
            On the clock of `to_send`; None where nothing waits for an answer. [s]
        """
        return min((one.due for one in self._unanswered.values()), default=None)

    def receive(self, data: bytes) -> int:
        """Take what the platform wrote.

        Parameters
        ----------
        data : bytes
            Cut anywhere.

        Returns
        -------
        int
            How many messages were answered. [1]
        """
        before = self.answered
        for found in self._framer.feed(data):
            answer = None if isinstance(found, BadFrame) else self._read(found.segment)
            named = (answer.qn or answer.get("QN") or "") if answer is not None and answer.cn == _DATA_ANSWER else ""
            if self._unanswered.pop(named, None) is None:
                self.ignored += 1
            else:
                self.answered += 1
        return self.answered - before

    def _read(self, segment: bytes) -> Message | None:
        try:
            return parse(segment, self.station.dialect)
        except Hj212Error:
            return None

    def _try(self, one: _Outgoing, clock: float) -> bytes:
        if one.tries > self._re_count:
            self._gave_up = True
            return b""
        self.repeated += one.tries > 0
        one.tries += 1
        one.due = clock + self._over_time
        return one.frame
