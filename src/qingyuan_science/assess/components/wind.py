"""Concentrations by the direction from which the wind comes."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.assess.components.species import TABLE
from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.sourced import tables_of

Values = NDArray[np.float64]

SECTORS: Final = tuple(
    Text(zh, en)
    for zh, en in (
        ("北", "N"), ("北东北", "NNE"), ("东北", "NE"), ("东东北", "ENE"),
        ("东", "E"), ("东东南", "ESE"), ("东南", "SE"), ("南东南", "SSE"),
        ("南", "S"), ("南西南", "SSW"), ("西南", "SW"), ("西西南", "WSW"),
        ("西", "W"), ("西西北", "WNW"), ("西北", "NW"), ("北西北", "NNW"),
    )
)  # fmt: skip
"""The sixteen directions, clockwise from north."""

STILL: Final = len(SECTORS)
"""The place of still air, behind the directions."""

_WIDTH: Final = 360.0 / len(SECTORS)


@dataclass(frozen=True)
class Sector:
    """The hours with wind from one direction.

    Parameters
    ----------
    title : Text
    direction : float
        Middle of the sector; NaN for still air. [°]
    hours : int
        Hours with wind from there. [1]
    counted : int
        Of these, hours with a valid concentration. [1]
    speed : float
        Mean wind speed in these hours; NaN without hours. [m/s]
    mean : float
        Mean concentration over the counted hours; NaN without any. [unit of the concentration]
    """

    title: Text
    direction: float
    hours: int
    counted: int
    speed: float
    mean: float


def by_sector(direction: Values, speed: Values, values: Values) -> tuple[Sector, ...]:
    """Part hours by the direction from which the wind comes.

    Parameters
    ----------
    direction : float array, shape (n,)
        From where the wind comes, clockwise from north, NaN where unknown. [°]
    speed : float array, shape (n,)
        NaN where unknown. [m/s]
    values : float array, shape (n,)
        Concentrations, NaN where there is no valid one.

    Returns
    -------
    tuple of Sector
        Sixteen directions from north on, then still air. Hours of unknown wind are in none.

    Source
    ------
    Sixteen directions of 22.5°, the first around north, as synoptic observers use. Still air is force 0 of
    GB/T 28591-2012, below 0.3 m/s; its direction says nothing.

    Examples
    --------
    >>> speed, values = np.array([2.0, 2.0, 1.0, 0.1]), np.array([8.0, 4.0, 5.0, 9.0])
    >>> parted = by_sector(np.array([350.0, 10.0, 90.0, 90.0]), speed, values)
    >>> [(one.title.en, one.hours, one.mean) for one in parted if one.hours]
    [('N', 2, 6.0), ('E', 1, 5.0), ('still air', 1, 9.0)]
    """
    place = sector_places(direction, speed)
    sectors = [
        _sector(title, number * _WIDTH, (place == number), (speed, values)) for number, title in enumerate(SECTORS)
    ]
    return (*sectors, _sector(Text("静风", "still air"), float("nan"), place == STILL, (speed, values)))


def sector_places(direction: Values, speed: Values) -> NDArray[np.int_]:
    """Which sector each hour belongs to.

    Parameters
    ----------
    direction : float array, shape (n,)
        From where the wind comes, clockwise from north, NaN where unknown. [°]
    speed : float array, shape (n,)
        NaN where unknown. [m/s]

    Returns
    -------
    int array, shape (n,)
        Place in `SECTORS`, `STILL` for still air, -1 where the wind is unknown.

    Source
    ------
    As `by_sector`.

    Examples
    --------
    >>> sector_places(np.array([350.0, 90.0, 90.0, np.nan]), np.array([2.0, 1.0, 0.1, 2.0])).tolist()
    [0, 4, 16, -1]
    """
    known = np.isfinite(speed)
    still = known & (speed < _calm())
    blows = known & ~still & np.isfinite(direction)
    place = np.full(direction.shape, -1)
    place[blows] = np.floor((direction[blows] + _WIDTH / 2) % 360.0 / _WIDTH).astype(int)
    place[still] = STILL
    return place


def mean_direction(direction: Values, speed: Values) -> float:
    """Mean direction of the wind, weighted by its speed.

    Parameters
    ----------
    direction : float array, shape (n,)
        [°]
    speed : float array, shape (n,)
        [m/s]

    Returns
    -------
    float
        Direction of the mean of the wind vectors; NaN without hours, or where they cancel. [°]

    Source
    ------
    Vector mean; the mean of figures in degrees fails across north.

    Examples
    --------
    >>> round(mean_direction(np.array([350.0, 20.0]), np.array([2.0, 2.0])), 6)
    5.0
    """
    known = np.isfinite(direction) & np.isfinite(speed)
    angle, length = np.radians(direction[known]), speed[known]
    east, north = float((np.sin(angle) * length).sum()), float((np.cos(angle) * length).sum())
    if not known.any() or np.hypot(east, north) < 1e-9:
        return float("nan")
    return float(np.degrees(np.arctan2(east, north)) % 360.0)


def calm_source() -> Source:
    """Name the standard that says what still air is.

    Returns
    -------
    Source

    Source
    ------
    GB/T 28591-2012.
    """
    return tables_of(TABLE, "calm")[0].source


def _calm() -> float:
    return float(tables_of(TABLE, "calm")[0].rows[0]["below"])


def _sector(title: Text, direction: float, inside: NDArray[np.bool_], hours: tuple[Values, Values]) -> Sector:
    speed, values = hours
    counted = inside & np.isfinite(values)
    return Sector(
        title, direction, int(inside.sum()), int(counted.sum()),
        float(speed[inside].mean()) if inside.any() else float("nan"),
        float(values[counted].mean()) if counted.any() else float("nan"),
    )  # fmt: skip
