from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from django.urls import reverse
from shapely import Point

from qingyuan.places.queries import stations
from qingyuan.showing.map_layer import LAYERS, Feature, LegendEntry, MapLayer, Symbol, View
from qingyuan.showing.states import states_of
from qingyuan_science.plugins import Source, Text


@LAYERS
@dataclass(frozen=True)
class Stations(MapLayer):
    """Stations by what is found at them now, and whether they speak."""

    code: ClassVar[str] = "stations"
    title: ClassVar[Text] = Text("监测站", "Stations")
    source: ClassVar[Source] = Source("Qingyuan", "judging", "the worst open finding of each station")
    group: ClassVar[Text] = Text("监测", "Monitoring")
    symbol: ClassVar[Symbol] = Symbol.STATION
    legend: ClassVar[tuple[LegendEntry, ...]] = (
        LegendEntry("in-order", "#14703a", Text("正常", "In order"), "circle"),
        LegendEntry("mute", "#55646b", Text("无设备", "No device"), "ring"),
        LegendEntry("silent", "#8a5a00", Text("失联", "Silent"), "ring"),
        LegendEntry("notice", "#55646b", Text("提示", "Notice"), "circle"),
        LegendEntry("minor", "#1d58b8", Text("一般", "Minor"), "square"),
        LegendEntry("major", "#ae4a04", Text("较重", "Major"), "triangle"),
        LegendEntry("critical", "#b5161b", Text("严重", "Critical"), "octagon"),
    )

    def features(self, view: View) -> Iterator[Feature]:
        """Where they stand, and how."""
        shown = [one for one in stations(view.viewer) if view.shows(Point(one.lon, one.lat))]
        states = states_of([one.pk for one in shown], view.at)
        for one in shown:
            state = states[one.pk]
            href = reverse("station", kwargs={"code": one.code})
            yield Feature(
                Point(one.lon, one.lat), one.title, state.title, state.key, href, f"{one.kind_title} · {one.code}"
            )
