"""The side of a line on which the platform above asks: one request after the other, each answered by the protocol."""

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import structlog

from qingyuan.forwarding.logic import answering, keys, rewriting
from qingyuan.forwarding.logic.answering import HISTORY, NEW_KEY, READY, Verdict
from qingyuan.forwarding.logic.choosing import Plan
from qingyuan.forwarding.logic.covering import Cover
from qingyuan.forwarding.logic.keeping import Standing, keep_sent
from qingyuan.forwarding.logic.window import Item, OwnItem, Result, Window
from qingyuan.forwarding.models import Destination
from qingyuan.kit import clock
from qingyuan_science.hj212 import Dialect, Frame, Hj212Error, Message, answer_9011, answer_9012, encode, instant, parse
from qingyuan_science.hj212.codes import COMMANDS


class Home(Protocol):
    """The line that is asked on: what it knows, and ways to write to it and to the database."""

    destination: Destination
    plan: Plan | None
    standing: Standing
    window: Window
    stirred: asyncio.Event
    writer: asyncio.StreamWriter | None

    @property
    def in_writer(self) -> Callable[..., Awaitable[Any]]: ...
    @property
    def dialect(self) -> Dialect: ...


STEP_S = 0.1
COMMAND_S = 900.0  # how long a command that was passed on may take
MOST_WAITING = 100  # requests that wait for their turn, and as many that are being carried out
PASTS_AT_ONCE = 2  # whoever asks for more of the past waits: what is told of it goes out between the packets of now
_ASKED = frozenset(row.cn for row in COMMANDS if row.direction == "host-to-device")
_log = structlog.get_logger("forward")


@dataclass
class Requests:
    """What was asked on a line and is not answered yet."""

    line: Home
    waiting: "asyncio.Queue[tuple[Message, Frame]]" = field(default_factory=lambda: asyncio.Queue(MOST_WAITING))
    _last_qn_us: int = 0
    _reopens: bool = False  # a new key was taken over, so that the line will be opened anew
    _seen: dict[tuple[str, str], None] = field(default_factory=dict)
    _under_way: "set[asyncio.Task[None]]" = field(default_factory=set)
    _telling: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(PASTS_AT_ONCE))

    def __post_init__(self) -> None:
        self._work = {HISTORY: self._tell_the_past, NEW_KEY: self._take_over_key}

    def heard(self, frame: Frame) -> None:
        """Take a request; one that came before under the same QN is not carried out again."""
        try:
            message = parse(frame.segment, self.line.dialect)
        except Hj212Error as error:
            _log.warning("request not understood", destination=self.line.destination.code, error=str(error))
            return
        known = (message.mn, message.qn)
        full = self.waiting.full() or len(self._under_way) >= MOST_WAITING  # it asks again after a while
        if message.cn not in _ASKED or known in self._seen or full:
            return
        self._seen[known] = None
        if len(self._seen) > MOST_WAITING:
            del self._seen[next(iter(self._seen))]
        self._learn_clock(message)
        self.waiting.put_nowait((message, frame))

    def _learn_clock(self, message: Message) -> None:
        """Its QN says what time it is there."""
        try:
            ahead = instant(message.qn, self.line.dialect) - clock.now()
        except Hj212Error:
            return
        self.line.standing.clock_offset_s = ahead.total_seconds()

    async def serve(self) -> None:
        """Answer what is asked, until cancelled; what takes its time holds up no other request."""
        try:
            while True:
                message, frame = await self.waiting.get()
                while self.line.plan is None:
                    await asyncio.sleep(STEP_S)
                verdict = await self.line.in_writer(
                    answering.judge, self.line.destination, self.line.plan, message, frame
                )
                self._say(answer_9011(message, verdict.qn_rtn, self.line.dialect))
                if verdict.qn_rtn == READY:
                    task = asyncio.create_task(self._carry_out(verdict, message))
                    self._under_way.add(task)
                    task.add_done_callback(self._under_way.discard)
        finally:
            for task in tuple(self._under_way):
                task.cancel()

    async def _carry_out(self, verdict: Verdict, message: Message) -> None:
        work = self._work.get(verdict.row.outcome, self._wait_for_device)
        try:
            exe_rtn, uploads = await work(verdict, message)
        except Exception:  # noqa: BLE001 a door: nobody else would hear of it, and the request would stay open for ever
            _log.error("request failed", destination=self.line.destination.code, trace=traceback.format_exc())
            exe_rtn, uploads = answering.FAILED, 0
        self._say(answer_9012(message, exe_rtn, self.line.dialect))
        await self.line.in_writer(answering.finish, verdict.row, exe_rtn, uploads)

    async def _tell_the_past(self, verdict: Verdict, asked: Message) -> tuple[int, int]:
        """Hand on what is stored of a span, a stretch at a time; each message has a QN of its own."""
        async with self._telling:
            return await self._tell_stretches(verdict, asked)

    async def _tell_stretches(self, verdict: Verdict, asked: Message) -> tuple[int, int]:
        uploads, refused, plan = 0, 0, self.line.plan
        if plan is None:
            return answering.FAILED, 0
        for span in answering.stretches(verdict):
            messages = await self.line.in_writer(answering.past, plan, verdict, span)
            items = [self._item(replace(one, st=asked.st or one.st), plan.cover, verdict) for one in messages]
            for item in items:
                self.line.window.put(item)
            self.line.stirred.set()
            while not all(item.result for item in items):
                await asyncio.sleep(STEP_S)
            await self.line.in_writer(keep_sent, self.line.destination, items, verdict.row)
            uploads += len(items)
            refused += sum(item.result is not Result.ACCEPTED for item in items)
        if not uploads:
            return answering.NO_DATA, 0
        return (answering.FAILED if refused else answering.DONE), uploads

    async def _take_over_key(self, verdict: Verdict, asked: Message) -> tuple[int, int]:
        """Use a new key from here on: what is on its way is waited for, and nothing more goes out under the old one.

        The line is opened anew, since its terms changed; what was not answered goes out again, under the new key.
        """
        line, plan = self.line, self.line.plan
        own = plan.mns.get(asked.mn, asked.mn) if plan is not None else asked.mn
        line.window.stopped = True
        try:
            until = time.monotonic() + line.destination.over_time_s
            while line.window.under_way and time.monotonic() < until:
                await asyncio.sleep(STEP_S)
            if await line.in_writer(keys.take_over, line.destination, own, asked.mn, verdict.key):
                self._reopens = True
        finally:  # where nothing changed, or the line broke first, it is not opened anew by other terms
            line.window.stopped = self._reopens
        return answering.DONE, 0

    async def _wait_for_device(self, verdict: Verdict, asked: Message) -> tuple[int, int]:
        """Wait until the device has carried out what was passed on; hand on what it answered to one question."""
        until = time.monotonic() + COMMAND_S
        while time.monotonic() < until:
            command = await self.line.in_writer(answering.ended_command, verdict.row)
            if command is not None:
                if command.exe_rtn is not None:
                    return command.exe_rtn, command.uploads
                return (answering.DONE if command.state == "done" else answering.FAILED), command.uploads
            await asyncio.sleep(1.0)
        return answering.FAILED, 0

    def _item(self, message: Message, cover: Cover, verdict: Verdict) -> OwnItem:
        self._last_qn_us = max(time.time_ns() // 1_000, self._last_qn_us + 1_000)
        qn = rewriting.request_number(self._last_qn_us)
        data = encode(
            replace(message, qn=qn), cover.dialect, cover.key_for(message.mn, message.cn, came_enciphered=False)
        )
        return OwnItem(0, 0, message.mn, qn, message.cn, data, self._last_qn_us, _ended, station=verdict.station or 0)

    def _say(self, reply: Message) -> None:
        if self.line.writer is not None:
            self.line.writer.write(encode(reply, self.line.dialect))


def _ended(item: Item) -> None:
    """Belongs to no row: who asked looks at how it ended."""
