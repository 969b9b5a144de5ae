"""`qingyuan feeds`: listens to brokers, looks into folders, asks web services; the store is handed to it as sink."""

import argparse
import asyncio
import signal

from qingyuan.project.commands._command import Command


def _run(options: argparse.Namespace) -> int:
    return asyncio.run(_listen())


async def _listen() -> int:
    from qingyuan.recording.api import append
    from qingyuan.sensing.listening import Listening

    listening = asyncio.create_task(Listening(sink=append).listen())
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, listening.cancel)
    try:
        await listening
    except asyncio.CancelledError:
        return 0
    return 1


FEEDS = Command("the process alone that listens to brokers, folders and web services", _run)
