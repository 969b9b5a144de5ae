"""A walk through the API by aio-sensorthings, run by an interpreter that has it; prints what came of each step.

    python walk_with_aio.py ADDRESS CODE FILE OTHER FILE

ADDRESS is the service without /v1.1; CODE and OTHER are two feeds, each with a file that holds its token.
"""

import asyncio
import json
import logging
import sys
from typing import Any

from aio_sensorthings import (
    BasicAuthProvider,
    Datastream,
    EntitySyncer,
    IdentityTransformer,
    InMemoryStateStore,
    STAClient,
    STAEntityType,
    STAHttpSource,
    STAHttpTarget,
    Thing,
)

POINT = {"type": "Point", "coordinates": [100.3, 30.1]}
GEOJSON = "application/geo+json"
TYPES = [
    STAEntityType.LOCATION, STAEntityType.THING, STAEntityType.SENSOR, STAEntityType.OBSERVED_PROPERTY,
    STAEntityType.DATASTREAM,
]  # fmt: skip


class WithoutNumbers(IdentityTransformer):
    """Leaves out by which code the other platform knows a station."""

    def transform(self, entity_type: STAEntityType, payload: dict[str, Any]) -> dict[str, Any]:
        made = super().transform(entity_type, payload)
        told = made.get("properties") or {}
        kept = {name: value for name, value in told.items() if not name.startswith("station_")}
        return {**made, "properties": kept} if "properties" in made else made


class Failures(logging.Handler):
    """What the client says that failed."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


async def made(target: STAHttpTarget) -> dict[str, int]:
    """A station with a stream of seven readings."""
    place = {"name": "Weir's end", "description": "left bank", "encodingType": GEOJSON, "location": POINT}
    location = await target.create_entity(STAEntityType.LOCATION, place)
    thing = await target.create_entity(
        STAEntityType.THING,
        {"name": "River gauge", "description": "g", "properties": {}, "Locations": [{"@iot.id": location}]},
    )
    sensor = await target.create_entity(
        STAEntityType.SENSOR, {"name": "probe", "description": "d", "encodingType": "text/plain", "metadata": "m"}
    )
    factor = await target.create_entity(
        STAEntityType.OBSERVED_PROPERTY, {"name": "溶解氧", "definition": "urn:hj212:w01009", "description": "d"}
    )
    parts = {"Thing": thing, "Sensor": sensor, "ObservedProperty": factor}
    stream = await target.create_entity(
        STAEntityType.DATASTREAM,
        {
            "name": "oxygen", "description": "at 1 m",
            "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
            "unitOfMeasurement": {"name": "mg/L", "symbol": "mg/L", "definition": "ucum:mg/L"},
            **{name: {"@iot.id": number} for name, number in parts.items()},
        },
    )  # fmt: skip
    for minute in range(7):
        await target.create_entity(
            STAEntityType.OBSERVATION,
            {"phenomenonTime": f"2026-11-22T05:0{minute}:00Z", "result": 8 + minute, "Datastream": {"@iot.id": stream}},
        )
    return {"location": location, "thing": thing, "stream": stream}


async def read(source: STAHttpSource, target: STAHttpTarget, ids: dict[str, int]) -> dict[str, Any]:
    """What the client finds of it."""
    path, kinds = f"Datastreams({ids['stream']})/Observations", STAEntityType
    pages = await source.get_entities(kinds.OBSERVATION, nav_path=path, top=3)
    high = await source.get_entities(kinds.OBSERVATION, nav_path=path, filter_="result gt 11", top=2)
    parts = "Thing($select=@iot.id,name,description),Sensor($select=@iot.id,name,description),ObservedProperty"
    stream = Datastream(**await source.get_entity(kinds.DATASTREAM, ids["stream"], expand=parts))
    things = await source.get_entities(kinds.THING, expand="Locations", filter_="Locations/name eq 'Weir''s end'")
    thing = Thing(**things[0])
    changed = await target.update_entity(kinds.THING, ids["thing"], {"description": "rebuilt"})
    gone = await target.update_entity(kinds.THING, 999_999, {"description": "rebuilt"})
    named = await target.get_entity_by_name(kinds.LOCATION, "Weir's end")
    return {
        "pages": [one["result"] for one in pages],
        "high": [one["result"] for one in high],
        "stream": [stream.name, stream.thing.name, stream.sensor.name, stream.observed_property.definition],
        "thing": [thing.name, thing.locations[0].location["coordinates"]],
        "patched": [changed, gone, (await source.get_entity(kinds.THING, ids["thing"]))["description"]],
        "named": named["@iot.id"] == ids["location"],
    }


async def copied(source: STAHttpSource, target: STAHttpTarget, ids: dict[str, int]) -> dict[str, Any]:
    """What copying the stream and all that it hangs on to another feed says, and doing so again."""
    failures = Failures()
    logging.getLogger("aio_sensorthings").addHandler(failures)
    told: list[list[str]] = []
    syncer = EntitySyncer(
        source=source, target=target, state=InMemoryStateStore(), transformer=WithoutNumbers(), entity_types=TYPES,
        sync_by="name", on_duplicate="merge",
    )  # fmt: skip
    for _ in range(2):
        await syncer.bootstrap(entry_point=STAEntityType.DATASTREAM, nav_path=f"Things({ids['thing']})/Datastreams")
        found = await target._client.get_all("Datastreams", params={"$expand": "Thing,Sensor,ObservedProperty"})
        told.append([f"{one['Thing']['name']} {one['name']} {one['Sensor']['name']}" for one in found])
    await syncer.bootstrap(entry_point=STAEntityType.OBSERVED_PROPERTY, filter_query="contains(name,'铬')")
    await syncer.bootstrap(entry_point=STAEntityType.OBSERVED_PROPERTY, filter_query="contains(name,'声级')")
    return {"copied": told, "failures": failures.lines}


async def main(address: str, *feeds: str) -> None:
    """Walk, and print."""
    code, file, other, other_file = feeds
    async with (
        STAClient(address, auth_provider=BasicAuthProvider(code, file)) as client,
        STAClient(address, auth_provider=BasicAuthProvider(other, other_file)) as second,
    ):
        source, target = STAHttpSource(client), STAHttpTarget(client)
        ids = await made(target)
        found = await read(source, target, ids)
        sys.stdout.write(json.dumps(found | await copied(source, STAHttpTarget(second), ids)))


asyncio.run(main(*sys.argv[1:]))
