from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from qingyuan.showing.layers import _cells
from qingyuan.showing.map_layer import LAYERS, Feature, MapLayer, Symbol, View
from qingyuan_science.plugins import Source, Text


@LAYERS
@dataclass(frozen=True)
class Communities(MapLayer):
    """Grid cells of the third level."""

    code: ClassVar[str] = "communities"
    title: ClassVar[Text] = Text("村与社区", "Communities")
    source: ClassVar[Source] = _cells.SOURCE
    group: ClassVar[Text] = _cells.GROUP
    symbol: ClassVar[Symbol] = Symbol.AREA
    visible: ClassVar[bool] = False

    def features(self, view: View) -> Iterator[Feature]:
        """The communities."""
        return _cells.cells_of(view, 3)
