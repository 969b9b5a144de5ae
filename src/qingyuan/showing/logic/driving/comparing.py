"""Several drives over the same roads, averaged over squares of ground."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from shapely import box

from qingyuan.showing.logic.driving.classes import Classes
from qingyuan.showing.logic.driving.looking import DriveLook
from qingyuan.showing.map_layer import Feature
from qingyuan_science.mobile import Square, mean_along, squares
from qingyuan_science.mobile.squares import SIZE_M

MOST = 10  # drives that are compared at once; our own choice


@dataclass(frozen=True)
class OfDrive:
    """A drive beside the others: its mean over the way, and over the squares that all of them passed. [unit]"""

    look: DriveLook
    mean: float
    shared: float
    squares: int


class Compared:
    """Drives by one factor."""

    def __init__(self, looks: Sequence[DriveLook]) -> None:
        self.looks = list(looks)[:MOST]

    @cached_property
    def squares(self) -> tuple[Square, ...]:
        return squares([one.placed for one in self.looks])

    @cached_property
    def shared(self) -> list[Square]:
        """The squares that every drive passed."""
        return [one for one in self.squares if one.drives == len(self.looks)]

    @cached_property
    def classes(self) -> Classes:
        words = next((one.words for one in self.looks if one.words), None)
        values = np.array([one.median for one in self.squares])
        return Classes.of(values, words.unit if words else "", words.decimals if words else 0)

    @cached_property
    def rows(self) -> list[OfDrive]:
        found = []
        for number, look in enumerate(self.looks):
            own = [one.of_drive(number) for one in self.squares]
            shared = [one.of_drive(number) for one in self.shared]
            mean = float(np.mean(shared)) if shared else float("nan")
            found.append(OfDrive(look, mean_along(look.placed), mean, sum(np.isfinite(own))))
        return found

    def highest(self, count: int) -> list[Square]:
        """The squares with the highest median, of those that all drives passed."""
        return sorted(self.shared, key=lambda one: -one.median)[:count]

    def features(self) -> list[dict[str, object]]:
        """The squares as GeoJSON, in classes by the median of their passes."""
        numbers = self.classes.numbers(np.array([one.median for one in self.squares]))
        unit, decimals = self.classes.unit, self.classes.decimals
        return [
            Feature(
                box(one.west, one.south, one.east, one.north), f"{one.median:,.{decimals}f} {unit}",
                colour_key=str(int(number)),
                detail=" · ".join(f"{mean:,.{decimals}f}" for _drive, mean in one.passes),
            ).as_geojson()
            for one, number in zip(self.squares, numbers, strict=True)
        ]  # fmt: skip


__all__ = ["MOST", "SIZE_M", "Compared", "OfDrive"]
