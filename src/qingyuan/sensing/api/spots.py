"""Verbs on products of satellites: bringing a file, looking at what it says, entering it, taking it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.kit.errors import Forbidden, Refused
from qingyuan.kit.log import Origin
from qingyuan.people.queries import User
from qingyuan.places.queries import GridCell
from qingyuan.sensing.api.feeds import define_feed
from qingyuan.sensing.api.waiting import check_enterer, keep_waiting, no_readings, payload_of, reason_to_undo
from qingyuan.sensing.brought.spotted import Spotted
from qingyuan.sensing.connector import CONNECTORS
from qingyuan.sensing.logic import feeding, spotting
from qingyuan.sensing.models import Feed, SpotFile
from qingyuan.sensing.queries.spots import MAY_BRING_SPOTS, spot_file

LARGEST_FILE = 64 * 1024 * 1024  # as through a folder
BY_HAND, CONNECTOR = "satellite", "spots"


@dataclass(frozen=True)
class SpotPreview:
    """What a file says before it is entered: new spots with their cells, how many are known or outside, and faults."""

    new: tuple[tuple[Spotted, GridCell], ...]
    known: int
    outside: int
    faults: tuple[tuple[str, str], ...]
    entered_before: SpotFile | None


@transaction.atomic
def bring_spots(
    user: User, name: str, raw: bytes, *, origin: Origin, settings: Mapping[str, Any] | None = None
) -> SpotFile:
    """Keep a file until somebody has looked at what it says and enters it.

    Parameters
    ----------
    user : User
        One of `MAY_BRING_SPOTS`.
    name : str
    raw : bytes
    origin : Origin
    settings : mapping, optional
        Of the connector `spots`: names of properties, datum.

    Returns
    -------
    SpotFile
        Waiting.

    Raises
    ------
    Forbidden
        The user's role may not.
    BadInput
        The file is empty or too large, or a setting is wrong.
    """
    _may(user)
    file = keep_waiting(user, name, raw, LARGEST_FILE)
    checked = CONNECTORS.get(CONNECTOR).checked(settings or {})
    feed = Feed.objects.filter(code=BY_HAND).first() or define_feed(
        BY_HAND, connector=CONNECTOR, title_zh="卫星产品导入", title_en="Satellite products by hand", origin=origin
    )
    return SpotFile.objects.create(feed=feed, settings=checked, **file)


def preview_spots(file: SpotFile) -> SpotPreview:
    """Read a file that waits; nothing is stored.

    Parameters
    ----------
    file : SpotFile

    Returns
    -------
    SpotPreview

    Raises
    ------
    BadPayload
        The file as a whole cannot be read.
    """
    read = CONNECTORS.get(CONNECTOR)().read(payload_of(file), file.settings)
    found = spotting.sort(read.spots or ())
    same = SpotFile.objects.filter(sha256=file.sha256, entered_at__isnull=False, undone_at=None)
    return SpotPreview(found.new, found.known, found.outside, tuple(read.faults), same.order_by("pk").first())


@transaction.atomic
def enter_spots(file_id: int, user: User, origin: Origin) -> SpotFile:
    """Enter a file that waits: its bytes as evidence, its spots as rows.

    Parameters
    ----------
    file_id : int
    user : User
        Who brought it.
    origin : Origin

    Returns
    -------
    SpotFile

    Raises
    ------
    NotFound
        There is no such file that the user may see.
    Forbidden
        The user's role may not, or somebody else brought it.
    Refused
        It was entered already, or it brings nothing new.
    """
    _may(user)
    file = SpotFile.objects.select_for_update(of=("self",)).get(pk=spot_file(user, file_id).pk)
    check_enterer(file, user, entered=file.entered_at is not None)
    preview = preview_spots(file)
    if not preview.new:
        raise Refused(_("Nothing in this file is new: what it says is on file, outside the grid, or cannot be read."))
    feed = _read_by(file, origin)
    feeding.take_in(feed, [payload_of(file)], no_readings)
    return spot_file(user, file_id)


@transaction.atomic
def undo_spots(file_id: int, user: User, why: str, origin: Origin) -> int:
    """Take back what a file brought; its rows and its bytes stay on record, and count no longer.

    Parameters
    ----------
    file_id : int
    user : User
        Who brought it, or an administrator.
    why : str
        Cannot be left out.
    origin : Origin

    Returns
    -------
    int
        How many spots were withdrawn.

    Raises
    ------
    NotFound
        There is no such file that the user may see.
    Forbidden
        It is somebody else's.
    BadInput
        No reason is given.
    Refused
        It was not entered, or undone already.
    """
    file = SpotFile.objects.select_for_update(of=("self",)).get(pk=spot_file(user, file_id).pk)
    why = reason_to_undo(file, user, why, stands=file.entered_at is not None and file.undone_at is None)
    return spotting.withdraw(file, user, why, Origin(user.username, origin.place))


def _read_by(file: SpotFile, origin: Origin) -> Feed:
    """The feed of files brought by hand, with the settings of this one; the log says by which each was read."""
    feed = Feed.objects.select_for_update(of=("self",)).get(code=BY_HAND)
    if feed.settings == file.settings:
        return feed
    return define_feed(
        BY_HAND,
        connector=CONNECTOR,
        title_zh=feed.title_zh,
        title_en=feed.title_en,
        settings=file.settings,
        origin=origin,
    )


def _may(user: User) -> None:
    if user.role not in MAY_BRING_SPOTS:
        roles = ", ".join(str(role.label) for role in MAY_BRING_SPOTS)
        raise Forbidden(_("Only these roles may bring products of satellites: %(roles)s") % {"roles": roles})
