"""The demo's satellites: after each overpass a file lies in the folder for deliveries, as a provider would put it."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from qingyuan.kit import clock
from qingyuan.sensing.connectors.folder import DONE
from qingyuan_science.worlds import World
from qingyuan_science.worlds.overpasses import Overpass, Overpasses

FOLDER = "satellite"  # below the folder for deliveries; the demo's feed watches it
BEFORE = timedelta(days=3)  # how far back files are delivered when the stream begins
EVERY_S = 300.0
LATE = timedelta(minutes=30)  # products come some time after the overpass


async def deliver(world: World, inbox: Path) -> None:
    """Put a file into the folder after each overpass, until cancelled."""
    overpasses = Overpasses(world)
    while True:
        now = clock.now()
        await asyncio.to_thread(_put, inbox / FOLDER, overpasses, now)
        await asyncio.sleep(EVERY_S)


def _put(folder: Path, overpasses: Overpasses, now: datetime) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for one in overpasses.between(now - BEFORE, now - LATE):
        if not (folder / one.name).exists() and not (folder / DONE / one.name).exists():
            _write(folder, one)


def _write(folder: Path, one: Overpass) -> None:
    """Under a hidden name first, so that nobody reads half a file."""
    hidden = folder / f".{one.name}"
    hidden.write_bytes(one.csv)
    hidden.rename(folder / one.name)
