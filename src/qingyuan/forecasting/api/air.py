"""Verbs on bulletins of air quality forecasts: bringing a file, looking at what it says, entering it.

What was entered is never taken back: a forecast that proved wrong would otherwise vanish from the score.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.forecasting.logic import bulletins as storing
from qingyuan.forecasting.models import Bulletin, ForetoldDay
from qingyuan.forecasting.queries.air import MAY_BRING_FORECASTS, bulletin
from qingyuan.kit import clock
from qingyuan.kit.errors import Forbidden, Refused
from qingyuan.kit.log import Origin
from qingyuan.people.queries import User
from qingyuan.sensing.api import (
    Rows,
    Segment,
    check_enterer,
    define_feed,
    keep_waiting,
    payload_of,
    take_in_payloads,
)
from qingyuan.sensing.events import ForecastsBrought
from qingyuan.sensing.queries import Feed, connectors, feed_by_code, read_bulletin

LARGEST_FILE = 16 * 1024 * 1024
BY_HAND, CONNECTOR = "air-forecasts", "bulletins"


@dataclass(frozen=True)
class BulletinPreview:
    """What a bulletin would say if it were entered now: days that are new, how many are on file, and faults."""

    new: tuple[ForetoldDay, ...]
    known: int
    faults: tuple[tuple[str, str], ...]


@transaction.atomic
def bring_bulletin(
    user: User, name: str, raw: bytes, *, origin: Origin, settings: Mapping[str, str] | None = None
) -> Bulletin:
    """Keep a file until somebody has looked at what it says and enters it.

    Parameters
    ----------
    user : User
        One of `MAY_BRING_FORECASTS`.
    name : str
    raw : bytes
    origin : Origin
    settings : mapping, optional
        Of the connector `bulletins`: names of columns, forecaster.

    Returns
    -------
    Bulletin
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
    feed = feed_by_code(BY_HAND) or _feed({}, origin)
    return Bulletin.objects.create(connector=CONNECTOR, settings=_checked(settings or {}), feed=feed.code, **file)


def preview_bulletin(one: Bulletin) -> BulletinPreview:
    """Read a file that waits as if it came now; nothing is stored.

    Parameters
    ----------
    one : Bulletin

    Returns
    -------
    BulletinPreview

    Raises
    ------
    BadPayload
        The file as a whole cannot be read.
    """
    now = clock.now()
    read = read_bulletin(payload_of(one).raw, one.name, now, (one.connector, one.settings))
    found = storing.sort(read.foretold or (), read.faults, now)
    return BulletinPreview(found.new, found.known, found.faults)


@transaction.atomic
def enter_bulletin(bulletin_id: int, user: User, origin: Origin) -> Bulletin:
    """Enter a file that waits: its bytes as evidence, its days as rows, as come at this instant.

    Parameters
    ----------
    bulletin_id : int
    user : User
        Who brought it.
    origin : Origin

    Returns
    -------
    Bulletin

    Raises
    ------
    NotFound
        There is no such bulletin that the user may see.
    Forbidden
        The user's role may not, or somebody else brought it.
    Refused
        It was entered already, or it says nothing new.
    """
    _may(user)
    one = Bulletin.objects.select_for_update(of=("self",)).get(pk=bulletin(user, bulletin_id).pk)
    check_enterer(one, user, entered=one.segment is not None)
    if not preview_bulletin(one).new:
        raise Refused(_("Nothing in this file is new: what it says is on file, or cannot be read."))
    feed, segments = _feed(one.settings, origin), []

    def _no_readings(_rows: Rows, segment: Segment) -> int:
        segments.append(segment.id)
        return 0

    take_in_payloads(feed, [payload_of(one)], _no_readings)
    storing.store(
        ForecastsBrought(
            id=segments[0], feed=feed.code, name=one.name, connector=one.connector, settings=one.settings,
            sha256=one.sha256, days=0,
        )
    )  # fmt: skip
    return bulletin(user, bulletin_id)


@transaction.atomic
def keep_forecasts(event: ForecastsBrought) -> None:
    """Make rows of a bulletin whose bytes were taken in (a handler of the loop).

    Parameters
    ----------
    event : ForecastsBrought

    Notes
    -----
    When it came is when its bytes did, not when this runs.
    """
    storing.store(event)


def _feed(settings: Mapping[str, str], origin: Origin) -> Feed:
    """The feed of bulletins brought by hand, with the settings of this one; the log says by which each was read."""
    feed = feed_by_code(BY_HAND)
    if feed is not None and feed.settings == settings:
        return feed
    return define_feed(
        BY_HAND, connector=CONNECTOR, title_zh="空气质量预报导入", title_en="Air quality forecasts by hand",
        settings=settings, origin=origin,
    )  # fmt: skip


def _checked(settings: Mapping[str, str]) -> dict[str, str]:
    return next(one for one in connectors() if one.code == CONNECTOR).checked(settings)


def _may(user: User) -> None:
    if user.role not in MAY_BRING_FORECASTS:
        roles = ", ".join(str(role.label) for role in MAY_BRING_FORECASTS)
        raise Forbidden(_("Only these roles may bring bulletins of forecasts: %(roles)s") % {"roles": roles})
