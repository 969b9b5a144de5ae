"""Verbs on records: what was seen on site, and what was done about it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from django.db import transaction

from qingyuan.inspecting.api.flights import note_sighting, record_flight, report_sighting, take_media
from qingyuan.inspecting.errors import PhotoDamaged
from qingyuan.inspecting.events import InspectionRecorded, RectificationRecorded
from qingyuan.inspecting.forms import InspectionForm, RectificationForm
from qingyuan.inspecting.logic import records
from qingyuan.inspecting.logic.photos import Photo
from qingyuan.inspecting.logic.records import Draft
from qingyuan.inspecting.models import FlightMedia, Inspection, Media, Rectification
from qingyuan.inspecting.queries import photo_bytes
from qingyuan.kit import log
from qingyuan.kit.log import Origin
from qingyuan.people.queries import User
from qingyuan_science.plugins import Text

__all__ = [
    "Photo", "note_sighting", "photo_faults", "record_flight", "record_inspection", "record_rectification",
    "report_sighting", "take_media",
]  # fmt: skip


@transaction.atomic
def record_inspection(
    case_id: int, user: User, origin: Origin, *, values: Mapping[str, Any], photos: Sequence[Photo] = ()
) -> Inspection:
    """Keep what was seen on site and put it into the case's file.

    Parameters
    ----------
    case_id : int
    user : User
        Who holds the task of the inspection.
    origin : Origin
    values : Mapping
        client_id (a UUID made by the device), production_state, discharge_state, treatment_state, conclusion; and if
        known notes, device_at, lon and lat [degree, WGS-84], accuracy_m [m].
    photos : sequence of Photo
        JPEG, PNG or WebP, at most 15 MB each; kept byte for byte.

    Returns
    -------
    Inspection
        The one that is there already when the same client_id came before.

    Raises
    ------
    NotFound, Forbidden, Refused
        The case is not the user's to inspect now; says whose it is, or what the file asks for.
    BadInput
        A value or a photo is missing or wrong; says which.
    """
    draft = Draft(case_id, user, origin, values, photos)
    there = records.kept_already(Inspection, draft)
    if there is not None:
        return there
    title = Text("现场核查记录", "Inspection record")
    inspection, hashes = records.make(Inspection, InspectionForm(dict(values)), draft, title)
    fact = InspectionRecorded(id=inspection.pk, case=case_id, conclusion=inspection.conclusion, photos=hashes)
    log.write(fact, replace(origin, actor=user.username), at=inspection.at)
    return inspection


@transaction.atomic
def record_rectification(
    case_id: int, user: User, origin: Origin, *, values: Mapping[str, Any], photos: Sequence[Photo] = ()
) -> Rectification:
    """Keep what was done about a problem and put it into the case's file.

    Parameters
    ----------
    case_id : int
    user : User
        A handler of the responsible organisation.
    origin : Origin
    values : Mapping
        client_id (a UUID made by the device), measure, finished_on; and if there are any, notes.
    photos : sequence of Photo
        As for `record_inspection`; may be empty.

    Returns
    -------
    Rectification
        The one that is there already when the same client_id came before.

    Raises
    ------
    NotFound, Forbidden, Refused, BadInput
        As for `record_inspection`.
    """
    draft = Draft(case_id, user, origin, values, photos)
    there = records.kept_already(Rectification, draft)
    if there is not None:
        return there
    title = Text("整改记录", "Rectification record")
    rectification, hashes = records.make(Rectification, RectificationForm(dict(values)), draft, title)
    finished_on = rectification.finished_on.isoformat()
    fact = RectificationRecorded(id=rectification.pk, case=case_id, finished_on=finished_on, photos=hashes)
    log.write(fact, replace(origin, actor=user.username), at=rectification.at)
    return rectification


def photo_faults() -> Iterator[str | None]:
    """Hold the bytes of every photo, and of every picture of a flight, against the hash under which it was filed.

    Returns
    -------
    iterator of str or None
        For each photo what is wrong with it, or None.
    """
    every: chain[Media | FlightMedia] = chain(
        Media.objects.order_by("pk").iterator(), FlightMedia.objects.order_by("pk").iterator()
    )
    for media in every:
        try:
            photo_bytes(media)
        except PhotoDamaged as error:
            yield str(error)
        else:
            yield None
