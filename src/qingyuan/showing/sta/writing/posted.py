"""What a client posts, read and checked."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from shapely import LineString

from qingyuan.kit.errors import BadInput
from qingyuan_science.units import UnitError, canonical

GEOJSON = ("application/geo+json", "application/vnd.geo+json")
BASES = ("measured", "converted")
KINDS_SENT = "rmhd"
MOST_POINTS = 10_000  # of a line: the course of a long river, drawn finely; our own choice
NAMED = ("name", "description", "properties")
RESERVED = (
    "station_code", "station_kind", "station_purpose", "station_enterprise",
    "reading_kind", "reading_factor", "reading_basis",
)  # fmt: skip


def document_in(body: bytes) -> Any:
    """The JSON of a request.

    Raises
    ------
    BadInput
        It is none.
    """
    try:
        found = json.loads(body, parse_constant=_no_number)
        if b"\\ud" in body.lower():
            json.dumps(found, ensure_ascii=False).encode()  # half a character cannot be stored
    except (ValueError, RecursionError) as error:
        raise BadInput(f"found no JSON ({error}), expected a document of the SensorThings API") from error
    return found


def _no_number(text: str) -> float:
    raise ValueError(f"found {text}, which is no number in JSON")


@dataclass(frozen=True)
class Posted:
    """An entity as a client writes it."""

    type: str
    document: dict[str, Any]

    @classmethod
    def of(cls, type_: str, document: Any, known: Collection[str]) -> "Posted":
        """Check that it is an object and holds nothing that would be dropped.

        Raises
        ------
        BadInput
            It is no object, or has a property that the type does not have.
        """
        if not isinstance(document, dict):
            raise BadInput(f"found {document!r:.80}, expected a {type_} as an object")
        unknown = [name for name in document if name not in known and "@iot." not in name]
        if unknown:
            raise BadInput(f"found {', '.join(unknown)} in a {type_}, expected only {', '.join(known)}", unknown[0])
        return cls(type_, document)

    def text(self, name: str, *, required: bool = False) -> str:
        """A text; empty where there is none and none is required."""
        found = self.document.get(name)
        if found is None and not required:
            return ""
        if not isinstance(found, str) or (required and not found.strip()):
            raise BadInput(f"found {name} {found!r} of a {self.type}, expected a text", name)
        return found

    def object(self, name: str) -> dict[str, Any]:
        """An object; empty where there is none."""
        found = self.document.get(name) or {}
        if not isinstance(found, dict):
            raise BadInput(f"found {name} {found!r} of a {self.type}, expected an object", name)
        return found

    def properties(self) -> dict[str, Any]:
        """What a client says of its own; what the platform says under reserved names is not kept twice."""
        return {name: value for name, value in self.object("properties").items() if name not in RESERVED}

    def list(self, name: str) -> list[Any]:
        """A list; empty where there is none."""
        found = self.document.get(name) or []
        if not isinstance(found, list):
            raise BadInput(f"found {name} {found!r:.80} of a {self.type}, expected a list", name)
        return found

    def choice(self, name: str, choices: Collection[str], otherwise: str) -> str:
        """One of some words among the properties."""
        found = self.object("properties").get(name, otherwise)
        if found not in choices:
            raise BadInput(f"found properties/{name} {found!r}, expected one of: {', '.join(choices)}", "properties")
        return str(found)

    def point(self, name: str) -> tuple[float, float]:
        """Longitude and latitude of a GeoJSON point or halfway along a line, or of such a feature. [degree]

        Raises
        ------
        BadInput
            It is neither, or lies nowhere on Earth.
        """
        encoding = self.document.get("encodingType", GEOJSON[0])
        if encoding not in GEOJSON:
            raise BadInput(f"found encodingType {encoding!r}, expected {GEOJSON[0]}", "encodingType")
        geometry = self._geometry(name)
        kind = geometry.get("type")
        places = geometry.get("coordinates")
        points = [places] if kind == "Point" else places if kind == "LineString" else None
        if not isinstance(points, list) or not all(_is_position(one) for one in points) or not _is_enough(kind, points):
            raise BadInput(
                f"found {name} {self.document.get(name)!r:.120}, expected a GeoJSON Point with longitude and latitude,"
                f" or a LineString of 2 to {MOST_POINTS:,} such positions that are not all the same",
                name,
            )
        for lon, lat, *_height in points:
            if not (-180 <= lon <= 180 and -90 <= lat <= 90):
                raise BadInput(f"found longitude {lon} and latitude {lat}, expected degrees of WGS-84", name)
        return halfway([(float(lon), float(lat)) for lon, lat, *_height in points])

    def line(self, name: str) -> dict[str, Any] | None:
        """The GeoJSON line along which a place stretches, which `point` has checked; None of a point."""
        geometry = self._geometry(name)
        if geometry.get("type") != "LineString":
            return None
        return {"type": "LineString", "coordinates": geometry["coordinates"]}

    def _geometry(self, name: str) -> dict[str, Any]:
        found = self.document.get(name)
        geometry = found.get("geometry") if isinstance(found, dict) and found.get("type") == "Feature" else found
        return geometry if isinstance(geometry, dict) else {}

    def unit(self) -> str:
        """The unit of measurement, as the platform writes it."""
        given = self.object("unitOfMeasurement")
        symbol = given.get("symbol")
        for text in (symbol, given.get("name")):
            try:
                if isinstance(text, str):
                    return canonical(text)
            except UnitError:
                continue
        raise BadInput(
            f"found unitOfMeasurement {given!r}, expected the symbol of a unit that this platform knows, such as mg/L,"
            " µg/m3 or °C (docs/reference/sensorthings.md lists them); an empty symbol is a number without unit",
            "unitOfMeasurement",
        )


def _is_position(found: Any) -> bool:
    """Whether it is longitude and latitude, perhaps with a height."""
    return (
        isinstance(found, list)
        and len(found) >= 2
        and all(isinstance(one, int | float) and not isinstance(one, bool) for one in found)
    )


def _is_enough(kind: Any, points: list[Any]) -> bool:
    return kind == "Point" or (2 <= len(points) <= MOST_POINTS and any(one[:2] != points[0][:2] for one in points))


def halfway(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The point halfway along a line, lengths in degrees; of one point itself. [degree]"""
    if len(points) == 1:
        return points[0]
    middle = LineString(points).interpolate(0.5, normalized=True)
    return middle.x, middle.y


def referred(document: object) -> bool:
    """Whether a part of a document points to an entity that exists; clients may repeat what they know of it."""
    return isinstance(document, dict) and "@iot.id" in document


def patched(document: dict[str, Any], operations: Any) -> dict[str, Any]:
    """The document after a JSON Patch (RFC 6902) of add, replace, remove and test.

    Raises
    ------
    BadInput
        The patch is none, or does not fit the document.
    """
    if not isinstance(operations, list):
        raise BadInput(f"found {operations!r:.80}, expected a list of operations")
    made: dict[str, Any] = json.loads(json.dumps(document))
    for operation in operations:
        if not isinstance(operation, dict) or operation.get("op") not in ("add", "replace", "remove", "test"):
            raise BadInput(f"found operation {operation!r:.80}, expected op add, replace, remove or test")
        _apply(made, operation)
    return made


def _apply(document: dict[str, Any], operation: dict[str, Any]) -> None:
    path = str(operation.get("path", ""))
    steps = [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]
    inner: Any = document
    for step in steps[:-1]:
        inner = inner.get(step) if isinstance(inner, dict) else None
    if not steps or not isinstance(inner, dict) or (operation["op"] != "add" and steps[-1] not in inner):
        raise BadInput(f"found path {path!r}, expected one to a member of an object that is there", "path")
    if operation["op"] == "remove":
        del inner[steps[-1]]
    elif operation["op"] == "test":
        if inner[steps[-1]] != operation.get("value"):
            raise BadInput(f"found {inner[steps[-1]]!r} at {path}, expected {operation.get('value')!r}", "path")
    else:
        inner[steps[-1]] = operation.get("value")
