"""What others foretell of the district's air, with a skill that is known, as the bulletins in which they publish it.

Each afternoon a model and a shift of forecasters publish the coming seven days. The model tells an AQI that is off by a
drawn share of an error that grows with the days ahead; the shift tells a range around what it expects, and is off by
less. Both take the primary pollutant of the truth, except on the days on which they are drawn to miss it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cached_property, lru_cache
from hashlib import sha256

import numpy as np

from qingyuan_science.series import microseconds
from qingyuan_science.standards.air import day_figures, day_item, index_of_days, pollutant_factors
from qingyuan_science.standards.air.city import city_mean
from qingyuan_science.worlds.scene.channels import AMBIENT_AIR
from qingyuan_science.worlds.scene.stations import Station
from qingyuan_science.worlds.world import World

MODEL, SHIFT = "清江数值预报 v1", "值班预报组"
LEADS = 7
_CHINA = timezone(timedelta(hours=8))
_ISSUED = {MODEL: (16, 0), SHIFT: (17, 0)}  # o'clock in China
_ITEMS = ("PM2.5", "PM10", "SO2", "NO2", "CO", "O3_8h")
_WRITTEN = {"PM2.5": "PM2.5", "PM10": "PM10", "SO2": "SO2", "NO2": "NO2", "CO": "CO", "O3_8h": "O3"}
_ERROR = {MODEL: (6.0, 4.0), SHIFT: (4.0, 2.0)}  # AQI on the first day ahead, and more with each further one
_MISSED = {MODEL: 0.3, SHIFT: 0.1}  # share of the primary pollutants
_HALF_WIDTH = 10.0
HEAD = "区域,预报日期,发布时间,预报员,AQI,首要污染物"


@dataclass(frozen=True)
class Told:
    """What one forecaster says of one day, beside the truth.

    Parameters
    ----------
    forecaster : str
    issued_at : datetime
        UTC.
    day : date
        In China.
    low, high : float
        Ends of the AQI; one figure where they are alike. [1]
    primary : str
        Primary pollutant, empty for none.
    truth : float
        AQI of the true values. [1]
    true_primary : str
    """

    forecaster: str
    issued_at: datetime
    day: date
    low: float
    high: float
    primary: str
    truth: float
    true_primary: str


@dataclass(frozen=True)
class Bulletin:
    """The coming days as one forecaster publishes them for one area."""

    area: str
    told: tuple[Told, ...]

    @property
    def name(self) -> str:
        """The name of its file."""
        one = self.told[0]
        who = "model" if one.forecaster == MODEL else "shift"
        return f"AQI_{who}_{one.issued_at.astimezone(_CHINA):%Y%m%d_%H%M}.csv"

    @property
    def csv(self) -> bytes:
        """Its file."""
        return "\n".join((HEAD, *(self._row(one) for one in self.told), "")).encode()

    def _row(self, one: Told) -> str:
        index = f"{one.low:.0f}" if one.low == one.high else f"{one.low:.0f}-{one.high:.0f}"
        issued = f"{one.issued_at.astimezone(_CHINA):%Y-%m-%d %H:%M}"
        return f"{self.area},{one.day},{issued},{one.forecaster},{index},{one.primary or '无'}"


class Foretelling:
    """The bulletins of a world.

    Parameters
    ----------
    world : World
    left_out : collection of str
        Codes of stations that do not count for the area, such as background points.
    """

    def __init__(self, world: World, left_out: Sequence[str] = ()) -> None:
        self._world = world
        everywhere = (*world.stations, *world.around)
        self._points = tuple(one for one in everywhere if one.code not in left_out and _counts(one))
        self._true = lru_cache(maxsize=64)(self._truth)

    @cached_property
    def area(self) -> str:
        """The whole district, by its name."""
        return next(cell.title.zh for cell in self._world.district.cells if "/" not in cell.path)

    def between(self, first: datetime, last: datetime) -> Iterator[Bulletin]:
        """Bulletins that are issued from an instant on to another one, in order.

        Parameters
        ----------
        first, last : datetime
            Aware.

        Yields
        ------
        Bulletin
        """
        day = first.astimezone(_CHINA).date()
        while day <= last.astimezone(_CHINA).date():
            for forecaster, (hour, minute) in _ISSUED.items():
                at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=_CHINA).astimezone(UTC)
                if first <= at <= last:
                    yield self.issued(forecaster, at)
            day += timedelta(days=1)

    def issued(self, forecaster: str, at: datetime) -> Bulletin:
        """One bulletin.

        Parameters
        ----------
        forecaster : {"清江数值预报 v1", "值班预报组"}
        at : datetime
            Aware.

        Returns
        -------
        Bulletin
        """
        today = at.astimezone(_CHINA).date()
        days = [today + timedelta(days=lead) for lead in range(1, LEADS + 1)]
        return Bulletin(self.area, tuple(self._told(forecaster, at, day, (day - today).days) for day in days))

    def _told(self, forecaster: str, at: datetime, day: date, lead: int) -> Told:
        truth, primary = self._true(day)
        first, more = _ERROR[forecaster]
        error = (2.0 * _drawn(forecaster, day, lead, "error") - 1.0) * (first + more * (lead - 1))
        middle = float(np.clip(np.rint(truth + error), 0.0, 500.0))
        half = _HALF_WIDTH if forecaster == SHIFT else 0.0
        missed = _drawn(forecaster, day, lead, "primary") < _MISSED[forecaster]
        said = ("PM10" if primary != "PM10" else "O3") if missed else primary
        low, high = max(middle - half, 0.0), min(middle + half, 500.0)
        return Told(forecaster, at, day, low, high, said if middle > 50.0 else "", truth, primary)

    def _truth(self, day: date) -> tuple[float, str]:
        """The AQI and the first primary pollutant of the true values over the area's points."""
        items = {item: city_mean(values, len(self._points))[0] for item, values in self._items(day).items()}
        index = index_of_days([day], items)
        named = [_WRITTEN[item] for item in _ITEMS if bool(index.primary[item][0])]
        return float(index.aqi[0]), named[0] if named else ""

    def _items(self, day: date) -> Mapping[str, np.ndarray[tuple[int, int], np.dtype[np.float64]]]:
        begin = datetime(day.year, day.month, day.day, tzinfo=_CHINA)
        at = microseconds(begin) + np.arange(24 * 12, dtype=np.int64) * 300_000_000
        found = {}
        for item in _ITEMS:
            pollutant, statistic = day_item(item)
            factor = pollutant_factors()[pollutant]
            rows = []
            for station in self._points:
                hours = self._world.value(station, factor, at).reshape(24, 12).mean(axis=1)
                rows.append([float(day_figures(hours, pollutant)[statistic])])
            found[item] = np.array(rows)
        return found


def _counts(station: Station) -> bool:
    return station.kind == AMBIENT_AIR and not station.purpose and station.network != "micro"


def _drawn(*what: object) -> float:
    """A number from 0 to 1, the same for the same words."""
    told = "|".join(str(one) for one in what).encode()
    return int.from_bytes(sha256(told).digest()[:8], "big") / 2**64
