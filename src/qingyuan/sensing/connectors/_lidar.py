"""Scans of lidars, as JSON of rays or as CSV of one row a ray and range."""

import csv
import io
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np

from qingyuan.sensing.brought.scanned import EXTINCTION, QUANTITIES, Scanned
from qingyuan.sensing.connector import BadPayload, Payload, Read, Setting
from qingyuan.sensing.connectors import _values as values
from qingyuan.sensing.connectors._documents import load_json, text_of
from qingyuan_science.plugins import Text
from qingyuan_science.series import microseconds

LIDAR = "lidar"
MOST_RAYS, MOST_GATES = 7200, 6000
AHEAD = timedelta(hours=1)  # as for readings
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_COLUMNS = ("lidar", "at", "azimuth", "elevation", "range", "value")

QUANTITY = Setting(
    "quantity",
    Text("数据类型", "Quantity"),
    Text(
        "文件未写明时的数据类型：extinction（消光系数，km⁻¹）、backscatter、depolarisation，或颗粒物浓度的因子编码。",
        "What values are where the file does not say: extinction [km⁻¹], backscatter, depolarisation, or the code of a"
        " particle factor.",
    ),
    default=EXTINCTION,
    choices=QUANTITIES,
)
_Ray = tuple[datetime, float, float]


def read_scans(payload: Payload, settings: Mapping[str, str]) -> Read:
    """What a file says: one scan as JSON, or as CSV one for each lidar in it.

    Raises
    ------
    BadPayload
        The file as a whole is none of the two.
    """
    latest = datetime.fromtimestamp(payload.received_us / 1e6, UTC) + AHEAD
    quantity = settings.get(QUANTITY.name) or EXTINCTION
    is_json = payload.raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))
    if is_json:
        found = [_from_json(load_json(payload.raw, "a scan as an object"), quantity, latest)]
    else:
        found = list(_from_csv(text_of(payload.raw), quantity, latest))
    return Read(scans=found)


def _from_json(document: Any, quantity: str, latest: datetime) -> Scanned:
    if not isinstance(document, dict) or not isinstance(document.get("rays"), list):
        raise BadPayload(f"found {values.shown(document)}, expected an object with lidar, range_m and rays")
    try:
        ranges = _ranges(document.get("range_m"))
        rays = [_ray(one, document.get("at"), latest, f"rays[{n}]") for n, one in enumerate(document["rays"])]
        table = [_row(one.get("values"), len(ranges), f"rays[{n}].values") for n, one in enumerate(document["rays"])]
        told = str(document.get("quantity") or quantity)
        if told not in QUANTITIES:
            raise ValueError(f"found quantity {values.shown(told)}, expected one of: {', '.join(QUANTITIES)}")
        return _scan(
            _code(document.get("lidar")), told, rays, ranges=ranges, table=table, site=_site(document.get("site"))
        )
    except (ValueError, OverflowError) as error:
        raise BadPayload(str(error)) from error


def _code(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"found lidar {values.shown(value)}, expected the code of its station")
    return value.strip()


def _ranges(given: Any) -> list[float]:
    expected = f"expected 2 to {MOST_GATES} ascending distances in metres"
    if not isinstance(given, list) or not 2 <= len(given) <= MOST_GATES:
        raise ValueError(f"found range_m {values.shown(given)}, {expected}")
    found = [_within(one, "range_m", (0.0, 100_000.0)) for one in given]
    if any(after <= before for before, after in pairwise(found)):
        raise ValueError(f"found range_m {values.shown(given)}, {expected}")
    return found


def _ray(one: Any, at: Any, latest: datetime, where: str) -> _Ray:
    if not isinstance(one, dict):
        raise ValueError(f"{where}: found {values.shown(one)}, expected an object")
    azimuth = _within(one.get("azimuth"), f"{where}.azimuth", (0.0, 360.0))
    return (
        _instant(one.get("at", at), latest, where),
        azimuth,
        _within(one.get("elevation"), f"{where}.elevation", (-10.0, 90.0)),
    )


def _instant(told: Any, latest: datetime, where: str) -> datetime:
    try:
        at = datetime.fromisoformat(told) if isinstance(told, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not _EARLIEST <= at <= latest:
        expected = "expected a time with zone such as 2026-11-22T08:00:00+08:00, none before 2000 or in the future"
        raise ValueError(f"{where}: found at {values.shown(told)}, {expected}")
    return at


def _within(value: Any, what: str, bounds: tuple[float, float]) -> float:
    found = values.number(value, what)
    if found is None or not bounds[0] <= found <= bounds[1]:
        raise ValueError(f"found {what} {values.shown(value)}, expected {bounds[0]:g} to {bounds[1]:g}")
    return found


def _row(given: Any, count: int, where: str) -> list[float]:
    if not isinstance(given, list) or len(given) != count:
        raise ValueError(f"found {where} {values.shown(given)}, expected {count} numbers, one a distance")
    return [_value(one, where) for one in given]


def _value(one: Any, where: str) -> float:
    found = values.number(one, where)
    if found is not None and abs(found) > 1e6:
        raise ValueError(f"found {where} {values.shown(one)}, expected below 1e6")
    return math.nan if found is None else found


def _site(given: Any) -> tuple[float, float] | None:
    if given is None:
        return None
    if not isinstance(given, dict):
        raise ValueError(f"found site {values.shown(given)}, expected an object with lon and lat")
    lon, lat = given.get("lon"), given.get("lat")
    return _within(lon, "site.lon", (-180.0, 180.0)), _within(lat, "site.lat", (-90.0, 90.0))


def _from_csv(text: str, quantity: str, latest: datetime) -> Iterator[Scanned]:
    """One scan a lidar; rows of one ray share time, azimuth and elevation."""
    try:
        rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        names = [name.strip().lower() for name in rows.fieldnames or ()]
        if not set(_COLUMNS) <= set(names):
            raise BadPayload(f"found the columns {values.shown(names)}, expected among them {', '.join(_COLUMNS)}")
        rows.fieldnames = names
        gates: dict[str, dict[_Ray, dict[float, float]]] = {}
        for row in rows:
            code, ray, distance, value = _gate(row, latest, f"row {rows.line_num}")
            own = gates.setdefault(code, {}).setdefault(ray, {})
            if distance in own:
                raise ValueError(f"row {rows.line_num}: found the distance {distance:g} twice in a ray, expected once")
            own[distance] = value
        if not gates:
            raise BadPayload("found no row, expected one a ray and distance")
        for code, by_ray in gates.items():
            ranges = sorted({distance for own in by_ray.values() for distance in own})
            if len(ranges) < 2 or len(ranges) > MOST_GATES:
                raise ValueError(f"found {len(ranges)} distances, expected 2 to {MOST_GATES}")
            table = [[own.get(distance, math.nan) for distance in ranges] for own in by_ray.values()]
            yield _scan(code, quantity, list(by_ray), ranges=ranges, table=table)
    except BadPayload:
        raise
    except csv.Error as error:
        raise BadPayload(f"found no table ({error}), expected rows of cells below a head") from error
    except (ValueError, OverflowError) as error:
        raise BadPayload(str(error)) from error


def _gate(row: dict[str, Any], latest: datetime, where: str) -> tuple[str, _Ray, float, float]:
    if None in row or None in row.values():
        raise ValueError(f"{where}: found more or fewer cells than columns, expected as many")
    azimuth = _within(row["azimuth"], f"{where} azimuth", (0.0, 360.0))
    elevation = _within(row["elevation"], f"{where} elevation", (-10.0, 90.0))
    distance = _within(row["range"], f"{where} range", (0.0, 100_000.0))
    ray = (_instant(row["at"].strip(), latest, where), azimuth, elevation)
    return _code(row["lidar"]), ray, distance, _value(row["value"], f"{where} value")


def _scan(
    code: str, quantity: str, rays: list[_Ray], *, ranges: list[float], table: list[list[float]],
    site: tuple[float, float] | None = None,
) -> Scanned:  # fmt: skip
    if not 1 <= len(rays) <= MOST_RAYS:
        raise ValueError(f"found {len(rays)} rays, expected 1 to {MOST_RAYS}")
    order = sorted(range(len(rays)), key=lambda one: rays[one][0])
    at, azimuth, elevation = zip(*(rays[one] for one in order), strict=True)
    return Scanned(
        station=code, quantity=quantity, site=site, ranges=np.array(ranges, np.float32),
        at=np.array([microseconds(one) for one in at], np.int64),
        azimuth=np.array(azimuth, np.float32), elevation=np.array(elevation, np.float32),
        values=np.array([table[one] for one in order], np.float32).reshape(len(rays), len(ranges)),
    )  # fmt: skip
