"""Cameras side by side: where each stands, what it looks at, its newest picture, and whether its live picture plays."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.kit.clock import SHANGHAI
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import (
    Enterprise,
    PointClass,
    class_of_firm,
    classes_of,
    control_levels,
    firms_of_class,
    of_class,
)
from qingyuan.sensing.queries import MAY_SEE_LIVE, Camera, Footage, cameras, footage, looks_now
from qingyuan.showing.logic.filming.playing import why_not

LATE = timedelta(hours=2)  # our own choice: from then on the newest picture says nothing of now


@dataclass(frozen=True)
class Tile:
    """One camera as walls and lists show it; `bar` says why its live picture does not play in the page."""

    camera: Camera
    place: str
    place_href: str
    video_href: str
    point_class: PointClass | None
    in_use: bool
    newest: Footage | None
    is_late: bool
    may_see_live: bool
    bar: str

    @property
    def plays(self) -> bool:
        """Whether its live picture plays in the page."""
        return self.may_see_live and not self.bar

    @property
    def live_words(self) -> str:
        """What is to be said of its live picture where none plays."""
        if not self.camera.live_url:
            return _("no live address")
        if not self.in_use:
            return _("no live picture")
        if not self.may_see_live:
            return _("live picture: not for your role")
        return _("does not play here: %(why)s") % {"why": self.bar} if self.bar else ""

    @property
    def state(self) -> tuple[str, str]:
        """Its state in words, and as `state_badge` takes it."""
        if not self.in_use:
            return _("Not in use"), "idle"
        if self.newest is None:
            return _("No picture yet"), "idle"
        return (_("No new picture"), "warning") if self.is_late else (_("In use"), "good")


def cameras_at(viewer: User, owner: Enterprise) -> QuerySet[Camera]:
    """The cameras of an enterprise: at its stations, and those that look at all of it; those in use in front."""
    here = Q(station__enterprise=owner) | Q(enterprise=owner)
    return cameras(viewer).filter(here).order_by("ended_on", "station__code", "code")


def tiles(viewer: User, found: Sequence[Camera], now: datetime, *, secure: bool = False) -> list[Tile]:
    """Cameras with their newest pictures; as many queries for all. `secure` says that the page goes by https."""
    newest = _newest(viewer, [one.pk for one in found])
    today = now.astimezone(SHANGHAI).date()
    classes = classes_of({one.station for one in found if one.station is not None}, today)
    levels = control_levels({one.enterprise_id for one in found if one.enterprise_id}, today)
    bars = {one.pk: why_not(str(one.live_url), secure=secure) for one in found}
    return [
        _tile(viewer, one, (newest.get(one.pk), now), (_class(one, classes, levels), bars[one.pk])) for one in found
    ]


def video_of(viewer: User, owner: Enterprise, now: datetime) -> list[Tile] | None:
    """The cameras of an enterprise for its page; None for those to whom video is not shown."""
    if viewer.role == Role.ENTERPRISE:
        return None
    return tiles(viewer, list(cameras_at(viewer, owner)), now)


def _class(one: Camera, classes: dict[int, PointClass], levels: dict[int, str]) -> PointClass | None:
    if one.station_id is not None:
        return classes.get(one.station_id)
    return class_of_firm(one.enterprise, levels) if one.enterprise is not None else None


def _tile(
    viewer: User, one: Camera, seen: tuple[Footage | None, datetime], known: tuple[PointClass | None, str]
) -> Tile:
    (newest, now), (point_class, bar) = seen, known
    may = bool(one.live_url) and looks_now(one) and viewer.role in MAY_SEE_LIVE
    place, href, video = _place(one)
    return Tile(
        one, place, href, video, point_class, looks_now(one), newest,
        newest is not None and now - newest.ends_at > LATE, may, bar,
    )  # fmt: skip


def _place(one: Camera) -> tuple[str, str, str]:
    """Where a camera stands, the page of that, and the page of its video."""
    if one.station is not None:
        code = {"code": one.station.code}
        return one.station.title, reverse("station", kwargs=code), reverse("station-video", kwargs=code)
    owner = one.enterprise
    if owner is None:
        return "", "", ""
    code = {"code": owner.code}
    return owner.title, reverse("enterprise", kwargs=code), reverse("enterprise-video", kwargs=code)


def _newest(viewer: User, ids: Collection[int]) -> dict[int, Footage]:
    """The newest clip or still of each camera whose bytes are kept."""
    kept = footage(viewer).filter(camera__in=ids, removed_at=None)
    return {one.camera_id: one for one in kept.order_by("camera_id", "-starts_at", "-pk").distinct("camera_id")}


def of_point_class(found: QuerySet[Camera], wanted: str, today: datetime) -> QuerySet[Camera]:
    """Those whose point is of a class."""
    on = today.astimezone(SHANGHAI).date()
    at_firm = Q(station=None, enterprise__in=Enterprise.objects.filter(firms_of_class(wanted, on)))
    return found.filter(Q(station__isnull=False) & of_class(wanted, on, "station__") | at_firm)
