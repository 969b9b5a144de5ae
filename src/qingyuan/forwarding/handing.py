"""The process that hands data on: one line for each platform above that is switched on and in its time."""

import asyncio
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
import structlog
from django.db import InterfaceError, OperationalError, connection

from qingyuan.forwarding.line import Line
from qingyuan.forwarding.logic.keeping import SomebodyElseHandsOn
from qingyuan.forwarding.models import Destination
from qingyuan.forwarding.queries import in_force, terms_of

LOOK_S = 2.0
PAUSE_S = 5.0
DATABASE_AWAY = (OperationalError, InterfaceError, psycopg.OperationalError)
_log = structlog.get_logger("forward")


@dataclass
class Writer:
    """A thread with a database connection of its own."""

    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "writer"))

    async def __call__(self, work: Callable[..., Any], *values: Any) -> Any:
        """Run something there; when the database went away, the next begins with a new connection."""
        return await asyncio.get_running_loop().run_in_executor(self.thread, _on_sound_connection, work, values)

    def close(self) -> None:
        """Let the connection go once all is done."""
        self.thread.submit(lambda: connection.close())  # resolved in the thread, whose connection it is
        self.thread.shutdown()


@dataclass
class Handing:
    """The lines that are open now, by what makes a destination another one: its number and its terms."""

    in_writer: Writer = field(default_factory=Writer)
    tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def hand_on(self) -> None:
        """Until cancelled: keep one line for each destination in force."""
        try:
            while True:
                with suppress(*DATABASE_AWAY):
                    await self._look()
                await asyncio.sleep(LOOK_S)
        finally:
            await _end(list(self.tasks.values()))
            await asyncio.to_thread(self.in_writer.close)

    async def _look(self) -> None:
        """Begin with destinations that are new or changed, end with those that are no longer in force."""
        found: dict[str, Destination] = await self.in_writer(_by_terms)
        gone = [key for key in self.tasks if key not in found]
        await _end([self.tasks.pop(key) for key in gone])
        if gone:
            found = await self.in_writer(_by_terms)  # with the position that they were left at
        for key, destination in found.items():
            if key not in self.tasks:
                self.tasks[key] = asyncio.create_task(self._tend(destination.pk), name=f"line {destination.code}")

    async def _tend(self, number: int) -> None:
        """Keep a line open for ever; what breaks the code must not take the other lines with it."""
        in_writer = Writer()
        try:
            while True:
                await _try(number, in_writer)
                await asyncio.sleep(PAUSE_S)
        finally:
            await asyncio.to_thread(in_writer.close)


async def _try(number: int, in_writer: Writer) -> None:
    try:
        await Line(await in_writer(_destination, number), in_writer).hand_on()
    except DATABASE_AWAY as error:
        _log.warning("database away", error=str(error).strip())
    except SomebodyElseHandsOn as error:
        _log.warning("taken over by another process", error=str(error))
    except Exception:  # noqa: BLE001 a door: one line that breaks must not stop the others
        _log.error("line failed", destination=number, trace=traceback.format_exc())


def _by_terms() -> dict[str, Destination]:
    return {f"{one.pk} {terms_of(one)}": one for one in in_force()}


def _destination(number: int) -> Destination:
    return Destination.objects.select_related("cell").get(pk=number)


def _on_sound_connection(work: Callable[..., Any], values: tuple[Any, ...]) -> Any:
    try:
        return work(*values)
    except DATABASE_AWAY:
        connection.close()
        raise


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
