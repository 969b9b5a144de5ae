"""What three cameras see of the district, drawn: synthetic stills, each marked as such, with the truth in the picture.

The outlet runs higher with the flow, and browner with the COD; in the room of the analysers a screen shows the COD;
in a store of hazardous waste the drums grow in number with the days of the week.
A clock runs in every picture. Same world, same instant, same bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from qingyuan_science.plugins import Text
from qingyuan_science.series import microseconds
from qingyuan_science.worlds.world import World

SIZE = (640, 360)  # of a picture [pixel]
COD, FLOW = "w01018", "w00000"
_STORE_AT = "QJ-W07"  # the car-parts works, whose paint line leaves waste
_CHINA = timezone(timedelta(hours=8))
_CLEAR, _BROWN = np.array((96, 148, 150)), np.array((101, 67, 33))
_BROWNEST = 120.0  # COD at which the water is as brown as it gets [mg/L]
_FULL = 260.0  # flow at which the pipe is full [L/s]
_MARK = "SYNTHETIC PICTURE - NOT A REAL PLACE"


@dataclass(frozen=True)
class Camera:
    """A camera of the district.

    Parameters
    ----------
    code : str
    title : Text
    looks_at : {"outlet", "analyser-room", "hazardous-waste"}
    station : str
        Code of the station at which it stands.
    every : timedelta
        Time between two stills.
    infrared : bool
        Whether it sees by night; its pictures have no colour.
    """

    code: str
    title: Text
    looks_at: str
    station: str
    every: timedelta
    infrared: bool = False


@dataclass(frozen=True)
class Still:
    """One picture.

    Parameters
    ----------
    camera : Camera
    at : datetime
        UTC.
    jpeg : bytes
    """

    camera: Camera
    at: datetime
    jpeg: bytes

    @property
    def name(self) -> str:
        """The name of its file."""
        return still_name(self.camera, self.at)


def still_name(camera: Camera, at: datetime) -> str:
    """The name under which a camera puts down the picture of an instant.

    Parameters
    ----------
    camera : Camera
    at : datetime
        Aware.

    Returns
    -------
    str
    """
    return f"{camera.code}_{at.astimezone(UTC):%Y%m%dT%H%M%SZ}.jpg"


class Filming:
    """The cameras of a world; they stand where its opening episode shows.

    Parameters
    ----------
    world : World
    """

    def __init__(self, world: World) -> None:
        self._world = world
        station = world.station(world.opening.station)
        minute, zh, en = timedelta(minutes=1), station.title.zh, station.title.en
        outlet = Text(f"{zh}摄像头（合成画面）", f"Camera at {en} (synthetic)")
        room = Text(f"{zh}站房摄像头（合成画面）", f"Camera in the analyser room, {en} (synthetic)")
        works = world.station(_STORE_AT)
        store = Text(
            f"{works.title.zh}危废暂存间红外摄像头（合成画面）",
            f"Infrared camera in the store of hazardous waste, {works.title.en} (synthetic)",
        )
        self.cameras: tuple[Camera, ...] = (
            Camera("QJ-C01", outlet, "outlet", station.code, minute),
            Camera("QJ-C02", room, "analyser-room", station.code, 5 * minute),
            Camera("QJ-C03", store, "hazardous-waste", works.code, 5 * minute, infrared=True),
        )

    def instants(self, camera: Camera, first: datetime, last: datetime) -> Iterator[datetime]:
        """When a camera takes its stills, from an instant on to another one, in order.

        Parameters
        ----------
        camera : Camera
        first, last : datetime
            Aware.

        Yields
        ------
        datetime
        """
        every = camera.every.total_seconds()
        at = datetime.fromtimestamp(-(-first.timestamp() // every) * every, UTC)
        while at <= last:
            yield at
            at += camera.every

    def still(self, camera: Camera, at: datetime) -> Still:
        """Draw what a camera sees at an instant.

        Parameters
        ----------
        camera : Camera
        at : datetime
            Aware.

        Returns
        -------
        Still
        """
        station = self._world.station(camera.station)
        instant = np.array([microseconds(at)])
        cod, flow = (float(self._world.value(station, factor, instant)[0]) for factor in (COD, FLOW))
        image = Image.new("RGB", SIZE, (120, 128, 124))
        draw = ImageDraw.Draw(image)
        if camera.looks_at == "outlet":
            _outlet(draw, cod, flow, at)
        elif camera.looks_at == "hazardous-waste":
            _store(draw, at)
        else:
            _room(draw, cod)
        _stamp(draw, camera, at)
        body = BytesIO()
        image.save(body, "JPEG", quality=70)
        return Still(camera, at, body.getvalue())


def _outlet(draw: ImageDraw.ImageDraw, cod: float, flow: float, at: datetime) -> None:
    """A pipe in a concrete wall over a channel; at night it is dark."""
    hour = at.astimezone(_CHINA).hour
    light = 1.0 if 7 <= hour < 18 else 0.55
    tint = _CLEAR + (_BROWN - _CLEAR) * min(1.0, cod / _BROWNEST)
    water = _rgb(tint * light)
    draw.rectangle((0, 0, 640, 210), fill=_rgb(np.array((150, 152, 146)) * light))
    for row in range(0, 210, 42):
        draw.line((0, row, 640, row), fill=_rgb(np.array((128, 130, 126)) * light))
    draw.ellipse((230, 70, 410, 210), fill=_rgb(np.array((70, 72, 72)) * light))
    draw.ellipse((244, 82, 396, 202), fill=(24, 26, 28))
    share = min(1.0, max(0.05, flow / _FULL))
    turn = np.linspace(-np.pi / 2, np.pi / 2, 40) * share + np.pi / 2  # the part of the pipe that is full
    draw.polygon([(320 + 76 * x, 142 + 60 * y) for x, y in zip(np.cos(turn), np.sin(turn), strict=True)], fill=water)
    half = int(20 + 56 * share)
    draw.polygon(((320 - half, 196), (320 + half, 196), (320 + half + 30, 262), (320 - half - 30, 262)), fill=water)
    draw.rectangle((0, 250, 640, 360), fill=_rgb(tint * light * 0.9))
    for number in range(9):
        left = (number * 83 + at.minute * 29 + at.second * 7) % 640
        draw.line((left, 268 + number * 9, left + 46, 268 + number * 9), fill=_rgb(tint * light * 1.15), width=2)


def _room(draw: ImageDraw.ImageDraw, cod: float) -> None:
    """A cabinet with the screen of an analyser."""
    draw.rectangle((0, 300, 640, 360), fill=(92, 90, 84))
    draw.rectangle((210, 50, 430, 320), fill=(214, 216, 214), outline=(120, 122, 122), width=3)
    draw.rectangle((236, 76, 404, 170), fill=(18, 44, 40))
    draw.text((248, 84), "COD  mg/L", fill=(150, 214, 190), font=ImageFont.load_default(18))
    draw.text((248, 114), f"{cod:6.1f}", fill=(150, 240, 200), font=ImageFont.load_default(40))
    draw.ellipse((300, 196, 340, 236), fill=(48, 160, 84))
    draw.line((430, 200, 560, 200, 560, 320), fill=(70, 110, 150), width=6)


def _store(draw: ImageDraw.ImageDraw, at: datetime) -> None:
    """Drums in a store: one more every day of the week, taken away on Mondays."""
    draw.rectangle((0, 0, 640, 210), fill=(146, 146, 146))
    draw.rectangle((0, 210, 640, 360), fill=(96, 96, 96))
    for number in range(at.astimezone(_CHINA).weekday() + 1):
        left = 50 + number * 78
        draw.rectangle((left, 150, left + 56, 280), fill=(200, 200, 200), outline=(60, 60, 60), width=3)
        draw.ellipse((left, 140, left + 56, 162), fill=(216, 216, 216), outline=(60, 60, 60), width=3)
        draw.line((left, 206, left + 56, 206), fill=(60, 60, 60), width=3)


def _stamp(draw: ImageDraw.ImageDraw, camera: Camera, at: datetime) -> None:
    """The clock, the camera, and that it is drawn."""
    draw.rectangle((0, 0, 640, 30), fill=(12, 22, 24))
    draw.text((10, 5), f"{at.astimezone(_CHINA):%Y-%m-%d %H:%M:%S}", fill="white", font=ImageFont.load_default(18))
    draw.text((520, 5), camera.code, fill="white", font=ImageFont.load_default(18))
    draw.rectangle((0, 332, 640, 360), fill=(12, 22, 24))
    draw.text((10, 336), _MARK, fill=(255, 214, 120), font=ImageFont.load_default(18))


def _rgb(colour: np.ndarray) -> tuple[int, int, int]:
    red, green, blue = (int(part) for part in np.clip(colour, 0, 255))
    return red, green, blue
