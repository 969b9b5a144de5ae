"""Geometry as rows: WKB for the exact shape, a PostgreSQL `box` under GiST to find it."""

from collections.abc import Iterable
from typing import Any

import shapely
from django.db import models
from shapely.geometry.base import BaseGeometry


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


def to_wkb(shape: BaseGeometry) -> bytes:
    """The shape as stored. [WGS-84 degrees]"""
    return bytes(shapely.to_wkb(shape, output_dimension=2))


def from_wkb(stored: bytes | memoryview) -> BaseGeometry:
    """The shape from its stored form."""
    return shapely.from_wkb(bytes(stored))
