from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from django.urls import reverse
from shapely import Point

from qingyuan.dispatching.queries import cases
from qingyuan.judging.queries import SeverityLevel
from qingyuan.showing.map_layer import LAYERS, Feature, LegendEntry, MapLayer, Symbol, View
from qingyuan.showing.standing import standing_of
from qingyuan.showing.states import SEVERITY_KEYS
from qingyuan_science.plugins import Source, Text


@LAYERS
@dataclass(frozen=True)
class Cases(MapLayer):
    """Open cases by severity, where they are."""

    code: ClassVar[str] = "cases"
    title: ClassVar[Text] = Text("未结案件", "Open cases")
    source: ClassVar[Source] = Source("Qingyuan", "dispatching", "cases that are not closed")
    group: ClassVar[Text] = Text("处置", "Casework")
    symbol: ClassVar[Symbol] = Symbol.CASE
    legend: ClassVar[tuple[LegendEntry, ...]] = (
        LegendEntry("notice", "#55646b", Text("提示", "Notice"), "circle"),
        LegendEntry("minor", "#1d58b8", Text("一般", "Minor"), "square"),
        LegendEntry("major", "#ae4a04", Text("较重", "Major"), "triangle"),
        LegendEntry("critical", "#b5161b", Text("严重", "Critical"), "octagon"),
    )

    def features(self, view: View) -> Iterator[Feature]:
        """Where they are, how they stand and with whom."""
        for one in cases(view.viewer).filter(closed_at=None):
            point = Point(one.place.lon, one.place.lat)
            if view.shows(point):
                standing = standing_of(one, view.at)
                href = reverse("case", kwargs={"case_id": one.pk})
                detail = " · ".join(part for part in (one.title, standing.state, standing.holder) if part)
                severity = str(SeverityLevel(one.gravest).label)
                yield Feature(point, one.number, severity, SEVERITY_KEYS[one.gravest], href, detail)
