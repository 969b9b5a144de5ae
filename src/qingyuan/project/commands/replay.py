"""`qingyuan replay FILE`: send recorded packets, or a table of readings, to the gateway."""

import argparse
import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from qingyuan.project.commands._command import Command


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="packets (one a line, raw or JSON), or a table (.csv, .parquet)")
    parser.add_argument(
        "--speed", type=float, default=0.0, help="times the recorded pace; 0 (default): as fast as it goes"
    )
    parser.add_argument("--host", default=None, help="the gateway's address")
    parser.add_argument("--port", type=int, default=None, help="the gateway's port")
    parser.add_argument("--map", action="append", default=[], metavar="COLUMN=FACTOR", help="e.g. co=a21005/1000")
    parser.add_argument("--shift-days", type=float, default=0.0, help="move a table's times by this many days")
    parser.add_argument("--station", action="append", default=[], help="only this station of a table")


def _run(options: argparse.Namespace) -> int:
    from django.conf import settings

    from qingyuan.project.streaming import replay

    if options.file.suffix in {".csv", ".parquet"}:
        columns = dict(pair.split("=", 1) for pair in options.map)
        if not columns:
            sys.stderr.write("a table needs --map COLUMN=FACTOR for each column to send, such as --map pm25=a34004\n")
            return 2
        timed = replay.table(options.file, columns, timedelta(days=options.shift_days), options.station)
    else:
        timed = replay.packets(options.file)
    address = (options.host or settings.GATEWAY_HOST, options.port or settings.GATEWAY_PORT)
    try:
        sent, answered = asyncio.run(replay.send(timed, address, options.speed))
    except (OSError, replay.BadTable) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"sent {sent} packets, {answered} were answered as stored\n")
    return 0


REPLAY = Command("send recorded packets or a table of readings to the gateway", _run, _options)
