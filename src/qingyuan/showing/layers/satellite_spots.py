from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from django.urls import reverse
from shapely import Point

from qingyuan.judging.queries import ProblemState, problem_of_spots
from qingyuan.kit.clock import SHANGHAI
from qingyuan.sensing.queries import spots
from qingyuan.showing.map_layer import LAYERS, Feature, LegendEntry, MapLayer, Symbol, View
from qingyuan_science.plugins import Source, Text

MOST = 5000  # drawn at once, the newest; our own choice


@LAYERS
@dataclass(frozen=True)
class SatelliteSpots(MapLayer):
    """What satellites saw in the last days, by what became of it."""

    code: ClassVar[str] = "satellite_spots"
    title: ClassVar[Text] = Text("卫星观测点", "Satellite spots")
    source: ClassVar[Source] = Source("Qingyuan", "judging", "suspected problems joined from products of satellites")
    group: ClassVar[Text] = Text("卫星遥感", "Satellites")
    symbol: ClassVar[Symbol] = Symbol.STATION
    timed: ClassVar[bool] = True
    legend: ClassVar[tuple[LegendEntry, ...]] = (
        LegendEntry(ProblemState.EXCLUDED, "#55646b", Text("排除区域内", "At an excluded place"), "ring"),
        LegendEntry(ProblemState.NO_RULE, "#8b979c", Text("无适用规则", "No rule fits"), "circle"),
        LegendEntry(ProblemState.UNSURE, "#1d58b8", Text("可信度不足", "Not sure enough"), "square"),
        LegendEntry(ProblemState.CLUE, "#ae4a04", Text("已列为线索", "Made a clue"), "triangle"),
    )

    def features(self, view: View) -> Iterator[Feature]:
        """Where they are, what was seen, by which satellite, when and how sure; it leads to the suspected problem."""
        since = view.at - timedelta(days=view.days)
        found = list(spots(view.viewer).filter(observed_at__gte=since).order_by("-observed_at", "-pk")[:MOST])
        problems = problem_of_spots([one.pk for one in found])
        for one in found:
            point, problem = Point(one.lon, one.lat), problems.get(one.pk)
            if problem is None or not view.shows(point):
                continue
            satellite = f"{one.satellite} ({one.instrument})" if one.instrument else one.satellite
            at = f"{one.observed_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
            detail = " · ".join(part for part in (at, satellite, str(one.get_sureness_display()), problem.why) if part)
            href = f"{reverse('problem', kwargs={'problem_id': problem.pk})}#spot-{one.pk}"
            title, state = str(one.get_kind_display()), str(problem.get_state_display())
            yield Feature(point, title, state, problem.state, href, detail)
