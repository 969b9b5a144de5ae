"""What a client posts, read and checked."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from qingyuan.kit.errors import BadInput
from qingyuan_science.units import UnitError, canonical

GEOJSON = ("application/geo+json", "application/vnd.geo+json")
BASES = ("measured", "converted")
KINDS_SENT = "rmhd"
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
        """Longitude and latitude of a GeoJSON point, or of a feature that is one. [degree]"""
        encoding = self.document.get("encodingType", GEOJSON[0])
        if encoding not in GEOJSON:
            raise BadInput(f"found encodingType {encoding!r}, expected {GEOJSON[0]}", "encodingType")
        found = self.document.get(name)
        geometry = found.get("geometry") if isinstance(found, dict) and found.get("type") == "Feature" else found
        place = geometry.get("coordinates") if isinstance(geometry, dict) and geometry.get("type") == "Point" else None
        if not isinstance(place, list) or len(place) < 2 or not all(isinstance(one, int | float) for one in place):
            raise BadInput(f"found {name} {found!r:.120}, expected a GeoJSON Point with longitude and latitude", name)
        lon, lat = float(place[0]), float(place[1])
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise BadInput(f"found longitude {lon} and latitude {lat}, expected degrees of WGS-84", name)
        return lon, lat

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
