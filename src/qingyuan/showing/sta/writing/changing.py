"""What a feed may change of its entities: names, descriptions and properties. What was measured stays."""

from typing import Any

from qingyuan.kit.errors import BadInput, NotFound
from qingyuan.places.api import describe_station
from qingyuan.recording.api import describe_stream
from qingyuan.sensing.api import describe_instrument
from qingyuan.sensing.queries import Instrument
from qingyuan.showing.sta.addresses import Target
from qingyuan.showing.sta.documents import document
from qingyuan.showing.sta.errors import NeverDone
from qingyuan.showing.sta.members import first_devices, number_of_factor, sensor_of
from qingyuan.showing.sta.options import Options
from qingyuan.showing.sta.pages import Asked
from qingyuan.showing.sta.writing.posted import NAMED, RESERVED, Posted, patched

WHY_NOT = {
    "HistoricalLocation": "where a station stood is a fact of the log",
    "FeatureOfInterest": "it is the station's place; change the Thing or its Location",
    "ObservedProperty": "it is an entry of a standard",
    "Observation": "a reading is evidence; what a sender sends again for the same time is kept beside it",
}
ONE_NUMBER = ("Thing", "Location")  # a station and its place: either points to the other by the number that both have
OURS = {"Datastream": ("observedArea", "phenomenonTime", "resultTime")}  # worked out of the readings, whatever is said
MAY_CHANGE: dict[str, tuple[str, ...]] = {
    "Thing": NAMED,
    "Location": NAMED,
    "Datastream": NAMED,
    "Sensor": (*NAMED, "encodingType", "metadata"),
}


def change(asked: Asked, target: Target, body: Any, *, patch: bool = False) -> None:
    """Change an entity by a document of new values, or by a JSON Patch.

    Raises
    ------
    NeverDone
        Entities of that type are not changed; what says of one what it is already changes nothing.
    BadInput
        A value may not change, or is wrong.
    """
    entity = target.entity
    present = {
        name: value for name, value in document("", entity, target.row, Options()).items() if "@iot." not in name
    }
    wanted = patched(present, body) if patch else body
    if not isinstance(wanted, dict):
        raise BadInput(f"found {wanted!r:.80}, expected an object")
    values = {name: value for name, value in wanted.items() if "@iot." not in name and value != present.get(name)}
    there = _hangs_on(entity.name, target.row)
    values = {
        name: value
        for name, value in values.items()
        if not (name in OURS.get(entity.name, ()) or (name in entity.relations and _refers(value, there.get(name))))
    }
    if values and entity.name not in MAY_CHANGE:
        raise NeverDone(f"a {entity.name} is not changed: {WHY_NOT[entity.name]}")
    if not values:
        return
    fixed = [name for name in values if name not in MAY_CHANGE[entity.name]]
    if fixed:
        may = ", ".join(MAY_CHANGE[entity.name])
        raise BadInput(f"found a new {', '.join(fixed)} of a {entity.name}, expected changes of {may}", fixed[0])
    _check_reserved(values.get("properties"), present["properties"])
    _write(asked, target, Posted(entity.name, values))


def _hangs_on(name: str, row: Any) -> dict[str, int]:
    """The numbers of what an entity hangs on, by relation: to point there again is nothing new."""
    if name in ONE_NUMBER:
        return {"Locations": row.pk, "Things": row.pk}
    if name != "Datastream":
        return {}
    station = row.channel.station_id
    factor, sensor = number_of_factor(row.channel.factor), sensor_of(row, first_devices([station]))
    return {"Thing": station, "ObservedProperty": factor, "Sensor": sensor}


def _refers(value: Any, number: int | None) -> bool:
    """Whether a relation is said to lead nowhere else than where it does."""
    only = value[0] if isinstance(value, list) and len(value) == 1 else value
    return not value or (number is not None and isinstance(only, dict) and only.get("@iot.id") == number)


def _check_reserved(wanted: Any, present: dict[str, Any]) -> None:
    for name in RESERVED if isinstance(wanted, dict) else ():
        if name in wanted and wanted[name] != present.get(name):
            raise BadInput(
                f"found properties/{name} {wanted[name]!r}, expected {present.get(name)!r}: it is fixed", name
            )


def _write(asked: Asked, target: Target, posted: Posted) -> None:
    values = dict(posted.document)
    for name in values:
        if name == "properties":
            values[name] = posted.properties()
        elif name != "metadata":
            values[name] = posted.text(name, required=name == "name")
    feed, origin, row = asked.reader.author(), asked.reader.origin, target.row
    if target.entity.name == "Thing":
        describe_station(row, {"title" if name == "name" else name: value for name, value in values.items()}, origin)
    elif target.entity.name == "Location":
        describe_station(row, {f"place_{name}": value for name, value in values.items()}, origin)
    elif target.entity.name == "Datastream":
        describe_stream(row.channel, row.kind, values, origin)
    else:
        instrument = Instrument.objects.filter(feed=feed, pk=row.pk // 2).first() if row.pk % 2 else None
        if instrument is None:
            raise NotFound(f"Sensors({row.pk}) is a device of the platform, expected a Sensor that this feed created")
        renamed = {"encoding" if name == "encodingType" else name: value for name, value in values.items()}
        describe_instrument(feed, renamed, instrument, origin)
