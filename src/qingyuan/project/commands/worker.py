"""`qingyuan worker`: handlers of the loop, and what happens by the clock."""

import argparse
import asyncio
import signal

from qingyuan.project.commands._command import Command


def _run(options: argparse.Namespace) -> int:
    asyncio.run(_work())
    return 0


async def _work() -> None:
    from procrastinate.contrib.django import app

    working = asyncio.create_task(_jobs(app.with_connector(app.connector.get_worker_connector())))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, working.cancel)
    try:
        await working
    except asyncio.CancelledError:
        return


async def _jobs(app: object) -> None:
    async with app.open_async():  # type: ignore[attr-defined]
        await app.run_worker_async(  # type: ignore[attr-defined]
            concurrency=4,
            install_signal_handlers=False,
            fetch_job_polling_interval=5.0,
            shutdown_graceful_timeout=5.0,
            delete_jobs="successful",
        )


WORKER = Command("the worker alone", _run)
