"""One line to a platform above: what was committed goes out in order, answers come back, and both are kept.

The database is asked in a thread (`in_writer`); while it reads the next packets, those before are on their way. A line
that breaks is opened again, and what was not answered goes out again under the same QN.
"""

import asyncio
import math
import re
import ssl
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from qingyuan.forwarding.logic import keeping, late, own_means, reading
from qingyuan.forwarding.logic.choosing import Plan, plan_of
from qingyuan.forwarding.logic.covering import cover_of
from qingyuan.forwarding.logic.keeping import Standing, end_of
from qingyuan.forwarding.logic.ours import Mean
from qingyuan.forwarding.logic.own_means import Stretch
from qingyuan.forwarding.logic.reading import Row
from qingyuan.forwarding.logic.window import Item, Window
from qingyuan.forwarding.models import Destination, Undelivered
from qingyuan.forwarding.requests import Requests
from qingyuan.kit import clock
from qingyuan.kit.queries import last_seq, lines
from qingyuan.sensing.events import DEVICE_CHANGES
from qingyuan.sensing.queries import RawPacket
from qingyuan_science.hj212 import Dialect, Frame, Framer
from qingyuan_science.hj212.dialect import STRICT_BY_EDITION

LOOK_S = 0.5  # how soon a packet that came while nothing waited is noticed
KEEP_S, MOST_KEPT = 10.0, 5_000  # a run is closed after so long, or so many packets
NOTE_S, RENEW_S, RATE_S = 5.0, 300.0, 60.0
TIDY_S = 2.0  # how soon a device that was changed, or a packet that is to be sent again, is taken up
TICK_S = 0.25
CONNECT_S = 10.0
PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
FINISH_S = 2.0
AHEAD = 4 * reading.ROWS
_FIELD = re.compile(rb"(?:\A|[;,&])(QN|CN|MN|QnRtn)=([^;,&]*)")
_ANSWERS = (b"9011", b"9012", b"9013", b"9014")
_log = structlog.get_logger("forward")
InWriter = Callable[..., Awaitable[Any]]


class LineDead(OSError):
    """Nothing is answered any more."""


@dataclass
class Line:
    """All that is under way to one destination."""

    destination: Destination
    in_writer: InWriter
    plan: Plan | None = None
    standing: Standing = field(default_factory=Standing)
    rows: deque[Row] = field(default_factory=deque)
    settled: list[Row] = field(default_factory=list)
    stirred: asyncio.Event = field(default_factory=asyncio.Event)
    writer: asyncio.StreamWriter | None = None
    own: Stretch | None = None
    second_tries: dict[int, tuple[Undelivered, list[Item]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        one = self.destination
        self.window = Window(
            float(one.over_time_s), one.re_count, one.at_once, one.per_second, by_number=one.edition == "2005"
        )
        self.requests = Requests(self)
        self.read_to = one.position
        self._reading: asyncio.Task[None] | None = None
        self._look_at = self._kept_at = self._noted_at = self._renewed_at = self._tidied_at = 0.0
        self._heeded = 0
        self._more_late = False
        self._counted = (0.0, 0)

    @property
    def dialect(self) -> Dialect:
        """How the platform above speaks."""
        return STRICT_BY_EDITION[self.destination.edition]

    async def hand_on(self) -> None:
        """Connect and hand on, and again after each break, until cancelled; then finish what is on its way."""
        pause = PAUSE_S
        self._kept_at = time.monotonic()
        try:
            while True:
                began = time.monotonic()
                try:
                    await self._connected()
                except (OSError, EOFError, TimeoutError) as error:
                    self._broke(error)
                await self._note(time.monotonic(), at_once=True)
                pause = PAUSE_S if time.monotonic() - began > LONGEST_PAUSE_S else min(2 * pause, LONGEST_PAUSE_S)
                await asyncio.sleep(pause)
        finally:
            if self._reading is not None:
                self._reading.cancel()
            await self._keep(time.monotonic(), at_once=True)

    def _broke(self, error: BaseException) -> None:
        self.standing.connected_at = None
        self.standing.trouble = f"{type(error).__name__}: {error}".strip(": ")
        self.window.line_lost()
        _log.warning("line lost", destination=self.destination.code, error=self.standing.trouble)

    async def _connected(self) -> None:
        one = self.destination
        context = _tls(one) if one.tls else None
        async with asyncio.timeout(CONNECT_S):
            reader, self.writer = await asyncio.open_connection(one.host, one.port, ssl=context, limit=1 << 20)
        self.standing.connected_at, self.standing.trouble = clock.now(), ""
        _log.info("connected", destination=one.code)
        await self._note(time.monotonic(), at_once=True)
        tasks = [asyncio.create_task(work) for work in (self._hear(reader), self._pump(), self.requests.serve())]
        try:
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                task.result()
        except asyncio.CancelledError:
            await self._finish()
            raise
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            writer, self.writer = self.writer, None
            if writer is not None:
                writer.close()
                with suppress(OSError, TimeoutError):
                    async with asyncio.timeout(PAUSE_S):
                        await writer.wait_closed()

    async def _finish(self) -> None:
        """Before the end: wait a little for the answers to what is on its way."""
        until = time.monotonic() + FINISH_S
        while self.window.under_way and time.monotonic() < until:
            await asyncio.sleep(0.02)

    async def _hear(self, reader: asyncio.StreamReader) -> None:
        cover = await self.in_writer(cover_of, self.destination)
        framer = Framer(cover.dialect, keys=cover.keys)
        while data := await reader.read(262_144):
            now, now_us = time.monotonic(), time.time_ns() // 1_000
            for frame in framer.feed(data):
                if isinstance(frame, Frame):
                    self._heard(frame, now, now_us)
            self.stirred.set()
        raise EOFError("the platform above closed the connection")

    def _heard(self, frame: Frame, now: float, now_us: int) -> None:
        fields = dict(reversed(_FIELD.findall(frame.segment)))  # of 2005, CP names a CN too
        cn = fields.get(b"CN", b"")
        if cn not in _ANSWERS and b"QnRtn" not in fields:
            self.requests.heard(frame)
            return
        said = fields.get(b"QnRtn", b"1")
        refusal = "" if said == b"1" else f"CN={cn.decode()} QnRtn={said.decode('ascii', 'replace')}"
        mn, qn = (fields.get(name, b"").decode("ascii", "replace") for name in (b"MN", b"QN"))
        if self.window.answered(mn, qn, now=now, now_us=now_us, refusal=refusal):
            self.standing.answered_us = now_us
            self.standing.answer = refusal or f"CN={cn.decode()} QN={qn}"

    async def _pump(self) -> None:
        while self.writer is not None:
            now = time.monotonic()
            await self._look_ahead(now)
            now_us = time.time_ns() // 1_000
            frames = self.window.to_send(time.monotonic(), now_us)
            if frames:
                self.standing.sent_us = now_us
                self.writer.write(b"".join(frames))
                await self.writer.drain()
            if self.window.dead:
                raise LineDead(f"no answer after {self.destination.re_count} repeats")
            await self._keep(now)
            await self._note(now)
            self.stirred.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK_S):
                    await self.stirred.wait()

    async def _look_ahead(self, now: float) -> None:
        """Keep packets ready; while the database reads, what is ready goes out."""
        if self._reading is not None and self._reading.done():
            self._reading.result()
            self._reading = None
        short = self.window.waiting < reading.ROWS and len(self.rows) < AHEAD
        if self._reading is None and short and now >= self._look_at:
            self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        now = time.monotonic()
        if self.plan is None or now >= self._tidied_at + TIDY_S or (self._more_late and not self.second_tries):
            self._tidied_at = now
            await self._renew(now)
            await self._take_up_second_tries()
            await self._take_up_own_means()
        if self.plan is None:
            return
        keep = self.destination.keep_hours
        oldest = clock.now() - timedelta(hours=keep) if keep else None
        span = oldest, end_of(self.destination)
        batch = await self.in_writer(_next_rows, self.plan, self.read_to, span, self._own_on_their_way())
        nothing_new = batch.up_to == self.read_to
        self.read_to = batch.up_to
        for row in batch.rows:
            self.rows.append(row)
            for item in row.items:
                if not item.result:
                    self.window.put(item)
        self._look_at = time.monotonic() + LOOK_S if nothing_new else 0.0
        self.stirred.set()

    async def _renew(self, now: float) -> None:
        """Take up what was changed among devices and stations."""
        newest = await self.in_writer(_heeded_after, self._heeded)
        if self.plan is None or newest > self._heeded or now - self._renewed_at > RENEW_S:
            self._heeded = newest
            self.plan = await self.in_writer(plan_of, self.destination)
            self._renewed_at = now

    async def _take_up_second_tries(self) -> None:
        if self.plan is None:
            return
        lets_out = self.plan.cover.lets_out(came_enciphered=True)
        if lets_out and not self.second_tries:
            await self.in_writer(late.enter_withheld, self.destination)
        wanted = partial(keeping.to_send_again, withheld=lets_out)
        for row in await self.in_writer(wanted, self.destination, list(self.second_tries)):
            items = await self.in_writer(_again, self.plan, row)
            self._take_up(row, items)
        going = self._own_on_their_way()
        found = await self.in_writer(late.take_up, self.destination, list(self.second_tries), going)
        self._more_late = len(found) == late.AT_ONCE
        for row, items in found:
            self._take_up(row, items)

    async def _take_up_own_means(self) -> None:
        if self.own is not None or self.plan is None:
            return
        self.own = await self.in_writer(own_means.next_stretch, self.destination, self.plan)
        for item in self.own.items if self.own is not None else ():
            if not item.result:
                self.window.put(item)

    def _own_on_their_way(self) -> frozenset[Mean]:
        """Our means that may have arrived or will, and of which the log does not tell yet."""
        return own_means.on_their_way(self.own) if self.own is not None else frozenset()

    def _take_up(self, row: Undelivered, items: list[Item]) -> None:
        self.second_tries[row.pk] = (row, items)
        for item in items:
            item.settled = _nothing
            if not item.result:
                self.window.put(item)

    async def _keep(self, now: float, *, at_once: bool = False) -> None:
        """Close the run of what is settled without a gap, when it is time."""
        while self.rows and not self.rows[0].open:
            self.settled.append(self.rows.popleft())
        await self._keep_second_tries()
        if self.own is not None and all(item.result for item in self.own.items):
            await self.in_writer(own_means.keep, self.destination, self.own)
            self.own = None
        due = at_once or now - self._kept_at >= KEEP_S or sum(len(row.items) for row in self.settled) >= MOST_KEPT
        if not due or not self.settled:
            return
        rows, self.settled = self.settled, []
        items = [item for row in rows for item in row.items]
        try:
            if items or rows[-1].packet > self.destination.position:
                await self.in_writer(keeping.keep_run, self.destination, rows[-1].packet, items)
        except BaseException:
            self.settled = rows + self.settled
            raise
        self._kept_at = now

    async def _keep_second_tries(self) -> None:
        came_late = list(late.finished(self.second_tries))
        if came_late:
            await self.in_writer(late.keep, self.destination, [self.second_tries[number] for number in came_late])
        for number in came_late:
            del self.second_tries[number]
        for number, (row, items) in list(self.second_tries.items()):
            if row.number and all(item.result for item in items):
                await self.in_writer(keeping.keep_second_try, row, items)
                del self.second_tries[number]

    async def _note(self, now: float, *, at_once: bool = False) -> None:
        if not at_once and now - self._noted_at < NOTE_S:
            return
        at, answers = self._counted
        if at and now > at:  # packets come in bursts, so the rate is that of about a minute
            lately = (self.window.answers - answers) / (now - at)
            self.standing.rate += (lately - self.standing.rate) * -math.expm1((at - now) / RATE_S)
        self._counted = (now, self.window.answers)
        self._noted_at = now
        reached = self.settled[-1].packet if self.settled else self.destination.position
        await self.in_writer(_note, self.destination, self.plan, self.standing, reached)


def _next_rows(
    plan: Plan, after: int, span: tuple[datetime | None, datetime | None], going: frozenset[Mean]
) -> reading.Batch:
    return reading.next_rows(plan, after, not_before=span[0], until=span[1], on_their_way=going)


def _again(plan: Plan, row: Undelivered) -> list[Item]:
    packet = RawPacket.objects.filter(pk=row.packet).first()
    concerned = packet is not None and (packet.mn in plan.senders or packet.mn.startswith("feed:"))
    items = reading.again(plan, packet) if packet is not None and concerned else []
    return [item for item in items if item.number == row.number]


def _note(destination: Destination, plan: Plan | None, standing: Standing, reached: int) -> None:
    plan = plan or plan_of(destination)
    count, oldest = reading.waiting(plan, reached, end_of(destination))
    came_late, since = late.waiting(destination)
    keeping.note(destination, standing, (count + came_late, min(filter(None, (oldest, since)), default=None)))


def _heeded_after(seq: int) -> int:
    """The last line that changed devices, behind one; the newest of all at first."""
    if not seq:
        return last_seq() or 1
    newest = lines(acts=DEVICE_CHANGES, after=seq).values_list("seq", flat=True).first()
    return newest or seq


def _nothing(item: Item) -> None:
    """A second try belongs to no row."""


def _tls(destination: Destination) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=destination.tls_authority or None)
