"""What lies upwind of a place."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qingyuan_science.mobile.track import Floats, bearings, distances

CALM_M_S = 0.5
HALF_WIDTH = 45.0
WITHIN_M = 3000.0


@dataclass(frozen=True)
class Upwind:
    """One of the places asked about: which, how far, in which direction, and how far that is from the wind's. [m, °]"""

    index: int
    metres: float
    bearing: float
    aside: float


def mean_wind(direction: Floats, speed: Floats) -> tuple[float, float]:
    """Return from where the wind came in the mean, and how fast it was.

    Parameters
    ----------
    direction : ndarray of float64, shape (n,)
        [degree from north, clockwise]
    speed : ndarray of float64, shape (n,)
        [m/s]

    Returns
    -------
    tuple of float
        Direction of the mean vector [degree], and the mean speed [m/s]; NaN where nothing is known.

    Examples
    --------
    >>> mean_wind(np.array([350.0, 30.0]), np.array([2.0, 2.0]))
    (10.0, 2.0)
    """
    known = np.isfinite(direction) & np.isfinite(speed)
    if not known.any():
        return float("nan"), float("nan")
    turned, speed = np.radians(direction[known]), speed[known]
    east, north = (speed * np.sin(turned)).sum(), (speed * np.cos(turned)).sum()
    came = float(np.degrees(np.arctan2(east, north)) % 360.0)
    return round(came, 6) % 360.0, float(speed.mean())


def upwind(
    place: tuple[float, float], others: tuple[ArrayLike, ArrayLike], wind: tuple[float, float],
    *, within: float = WITHIN_M, half_width: float = HALF_WIDTH,
) -> tuple[Upwind, ...]:  # fmt: skip
    """Return which of some places lie upwind.

    Parameters
    ----------
    place : tuple of float
        Longitude and latitude of where something was found. [degree]
    others : tuple of array_like
        Longitudes and latitudes. [degree]
    wind : tuple of float
        From where it comes [degree], and how fast [m/s].
    within : float
        Farther ones are left out. [m]
    half_width : float
        A place lies upwind if its direction is not farther from the wind's. [degree]

    Returns
    -------
    tuple of Upwind
        The nearest first. None in calm, below 0.5 m/s, when the direction says nothing, or where no wind is known.

    Notes
    -----
    The distance and the sector are our own choice: wide, because a station of wind stands elsewhere, and because the
    wind turns while a vehicle passes.

    Examples
    --------
    >>> [one.index for one in upwind((106.0, 29.0), ([106.0, 106.0], [29.01, 28.99]), (10.0, 2.0))]
    [0]
    """
    came, speed = wind
    lon, lat = (np.asarray(one, np.float64) for one in others)
    if not np.isfinite(came) or not speed >= CALM_M_S or not lon.size:
        return ()
    from_here = zip(place, (lon, lat), strict=True)
    metres = distances(*(np.column_stack((np.full(lon.size, one), many)).ravel() for one, many in from_here))[::2]
    towards = bearings(*place, lon, lat)
    aside = np.abs((towards - came + 180.0) % 360.0 - 180.0)
    near = np.flatnonzero((metres <= within) & (aside <= half_width))
    found = [Upwind(int(one), float(metres[one]), float(towards[one]), float(aside[one])) for one in near]
    return tuple(sorted(found, key=lambda one: one.metres))
