from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from django.urls import reverse
from shapely import Point

from qingyuan.kit.clock import SHANGHAI
from qingyuan.places.queries import PointClass, of_class, stations
from qingyuan.showing.map_layer import LAYERS, Feature, LegendEntry, MapLayer, Symbol, View
from qingyuan_science.plugins import Source, Text


@dataclass(frozen=True)
class OfClass(MapLayer):
    """Base of the layers of point classes: the points of one class, so that each can be shown alone."""

    source: ClassVar[Source] = Source("Qingyuan", "places", "control lists, drinking-water sources, district key areas")
    group: ClassVar[Text] = Text("点位分级", "Point classes")
    symbol: ClassVar[Symbol] = Symbol.STATION
    visible: ClassVar[bool] = False
    point_class: ClassVar[PointClass]

    def features(self, view: View) -> Iterator[Feature]:
        """Where they stand."""
        on = view.at.astimezone(SHANGHAI).date()
        for one in stations(view.viewer).filter(of_class(self.point_class, on)):
            if view.shows(Point(one.lon, one.lat)):
                href = reverse("station", kwargs={"code": one.code})
                detail = f"{one.kind_title} · {one.code}"
                title = str(self.point_class.label)
                yield Feature(Point(one.lon, one.lat), one.title, title, str(self.point_class), href, detail)


def _legend(value: PointClass, colour: str, title: Text, shape: str) -> tuple[LegendEntry, ...]:
    return (LegendEntry(str(value), colour, title, shape),)


@LAYERS
@dataclass(frozen=True)
class NationalPoints(OfClass):
    """Points that are state-controlled."""

    code: ClassVar[str] = "points_national"
    title: ClassVar[Text] = Text("国控点位", "State-controlled points")
    point_class: ClassVar[PointClass] = PointClass.NATIONAL
    legend: ClassVar[tuple[LegendEntry, ...]] = _legend(
        PointClass.NATIONAL, "#b5161b", Text("国控", "State"), "octagon"
    )


@LAYERS
@dataclass(frozen=True)
class ProvincialPoints(OfClass):
    """Points that are provincially controlled."""

    code: ClassVar[str] = "points_provincial"
    title: ClassVar[Text] = Text("省控点位", "Provincially controlled points")
    point_class: ClassVar[PointClass] = PointClass.PROVINCIAL
    legend: ClassVar[tuple[LegendEntry, ...]] = _legend(
        PointClass.PROVINCIAL, "#ae4a04", Text("省控", "Province"), "triangle"
    )


@LAYERS
@dataclass(frozen=True)
class MunicipalPoints(OfClass):
    """Points of city-controlled key enterprises."""

    code: ClassVar[str] = "points_municipal"
    title: ClassVar[Text] = Text("市控重点监管企业点位", "Points of city-controlled key enterprises")
    point_class: ClassVar[PointClass] = PointClass.MUNICIPAL
    legend: ClassVar[tuple[LegendEntry, ...]] = _legend(PointClass.MUNICIPAL, "#1d58b8", Text("市控", "City"), "square")


@LAYERS
@dataclass(frozen=True)
class DistrictPoints(OfClass):
    """Points of district key areas."""

    code: ClassVar[str] = "points_district"
    title: ClassVar[Text] = Text("区级重点区域点位", "Points of district key areas")
    point_class: ClassVar[PointClass] = PointClass.DISTRICT
    legend: ClassVar[tuple[LegendEntry, ...]] = _legend(
        PointClass.DISTRICT, "#6b3fa0", Text("区级重点区域", "District key area"), "ring"
    )


@LAYERS
@dataclass(frozen=True)
class DrinkingPoints(OfClass):
    """Points at drinking-water sources."""

    code: ClassVar[str] = "points_drinking"
    title: ClassVar[Text] = Text("饮用水源地点位", "Points at drinking-water sources")
    point_class: ClassVar[PointClass] = PointClass.DRINKING
    legend: ClassVar[tuple[LegendEntry, ...]] = _legend(
        PointClass.DRINKING, "#14703a", Text("饮用水源地", "Drinking-water source"), "circle"
    )
