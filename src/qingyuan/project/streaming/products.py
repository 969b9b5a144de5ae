"""The demo's satellites, cameras and forecasters: their files lie in the folder for deliveries, as if provided."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from qingyuan.kit import clock
from qingyuan.sensing.connectors.folder import DONE
from qingyuan_science.worlds import World
from qingyuan_science.worlds.filming import Camera, Filming, still_name
from qingyuan_science.worlds.foretelling import Foretelling
from qingyuan_science.worlds.overpasses import Overpasses

FOLDER, FILMED, FORETOLD = "satellite", "cameras", "forecasts"  # below the folder for deliveries; feeds watch them
BEFORE = timedelta(days=3)  # how far back files are delivered when the stream begins
EVERY_S = 300.0
FORETOLD_BEFORE = timedelta(days=2)  # so far back bulletins are delivered, of which the earliest days come too late
BACKGROUND = ("QJ-A04",)  # does not count for the district
LATE = timedelta(minutes=30)  # products come some time after the overpass
FILMED_BEFORE = timedelta(hours=3)  # the opening episode began less long ago
FILM_EVERY_S = 15.0
KEPT_S = 86_400.0  # that a camera keeps its own copies
AT_ONCE = 60  # stills, so that who streams is not kept waiting


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
            write(folder, one.name, one.csv)


async def foretell(world: World, inbox: Path) -> None:
    """Put a bulletin into the folder whenever forecasters issue one, until cancelled."""
    foretelling = Foretelling(world, BACKGROUND)
    while True:
        await asyncio.to_thread(_publish, inbox / FORETOLD, foretelling, clock.now())
        await asyncio.sleep(EVERY_S)


def _publish(folder: Path, foretelling: Foretelling, now: datetime) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for one in foretelling.between(now - FORETOLD_BEFORE, now):
        if not (folder / one.name).exists() and not (folder / DONE / one.name).exists():
            write(folder, one.name, one.csv)


async def film(world: World, inbox: Path) -> None:
    """Put a still into the folder whenever a camera takes one, until cancelled."""
    filming = Filming(world)
    while True:
        drawn = await asyncio.to_thread(_draw, inbox / FILMED, filming, clock.now())
        await asyncio.sleep(0.5 if drawn else FILM_EVERY_S)


def _draw(folder: Path, filming: Filming, now: datetime) -> bool:
    """Draw some of the stills that do not lie there yet; whether there were any."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in (folder / DONE).glob("*.jpg"):
        if now.timestamp() - path.stat().st_mtime > KEPT_S:
            path.unlink()
    there = {path.name for part in (folder, folder / DONE) for path in part.glob("*.jpg")}
    due = [
        (camera, at)
        for camera in filming.cameras
        for at in filming.instants(camera, now - FILMED_BEFORE, now)
        if still_name(camera, at) not in there
    ]
    for camera, at in sorted(due, key=_instant)[-AT_ONCE:]:
        still = filming.still(camera, at)
        write(folder, still.name, still.jpeg)
    return bool(due)


def _instant(due: tuple[Camera, datetime]) -> datetime:
    return due[1]


def write(folder: Path, name: str, content: bytes) -> None:
    """Under a hidden name first, so that nobody reads half a file."""
    hidden = folder / f".{name}"
    hidden.write_bytes(content)
    hidden.rename(folder / name)
