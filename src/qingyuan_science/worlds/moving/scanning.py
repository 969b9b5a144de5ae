"""A lidar on a roof between two boilers: every quarter of an hour it looks around, every ten minutes straight up."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from qingyuan_science.series import SECOND, microseconds, moment
from qingyuan_science.worlds.moving.plumes import M_EAST, M_NORTH, Air
from qingyuan_science.worlds.signals.noise import Floats
from qingyuan_science.worlds.world import World

CODE = "QJ-L01"
RAYS, AROUND_S, ELEVATION = 120, 120, 2.0
RANGES = np.arange(60.0, 3000.1, 60.0)
HEIGHTS = np.arange(60.0, 3000.1, 60.0)
EVERY = {"around": timedelta(minutes=15), "up": timedelta(minutes=10)}
_PER_DUST = 0.0035  # extinction of a µg/m3 of PM10, dry [km⁻¹]; an order of magnitude, made for the demo
_CLEAR = 0.02  # [km⁻¹]


@dataclass(frozen=True)
class ScanFile:
    """One scan as the control of a lidar writes it."""

    name: str
    document: bytes


class Lidar:
    """The scans of a world.

    Parameters
    ----------
    world : World
    """

    def __init__(self, world: World) -> None:
        self._world, self.air = world, Air(world)

    @property
    def site(self) -> tuple[float, float]:
        """Where it stands: between the first two plumes, longitude and latitude. [degree]"""
        one, other = (plume.place for plume in self.air.plumes[:2])
        return (one.x + other.x) / 2, (one.y + other.y) / 2

    def between(self, first: datetime, last: datetime) -> Iterator[tuple[datetime, str]]:
        """When it scans how, earliest first.

        Parameters
        ----------
        first, last : datetime
            Aware.

        Yields
        ------
        tuple of datetime and {"around", "up"}
            Only scans that have ended.
        """
        due = []
        for how, every in EVERY.items():
            number = -(-microseconds(first) // (every // timedelta(microseconds=1)))
            while (at := moment(number * (every // timedelta(microseconds=1)))) < last - timedelta(seconds=AROUND_S):
                due.append((at, how))
                number += 1
        yield from sorted(due)

    def scan(self, at: datetime, how: str) -> ScanFile:
        """One scan.

        Parameters
        ----------
        at : datetime
            When it begins.
        how : {"around", "up"}

        Returns
        -------
        ScanFile
        """
        rays = self._around(at) if how == "around" else self._up(at)
        ranges = RANGES if how == "around" else HEIGHTS
        lon, lat = self.site
        told = {
            "lidar": CODE, "quantity": "extinction", "site": {"lon": round(lon, 6), "lat": round(lat, 6)},
            "range_m": ranges.tolist(), "rays": rays,
        }  # fmt: skip
        return ScanFile(name_of(at, how), json.dumps(told).encode())

    def _around(self, at: datetime) -> list[dict[str, object]]:
        azimuth = np.arange(RAYS) * 360.0 / RAYS
        times = microseconds(at) + np.arange(RAYS) * (AROUND_S * SECOND // RAYS)
        turned = np.radians(azimuth)[:, None]
        flat = RANGES * np.cos(np.radians(ELEVATION))
        lon = self.site[0] + np.sin(turned) * flat / M_EAST
        lat = self.site[1] + np.cos(turned) * flat / M_NORTH
        each = np.repeat(times, RANGES.size)
        pm10, _pm25 = self.air.dust(each, lon.ravel(), lat.ravel())
        values = self._noisy(_CLEAR + _PER_DUST * pm10.reshape(lon.shape), at)
        return [_ray(*one, ELEVATION, values[n]) for n, one in enumerate(zip(times.tolist(), azimuth, strict=True))]

    def _up(self, at: datetime) -> list[dict[str, object]]:
        """Dust is mixed up to a height that grows until the afternoon, and falls off above it."""
        began = microseconds(at)
        place = (np.array([one]) for one in self.site)
        pm10, _pm25 = self.air.dust(np.array([began]), *place)
        hour = ((began // SECOND + 8 * 3600) % 86_400) / 3600
        mixed = 300.0 + 1100.0 * max(0.0, float(np.sin((hour - 7.0) / 12.0 * np.pi)))
        share = 1.0 / (1.0 + np.exp((HEIGHTS - mixed) / 120.0))
        values = self._noisy((_CLEAR + _PER_DUST * pm10[0] * share)[None, :], at)
        return [_ray(began, 0.0, 90.0, values[0])]

    def _noisy(self, values: Floats, at: datetime) -> Floats:
        random = np.random.default_rng([self._world.seed, microseconds(at) // SECOND, values.size])
        return np.asarray(values * random.normal(1.0, 0.02, values.shape))


def _ray(at: int, azimuth: float, elevation: float, values: Floats) -> dict[str, object]:
    rounded = [round(one, 4) for one in values.tolist()]
    return {"at": moment(at).isoformat(), "azimuth": float(azimuth), "elevation": elevation, "values": rounded}


def name_of(at: datetime, how: str) -> str:
    """What the file of a scan is called."""
    return f"{CODE}_{at.astimezone(UTC):%Y%m%d_%H%M%S}_{how}.json"
