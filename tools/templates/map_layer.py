from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from qingyuan.showing.map_layer import LAYERS, Feature, LegendEntry, MapLayer, Symbol, View
from qingyuan_science.plugins import Source, Text


@LAYERS
@dataclass(frozen=True)
class NameOfThePlugin(MapLayer):
    """TODO in one sentence: which objects are drawn."""

    code: ClassVar[str] = "code_of_the_plugin"
    title: ClassVar[Text] = Text("TODO 名称", "TODO what people call it")
    source: ClassVar[Source] = Source("TODO where the objects come from", "TODO stage or document")
    group: ClassVar[Text] = Text("TODO 分组", "TODO the branch of the tree that it stands in")
    symbol: ClassVar[Symbol] = Symbol.POINT
    legend: ClassVar[tuple[LegendEntry, ...]] = (
        LegendEntry("in-order", "#14703a", Text("TODO 状态", "TODO a state; from the best to the worst"), "circle"),
    )

    def features(self, view: View) -> Iterator[Feature]:
        """TODO in one sentence: what an object shows."""
        # TODO read through a `queries` module that narrows to view.viewer, with at most three queries; for each object
        # that view.shows: yield Feature(point, title, state, colour_key, href, detail)
        raise NotImplementedError("TODO code_of_the_plugin.features: expected the objects that the viewer may see")
