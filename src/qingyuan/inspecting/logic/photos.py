"""Photos as evidence: checked to be what they say, and kept byte for byte under their hash."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from math import isfinite
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import ExifTags, Image

from qingyuan.inspecting.models import Inspection, Media, Rectification
from qingyuan.kit import disk
from qingyuan.kit.errors import BadInput

LARGEST_BYTES = 15 * 1024 * 1024
LARGEST_PIXELS = 80_000_000
TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_BROKEN = (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning)


@dataclass(frozen=True)
class Photo:
    """A photo as it came from a device."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Looked:
    """A photo with what its own header says."""

    photo: Photo
    content_type: str
    size: tuple[int, int]
    taken_at: datetime | None
    place: "Place | None" = None


@dataclass(frozen=True)
class Place:
    """Where a camera says that it was: degrees in WGS-84, and metres above sea level where it knows."""

    lon: float
    lat: float
    height_m: float | None


def look_at(photos: Sequence[Photo]) -> list[Looked]:
    """Every photo once, each checked to be a whole image of a known kind."""
    once = {photo.sha256: photo for photo in photos}
    return [_looked(photo) for photo in once.values()]


def keep(looked: Sequence[Looked], record: Inspection | Rectification) -> list[Media]:
    """Write the bytes where they are not yet, and the rows that lead to them."""
    owner = {type(record).__name__.lower(): record}
    for one in looked:
        write(one.photo)
    rows = [
        Media(
            sha256=one.photo.sha256, name=Path(one.photo.name).name[:160], content_type=one.content_type,
            size=len(one.photo.content), width=one.size[0], height=one.size[1], taken_at=one.taken_at, **owner,
        )
        for one in looked
    ]  # fmt: skip
    return Media.objects.bulk_create(rows)


def _looked(photo: Photo) -> Looked:
    if len(photo.content) > LARGEST_BYTES:
        found = {"name": photo.name, "size": len(photo.content) / 2**20, "most": LARGEST_BYTES // 2**20}
        raise BadInput(_("%(name)s: found %(size).1f MB, expected at most %(most)d MB") % found, "photos")
    try:
        with Image.open(BytesIO(photo.content), formats=list(TYPES)) as image:
            if image.width * image.height > LARGEST_PIXELS:
                raise ValueError("too many pixels")
            taken_at, place = _taken_at(image), _place(image)
            image.load()
            return Looked(photo, TYPES[image.format or ""], image.size, taken_at, place)
    except _BROKEN as error:
        kinds = ", ".join(TYPES)
        raise BadInput(
            _("%(name)s: expected a whole image (%(kinds)s)") % {"name": photo.name, "kinds": kinds}, "photos"
        ) from error


def _taken_at(image: Image.Image) -> datetime | None:
    """When the camera says that it took the photo; without a zone the camera is taken to stand in China."""
    exif = image.getexif().get_ifd(ExifTags.IFD.Exif)
    text, zone = exif.get(ExifTags.Base.DateTimeOriginal), exif.get(ExifTags.Base.OffsetTimeOriginal)
    try:
        local = datetime.strptime(f"{text} {zone or '+08:00'}", "%Y:%m:%d %H:%M:%S %z")
    except ValueError:
        return None
    return local.astimezone(UTC)


def _place(image: Image.Image) -> Place | None:
    """Where the camera says that it was; None where it does not, or says what cannot be."""
    told = image.getexif().get_ifd(ExifTags.IFD.GPSInfo)
    try:
        lat = _degrees(told[ExifTags.GPS.GPSLatitude], told[ExifTags.GPS.GPSLatitudeRef])
        lon = _degrees(told[ExifTags.GPS.GPSLongitude], told[ExifTags.GPS.GPSLongitudeRef])
        height = told.get(ExifTags.GPS.GPSAltitude)
        height_m = None if height is None else float(height)
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    if not (abs(lat) <= 90 and abs(lon) <= 180) or (lat == 0 and lon == 0):
        return None  # a receiver without a fix says 0, 0
    return Place(lon, lat, height_m if height_m is not None and isfinite(height_m) else None)


def _degrees(parts: Sequence[float], reference: str) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    return -value if reference.strip("\0 ").upper() in ("S", "W") else value


def write(photo: Photo) -> None:
    """Put the bytes under their hash, once, and only whole."""
    disk.put(Path(settings.MEDIA_ROOT) / photo.sha256[:2] / photo.sha256, photo.content)
