"""The logger's side of an exchange: 9011, execution, uploads, 9012; a notice is answered 9013."""

from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from qingyuan_science.hj212 import Message, answer_9011, answer_9012, notice_9013
from qingyuan_science.hj212.codes import EDITIONS
from qingyuan_science.worlds.executing import DONE, FAILED, NO_DATA, TIMED_OUT, Content, Executor, Result, qn_rtn
from qingyuan_science.worlds.logger import Behaviour, Logger

NOTICES = frozenset(("2012", "2022"))
"""What is answered 9013. HJ 212-2017 6.6.5."""

_MOST_REMEMBERED = 64
_ANSWER_WANTED = 1
_MILLISECOND = timedelta(milliseconds=1)


@dataclass
class _Work:
    """One request that is being carried out."""

    request: Message
    ready_at: float | None = None
    rest: Iterator[Content] | None = None
    under_way: Message | None = None
    tries: int = 0
    due: float = 0.0
    brought: int = 0
    replies: list[Message] = field(default_factory=list)


class Answering:
    """Answers the requests of a host, one after the other.

    Parameters
    ----------
    executor : Executor
        What is done.
    logger : Logger
        Its patience counts for uploads that answer a request for the past.
    behaviour : Behaviour
        How it misbehaves.

    Source
    ------
    HJ 212-2017, flows, and C.50: packets of the past are sent one at a time, the next after the 9014.
    """

    def __init__(self, executor: Executor, logger: Logger, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self._executor, self._logger = executor, logger
        self._waiting: deque[_Work] = deque()
        self._ready: list[Message] = []
        self._remembered: OrderedDict[str, _Work] = OrderedDict()
        self._last_qn = datetime.min.replace(tzinfo=UTC)

    def take(self, request: Message) -> None:
        """Take a request or notice; one that came before is answered as before and not carried out again.

        Parameters
        ----------
        request : Message
        """
        if self.behaviour.silent:
            return
        before = self._remembered.get(request.qn) if request.qn else None
        if before is not None:
            self._ready += before.replies
            return
        work = _Work(request)
        self._remembered[request.qn] = work
        if len(self._remembered) > _MOST_REMEMBERED:
            self._remembered.popitem(last=False)
        code = qn_rtn(request, self._logger, self.behaviour, self._executor.knows(request.cn))
        if request.cn in NOTICES and code == 1:
            self._reply(work, notice_9013(request))
            self._waiting.append(work)
            return
        self._reply(work, answer_9011(request, code))
        if code == 1:
            self._waiting.append(work)

    def settle(self, qn: str) -> bool:
        """Take the answer to an upload.

        Parameters
        ----------
        qn : str
            QN that was named.

        Returns
        -------
        bool
            Whether it was under way.
        """
        work = self._waiting[0] if self._waiting else None
        if work is None or work.under_way is None or work.under_way.qn != qn:
            return False
        work.under_way = None
        return True

    def to_send(self, now: datetime, clock: float) -> list[Message]:
        """Give what is to be said now.

        Parameters
        ----------
        now : datetime
            Aware; true time.
        clock : float
            A clock that never goes back. [s]

        Returns
        -------
        list of Message
        """
        messages, self._ready = self._ready, []
        while self._waiting and self._go_on(self._waiting[0], now, clock):
            self._waiting.popleft()
        messages += self._ready
        self._ready = []
        return messages

    def due(self) -> float | None:
        """Tell when there is something to say again.

        Returns
        -------
        float or None
            On the clock of `to_send`. [s]
        """
        if not self._waiting:
            return None
        work = self._waiting[0]
        return work.due if work.under_way else work.ready_at

    def hang_up(self) -> None:
        """Forget what was being carried out; the line is down."""
        self._waiting.clear()
        self._ready.clear()

    def _go_on(self, work: _Work, now: datetime, clock: float) -> bool:
        """Go on with a piece of work, and say whether it is done."""
        if work.ready_at is None:
            work.ready_at = clock + self.behaviour.slow
        if clock < work.ready_at:
            return False
        if work.rest is None:
            result = self._result(work.request, now)
            if work.request.cn in NOTICES:
                return True
            if result.one is not None:
                self._ready.append(self._message(work.request, result.one))
            if result.many is None:
                self._reply(work, answer_9012(work.request, self._known(result.code)))
                return True
            work.rest = result.many
        return self._send_the_past(work, now, clock)

    def _result(self, request: Message, now: datetime) -> Result:
        if self.behaviour.exe_rtn != DONE:
            return Result(self.behaviour.exe_rtn)
        return self._executor.execute(request, now)

    def _send_the_past(self, work: _Work, now: datetime, clock: float) -> bool:
        if work.under_way is not None:
            if clock < work.due:
                return False
            if work.tries > self._logger.re_count:
                self._reply(work, answer_9012(work.request, self._known(TIMED_OUT)))
                return True
        else:
            content = next(work.rest or iter(()), None)
            if content is None:
                self._reply(work, answer_9012(work.request, DONE if work.brought else NO_DATA))
                return True
            work.under_way = self._message(work.request, content, self._fresh_qn(now))
            work.brought, work.tries = work.brought + 1, 0
        work.tries += 1
        work.due = clock + self._logger.over_time
        self._ready.append(work.under_way)
        return False

    def _known(self, code: int) -> int:
        """The code, or the nearest that HJ/T 212-2005 has."""
        return code if self._executor.edition != "2005" or code in (DONE, FAILED, NO_DATA) else FAILED

    def _reply(self, work: _Work, reply: Message) -> None:
        work.replies.append(reply)
        self._ready.append(reply)

    def _message(self, request: Message, cp: Content, qn: str | None = None) -> Message:
        """An upload: with a QN of its own it wants an answer, with that of the request none."""
        flag = EDITIONS[self._executor.edition].flag_version << 2 | (_ANSWER_WANTED if qn else 0)
        return Message(
            qn=qn or request.qn, st=request.st, cn=request.cn, pw=self._logger.pw, mn=self._logger.mn, flag=flag,
            cp=cp, edition=self._executor.edition,
        )  # fmt: skip

    def _fresh_qn(self, now: datetime) -> str:
        """A QN that no other upload has, and no request."""
        self._last_qn = max(now.astimezone(UTC), self._last_qn + _MILLISECOND)
        while (qn := self._executor.stamp_to_the_millisecond(self._last_qn)) in self._remembered:
            self._last_qn += _MILLISECOND
        return qn
