"""Rows as the documents that the standard describes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from django.urls import get_script_prefix
from django.utils.translation import get_language

from qingyuan.kit.queries import lines
from qingyuan.places.queries import Station
from qingyuan.recording.queries import EPOCH, KINDS, STEPS, Stream
from qingyuan.showing.logic.charts import kind_title
from qingyuan.showing.sta.entities import Entity, kind_words
from qingyuan.showing.sta.members import Member, factor_names
from qingyuan.showing.sta.options import Options
from qingyuan_science.series import microseconds
from qingyuan_science.units import UnitError, shown_as

MICROSECOND = timedelta(microseconds=1)
MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
COLUMNS = ("channel_id", "kind", "at", "value", "low", "high", "total", "mark", "received_at")
COMPONENTS = ("id", "phenomenonTime", "result", "resultTime", "resultQuality", "parameters")


class Value(NamedTuple):
    """A reading as a row of `COLUMNS`, with the number of its stream."""

    channel_id: int
    kind: str
    at: datetime
    value: float | None
    low: float | None
    high: float | None
    total: float | None
    mark: str
    received_at: datetime
    stream: int


def time_text(at: datetime) -> str:
    """A time as the standard writes it. [UTC]"""
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat()[:-6] + "Z"


def span_text(start: datetime | None, end: datetime | None) -> str | None:
    """A span of time as the standard writes it; None where there is none."""
    return f"{time_text(start)}/{time_text(end)}" if start is not None and end is not None else None


def observation_id(stream: int, at: datetime) -> str:
    """What names a reading: its stream, and its time in µs since 1970."""
    return f"{stream}-{(at - EPOCH) // MICROSECOND}"


def link(root: str, entity: Entity, number: int | str) -> str:
    """The address of one entity."""
    return f"{root}/{entity.plural}('{number}')" if isinstance(number, str) else f"{root}/{entity.plural}({number})"


def next_link(address: str, options: Options, more: dict[str, str]) -> str:
    """The address of the page that follows."""
    kept = {name: value for name, value in options.given.items() if name not in ("$skip", "$skiptoken")}
    return f"{address}?{urlencode({**kept, **more}, quote_via=quote, safe='$')}"


def number_of(entity: Entity, row: Any) -> int | str:
    """The number of a row's entity."""
    return observation_id(row.stream, row.at) if entity.source == "reading" else int(row.pk)


def document(root: str, entity: Entity, row: Any, options: Options) -> dict[str, Any]:
    """One entity without what is expanded."""
    number = number_of(entity, row)
    address = link(root, entity, number)
    made: dict[str, Any] = {}
    if options.wants("@iot.id") or "id" in options.select:
        made["@iot.id"] = number
    if options.wants("@iot.selfLink"):
        made["@iot.selfLink"] = address
    values = VALUES[entity.name](row)
    made.update({name: values[name] for name in entity.properties if options.wants(name)})
    for relation in entity.relations:
        if options.wants(relation) and relation not in options.expand:
            made[f"{relation}@iot.navigationLink"] = f"{address}/{relation}"
    return made


def _described(station: Station, name: str) -> Any:
    return getattr(getattr(station, "described", None), name, None)


def _kind_and_code(station: Station) -> str:
    return f"{kind_words().get(station.kind, station.kind)} {station.code}"


def _thing(station: Station) -> dict[str, Any]:
    own = {"station_code": station.code, "station_kind": station.kind}
    own |= {"station_purpose": station.purpose} if station.purpose else {}
    if station.enterprise is not None:
        own["station_enterprise"] = station.enterprise.title
    return {
        "name": station.title,
        "description": _described(station, "description") or _kind_and_code(station),
        "properties": {**(_described(station, "properties") or {}), **own},
    }


def geometry_of(station: Station) -> dict[str, Any]:
    """Where a station stands, as GeoJSON: a point, or the line along which its place stretches."""
    line: dict[str, Any] | None = _described(station, "place_geometry")
    return line or {"type": "Point", "coordinates": [station.lon, station.lat]}


def _location(station: Station) -> dict[str, Any]:
    return {
        "name": _described(station, "place_name") or station.title,
        "description": _described(station, "place_description") or _kind_and_code(station),
        "encodingType": "application/geo+json",
        "location": geometry_of(station),
        "properties": _described(station, "place_properties") or {},
    }


def _feature(station: Station) -> dict[str, Any]:
    values = {"name": station.title, "description": _kind_and_code(station), "encodingType": "application/geo+json"}
    return {**values, "feature": geometry_of(station), "properties": {}}


def _historical(station: Station) -> dict[str, Any]:
    if not hasattr(station, "registered_at"):  # it came along with something else
        told = lines(f"station/{station.pk}", acts=("StationRegistered",)).last()
        return {"time": time_text(told.at) if told else None}
    return {"time": time_text(station.registered_at) if station.registered_at else None}


def _datastream(stream: Stream) -> dict[str, Any]:
    return {
        "name": stream.name or _stream_name(stream),
        "description": stream.description or KINDS[stream.kind],
        "observationType": MEASUREMENT,
        "unitOfMeasurement": _unit(stream.channel.unit),
        "phenomenonTime": _extent(stream),
        "resultTime": span_text(getattr(stream, "first_received", None), getattr(stream, "last_received", None)),
        "properties": {
            **stream.properties,
            "reading_kind": stream.kind,
            "reading_factor": stream.channel.factor,
            "reading_basis": stream.channel.basis,
        },
    }


def _extent(stream: Stream) -> str | None:
    last = getattr(stream, "last_at", None)
    if last is not None:
        last += timedelta(seconds=STEPS[stream.kind] or 0)
    return span_text(getattr(stream, "first_at", None), last)


def _stream_name(stream: Stream) -> str:
    channel = stream.channel
    basis = ", " if channel.basis == "measured" else f" ({channel.basis}), "
    factor = factor_names().get(channel.factor, channel.factor)
    return f"{channel.station.title} {factor}{basis}{_kind_title(stream.kind, get_language())}"


@cache
def _kind_title(kind: str, _language: str | None) -> str:
    return kind_title(kind)


def _unit(symbol: str) -> dict[str, str]:
    try:
        name = shown_as(symbol) or symbol
    except UnitError:
        name = symbol
    return {"name": name, "symbol": symbol, "definition": f"urn:qingyuan:unit:{symbol}"}


def evidence(row: Value) -> str:
    """Path of the page that leads from a reading to the bytes that brought it."""
    return f"{get_script_prefix()}readings/{row.channel_id}/{row.kind}/{microseconds(row.at) // 1000}/"


def observation(row: Value) -> dict[str, Any]:
    """What the standard asks of a reading. Means carry the span that they stand for."""
    _, kind, at, value, low, high, total, mark, received, _ = row
    begins = time_text(at)
    step = STEPS[kind]
    numbers = (("low", low), ("high", high), ("total", total))
    return {
        "phenomenonTime": f"{begins}/{time_text(at + timedelta(seconds=step))}" if step else begins,
        "result": value,
        "resultTime": time_text(received),
        "resultQuality": mark,
        "validTime": None,
        "parameters": {name: number for name, number in numbers if number is not None} | {"evidence": evidence(row)},
    }


def observations_as_json(root: str, rows: list[Value]) -> str:
    """Whole Observations as a JSON array, as `document` and `json` would write it, without an object a reading.

    A page of a thousand is what clients ask for most, and most of its cost was in making objects.
    """
    made = []
    for row in rows:
        number = observation_id(row.stream, row.at)
        address = f"{root}/Observations('{number}')"
        begins, step = time_text(row.at), STEPS[row.kind]
        span = f"{begins}/{time_text(row.at + timedelta(seconds=step))}" if step else begins
        numbers = (("low", row.low), ("high", row.high), ("total", row.total))
        parameters = "".join([f'"{name}":{value!r},' for name, value in numbers if value is not None])
        result = "null" if row.value is None else repr(row.value)
        made.append(
            f'{{"@iot.id":"{number}","@iot.selfLink":"{address}","phenomenonTime":"{span}","result":{result},'
            f'"resultTime":"{time_text(row.received_at)}","resultQuality":"{row.mark}","validTime":null,'
            f'"parameters":{{{parameters}"evidence":"{evidence(row)}"}},"Datastream@iot.navigationLink":"{address}/Datastream",'
            f'"FeatureOfInterest@iot.navigationLink":"{address}/FeatureOfInterest"}}'
        )
    return f"[{','.join(made)}]"


def _member(member: Member) -> dict[str, Any]:
    return member.values


VALUES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "Thing": _thing,
    "Location": _location,
    "HistoricalLocation": _historical,
    "FeatureOfInterest": _feature,
    "Datastream": _datastream,
    "Observation": observation,
    "Sensor": _member,
    "ObservedProperty": _member,
}


def data_arrays(root: str, datastreams: Entity, rows: list[Value], options: Options) -> list[dict[str, Any]]:
    """Readings as the data-array extension writes them: one array a Datastream, in the order of its first reading."""
    components = [name for name in COMPONENTS if options.wants(name) or (name == "id" and options.wants("@iot.id"))]
    arrays: dict[int, list[list[Any]]] = {}
    for row in rows:
        values = {"id": observation_id(row.stream, row.at), **observation(row)}
        arrays.setdefault(row.stream, []).append([values[name] for name in components])
    return [
        {
            "Datastream@iot.navigationLink": link(root, datastreams, stream),
            "components": components,
            "dataArray@iot.count": len(array),
            "dataArray": array,
        }
        for stream, array in arrays.items()
    ]
