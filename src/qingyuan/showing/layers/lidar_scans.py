from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import numpy as np
from django.urls import reverse
from shapely import Polygon

from qingyuan.kit.clock import SHANGHAI
from qingyuan.sensing.queries import Scan, ScanKind, scans
from qingyuan.showing.logic.driving.classes import COLOURS
from qingyuan.showing.map_layer import LAYERS, Feature, LegendEntry, MapLayer, Symbol, View
from qingyuan_science.lidar import BLIND_M, Polar, runs
from qingyuan_science.plugins import Source, Text

MOST = 5  # lidars that are drawn at once; our own choice
RAYS = 90  # that are drawn of a scan around
BOUNDS = (0.1, 0.2, 0.35, 0.5, 1.0)  # the same for every lidar, so that they can be compared; our own choice [km⁻¹]

_TITLES = ("< 0.1", "0.1 – 0.2", "0.2 – 0.35", "0.35 – 0.5", "0.5 – 1.0", "≥ 1.0")


@LAYERS
@dataclass(frozen=True)
class LidarScans(MapLayer):
    """The newest scan around each lidar in the last days, as extinction in classes; each piece leads to its scan."""

    code: ClassVar[str] = "lidar_scans"
    title: ClassVar[Text] = Text("激光雷达扫描", "Lidar scans")
    source: ClassVar[Source] = Source("Qingyuan", "sensing", "scans that lidars deliver")
    group: ClassVar[Text] = Text("监测", "Monitoring")
    symbol: ClassVar[Symbol] = Symbol.AREA
    visible: ClassVar[bool] = False
    timed: ClassVar[bool] = True
    labelled: ClassVar[bool] = False
    legend: ClassVar[tuple[LegendEntry, ...]] = tuple(
        LegendEntry(str(number), colour, Text(f"{title} km⁻¹", f"{title} km⁻¹"), "area")
        for number, (colour, title) in enumerate(zip(COLOURS, _TITLES, strict=True))
    )

    def features(self, view: View) -> Iterator[Feature]:
        """Pieces of rays of one class each."""
        since = view.at - timedelta(days=view.days)
        recent = scans(view.viewer).filter(kind=ScanKind.PLAN, quantity="extinction", starts_at__gte=since)
        newest = recent.defer(None).order_by("station_id", "-starts_at").distinct("station_id")
        for one in newest[:MOST]:
            yield from (feature for feature in _pieces(one) if view.shows(feature.geometry))


def _pieces(scan: Scan) -> Iterator[Feature]:
    found = scan.scanned()
    parts = (one.astype(np.float64) for one in (found.azimuth, found.elevation, found.ranges, found.values))
    azimuth, elevation, ranges, values = parts
    every = max(1, -(-len(azimuth) // RAYS))
    polar = Polar((scan.lon, scan.lat), azimuth[::every], elevation[::every], ranges, values[::every])
    numbers = np.searchsorted(BOUNDS, polar.values, side="right").astype(np.int64)
    numbers[~np.isfinite(polar.values) | (ranges < BLIND_M)] = -1
    href, at = reverse("scan", kwargs={"scan_id": scan.pk}), f"{scan.starts_at.astimezone(SHANGHAI):%m-%d %H:%M}"
    for ray in range(len(polar.azimuth)):
        for first, after, number in runs(numbers[ray]):
            corners = polar.sector(ray, float(polar.edges[first]), float(polar.edges[after]))
            yield Feature(Polygon(np.round(corners, 6)), scan.station.title, "", str(number), href, at)
