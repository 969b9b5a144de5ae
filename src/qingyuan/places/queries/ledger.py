"""Reads of places, scoped to the viewer's territory where a viewer is given."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, TypeVar

from django.db.models import Q, QuerySet
from shapely import STRtree
from shapely import points as shapely_points
from shapely.geometry import Point as Shape

from qingyuan.kit import clock
from qingyuan.kit.turns import Question, ask, together
from qingyuan.people.queries import Role, User
from qingyuan.places import geometry
from qingyuan.places.models import (
    MEASURES_WEATHER,
    MOVES,
    AppliedStandard,
    CellEdition,
    Enterprise,
    GridCell,
    Level,
    Posting,
    Purpose,
    Station,
    StationDescription,
    StationKind,
    WaterBody,
)
from qingyuan.places.network import NetworkPart, network_parts

__all__ = [
    "MEASURES_WEATHER",
    "MOVES",
    "AppliedStandard",
    "Enterprise",
    "GridCell",
    "Level",
    "NetworkPart",
    "Point",
    "Posting",
    "Purpose",
    "Station",
    "StationDescription",
    "StationKind",
    "Territory",
    "WaterBody",
    "cell_at",
    "cells",
    "cells_at",
    "classes_binding",
    "enterprises",
    "network_parts",
    "person_answering_for",
    "sees_whole_district",
    "standards_binding",
    "stations",
    "territories_remembered",
    "territory_of",
    "water_bodies",
    "with_territory",
]

Read = TypeVar("Read")

_WHOLE_DISTRICT = {
    Role.DUTY_OFFICER,
    Role.ANALYST,
    Role.SUPERVISOR,
    Role.LEADER,
    Role.ADMINISTRATOR,
    Role.ENFORCEMENT_OFFICER,
    Role.DEPARTMENT_HANDLER,
}


_PATHS = (  # asked for by every page, so it is one question and not put together anew each time
    "WITH posted AS (SELECT c.path FROM places_posting p JOIN places_gridcell c ON c.id = p.cell_id"
    " WHERE p.user_id = %s AND p.valid @> %s::date AND p.known @> %s::timestamptz)"
    " SELECT path FROM posted UNION ALL"
    " SELECT path FROM places_gridcell WHERE level = 1 AND %s AND NOT EXISTS (SELECT FROM posted) ORDER BY path"
)


_remembered: ContextVar[dict[tuple[int, date], "Territory"] | None] = ContextVar("territories", default=None)


@dataclass(frozen=True)
class Territory:
    """What a person may see: cells under these paths, and for an enterprise user only the own enterprise."""

    paths: tuple[str, ...] = ()
    organisation_id: int | None = None

    def of_cells(self, prefix: str = "") -> Q:
        """The condition on a queryset whose rows reach a cell through `prefix`, such as `cell__`."""
        if not self.paths:
            return Q(pk__in=[])
        under = Q()
        for path in self.paths:
            under |= Q(**{f"{prefix}path": path}) | Q(**{f"{prefix}path__startswith": f"{path}/"})
        return under

    def of_stations(self, prefix: str = "") -> Q:
        """The condition on a queryset whose rows reach a station through `prefix`, such as `station__`."""
        if self.organisation_id is not None:
            return Q(**{f"{prefix}enterprise__organisation_id": self.organisation_id})
        return self.of_cells(f"{prefix}cell__")

    def covers(self, path: str, organisation_id: int | None) -> bool:
        """Whether a station in the cell with a path, of an enterprise of an organisation, is among `of_stations`."""
        if self.organisation_id is not None:
            return organisation_id == self.organisation_id
        return any(path == own or path.startswith(f"{own}/") for own in self.paths)

    def of_places(self, prefix: str = "") -> Q:
        """The condition on rows that have a `station`, or where there is none a `cell`; such as `case__`."""
        found = self.of_stations(f"{prefix}station__")
        return found | Q(**{f"{prefix}station": None}) & self.of_cells(f"{prefix}cell__")


@dataclass(frozen=True)
class Point:
    """A place in a grid cell where no station stands; it answers what is asked of a station's place."""

    cell: GridCell
    lon: float
    lat: float
    code: ClassVar[str] = ""
    kind: ClassVar[str] = ""
    enterprise: ClassVar[Enterprise | None] = None
    enterprise_id: ClassVar[int | None] = None

    @property
    def title_zh(self) -> str:
        """Its cell's Chinese title."""
        return self.cell.title_zh

    @property
    def title_en(self) -> str:
        """Its cell's English title."""
        return self.cell.title_en

    @property
    def title(self) -> str:
        """Its cell's title in the reader's language."""
        return self.cell.title


def territory_of(viewer: User, on: date | None = None) -> Territory:
    """The territory of a person on a day.

    Parameters
    ----------
    viewer : User
    on : date, optional
        Today in Shanghai when left out.

    Returns
    -------
    Territory
        Postings decide. Without one, roles of the whole authority see every top cell, an enterprise user sees the own
        enterprise, and everybody else sees nothing.
    """
    remembered = _remembered.get()
    if remembered is None:
        return _territory_of(viewer, on or _today())
    key = (viewer.pk, on or _today())
    if key not in remembered:
        remembered[key] = _territory_of(viewer, key[1])
    return remembered[key]


@contextmanager
def territories_remembered() -> Iterator[None]:
    """Look every territory up once while this lasts: for the time of one request, in which a page asks often.

    Yields
    ------
    None
    """
    token = _remembered.set({})
    try:
        yield
    finally:
        _remembered.reset(token)


def with_territory(viewer: User, question: Question[Read]) -> tuple[Territory, Read]:
    """The territory of a person today, and the answer to a question that does not depend on it, in one turn.

    Parameters
    ----------
    viewer : User
    question : Question

    Returns
    -------
    Territory
        As `territory_of`; remembered as there.
    object
        The answer.
    """
    key, remembered = (viewer.pk, _today()), _remembered.get()
    if viewer.role == Role.ENTERPRISE or (remembered is not None and key in remembered):
        return territory_of(viewer), ask(question)
    territory, answered = ask(together(_asked(viewer, key[1]), question))
    if remembered is not None:
        remembered[key] = territory
    return territory, answered


def _territory_of(viewer: User, on: date) -> Territory:
    if viewer.role == Role.ENTERPRISE:
        return Territory(organisation_id=viewer.organisation_id or 0)
    return ask(_asked(viewer, on))


def _asked(viewer: User, on: date) -> Question[Territory]:
    def _read(cursor: Any) -> Territory:
        return Territory(paths=tuple(path for (path,) in cursor.fetchall()))

    return Question(_PATHS, [viewer.pk, on, clock.now(), viewer.role in _WHOLE_DISTRICT], _read)


def sees_whole_district(viewer: User) -> bool:
    """Whether a person's territory is every top cell, so that what concerns all places is theirs to change.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    bool
    """
    territory = territory_of(viewer)
    if territory.organisation_id is not None:
        return False
    return not GridCell.objects.filter(level=1).exclude(territory.of_cells()).exists()


def cells(viewer: User, level: int | None = None) -> QuerySet[GridCell]:
    """Grid cells in the viewer's territory; an enterprise user sees the towns for orientation.

    Parameters
    ----------
    viewer : User
    level : int, optional

    Returns
    -------
    QuerySet of GridCell
    """
    territory = territory_of(viewer)
    found = (
        GridCell.objects.all()
        if territory.organisation_id is not None
        else GridCell.objects.filter(territory.of_cells())
    )
    return found.filter(level=level) if level else found


def stations(viewer: User) -> QuerySet[Station]:
    """Stations in the viewer's territory.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Station
    """
    return Station.objects.filter(territory_of(viewer).of_stations()).select_related("enterprise", "cell")


def enterprises(viewer: User) -> QuerySet[Enterprise]:
    """Enterprises in the viewer's territory.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Enterprise
    """
    territory = territory_of(viewer)
    if territory.organisation_id is not None:
        return Enterprise.objects.filter(organisation_id=territory.organisation_id).select_related("cell")
    return Enterprise.objects.filter(territory.of_cells("cell__")).select_related("cell")


def water_bodies() -> QuerySet[WaterBody]:
    """Rivers and lakes; the base map shows them to everybody.

    Returns
    -------
    QuerySet of WaterBody
    """
    return WaterBody.objects.order_by("code")


def cell_at(lon: float, lat: float, on: date | None = None, known_at: datetime | None = None) -> GridCell | None:
    """The smallest cell that holds a point.

    Parameters
    ----------
    lon, lat : float
        WGS-84. [degree]
    on : date, optional
        The day for which the answer holds; today when left out.
    known_at : datetime, optional
        What was known then; now when left out.

    Returns
    -------
    GridCell or None
        None outside every cell.
    """
    point = Shape(lon, lat)
    known = {"known__contains": known_at} if known_at else {"known__upper_inf": True}
    drawn = CellEdition.objects.filter(bounds__holds=f"({lon!r},{lat!r})", valid__contains=on or _today(), **known)
    found = drawn.select_related("cell").order_by("-cell__level", "cell")
    return next((one.cell for one in found if geometry.from_wkb(one.shape).covers(point)), None)


def cells_at(points: Sequence[tuple[float, float]]) -> list[GridCell | None]:
    """The smallest cell that holds each of many points, by one query.

    Parameters
    ----------
    points : sequence of (float, float)
        Longitude and latitude in WGS-84. [degree]

    Returns
    -------
    list of GridCell or None
        In the same order; None outside every cell.
    """
    if not points:
        return []
    grid = list(GridCell.objects.order_by("-level", "pk"))
    shapes = [geometry.from_wkb(cell.shape) for cell in grid]
    found: dict[int, int] = {}
    for point, cell in STRtree(shapes).query(shapely_points(points), predicate="covered_by").T:
        found[int(point)] = min(int(cell), found.get(int(point), len(grid)))
    return [grid[found[place]] if place in found else None for place in range(len(points))]


def person_answering_for(
    cell: GridCell, role: str, on: date | None = None, known_at: datetime | None = None
) -> User | None:
    """The person of a role posted to the cell, or to the nearest cell above it.

    Parameters
    ----------
    cell : GridCell
    role : str
    on : date, optional
        The day for which the answer holds; today when left out.
    known_at : datetime, optional
        What was known then; now when left out.

    Returns
    -------
    User or None
    """
    steps = cell.path.split("/")
    paths = ["/".join(steps[: count + 1]) for count in range(len(steps))]
    postings = Posting.objects.filter(
        cell__path__in=paths,
        user__role=role,
        user__is_active=True,
        valid__contains=on or _today(),
        known__contains=known_at or clock.now(),
    )
    nearest = postings.select_related("user").order_by("-cell__level", "pk").first()
    return nearest.user if nearest else None


def standards_binding(station_id: int, on: date, known_at: datetime | None = None) -> tuple[tuple[str, str], ...]:
    """Which standards, and which class of each, bind a station on a day.

    Parameters
    ----------
    station_id : int
    on : date
        The day of the data.
    known_at : datetime, optional
        What was known then; now when left out.

    Returns
    -------
    tuple of (standard, level)
    """
    found = AppliedStandard.objects.filter(
        station_id=station_id, valid__contains=on, known__contains=known_at or clock.now()
    )
    return tuple(found.order_by("pk").values_list("standard", "level"))


def classes_binding(station_ids: Collection[int], standard: str, on: date) -> dict[int, str]:
    """Which class of a standard binds each of several stations on a day.

    Parameters
    ----------
    station_ids : collection of int
    standard : str
        For example "GB 3838", with or without its year.
    on : date
        The day of the data.

    Returns
    -------
    dict of int to str
        Class by station; no entry where the standard does not bind it.
    """
    found = AppliedStandard.objects.filter(
        Q(standard=standard) | Q(standard__startswith=f"{standard}-"),
        station_id__in=station_ids,
        valid__contains=on,
        known__contains=clock.now(),
    )
    return dict(found.order_by("-pk").values_list("station_id", "level"))


def _today() -> date:
    return clock.now().astimezone(clock.SHANGHAI).date()
