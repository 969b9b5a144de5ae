"""The live stream: one listener a web process hears every new line of the log and tells the pages that are open.

A page gets hints (which line, which act, about what), never the facts themselves: those it fetches with its own rights.
Memory is bounded: a subscriber whose queue is full is let go and comes back by itself with `Last-Event-ID`.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from asgiref.sync import sync_to_async
from django.db import connections
from psycopg import sql

from qingyuan.kit import queries as log

CHANNEL = "qingyuan_live"
QUEUE_LENGTH = 256
MOST_SUBSCRIBERS = 1000
MOST_REPLAYED = 500
HEARTBEAT_SECONDS = 15.0
LIFETIME_SECONDS = 900.0  # then the browser comes back by itself, and its rights are looked at again
UNLOGGED = "NewestKept"  # told when the newest readings have moved on; it is no line of the log
DRIVEN = "DrivesKept"  # told when a monitor that moves has moved on; no line of the log either
# each is told at most so often [s]
FREQUENT_ACTS = {"ReadingsAppended": 0.2, "HoursComputed": 1.0, UNLOGGED: 1.0, DRIVEN: 2.0}
RETRY = b"retry: 2000\n\n"
HEARTBEAT = b": still here\n\n"

logger = logging.getLogger(__name__)


class TooManySubscribers(Exception):
    """This process serves as many streams as it may."""


@dataclass(frozen=True, slots=True)
class Hint:
    """One line of the log, as far as a page must know it to fetch what changed."""

    seq: int
    act: str
    subject: str

    def as_event(self, with_subject: bool) -> bytes:
        """The hint in the wire form of server-sent events.

        Frequent acts carry no id, so that they are not asked for again after a break.
        """
        body: dict[str, Any] = {"seq": self.seq, "act": self.act}
        if with_subject:
            body["subject"] = self.subject
        number = "" if self.act in FREQUENT_ACTS else f"id: {self.seq}\n"
        return f"{number}event: {self.act}\ndata: {json.dumps(body, ensure_ascii=False)}\n\n".encode()


@dataclass(eq=False)
class Subscription:
    """The waiting hints of one open page; None in the queue means that it is let go."""

    queue: asyncio.Queue[Hint | None] = field(default_factory=lambda: asyncio.Queue(QUEUE_LENGTH))

    def tell(self, hint: Hint) -> bool:
        """Put a hint into the queue; False when the page reads too slowly and was let go."""
        try:
            self.queue.put_nowait(hint)
        except asyncio.QueueFull:
            self.let_go()
            return False
        return True

    def let_go(self) -> None:
        """Drop what waits, which the log still has, and end the stream."""
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(None)


class Hub:
    """All streams of one web process; listens to PostgreSQL while there is at least one."""

    def __init__(self) -> None:
        self._subscribers: set[Subscription] = set()
        self._listening: asyncio.Task[None] | None = None
        self._heard = asyncio.Event()
        self._last_seq = 0
        self._held: dict[str, Hint | None] = {}

    @property
    def subscribers(self) -> int:
        return len(self._subscribers)

    @asynccontextmanager
    async def subscribed(self) -> AsyncIterator[Subscription]:
        """A subscription that hears everything committed from now on."""
        if len(self._subscribers) >= MOST_SUBSCRIBERS:
            raise TooManySubscribers(f"{MOST_SUBSCRIBERS} live streams are open in this process")
        subscription = Subscription()
        self._subscribers.add(subscription)
        if self._listening is None:
            # an empty context: the listener outlives the request that happens to start it
            self._listening = asyncio.create_task(self._listen(), context=Context())
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(2):
                    await self._heard.wait()
            yield subscription
        finally:
            self._subscribers.discard(subscription)
            if not self._subscribers:
                self._stop_listening()

    def _stop_listening(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
        self._listening = None
        self._heard.clear()

    async def _listen(self) -> None:
        pause = 0.2
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(_address(), autocommit=True) as connection:
                    await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
                    await self._catch_up()
                    self._heard.set()
                    pause = 0.2
                    async for notice in connection.notifies():
                        self._take(Hint(**json.loads(notice.payload)))
            except psycopg.Error as error:
                logger.warning("the live stream lost PostgreSQL, next try in %.1f s: %s", pause, error)
            self._heard.clear()
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)

    async def _catch_up(self) -> None:
        """Tell what was committed while nobody listened."""
        if self._last_seq:
            for hint in await missed_since(self._last_seq):
                self._take(hint)

    def _take(self, hint: Hint) -> None:
        self._last_seq = max(self._last_seq, hint.seq)
        if hint.act not in FREQUENT_ACTS:
            self._tell(hint)
        elif hint.act in self._held:
            self._held[hint.act] = hint
        else:
            self._tell(hint)
            self._hold(hint.act)

    def _hold(self, act: str) -> None:
        """For a while keep only the newest hint of a frequent act."""
        self._held[act] = None
        asyncio.get_running_loop().call_later(FREQUENT_ACTS[act], self._release, act)

    def _release(self, act: str) -> None:
        hint = self._held.pop(act, None)
        if hint is not None:
            self._tell(hint)
            self._hold(act)

    def _tell(self, hint: Hint) -> None:
        for subscription in [one for one in self._subscribers if not one.tell(hint)]:
            self._subscribers.discard(subscription)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of this process (of its event loop)."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]


async def events(with_subject: bool, last_seq: int | None) -> AsyncIterator[bytes]:
    """The stream of one page: what it missed since `last_seq`, then what comes, with heartbeats."""
    async with hub().subscribed() as subscription:
        yield RETRY
        told = 0
        for hint in await missed_since(last_seq):
            told = max(told, hint.seq)
            yield hint.as_event(with_subject)
        ends = asyncio.get_running_loop().time() + LIFETIME_SECONDS
        while asyncio.get_running_loop().time() < ends:
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    hint_or_end = await subscription.queue.get()
            except TimeoutError:
                yield HEARTBEAT
                continue
            if hint_or_end is None:
                return
            if hint_or_end.seq > told or hint_or_end.act in FREQUENT_ACTS:
                told = max(told, hint_or_end.seq)
                yield hint_or_end.as_event(with_subject)


async def missed_since(seq: int | None) -> list[Hint]:
    """The newest lines after `seq`, oldest first; frequent acts once each, because only their newest matters."""
    return await sync_to_async(_missed_since)(seq)


def _missed_since(seq: int | None) -> list[Hint]:
    try:
        if seq is None:
            return []
        newest = log.lines(after=seq).exclude(act__in=FREQUENT_ACTS)[:MOST_REPLAYED]
        hints = [Hint(*row) for row in newest.values_list("seq", "act", "subject")]
        for act in FREQUENT_ACTS:
            hints += [Hint(*row) for row in log.lines(acts=[act], after=seq).values_list("seq", "act", "subject")[:1]]
        stored = any(hint.act in FREQUENT_ACTS for hint in hints)
        return sorted(hints, key=lambda hint: hint.seq) + [Hint(0, UNLOGGED, ""), Hint(0, DRIVEN, "")] * stored
    finally:
        connections.close_all()  # a stream lives long and must not hold a connection of its own


def _address() -> str:
    settings = connections["default"].settings_dict
    parts = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    given = {name: str(settings[key]) for name, key in parts.items() if settings.get(key)}
    return psycopg.conninfo.make_conninfo("", application_name="qingyuan live", **given)
