"""A data logger as a state machine without sockets: time and bytes in, bytes out.

    advance(time)       the world's time: what has come due goes into the buffer
    connect()           the line is up: what was not answered is sent again, oldest first
    to_send(clock)      bytes to write now: new messages while the window is open, repeats of what was not answered
    receive(bytes)      what the platform wrote: a 9014 lets go of the message it names, a request is carried out
    disconnect()        the line is down: real-time values are forgotten, means are kept

In the edition of 2025 what is sent again is marked ``RF=1`` and gives way to what is new, and what must be enciphered
is, where the station's dialect has a cipher.

Two clocks go in. `advance` takes the time in the world, which may run faster than the wall; `to_send` takes the wall's
clock in seconds, by which a peer's patience is measured.
"""

from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from qingyuan_science.hj212 import BadFrame, Framer, Hj212Error, Message, encode, instant, key_to_use, parse
from qingyuan_science.hj212.codes import COMMANDS, EDITIONS
from qingyuan_science.hj212.requests import request_number
from qingyuan_science.worlds.answering import Answering
from qingyuan_science.worlds.executing import Content, Executor
from qingyuan_science.worlds.logger import ORDERLY, Behaviour, Logger
from qingyuan_science.worlds.packets import KINDS, REALTIME, Sent
from qingyuan_science.worlds.scene.stations import Station
from qingyuan_science.worlds.world import World

_ANSWERS = frozenset(("9013", "9014"))
_ASKED = frozenset(row.cn for row in COMMANDS if row.direction == "host-to-device")
_MARKS_RESENDS = "2025"
_DATA_TIME = "DataTime"
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(slots=True)
class _Outgoing:
    message: Message
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
    logger : Logger, optional
        Settings and memory of a logger that was used before; as delivered where not given.
    behaviour : Behaviour
        How it answers requests.

    Attributes
    ----------
    logger : Logger
    connected : bool
    sent, repeated, answered, forgotten, ignored : int
        Counts: messages sent first, repeats, answers, messages given up, frames that were no answer to anything.
    asked : int
        Requests and notices of the platform, repeats included.

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
        logger: Logger | None = None, behaviour: Behaviour = ORDERLY,
    ) -> None:  # fmt: skip
        self.station = station
        self.connected = False
        self.sent = self.repeated = self.answered = self.forgotten = self.ignored = self.asked = 0
        if logger is None:
            logger = Logger.of(station, behaviour)
            logger.over_time, logger.re_count = over_time, re_count
            logger.realtime_interval = world.realtime_interval
        self.logger, self._window, self._keep = logger, window, keep
        self._world, self._kinds, self._now = world, kinds, since
        self._executor = Executor(world, station, logger)
        self._answering = Answering(self._executor, logger, behaviour)
        self._told_checks = len(logger.checks)
        self._told_state = ""
        self._next_state_at = since
        self._buffer: deque[_Outgoing] = deque()
        self._missed: deque[_Outgoing] = deque()
        self._unanswered: OrderedDict[str, _Outgoing] = OrderedDict()
        self._gave_up = False
        self._last_qn = ""
        self._coming: Iterator[Sent]
        self._next: Sent
        self._begin(since)
        self._framer = self._new_framer()

    @property
    def next_message_at(self) -> datetime:
        """When in the world the next message comes due."""
        return self._next[0]

    @property
    def waiting(self) -> int:
        """Messages not yet answered, in the buffer or on the way. [1]"""
        return len(self._buffer) + len(self._missed) + len(self._unanswered)

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
        self._now = time
        while self._next[0] <= time:
            message = self._next[1]
            if message.cn != REALTIME or (self.connected and self.logger.realtime):
                self._keep_for_sending(_Outgoing(self._dressed(message)))
            self._next = next(self._coming)
        if self.logger.states and self.connected and time >= self._next_state_at:
            self._tell_state(time)
        while len(self._buffer) + len(self._missed) > self._keep:
            (self._missed or self._buffer).popleft()
            self.forgotten += 1

    def announce(self, cn: str, cp: Content = ()) -> None:
        """Say something unasked, such as a heartbeat (9015) or the wish for a new key (1014).

        Parameters
        ----------
        cn : str
            Command code of an upload or notice.
        cp : tuple
            Its content.
        """
        edition = self.station.dialect.edition
        flag = EDITIONS[edition].flag_version << 2 | 1
        qn = request_number(self._now + self.logger.clock_offset, self.station.dialect)
        while qn <= self._last_qn:
            qn = request_number(instant(self._last_qn, self.station.dialect) + _MILLISECOND, self.station.dialect)
        self._last_qn = qn
        message = Message(qn, self.station.st, cn, self.logger.pw, self.logger.mn, flag, cp=cp, edition=edition)
        self._buffer.append(_Outgoing(message))

    def connect(self) -> None:
        """Begin to use a new line."""
        self.connected, self._gave_up = True, False
        self._told_state = ""
        self._framer = self._new_framer()

    def disconnect(self) -> None:
        """Stop using the line; means that were not answered go back to the head of the buffer, in order."""
        waiting = (*self._unanswered.values(), *self._missed, *self._buffer)
        kept = [one for one in waiting if one.message.cn != REALTIME]
        self.forgotten += self.waiting - len(kept)
        for one in kept:
            one.tries = 0
        self.connected = False
        self._unanswered.clear()
        self._buffer.clear()
        self._missed.clear()
        self._answering.hang_up()
        for one in kept:
            self._keep_for_sending(one)

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
        frames = list(self._answers(clock))
        frames += [self._try(one, clock) for one in self._unanswered.values() if one.due <= clock]
        while (self._buffer or self._missed) and len(self._unanswered) < self._window:
            one = (self._buffer or self._missed).popleft()
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
        dues = [one.due for one in self._unanswered.values()]
        answering = self._answering.due()
        return min(dues if answering is None else [*dues, answering], default=None)

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
            message = None if isinstance(found, BadFrame) else self._read(found.segment)
            if message is not None and message.cn in _ANSWERS:
                self._settle(message.qn or message.get("QN") or "")
            elif message is not None and message.cn in _ASKED:
                self.asked += 1
                self._answering.take(message)
            else:
                self.ignored += 1
        return self.answered - before

    def _settle(self, qn: str) -> None:
        """Let go of the message that an answer names."""
        if self._answering.settle(qn) or self._unanswered.pop(qn, None) is not None:
            self.answered += 1
        else:
            self.ignored += 1

    def _read(self, segment: bytes) -> Message | None:
        try:
            return parse(segment, self.station.dialect)
        except Hj212Error:
            return None

    def _answers(self, clock: float) -> Iterator[bytes]:
        """Frames that answer requests; what a request changed counts from here on."""
        before = (self.logger.realtime_interval, self.logger.minute_interval)
        for message in self._answering.to_send(self._now, clock):
            yield self._frame(message)
        if before != (self.logger.realtime_interval, self.logger.minute_interval):
            self._begin(self._now + _MILLISECOND)
        if len(self.logger.checks) > self._told_checks:
            self.announce("2062", self._executor.told(self.logger.checks[-1]))
        self._told_checks = len(self.logger.checks)

    def _begin(self, since: datetime) -> None:
        """Take up the messages to be sent from a time on, at the intervals that are set."""
        self._coming = self._world.messages(
            self.station, since, None, self._kinds,
            realtime_interval=self.logger.realtime_interval,
            minute_interval=self.logger.minute_interval,
        )  # fmt: skip
        self._next = next(self._coming)

    def _new_framer(self) -> Framer:
        ciphers = self.station.dialect.cipher != "none"
        return Framer(self.station.dialect, keys=(lambda mn: (self.logger.key,)) if ciphers else None)

    def _keep_for_sending(self, one: _Outgoing) -> None:
        """Put a message behind the others; what could not be sent in time gives way to what is new (HJ 212-2025)."""
        if self.connected or self.station.dialect.edition != _MARKS_RESENDS:
            self._buffer.append(one)
            return
        one.message = replace(one.message, rf=True)
        self._missed.append(one)

    def _tell_state(self, time: datetime) -> None:
        state = self._executor.state(time)
        self._next_state_at = time + timedelta(seconds=self.logger.realtime_interval)
        if state != self._told_state:
            self._told_state = state
            self.announce("2021", (((_DATA_TIME, self._executor.stamp(time)),), (("SB1-RS", state),)))

    def _dressed(self, message: Message) -> Message:
        """A message of this world as this logger sends it: with its identity and by its clock."""
        logger = self.logger
        if (logger.mn, logger.pw) != (message.mn, message.pw):
            message = replace(message, mn=logger.mn, pw=logger.pw)
        if not logger.clock_offset:
            return message
        dialect = self.station.dialect
        qn = request_number(instant(message.qn, dialect) + logger.clock_offset, dialect)
        stamp = request_number(instant(message.data_time or "", dialect) + logger.clock_offset, dialect)[:14]
        return replace(message, qn=qn, cp=(((_DATA_TIME, stamp),), *message.cp[1:]))

    def _frame(self, message: Message) -> bytes:
        dialect = self.station.dialect
        return encode(message, dialect, key_to_use(message.cn, "device-to-host", dialect, self.logger.key))

    def _try(self, one: _Outgoing, clock: float) -> bytes:
        if one.tries > self.logger.re_count:
            self._gave_up = True
            return b""
        if one.tries:
            self.repeated += 1
            if self.station.dialect.edition == _MARKS_RESENDS:
                one.message = replace(one.message, rf=True)
        one.tries += 1
        one.due = clock + self.logger.over_time
        return self._frame(one.message)
