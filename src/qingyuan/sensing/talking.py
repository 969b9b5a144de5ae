"""The gateway's other direction: commands go out on the connection that a device is heard on, answers come back by it.

One exchange a device at a time. Everything that touches rows is run in the gateway's writer thread; what a device
answers is looked at only after its packet is committed.
"""

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog

from qingyuan.sensing.logic import commanding
from qingyuan.sensing.logic.arriving.arrivals import Arrival, Piece
from qingyuan.sensing.logic.away import DATABASE_AWAY
from qingyuan.sensing.logic.commanding import Asking, Progress
from qingyuan.sensing.logic.raw.packets import storable
from qingyuan.sensing.logic.telling import ANSWERS
from qingyuan.sensing.models import PacketState
from qingyuan_science.hj212 import Exchange, Hj212Error, Message, encode, parse

LOOK_S = 1.0
STEP_S = 0.25
TIDY_S = 20.0
OVER_TIME_S = 10.0
REPEATS = 3
EXECUTION_S = 60.0
_log = structlog.get_logger("gateway")


class Source(Protocol):
    """A connection that bytes can be sent on."""

    gone: bool

    def send(self, data: bytes) -> None:
        """Send, unless it is closing."""


@dataclass
class Talk:
    """An exchange on its way, and how far its row has been told."""

    asking: Asking
    exchange: Exchange
    told: Progress | None = None

    @property
    def progress(self) -> Progress:
        last = self.exchange.last_upload
        answer = [[(storable(name), storable(value)) for name, value in group] for group in last.cp] if last else []
        exchange = self.exchange
        return Progress(
            exchange.state.value, exchange.sent, exchange.uploads, exchange.qn_rtn, exchange.exe_rtn, answer
        )


@dataclass
class Talker:
    """All exchanges of one gateway; `in_writer` runs a function in the writer thread."""

    in_writer: Callable[..., Awaitable[Any]]
    homes: dict[str, Source] = field(default_factory=dict)
    guests: dict[Source, set[str]] = field(default_factory=dict)  # the devices heard on a connection
    talks: dict[str, Talk] = field(default_factory=dict)

    def heard(self, source: Source, arrival: Arrival | Piece) -> None:
        """Something committed: remember where its device is, and see whether it answers something."""
        if arrival.state != PacketState.DECODED:
            return
        mn = arrival.mn
        if self.homes.get(mn) is not source and not self._settle(source, arrival):
            return
        talk = self.talks.get(mn) if self.talks else None
        if talk is None:
            return
        for one in arrival.arrivals():
            message = one.message or parse(one.segment, one.dialect)
            for reply in talk.exchange.take(message, time.monotonic()).replies:
                self._send(talk, reply)

    def _settle(self, source: Source, arrival: Arrival | Piece) -> bool:
        """Take the connection for the device's own, unless it is gone by now or has only answered.

        An answer may lack the password, so it counts only where the question went.
        """
        if source.gone or arrival.cn in ANSWERS:
            return False
        self.homes[arrival.mn] = source
        self.guests.setdefault(source, set()).add(arrival.mn)
        return True

    def lost(self, source: Source) -> None:
        """A connection is gone; exchanges go on when the device comes back in time."""
        for mn in self.guests.pop(source, ()):
            if self.homes.get(mn) is source:  # the device may be on another connection by now
                del self.homes[mn]

    async def talk_forever(self) -> None:
        """Take up commands, send and repeat, and keep how they go, until cancelled."""
        looked = tidied = 0.0
        while True:
            await asyncio.sleep(STEP_S)
            now = time.monotonic()
            try:
                await self._step(now)
                if now - looked >= LOOK_S:
                    looked = now
                    await self._look()
                if now - tidied >= TIDY_S:
                    tidied = now
                    await self.in_writer(commanding.tidy)
            except DATABASE_AWAY as error:
                _log.warning("commands wait, database away", error=str(error).strip())
                await asyncio.sleep(LOOK_S)

    async def _look(self) -> None:
        """Take up what waits for devices that are connected here and have nothing else to answer."""
        free = self.homes.keys() - self.talks.keys()
        for number, mn in await self.in_writer(commanding.waiting, free) if free else ():
            if mn not in self.talks:
                asking = await self._take_up(number)
                if asking is not None:
                    self.talks[mn] = Talk(asking, _exchange(asking))

    async def _take_up(self, number: int) -> Asking | None:
        asking: Asking | None = await self._or_failed(number, commanding.take_up, number)
        return asking

    async def _or_failed(self, number: int, work: Callable[..., Any], *values: Any) -> Any:
        """Run something for a command; one that breaks the code ends as failed and does not stop the others."""
        try:
            return await self.in_writer(work, *values)
        except DATABASE_AWAY:
            raise
        except Exception as error:  # noqa: BLE001 a door: the reason becomes the command's own answer
            _log.error("command refused by the platform itself", command=number, trace=traceback.format_exc())
            await self.in_writer(commanding.fail, number, f"{type(error).__name__}: {error}")
            return None

    async def _step(self, now: float) -> None:
        for mn, talk in tuple(self.talks.items()):
            for message in talk.exchange.tick(now):
                self._send(talk, message)
            progress = talk.progress
            if progress != talk.told:
                goes_on = await self._or_failed(talk.asking.id, commanding.keep, talk.asking.id, progress)
                talk.told = progress
            else:
                goes_on = True
            if not goes_on or (talk.exchange.ended and talk.told == talk.progress):  # it may end while this is kept
                del self.talks[mn]

    def _send(self, talk: Talk, message: Message) -> None:
        home = self.homes.get(talk.asking.mn)
        if home is None:
            return  # the exchange repeats it when the device is back
        try:
            home.send(encode(message, talk.asking.dialect, talk.asking.key))
        except Hj212Error as error:
            _log.warning("command cannot be written", mn=talk.asking.mn, error=str(error))


def _exchange(asking: Asking) -> Exchange:
    over_time, re_count = asking.dialect.over_time or OVER_TIME_S, asking.dialect.re_count or REPEATS
    return Exchange(
        asking.message, asking.dialect, over_time=over_time, re_count=re_count,
        execution_time=max(EXECUTION_S, 2.0 * over_time),
    )  # fmt: skip
