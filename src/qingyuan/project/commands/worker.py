"""`qingyuan worker`: handlers of the loop, and what happens by the clock."""

import argparse
import asyncio
import signal
import threading

from qingyuan.project.commands._command import Command

IDLE_S = 1.0


def _run(options: argparse.Namespace) -> int:
    asyncio.run(_work())
    return 0


async def _work() -> None:
    from procrastinate.contrib.django import app

    from qingyuan.kit import delivery, metrics

    metrics.serve("worker")
    metrics.watch_the_log()
    stop = threading.Event()
    bells = {name: threading.Event() for name in delivery.handlers()}
    threads = [threading.Thread(target=_serve, args=(name, bells[name], stop), name=name) for name in bells]
    for thread in threads:
        thread.start()
    timers = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
    jobs = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
    tasks = [
        asyncio.create_task(_listen(bells)),
        asyncio.create_task(_jobs(timers, "clock", 2)),
        asyncio.create_task(_jobs(jobs, "rehearsals", 1)),
    ]
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
    """One handler in a thread of its own: take up lines until none waits, then wait for the bell."""
    import structlog
    from django.db import DatabaseError, InterfaceError, connection

    from qingyuan.kit import delivery

    log = structlog.get_logger("worker")
    while not stop.is_set():
        bell.clear()
        try:
            while not stop.is_set() and delivery.step(name):
                pass
        except (DatabaseError, InterfaceError) as error:
            log.warning("database away", handler=name, error=str(error).strip())
            connection.close()
        bell.wait(IDLE_S)
    connection.close()


async def _listen(bells: dict[str, threading.Event]) -> None:
    """Ring every handler's bell when the log grows; without the database, their own patience does."""
    import psycopg
    from django.db import connection

    wanted = {"dbname", "user", "password", "host", "port"}
    parameters = {key: value for key, value in connection.get_connection_params().items() if key in wanted}
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as listening:
                await listening.execute("LISTEN qingyuan_live")
                async for _ in listening.notifies():
                    for bell in bells.values():
                        bell.set()
        except psycopg.OperationalError:
            await asyncio.sleep(IDLE_S)


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
