"""The duty officer's board: stations by kind, a column for each factor, the newest value of each."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from qingyuan.judging.queries import limits_for_channels
from qingyuan.kit.clock import SHANGHAI
from qingyuan.places.queries import Level, Purpose, Station, StationKind
from qingyuan.recording.queries import Latest, latest
from qingyuan.sensing.queries import Channel
from qingyuan.showing.logic.factors import limit_words, mark_title, measured, over_words
from qingyuan.showing.logic.filters import Choice
from qingyuan.showing.states import StationState, states_of
from qingyuan.showing.wayback import reading_address
from qingyuan.showing.wording import listed
from qingyuan_science.series import Mark
from qingyuan_science.standards import Limit

MOST_COLUMNS = 6
STALE_AFTER = timedelta(hours=2)
_KINDS, _PURPOSES = StationKind.values, Purpose.values


@dataclass(frozen=True)
class Cell:
    """The newest value of one channel, and the limit it is read against."""

    channel_id: int
    kind: str
    value: float | None
    decimals: int
    at: datetime
    mark: str
    over: str
    limit: str

    @property
    def href(self) -> str:
        """The page of this reading, which leads to its bytes."""
        return reading_address(self.channel_id, self.kind, self.at)

    @property
    def valid(self) -> bool:
        return self.mark == Mark.NORMAL.value

    @property
    def note(self) -> str:
        """When it was measured, what it is read against, and why it does not count if it does not."""
        parts = [f"{self.at.astimezone(SHANGHAI):%m-%d %H:%M:%S}", self.limit, self.over]
        if not self.valid:
            parts.append(_("does not count: %(mark)s") % {"mark": mark_title(self.mark)})
        return " · ".join(part for part in parts if part)


@dataclass(frozen=True)
class Column:
    """A factor in a unit."""

    short: str
    title: str
    unit: str
    basis: str


@dataclass
class Row:
    """One station with its cells in the order of the columns, None where it does not measure."""

    station: Station
    state: StationState
    cells: list[tuple[Column, int | None, Cell | None]] = field(default_factory=list)
    stale_at: datetime | None = None

    @property
    def out(self) -> str:
        """Why none of the values counts, such as maintenance; empty while one of them does."""
        marks = [cell.mark for _column, _channel, cell in self.cells if cell]
        none = marks and Mark.NORMAL.value not in marks
        return mark_title(max(marks, key=marks.count)) if none else ""


@dataclass
class Group:
    """The stations of one kind; `key` names it in addresses."""

    title: str
    columns: list[Column]
    rows: list[Row]
    key: str = ""
    total: int = 0  # of all pages


Measures = tuple[dict[int, list[Channel]], dict[int, Cell], datetime]


def stale_since(newest: datetime | None, now: datetime) -> datetime | None:
    """When the newest value was measured, if that is so long ago that it must be said."""
    return newest if newest is not None and now - newest > STALE_AFTER else None


def board(stations: Sequence[Station], now: datetime) -> list[Group]:
    """The stations in groups by kind, by seven queries."""
    ids = [station.pk for station in stations]
    by_station = shown_channels(ids)
    cells = cells_of([channel for several in by_station.values() for channel in several], now)
    states = states_of(ids, now)
    groups = []
    for title, members in groupby(sorted(stations, key=_place_of_kind), key=lambda one: one.kind_title):
        rows = [Row(station, states[station.pk]) for station in members]
        group = _group(title, rows, (by_station, cells, now))
        group.key = group_key(rows[0].station)
        groups.append(group)
    return groups


def group_key(station: Station) -> str:
    """The group of a station as addresses name it, such as `air` or `air.micro`."""
    part = Level.MICRO.value if station.level == Level.MICRO else station.purpose
    return f"{station.kind}.{part}" if part else station.kind


def group_choice(asked: str) -> Choice:
    """The filter of stations by the groups of the board, with the one that is asked for."""
    kind, _dot, part = asked.partition(".")
    known = kind in _KINDS and part in (*_PURPOSES, Level.MICRO)
    of = Station(kind=kind, purpose=part if part in _PURPOSES else "", level=Level.MICRO if part == Level.MICRO else "")
    return Choice("group", _("Group on the board"), [(asked, of.kind_title)] if known else [])


def in_group(found: QuerySet[Station], key: str) -> QuerySet[Station]:
    """The stations of a group of the board."""
    kind, _dot, part = key.partition(".")
    if part == Level.MICRO:
        return found.filter(kind=kind, level=Level.MICRO)
    return found.filter(kind=kind, purpose=part).exclude(level=Level.MICRO)


def group_sizes(found: QuerySet[Station]) -> Counter[str]:
    """How many stations each group of the board has, by its key; one query."""
    rows = found.select_related(None).order_by().values_list("kind", "purpose", "level").annotate(count=Count("pk"))
    counted: Counter[str] = Counter()
    for kind, purpose, level, count in rows:
        counted[group_key(Station(kind=kind, purpose=purpose, level=level))] += count
    return counted


def _place_of_kind(station: Station) -> tuple[int, int, bool]:
    """Where the group of a station stands; within it stations keep their order."""
    return _KINDS.index(station.kind), _PURPOSES.index(station.purpose), station.level == Level.MICRO


def shown_channels(station_ids: Sequence[int]) -> dict[int, list[Channel]]:
    """The channels of each station; where a converted series exists it stands for the measured one."""
    by_key: dict[tuple[int, str], Channel] = {}
    for channel in (
        Channel.objects.filter(station_id__in=station_ids).select_related("station").order_by("factor", "-basis")
    ):
        key = (channel.station_id, channel.factor)
        if key not in by_key or channel.basis == "converted":
            by_key[key] = channel
    found: dict[int, list[Channel]] = {pk: [] for pk in station_ids}
    for (station_id, _factor), channel in by_key.items():
        found[station_id].append(channel)
    return found


def cells_of(channels: Sequence[Channel], now: datetime) -> dict[int, Cell]:
    """The newest value of each channel: real-time, else minute, else hour; five queries at most."""
    newest: dict[int, tuple[str, Latest]] = {}
    for kind in "rmh":
        rest = [channel.pk for channel in channels if channel.pk not in newest]
        if rest:
            newest |= {pk: (kind, found) for pk, found in latest(rest, kind).items()}
    heard = [(channel, newest[channel.pk][0]) for channel in channels if channel.pk in newest]
    bound = limits_for_channels(heard, now.astimezone(SHANGHAI).date())
    found = {}
    for channel in channels:
        if channel.pk in newest:
            kind, reading = newest[channel.pk]
            found[channel.pk] = _cell(channel, kind, reading, bound[channel.pk])
    return found


def _cell(channel: Channel, kind: str, reading: Latest, limits: Sequence[Limit]) -> Cell:
    value = reading.value
    valid = reading.mark == Mark.NORMAL.value and value is not None
    over = over_words(limits, value, kind) if valid and value is not None else ""
    limit = listed(limit_words(limit) for limit in limits)
    return Cell(channel.pk, kind, value, measured(channel).decimals, reading.at, reading.mark, over, limit)


def _group(title: str, rows: list[Row], measures: Measures) -> Group:
    by_station, cells, now = measures
    columns: dict[Column, bool] = {}
    channels: dict[tuple[int, Column], Channel] = {}
    for row in rows:
        for channel in by_station[row.station.pk]:
            words = measured(channel)
            column = Column(words.short, words.title, words.unit, words.basis)
            cell = cells.get(channel.pk)
            columns[column] = columns.get(column, False) or bool(cell and cell.limit)
            channels[row.station.pk, column] = channel
    # what a limit binds stands first
    shown = sorted(columns, key=lambda column: not columns[column])[:MOST_COLUMNS]
    for row in rows:
        for column in shown:
            measuring = channels.get((row.station.pk, column))
            pk = measuring.pk if measuring else None
            row.cells.append((column, pk, cells.get(pk) if pk else None))
        times = [cell.at for _column, _channel, cell in row.cells if cell]
        row.stale_at = stale_since(max(times, default=None), now)
    return Group(title, shown, rows)
