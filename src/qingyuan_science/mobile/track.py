"""Positions of something that moves: what of them can be true, where it stood, and where one drive ends."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qingyuan_science.series import SECOND, Series

Floats = NDArray[np.float64]
EARTH_M = 6_371_008.8  # mean radius of the globe
FASTEST_M_S = 50.0  # 180 km/h: no vehicle measures faster; our own choice
LEAST_RUN = 5  # positions that agree with each other are believed after a jump; our own choice
STOP_M, STOP_S = 30.0, 20.0  # within so far for so long it stands; our own choice, some three times the error of GPS
GAP_S = 600.0  # without a position for so long the drive has ended; our own choice
REST_S = 1800.0  # standing for so long ends it too; our own choice
LEAST_M = 200.0  # what is shorter is no drive; our own choice


@dataclass(frozen=True, eq=False)
class Track:
    """Positions in order, as they were believed.

    Parameters
    ----------
    at : ndarray of int64, shape (n,)
        [µs since 1970 UTC]
    lon, lat : ndarray of float64, shape (n,)
        WGS-84. [degree]
    """

    at: NDArray[np.int64]
    lon: Floats
    lat: Floats

    def __len__(self) -> int:
        """Return the number of positions."""
        return int(self.at.size)

    @cached_property
    def broken(self) -> NDArray[np.bool_]:
        """Whether nothing is known of the way to the next position, or it was jumped over, shape (n - 1,)."""
        seconds = np.diff(self.at) / SECOND
        return (seconds > GAP_S) | (distances(self.lon, self.lat) > FASTEST_M_S * seconds)

    @cached_property
    def halts(self) -> "tuple[Stop, ...]":
        """When it stood, as `stops` finds it."""
        return stops(self)

    @cached_property
    def along(self) -> Floats:
        """The way from the first position on, shape (n,). [m]

        Without what is broken; while it stands, positions that wander by the error of GPS make no way.
        """
        steps = np.where(self.broken, 0.0, distances(self.lon, self.lat))
        for one in self.halts:
            steps[one.first : one.last] = 0.0
            ends = [one.first, one.last]
            steps[one.last - 1] = distances(self.lon[ends], self.lat[ends])[0]
        return np.concatenate(([0.0], np.cumsum(steps))) if len(self) else np.zeros(0)

    @property
    def metres(self) -> float:
        """The whole way. [m]"""
        return float(self.along[-1]) if len(self) else 0.0

    def part(self, first: int, after: int) -> "Track":
        """Return the positions from `first` up to but without `after`."""
        return Track(self.at[first:after], self.lon[first:after], self.lat[first:after])

    def chosen(self, which: NDArray[np.bool_]) -> "Track":
        """Return the positions for which `which` is true."""
        return Track(self.at[which], self.lon[which], self.lat[which])


@dataclass(frozen=True)
class Refused:
    """How many positions were not believed: outside the globe or at (0, 0), and too far from the one before."""

    outside: int = 0
    jumped: int = 0


@dataclass(frozen=True)
class Stop:
    """A time in which it stood, from one position to another, both included."""

    first: int
    last: int
    seconds: float = field(default=0.0)


def distances(lon: ArrayLike, lat: ArrayLike) -> Floats:
    """Return how far each position lies from the one before, on a sphere.

    Parameters
    ----------
    lon, lat : array_like of float, shape (n,)
        [degree]

    Returns
    -------
    ndarray of float64, shape (n - 1,) [m]

    Notes
    -----
    The haversine formula. A sphere is wrong by at most half a hundredth.

    Examples
    --------
    >>> distances([106.0, 106.0], [29.0, 30.0]).round(0).tolist()  # a degree of latitude
    [111195.0]
    """
    east, north = np.radians(np.asarray(lon, np.float64)), np.radians(np.asarray(lat, np.float64))
    half = np.sin(np.diff(north) / 2) ** 2
    half += np.cos(north[:-1]) * np.cos(north[1:]) * np.sin(np.diff(east) / 2) ** 2
    return np.asarray(2 * EARTH_M * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))))


def bearings(lon: float, lat: float, other_lon: ArrayLike, other_lat: ArrayLike) -> Floats:
    """Return in which direction other places lie.

    Parameters
    ----------
    lon, lat : float
        [degree]
    other_lon, other_lat : array_like of float, shape (n,)
        [degree]

    Returns
    -------
    ndarray of float64, shape (n,) [degree from north, clockwise]

    Examples
    --------
    >>> bearings(106.0, 29.0, [106.0, 106.0], [30.0, 28.0]).tolist()
    [0.0, 180.0]
    """
    turn = np.radians(np.asarray(other_lon, np.float64) - lon)
    north, other = np.radians(lat), np.radians(np.asarray(other_lat, np.float64))
    east = np.sin(turn) * np.cos(other)
    ahead = np.cos(north) * np.sin(other) - np.sin(north) * np.cos(other) * np.cos(turn)
    return np.asarray(np.degrees(np.arctan2(east, ahead)) % 360.0)


def track_of(lon: Series, lat: Series, fastest: float = FASTEST_M_S) -> tuple[Track, Refused]:
    """Put longitudes and latitudes of the same instants together, and leave out what cannot be true.

    Parameters
    ----------
    lon, lat : Series
        [degree, WGS-84]
    fastest : float
        A step that would take more than this is a jump. [m/s]

    Returns
    -------
    tuple of Track and Refused

    Notes
    -----
    After a jump a position is believed if it agrees with the last one that was, or with four others around it.
    """
    both, one, other = np.intersect1d(lon.at, lat.at, assume_unique=True, return_indices=True)
    there = lon.valid[one] & lat.valid[other]
    track = Track(both, lon.value[one], lat.value[other]).chosen(there)
    on_globe = (np.abs(track.lon) <= 180.0) & (np.abs(track.lat) <= 90.0) & ((track.lon != 0.0) | (track.lat != 0.0))
    found = track.chosen(on_globe)
    kept = _believed(found, fastest)
    return found.chosen(kept), Refused(len(track) - len(found), int(len(found) - kept.sum()))


def _believed(track: Track, fastest: float) -> NDArray[np.bool_]:
    kept = np.ones(len(track), np.bool_)
    if len(track) < 2:
        return kept
    too_fast = distances(track.lon, track.lat) > fastest * np.diff(track.at) / SECOND
    edges = np.concatenate(([0], np.flatnonzero(too_fast) + 1, [len(track)]))
    last = -1
    for first, after in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if after - first < LEAST_RUN and not (last >= 0 and _reached(track, last, first, fastest)):
            kept[first:after] = len(edges) == 2  # a track of a few positions without any jump
        else:
            last = after - 1
    return kept


def _reached(track: Track, one: int, other: int, fastest: float) -> bool:
    seconds = float(track.at[other] - track.at[one]) / SECOND
    return bool(distances(track.lon[[one, other]], track.lat[[one, other]])[0] <= fastest * seconds)


def stops(track: Track, within: float = STOP_M, least: float = STOP_S) -> tuple[Stop, ...]:
    """Return when it stood.

    Parameters
    ----------
    track : Track
    within : float
        It stands as long as it is not farther than this from where it came to stand. [m]
    least : float
        For at least so long. [s]

    Returns
    -------
    tuple of Stop
        In order.
    """
    found, place, count = [], 0, len(track)
    later = np.searchsorted(track.at, track.at + round(least * SECOND))
    inside = np.flatnonzero(later < count)
    far = np.full(count, True)
    far[inside] = _apart(track, inside, later[inside]) > within
    near = np.flatnonzero(~far)
    while (following := near[np.searchsorted(near, place) :]).size:
        first = int(following[0])
        last = _last_within(track, first, within)
        seconds = float(track.at[last] - track.at[first]) / SECOND
        if seconds >= least:
            found.append(Stop(first, last, seconds))
            place = last + 1
        else:
            place = first + 1
    return tuple(found)


def _apart(track: Track, some: NDArray[np.intp], others: NDArray[np.intp]) -> Floats:
    pairs = np.column_stack((some, others)).ravel()
    return distances(track.lon[pairs], track.lat[pairs])[::2]


def _last_within(track: Track, first: int, within: float) -> int:
    """The last position before it left, or before nothing is known for long."""
    step, last = 256, first
    while last + 1 < len(track):
        some = np.arange(last + 1, min(last + 1 + step, len(track)))
        gone = (_apart(track, np.full(some.size, first), some) > within) | track.broken[some - 1]
        if gone.any():
            return int(some[int(np.argmax(gone))]) - 1
        last = int(some[-1])
    return last


def cut(track: Track, gap: float = GAP_S, rest: float = REST_S, least: float = LEAST_M) -> tuple[tuple[int, int], ...]:
    """Return the drives of a track: where it stood long, or nothing is known of it for long, one ends.

    Parameters
    ----------
    track : Track
    gap : float
        Longest time between two positions of a drive. [s]
    rest : float
        A stop so long ends a drive, and is in none. [s]
    least : float
        Shorter ones are left out. [m]

    Returns
    -------
    tuple of (int, int)
        First position, and the one after the last.
    """
    if len(track) < 2:
        return ()
    after_gap = np.flatnonzero(np.diff(track.at) > gap * SECOND) + 1
    rests = [one for one in track.halts if one.seconds >= rest]
    begins = sorted({0, *after_gap.tolist(), *(one.last for one in rests)})
    ends = sorted({*after_gap.tolist(), *(one.first + 1 for one in rests), len(track)})
    found = []
    for begin in begins:
        end = next((one for one in ends if one > begin), len(track))
        beside = any(one.first < begin < one.last for one in rests)
        if not beside and end - begin > 1 and track.along[end - 1] - track.along[begin] >= least:
            found.append((begin, end))
    return tuple(found)
