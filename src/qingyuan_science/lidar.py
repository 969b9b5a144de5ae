"""Scans of lidars: where each ray and distance lies, runs of one class along a ray, and what stands out."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.series import SeriesError

Floats = NDArray[np.float64]
M_A_DEGREE = 111_195.0  # of latitude on the globe; right to a tenth of a per cent over the reach of a lidar
BLIND_M = 150.0  # nearer than that beam and telescope do not overlap enough; our own choice, instruments differ
PERCENTILE, LEAST_GATES = 99.0, 4
WHOLE_TURN = 350.0  # rays that cover so much close to a ring; our own choice [degree]


@dataclass(frozen=True)
class Hotspot:
    """A region of a scan above a threshold.

    Parameters
    ----------
    lon, lat : float
        Its middle, each gate counted by how far it is above the threshold. [degree]
    value, mean : float
        The greatest and the mean. [unit]
    metres, bearing : float
        From the lidar, along the ground [m], and in which direction [degree from north, clockwise].
    height : float
        Of its middle above the lidar. [m]
    area : float
        Of its gates on the ground. [m2]
    gates : int
    ray : int
        The ray of the greatest value.
    """

    lon: float
    lat: float
    value: float
    mean: float
    metres: float
    bearing: float
    height: float
    area: float
    gates: int
    ray: int


@dataclass(frozen=True, eq=False)
class Polar:
    """Values of one scan around a place.

    Parameters
    ----------
    site : tuple of float
        Longitude and latitude of the lidar. [degree]
    azimuth, elevation : ndarray of float, shape (m,)
        Of each ray. [degree]
    ranges : ndarray of float, shape (n,)
        Distances along the beam, ascending. [m]
    values : ndarray of float, shape (m, n)
        NaN where nothing can be said. [unit]
    """

    site: tuple[float, float]
    azimuth: Floats
    elevation: Floats
    ranges: Floats
    values: Floats

    @property
    def widths(self) -> Floats:
        """Over how much of the circle each ray stands: to the middles between it and its neighbours. [degree]"""
        if self.azimuth.size < 2:
            return np.ones(self.azimuth.size)
        steps = np.abs(np.diff(np.unwrap(self.azimuth, period=360.0)))
        usual = float(np.median(steps))
        steps = np.minimum(steps, 2 * usual)
        return np.asarray((np.concatenate(([usual], steps)) + np.concatenate((steps, [usual]))) / 2)

    @property
    def edges(self) -> Floats:
        """Bounds between distances, shape (n + 1,). [m]"""
        middle = (self.ranges[1:] + self.ranges[:-1]) / 2
        first, last = 2 * self.ranges[0] - middle[0], 2 * self.ranges[-1] - middle[-1]
        return np.concatenate(([max(float(first), 0.0)], middle, [last]))

    def place(self, bearing: float | Floats, metres: float | Floats) -> tuple[Floats, Floats]:
        """Return longitude and latitude at bearings [degree] and distances along the ground [m]."""
        turned = np.radians(bearing)
        lat = self.site[1] + np.cos(turned) * metres / M_A_DEGREE
        lon = self.site[0] + np.sin(turned) * metres / (M_A_DEGREE * np.cos(np.radians(self.site[1])))
        return np.asarray(lon), np.asarray(lat)

    def sector(self, ray: int, nearest: float, farthest: float) -> Floats:
        """Return the corners of a piece of a ray between two distances along the beam, shape (5, 2). [degree]"""
        half, flat = self.widths[ray] / 2, np.cos(np.radians(self.elevation[ray]))
        bearing = self.azimuth[ray] + np.array([-half, half, half, -half, -half])
        metres = np.array([nearest, nearest, farthest, farthest, nearest]) * flat
        return np.column_stack(self.place(bearing, metres))


class BadThreshold(SeriesError):
    """A percentile is none."""


def threshold_of(scan: Polar, percentile: float = PERCENTILE, blind: float = BLIND_M) -> float:
    """Return the value that a share of the gates does not reach.

    Parameters
    ----------
    scan : Polar
    percentile : float
        [%]
    blind : float
        Nearer gates do not count. [m]

    Returns
    -------
    float
        NaN without any value. [unit]

    Raises
    ------
    BadThreshold
        The percentile is not between 0 and 100.
    """
    if not 0.0 <= percentile <= 100.0:
        raise BadThreshold(f"found percentile {percentile:g}, expected 0 to 100")
    known = scan.values[:, scan.ranges >= blind]
    known = known[np.isfinite(known)]
    return float(np.percentile(known, percentile)) if known.size else float("nan")


def hotspots(scan: Polar, threshold: float, *, blind: float = BLIND_M, least: int = LEAST_GATES) -> tuple[Hotspot, ...]:
    """Find connected regions of a scan above a threshold.

    Parameters
    ----------
    scan : Polar
    threshold : float
        [unit]
    blind : float
        Nearer gates do not count. [m]
    least : int
        A region has at least so many gates.

    Returns
    -------
    tuple of Hotspot
        The greatest value first.

    Notes
    -----
    Gates are neighbours along a ray and from ray to ray; the last ray is beside the first where the scan goes around.
    What stands out is not yet a plume: rain, low cloud, dust of a road and a hill in the beam stand out as well.

    Examples
    --------
    >>> values = np.full((36, 20), 0.1)
    >>> values[9:11, 10:13] = 0.9  # to the east, 1000 to 1200 m away
    >>> scan = Polar((106.0, 29.0), np.arange(0.0, 360, 10), np.zeros(36), np.arange(0.0, 2000, 100), values)
    >>> [(found.gates, round(found.bearing), round(found.metres, -2)) for found in hotspots(scan, 0.5)]
    [(6, 95, 1100.0)]
    """
    out = np.isfinite(scan.values) & (scan.values > threshold) & (scan.ranges >= blind)
    found = [
        _hotspot(scan, np.array(region), threshold) for region in _regions(out, _is_ring(scan)) if len(region) >= least
    ]
    return tuple(sorted(found, key=lambda one: -one.value))


def _is_ring(scan: Polar) -> bool:
    return bool(scan.azimuth.size > 2 and scan.widths.sum() >= WHOLE_TURN)


def _regions(out: NDArray[np.bool_], ring: bool) -> Iterator[list[tuple[int, int]]]:
    """Connected gates."""
    left = set(zip(*(part.tolist() for part in np.nonzero(out)), strict=True))
    rays = out.shape[0]
    while left:
        waiting, region = [left.pop()], []
        while waiting:
            ray, gate = waiting.pop()
            region.append((ray, gate))
            beside = [(ray, gate - 1), (ray, gate + 1), (ray - 1, gate), (ray + 1, gate)]
            for near in ((one % rays, other) for one, other in beside) if ring else beside:
                if near in left:
                    left.remove(near)
                    waiting.append(near)
        yield sorted(region)


def _hotspot(scan: Polar, region: NDArray[np.int64], threshold: float) -> Hotspot:
    ray, gate = region.T
    values = scan.values[ray, gate].astype(np.float64)
    flat, up = (turn(np.radians(scan.elevation[ray])) * scan.ranges[gate] for turn in (np.cos, np.sin))
    turned = np.radians(scan.azimuth[ray])
    weight = values - threshold
    east, north = ((weight * turn(turned) * flat).sum() / weight.sum() for turn in (np.sin, np.cos))
    metres, bearing = float(np.hypot(east, north)), float(np.degrees(np.arctan2(east, north)) % 360.0)
    lon, lat = scan.place(bearing, metres)
    depth = np.diff(scan.edges)[gate] * np.cos(np.radians(scan.elevation[ray]))
    area = (np.radians(scan.widths[ray]) * flat * depth).sum()
    return Hotspot(
        float(lon), float(lat), float(values.max()), float(values.mean()), metres, bearing,
        float((weight * up).sum() / weight.sum()), float(area), len(region), int(ray[np.argmax(values)]),
    )  # fmt: skip


def runs(numbers: NDArray[np.int64]) -> Iterator[tuple[int, int, int]]:
    """Cut a row of classes into runs: first, the one after the last, and the class; negative ones are left out.

    Parameters
    ----------
    numbers : ndarray of int64, shape (n,)

    Yields
    ------
    tuple of int

    Examples
    --------
    >>> list(runs(np.array([1, 1, -1, 2])))
    [(0, 2, 1), (3, 4, 2)]
    """
    changes = np.flatnonzero(np.diff(numbers)) + 1
    for first, after in zip([0, *changes.tolist()], [*changes.tolist(), len(numbers)], strict=True):
        if after > first and numbers[first] >= 0:
            yield first, after, int(numbers[first])
