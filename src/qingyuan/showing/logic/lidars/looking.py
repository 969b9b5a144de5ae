"""A scan as somebody looks at it: its classes, and what stands out above a threshold."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from shapely import Point, Polygon

from qingyuan.kit.errors import BadInput
from qingyuan.people.queries import User
from qingyuan.places.queries import GridCell, cells_at
from qingyuan.sensing.queries import Scan
from qingyuan.showing.logic.driving.classes import Classes
from qingyuan.showing.logic.driving.winds import Beside, Spot, Wind, Winds
from qingyuan.showing.map_layer import Feature
from qingyuan_science.lidar import BLIND_M, PERCENTILE, Hotspot, Polar, hotspots, runs, threshold_of
from qingyuan_science.series import microseconds

MOST_SHOWN = 30
MOST_RAYS = 180  # that are drawn; a scan of more is drawn every second or third ray
DECIMALS = 3


@dataclass(frozen=True)
class HotspotSeen:
    """A hot spot with its number on the page, its grid cell, the wind then, and who lies upwind of it."""

    number: int
    spot: Hotspot
    cell: GridCell | None
    wind: Wind | None
    upwind: list[Beside]

    @property
    def key(self) -> str:
        return f"{self.spot.lon:.5f},{self.spot.lat:.5f}"


class ScanLook:
    """A scan of the viewer's territory; `percentile` or `value` is the threshold."""

    def __init__(self, viewer: User, scan: Scan, asked: Mapping[str, str]) -> None:
        self.viewer, self.scan = viewer, scan
        self.percentile = _number(asked, "percentile", (50.0, 100.0), PERCENTILE)
        self.value = _number(asked, "value", (-1e6, 1e6), float("nan"))

    @property
    def decimals(self) -> int:
        return 0 if self.scan.quantity.startswith("a") else DECIMALS

    @cached_property
    def polar(self) -> Polar:
        found = self.scan.scanned()
        parts = (found.azimuth, found.elevation, found.ranges, found.values)
        azimuth, elevation, ranges, values = (one.astype(np.float64) for one in parts)
        return Polar((self.scan.lon, self.scan.lat), azimuth, elevation, ranges, values)

    @cached_property
    def threshold(self) -> float:
        return self.value if np.isfinite(self.value) else threshold_of(self.polar, self.percentile)

    @cached_property
    def classes(self) -> Classes:
        known = self.polar.values[:, self.polar.ranges >= BLIND_M]
        return Classes.of(known.ravel(), self.scan.unit, self.decimals)

    @cached_property
    def hotspots(self) -> list[HotspotSeen]:
        """What stands out, the greatest first."""
        found = hotspots(self.polar, self.threshold)[:MOST_SHOWN] if np.isfinite(self.threshold) else ()
        cells = cells_at([(one.lon, one.lat) for one in found])
        winds = Winds(self.viewer, self.scan.starts_at, self.scan.ends_at)
        seen = []
        for number, (one, cell) in enumerate(zip(found, cells, strict=True), 1):
            spot = Spot(one.lon, one.lat, microseconds(self.scan.starts_at))
            wind = winds.at(spot)
            seen.append(HotspotSeen(number, one, cell, wind, winds.upwind(spot, wind)))
        return seen

    @property
    def query(self) -> str:
        """What was asked, as part of an address."""
        return f"value={self.value:g}" if np.isfinite(self.value) else f"percentile={self.percentile:g}"

    def features(self, code: str) -> list[dict[str, Any]] | None:
        """What a layer shows, as GeoJSON; None where there is no such layer."""
        if code == "scan":
            return [one.as_geojson() for one in self._sectors()]
        return [one.as_geojson() for one in self._spots()] if code == "hotspots" else None

    def _sectors(self) -> list[Feature]:
        """Runs of one class along each ray; the blind zone and gates without a value are left out."""
        polar, every = self.polar, max(1, -(-len(self.polar.azimuth) // MOST_RAYS))
        edges, unit = polar.edges, self.scan.unit
        numbers = self.classes.numbers(polar.values)
        numbers[~np.isfinite(polar.values) | (polar.ranges < BLIND_M)] = -1
        shown = []
        for ray in range(0, len(polar.azimuth), every):
            for first, after, number in runs(numbers[ray]):
                own = polar.values[ray, first:after]
                corners = polar.sector(ray, float(edges[first]), float(edges[after]))
                title = f"{own.min():.3g} – {own.max():.3g} {unit}".strip()
                where = f"{polar.azimuth[ray]:.0f}° · {edges[first]:,.0f} – {edges[after]:,.0f} m"
                shown.append(Feature(Polygon(np.round(corners, 6)), title, colour_key=str(number), detail=where))
        return shown

    def _spots(self) -> list[Feature]:
        return [
            Feature(
                Point(one.spot.lon, one.spot.lat), _("Hot spot %(number)d") % {"number": one.number}, "", "hot",
                f"#hotspot-{one.number}", f"{one.spot.value:.3g} {self.scan.unit} · {one.spot.metres:,.0f} m",
            )
            for one in self.hotspots
        ]  # fmt: skip


def _number(asked: Mapping[str, str], name: str, bounds: tuple[float, float], usual: float) -> float:
    text = asked.get(name, "").strip()
    if not text:
        return usual
    try:
        found = float(text)
    except ValueError:
        found = float("nan")
    if not bounds[0] <= found <= bounds[1]:
        wrong = {"name": name, "found": text[:20], "low": f"{bounds[0]:g}", "high": f"{bounds[1]:g}"}
        raise BadInput(_("Found %(name)s “%(found)s”, expected %(low)s to %(high)s.") % wrong, name)
    return found
