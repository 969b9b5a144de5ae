from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from django.urls import reverse
from shapely import Point

from qingyuan.places.queries import outfalls, territories_remembered
from qingyuan.showing.logic.outfalls.lights import DARK, GREEN, RED, TITLES, YELLOW, lights_of
from qingyuan.showing.map_layer import LAYERS, Feature, LegendEntry, MapLayer, Symbol, View
from qingyuan_science.plugins import Source, Text


@LAYERS
@dataclass(frozen=True)
class Outfalls(MapLayer):
    """River outfalls by what is going on there now; no grade of an assessment."""

    code: ClassVar[str] = "outfalls"
    title: ClassVar[Text] = Text("入河排污口", "River outfalls")
    source: ClassVar[Source] = Source("Qingyuan", "places", "open cases and findings at the stations of each outfall")
    group: ClassVar[Text] = Text("水系", "Water")
    symbol: ClassVar[Symbol] = Symbol.STATION
    legend: ClassVar[tuple[LegendEntry, ...]] = (
        LegendEntry(GREEN, "#14703a", TITLES[GREEN], "circle"),
        LegendEntry(DARK, "#55646b", TITLES[DARK], "ring"),
        LegendEntry(YELLOW, "#8a5a00", TITLES[YELLOW], "triangle"),
        LegendEntry(RED, "#b5161b", TITLES[RED], "octagon"),
    )

    def features(self, view: View) -> Iterator[Feature]:
        """Where they are, with the first reason of their light."""
        with territories_remembered():
            found = outfalls(view.viewer).prefetch_related(None)
            shown = [one for one in found if view.shows(Point(one.lon, one.lat))]
            lights = lights_of(view.viewer, shown, view.at)
        for one in shown:
            light = lights[one.pk]
            href = reverse("outfall", kwargs={"code": one.code})
            detail = " · ".join((one.code, one.water.title, light.reasons[0].text))
            yield Feature(Point(one.lon, one.lat), one.title, light.title, light.key, href, detail)
