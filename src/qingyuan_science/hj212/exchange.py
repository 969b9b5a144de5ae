"""One request from its sending to its end, as a state machine without sockets and without a clock.

::

                  send            9011 = 1              9012 = 1
    [ready] ──────────> [asked] ───────────> [accepted] ──────────> [done]
                         │ ↺ repeat            │ ↺ upload
                         │                     ├─ 9012 ≠ 1 ────────> [failed]
                         │                     └─ execution timeout > [unfinished]
                         ├─ 9011 ≠ 1 ──────────────────────────────> [refused]
                         ├─ 9012, 9013 ────────────────────────────> [done] or [failed]
                         └─ repeats used up ───────────────────────> [unanswered]

Answers are tied to the request by its QN, in the header or, from senders of 2005, inside CP. Uploads that answer a
request for the past carry QNs of their own, and are tied by MN, CN and the span asked for, once the request was
accepted: before, the same data may have been sent unasked.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from qingyuan_science.hj212.dialect import STRICT_BY_EDITION, Dialect
from qingyuan_science.hj212.message import Message
from qingyuan_science.hj212.replies import data_answer_9014
from qingyuan_science.hj212.requests import REQUESTS


class State(StrEnum):
    """Where an exchange stands."""

    READY = "ready"
    ASKED = "asked"
    ACCEPTED = "accepted"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    UNANSWERED = "unanswered"
    UNFINISHED = "unfinished"


class Step(StrEnum):
    """What happens to an exchange."""

    SENT = "sent"
    AGREED = "agreed"
    DECLINED = "declined"
    UPLOADED = "uploaded"
    SUCCEEDED = "succeeded"
    BROKE = "broke"
    NOTED = "noted"
    WAITED = "waited in vain"
    GIVEN_UP = "repeats used up"


TRANSITIONS: Final[dict[tuple[State, Step], State]] = {
    (State.READY, Step.SENT): State.ASKED,
    (State.ASKED, Step.SENT): State.ASKED,
    (State.ASKED, Step.AGREED): State.ACCEPTED,
    (State.ASKED, Step.DECLINED): State.REFUSED,
    (State.ASKED, Step.UPLOADED): State.ACCEPTED,
    (State.ASKED, Step.SUCCEEDED): State.DONE,
    (State.ASKED, Step.BROKE): State.FAILED,
    (State.ASKED, Step.NOTED): State.DONE,
    (State.ASKED, Step.GIVEN_UP): State.UNANSWERED,
    (State.ACCEPTED, Step.UPLOADED): State.ACCEPTED,
    (State.ACCEPTED, Step.SUCCEEDED): State.DONE,
    (State.ACCEPTED, Step.BROKE): State.FAILED,
    (State.ACCEPTED, Step.WAITED): State.UNFINISHED,
}
"""Every step that changes or keeps a state; a step that is not here comes late or twice, and changes nothing."""

FINAL: Final = frozenset((State.DONE, State.REFUSED, State.FAILED, State.UNANSWERED, State.UNFINISHED))
"""The states in which an exchange ends."""

_SPAN: Final = 14
_STREAMS: Final = frozenset(kind.cn for kind in REQUESTS.values() if kind.uploads == "stream")
_BRINGS_MANY: Final = frozenset(kind.cn for kind in REQUESTS.values() if kind.uploads == "many") - _STREAMS
_GOOD: Final = 1
_KEPT_AS: Final = {"QnRtn": "qn_rtn", "ExeRtn": "exe_rtn"}


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a message that was shown to an exchange.

    `step` is None for a message that belongs to something else. `late` says that it belongs here and changed nothing:
    it came twice, or after the end. `replies` are to be sent now.
    """

    step: Step | None
    late: bool = False
    replies: tuple[Message, ...] = ()


NOT_OURS: Final = Taken(None)


class Exchange:
    """One request to one device.

    Parameters
    ----------
    request : Message
        What is asked, see `requests.request`; its QN ties the answers to it.
    dialect : Dialect, optional
        How the device speaks. The request's own edition where not given.
    over_time : float
        How long to wait for 9011 or 9013. [s]
    re_count : int
        How often to repeat. [1]
    execution_time : float
        How long to wait for the next upload or 9012 after 9011. [s]

    Attributes
    ----------
    state : State
    qn_rtn, exe_rtn : int or None
        What the device answered; None where it did not, or no number.
    sent, uploads, late : int
        Counts: the request sent, repeats included; messages that it brought; messages that changed nothing.
    last_upload : Message or None
        For a request that reads one thing, the answer.
    due : float or None
        When `tick` has something to do, on the caller's clock; None before the start and after the end. [s]

    Source
    ------
    HJ 212-2017, flows of requests and notices, and table on timeouts and repeats: 10 s and 3 repeats on mobile links;
    HJ 212-2025 for 30 s and 5 repeats on NB-IoT (second-hand). That a repeat carries the same QN follows from the
    rule for answers. In HJ/T 212-2005 the host answers 9012 with 9014.

    Examples
    --------
    >>> asked = Message("20160801085857223", "32", "1062", flag=5, cp=((("RtdInterval", "30"),),))
    >>> exchange = Exchange(asked, over_time=10)
    >>> exchange.tick(0.0) == (asked,), exchange.tick(5.0), exchange.tick(10.0) == (asked,)
    (True, (), True)
    >>> exchange.take(Message(asked.qn, "91", "9011", cp=((("QnRtn", "2"),),)), 11.0).step, exchange.state
    (<Step.DECLINED: 'declined'>, <State.REFUSED: 'refused'>)
    """

    def __init__(
        self, request: Message, dialect: Dialect | None = None, *,
        over_time: float = 10.0, re_count: int = 3, execution_time: float = 60.0,
    ) -> None:  # fmt: skip
        self.request = request
        self.state = State.READY
        self.qn_rtn: int | None = None
        self.exe_rtn: int | None = None
        self.sent = self.uploads = self.late = 0
        self.last_upload: Message | None = None
        self.due: float | None = None
        self._dialect = dialect or STRICT_BY_EDITION[request.edition]
        self._over_time, self._re_count, self._execution_time = over_time, re_count, execution_time
        self._span = _span(request)

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in FINAL

    def tick(self, now: float) -> tuple[Message, ...]:
        """Do what has come due: send the request, repeat it, or give up.

        Parameters
        ----------
        now : float
            A clock that never goes back. [s]

        Returns
        -------
        tuple of Message
            What is to be sent now.
        """
        if self.state is State.READY or (self.state is State.ASKED and self._is_due(now) and self._may_repeat):
            self._go(Step.SENT, now)
            self.sent += 1
            return (self.request,)
        if self._is_due(now):
            self._go(Step.GIVEN_UP if self.state is State.ASKED else Step.WAITED, now)
        return ()

    def take(self, message: Message, now: float) -> Taken:
        """Look at a message that the device sent.

        Parameters
        ----------
        message : Message
            Any; also what has nothing to do with the request.
        now : float
            The clock of `tick`. [s]

        Returns
        -------
        Taken
        """
        step = self._step_of(message)
        if step is None or self.state is State.READY:
            return NOT_OURS
        replies = self._replies(message)
        if not self._go(step, now):
            self.late += 1
            return Taken(step, True, replies)
        if step is Step.UPLOADED:
            self.uploads += 1
            self.last_upload = message
        return Taken(step, False, replies)

    def _is_due(self, now: float) -> bool:
        return self.due is not None and self.due <= now

    @property
    def _may_repeat(self) -> bool:
        return self.sent <= self._re_count

    def _go(self, step: Step, now: float) -> bool:
        """Take a step if the table has it, and say whether."""
        following = TRANSITIONS.get((self.state, step))
        if following is None:
            return False
        self.state = following
        wait = {State.ASKED: self._over_time, State.ACCEPTED: self._execution_time}.get(following)
        self.due = None if wait is None else now + wait
        return True

    def _step_of(self, message: Message) -> Step | None:
        """What a message means to this exchange, None if it belongs to something else."""
        if self.request.mn and message.mn and message.mn != self.request.mn:
            return None
        if message.cn in _ANSWERS:
            return self._answer(message) if (message.qn or message.get("QN")) == self.request.qn else None
        if message.cn != self.request.cn:
            return None
        ours = message.qn == self.request.qn or (self.state is not State.ASKED and self._in_span(message))
        return Step.UPLOADED if ours else None

    def _answer(self, message: Message) -> Step | None:
        if message.cn == "9013":
            return Step.NOTED
        field, good, bad = _ANSWERS[message.cn]
        text = (message.get(field) or "").strip()
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None
        step = good if number == _GOOD else bad
        if (self.state, step) in TRANSITIONS:
            setattr(self, _KEPT_AS[field], number)
        return step

    def _in_span(self, message: Message) -> bool:
        if self._span is None:
            return message.cn in _BRINGS_MANY
        if not message.data_time:
            return False
        begin, end = self._span
        return begin <= message.data_time[: len(begin)] and message.data_time[: len(end)] <= end

    def _replies(self, message: Message) -> tuple[Message, ...]:
        """The 9014 that a device of 2005 wants for its 9012."""
        if message.cn == "9012" and self._dialect.reply == "2005":
            named = replace(message, qn=message.qn or message.get("QN") or "")
            return (data_answer_9014(named, self._dialect),)
        return ()


_ANSWERS: Final[dict[str, tuple[str, Step, Step]]] = {
    "9011": ("QnRtn", Step.AGREED, Step.DECLINED),
    "9012": ("ExeRtn", Step.SUCCEEDED, Step.BROKE),
    "9013": ("", Step.NOTED, Step.NOTED),
}


def _span(request: Message) -> tuple[str, str] | None:
    """The span asked for as it stands in the request; texts of figures, which sort like times."""
    begin, end = request.get("BeginTime"), request.get("EndTime")
    return (begin[:_SPAN], end[:_SPAN]) if begin and end else None
