from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from django.urls import reverse
from shapely import Point

from qingyuan.showing.logic.environment.newest import water_now
from qingyuan.showing.map_layer import LAYERS, Feature, LegendEntry, MapLayer, Symbol, View
from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.water import CLASSES, water_class

NONE = LegendEntry("none", "#8b979c", Text("近日无类别", "No class of late"), "ring")


@LAYERS
@dataclass(frozen=True)
class WaterQuality(MapLayer):
    """Surface-water stations by the class of their newest valid day."""

    code: ClassVar[str] = "water_quality"
    title: ClassVar[Text] = Text("水质类别", "Water quality")
    source: ClassVar[Source] = Source(
        "GB 3838-2002", Text("表1", "Table 1"), "the newest day's means, by the worst item"
    )
    group: ClassVar[Text] = Text("环境质量", "Environment quality")
    symbol: ClassVar[Symbol] = Symbol.STATION
    visible: ClassVar[bool] = False
    legend: ClassVar[tuple[LegendEntry, ...]] = (
        NONE,
        *(LegendEntry(f"class-{code}", water_class(code).hex, water_class(code).name, "circle") for code in CLASSES),
    )

    def features(self, view: View) -> Iterator[Feature]:
        """Where they stand, with class and what decides it."""
        for one in water_now(view.viewer, view.at):
            point = Point(one.station.lon, one.station.lat)
            if view.shows(point):
                href = reverse("water-station", kwargs={"code": one.station.code})
                key, state = (one.chip.key, one.words) if one.chip else (NONE.value, "")
                yield Feature(point, one.station.title, state, key, href, one.station.code)
