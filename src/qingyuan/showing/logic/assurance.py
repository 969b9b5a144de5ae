"""Marks and rates for people: what was marked, and how completely, validly and timely the data of whom came."""

import statistics
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.kit.clock import SHANGHAI
from qingyuan.kit.errors import BadInput
from qingyuan.people.queries import User
from qingyuan.recording.queries import MAY_WITHDRAW, DayQuality, MarkedSpan, quality
from qingyuan.sensing.queries import Channel
from qingyuan.showing.logic.factors import measured
from qingyuan_science.series import Delivery, together
from qingyuan_science.standards import UnknownMarking, marking

USUAL_DAYS, MOST_DAYS = 7, 31
TARGET = 0.9  # below it a month is a sign of its own: low effective transmission


@dataclass(frozen=True)
class MarkWords:
    """A mark as pages show it."""

    row: MarkedSpan
    title: str
    factors: str
    state: str
    kind: str
    capped: bool
    may_withdraw: bool


def mark_words(row: MarkedSpan, viewer: User) -> MarkWords:
    """A mark with its title, the factors it is about, and how it stands."""
    state, kind = (_("Withdrawn"), "idle") if row.withdrawn_at else (_("Marked late"), "warning")
    if not row.withdrawn_at and not row.late:
        state, kind = _("In force"), "working"
    return MarkWords(
        row,
        marking_title(row.code),
        ", ".join(measured(one).name for one in row.channels.all()),
        state,
        kind,
        row.counts_until < row.ends_at,
        viewer.role in MAY_WITHDRAW and row.withdrawn_at is None,
    )


def marking_title(code: str) -> str:
    """What the rules call a kind of mark; a code that no table knows any more stands for itself."""
    try:
        return marking(code).title.in_language(get_language() or "zh-hans")
    except UnknownMarking:
        return code


@dataclass(frozen=True)
class Days:
    """The days that a page looks at, both included."""

    first: date
    last: date

    @classmethod
    def asked(cls, query: QueryDict, now: datetime) -> "Days":
        """The days that an address asks for, the last week without one."""
        today = now.astimezone(SHANGHAI).date()
        last = _day(query.get("to", ""), "to") or today
        clock.check_day(last, "to")
        first = _day(query.get("from", ""), "from") or last - timedelta(days=USUAL_DAYS - 1)
        clock.check_day(first, "from")
        if not 0 <= (last - first).days < MOST_DAYS:
            raise BadInput(_("Expected “from” before “to”, at most %(days)d days apart.") % {"days": MOST_DAYS}, "from")
        return cls(first, last)

    @property
    def both(self) -> tuple[date, date]:
        return self.first, self.last


def _day(text: str, field: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        message = _("Found day “%(found)s”, expected a form such as 2026-11-22.") % {"found": text}
        raise BadInput(message, field) from None


@dataclass(frozen=True)
class Rate:
    """One line of the table of rates."""

    title: str
    note: str
    day: date | None
    delivery: Delivery
    delay: timedelta | None
    href: str

    @property
    def low(self) -> bool:
        """Whether the effective transmission lies below what is expected."""
        return self.delivery.effective is not None and self.delivery.effective < TARGET


@dataclass(frozen=True)
class Look:
    """What the page is asked for: hours or days, over which days, and the address's other words."""

    kind: str
    days: Days
    now: datetime
    query: dict[str, str]

    def address(self, **changes: str) -> str:
        """The page with other words in its address."""
        kept = {name: value for name, value in (self.query | changes).items() if value and name != "page"}
        return f"?{urlencode(kept)}"


Key = tuple[str, str, date | None]  # title, note, day


def _by_station(look: Look, channel: Channel, day: date) -> tuple[Key, str]:
    station = channel.station
    return (station.title, station.code, None), look.address(by="station-day", q=station.code)


def _by_station_day(look: Look, channel: Channel, day: date) -> tuple[Key, str]:
    station = channel.station
    address = reverse("quality-day", kwargs={"code": station.code, "day": day.isoformat()})
    return (station.title, station.code, day), f"{address}?kind={look.kind}"


def _by_owner(look: Look, channel: Channel, day: date) -> tuple[Key, str]:
    owner = channel.station.enterprise
    if owner is None:
        return (_("Stations of the environment"), "", None), look.address(by="station", q="")
    return (owner.title, owner.code, None), look.address(by="station", q=owner.code)


def _by_day(look: Look, channel: Channel, day: date) -> tuple[Key, str]:
    text = day.isoformat()
    return ("", "", day), look.address(**{"by": "station-day", "from": text, "to": text})


GROUPS: dict[str, Callable[[Look, Channel, date], tuple[Key, str]]] = {
    "station": _by_station,
    "station-day": _by_station_day,
    "owner": _by_owner,
    "day": _by_day,
}


def rates(channels: Sequence[Channel], look: Look, by: str) -> list[Rate]:
    """The rates of channels (with station and enterprise), by station, day or owner; the lowest first."""
    by_id = {channel.pk: channel for channel in channels}
    groups: dict[Key, list[DayQuality]] = defaultdict(list)
    addresses: dict[Key, str] = {}
    for one in quality(list(by_id), look.days.both, look.kind, look.now):
        key, address = GROUPS[by](look, by_id[one.channel_id], one.day)
        if key[2] is not None and not one.delivery.due:
            continue  # a day before the first, or before its first hour has ended, says nothing
        groups[key].append(one)
        addresses[key] = address
    found = [_rate(key, several, addresses[key]) for key, several in groups.items()]
    return sorted(found, key=_lowest_first)


def _rate(key: Key, several: Sequence[DayQuality], address: str) -> Rate:
    delays = [one.delay_s for one in several if one.delay_s is not None]
    delay = timedelta(seconds=statistics.median(delays)) if delays else None
    return Rate(*key, together(one.delivery for one in several), delay, address)


def _lowest_first(one: Rate) -> tuple[Any, ...]:
    effective = one.delivery.effective
    return (effective is None, effective or 0.0, one.title, one.day or date.min)
