"""Reads of registries of vehicles: how many of each kind are known, and what an authority says of factors and use."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from qingyuan.kit.clock import SHANGHAI
from qingyuan.people.queries import User
from qingyuan.places.queries import sees_whole_district
from qingyuan.sensing.models import DataList, Record
from qingyuan.sensing.queries.records import data_lists, records_of
from qingyuan.sensing.records.definition import About

__all__ = [
    "ENDED", "FACTORS", "KILOMETRES", "Fleet", "Kind", "Said", "Those", "fleet", "registries", "said_of_vehicles",
    "vehicles_of",
]  # fmt: skip

KILOMETRES, FACTORS = "vehicle_kilometres", "vehicle_factors"
ENDED = ("转出", "已转出", "注销", "已注销", "强制注销", "报废", "已报废", "灭失", "达到报废标准公告牌证作废")
"""States in which a vehicle is no longer one of the fleet."""
_NEEDED = {"type", "fuel", "stage"}
_COUNTED = """
SELECT type, use, fuel, stage, division, year, state = ANY(%(ended)s) AS has_ended,
    grouping(type), grouping(division), sum(vehicles)
FROM sensing_vehiclecount
WHERE of_id = %(of)s AND day <= %(known)s AND (year IS NULL OR year <= %(year)s){only}
GROUP BY GROUPING SETS ((type, use, fuel, stage, has_ended), (division, has_ended), (year, has_ended))
"""
_ONLY = " AND division = %(division)s"


@dataclass(frozen=True)
class Kind:
    """Vehicles of which a registry writes the same type, use, fuel and stage."""

    type: str
    use: str
    fuel: str
    stage: str
    vehicles: int


@dataclass
class Fleet:
    """What a registry holds: by kind, by division and by the year of registration; `left` are no longer of it.

    A year is None where the registry does not tell it.
    """

    kinds: list[Kind] = field(default_factory=list)
    divisions: dict[str, int] = field(default_factory=dict)
    years: dict[int | None, int] = field(default_factory=dict)
    left: int = 0

    @property
    def vehicles(self) -> int:
        """All of the fleet."""
        return sum(one.vehicles for one in self.kinds)


@dataclass(frozen=True)
class Said:
    """A row in which an authority says something of vehicles, by column; `record` leads to it."""

    record: int
    values: Mapping[str, str]


def registries(viewer: User) -> list[DataList]:
    """The lists that hold vehicles, that with the most first.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    list of DataList
    """
    listed = data_lists(viewer).filter(about=About.VEHICLE).order_by("-held", "code")
    return [one for one in listed if set(one.defined.places) >= _NEEDED and "plate" in one.defined.key]


def fleet(viewer: User, found: DataList, *, on: date, known: date, division: str | None = None) -> Fleet:
    """The vehicles of a registry that were registered by a day, as it was known at the end of another.

    Parameters
    ----------
    viewer : User
        Who does not see the whole district sees the vehicles of the enterprises in the own territory.
    found : DataList
    on : date
        Taken by the year.
    known : date
    division : str, optional
        Only what is registered there.

    Returns
    -------
    Fleet
    """
    if sees_whole_district(viewer):
        return _counted(found, on, known, division)
    return _told_apart(viewer, found, on=on, known=known, division=division)


def _counted(found: DataList, on: date, known: date, division: str | None) -> Fleet:
    asked: dict[str, Any] = {
        "of": found.pk,
        "year": on.year,
        "known": known,
        "division": division,
        "ended": list(ENDED),
    }
    told, years, divisions = Fleet(), Counter[int | None](), Counter[str]()
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED.format(only="" if division is None else _ONLY), asked)
        for kind, use, fuel, stage, place, year, has_ended, no_type, no_division, vehicles in cursor.fetchall():
            if not no_type:
                told.left += vehicles if has_ended else 0
                if not has_ended and vehicles:
                    told.kinds.append(Kind(kind, use, fuel, stage, vehicles))
            elif not has_ended and not no_division:
                divisions[place] += vehicles
            elif not has_ended:
                years[year] += vehicles
    told.years, told.divisions = _some(years), _some(divisions)
    return told


def _some(counted: Counter[Any]) -> dict[Any, int]:
    return {name: number for name, number in counted.items() if number}


def _told_apart(viewer: User, found: DataList, *, on: date, known: date, division: str | None) -> Fleet:
    """Record by record: the vehicles of a territory's enterprises are few."""
    places = found.defined.places
    rows = records_of(viewer, found, _end_of(known)).filter(Q(since=None) | Q(since__lt=date(on.year + 1, 1, 1)))
    told, kinds = Fleet(), Counter[tuple[str, str, str, str]]()
    years, divisions = Counter[int | None](), Counter[str]()
    for values, since in rows.values_list("values", "since").order_by().iterator():
        cell = _reader(values, places)
        if division is not None and cell("division") != division:
            continue
        if cell("state") in ENDED:
            told.left += 1
            continue
        kinds[cell("type"), cell("use"), cell("fuel"), cell("stage")] += 1
        divisions[cell("division")] += 1
        years[since.year if since else None] += 1
    told.kinds = [Kind(kind, use, fuel, stage, number) for (kind, use, fuel, stage), number in kinds.items()]
    told.years, told.divisions = dict(years), dict(divisions)
    return told


def _reader(values: list[str | None], places: Mapping[str, int]) -> Any:
    return lambda name: (values[places[name] : places[name] + 1] or [None])[0] or "" if name in places else ""


@dataclass(frozen=True)
class Those:
    """Which vehicles of a fleet, by the words of the registry, as `Kind` has them.

    `types` are pairs of type and use. What is None is not asked for; an empty word stands for what is not told.
    """

    types: Collection[tuple[str, str]] | None = None
    fuels: Collection[str] | None = None
    stages: Collection[str] | None = None
    uses: Collection[str] | None = None
    division: str | None = None
    years: Collection[int | None] | None = None
    left: bool = False


def vehicles_of(viewer: User, found: DataList, those: Those, *, on: date, known: date) -> QuerySet[Record]:
    """The records of the vehicles that `fleet` counts.

    Parameters
    ----------
    viewer : User
    found : DataList
    those : Those
    on, known : date
        As in `fleet`.

    Returns
    -------
    QuerySet of Record
        What came last first.
    """
    rows = records_of(viewer, found, _end_of(known)).filter(Q(since=None) | Q(since__lt=date(on.year + 1, 1, 1)))
    places = found.defined.places
    ended = _is(places, "state", ENDED)
    rows = rows.filter(ended) if those.left else rows.exclude(ended)
    if those.types is not None:
        pairs = (_is(places, "type", (kind,)) & _is(places, "use", (use,)) for kind, use in those.types)
        rows = rows.filter(reduce(or_, pairs, Q(pk__in=())))
    division = None if those.division is None else (those.division,)
    for name, words in (("fuel", those.fuels), ("stage", those.stages), ("use", those.uses), ("division", division)):
        rows = rows if words is None else rows.filter(_is(places, name, words))
    if those.years is not None:
        told = Q(since__year__in=[one for one in those.years if one is not None])
        rows = rows.filter(told | Q(since=None) if None in those.years else told)
    return rows


def _is(places: Mapping[str, int], name: str, words: Collection[str]) -> Q:
    """A column that holds one of some words; empty, also where the registry has no such column."""
    if name not in places:
        return Q() if "" in words else Q(pk__in=())
    own = f"values__{places[name]}"
    told = Q(**{f"{own}__in": [one for one in words if one]})
    return told | Q(**{f"{own}__isnull": True}) | Q(**{own: ""}) if "" in words else told


def said_of_vehicles(code: str, *, on: date, known: date) -> list[Said]:
    """What an authority says of factors or kilometres, valid on a day, as it was known at the end of another.

    Parameters
    ----------
    code : str
        `FACTORS` or `KILOMETRES`.
    on, known : date

    Returns
    -------
    list of Said
        What came first first; nothing where there is no such list.
    """
    found = DataList.objects.filter(code=code).first()
    if found is None:
        return []
    at = _end_of(known)
    names = list(found.defined.places)
    rows: Iterable[Record] = Record.objects.filter(
        Q(known_to=None) | Q(known_to__gt=at), Q(until=None) | Q(until__gt=on),
        of=found.pk, known_from__lte=at, since__lte=on,
    ).order_by("since", "id")  # fmt: skip
    return [Said(one.id, {name: value or "" for name, value in zip(names, one.values, strict=False)}) for one in rows]


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI) - timedelta(microseconds=1)
