"""`qingyuan world`: stream the synthetic district to the gateway, deliver what satellites and cameras see of it, and be
the platform above to which it is handed on."""

import argparse
import asyncio
import signal
import sys
from datetime import datetime, timedelta

from qingyuan.project.commands._command import Command


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--hours", type=float, default=24.0, help="how much of the past to catch up on (default 24)")
    parser.add_argument(
        "--speed", type=float, default=3600.0, help="how fast to catch up (default 3600: a day in 24 s)"
    )
    parser.add_argument("--host", help="the gateway's address")
    parser.add_argument("--port", type=int, help="the gateway's port")


def _run(options: argparse.Namespace) -> int:
    from qingyuan.project import demo

    world = demo.world()
    if world is None:
        sys.stderr.write("there is no demo district: `qingyuan run --demo` makes it\n")
        return 1
    asyncio.run(_stream(world, options))
    return 0


async def _stream(world: object, options: argparse.Namespace) -> None:
    from asgiref.sync import sync_to_async
    from django.conf import settings

    from qingyuan.kit import clock
    from qingyuan.project import records
    from qingyuan.project.streaming import above, flying, moving, products
    from qingyuan.project.streaming.world import WorldClock, stream
    from qingyuan_science.worlds import World

    if not isinstance(world, World):
        raise TypeError(f"found {type(world).__name__}: expected a World")
    start = await sync_to_async(_resume_at)(clock.now() - timedelta(hours=options.hours))
    await asyncio.to_thread(records.put, world, settings.INBOX)
    address = (options.host or settings.GATEWAY_HOST, options.port or settings.GATEWAY_PORT)
    stations = (*world.stations, *world.strangers, *world.special, *world.around)
    streaming = asyncio.gather(
        stream(world, stations, address, WorldClock(start, options.speed)),
        products.deliver(world, settings.INBOX),
        products.film(world, settings.INBOX),
        moving.drive(world, settings.INBOX),
        moving.scan(world, settings.INBOX),
        flying.fly(world, settings.INBOX),
        above.receive((settings.GATEWAY_HOST, settings.DEMO_ABOVE_PORT)),
        products.foretell(world, settings.INBOX),
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, streaming.cancel)
    try:
        await streaming
    except asyncio.CancelledError:
        return


def _resume_at(earliest: datetime) -> datetime:
    """Where the stream left off at the last run, less two hours for what was on the way; at most the wanted past."""
    from qingyuan.sensing.queries import Device

    newest = Device.objects.exclude(last_seen_at=None).order_by("-last_seen_at").values_list("last_seen_at", flat=True)
    last = newest.first()
    return max(earliest, last - timedelta(hours=2)) if last else earliest


WORLD = Command("stream the synthetic district to the gateway over real sockets", _run, _options)
