"""The process that goes to where data are: one task a feed, each with its connector's `listen`.

What a connector hands over is committed in a writer thread before it goes on, so a slow database holds back the
connector, and with it the broker, the folder or the next question. A feed that fails is tried again after a pause that
grows, and shows its trouble; it takes no other feed with it.
"""

import asyncio
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog
from django.db import connection, transaction

from qingyuan.sensing import api
from qingyuan.sensing.connector import CONNECTORS, Payload, Position, Unreachable
from qingyuan.sensing.logic.away import DATABASE_AWAY
from qingyuan.sensing.logic.intake import Sink
from qingyuan.sensing.models import Feed, PacketState

LOOK_S = 3.0  # how soon a feed that an administrator changed is taken up
PAUSE_S, LONGEST_PAUSE_S = 2.0, 300.0
_log = structlog.get_logger("feeds")
Answer = TypeVar("Answer")


@dataclass
class Hand:
    """The platform's side of one feed: what a connector sees as its receiver."""

    feed: Feed
    sink: Sink
    writer: ThreadPoolExecutor
    position: dict[str, Any]
    answered: bool = False

    @property
    def code(self) -> str:
        return self.feed.code

    @property
    def settings(self) -> Mapping[str, str]:
        settings: dict[str, str] = self.feed.settings
        return settings

    async def take_in(self, payloads: Sequence[Payload], position: Position | None = None) -> Sequence[bool]:
        """Commit payloads and position together."""
        readable, reached = await self._write(lambda: self._take_in(payloads, position))
        self.position = self.position if reached is None else dict(reached)
        self.answered = True
        return readable

    def _take_in(
        self, payloads: Sequence[Payload], position: Position | None
    ) -> tuple[list[bool], Mapping[str, Any] | None]:
        with transaction.atomic():
            deliveries = api.take_in_payloads(self.feed, payloads, self.sink)
            readable = [delivery.state != PacketState.REJECTED for delivery in deliveries]
            reached = position(readable) if callable(position) else position
            if reached is not None:
                api.note_position(self.feed, reached)
            if not payloads:
                api.trouble_is_over(self.feed)
        return readable, reached

    async def recall(self) -> None:
        """Read the position as it is committed: where the answer to a commit was lost, it may have gone on."""
        known = Feed.objects.values_list("position", flat=True)
        self.position = dict(await self._write(lambda: known.get(pk=self.feed.pk)))

    async def count(self, fault: str, detail: str, times: int) -> None:
        """Count what was not taken in."""
        await self._write(lambda: api.count_feed_fault(self.feed, fault, detail, times))

    async def in_order(self) -> None:
        """Show that the trouble, if there was any, is over."""
        if not self.answered:
            await self._write(lambda: api.trouble_is_over(self.feed))
        self.answered = True

    async def trouble(self, why: str) -> None:
        """Show why the feed cannot be reached; if the database is away too, the log of the process says it."""
        self.answered = False
        with suppress(*DATABASE_AWAY):
            await self._write(lambda: api.note_trouble(self.feed, why))

    async def _write(self, act: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self.writer, _on_sound_connection, act)


def _on_sound_connection(act: Callable[[], Answer]) -> Answer:
    """Act; when the database went away, the next act begins with a new connection."""
    try:
        return act()
    except DATABASE_AWAY:
        connection.close()
        raise


@dataclass
class Listening:
    """The feeds that are listened to now, by what makes a feed another one: its number, connector and settings."""

    sink: Sink
    writer: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "writer"))
    tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def listen(self) -> None:
        """Until cancelled: keep one task for each enabled feed whose connector listens."""
        try:
            while True:
                await self._look()
                await asyncio.sleep(LOOK_S)
        finally:
            await _end(list(self.tasks.values()))
            self.writer.submit(lambda: connection.close())  # resolved in the writer thread, whose connection it is
            await asyncio.to_thread(self.writer.shutdown)

    async def _look(self) -> None:
        """Begin with feeds that are new or changed, end with those that are no longer wanted."""
        loop = asyncio.get_running_loop()
        try:
            feeds = await loop.run_in_executor(self.writer, _on_sound_connection, _listened_to)
        except DATABASE_AWAY as error:
            _log.warning("database away", error=str(error).strip())
            return
        gone = [key for key in self.tasks if key not in feeds]
        await _end([self.tasks.pop(key) for key in gone])
        for key, feed in feeds.items():
            if key not in self.tasks or _has_ended(self.tasks[key]):
                hand = Hand(feed, self.sink, self.writer, dict(feed.position))
                self.tasks[key] = asyncio.create_task(_tend(hand), name=f"feed {feed.code}")


def _has_ended(task: asyncio.Task[None]) -> bool:
    """Whether a task broke where not even its trouble could be shown, as in a database that may only be read."""
    if task.done():
        _log.error("feed ended", task=task.get_name(), error=str(task.exception()))
    return task.done()


def _listened_to() -> dict[str, Feed]:
    feeds = [feed for feed in Feed.objects.filter(enabled=True) if feed.connector in CONNECTORS]
    listened = [feed for feed in feeds if CONNECTORS.get(feed.connector).listens]
    return {f"{feed.pk} {feed.connector} {sorted(feed.settings.items())}": feed for feed in listened}


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _tend(hand: Hand) -> None:
    """Listen for one feed for ever; after a failure, again."""
    pause = PAUSE_S
    while True:
        began = time.monotonic()
        try:
            await hand.recall()
            await CONNECTORS.get(hand.feed.connector)().listen(hand)
        except Unreachable as error:
            trouble = str(error)
        except DATABASE_AWAY as error:
            trouble = f"the database was away: {str(error).strip()}"
        except Exception as error:  # noqa: BLE001 a connector that breaks must not take the other feeds with it
            _log.error("connector failed", feed=hand.code, trace=traceback.format_exc())  # without locals: passwords
            trouble = f"{type(error).__name__}: {error}"
        else:
            trouble = "the connector ended by itself"
        _log.warning("feed in trouble", feed=hand.code, trouble=trouble)
        await hand.trouble(trouble)
        lasted = time.monotonic() - began > LONGEST_PAUSE_S
        pause = PAUSE_S if lasted else min(pause * 2, LONGEST_PAUSE_S)
        await asyncio.sleep(pause)
