from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.urls import reverse
from shapely import Point

from qingyuan.kit.clock import SHANGHAI
from qingyuan.showing.logic.environment.newest import air_now
from qingyuan.showing.map_layer import LAYERS, Feature, LegendEntry, MapLayer, Symbol, View
from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.air import air_editions

NONE = LegendEntry("none", "#8b979c", Text("无实时 AQI", "No AQI now"), "ring")


@LAYERS
@dataclass(frozen=True)
class AirQuality(MapLayer):
    """Ambient-air stations by the level of their newest hour."""

    code: ClassVar[str] = "air_quality"
    title: ClassVar[Text] = Text("空气质量", "Air quality")
    source: ClassVar[Source] = Source("HJ 633-2026", "4.2.3", "the hourly index, computed from stored readings")
    group: ClassVar[Text] = Text("环境质量", "Environment quality")
    symbol: ClassVar[Symbol] = Symbol.STATION
    visible: ClassVar[bool] = False
    legend: ClassVar[tuple[LegendEntry, ...]] = (
        NONE,
        *(
            LegendEntry(f"level-{one.level}", one.hex, Text(f"{one.numeral} {one.name.zh}", one.name.en), "circle")
            for one in air_editions()[-1].categories
        ),
    )

    def features(self, view: View) -> Iterator[Feature]:
        """Where they stand, with level, index and primary pollutant."""
        for one in air_now(view.viewer, view.at):
            point = Point(one.station.lon, one.station.lat)
            if view.shows(point):
                hour = one.at if isinstance(one.at, datetime) else view.at
                day = hour.astimezone(SHANGHAI).date().isoformat()
                href = reverse("air-hours", kwargs={"code": one.station.code, "day": day})
                key, state = (one.chip.key, one.words) if one.chip else (NONE.value, "")
                yield Feature(point, one.station.title, state, key, href, one.station.code)
