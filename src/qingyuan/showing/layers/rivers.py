from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from qingyuan.places.geometry import from_wkb
from qingyuan.places.queries import water_bodies
from qingyuan.showing.map_layer import LAYERS, Feature, MapLayer, Symbol, View, simplified
from qingyuan_science.plugins import Source, Text


@LAYERS
@dataclass(frozen=True)
class Rivers(MapLayer):
    """Rivers and lakes; everybody may see them."""

    code: ClassVar[str] = "rivers"
    title: ClassVar[Text] = Text("河流", "Rivers")
    source: ClassVar[Source] = Source("Qingyuan", "places", "water bodies as drawn in the administration pages")
    group: ClassVar[Text] = Text("水系", "Water")
    symbol: ClassVar[Symbol] = Symbol.LINE

    def features(self, view: View) -> Iterator[Feature]:
        """The courses, drawn downstream."""
        for body in water_bodies():
            shape = from_wkb(body.shape)
            if view.shows(shape):
                yield Feature(simplified(shape), body.title)
