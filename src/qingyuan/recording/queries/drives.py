"""Drives of monitors that move, in the viewer's territory, and where these were."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from qingyuan.kit.errors import NotFound
from qingyuan.people.queries import User
from qingyuan.places.queries import Territory, cells_at, territory_of
from qingyuan.recording.models import Drive
from qingyuan.recording.queries.windows import windows
from qingyuan.sensing.queries import Channel
from qingyuan_science.mobile import Refused, Track, track_of
from qingyuan_science.series import Series
from qingyuan_science.standards.factors import LATITUDE, LONGITUDE, POSITION


@dataclass(frozen=True)
class Driven:
    """A drive as a viewer may see it: the positions in the viewer's territory, and what was measured meanwhile.

    `hidden` positions lie in other territories.
    """

    drive: Drive
    track: Track
    refused: Refused
    hidden: int

    def series(self, channel: Channel, delay: float = 0.0) -> Series:
        """Return the readings of one of its channels, those included whose air was drawn in before the end.

        Parameters
        ----------
        channel : Channel
        delay : float
            How long air takes from the inlet to the reading. [s]

        Returns
        -------
        Series
        """
        end = self.drive.ends_at + timedelta(seconds=delay, microseconds=1)
        return windows([channel.pk], "r", self.drive.starts_at, end)[channel.pk]


def drives(viewer: User) -> QuerySet[Drive]:
    """Drives that crossed the viewer's territory, the newest first.

    Parameters
    ----------
    viewer : User
        An enterprise user sees none.

    Returns
    -------
    QuerySet of Drive
    """
    crossed = Drive.objects.filter(territory_of(viewer).of_cells("cells__")).values("pk")
    return Drive.objects.filter(pk__in=crossed).select_related("station__cell")


def drive(viewer: User, drive_id: int) -> Drive:
    """One drive.

    Parameters
    ----------
    viewer : User
    drive_id : int

    Returns
    -------
    Drive

    Raises
    ------
    NotFound
        None of that number crossed the viewer's territory.
    """
    found = drives(viewer).filter(pk=drive_id).first()
    if found is None:
        raise NotFound(_("No drive %(id)s crossed your territory.") % {"id": drive_id})
    return found


def driven(viewer: User, one: Drive) -> Driven:
    """Where a monitor was during a drive, as far as the viewer may see it.

    Parameters
    ----------
    viewer : User
    one : Drive

    Returns
    -------
    Driven
    """
    own = Channel.objects.filter(station=one.station_id, factor__in=(LONGITUDE, LATITUDE), basis="measured")
    by_factor = dict(own.values_list("factor", "pk"))
    found = windows(list(by_factor.values()), "r", one.starts_at, one.ends_at + timedelta(microseconds=1))
    track, refused = track_of(found[by_factor[LONGITUDE]], found[by_factor[LATITUDE]])
    territory = territory_of(viewer)
    if all(_is_in(territory, path) for path in one.cells.values_list("path", flat=True)):
        return Driven(one, track, refused, 0)
    crossed = cells_at(list(zip(track.lon.tolist(), track.lat.tolist(), strict=True)))
    seen = np.array([cell is not None and _is_in(territory, cell.path) for cell in crossed], np.bool_)
    return Driven(one, track.chosen(seen), refused, int((~seen).sum()))


def measured_on(one: Drive) -> QuerySet[Channel]:
    """What a monitor measures besides where it is.

    Parameters
    ----------
    one : Drive

    Returns
    -------
    QuerySet of Channel
    """
    own = Channel.objects.filter(station=one.station_id).exclude(factor__in=POSITION)
    return own.select_related("station").order_by("factor", "basis")


def _is_in(territory: Territory, path: str) -> bool:
    return any(path == own or path.startswith(f"{own}/") for own in territory.paths)
