import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from qingyuan.places.queries import StationKind
from qingyuan.sensing.connector import CONNECTORS, BadPayload, Connector, Observed, Payload, Read, Setting
from qingyuan.sensing.connectors._values import number as checked_number
from qingyuan.sensing.connectors._values import shown
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.series import Mark

_REQUEST = re.compile(rb"POST (?P<path>[^\r\n]+)\r\n\r\n")
_OF_STREAM = re.compile(r"Datastreams\('?(\d+)'?\)/Observations")
_NUMBERS = ("low", "high", "total")
Item = tuple[str, str, Any]  # name of the stream, place in the payload, what stands there


@CONNECTORS
@dataclass(frozen=True)
class SensorThings(Connector):
    """Requests of the SensorThings API: what was posted, after a line that says where to."""

    code: ClassVar[str] = "sta"
    title: ClassVar[Text] = Text("OGC SensorThings API", "OGC SensorThings API")
    source: ClassVar[Source] = Source("OGC 18-088", "10.2, 10.3, 13.2.1", "SensorThings API Part 1: Sensing 1.1")
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "station_kind",
            Text("登记的监测站类型", "Kind of the stations it registers"),
            Text(
                "留空则不得登记新监测站，只能写入管理员分配的监测站。",
                "Empty: it may not register stations, and writes to those that an administrator gave it.",
            ),
            choices=tuple(StationKind.values),
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                'POST Observations {"Datastream": {"@iot.id": 7}, "result": 48.2, …}',
                'POST Observations {"Datastream": {"@iot.id": 7}, "result": 48.2, …}',
            ),
            (Text("数据流 7 的一个观测值 48.2", "one observation of 48.2 in datastream 7"),),
        ),
    )

    def read(self, payload: Payload, settings: Mapping[str, str]) -> Read:
        """Read one request; an observation that cannot be read does not take the others with it."""
        match = _REQUEST.match(payload.raw)
        if match is None:
            raise BadPayload("found no line such as POST Observations at the start, expected one and an empty line")
        try:
            document = json.loads(payload.raw[match.end() :], parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise BadPayload(f"found no JSON ({error}), expected a document of the SensorThings API") from error
        read = Read()
        received = datetime.fromtimestamp(payload.received_us / 1_000_000, UTC)
        for name, where, item in _items(match["path"].decode("utf-8", "replace"), document):
            try:
                read.observed.append(_observed(item, name, where, received))
            except ValueError as error:
                read.faults.append(("BadReading", f"{where}: {error}"))
        return read


def _no_number(text: str) -> float:
    raise ValueError(f"found {text}, which is no number in JSON")


def _items(path: str, document: Any) -> Iterator[Item]:
    if path == "CreateObservations":
        yield from _arrays(document)
        return
    if not isinstance(document, dict):
        raise BadPayload(f"found {type(document).__name__}, expected an object")
    match = _OF_STREAM.fullmatch(path)
    if match is not None:
        yield _stream_name(int(match[1])), "Observation", document
    elif path == "Observations":
        yield _stream_of(document), "Observation", document
    elif path.endswith("Datastreams"):
        yield from _nested(document, "")
    else:
        for number, stream in enumerate(_list(document, "Datastreams")):
            yield from _nested(stream, f"Datastreams[{number}].")


def _stream_name(number: int) -> str:
    return f"Datastreams({number})"


def _stream_of(item: dict[str, Any]) -> str:
    reference = item.get("Datastream")
    number = reference.get("@iot.id") if isinstance(reference, dict) else None
    if isinstance(number, str) and number.isascii() and number.isdigit():
        number = int(number)
    if not isinstance(number, int):
        raise BadPayload(
            f'found Datastream {shown(reference)}, expected {{"@iot.id": …}}; MultiDatastreams are not read'
        )
    return _stream_name(number)


def _nested(stream: Any, where: str) -> Iterator[Item]:
    """Observations inside a datastream that is made by the same request are known by its name."""
    if isinstance(stream, dict):
        for number, item in enumerate(_list(stream, "Observations")):
            yield f"Datastreams/{stream.get('name')}", f"{where}Observations[{number}]", item


def _list(document: dict[str, Any], key: str) -> list[Any]:
    found = document.get(key) or []
    if not isinstance(found, list):
        raise BadPayload(f"found {key} {shown(found)}, expected a list")
    return found


def _arrays(document: Any) -> Iterator[Item]:
    if not isinstance(document, list):
        raise BadPayload(f"found {type(document).__name__}, expected a list of data arrays")
    for number, block in enumerate(document):
        if not isinstance(block, dict) or not isinstance(block.get("components"), list):
            raise BadPayload(f"[{number}]: found {str(block)[:80]}, expected an object with Datastream and components")
        name, components = _stream_of(block), block["components"]
        for place, row in enumerate(_list(block, "dataArray")):
            whole = isinstance(row, list) and len(row) == len(components)
            yield name, f"[{number}].dataArray[{place}]", dict(zip(components, row, strict=True)) if whole else row


def _observed(item: Any, name: str, where: str, received: datetime) -> Observed:
    if not isinstance(item, dict):
        raise ValueError(f"found {shown(item)}, expected an observation with every component")
    at = _instant(item.get("phenomenonTime"), received)
    observed = Observed(
        name, at, _number(item.get("result"), "result"), mark=_mark(item.get("resultQuality")), where=where
    )
    parameters = item.get("parameters")
    if not parameters:
        return observed
    if not isinstance(parameters, dict):
        raise ValueError(f"found parameters {shown(parameters)}, expected an object")
    low, high, total = (_number(parameters.get(key), key) for key in _NUMBERS)
    return replace(observed, low=low, high=high, total=total)


def _instant(value: Any, received: datetime) -> datetime:
    """The time of an observation: the start of a span; when it came, where none is given."""
    if value is None:
        return received
    try:
        at = datetime.fromisoformat(value.partition("/")[0])
    except (AttributeError, ValueError):
        at = None
    if at is None or at.tzinfo is None:
        raise ValueError(f"found phenomenonTime {shown(value)}, expected a time with zone such as 2026-11-22T01:00:00Z")
    return at


def _number(value: Any, key: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, str):
        raise ValueError(f"found {key} {shown(value)}, expected a number")
    return checked_number(value, key)


def _mark(value: Any) -> str:
    if value is None:
        return Mark.NORMAL.value
    if isinstance(value, str) and value in list(Mark):
        return value
    raise ValueError(f"found resultQuality {shown(value)}, expected one of: {', '.join(Mark)}")
