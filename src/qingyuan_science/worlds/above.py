"""A platform above as a state machine without sockets: packets and time in, answers and requests out.

    receive(bytes, clock)    what was handed on; each sound packet is answered after a while, or not
    to_send(clock)           the answers that have come due, and now and then a request of its own

It is slow at times, refuses now and then, and asks for hours of the past, so that whoever hands on has something to
show. What it does hangs on the packet's bytes alone, so the same stream meets the same fate.
"""

from collections import Counter, deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zlib import crc32

from qingyuan_science.hj212 import (
    EDITION_2025_SM4,
    STANDARD,
    Frame,
    Framer,
    Hj212Error,
    Message,
    answer_9011,
    data_answer_9014,
    encode,
    parse,
)
from qingyuan_science.hj212.requests import request_number

_ANSWERS = frozenset(("9011", "9012", "9013", "9014"))
_OF = 1000  # shares are counted in thousandths
_LONGEST_ANSWER = timedelta(hours=3)


@dataclass(frozen=True)
class Temper:
    """How a platform above behaves.

    Parameters
    ----------
    delay : float
        How long an answer takes. [s]
    slow_share, refused_share, silent_share : int
        Of a thousand packets those that are answered late, refused, or not answered the first time. [1]
    slow : float
        How long a late answer takes. [s]
    asks_every : float or None
        How often it asks for the hours of the past; None for never. [s]
    """

    delay: float = 0.05
    slow_share: int = 20
    refused_share: int = 2
    silent_share: int = 3
    slow: float = 3.0
    asks_every: float | None = 600.0


ORDERLY = Temper(delay=0.0, slow_share=0, refused_share=0, silent_share=0, asks_every=None)
"""Answers everything at once and asks nothing."""


@dataclass
class PlatformAbove:
    """The receiving end of one connection.

    Parameters
    ----------
    temper : Temper
    key : bytes or None
        The SM4 key under which a platform of HJ 212-2025 reads content; None for one that reads it in the clear.
        `set_key` sets another one.

    Attributes
    ----------
    received : Counter of str
        Packets by MN, repeats included.
    answers : Counter of str
        Answers of the other side by command, and of 9011 and 9012 by what they say.

    Examples
    --------
    >>> above = PlatformAbove(ORDERLY)
    >>> cp = ((("DataTime", "20261122090000"),),)
    >>> above.receive(encode(Message("20261122100001000", "32", "2061", "123456", "A" * 24, 5, cp=cp)), 0.0)
    >>> above.to_send(0.0, datetime(2026, 11, 22, 2, tzinfo=UTC))[6:46]
    b'QN=20261122100001000;ST=91;CN=9014;PW=12'
    """

    temper: Temper = field(default_factory=Temper)
    key: bytes | None = None
    received: "Counter[str]" = field(default_factory=Counter)
    answers: "Counter[str]" = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._former: bytes | None = None
        self._offered: tuple[str, bytes] | None = None
        self._framer = Framer(STANDARD if self.key is None else EDITION_2025_SM4, keys=self._keys)
        self._due: deque[tuple[float, bytes]] = deque()
        self._met: set[tuple[str, str]] = set()
        self._speaker: Message | None = None
        self._asked_at: float | None = None

    def receive(self, data: bytes, clock: float) -> None:
        """Take what was handed on.

        Parameters
        ----------
        data : bytes
            Cut anywhere.
        clock : float
            A clock that never goes back. [s]
        """
        for found in self._framer.feed(data):
            if isinstance(found, Frame):
                self._take(found, clock)

    def to_send(self, clock: float, now: datetime) -> bytes:
        """Give what is to be written now.

        Parameters
        ----------
        clock : float
            The clock of `receive`. [s]
        now : datetime
            Aware; what time it is there.

        Returns
        -------
        bytes
            Whole frames, none where there is nothing to write.
        """
        frames = [frame for at, frame in self._due if at <= clock]
        self._due = deque(one for one in self._due if one[0] > clock)
        every = self.temper.asks_every
        if every is not None and self._speaker is not None:
            if self._asked_at is None:
                self._asked_at = clock - every / 2
            if clock - self._asked_at >= every:
                self._asked_at = clock
                frames.append(self._question(self._speaker, now))
        return b"".join(frames)

    def set_key(self, key: bytes, now: datetime) -> bytes:
        """Give the request by which the other side is to take another key; it holds once that says it is done.

        Parameters
        ----------
        key : bytes
            Sixteen letters and figures.
        now : datetime
            Aware.

        Returns
        -------
        bytes
            A whole frame, under the key that holds now.

        Raises
        ------
        ValueError
            Nobody has spoken yet, or there is no key to send it under.

        Source
        ------
        HJ 212-2025, command 1014 (second-hand).
        """
        if self._speaker is None or self.key is None:
            raise ValueError("found no sender or no key, expected both before a key is set")
        qn = request_number(now.astimezone(UTC))
        self._offered = (qn, key)
        cp = ((("SKCreateTime", qn[:14]), ("NewSK", key.decode("ascii"))),)
        asked = replace(self._speaker, qn=qn, cn="1014", flag=9, pnum=None, pno=None, rf=False, cp=cp, header_extras=())
        return encode(asked, EDITION_2025_SM4, self.key)

    def _keys(self, mn: str) -> tuple[bytes, ...]:
        """The key that holds, and the one before, for what was on its way."""
        return tuple(key for key in (self.key, self._former) if key is not None)

    def _hear_answer(self, message: Message) -> None:
        said = message.get("QnRtn") or message.get("ExeRtn") or ""
        self.answers[f"{message.cn} {said}".strip()] += 1
        if self._offered is not None and (message.qn, message.cn, said) == (self._offered[0], "9012", "1"):
            self._former, self.key, self._offered = self.key, self._offered[1], None

    def _take(self, frame: Frame, clock: float) -> None:
        try:
            message = parse(frame.segment)
        except Hj212Error:
            return
        if message.cn in _ANSWERS:
            self._hear_answer(message)
            return
        self.received[message.mn] += 1
        self._speaker = message
        fate, known = crc32(frame.raw) % _OF, (message.mn, message.qn)
        temper, again = self.temper, known in self._met
        self._met.add(known)
        if len(self._met) > 10_000:
            self._met.clear()
        if not message.wants_answer or (fate < temper.silent_share and not again):
            return
        fate -= temper.silent_share
        answer = data_answer_9014(message, STANDARD)
        if 0 <= fate < temper.refused_share and not again:
            answer = replace(answer_9011(message, 100, STANDARD), cn="9014")
        slow = temper.refused_share <= fate < temper.refused_share + temper.slow_share
        self._due.append((clock + (temper.slow if slow and not again else temper.delay), encode(answer)))

    def _question(self, speaker: Message, now: datetime) -> bytes:
        """A request for the hours of the last three of somebody who spoke."""
        begin, end = (request_number(at)[:10] + "0000" for at in (now - _LONGEST_ANSWER, now))
        cp = ((("BeginTime", begin),), (("EndTime", end),))
        qn = request_number(now.astimezone(UTC))
        return encode(replace(speaker, qn=qn, cn="2061", flag=5, pnum=None, pno=None, cp=cp, header_extras=()))
