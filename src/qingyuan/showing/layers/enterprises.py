from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from django.urls import reverse
from django.utils.translation import get_language
from shapely import Point

from qingyuan.places.queries import enterprises
from qingyuan.showing.map_layer import LAYERS, Feature, MapLayer, Symbol, View
from qingyuan_science.plugins import Source, Text


@LAYERS
@dataclass(frozen=True)
class Enterprises(MapLayer):
    """One enterprise, one file."""

    code: ClassVar[str] = "enterprises"
    title: ClassVar[Text] = Text("企业", "Enterprises")
    source: ClassVar[Source] = Source("Qingyuan", "places", "the list of fixed sources")
    group: ClassVar[Text] = Text("污染源", "Sources")
    symbol: ClassVar[Symbol] = Symbol.ENTERPRISE

    def features(self, view: View) -> Iterator[Feature]:
        """Where they stand, with their trade."""
        in_chinese = (get_language() or "zh").startswith("zh")
        for enterprise in enterprises(view.viewer):
            point = Point(enterprise.lon, enterprise.lat)
            if view.shows(point):
                trade = enterprise.industry_zh if in_chinese else enterprise.industry_en
                href = reverse("enterprise", kwargs={"code": enterprise.code})
                yield Feature(point, enterprise.title, href=href, detail=f"{trade} ({enterprise.industry_code})")
