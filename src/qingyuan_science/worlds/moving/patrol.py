"""A vehicle that drives up and down the avenue and measures dust, as the documents that it pushes.

Every two hours it goes out for three quarters of an hour, halts at lights, and says every other second where it is and
what its analyser shows; that lags behind the air at its inlet by `DELAY_S`.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.series import SECOND, microseconds, moment
from qingyuan_science.worlds.moving.plumes import Air
from qingyuan_science.worlds.signals.noise import Floats
from qingyuan_science.worlds.world import World

CODE = "QJ-V01"
DELAY_S, STEP_S = 3, 2
EVERY, LEAD = timedelta(hours=2), timedelta(minutes=25)  # a drive is on its way when the world begins
SPEED_M_S, LIGHT_S = 10.0, 45
_FIRST, _LAST = 0.07, 0.2  # the part of the avenue, as lengths along its line [degree]
_LIGHTS = (0.18, 0.37, 0.71)  # shares of the way out and back at which it halts
_GPS_M = 1.5
_M_EAST, _M_NORTH = 96_600.0, 111_195.0


@dataclass(frozen=True)
class Moments:
    """Where it is and what it says: times [µs], degrees, and dust [µg/m3]."""

    at: NDArray[np.int64]
    lon: Floats
    lat: Floats
    speed: Floats
    pm10: Floats
    pm25: Floats

    @property
    def document(self) -> bytes:
        """What it pushes."""
        names = ("longitude", "latitude", "groundspeed", "a34002", "a34004")
        decimals = (6, 6, 1, 1, 1)
        columns = (self.lon, self.lat, self.speed, self.pm10, self.pm25)
        readings = [
            {"name": f"{CODE}/{name}", "at": moment(at).isoformat(), "value": round(value, places)}
            for name, places, column in zip(names, decimals, columns, strict=True)
            for at, value in zip(self.at.tolist(), column.tolist(), strict=True)
        ]
        return json.dumps({"readings": readings}).encode()


class Patrol:
    """The drives of a world.

    Parameters
    ----------
    world : World
    """

    def __init__(self, world: World) -> None:
        self._world, self.air = world, Air(world)

    @cached_property
    def _way(self) -> tuple[Floats, Floats, Floats]:
        """Metres out and back, with longitude and latitude."""
        line = self._world.district.roads[0].line
        out = np.array([line.interpolate(one).coords[0] for one in np.linspace(_FIRST, _LAST, 400)])
        whole = np.vstack((out, out[-2::-1]))
        east, north = np.diff(whole[:, 0]) * _M_EAST, np.diff(whole[:, 1]) * _M_NORTH
        return np.concatenate(([0.0], np.cumsum(np.hypot(east, north)))), whole[:, 0], whole[:, 1]

    @property
    def home(self) -> tuple[float, float]:
        """Where it begins and ends, longitude and latitude. [degree]"""
        return float(self._way[1][0]), float(self._way[2][0])

    @cached_property
    def lasts(self) -> timedelta:
        """How long a drive takes."""
        return timedelta(seconds=float(self._way[0][-1]) / SPEED_M_S + LIGHT_S * len(_LIGHTS))

    def drives(self, first: datetime, last: datetime) -> list[tuple[datetime, datetime]]:
        """The drives that touch a time, each with its begin and end.

        Parameters
        ----------
        first, last : datetime
            Aware.

        Returns
        -------
        list of tuple of datetime
        """
        zero = self._world.epoch - LEAD
        number = int((first - self.lasts - zero) // EVERY)
        found = []
        while (begin := zero + number * EVERY) <= last:
            if begin + self.lasts >= first:
                found.append((begin, begin + self.lasts))
            number += 1
        return found

    def between(self, first: datetime, last: datetime) -> Moments | None:
        """What it says from an instant on to another one, not included; None while it stands at home.

        Parameters
        ----------
        first, last : datetime
            Aware.

        Returns
        -------
        Moments or None
        """
        spans = [(max(begin, first), min(end, last), begin) for begin, end in self.drives(first, last)]
        step = STEP_S * SECOND
        parts = []
        for start, end, begin in spans:
            at = np.arange(-(-microseconds(start) // step) * step, microseconds(end), step, dtype=np.int64)
            if at.size:
                parts.append((at, begin))
        if not parts:
            return None
        made = [self._said(at, microseconds(begin)) for at, begin in parts]
        columns = (np.concatenate(column) for column in zip(*made, strict=True))
        at, lon, lat, speed, pm10, pm25 = columns
        return Moments(at.astype(np.int64), lon, lat, speed, pm10, pm25)

    def _said(self, at: NDArray[np.int64], begin: int) -> tuple[Floats, ...]:
        random = np.random.default_rng([self._world.seed, at[0] // SECOND])
        (metres, speed), (drawn, _speed) = (self._gone((at - begin) / SECOND - late) for late in (0, DELAY_S))
        way, lons, lats = self._way
        true_lon, true_lat = np.interp(drawn, way, lons), np.interp(drawn, way, lats)
        pm10, pm25 = self.air.dust(at - DELAY_S * SECOND, true_lon, true_lat)
        wander = random.normal(0.0, _GPS_M, (2, at.size))
        lon = np.interp(metres, way, lons) + wander[0] / _M_EAST
        lat = np.interp(metres, way, lats) + wander[1] / _M_NORTH
        noise = random.normal(1.0, 0.03, (2, at.size))
        return at.astype(np.float64), lon, lat, speed, pm10 * noise[0], pm25 * noise[1]

    def _gone(self, seconds: Floats) -> tuple[Floats, Floats]:
        """How far it has gone after so many seconds [m], and how fast it is then [km/h]."""
        whole = float(self._way[0][-1])
        knots, gone = [0.0], [0.0]
        for number, share in enumerate(_LIGHTS):
            reached = share * whole / SPEED_M_S + number * LIGHT_S
            knots += [reached, reached + LIGHT_S]
            gone += [share * whole] * 2
        knots.append(whole / SPEED_M_S + LIGHT_S * len(_LIGHTS))
        gone.append(whole)
        metres = np.interp(seconds, knots, gone)
        moving = np.interp(seconds + 0.5, knots, gone) - np.interp(seconds - 0.5, knots, gone)
        return metres, moving * 3.6


def name_of(first: datetime) -> str:
    """What the file of a piece of a drive is called, by its begin."""
    return f"{CODE}_{first.astimezone(UTC):%Y%m%d_%H%M%S}.json"
