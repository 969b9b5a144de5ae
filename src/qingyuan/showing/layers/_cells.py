"""What the layers of grid cells share."""

from collections.abc import Iterator

from qingyuan.places.geometry import from_wkb
from qingyuan.places.queries import cells
from qingyuan.showing.map_layer import Feature, View, simplified
from qingyuan_science.plugins import Source, Text

GROUP = Text("网格", "Grid")
SOURCE = Source("Qingyuan", "places", "the bureau's own grid, as drawn in its administration pages")


def cells_of(view: View, level: int) -> Iterator[Feature]:
    """The cells of one level."""
    for cell in cells(view.viewer, level):
        shape = from_wkb(cell.shape)
        if view.shows(shape):
            yield Feature(simplified(shape), cell.title, detail=cell.code)
