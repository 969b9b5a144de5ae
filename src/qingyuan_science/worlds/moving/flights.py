"""Patrol flights of a drone over three areas of the district, with their photos, drawn; the truth is in each picture.

Every three hours it flies over the next of them in strips and says each second where it is. From above the strips it
takes photos, whose header (EXIF) says where and when; in one of them something is to be seen. Same world, same bytes.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cached_property
from io import BytesIO
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageDraw, ImageFont
from shapely import Polygon, affinity

from qingyuan_science.plugins import Text
from qingyuan_science.series import SECOND, microseconds, moment
from qingyuan_science.worlds.signals.noise import Floats
from qingyuan_science.worlds.world import World

CODE: Final = "QJ-D01"
EVERY: Final = timedelta(hours=3)
LEAD: Final = timedelta(hours=1)  # the newest flight had landed when the world begins
SPEED_M_S, HEIGHT_M, STRIPS = 12.0, 120.0, 5
SIZE: Final = (800, 600)  # of a photo [pixel]
_M_EAST, _M_NORTH = 96_600.0, 111_195.0
_CHINA = timezone(timedelta(hours=8))
_MARK = "SYNTHETIC PICTURE - NOT A REAL PLACE"
_SHARES = (0.15, 0.4, 0.65, 0.9)  # of the way, at which a photo is taken
_TRUTH_AT = 2  # in the third of them something is to be seen


@dataclass(frozen=True)
class Area:
    """An area that the drone flies over, and what is to be seen there: a category of sightings, and its words."""

    code: str
    kind: str
    title: Text
    shape: Polygon
    category: str
    seen: Text


@dataclass(frozen=True)
class Shot:
    """One photo."""

    name: str
    at: datetime
    lon: float
    lat: float
    jpeg: bytes
    shows: bool  # whether something is to be seen


@dataclass(frozen=True)
class Sortie:
    """One flight: over which area, from when to when."""

    number: int
    area: Area
    begins: datetime
    ends: datetime


class Flights:
    """The patrol flights of a world.

    Parameters
    ----------
    world : World
    """

    def __init__(self, world: World) -> None:
        self._world = world

    @cached_property
    def areas(self) -> tuple[Area, ...]:
        """A protection zone at the upper river station, the industrial park, and a reserve in the hills."""
        river, park = self._world.station("QJ-S01").location, self._world.station("QJ-A02").location
        hills = self._world.district.cells[-1].shape.representative_point()
        return (
            Area("QJ-Z01", "water-source", Text("青江饮用水水源一级保护区（演示）", "Qingjiang water source (demo)"),
                 _box(river.x, river.y, 500, 350), "farming",
                 Text("保护区水面有垂钓和游泳人员", "people fish and bathe in the protected water")),
            Area("QJ-Z02", "industrial-park", Text("丹崖产业园（演示）", "Danya Industrial Park (demo)"),
                 _box(park.x, park.y, 600, 450), "dust",
                 Text("料堆未苫盖，扬尘明显", "a stockpile is not covered, and dust rises")),
            Area("QJ-Z03", "reserve", Text("北山自然保护区（演示）", "North Hills Nature Reserve (demo)"),
                 _box(hills.x, hills.y, 500, 400), "building",
                 Text("林间有新开挖的便道", "a track was newly dug through the forest")),
        )  # fmt: skip

    def between(self, first: datetime, last: datetime) -> Iterator[Sortie]:
        """The flights that ended in a time.

        Parameters
        ----------
        first, last : datetime
            Aware.

        Yields
        ------
        Sortie
        """
        zero = self._world.epoch - LEAD
        number = int((first - zero) // EVERY) - 1
        while zero + number * EVERY <= last:
            area = self.areas[number % len(self.areas)]
            begins = zero + number * EVERY
            ends = begins + timedelta(seconds=self._way(area)[0][-1] / SPEED_M_S)
            if first <= ends <= last:
                yield Sortie(number, area, begins, ends)
            number += 1

    def document(self, sortie: Sortie) -> bytes:
        """What the drone says of a flight, as it is pushed.

        Parameters
        ----------
        sortie : Sortie

        Returns
        -------
        bytes
        """
        at = np.arange(microseconds(sortie.begins), microseconds(sortie.ends), SECOND, dtype=np.int64)
        lon, lat = self._where(sortie, at)
        rows: list[dict[str, object]] = []
        for each, east, north in zip(at.tolist(), lon.tolist(), lat.tolist(), strict=True):
            told = {"longitude": round(east, 6), "latitude": round(north, 6), "height": HEIGHT_M}
            when = moment(each).isoformat()
            rows += [{"name": f"{CODE}/{name}", "at": when, "value": value} for name, value in told.items()]
        return json.dumps({"readings": rows}).encode()

    def shots(self, sortie: Sortie) -> Iterator[Shot]:
        """The photos of a flight, in order.

        Parameters
        ----------
        sortie : Sortie

        Yields
        ------
        Shot
        """
        for place, share in enumerate(_SHARES):
            at = (sortie.begins + (sortie.ends - sortie.begins) * share).replace(microsecond=0)
            lon, lat = (float(one[0]) for one in self._where(sortie, np.array([microseconds(at)])))
            shows = place == _TRUTH_AT
            drawn = _drawn(sortie, (at, lon, lat), np.random.default_rng([self._world.seed, place]), shows=shows)
            name = f"DJI_{at.astimezone(_CHINA):%Y%m%d%H%M%S}_{place + 1:04}.JPG"
            yield Shot(name, at, lon, lat, drawn, shows)

    def _where(self, sortie: Sortie, at: NDArray[np.int64]) -> tuple[Floats, Floats]:
        along, lons, lats = self._way(sortie.area)
        gone = (at - microseconds(sortie.begins)) / SECOND * SPEED_M_S
        return np.interp(gone, along, lons), np.interp(gone, along, lats)

    def _way(self, area: Area) -> tuple[Floats, Floats, Floats]:
        """Metres in strips over an area, with longitude and latitude."""
        west, south, east, north = affinity.scale(area.shape, 0.85, 0.85).bounds
        spots: list[tuple[float, float]] = []
        for strip, lat in enumerate(np.linspace(south, north, STRIPS).tolist()):
            ends = [(west, lat), (east, lat)]
            spots += ends if strip % 2 == 0 else ends[::-1]
        way = np.array(spots)
        steps = np.hypot(np.diff(way[:, 0]) * _M_EAST, np.diff(way[:, 1]) * _M_NORTH)
        return np.concatenate(([0.0], np.cumsum(steps))), way[:, 0], way[:, 1]


def _box(lon: float, lat: float, east_m: float, north_m: float) -> Polygon:
    """An area with cut corners around a place."""
    a, b = east_m / _M_EAST, north_m / _M_NORTH
    corners = [(-1, -0.6), (-0.6, -1), (0.6, -1), (1, -0.6), (1, 0.6), (0.6, 1), (-0.6, 1), (-1, 0.6)]
    return Polygon([(lon + a * x, lat + b * y) for x, y in corners])


def _drawn(sortie: Sortie, taken: tuple[datetime, float, float], random: np.random.Generator, *, shows: bool) -> bytes:
    """A photo from above with its header; what is to be seen lies in its middle."""
    at, lon, lat = taken
    grounds = {"water-source": (78, 120, 132), "industrial-park": (140, 138, 132), "reserve": (72, 104, 66)}
    image = Image.new("RGB", SIZE, grounds[sortie.area.kind])
    draw = ImageDraw.Draw(image)
    for x, y, size in zip(
        *(random.integers(low, high, 60) for low, high in ((0, 800), (0, 600), (8, 40))), strict=True
    ):
        shade = tuple(int(part * 0.85) for part in grounds[sortie.area.kind])
        draw.rectangle((int(x), int(y), int(x + size), int(y + size * 0.7)), fill=shade)
    if shows:
        draw.polygon([(330, 330), (390, 250), (500, 280), (470, 360)], fill=(196, 160, 96))
        draw.ellipse((300, 210, 540, 400), outline=(200, 30, 30), width=4)
    font = ImageFont.load_default(20)
    draw.text((12, 10), f"{at.astimezone(_CHINA):%Y-%m-%d %H:%M:%S}  {lon:.5f} {lat:.5f}", (255, 255, 255), font)
    draw.text((12, 570), _MARK, (255, 255, 255), font)
    body = BytesIO()
    image.save(body, "JPEG", quality=80, exif=_exif(at, lon, lat))
    return body.getvalue()


def _exif(at: datetime, lon: float, lat: float) -> Image.Exif:
    """What a drone's camera writes of instant and place; times by the clock of China, as such cameras do."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "Qingyuan", "synthetic drone"
    own = exif.get_ifd(ExifTags.IFD.Exif)
    own[ExifTags.Base.DateTimeOriginal] = f"{at.astimezone(_CHINA):%Y:%m:%d %H:%M:%S}"
    own[ExifTags.Base.OffsetTimeOriginal] = "+08:00"
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = "N" if lat >= 0 else "S", _parts(abs(lat))
    place[ExifTags.GPS.GPSLongitudeRef], place[ExifTags.GPS.GPSLongitude] = "E" if lon >= 0 else "W", _parts(abs(lon))
    place[ExifTags.GPS.GPSAltitudeRef], place[ExifTags.GPS.GPSAltitude] = b"\0", HEIGHT_M
    return exif


def _parts(degrees: float) -> tuple[float, float, float]:
    whole = int(degrees)
    minutes = (degrees - whole) * 60
    return float(whole), float(int(minutes)), round((minutes - int(minutes)) * 60, 4)


def name_of(sortie: Sortie) -> str:
    """What the file of a flight's positions is called."""
    return f"{CODE}_{sortie.begins.astimezone(UTC):%Y%m%d_%H%M%S}.json"
