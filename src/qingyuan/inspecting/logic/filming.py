"""Pictures of a flight: looked at, held against the time of the flight, and kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.utils.translation import gettext as _

from qingyuan.inspecting.logic.photos import Looked, Photo, look_at, write
from qingyuan.inspecting.models import Flight, FlightMedia
from qingyuan.kit.errors import BadInput
from qingyuan.sensing.filmed.film import BadFilm
from qingyuan.sensing.filmed.looking import look
from qingyuan.sensing.queries import LARGEST_FOOTAGE

MARGIN = timedelta(minutes=10)  # that the clock of a camera may be off; our own choice
_CLIPS = (b"\x1aE\xdf\xa3", b"ftyp")  # how WebM begins, and what stands at byte 4 of an MP4


def looked(flight: Flight, file: Photo, begins_at: datetime | None) -> Looked:
    """A picture with what its header says; refused where it says another time than that of the flight."""
    is_clip = file.content[:4] == _CLIPS[0] or file.content[4:8] == _CLIPS[1]
    found = _clip(file, begins_at) if is_clip else look_at([file])[0]
    if found.taken_at is not None and not during(flight, found.taken_at):
        told = {"name": file.name, "at": f"{found.taken_at:%Y-%m-%d %H:%M:%S}Z"}
        raise BadInput(_("%(name)s: was taken at %(at)s, expected a time of the flight") % told, "pictures")
    return found


def _clip(file: Photo, begins_at: datetime | None) -> Looked:
    if len(file.content) > LARGEST_FOOTAGE:
        found = {"name": file.name, "size": len(file.content) / 2**20, "most": LARGEST_FOOTAGE // 2**20}
        raise BadInput(_("%(name)s: found %(size).1f MB, expected at most %(most)d MB") % found, "pictures")
    try:
        film = look(file.content)
    except BadFilm as error:
        raise BadInput(f"{file.name}: {error}", "pictures") from error
    return Looked(file, film.content_type, (film.width, film.height), begins_at)


def during(flight: Flight, at: datetime) -> bool:
    """Whether an instant is of a flight, as exactly as cameras know it."""
    return flight.starts_at - MARGIN <= at <= flight.ends_at + MARGIN


def keep(flight: Flight, found: Sequence[Looked]) -> list[FlightMedia]:
    """Write the bytes where they are not yet, and rows for those that are new to the flight."""
    by_hash = {one.photo.sha256: one for one in found}
    there = set(FlightMedia.objects.filter(flight=flight, sha256__in=by_hash).values_list("sha256", flat=True))
    rows = []
    for sha256, one in by_hash.items():
        if sha256 in there:
            continue
        write(one.photo)
        place = one.place
        rows.append(FlightMedia(
            flight=flight, sha256=sha256, name=Path(one.photo.name).name[:160], content_type=one.content_type,
            size=len(one.photo.content), width=one.size[0], height=one.size[1], taken_at=one.taken_at,
            lon=place.lon if place else None, lat=place.lat if place else None,
            height_m=place.height_m if place else None,
        ))  # fmt: skip
    return FlightMedia.objects.bulk_create(rows)
