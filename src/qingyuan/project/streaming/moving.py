"""The demo's vehicle and lidar: their documents lie in the folder for deliveries as they come."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from qingyuan.kit import clock
from qingyuan.project.streaming.products import write
from qingyuan.sensing.connectors.folder import DONE
from qingyuan_science.worlds import World
from qingyuan_science.worlds.moving import patrol, scanning
from qingyuan_science.worlds.moving.patrol import Patrol
from qingyuan_science.worlds.moving.scanning import Lidar

DRIVEN, SCANNED = "vehicle", "lidar"  # below the folder for deliveries; the demo's feeds watch them
BEFORE = timedelta(hours=6)  # how far back they deliver when the stream begins
PIECE, PAST_PIECE = timedelta(seconds=15), timedelta(minutes=10)
SCAN_EVERY_S = 20.0
SCANS_AT_ONCE = 10  # so that who streams is not kept waiting
KEPT_S = 86_400.0


async def drive(world: World, inbox: Path) -> None:
    """Put what the vehicle says into the folder, a quarter of a minute at a time, until cancelled."""
    folder, driver = inbox / DRIVEN, Patrol(world)
    told = await asyncio.to_thread(_newest, folder, clock.now() - BEFORE)
    while True:
        now = clock.now()
        until = min(told + PAST_PIECE, now)
        if until - told < PIECE:
            await asyncio.sleep((PIECE - (until - told)).total_seconds())
            continue
        await asyncio.to_thread(_put_piece, folder, driver, told, until)
        told = until


def _newest(folder: Path, earliest: datetime) -> datetime:
    """Where the last run left off, by the name of its last file."""
    found = [earliest]
    for path in (*folder.glob("*.json"), *(folder / DONE).glob("*.json")):
        stamp = path.stem.split("-")[-1].partition("_")[2]
        found.append(datetime.strptime(stamp, "%Y%m%d_%H%M%S").replace(tzinfo=UTC))
    return max(found)


def _put_piece(folder: Path, driver: Patrol, first: datetime, last: datetime) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    _clear(folder)
    said = driver.between(first, last)
    if said is not None:
        write(folder, patrol.name_of(first), said.document)


async def scan(world: World, inbox: Path) -> None:
    """Put each scan of the lidar into the folder once it has ended, until cancelled."""
    lidar = Lidar(world)
    while True:
        more = await asyncio.to_thread(_put_scans, inbox / SCANNED, lidar, clock.now())
        await asyncio.sleep(0.5 if more else SCAN_EVERY_S)


def _put_scans(folder: Path, lidar: Lidar, now: datetime) -> bool:
    """Make some of the scans that do not lie there yet; whether there are more."""
    folder.mkdir(parents=True, exist_ok=True)
    _clear(folder)
    there = {path.name for part in (folder, folder / DONE) for path in part.glob("*.json")}
    due = [one for one in lidar.between(now - BEFORE, now) if scanning.name_of(*one) not in there]
    for at, how in due[-SCANS_AT_ONCE:]:  # the newest first: somebody may be looking
        made = lidar.scan(at, how)
        write(folder, made.name, made.document)
    return len(due) > SCANS_AT_ONCE


def _clear(folder: Path) -> None:
    for path in (folder / DONE).glob("*.json"):
        if clock.now().timestamp() - path.stat().st_mtime > KEPT_S:
            path.unlink()
