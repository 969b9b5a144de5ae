"""What a map layer is: one file with its legend and one method that answers features; it needs no TypeScript."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple

from django.utils.translation import get_language
from shapely import box, simplify
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from qingyuan.people.queries import User
from qingyuan_science.plugins import Plugin, Registry, Text

SIMPLIFY_TO = 0.00005  # some 5 m: below a pixel of the closest view; [degree]


class Symbol(StrEnum):
    """How the map draws a layer; a new member needs a file in `web/islands/map`."""

    AREA = "area"
    LINE = "line"
    POINT = "point"
    STATION = "station"
    ENTERPRISE = "enterprise"
    CASE = "case"


class Area(NamedTuple):
    """A part of the map in WGS-84. [degree]"""

    west: float
    south: float
    east: float
    north: float

    def meets(self, shape: BaseGeometry) -> bool:
        """Whether anything of the shape lies in the area."""
        return bool(box(*self).intersects(shape))


@dataclass(frozen=True)
class LegendEntry:
    """One state of a layer: a word, a colour and a shape, always the three."""

    value: str
    colour: str
    title: Text
    shape: str

    def for_people(self, language: str) -> dict[str, str]:
        """The entry in one language."""
        title = self.title.in_language(language)
        return {"value": self.value, "colour": self.colour, "title": title, "shape": self.shape}


@dataclass(frozen=True)
class Feature:
    """One object of a layer; `colour_key` is a value of the legend."""

    geometry: BaseGeometry
    title: str
    state: str = ""
    colour_key: str = ""
    href: str = ""
    detail: str = ""

    def as_geojson(self) -> dict[str, Any]:
        """The object as RFC 7946 writes it, with the properties that the map reads."""
        names = ("title", "state", "colour_key", "href", "detail")
        properties = {name: getattr(self, name) or None for name in names}
        return {"type": "Feature", "geometry": mapping(self.geometry), "properties": properties}


class View(NamedTuple):
    """Who looks, at which part of the map, when, and how many days back where a layer has a time."""

    viewer: User
    at: datetime
    area: Area | None = None
    days: int = 7

    def shows(self, shape: BaseGeometry) -> bool:
        """Whether the shape is in the part looked at."""
        return self.area is None or self.area.meets(shape)


@dataclass(frozen=True)
class MapLayer(Plugin):
    """Base of every map layer.

    Notes
    -----
    `legend` goes from the best state to the worst; a cluster of symbols shows the worst that it holds. A layer with an
    empty legend has one look. What a layer that is `timed` shows goes `View.days` back. Areas of a layer that is not
    `labelled` carry their titles only in lists.
    """

    kind: ClassVar[Text] = Text("地图图层", "Map layer")
    group: ClassVar[Text]
    symbol: ClassVar[Symbol]
    visible: ClassVar[bool] = True
    timed: ClassVar[bool] = False
    labelled: ClassVar[bool] = True
    legend: ClassVar[tuple[LegendEntry, ...]] = ()

    def features(self, view: View) -> Iterator[Feature]:
        """What the viewer may see of this layer in the area, by at most three queries."""
        raise NotImplementedError(f"{type(self).__name__} has no features")

    def described(self, url: str, spans: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
        """The layer as the map's tree and legend need it."""
        language = get_language() or "zh-hans"
        return {
            "code": self.code,
            "title": self.title.in_language(language),
            "group": self.group.in_language(language),
            "symbol": self.symbol,
            "url": url,
            "visible": self.visible,
            "legend": [entry.for_people(language) for entry in self.legend],
            **({"spans": list(spans)} if self.timed else {}),
            **({} if self.labelled else {"unlabelled": True}),
        }


LAYERS: Registry[MapLayer] = Registry(MapLayer)


def simplified(shape: BaseGeometry) -> BaseGeometry:
    """The shape with the points left out that no view would show."""
    return simplify(shape, SIMPLIFY_TO, preserve_topology=True)
