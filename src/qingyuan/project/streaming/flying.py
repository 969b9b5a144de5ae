"""The demo's drone: its positions lie in the folder for deliveries; its pilot enters the flight once it has landed."""

import asyncio
from datetime import timedelta
from pathlib import Path

from asgiref.sync import sync_to_async

from qingyuan.inspecting import api
from qingyuan.inspecting.queries import Flight, Sighting
from qingyuan.kit import clock, log
from qingyuan.people.queries import Role, User
from qingyuan.project.streaming.products import write
from qingyuan.sensing.connectors.folder import DONE
from qingyuan_science.worlds import World
from qingyuan_science.worlds.moving import flights
from qingyuan_science.worlds.moving.flights import Flights, Sortie

FLOWN = "drone"  # below the folder for deliveries
BEFORE = timedelta(hours=12)  # how far back it flew when the stream begins
EVERY_S = 60.0


async def fly(world: World, inbox: Path) -> None:
    """Deliver each flight once it has landed, until cancelled."""
    known = Flights(world)
    while True:
        now = clock.now()
        for one in list(known.between(now - BEFORE, now)):
            await asyncio.to_thread(_positions, inbox / FLOWN, known, one)
            await sync_to_async(_entered)(known, one)
        await asyncio.sleep(EVERY_S)


def _positions(folder: Path, known: Flights, one: Sortie) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = flights.name_of(one)
    if not (folder / name).exists() and not (folder / DONE / name).exists():
        write(folder, name, known.document(one))


def _entered(known: Flights, one: Sortie) -> None:
    """As its pilot would: the flight, its photos, what is to be seen on one, and every other of these as a clue."""
    pilot = User.objects.filter(role=Role.ENFORCEMENT_OFFICER).order_by("pk").first()
    if pilot is None or Flight.objects.filter(station__code=flights.CODE, starts_at=one.begins).exists():
        return
    values = {
        "station": flights.CODE, "zone": one.area.code, "purpose": f"例行巡检 {one.area.title.zh}",
        "pilot": pilot.name, "starts_at": one.begins, "ends_at": one.ends,
    }  # fmt: skip
    made = api.record_flight(pilot, values, log.PLATFORM)
    shots = list(known.shots(one))
    rows = api.take_media(pilot, made.pk, [api.Photo(each.name, each.jpeg) for each in shots], log.PLATFORM)
    shown = next(each for each in shots if each.shows)
    media = next(row for row in rows if row.name == shown.name)
    seen: Sighting = api.note_sighting(
        pilot, made.pk,
        {"category": one.area.category, "what": one.area.seen.zh, "lon": media.lon, "lat": media.lat,
         "at": shown.at, "picture": media.pk},
        log.PLATFORM,
    )  # fmt: skip
    if one.number % 2 == 0:
        api.report_sighting(pilot, seen.pk, log.PLATFORM)
