"""`qingyuan forward`: the process that hands data on to platforms above."""

import argparse
import asyncio
import signal

from qingyuan.project.commands._command import Command


def _run(options: argparse.Namespace) -> int:
    return asyncio.run(_hand_on())


async def _hand_on() -> int:
    from qingyuan.forwarding.handing import Handing

    handing = asyncio.create_task(Handing().hand_on())
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, handing.cancel)
    try:
        await handing
    except asyncio.CancelledError:
        return 0
    return 1


FORWARD = Command("the process alone that hands data on to platforms above", _run)
