"""Verbs on cameras and footage: entering, ending, bringing by hand, holding for a case, removing in time, verifying."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, Refused
from qingyuan.kit.log import Origin
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import Enterprise, Station, enterprises, stations
from qingyuan.sensing.errors import BadPayload
from qingyuan.sensing.events import CameraDescribed, CameraEnded, FootageHeld, LiveOpened
from qingyuan.sensing.filmed.film import BadFilm, Filmed
from qingyuan.sensing.filmed.looking import look
from qingyuan.sensing.logic.filming import keeping, storing
from qingyuan.sensing.models import Camera, Door, Footage, FootageHold
from qingyuan.sensing.queries.cameras import MAY_KEEP_CAMERAS, MAY_SEE_LIVE, footage_by_id
from qingyuan.sensing.queries.cameras import camera as camera_seen

TOLD = ("title_zh", "title_en", "looks_at", "infrared", "owner", "gb_code", "clock_ahead_s", "keep_days")


@transaction.atomic
def register_camera(
    code: str,
    place: Station | Enterprise,
    values: Mapping[str, Any],
    *,
    valid_from: date,
    origin: Origin = log.PLATFORM,
) -> Camera:
    """Enter a camera, or bring it up to date.

    Parameters
    ----------
    code : str
    place : Station or Enterprise
        Where it stands; one at an enterprise looks at all of the enterprise's stations.
    values : mapping
        `title_zh`, `title_en`, `looks_at`, `owner`, and if known `infrared`, `gb_code`, `live_url`, `clock_ahead_s` [s]
        and `keep_days` [d].
    valid_from : date
        The first day of its use.
    origin : Origin

    Returns
    -------
    Camera

    Raises
    ------
    BadInput
        A value is missing or is not what it must be.
    """
    there = Camera.objects.filter(code=code).first()
    camera = there or Camera(code=code)
    camera.station, camera.enterprise = (place, None) if isinstance(place, Station) else (None, place)
    camera.valid_from = valid_from
    for name, value in values.items():
        setattr(camera, name, value)
    _check(camera)
    camera.save()
    told = {name: getattr(camera, name) for name in TOLD}
    told |= {"place": place.code, "valid_from": valid_from.isoformat(), "has_live": bool(camera.live_url)}
    log.write(CameraDescribed(id=camera.pk, code=code, values=told), origin)
    return camera


def _check(camera: Camera) -> None:
    try:
        camera.full_clean()
    except ValidationError as error:
        field, texts = next(iter(error.message_dict.items()))
        raise BadInput(f"{field}: {' '.join(texts)}", field) from error


def keep_camera(
    user: User, code: str, place_code: str, values: Mapping[str, Any], *, valid_from: date, origin: Origin
) -> Camera:
    """Enter or change a camera as a person.

    Parameters
    ----------
    user : User
        One of `MAY_KEEP_CAMERAS`.
    code : str
    place_code : str
        Of a station or an enterprise in the user's territory.
    values : mapping
        As for `register_camera`.
    valid_from : date
    origin : Origin

    Returns
    -------
    Camera

    Raises
    ------
    Forbidden
        The user's role may not, or the camera stands elsewhere.
    BadInput
        There is no such place for this user, or a value is not what it must be.
    """
    _may(user, MAY_KEEP_CAMERAS)
    if Camera.objects.filter(code=code).exists():
        camera_seen(user, code)
    place = stations(user).filter(code=place_code).first() or enterprises(user).filter(code=place_code).first()
    if place is None:
        found = {"found": place_code}
        raise BadInput(_("Found place “%(found)s”, expected the code of a station or an enterprise.") % found, "place")
    return register_camera(code, place, values, valid_from=valid_from, origin=origin)


@transaction.atomic
def end_camera(user: User, code: str, ended_on: date, *, why: str, origin: Origin) -> Camera:
    """Say that a camera looks no longer; what it filmed stays.

    Parameters
    ----------
    user : User
        One of `MAY_KEEP_CAMERAS`.
    code : str
    ended_on : date
        The first day on which it is not in use any more.
    why : str
        Cannot be left out.
    origin : Origin

    Returns
    -------
    Camera

    Raises
    ------
    NotFound, Forbidden
        There is none for this user, or the user's role may not.
    BadInput
        No reason is given, or the day lies before it began.
    Refused
        It has ended already.
    """
    _may(user, MAY_KEEP_CAMERAS)
    camera = Camera.objects.select_for_update().get(pk=camera_seen(user, code).pk)
    if camera.ended_on is not None:
        raise Refused(_("This camera has ended already."))
    if not why.strip():
        raise BadInput(_("Say why the camera ends."), "why")
    if ended_on < camera.valid_from:
        found = {"found": ended_on, "first": camera.valid_from}
        raise BadInput(_("Found %(found)s, expected a day from %(first)s on.") % found, "ended_on")
    camera.ended_on = ended_on
    camera.save(update_fields=["ended_on"])
    log.write(CameraEnded(id=camera.pk, code=code, ended_on=ended_on.isoformat()), origin, why.strip())
    return camera


def open_live(user: User, code: str, origin: Origin) -> str:
    """The live address of a camera, for somebody who opens it; the log says who did.

    Parameters
    ----------
    user : User
        One of `MAY_SEE_LIVE`.
    code : str
    origin : Origin

    Returns
    -------
    str

    Raises
    ------
    NotFound, Forbidden
        There is none for this user, or the user's role may not.
    Refused
        It has no live address, or is not in use.
    """
    _may(user, MAY_SEE_LIVE)
    camera = camera_seen(user, code)
    if not camera.live_url or camera.ended_on is not None:
        raise Refused(_("This camera has no live picture here."))
    log.write(LiveOpened(id=camera.pk, code=code), origin)
    return str(camera.live_url)


@transaction.atomic
def bring_footage(
    user: User, code: str, name: str, raw: bytes, *, begins_at: datetime, origin: Origin
) -> tuple[Footage, bool]:
    """Enter a clip or a still by hand.

    Parameters
    ----------
    user : User
        One of `MAY_KEEP_CAMERAS`.
    code : str
        Of the camera.
    name : str
        Of the file.
    raw : bytes
    begins_at : datetime
        When its first picture was taken, by the camera's clock.
    origin : Origin

    Returns
    -------
    tuple of Footage and bool
        The clip or still, and whether it is new.

    Raises
    ------
    NotFound, Forbidden
        There is no such camera for this user, or the user's role may not.
    BadInput
        The bytes are none that browsers play, or cannot be of this camera at that time.
    """
    _may(user, MAY_KEEP_CAMERAS)
    camera = camera_seen(user, code)
    try:
        filmed = Filmed(code, begins_at, look(raw))
        storing.check(camera, filmed)
        brought = storing.Brought(Door.PAGE, name, origin.place, user=user)
        return storing.store(camera, filmed, raw, brought=brought, origin=origin)
    except (BadFilm, BadPayload) as error:
        raise BadInput(str(error), "file") from error


@transaction.atomic
def hold_footage(user: User, footage_id: int, subject: str, origin: Origin) -> Footage:
    """Keep a clip or still beyond its time, because something refers to it.

    Parameters
    ----------
    user : User
    footage_id : int
    subject : str
        What refers to it, as `case/12`; once each.
    origin : Origin

    Returns
    -------
    Footage

    Raises
    ------
    NotFound
        There is none of that number in the user's territory.
    Refused
        It was removed already.
    """
    seen = footage_by_id(user, footage_id)
    footage = Footage.objects.select_for_update().get(pk=seen.pk)
    if footage.removed_at is not None:
        raise Refused(_("The time for which it was kept has ended: its bytes are gone."))
    _row, new = FootageHold.objects.get_or_create(footage=footage, subject=subject, defaults={"at": clock.now()})
    if new:
        log.write(FootageHeld(id=footage.pk, sha256=footage.sha256, by=subject), origin)
    return seen


def remove_expired_footage() -> int:
    """Remove the bytes of clips and stills that were kept for their time and that nothing refers to.

    Returns
    -------
    int
        How many that were; their rows and lines of the log stay.
    """
    return storing.remove_expired(clock.now())


def footage_bytes(footage: Footage) -> bytes:
    """The bytes of a clip or still, as they came in.

    Parameters
    ----------
    footage : Footage

    Returns
    -------
    bytes

    Raises
    ------
    FootageDamaged
        The file is gone, or its bytes have another hash than the one filed.
    """
    return keeping.read(footage.sha256)


def footage_faults() -> Iterator[str | None]:
    """Hold the bytes of every clip and still against its hash.

    Returns
    -------
    iterator of str or None
        For each what is wrong with it, or None.
    """
    return storing.faults()


def _may(user: User, allowed: tuple[Role, ...]) -> None:
    if user.role not in allowed:
        roles = ", ".join(str(role.label) for role in allowed)
        raise Forbidden(_("Only these roles may do this: %(roles)s") % {"roles": roles})
