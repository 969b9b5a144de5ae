"""Air above the district between the stations: sources whose plumes go with the wind, with the truth about each."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from shapely import Point

from qingyuan_science.worlds.signals.noise import Floats
from qingyuan_science.worlds.world import World

WIND_STATION, AIR_STATION = "QJ-K01", "QJ-A01"
M_NORTH, M_EAST = 111_195.0, 96_600.0  # of a degree, at the latitude of the district
REACH_M, HALF_WIDTH = 900.0, 30.0  # over which a plume falls to a third [m], and how wide it is [degree]
NEAR_M = 60.0  # around a source on the ground, whatever the wind
_JUICE, _HEAT, _EARTHWORK = "橘汀果汁饮料有限公司", "云渡集中供热有限公司", "earthwork"


@dataclass(frozen=True)
class Plume:
    """A source of dust; `truth` is the code of the enterprise, or says what it is. Strengths beside it. [µg/m3]"""

    truth: str
    place: Point
    pm10: float
    share_pm25: float
    with_wind: bool = True


class Air:
    """Dust at any place and time.

    Parameters
    ----------
    world : World
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._by_code = {one.code: one for one in (*world.stations, *world.special, *world.around)}

    @cached_property
    def plumes(self) -> tuple[Plume, ...]:
        """Two enterprises whose boilers smoke, and earth that is moved beside the avenue."""
        firms = {one.title.zh: one for one in self._world.enterprises}
        road = self._world.district.roads[0].line
        beside = road.interpolate(0.185)
        return (
            Plume(firms[_JUICE].code, firms[_JUICE].location, 260.0, 0.6),
            Plume(firms[_HEAT].code, firms[_HEAT].location, 320.0, 0.55),
            Plume(_EARTHWORK, Point(beside.x, beside.y + 20.0 / M_NORTH), 180.0, 0.15, with_wind=False),
        )

    def wind(self, at: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """From where it comes [degree] and how fast [m/s], as the weather station would say."""
        station = self._by_code[WIND_STATION]
        direction, speed = (self._world.value(station, code, at) for code in ("a01008", "a01007"))
        return direction, speed

    def dust(self, at: NDArray[np.int64], lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """PM10 and PM2.5 at places and times.

        Parameters
        ----------
        at : ndarray of int64, shape (n,)
            [µs since 1970 UTC]
        lon, lat : ndarray of float64, shape (n,)
            [degree]

        Returns
        -------
        tuple of ndarray of float64, shape (n,) [µg/m3]
        """
        pm10, pm25 = (self._ground(code, at) for code in ("a34002", "a34004"))
        came, _speed = self.wind(at)
        for one in self.plumes:
            more = one.pm10 * _carried(one, lon, lat, came)
            pm10, pm25 = pm10 + more, pm25 + one.share_pm25 * more
        return pm10, pm25

    def _ground(self, factor: str, at: NDArray[np.int64]) -> Floats:
        """What the city's station would say, smoothed, so that it is everywhere the same."""
        station = self._by_code[AIR_STATION]
        around = at[:, None] + np.arange(-3, 4) * 300_000_000
        return np.asarray(self._world.value(station, factor, around.ravel()).reshape(around.shape).mean(axis=1))


def _carried(one: Plume, lon: Floats, lat: Floats, came: Floats) -> Floats:
    """The share of its strength that arrives at places."""
    east, north = (lon - one.place.x) * M_EAST, (lat - one.place.y) * M_NORTH
    metres = np.hypot(east, north)
    if not one.with_wind:
        return np.exp(-0.5 * (metres / NEAR_M) ** 2)
    towards = np.degrees(np.arctan2(east, north))
    aside = (towards - (came + 180.0) + 180.0) % 360.0 - 180.0
    return np.asarray(np.exp(-metres / REACH_M) * np.exp(-0.5 * (aside / HALF_WIDTH) ** 2))
