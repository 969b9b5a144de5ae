"""Every automatically monitored enterprise beside its limits now: newest hour and day, devices, marks, orders."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from qingyuan.judging.queries import AVERAGING, limits_for_channels
from qingyuan.kit.clock import SHANGHAI
from qingyuan.people.queries import User
from qingyuan.places.queries import (
    ControlLevel,
    Enterprise,
    OrderKind,
    PointClass,
    Station,
    StationKind,
    classes_of,
    control_levels,
    known_now,
    orders_over,
    stations,
)
from qingyuan.recording.queries import Latest, latest, marks
from qingyuan.sensing.queries import Channel
from qingyuan.showing.logic.board import shown_channels
from qingyuan.showing.logic.factors import Measured, limit_words, measured
from qingyuan.showing.states import SILENT_AFTER, states_of
from qingyuan.showing.wayback import reading_address
from qingyuan.showing.wording import said
from qingyuan_science.series import Mark
from qingyuan_science.standards import Limit, markings

OUTLETS = (StationKind.OUTLET_WATER, StationKind.OUTLET_GAS)
STOPS = (OrderKind.STOP_PRODUCTION, OrderKind.STOP_DISCHARGE)
FRESH = {"h": timedelta(hours=3), "d": timedelta(days=2)}  # our own choice; older values say nothing of now
STANDING_STILL = frozenset({"stopped"})
UNLISTED = "none"


@dataclass(frozen=True)
class State:
    """How an enterprise stands: `kind` as `state_badge` takes it."""

    key: str
    title: str
    kind: str


def states() -> tuple[State, ...]:
    """Every state, the gravest first; the first that fits is an enterprise's."""
    return (
        State("over", _("Over the limit"), "bad"),
        State("warns", _("Hour over the limit of days"), "warning"),
        State("offline", _("Offline"), "warning"),
        State("silent", _("No valid value"), "warning"),
        State("marked", _("Under maintenance"), "idle"),
        State("stopped", _("Stopped or ordered to stop"), "idle"),
        State("kept", _("Within the limits"), "good"),
        State("unbound", _("No limit binds"), "idle"),
    )


@dataclass(frozen=True)
class Held:
    """The newest value of a channel held against a limit; `ratio` is value to limit, None where that says nothing."""

    channel: Channel
    kind: str
    at: datetime
    value: float
    limit: Limit
    over: bool

    @property
    def ratio(self) -> float | None:
        """How many times the limit the value is. [1]"""
        high = self.limit.high
        return self.value / high if self.limit.direction == "max" and high else None

    @property
    def binds(self) -> bool:
        """Whether the limit is of the value's own averaging time; one of a longer time only warns."""
        return self.limit.averaging is AVERAGING[self.kind]

    @property
    def rank(self) -> tuple[bool, float]:
        return self.over, self.ratio or 0.0

    @property
    def words(self) -> Measured:
        return measured(self.channel)

    @property
    def limit_title(self) -> str:
        return limit_words(self.limit)

    @property
    def station(self) -> Station:
        return self.channel.station

    @property
    def href(self) -> str:
        """The page of the reading."""
        return reading_address(self.channel.pk, self.kind, self.at)


@dataclass(frozen=True)
class Firm:
    """One enterprise: its worst hour and day, and what explains that there is no value."""

    enterprise: Enterprise
    level: str
    outlets: int
    hour: Held | None
    day: Held | None
    offline: list[tuple[Station, datetime | None]]
    marks: list[str]
    orders: list[str]
    state: State
    classes: tuple[PointClass, ...] = ()

    @property
    def class_title(self) -> str:
        """The classes of its points."""
        return ", ".join(str(one.label) for one in self.classes)

    @property
    def level_title(self) -> str:
        """What the control level is called; empty where no list names the enterprise."""
        return str(ControlLevel(self.level).label) if self.level in ControlLevel else ""


@dataclass(frozen=True)
class _Known:
    held: dict[int, list[Held]]
    bound: set[int]
    last_heard: dict[int, datetime | None]
    marked: dict[int, set[str]]
    still: set[int]
    ordered: dict[int, list[Any]]
    levels: dict[int, str]
    classes: dict[int, PointClass]
    now: datetime


def firms_of(viewer: User, now: datetime, only: Enterprise | None = None) -> list[Firm]:
    """Every enterprise of the viewer's territory with an outlet, the gravest state first; as many queries for all."""
    seen = stations(viewer).filter(kind__in=OUTLETS, enterprise__isnull=False)
    seen = seen.filter(enterprise=only) if only else seen
    outlets = list(seen.select_related("enterprise__cell", "cell"))
    by_firm: dict[Enterprise, list[Station]] = defaultdict(list)
    for one in outlets:
        if one.enterprise is not None:
            by_firm[one.enterprise].append(one)
    known = _known(viewer, outlets, [one.pk for one in by_firm], now)
    order = [one.key for one in states()]
    found = [_firm(owner, several, known) for owner, several in by_firm.items()]
    return sorted(found, key=lambda one: (order.index(one.state.key), one.enterprise.code))


def _known(viewer: User, outlets: Sequence[Station], firms: Sequence[int], now: datetime) -> _Known:
    ids = [one.pk for one in outlets]
    by_station = shown_channels(ids)
    channels = [channel for several in by_station.values() for channel in several]
    held: dict[int, list[Held]] = defaultdict(list)
    bound: set[int] = set()
    for kind in "hd":
        for one in _held(channels, kind, now, bound):
            held[one.channel.station_id].append(one)
    codes = {one.code: one for one in markings()}
    marked: dict[int, set[str]] = defaultdict(set)
    still: set[int] = set()
    running = marks(viewer).filter(starts_at__lte=now, ends_at__gt=now, withdrawn_at=None, station__in=ids)
    for span in running.prefetch_related(None).select_related(None):
        marked[span.station_id].add(span.code)
        if span.code in STANDING_STILL:
            still.add(span.station_id)
    ordered: dict[int, list[Any]] = defaultdict(list)
    standing = known_now(orders_over(firms, (now, now + timedelta(seconds=1)))).filter(kind__in=STOPS)
    for row in standing.select_related("station"):
        ordered[row.enterprise_id].append(row)
    heard = {pk: state.last_seen_at for pk, state in states_of(ids, now).items()}
    levels = control_levels(firms, now.astimezone(SHANGHAI).date())
    titled = {pk: {said(codes[code].title) if code in codes else code for code in of} for pk, of in marked.items()}
    classes = classes_of(outlets, now.astimezone(SHANGHAI).date())
    return _Known(held, bound, heard, titled, still, ordered, levels, classes, now)


def _held(channels: Sequence[Channel], kind: str, now: datetime, bound: set[int]) -> list[Held]:
    """The newest valid value of each channel beside the limits of its own day, as sent or else as computed."""
    ids = [channel.pk for channel in channels]
    sent = latest(ids, kind, since=timedelta(days=3))
    computed = latest([pk for pk in ids if pk not in sent], kind.upper(), since=timedelta(days=3))
    newest = {pk: one for pk, one in (sent | computed).items() if now - one.at <= FRESH[kind] + _length(kind)}
    by_day: dict[Any, list[tuple[Channel, str]]] = defaultdict(list)
    today = now.astimezone(SHANGHAI).date()
    for channel in channels:
        if channel.pk in newest:
            by_day[newest[channel.pk].at.astimezone(SHANGHAI).date()].append((channel, kind))
        elif kind == "h":  # whether a limit binds at all is asked once
            by_day[today].append((channel, kind))
    found = []
    for day, asked in by_day.items():
        limits = limits_for_channels(asked, day)
        for channel, _kind in asked:
            if limits[channel.pk]:
                bound.add(channel.station_id)
            found += _against(channel, kind, newest.get(channel.pk), limits[channel.pk])
    return found


def _length(kind: str) -> timedelta:
    return timedelta(hours=1) if kind == "h" else timedelta(days=1)


def _against(channel: Channel, kind: str, newest: Latest | None, limits: Sequence[Limit]) -> list[Held]:
    if newest is None or newest.value is None or newest.mark != Mark.NORMAL.value:
        return []
    value = newest.value
    return [
        Held(channel, kind, newest.at, value, limit, bool(limit.exceeded(np.array([value]))[0])) for limit in limits
    ]


def _firm(owner: Enterprise, outlets: Sequence[Station], known: _Known) -> Firm:
    held = [one for station in outlets for one in known.held.get(station.pk, ())]
    hours = [one for one in held if one.kind == "h"]
    days = [one for one in held if one.kind == "d"]
    offline = [
        (one, known.last_heard.get(one.pk))
        for one in outlets
        if (heard := known.last_heard.get(one.pk)) is None or known.now - heard > SILENT_AFTER
    ]
    marked = sorted({title for one in outlets for title in known.marked.get(one.pk, ())})
    orders = [row.number for row in known.ordered.get(owner.pk, ())]
    key = _state_key(outlets, held, known, offline)
    return Firm(
        owner, known.levels.get(owner.pk, UNLISTED), len(outlets), max(hours, key=lambda one: one.rank, default=None),
        max(days, key=lambda one: one.rank, default=None), offline, marked, orders,
        next(one for one in states() if one.key == key),
        tuple(sorted({known.classes[one.pk] for one in outlets if one.pk in known.classes})),
    )  # fmt: skip


def _state_key(outlets: Sequence[Station], held: Sequence[Held], known: _Known, offline: Sequence[Any]) -> str:
    if any(one.over and one.binds for one in held):
        return "over"
    if any(one.over for one in held):
        return "warns"
    away = {one.pk for one, _heard in offline}
    explained = {one.pk for one in outlets if one.pk in known.marked}
    stopped = {row.station_id for row in known.ordered.get(outlets[0].enterprise_id or 0, ())}
    halted = {one.pk for one in outlets if one.pk in known.still or one.pk in stopped or None in stopped}
    if away - explained - halted:
        return "offline"
    if halted:
        return "stopped"
    if explained:
        return "marked"
    if not any(one.pk in known.bound for one in outlets):
        return "unbound"
    return "kept" if held else "silent"


def counted(firms: Iterable[Firm]) -> list[dict[str, Any]]:
    """How many enterprises of each control level stand how."""
    rows = Counter((one.level, one.state.key) for one in firms)
    levels = [*ControlLevel.choices, (UNLISTED, _("On no list"))]
    return [
        {
            "level": value,
            "title": title,
            "total": sum(number for (level, _key), number in rows.items() if level == value),
            "numbers": [{"state": one, "number": rows[value, one.key]} for one in states()],
        }
        for value, title in levels
    ]
