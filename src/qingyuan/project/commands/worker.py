"""`qingyuan worker`: handlers of the loop, and what happens by the clock."""

import argparse
import asyncio
import json
import signal
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from qingyuan.project.commands._command import Command

IDLE_S = 1.0
QUEUES = {"clock": 2, "rehearsals": 1, "asked": 2, "messages": 8}  # how many of its jobs run at once
SPARE = 2  # threads for what is no job


@dataclass
class Pace:
    """How long a handler rests after its work, so that a stream of lines is taken up in strides.

    Each takes up lines as they come while it works for less than `SHARE` of the time; what it does not use is saved up,
    so that a few lines now and then never wait. Above that it rests, and what gathers meanwhile is taken up together,
    which costs little more than one line does.
    """

    SHARE = 0.04
    SAVED_S = 0.2
    LONGEST_S = 2.0
    ALONE_S = 0.2  # where a line came alone: long enough to notice a stream, too short for a person to notice

    longest: float = LONGEST_S
    saved: float = SAVED_S
    at: float = field(default_factory=time.monotonic)

    def rest_after(self, begun: float, ended: float) -> float:
        """Seconds to rest after working between two instants [s]."""
        saved = min(self.SAVED_S, self.saved + self.SHARE * (ended - self.at)) - (ended - begun)
        self.saved, self.at = max(saved, -self.SHARE * self.longest), ended
        return max(0.0, -self.saved / self.SHARE)


LONGEST_RESTS = {"recording.api.readings.keep_latest": 0.5}  # people watch the newest readings [s]


def _run(options: argparse.Namespace) -> int:
    asyncio.run(_work())
    return 0


async def _work() -> None:
    from procrastinate.contrib.django import app

    from qingyuan.kit import delivery, metrics
    from qingyuan.people.api import get_ready_to_send

    metrics.serve("worker")
    metrics.watch_the_log()
    # a thread for each job that may run at once, so that messages to a slow service keep no other job waiting
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(sum(QUEUES.values()) + SPARE))
    stop = threading.Event()
    bells = {name: threading.Event() for name in delivery.handlers()}
    threads = [threading.Thread(target=_serve, args=(name, bells[name], stop), name=name) for name in bells]
    for thread in threads:
        thread.start()
    tasks = [asyncio.create_task(_listen(bells)), asyncio.create_task(asyncio.to_thread(get_ready_to_send))]
    for queue, at_once in QUEUES.items():
        jobs = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
        tasks.append(asyncio.create_task(_jobs(jobs, queue, at_once)))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, _cancel, tasks)
    try:
        await asyncio.gather(*tasks)
    except asyncio.CancelledError:
        return
    finally:
        stop.set()
        for bell in bells.values():
            bell.set()
        for thread in threads:
            await asyncio.to_thread(thread.join, 10)


def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()


def _serve(name: str, bell: threading.Event, stop: threading.Event) -> None:
    """One handler in a thread of its own: take up lines until none waits, then wait for the bell.

    Nothing ends the thread but `stop`: without it the handler would stand still while the worker looks sound. What goes
    wrong within a handler is kept by `delivery`; what comes out here is the database going away, said in many ways.
    """
    import structlog
    from django.db import connection

    from qingyuan.kit import delivery

    log, pace = structlog.get_logger("worker"), Pace(LONGEST_RESTS.get(name, Pace.LONGEST_S))
    while not stop.is_set():
        bell.clear()
        begun = time.monotonic()
        try:
            taken = delivery.step(name)
        except Exception as error:  # noqa: BLE001 see above
            log.warning("interrupted", handler=name, error=str(error).strip(), kind=type(error).__qualname__)
            connection.close()
            taken = delivery.Step.NOTHING
        rest = pace.rest_after(begun, time.monotonic())
        if delivery.gathers(name) and taken in (delivery.Step.ONE, delivery.Step.ALL):
            stop.wait(rest if taken is delivery.Step.ALL else min(rest, Pace.ALONE_S))
        if taken is not delivery.Step.SOME:
            bell.wait(IDLE_S)
    connection.close()


async def _listen(bells: dict[str, threading.Event]) -> None:
    """Ring the bells of those who take up what the log grew by; without the database, their own patience does."""
    import psycopg
    from django.db import connection

    from qingyuan.kit import delivery

    takers = delivery.takers()
    wanted = {"dbname", "user", "password", "host", "port"}
    parameters = {key: value for key, value in connection.get_connection_params().items() if key in wanted}
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as listening:
                await listening.execute("LISTEN qingyuan_live")
                async for told in listening.notifies():
                    _ring(bells, takers.get(json.loads(told.payload)["act"], ()))
        except psycopg.OperationalError:
            await asyncio.sleep(IDLE_S)


def _ring(bells: dict[str, threading.Event], names: Iterable[str]) -> None:
    for name in names:
        bells[name].set()


async def _jobs(app: object, queue: str, at_once: int) -> None:
    import procrastinate.exceptions
    import structlog

    while True:
        try:
            async with app.open_async():  # type: ignore[attr-defined]
                await app.run_worker_async(  # type: ignore[attr-defined]
                    queues=[queue],
                    concurrency=at_once,
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=5.0,
                    delete_jobs="successful",
                )
        except procrastinate.exceptions.ConnectorException as error:
            structlog.get_logger("worker").warning("database away, jobs wait", queue=queue, error=str(error))
            await asyncio.sleep(IDLE_S)


WORKER = Command("the worker alone", _run)
