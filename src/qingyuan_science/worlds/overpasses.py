"""What satellites see of the district, with the truth behind each pixel, as the files in which fires are published.

The columns are those of the active fire products of VIIRS; times are UTC. Two satellites pass in the early afternoon
and at night. Three things give off heat or seem to: straw that burns in a field on every third afternoon, the boilers
of the heat and power plant at any time, and glint of the sun from a roof at noon.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cached_property

from shapely import Point

from qingyuan_science.worlds.world import World

HEAD = (
    "latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,instrument,confidence,version,bright_ti5,frp,"
    "daynight"
)
STRAW, PLANT, GLINT = "straw", "plant", "glint"
PIXEL = 0.0034  # some 375 m, the size of a pixel below the satellite; [degree]
_CHINA = timezone(timedelta(hours=8))
_PASSES = ((0, 52, "N20"), (1, 41, "N"), (12, 48, "N20"), (13, 37, "N"))  # o'clock in China, and which satellite
_NOON_BEGINS, _NOON_ENDS = 6, 18
_EVERY_DAYS = 3
_PLANT_INDUSTRY = "4412"


@dataclass(frozen=True)
class Pixel:
    """One pixel of an overpass; `truth` says what it really is.

    Parameters
    ----------
    truth : {"straw", "plant", "glint"}
    place : Point
        WGS-84. [degree]
    confidence : {"l", "n", "h"}
    kelvin : float
        Brightness temperature of channel I-4. [K]
    megawatts : float
        Fire radiative power. [MW]
    """

    truth: str
    place: Point
    confidence: str
    kelvin: float
    megawatts: float


@dataclass(frozen=True)
class Overpass:
    """What one satellite saw at one instant.

    Parameters
    ----------
    at : datetime
        UTC.
    satellite : str
        As products name it: N20 for NOAA-20, N for Suomi NPP.
    pixels : tuple of Pixel
    """

    at: datetime
    satellite: str
    pixels: tuple[Pixel, ...]

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"VIIRS_{self.satellite}_{self.at:%Y%m%d_%H%M}.csv"

    @property
    def csv(self) -> bytes:
        """Its file."""
        day = "D" if _is_day(self.at) else "N"
        rows = [
            f"{one.place.y:.5f},{one.place.x:.5f},{one.kelvin:.1f},0.39,0.36,{self.at:%Y-%m-%d,%H%M},{self.satellite},"
            f"VIIRS,{one.confidence},2.0NRT,{one.kelvin - 40:.1f},{one.megawatts:.1f},{day}"
            for one in self.pixels
        ]
        return "\n".join((HEAD, *rows, "")).encode()


class Overpasses:
    """The overpasses of a world.

    Parameters
    ----------
    world : World
    """

    def __init__(self, world: World) -> None:
        self._world = world

    @cached_property
    def field(self) -> Point:
        """The middle of the grid cell that lies farthest from every enterprise. [degree, WGS-84]"""
        lowest = [cell for cell in self._world.district.cells if cell.path.count("/") == 2]
        return max((cell.label for cell in lowest), key=self._from_enterprises)

    @cached_property
    def plant(self) -> Point:
        """The first heat and power plant. [degree, WGS-84]"""
        return next(one.location for one in self._world.enterprises if one.industry_code == _PLANT_INDUSTRY)

    @cached_property
    def roof(self) -> Point:
        """The middle of the grid cell that lies second farthest from every enterprise. [degree, WGS-84]"""
        lowest = [cell.label for cell in self._world.district.cells if cell.path.count("/") == 2]
        return sorted(lowest, key=self._from_enterprises)[-2]

    def between(self, first: datetime, last: datetime) -> Iterator[Overpass]:
        """Overpasses from an instant on to another one, in order.

        Parameters
        ----------
        first, last : datetime
            Aware.

        Yields
        ------
        Overpass
        """
        day = first.astimezone(_CHINA).date()
        while day <= last.astimezone(_CHINA).date():
            for hour, minute, satellite in _PASSES:
                at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=_CHINA).astimezone(UTC)
                if first <= at <= last:
                    yield Overpass(at, satellite, tuple(self._seen(at, satellite, day)))
            day += timedelta(days=1)

    def _seen(self, at: datetime, satellite: str, day: date) -> Iterator[Pixel]:
        yield Pixel(PLANT, _moved(self.plant, 0.3, -0.2), "n", 318.4, 3.1)
        if not _is_day(at):
            return
        burns = (day - self._world.epoch.astimezone(_CHINA).date()).days % _EVERY_DAYS == _EVERY_DAYS - 1
        if burns:
            yield Pixel(STRAW, _moved(self.field, 0.0, 0.0), "n", 341.2, 8.6)
        if burns and satellite == "N":
            yield Pixel(STRAW, _moved(self.field, 1.0, 0.2), "h", 352.7, 14.3)
        if satellite == "N20":
            yield Pixel(GLINT, self.roof, "l", 329.9, 1.2)

    def _from_enterprises(self, place: Point) -> float:
        return float(min(place.distance(one.location) for one in self._world.enterprises))


def _is_day(at: datetime) -> bool:
    return _NOON_BEGINS <= at.astimezone(_CHINA).hour < _NOON_ENDS


def _moved(place: Point, east: float, north: float) -> Point:
    """A place so many pixels away."""
    return Point(place.x + east * PIXEL, place.y + north * PIXEL)
