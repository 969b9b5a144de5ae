"""Verbs on patrol flights: recording one, keeping its pictures, noting what was seen, and reporting it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.inspecting.events import FlightFilmed, FlightRecorded, SightingNoted, SightingReported
from qingyuan.inspecting.logic import filming
from qingyuan.inspecting.logic.photos import Photo
from qingyuan.inspecting.models import Category, Flight, FlightMedia, Sighting
from qingyuan.inspecting.queries.flights import MAY_FLY, flight, flight_media
from qingyuan.judging.api import report_seen
from qingyuan.judging.queries import Finding
from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, NotFound, Refused
from qingyuan.kit.log import Origin
from qingyuan.people.queries import User
from qingyuan.places.queries import StationKind, cells, cells_at, stations, zones


@transaction.atomic
def record_flight(user: User, values: Mapping[str, Any], origin: Origin) -> Flight:
    """Enter a patrol flight that was flown.

    Parameters
    ----------
    user : User
        One of `MAY_FLY`.
    values : mapping
        `station` (code of a drone) and `zone` (code) in the user's territory, `purpose`, `pilot`, `starts_at` and
        `ends_at` (aware), and if there are any `notes`.
    origin : Origin

    Returns
    -------
    Flight

    Raises
    ------
    Forbidden, NotFound
        The user's role may not, or there is no such drone or area in the user's territory.
    BadInput
        A text is missing, or the time cannot be.
    Refused
        A flight of this drone that overlaps is entered already.
    """
    _may(user)
    drone = stations(user).filter(code=values["station"], kind=StationKind.DRONE).first()
    zone = zones(user).filter(code=values["zone"]).first()
    if drone is None:
        raise NotFound(_("There is no drone %(code)s in your territory.") % {"code": values["station"]})
    if zone is None:
        raise NotFound(_("There is no area %(code)s in your territory.") % {"code": values["zone"]})
    for name in ("purpose", "pilot"):
        if not str(values[name]).strip():
            raise BadInput(_("This cannot be left out."), name)
    starts_at, ends_at = values["starts_at"], values["ends_at"]
    if not starts_at < ends_at <= clock.now():
        raise BadInput(_("Expected a landing after the take-off that is not in the future"), "ends_at")
    same = Flight.objects.filter(station=drone, starts_at__lt=ends_at, ends_at__gt=starts_at).first()
    if same is not None:
        raise Refused(_("A flight of this drone at that time is entered as number %(id)s.") % {"id": same.pk})
    made = Flight.objects.create(
        station=drone, zone=zone, purpose=values["purpose"].strip(), pilot=values["pilot"].strip(),
        starts_at=starts_at, ends_at=ends_at, notes=values.get("notes", ""), entered_by=user, entered_at=clock.now(),
    )  # fmt: skip
    fact = FlightRecorded(
        id=made.pk, station=drone.code, zone=zone.code, purpose=made.purpose, pilot=made.pilot,
        starts_at=starts_at.isoformat(), ends_at=ends_at.isoformat(),
    )  # fmt: skip
    log.write(fact, replace(origin, actor=user.username))
    return made


@transaction.atomic
def take_media(
    user: User, flight_id: int, files: Sequence[Photo], origin: Origin, *, begins_at: datetime | None = None
) -> list[FlightMedia]:
    """Keep photos and clips of a flight, byte for byte; the log holds their hashes.

    Parameters
    ----------
    user : User
        One of `MAY_FLY`.
    flight_id : int
    files : sequence of Photo
        JPEG, PNG, WebP at most 15 MB each; MP4 or WebM that browsers play, at most 64 MiB each.
    origin : Origin
    begins_at : datetime, optional
        When a clip begins, aware; photos say it themselves (EXIF).

    Returns
    -------
    list of FlightMedia
        Those that are new; what came before is kept once.

    Raises
    ------
    Forbidden, NotFound
        The user's role may not, or there is no such flight in the user's territory.
    BadInput
        A file is none of these, or was taken outside of the flight; says which.
    """
    _may(user)
    one = flight(user, flight_id)
    if not files:
        raise BadInput(_("Choose at least one photo or clip."), "pictures")
    made = filming.keep(one, [filming.looked(one, file, begins_at) for file in files])
    if made:
        fact = FlightFilmed(id=one.pk, media=[row.sha256 for row in made])
        log.write(fact, replace(origin, actor=user.username))
    return made


@transaction.atomic
def note_sighting(
    user: User,
    flight_id: int,
    values: Mapping[str, Any],
    origin: Origin,
) -> Sighting:
    """Note what was seen on a flight.

    Parameters
    ----------
    user : User
        One of `MAY_FLY`.
    flight_id : int
    values : mapping
        `category` (of `Category`), `what`, `lon` and `lat` [degree, WGS-84], `at` (aware, within the flight), and if
        there is one `picture`, the number of a picture of the flight.
    origin : Origin

    Returns
    -------
    Sighting

    Raises
    ------
    Forbidden, NotFound
        The user's role may not, or flight, picture or place lie outside of the user's territory.
    BadInput
        A value is missing or cannot be.
    """
    _may(user)
    one = flight(user, flight_id)
    media = flight_media(user, values["picture"]) if values.get("picture") else None
    if media is not None and media.flight_id != one.pk:
        raise BadInput(_("The picture is of another flight."), "picture")
    if values["category"] not in Category.values:
        raise BadInput(_("Expected one of: %(known)s") % {"known": ", ".join(Category.values)}, "category")
    if not values["what"].strip():
        raise BadInput(_("Say what was noticed"), "what")
    if not filming.during(one, values["at"]):
        raise BadInput(_("Expected a time of the flight"), "at")
    (cell,) = cells_at([(values["lon"], values["lat"])])
    if cell is None or not cells(user).filter(pk=cell.pk).exists():
        found = {"lon": values["lon"], "lat": values["lat"]}
        raise NotFound(_("The place %(lon).5f, %(lat).5f lies in no grid cell of your territory.") % found)
    made = Sighting.objects.create(
        flight=one, media=media, category=values["category"], what=values["what"].strip(), lon=values["lon"],
        lat=values["lat"], at=values["at"], noted_by=user,
    )  # fmt: skip
    fact = SightingNoted(
        id=one.pk, sighting=made.pk, category=made.category, what=made.what, media=media.sha256 if media else ""
    )
    log.write(fact, replace(origin, actor=user.username))
    return made


@transaction.atomic
def report_sighting(user: User, sighting_id: int, origin: Origin) -> Finding:
    """Enter what was seen on a flight into the list of findings, with the flight and the hash of the picture.

    Parameters
    ----------
    user : User
        One of `MAY_FLY`.
    sighting_id : int
    origin : Origin

    Returns
    -------
    Finding

    Raises
    ------
    Forbidden, NotFound
        The user's role may not, or there is no such sighting in the user's territory.
    Refused
        It was entered before.
    """
    _may(user)
    row = Sighting.objects.select_for_update(of=("self",)).select_related("flight__station", "media")
    seen = row.filter(pk=sighting_id).first()
    if seen is None:
        raise NotFound(_("There is no sighting %(id)s in your territory.") % {"id": sighting_id})
    one = flight(user, seen.flight_id)
    if seen.finding_id is not None:
        raise Refused(_("This was entered as finding %(id)s.") % {"id": seen.finding_id})
    kept = {
        "by": "flight", "number": one.pk, "key": str(seen.pk), "station": one.station.code, "at": seen.at.isoformat(),
        "category": seen.category, "zone": one.zone.code, "pilot": one.pilot,
        "media": seen.media_id, "sha256": seen.media.sha256 if seen.media else "",
    }  # fmt: skip
    said = _("%(category)s: %(what)s") % {"category": seen.get_category_display(), "what": seen.what}
    seen.finding = report_seen(user, origin, at=(seen.lon, seen.lat), what=said, span=(seen.at, seen.at), seen=kept)
    seen.save(update_fields=["finding"])
    fact = SightingReported(id=one.pk, sighting=seen.pk, finding=seen.finding.pk)
    log.write(fact, replace(origin, actor=user.username))
    return seen.finding


def _may(user: User) -> None:
    if user.role not in MAY_FLY:
        roles = ", ".join(str(role.label) for role in MAY_FLY)
        raise Forbidden(_("Only these roles may do this: %(roles)s") % {"roles": roles})
