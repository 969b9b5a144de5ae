"""Means of squares of ground over passes, so that several drives over the same roads can be looked at together."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.mobile.placed import Placed
from qingyuan_science.mobile.track import EARTH_M
from qingyuan_science.series import SECOND

SIZE_M, APART_S = 50.0, 60.0
Key = tuple[int, int]


@dataclass(frozen=True)
class Square:
    """What was measured over one square.

    Parameters
    ----------
    west, south, east, north : float
        [degree]
    passes : tuple of (int, float)
        Of each pass the drive, counted from 0, and its mean over the way. [unit]
    """

    west: float
    south: float
    east: float
    north: float
    passes: tuple[tuple[int, float], ...]

    @property
    def median(self) -> float:
        """The median of the passes. [unit]"""
        return float(np.median([mean for _drive, mean in self.passes]))

    @property
    def drives(self) -> int:
        """In how many drives it was passed."""
        return len({drive for drive, _mean in self.passes})

    def of_drive(self, drive: int) -> float:
        """Return the median of the passes of one drive; NaN without any. [unit]"""
        own = [mean for one, mean in self.passes if one == drive]
        return float(np.median(own)) if own else float("nan")


def squares(drives: Sequence[Placed], size: float = SIZE_M, apart: float = APART_S) -> tuple[Square, ...]:
    """Average drives over squares of ground, each pass once.

    Parameters
    ----------
    drives : sequence of Placed
    size : float
        Side of a square. [m]
    apart : float
        Who comes back after so long passes again. [s]

    Returns
    -------
    tuple of Square
        From the south-west on; only what was passed.

    Source
    ------
    Apte et al. 2017, Environ. Sci. Technol. 51: means of passes over 30 m of road, and the median of these. Squares of
    50 m in place of pieces of road, which no map of roads is needed for, and a mean over the way in place of one over
    time are our own choice.

    Examples
    --------
    >>> way = np.array([0.0, 10.0, 20.0])
    >>> one, other = (
    ...     Placed(np.arange(3) * SECOND, np.full(3, value), 106.0 + way / 1e6, np.full(3, 29.0), way)
    ...     for value in (30.0, 50.0)
    ... )
    >>> [(found.median, found.drives) for found in squares([one, other])]
    [(40.0, 2)]
    """
    if not any(len(one) for one in drives):
        return ()
    lat = float(np.median(np.concatenate([one.lat for one in drives])))
    high = np.degrees(size / EARTH_M)
    wide = high / max(np.cos(np.radians(round(lat, 1))), 0.01)
    passes: dict[Key, list[tuple[int, float]]] = defaultdict(list)
    for number, drive in enumerate(drives):
        column, row = (np.floor(one / step).astype(np.int64) for one, step in ((drive.lon, wide), (drive.lat, high)))
        for key, mean in _passes(drive, column, row, apart):
            passes[key].append((number, mean))
    return tuple(
        Square(x * wide, y * high, (x + 1) * wide, (y + 1) * high, tuple(passes[x, y]))
        for x, y in sorted(passes, key=lambda key: (key[1], key[0]))
    )


def _passes(drive: Placed, column: NDArray[np.int64], row: NDArray[np.int64], apart: float) -> list[tuple[Key, float]]:
    """The mean of each pass over each square, in the order in which they began."""
    found: dict[Key, list[list[int]]] = defaultdict(list)
    weight = drive.metres
    for place, key in enumerate(zip(column.tolist(), row.tolist(), strict=True)):
        own = found[key]
        if own and drive.at[place] - drive.at[own[-1][-1]] <= apart * SECOND:
            own[-1].append(place)
        else:
            own.append([place])
    means = [
        (run[0], key, _mean(drive.value[run], weight[run])) for key, runs in found.items() for run in runs
    ]  # fmt: skip
    return [(key, mean) for _first, key, mean in sorted(means)]


def _mean(value: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    return float((value * weight).sum() / weight.sum()) if weight.sum() > 0 else float(value.mean())
