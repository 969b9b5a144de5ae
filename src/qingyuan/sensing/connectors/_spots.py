"""Products of satellites: active fires as CSV, and interpreted polygons or points as GeoJSON (RFC 7946)."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import Any

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry

from qingyuan.places.geometry import from_gcj02
from qingyuan.sensing.brought.spotted import SpotKind, Spotted, Sureness
from qingyuan.sensing.connector import BadPayload, Payload, Read, Setting
from qingyuan.sensing.connectors import _values as values
from qingyuan.sensing.connectors._documents import load_json, text_of
from qingyuan_science.plugins import Text

FIRES, POLYGONS = "fires", "polygons"
BEIJING = timezone(timedelta(hours=8))
AHEAD = timedelta(hours=1)  # of our clock; our own choice, as for readings
LOW_BELOW, HIGH_FROM = 30, 80  # per cent: the classes of the MODIS active fire product, Collection 6, user's guide
MOST_POINTS = 10_000  # of one shape; our own choice
DATUMS = ("WGS-84", "GCJ-02")
CRS = ("CRS84", "4326", "4490", "4979")  # WGS-84 and CGCS2000, which are alike at the scale of a map

PROPERTIES = Setting(
    "properties",
    Text("图斑属性名", "Names of the properties"),
    Text(
        "解译图斑中各项的属性名，如 kind=类型, observed_at=影像时间, confidence=置信度, remark=备注。",
        "Of interpreted polygons, such as kind=type, observed_at=image_time, confidence=sure, remark=note.",
    ),
    default="kind=kind, observed_at=observed_at, confidence=confidence, satellite=satellite, remark=remark",
)
DATUM = Setting(
    "datum",
    Text("坐标系", "Datum"),
    Text("图斑坐标的坐标系；GCJ-02 在导入时转为 WGS-84。", "Of the polygons; GCJ-02 becomes WGS-84 at import."),
    default=DATUMS[0],
    choices=DATUMS,
)
SPOT_FIELDS = (PROPERTIES, DATUM)
_NAMES = ("kind", "observed_at", "confidence", "satellite", "remark")

_SATELLITES = {
    "N": "Suomi NPP", "NPP": "Suomi NPP", "1": "NOAA-20", "N20": "NOAA-20", "2": "NOAA-21", "N21": "NOAA-21",
    "T": "Terra", "A": "Aqua",
}  # fmt: skip
_SURENESS = {
    "l": Sureness.LOW, "low": Sureness.LOW, "低": Sureness.LOW,
    "n": Sureness.NOMINAL, "nominal": Sureness.NOMINAL, "medium": Sureness.NOMINAL, "中": Sureness.NOMINAL,
    "h": Sureness.HIGH, "high": Sureness.HIGH, "高": Sureness.HIGH,
}  # fmt: skip
_KINDS = {
    "火点": SpotKind.FIRE, "热异常": SpotKind.FIRE, "热异常点": SpotKind.FIRE,
    "秸秆焚烧": SpotKind.STRAW, "露天焚烧": SpotKind.STRAW,
    "固废": SpotKind.WASTE, "固体废物": SpotKind.WASTE, "固体废物堆放": SpotKind.WASTE, "垃圾堆": SpotKind.WASTE,
    "裸土": SpotKind.BARE_SOIL, "裸地": SpotKind.BARE_SOIL, "裸露地表": SpotKind.BARE_SOIL,
    "黑臭水体": SpotKind.BLACK_WATER, "施工": SpotKind.CONSTRUCTION, "生态破坏": SpotKind.CONSTRUCTION,
    "其他": SpotKind.OTHER,
}  # fmt: skip
_NUMBERS = ("bright_ti4", "bright_ti5", "brightness", "bright_t31", "frp", "scan", "track")
_PLACE = ("latitude", "longitude", "acq_date", "acq_time", "satellite", "confidence")


def read_spots(payload: Payload, settings: Mapping[str, str], form: str = "") -> Read:
    """What a product says; without a form, the file is GeoJSON if it begins as JSON does.

    Raises
    ------
    BadPayload
        The file as a whole is none of the two.
    """
    is_json = payload.raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))
    is_drawn = form == POLYGONS if form else is_json
    items = _polygons(payload.raw, settings) if is_drawn else _fires(payload.raw)
    latest = datetime.fromtimestamp(payload.received_us / 1e6, UTC) + AHEAD
    read = Read(spots=[])
    for where, make in items:
        try:
            read.add_spot(_not_ahead(make(), latest), where)
        except (ValueError, OverflowError) as error:
            read.faults.append(("BadSpot", f"{where}: {error}"))
    if not read.spots and not read.faults:
        read.faults.append(("NoSpot", "found no spot, expected one at least"))
    return read


def _not_ahead(spot: Spotted, latest: datetime) -> Spotted:
    if spot.at > latest:
        raise ValueError(f"found time {spot.at.isoformat()}, expected none in the future")
    return spot


Items = Iterator[tuple[str, Callable[[], Spotted]]]


def _fires(raw: bytes) -> Items:
    rows = csv.DictReader(io.StringIO(text_of(raw), newline=""), strict=True)
    try:
        names = [name.strip().lower() for name in rows.fieldnames or ()]
        bright = next((name for name in ("bright_ti4", "brightness") if name in names), "")
        missing = [name for name in (*_PLACE, *(() if bright else ("bright_ti4",))) if name not in names]
        if missing or len(set(names)) < len(names):
            expected = ", ".join((*_PLACE, "bright_ti4 (VIIRS) / brightness (MODIS)"))
            raise BadPayload(f"found the columns {values.shown(names)}, expected among them {expected}")
        rows.fieldnames = names
        by_column = "VIIRS" if bright == "bright_ti4" else "MODIS"
        for row in rows:
            yield f"row {rows.line_num}", partial(_fire, row, by_column)
    except csv.Error as error:
        raise BadPayload(f"found no table ({error}), expected rows of cells below a head") from error


def _fire(row: dict[str, Any], by_column: str) -> Spotted:
    if None in row or None in row.values():
        raise ValueError("found more or fewer cells than columns, expected as many")
    row = {name: cell.strip() for name, cell in row.items()}
    lon, lat = _degrees(row["longitude"], 180, "longitude"), _degrees(row["latitude"], 90, "latitude")
    instrument = row.get("instrument") or by_column
    attributes = {name: values.number(row[name], name) for name in _NUMBERS if row.get(name)}
    attributes |= {name: row[name] for name in ("version", "daynight") if row.get(name)}
    return Spotted(
        SpotKind.FIRE, _overpass(row["acq_date"], row["acq_time"]), Point(lon, lat), f"{instrument} active fire",
        _SATELLITES.get(row["satellite"], row["satellite"])[:40], instrument[:20], _sureness(row["confidence"]),
        row["confidence"], attributes,
    )  # fmt: skip


def _overpass(day: str, time: str) -> datetime:
    """The instant in UTC, of which products write 01:42 as 142, 0142 or 01:42."""
    digits = time.replace(":", "").zfill(4)
    try:
        if len(digits) != 4 or not digits.isdecimal():
            raise ValueError
        return datetime.strptime(f"{day} {digits}", "%Y-%m-%d %H%M").replace(tzinfo=UTC)
    except ValueError as error:
        found = values.shown(f"{day} {time}")
        raise ValueError(f"found time {found}, expected a day such as 2026-11-22 and HHMM in UTC") from error


def _degrees(text: object, most: int, name: str) -> float:
    found = values.number(text, name)
    if found is None or not -most <= found <= most:
        raise ValueError(f"found {name} {values.shown(text)}, expected -{most} to {most} degrees")
    return found


def _sureness(told: object) -> Sureness:
    word = str(told).strip().lower()
    if word in _SURENESS:
        return _SURENESS[word]
    try:
        number = float(word.removesuffix("%"))
    except ValueError:
        number = -1.0
    if not 0 <= number <= 100:
        raise ValueError(f"found confidence {values.shown(told)}, expected low, nominal, high, or 0 to 100")
    if number < LOW_BELOW:
        return Sureness.LOW
    return Sureness.NOMINAL if number < HIGH_FROM else Sureness.HIGH


def _polygons(raw: bytes, settings: Mapping[str, str]) -> Items:
    document = load_json(raw, "a GeoJSON FeatureCollection")
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or document.get("type") != "FeatureCollection":
        raise BadPayload(f"found {values.shown(document)}, expected a GeoJSON FeatureCollection")
    named = str(document.get("crs") or "")
    if named and not any(one in named for one in CRS):
        raise BadPayload(f"found the crs {values.shown(named)}, expected WGS-84 or CGCS2000 in degrees")
    names = _names(settings[PROPERTIES.name])
    is_gcj = settings[DATUM.name] == DATUMS[1]
    for number, one in enumerate(features):
        yield f"[{number}]", partial(_polygon, one, names, is_gcj)


def _names(given: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in given.split(",") if "=" in pair]
    return {name: name for name in _NAMES} | {key.strip(): name.strip() for key, _equals, name in pairs}


def _polygon(one: Any, names: dict[str, str], is_gcj: bool) -> Spotted:
    if not isinstance(one, dict) or not isinstance(one.get("properties"), dict):
        raise ValueError(f"found {values.shown(one)}, expected a feature with properties")
    told = one["properties"]
    kind, at, sure = (told.get(names[name]) for name in ("kind", "observed_at", "confidence"))
    if at in (None, ""):
        raise ValueError(f"found nothing at {names['observed_at']}, expected the time of the image")
    known = {str(value): value for value in SpotKind} | _KINDS
    if str(kind) not in known:
        raise ValueError(f"found kind {values.shown(kind)}, expected one of: {', '.join(known)}")
    geometry = _shape(one.get("geometry"))
    return Spotted(
        SpotKind(known[str(kind)]), values.instant(at, BEIJING), from_gcj02(geometry) if is_gcj else geometry,
        "interpreted", str(told.get(names["satellite"]) or "")[:40], "", _sureness(sure if sure is not None else "n"),
        str(sure if sure is not None else "")[:40], {key: value for key, value in told.items() if key != names["kind"]},
    )  # fmt: skip


def _shape(given: Any) -> BaseGeometry:
    expected = "expected a Point, Polygon or MultiPolygon in degrees"
    try:
        found = shape(given)
    except (ShapelyError, TypeError, ValueError, KeyError, AttributeError, IndexError, RecursionError) as error:
        raise ValueError(f"found geometry {values.shown(given)}, {expected}") from error
    wanted = found.geom_type in ("Point", "Polygon", "MultiPolygon") and not found.is_empty
    if not wanted or shapely.get_num_coordinates(found) > MOST_POINTS:
        raise ValueError(f"found geometry {values.shown(given)}, {expected}")
    west, south, east, north = found.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise ValueError(f"found geometry {values.shown(given)}, {expected}")
    return found if found.is_valid else shapely.make_valid(found)
