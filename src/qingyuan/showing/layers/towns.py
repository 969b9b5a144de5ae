from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from qingyuan.showing.layers import _cells
from qingyuan.showing.map_layer import LAYERS, Feature, MapLayer, Symbol, View
from qingyuan_science.plugins import Source, Text


@LAYERS
@dataclass(frozen=True)
class Towns(MapLayer):
    """Grid cells of the second level."""

    code: ClassVar[str] = "towns"
    title: ClassVar[Text] = Text("街道与镇", "Towns")
    source: ClassVar[Source] = _cells.SOURCE
    group: ClassVar[Text] = _cells.GROUP
    symbol: ClassVar[Symbol] = Symbol.AREA

    def features(self, view: View) -> Iterator[Feature]:
        """The towns."""
        return _cells.cells_of(view, 2)
