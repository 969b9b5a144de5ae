"""Reads of building sites: their projects, and the alarm thresholds that an authority set for itself."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from qingyuan.kit.turns import Question
from qingyuan.people.queries import User
from qingyuan.places.models import AlarmThreshold, GridCell, SiteProject, Station
from qingyuan.places.queries.ledger import cells, stations
from qingyuan.places.queries.papers import known_now

_ARE_ALARMED = (
    "SELECT EXISTS (SELECT FROM places_alarmthreshold WHERE station_id = ANY(%s) OR (station_id IS NULL"
    " AND station_kind IN (SELECT kind FROM places_station WHERE id = ANY(%s))))"
)
NARROWEST = 1000  # a threshold of the station itself goes before one of any cell


@dataclass(frozen=True)
class Alarms:
    """What an authority set for itself that may hold at a station, and what is built there; of every edition.

    `thresholds` stand with how narrow their place is: the deeper the cell the narrower, the station itself before all.
    """

    thresholds: tuple[tuple[int, AlarmThreshold], ...] = ()
    projects: tuple[SiteProject, ...] = ()

    def held(
        self, factor: str, days: tuple[date, date], known_at: datetime
    ) -> Iterator[tuple[AlarmThreshold, date, date]]:
        """The thresholds of a factor that hold on some of the days, each with its first and last day of them.

        For every averaging time the narrowest place goes first, and at one place the one for the stage of the day
        before the one for all stages.

        Parameters
        ----------
        factor : str
        days : (date, date)
            First and last day, both included.
        known_at : datetime
            What was known then.

        Yields
        ------
        tuple of AlarmThreshold, date and date
        """
        known = [one for one in self.thresholds if one[1].factor == factor and one[1].was_known(known_at)]
        projects = [one for one in self.projects if one.was_known(known_at)]
        for averaging in sorted({one.averaging for _narrow, one in known}):
            several = [one for one in known if one[1].averaging == averaging]
            yield from _in_turn(several, projects, days)

    def project(self, on: date, known_at: datetime) -> SiteProject | None:
        """What is built there on a day.

        Parameters
        ----------
        on : date
        known_at : datetime

        Returns
        -------
        SiteProject or None
        """
        return next((one for one in self.projects if one.holds(on, known_at)), None)


def _in_turn(
    several: list[tuple[int, AlarmThreshold]], projects: list[SiteProject], days: tuple[date, date]
) -> Iterator[tuple[AlarmThreshold, date, date]]:
    first, last = days
    papers = [*(one for _narrow, one in several), *projects]
    bounds = {
        bound for one in papers for bound in (one.valid.lower, one.valid.upper) if bound and first < bound <= last
    }
    begins = [first, *sorted(bounds)]
    held: list[tuple[AlarmThreshold, date, date]] = []
    for number, day in enumerate(begins):
        ends = begins[number + 1] - timedelta(days=1) if number + 1 < len(begins) else last
        row = _on(several, projects, day)
        if held and row is held[-1][0] and held[-1][2] + timedelta(days=1) == day:
            held[-1] = (held[-1][0], held[-1][1], ends)
        elif row is not None:
            held.append((row, day, ends))
    yield from held


def _on(several: list[tuple[int, AlarmThreshold]], projects: list[SiteProject], day: date) -> AlarmThreshold | None:
    stages = {"", *(one.stage for one in projects if one.covers(day))}
    fitting = [(narrow, bool(one.stage), one.pk) for narrow, one in several if one.stage in stages and one.covers(day)]
    chosen = max(fitting, default=None)
    return next((one for _narrow, one in several if chosen and one.pk == chosen[2]), None)


def are_alarmed(station_ids: Collection[int]) -> Question[bool]:
    """Whether an authority set an alarm threshold that may hold at stations, to be asked together with others.

    Parameters
    ----------
    station_ids : collection of int

    Returns
    -------
    Question
        Answered by false where `alarms_at` would find nothing.
    """
    asked = list(station_ids)
    return Question(_ARE_ALARMED, [asked, asked], lambda cursor: bool(cursor.fetchone()[0]))


def alarms_at(station_ids: Collection[int]) -> dict[int, Alarms]:
    """What an authority set for itself that may hold at stations, whenever valid or known.

    Parameters
    ----------
    station_ids : collection of int

    Returns
    -------
    dict of int to Alarms
        An entry for each station for which there is anything; by three queries at most.
    """
    if not station_ids:
        return {}
    places = Station.objects.filter(pk__in=station_ids).order_by()
    wanted = Q(station__in=station_ids) | Q(station=None, station_kind__in=places.values("kind"))
    rows = list(AlarmThreshold.objects.filter(wanted).select_related("cell").order_by("pk"))
    if not rows:
        return {}
    projects: dict[int, list[SiteProject]] = defaultdict(list)
    for one in SiteProject.objects.filter(station__in=station_ids).order_by("pk"):
        projects[one.station_id].append(one)
    found = {}
    for pk, kind, path in places.values_list("pk", "kind", "cell__path"):
        thresholds = tuple(_fitting(rows, pk, kind, path))
        if thresholds or pk in projects:
            found[pk] = Alarms(thresholds, tuple(projects.get(pk, ())))
    return found


def _fitting(rows: list[AlarmThreshold], pk: int, kind: str, path: str) -> Iterator[tuple[int, AlarmThreshold]]:
    for one in rows:
        if one.station_id == pk:
            yield NARROWEST, one
        elif one.cell is not None and one.station_kind == kind and f"{path}/".startswith(f"{one.cell.path}/"):
            yield one.cell.level, one


def thresholds(viewer: User) -> QuerySet[AlarmThreshold]:
    """Alarm thresholds for places in the viewer's territory, of every edition.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of AlarmThreshold
        Those of areas above the territory hold there too; they are shown by `thresholds_seen`.
    """
    here = Q(station__in=stations(viewer)) | Q(cell__in=cells(viewer))
    return AlarmThreshold.objects.filter(here).select_related("cell", "station")


def thresholds_seen(viewer: User) -> QuerySet[AlarmThreshold]:
    """The same with those of areas above the territory.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of AlarmThreshold
    """
    paths = GridCell.objects.filter(pk__in=cells(viewer)).order_by().values_list("path", flat=True)
    above = {"/".join(path.split("/")[:depth]) for path in paths for depth in range(1, 9)}
    here = Q(station__in=stations(viewer)) | Q(cell__in=cells(viewer)) | Q(cell__path__in=above)
    return AlarmThreshold.objects.filter(here).select_related("cell", "station")


def projects(viewer: User) -> QuerySet[SiteProject]:
    """Projects of sites in the viewer's territory, of every edition.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of SiteProject
    """
    return SiteProject.objects.filter(station__in=stations(viewer)).select_related("station")


def projects_on(station_ids: Collection[int], on: date) -> dict[int, SiteProject]:
    """What is built at stations on a day, as known now.

    Parameters
    ----------
    station_ids : collection of int
    on : date

    Returns
    -------
    dict of int to SiteProject
        By the station's number.
    """
    found = known_now(SiteProject.objects.filter(station__in=station_ids, valid__contains=on))
    return {one.station_id: one for one in found}
