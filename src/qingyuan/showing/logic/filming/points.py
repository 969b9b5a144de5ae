"""Key points on one page: sources under control, drinking water and air, with what they say now and who films them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from shapely import Point as Spot

from qingyuan.kit.clock import SHANGHAI
from qingyuan.people.queries import User
from qingyuan.places.queries import PointClass, Station, StationKind, classes_of, of_class, stations
from qingyuan.sensing.queries import Camera, Channel, cameras
from qingyuan.showing.logic.board import Cell, cells_of, shown_channels, stale_since
from qingyuan.showing.logic.factors import Measured, measured
from qingyuan.showing.logic.filming.wall import Tile, tiles
from qingyuan.showing.map_layer import Feature, LegendEntry
from qingyuan.showing.states import StationState, states_of
from qingyuan_science.plugins import Text

AIR = "air"
CLASSES = [*PointClass.choices, (AIR, gettext_lazy("Air station"))]
OVER, CURRENT, OFFLINE = "over", "current", "offline"
STANDINGS = [
    (OVER, gettext_lazy("Above a limit")), (CURRENT, gettext_lazy("Up to date")), (OFFLINE, gettext_lazy("Offline")),
]  # fmt: skip
LIVE, RECORDED, UNSEEN = "live", "recorded", "none"
FILMED = [
    (LIVE, gettext_lazy("Live picture")), (RECORDED, gettext_lazy("Recordings only")), (UNSEEN, gettext_lazy("None")),
]  # fmt: skip
_BADGES = {OVER: "warning", CURRENT: "good", OFFLINE: "idle"}
LEGEND = (
    LegendEntry(OFFLINE, "#55646b", Text("离线", "Offline"), "ring"),
    LegendEntry(CURRENT, "#0f766e", Text("数据最新", "Up to date"), "circle"),
    LegendEntry(OVER, "#b5161b", Text("超限", "Above a limit"), "triangle"),
)


@dataclass(frozen=True)
class Measure:
    """One channel of a point with its newest value, None where none came yet."""

    channel: Channel
    words: Measured
    cell: Cell | None


@dataclass(frozen=True)
class Point:
    """A station as the page shows it."""

    station: Station
    point_class: PointClass | None
    state: StationState
    measures: tuple[Measure, ...]
    stale_at: datetime | None
    tiles: tuple[Tile, ...]

    @property
    def standing(self) -> str:
        """Above a limit now, with current values, or offline: nothing came for long, or nothing at all."""
        if self.stale_at is not None or not any(one.cell for one in self.measures):
            return OFFLINE
        return OVER if any(one.cell and one.cell.over for one in self.measures) else CURRENT

    @property
    def badge(self) -> tuple[Any, str]:
        """The same in words, and as `state_badge` takes it."""
        return dict(STANDINGS)[self.standing], _BADGES[self.standing]

    @property
    def filmed(self) -> str:
        """Whether a live picture plays, only recordings are there, or no camera is."""
        using = [one for one in self.tiles if one.in_use]
        if any(one.plays for one in using):
            return LIVE
        return RECORDED if using else UNSEEN

    @property
    def filmed_words(self) -> Any:
        return dict(FILMED)[self.filmed]

    @property
    def class_words(self) -> Any:
        """Its class; an air station of none is told as such."""
        if self.point_class is not None:
            return self.point_class.label
        return dict(CLASSES)[AIR] if self.station.kind == StationKind.AMBIENT_AIR else ""


def key_points(viewer: User, wanted: str, now: datetime) -> QuerySet[Station]:
    """The stations of any class, and air stations; or of one class (a value of `CLASSES`)."""
    on = now.astimezone(SHANGHAI).date()
    air = Q(kind=StationKind.AMBIENT_AIR)
    if wanted:
        return stations(viewer).filter(air if wanted == AIR else of_class(wanted, on)).order_by("code")
    every = air
    for one in PointClass:
        every |= of_class(one, on)
    return stations(viewer).filter(every).order_by("code")


def points(viewer: User, found: Sequence[Station], now: datetime, *, secure: bool) -> list[Point]:
    """Stations with class, values and cameras; as many queries for all."""
    ids = [one.pk for one in found]
    channels = shown_channels(ids)
    cells = cells_of([each for several in channels.values() for each in several], now)
    classes = classes_of(found, now.astimezone(SHANGHAI).date())
    states, filmed = states_of(ids, now), _filmed(viewer, found, now, secure=secure)
    made = []
    for one in found:
        measures = tuple(_measures(channels[one.pk], cells))
        newest = max((each.cell.at for each in measures if each.cell), default=None)
        seen = tuple(filmed[one.pk])
        made.append(Point(one, classes.get(one.pk), states[one.pk], measures, stale_since(newest, now), seen))
    return made


def _measures(channels: Sequence[Channel], cells: dict[int, Cell]) -> Iterator[Measure]:
    """What a limit binds stands first."""
    every = [Measure(one, measured(one), cells.get(one.pk)) for one in channels]
    yield from sorted(every, key=lambda one: not (one.cell and one.cell.limit))


def _filmed(viewer: User, found: Sequence[Station], now: datetime, *, secure: bool) -> dict[int, list[Tile]]:
    """The cameras at each station, and behind them those that look at all of its enterprise."""
    owners = {one.enterprise_id for one in found if one.enterprise_id}
    here = Q(station__in=[one.pk for one in found]) | Q(station=None, enterprise__in=owners)
    seen: list[Camera] = list(cameras(viewer).filter(here).order_by("code"))
    at_station: dict[int, list[Tile]] = defaultdict(list)
    at_owner: dict[int, list[Tile]] = defaultdict(list)
    for one in tiles(viewer, seen, now, secure=secure):
        if one.camera.station_id is not None:
            at_station[one.camera.station_id].append(one)
        elif one.camera.enterprise_id is not None:
            at_owner[one.camera.enterprise_id].append(one)
    return {one.pk: [*at_station[one.pk], *at_owner[one.enterprise_id or 0]] for one in found}


def features(found: Sequence[Point]) -> list[dict[str, Any]]:
    """The points for the map; each leads to its video and values."""
    return [
        Feature(
            Spot(one.station.lon, one.station.lat), one.station.title, str(one.badge[0]), one.standing,
            f"{reverse('watch-points')}?point={one.station.code}", f"{one.class_words} · {_video(one)}",
        ).as_geojson()
        for one in found
    ]  # fmt: skip


def _video(one: Point) -> str:
    return _("video: %(state)s") % {"state": one.filmed_words}
