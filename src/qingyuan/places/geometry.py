"""Geometry as rows: WKB for the exact shape, a PostgreSQL `box` under GiST to find it."""

from collections.abc import Iterable
from math import asin, atan2, cos, degrees, radians, sin, sqrt
from typing import Any, Protocol

import numpy as np
import shapely
from django.db import models
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

EARTH_KM = 6371.0
KM_A_DEGREE = 111.32  # of a great circle
AXIS_M, ECCENTRICITY2 = 6_378_245.0, 0.00669342162296594323  # of the ellipsoid of Krassowsky 1940


class BoxField(models.Field):  # type: ignore[type-arg]
    """A bounding box (west, south, east, north) in WGS-84 degrees, kept as PostgreSQL `box`."""

    description = "Bounding box"

    def db_type(self, connection: Any) -> str:
        return "box"

    def get_prep_value(self, value: Iterable[float] | None) -> str | None:
        if value is None:
            return None
        west, south, east, north = value
        return f"({east!r},{north!r}),({west!r},{south!r})"

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> tuple[float, ...] | None:
        if value is None:
            return None
        east, north, west, south = (float(part) for part in value.replace("(", "").replace(")", "").split(","))
        return west, south, east, north


@BoxField.register_lookup
class HoldsPoint(models.Lookup):
    """`bounds__holds="(lon,lat)"`: boxes that hold the point, found through the GiST index."""

    lookup_name = "holds"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, left_params = self.process_lhs(compiler, connection)
        return f"{left} @> box(%s::point)", (*left_params, self.rhs)


@BoxField.register_lookup
class MeetsBox(models.Lookup):
    """`bounds__meets=(west, south, east, north)`: boxes that share a point with this one, through the GiST index."""

    lookup_name = "meets"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} && {right}::box", (*left_params, *right_params)


def from_gcj02(shape: BaseGeometry) -> BaseGeometry:
    """A shape whose coordinates are GCJ-02, the shifted ones of Chinese web maps, in WGS-84; within half a metre.

    The shift is not published; its formula is known from public implementations. It is undone in three steps, each of
    which subtracts what the shift would add at the place found so far.
    """
    return shapely.transform(shape, lambda given: given - _shift(given - _shift(given - _shift(given))))


def _shift(given: NDArray[np.float64]) -> NDArray[np.float64]:
    """What GCJ-02 adds to WGS-84 at (longitude, latitude). [degree]"""
    lon, lat = given[:, 0], given[:, 1]
    x, y = lon - 105.0, lat - 35.0
    both = 20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)
    north = both + 20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)
    north += 160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y / 30.0 * np.pi)
    east = both + 20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)
    east += 150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)
    root = np.sqrt(np.abs(x))
    north = north * 2.0 / 3.0 - 100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    east = east * 2.0 / 3.0 + 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    curved = 1.0 - ECCENTRICITY2 * np.sin(np.radians(lat)) ** 2
    metres_north = np.radians(AXIS_M * (1.0 - ECCENTRICITY2) / curved**1.5)
    metres_east = np.radians(AXIS_M / np.sqrt(curved) * np.cos(np.radians(lat)))
    return np.column_stack((east / metres_east, north / metres_north))


def to_wkb(shape: BaseGeometry) -> bytes:
    """The shape as stored. [WGS-84 degrees]"""
    return bytes(shapely.to_wkb(shape, output_dimension=2))


def from_wkb(stored: bytes | memoryview) -> BaseGeometry:
    """The shape from its stored form."""
    return shapely.from_wkb(bytes(stored))


def along_km(shape: BaseGeometry, lon: float, lat: float) -> tuple[float | None, float]:
    """How far down a line the point nearest to a place lies, and how far the place is from the shape. [km]

    An area has no length along it. Distances are measured on a plane that touches the globe at the place, which at
    the length of a river in a district is wrong by less than a thousandth.
    """
    east = KM_A_DEGREE * np.cos(np.radians(lat))
    flat = shapely.transform(shape, lambda given: (given - (lon, lat)) * (east, KM_A_DEGREE))
    place = shapely.Point(0.0, 0.0)
    along = float(flat.project(place)) if flat.geom_type == "LineString" else None
    return along, float(flat.distance(place))


class Located(Protocol):
    """Whatever stands at a place. [WGS-84 degrees]"""

    @property
    def lon(self) -> float: ...

    @property
    def lat(self) -> float: ...


def distance(one: Located, other: Located) -> tuple[float, float]:
    """Distance [km] and bearing [° from north, clockwise] of another place, on a sphere."""
    lat, other_lat, turn = radians(one.lat), radians(other.lat), radians(other.lon - one.lon)
    half = sin((other_lat - lat) / 2) ** 2 + cos(lat) * cos(other_lat) * sin(turn / 2) ** 2
    east = sin(turn) * cos(other_lat)
    north = cos(lat) * sin(other_lat) - sin(lat) * cos(other_lat) * cos(turn)
    return 2 * EARTH_KM * asin(sqrt(half)), degrees(atan2(east, north)) % 360
