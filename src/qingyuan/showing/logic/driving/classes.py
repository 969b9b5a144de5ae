"""Classes of values, so that a track or a square can be coloured; the legend says their bounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qingyuan.showing.map_layer import LegendEntry
from qingyuan_science.plugins import Text

COLOURS = (
    "#3b6fb6",
    "#59a5a0",
    "#a7b84b",
    "#e0a030",
    "#d8632a",
    "#a3142a",
)  # from low to high, also told apart in grey
_SHARES = (40.0, 65.0, 85.0, 95.0, 99.0)  # of the readings lie below each bound; our own choice


@dataclass(frozen=True)
class Classes:
    """Bounds between classes, ascending, in a unit."""

    bounds: tuple[float, ...]
    unit: str
    decimals: int

    @classmethod
    def of(cls, values: NDArray[np.float64], unit: str, decimals: int) -> "Classes":
        """Bounds so that the common values share the first colours and the highest hundredth has its own."""
        known = values[np.isfinite(values)]
        if not known.size:
            return cls((), unit, decimals)
        rounded = [round(float(one), decimals) for one in np.percentile(known, _SHARES)]
        return cls(tuple(sorted(set(rounded))), unit, decimals)

    def numbers(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """The class of each value, counted from 0."""
        return np.searchsorted(np.asarray(self.bounds), values, side="right").astype(np.int64)

    def legend(self, shape: str) -> tuple[LegendEntry, ...]:
        """The classes from low to high, with their bounds and unit."""
        if not self.bounds:
            return ()
        words = [self._written(one) for one in self.bounds]
        titles = [f"< {words[0]}", *(f"{low} – {high}" for low, high in pairwise(words))]
        titles.append(f"≥ {words[-1]}")
        chosen = _spread(len(titles))
        return tuple(
            LegendEntry(str(number), COLOURS[chosen[number]], Text(title, title), shape)
            for number, title in enumerate(f"{one} {self.unit}".strip() for one in titles)
        )

    def _written(self, value: float) -> str:
        return f"{value:,.{self.decimals}f}"


def _spread(count: int) -> Sequence[int]:
    """Colours far apart where there are few classes."""
    return [round(one) for one in np.linspace(0, len(COLOURS) - 1, count)]
