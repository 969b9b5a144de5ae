"""Readings at the places where the air was drawn in."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.mobile.track import Floats, Track
from qingyuan_science.series import SECOND, Series

BETWEEN_S = 30.0  # between positions farther apart in time nothing is placed; our own choice


@dataclass(frozen=True, eq=False)
class Placed:
    """Readings along a track.

    Parameters
    ----------
    at : ndarray of int64, shape (n,)
        When the reading was given, as it is stored. [µs since 1970 UTC]
    value : ndarray of float64, shape (n,)
        Valid ones only. [unit]
    lon, lat : ndarray of float64, shape (n,)
        Where its air was drawn in. [degree]
    along : ndarray of float64, shape (n,)
        How far down the track that is. [m]
    unit : str
    """

    at: NDArray[np.int64]
    value: Floats
    lon: Floats
    lat: Floats
    along: Floats
    unit: str = ""

    def __len__(self) -> int:
        """Return the number of readings."""
        return int(self.at.size)

    @property
    def metres(self) -> Floats:
        """How much of the way each reading stands for: half of that from the one before and to the next one. [m]"""
        steps = np.diff(self.along)
        return np.asarray((np.concatenate(([0.0], steps)) + np.concatenate((steps, [0.0]))) / 2)

    def chosen(self, which: NDArray[np.bool_]) -> "Placed":
        """Return the readings for which `which` is true."""
        lon, lat, along = self.lon[which], self.lat[which], self.along[which]
        return Placed(self.at[which], self.value[which], lon, lat, along, self.unit)


def placed(series: Series, track: Track, delay: float = 0.0) -> Placed:
    """Put each valid reading where the vehicle was when its air was drawn in.

    Parameters
    ----------
    series : Series
    track : Track
    delay : float
        How long air takes from the inlet to the reading: residence in the tube and response of the analyser. [s]

    Returns
    -------
    Placed
        Between two positions in a straight line; without the readings that no position is near to.

    Examples
    --------
    >>> track = Track(np.array([0, 10 * SECOND]), np.array([106.0, 106.001]), np.array([29.0, 29.0]))
    >>> late = Series(np.array([8 * SECOND]), np.array([50.0]), np.array(["N"]), "µg/m3")
    >>> placed(late, track, delay=3.0).lon.round(5).tolist()  # drawn in after five seconds, half of the way
    [106.0005]
    """
    at, value = series.at[series.valid], series.value[series.valid]
    drawn = at - round(delay * SECOND)
    if len(track) < 2 or not at.size:
        nothing = np.zeros(0)
        return Placed(at[:0], nothing, nothing, nothing, nothing, series.unit)
    after = np.clip(np.searchsorted(track.at, drawn, side="right"), 1, len(track) - 1)
    before = after - 1
    known = (drawn >= track.at[0]) & (drawn <= track.at[-1]) & ~track.broken[before]
    known &= track.at[after] - track.at[before] <= BETWEEN_S * SECOND
    at, value, drawn = at[known], value[known], drawn[known].astype(np.float64)
    lon, lat, along = (np.interp(drawn, track.at, one) for one in (track.lon, track.lat, track.along))
    return Placed(at, value, lon, lat, along, series.unit)


def mean_along(found: Placed) -> float:
    """Return the mean over the way, so that where it stood counts no more than where it drove.

    Parameters
    ----------
    found : Placed

    Returns
    -------
    float
        Each reading counted by the metres it stands for; where it never moved, the plain mean; NaN without readings.

    Examples
    --------
    >>> standing = np.array([0.0, 0.0, 0.0, 100.0, 200.0])
    >>> there = Placed(np.arange(5), np.array([90.0, 90.0, 90.0, 30.0, 30.0]), standing, standing, standing)
    >>> mean_along(there), float(there.value.mean())
    (45.0, 66.0)
    """
    if not len(found):
        return float("nan")
    weight = found.metres
    return float((weight * found.value).sum() / weight.sum()) if weight.sum() > 0 else float(found.value.mean())
