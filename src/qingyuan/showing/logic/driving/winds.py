"""The wind at a place and time, by the nearest station that measures it, and the enterprises upwind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np

from qingyuan.people.queries import User
from qingyuan.places.geometry import distance
from qingyuan.places.queries import MEASURES_WEATHER, Enterprise, Station, enterprises
from qingyuan.recording.queries import windows
from qingyuan.sensing.queries import Channel
from qingyuan.showing.wording import said
from qingyuan_science.assess.components.wind import SECTORS
from qingyuan_science.mobile import mean_wind, upwind
from qingyuan_science.mobile.upwind import CALM_M_S
from qingyuan_science.series import SECOND, Series, microseconds, moment
from qingyuan_science.standards.factors import WIND_DIRECTION, WIND_SPEED

WITHIN_KM = 20.0  # a station farther away tells nothing of the wind here; our own choice
AROUND = timedelta(minutes=10)  # real-time readings so near are averaged; our own choice


@dataclass(frozen=True)
class Spot:
    """A place and a time."""

    lon: float
    lat: float
    at: int


@dataclass(frozen=True)
class Wind:
    """From where it came [°] and how fast [m/s], and the station that says so."""

    came: float
    speed: float
    station: Station

    @property
    def is_calm(self) -> bool:
        return self.speed < CALM_M_S

    @property
    def name(self) -> str:
        """One of the sixteen directions, in the reader's language."""
        return said(SECTORS[round(self.came / 22.5) % len(SECTORS)])


@dataclass(frozen=True)
class Beside:
    """An enterprise upwind: how far, and in which direction it lies. [m, °]"""

    enterprise: Enterprise
    metres: float
    bearing: float


class Winds:
    """The wind over a time, read once, for as many places as are asked about."""

    def __init__(self, viewer: User, start: datetime, end: datetime) -> None:
        self._viewer, self._span = viewer, (start, end)
        self._read: dict[int, tuple[dict[str, Series], ...]] = {}

    def at(self, spot: Spot) -> Wind | None:
        """The wind at the nearest station that measured it then; None where none did."""
        near = sorted(((distance(spot, one[WIND_SPEED].station)[0], pk) for pk, one in self._stations.items()))
        for km, pk in near:
            if km > WITHIN_KM:
                break
            found = self._of_station(pk, spot.at)
            if found is not None:
                return found
        return None

    def upwind(self, spot: Spot, wind: Wind | None) -> list[Beside]:
        """The enterprises of the viewer's territory that lie upwind, the nearest first."""
        if wind is None:
            return []
        rows = self._enterprises
        places = [one.lon for one in rows], [one.lat for one in rows]
        found = upwind((spot.lon, spot.lat), places, (wind.came, wind.speed))
        return [Beside(rows[one.index], one.metres, one.bearing) for one in found]

    @cached_property
    def _enterprises(self) -> Sequence[Enterprise]:
        return list(enterprises(self._viewer).order_by("code"))

    @cached_property
    def _stations(self) -> dict[int, dict[str, Channel]]:
        found: dict[int, dict[str, Channel]] = {}
        rows = Channel.objects.filter(
            factor__in=(WIND_DIRECTION, WIND_SPEED), station__kind__in=MEASURES_WEATHER, basis="measured"
        )
        for one in rows.select_related("station").order_by("pk"):
            found.setdefault(one.station_id, {})[one.factor] = one
        return {pk: one for pk, one in found.items() if len(one) == 2}

    def _of_station(self, pk: int, at: int) -> Wind | None:
        own = self._stations[pk]
        real, *hours = self._series(pk)
        around = microseconds(moment(at) - AROUND), microseconds(moment(at) + AROUND)
        for found, (first, last) in ((real, around), *((one, (at - 3600 * SECOND + 1, at)) for one in hours)):
            came, speed = found[WIND_DIRECTION], found[WIND_SPEED]
            both = np.intersect1d(came.at[came.valid], speed.at[speed.valid])
            both = both[(both >= first) & (both <= last)]
            if both.size:
                values = (one.value[np.searchsorted(one.at, both)] for one in (came, speed))
                return Wind(*mean_wind(*values), own[WIND_SPEED].station)
        return None

    def _series(self, pk: int) -> tuple[dict[str, Series], ...]:
        """Real-time values, hours as sent, and hours computed here, by factor."""
        if pk not in self._read:
            own, start, end = self._stations[pk], self._span[0] - timedelta(hours=1), self._span[1] + AROUND
            read = [windows([one.pk for one in own.values()], kind, start, end) for kind in "rhH"]
            self._read[pk] = tuple({factor: one[channel.pk] for factor, channel in own.items()} for one in read)
        return self._read[pk]
