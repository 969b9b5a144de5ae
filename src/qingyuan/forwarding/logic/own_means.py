"""Means computed here, handed on for times of which a station's devices sent none.

A cursor of time for each kind says up to which period they are settled; it waits some time after each period, for what
devices send late. Behind it stands a place in the log: means that are computed anew later are handed on again.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import F

from qingyuan.forwarding.events import OwnMeansHandedOn
from qingyuan.forwarding.logic import anew, own_rows, rewriting
from qingyuan.forwarding.logic.choosing import Home, Plan
from qingyuan.forwarding.logic.covering import CameEnciphered
from qingyuan.forwarding.logic.keeping import SomebodyElseHandsOn, end_of, keep_sent
from qingyuan.forwarding.logic.ours import Mean
from qingyuan.forwarding.logic.periods import block_of, floor, length_of
from qingyuan.forwarding.logic.window import Item, OwnItem, Result
from qingyuan.forwarding.models import Destination
from qingyuan.kit import clock, log
from qingyuan.kit.queries import last_seq, lines
from qingyuan.recording.queries import Stored, stored
from qingyuan.sensing.queries import Channel
from qingyuan_science.hj212 import Hj212Error, Message, encode
from qingyuan_science.series import microseconds, moment

SENT = {"M": "mt", "T": "mt", "H": "h", "D": "d"}
AT_ONCE = {"M": 10, "T": 12, "H": 12, "D": 10}  # periods that are settled together
MOST_EMPTY = 50  # times as many are looked through while there is nothing
LINES = 50  # of the log, that are looked through at a time
Key = tuple[int, datetime]


@dataclass
class Stretch:
    """Own means on their way: of a kind from `first` to before `after`, or such as were computed anew.

    `seq` is the place in the log up to which recomputed means are settled once this is; `qn` the last QN given [ms].
    """

    kind: str
    first: int
    after: int
    seq: int
    items: list[OwnItem]
    again: bool = False
    tried: list[int] = field(default_factory=list)  # rows that somebody wanted sent again
    qn: int = 0


class Told(NamedTuple):
    """A message, when its mean was computed [µs], and of which station and period it is; QN is left empty."""

    message: Message
    computed: int
    station: int
    at: datetime


def next_stretch(destination: Destination, plan: Plan) -> Stretch | None:
    """What of the own means is to be handed on next; None where nothing is due."""
    if not destination.own_means:
        return None
    if plan.cover.lets_out(came_enciphered=True):
        own_rows.enter_withheld(destination, plan)
    numbers = _Numbers(destination.own_qn)
    found = _next(destination, (plan, numbers))
    if found is not None:
        found.qn = numbers.last
    return found


def on_their_way(stretch: Stretch) -> frozenset[Mean]:
    """The means of a stretch that have arrived, or may yet; those of which it is certain that they did not are left."""
    return frozenset(
        (item.kind, item.station, _block(item.kind, microseconds(item.at)))
        for item in stretch.items if item.result in (Result.WAITING, Result.ACCEPTED)
    )  # fmt: skip


@dataclass
class _Numbers:
    """QN of means, each later than the last that the platform above was given; the same again until that is kept."""

    last: int  # [ms]

    def next(self, computed: int) -> str:
        """The QN of a mean that was computed at an instant [µs]."""
        self.last = max(computed // 1000, self.last + 1)
        return rewriting.request_number(self.last * 1000)


_To = tuple[Plan, _Numbers]


def _next(destination: Destination, to: _To) -> Stretch | None:
    with transaction.atomic():
        with connection.cursor() as cursor:  # the head of the log and the means belong to one state of the database
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        head = last_seq() or 0
        wanted = _wanted_again(destination, to)
        if wanted is not None:
            return wanted
        anew_since = _recomputed(destination, to, head)
        if anew_since is not None:
            return anew_since
        for kind in sorted(destination.own_means, key=lambda one: int(destination.own_to[one])):
            stretch = _stretch(destination, to, kind, head)
            if stretch is not None:
                return stretch
    return None


def _stretch(destination: Destination, to: _To, kind: str, head: int) -> Stretch | None:
    """The next periods of a kind with something in them, or as many without as are looked through at once."""
    first, due = _due(destination, kind)
    if first >= due:
        return None
    begin = first
    for _ in range(MOST_EMPTY):
        after = min(due, begin + AT_ONCE[kind] * length_of(kind))
        wanted = messages_between(to[0], kind, begin, after)
        if wanted or after == due:
            break
        begin = after
    return Stretch(kind, first, after, head, list(_items(to, kind, wanted, rf=False)))


def _wanted_again(destination: Destination, to: _To) -> Stretch | None:
    """What somebody wants sent again, as it stands now."""
    rows = own_rows.to_send_again(destination, withheld=to[0].cover.lets_out(came_enciphered=True))
    if not rows:
        return None
    keys: dict[str, set[Key]] = {}
    for row in rows:
        keys.setdefault(row.kind, set()).add((row.station_id, row.at))
    items = [item for kind, some in keys.items() for item in _again(to, kind, some, None)]
    return Stretch("", 0, 0, destination.own_seq, items, again=True, tried=[row.pk for row in rows])


def _due(destination: Destination, kind: str) -> tuple[int, int]:
    """From which period to before which the means of a kind are due."""
    now = clock.now()
    first = int(destination.own_to[kind])
    if destination.keep_hours:
        first = max(first, floor(kind, microseconds(now - timedelta(hours=destination.keep_hours))))
    after = floor(kind, microseconds(now - timedelta(minutes=destination.own_wait_minutes)))
    end = end_of(destination)
    after = min(after, microseconds(end)) if end is not None else after
    return first, after


def _recomputed(destination: Destination, to: _To, head: int) -> Stretch | None:
    """Means that were computed anew after their turn, by the next lines of the log that tell so."""
    told = list(lines(acts=("HoursComputed",), after=destination.own_seq).filter(seq__lte=head).order_by("seq")[:LINES])
    if not told:
        return None
    channels = anew.channels_of(to[0].homes)
    changed: dict[str, set[Key]] = {}
    for line in told:
        for channel, kind, first, last in line.detail["spans"]:
            settled = int(destination.own_to.get(kind, 0))
            if channel in channels and first < settled:
                for one in stored([channel], kind, moment(first), moment(min(last + 1, settled))):
                    if microseconds(one.received_at) == line.detail.get("computed_us"):
                        changed.setdefault(kind, set()).add((channels[channel].station_id, one.at))
    oldest = _oldest(destination)
    items = [item for kind, keys in changed.items() for item in _again(to, kind, keys, oldest)]
    return Stretch("", 0, 0, told[-1].seq, items, again=True)


def _oldest(destination: Destination) -> datetime | None:
    return clock.now() - timedelta(hours=destination.keep_hours) if destination.keep_hours else None


def _again(to: _To, kind: str, keys: set[Key], oldest: datetime | None) -> Iterator[OwnItem]:
    """The messages of some stations and times, marked as sent again where the edition has such a mark."""
    by_station: dict[int, set[datetime]] = {}
    for station, at in keys:
        if oldest is None or at >= oldest:
            by_station.setdefault(station, set()).add(at)
    for station, times in sorted(by_station.items()):
        for near in _near(kind, times):
            first, last = microseconds(min(near)), microseconds(max(near))
            wanted = messages_between(to[0], kind, first, last + length_of(kind), only=(station, near))
            yield from _items(to, kind, wanted, rf=to[0].edition == "2025")


def _near(kind: str, times: set[datetime]) -> list[set[datetime]]:
    """Times in groups that lie close together: of a year between two of them nothing is read."""
    groups: list[set[datetime]] = []
    end: datetime | None = None
    for at in sorted(times):
        if end is None or at > end:
            groups.append(set())
        groups[-1].add(at)
        end = moment(microseconds(at) + AT_ONCE[kind] * length_of(kind))
    return groups


def messages_between(
    plan: Plan, kind: str, first: int, after: int, *, only: tuple[int, set[datetime]] | None = None
) -> list[Told]:
    """Messages of own means of which devices sent none."""
    homes = plan.homes if only is None else {only[0]: plan.homes[only[0]]} if only[0] in plan.homes else {}
    channels = anew.channels_of(homes)
    sent = _sent(kind, channels, first, after)
    gathered: dict[Key, list[Stored]] = {}
    for one in stored(list(channels), kind, moment(first), moment(after)):
        key = (channels[one.channel_id].station_id, one.at)
        if (key[0], _block(kind, microseconds(one.at))) not in sent and (only is None or one.at in only[1]):
            gathered.setdefault(key, []).append(one)
    return list(_messages(gathered, channels, homes, plan))


def _messages(
    gathered: Mapping[Key, list[Stored]], channels: Mapping[int, Channel], homes: Mapping[int, Home], plan: Plan
) -> Iterator[Told]:
    for key, readings in sorted(gathered.items(), key=lambda entry: (entry[0][1], entry[0][0])):
        computed = max(microseconds(one.received_at) for one in readings)
        for message in anew.messages(readings, channels, homes, plan.edition, own_mark=plan.own_mark):
            yield Told(message, computed, *key)


def _sent(kind: str, channels: Mapping[int, Channel], first: int, after: int) -> set[tuple[int, int]]:
    """Of which stations and times devices sent means of that kind."""
    begin = _block(kind, first)
    return {
        (channels[one.channel_id].station_id, _block(kind, microseconds(one.at)))
        for one in stored(list(channels), SENT[kind], moment(begin), moment(after))
    }


def _block(kind: str, at: int) -> int:
    """The time to which what devices send and what is computed here are compared."""
    return floor(block_of(kind), at)


def _items(to: _To, kind: str, wanted: Iterable[Told], *, rf: bool) -> Iterator[OwnItem]:
    """What is sent; content that came enciphered and would go in the clear is withheld."""
    plan, numbers = to
    secret = {home.mn for home in plan.homes.values() if home.enciphers}
    for message, computed, station, at in wanted:
        named = replace(message, qn=numbers.next(computed), rf=rf)
        item = OwnItem(0, 0, named.mn, named.qn, named.cn, b"", computed, _nothing, station=station, kind=kind, at=at)
        try:
            key = plan.cover.key_for(named.mn, named.cn, came_enciphered=named.mn in secret)
            item.data = encode(named, plan.cover.dialect, key)
        except CameEnciphered:
            item.result = Result.WITHHELD
        except Hj212Error as error:
            item.result, item.said = Result.UNWRITABLE, str(error)
        yield item


def _nothing(item: Item) -> None:
    """Belongs to no row: the stretch is looked at as a whole."""


@transaction.atomic
def keep(destination: Destination, stretch: Stretch) -> None:
    """Settle a stretch: how far it has come, and what became of the messages, as a line of the log.

    Raises
    ------
    SomebodyElseHandsOn
        The place is not where this process left it.
    """
    found = Counter(item.result for item in stretch.items)
    own_to = destination.own_to | ({} if stretch.again else {stretch.kind: stretch.after})
    accepted, withheld = found[Result.ACCEPTED], found[Result.WITHHELD]
    last = max(stretch.qn, destination.own_qn)
    refused = len(stretch.items) - accepted - withheld
    moved = Destination.objects.filter(
        pk=destination.pk, own_seq=destination.own_seq, own_to=destination.own_to
    ).update(
        own_to=own_to, own_seq=stretch.seq, own_qn=last, own_handed=F("own_handed") + accepted,
        own_refused=F("own_refused") + refused, own_withheld=F("own_withheld") + withheld,
    )  # fmt: skip
    if not moved:
        raise SomebodyElseHandsOn(f"{destination.code} has gone on with its own means")
    destination.own_to, destination.own_seq = own_to, stretch.seq
    destination.own_qn = last
    own_rows.settle(destination, stretch.items, stretch.tried)
    keep_sent(destination, stretch.items)
    if stretch.items:
        log.write(_told(destination, stretch, (accepted, refused, withheld)))


def _told(destination: Destination, stretch: Stretch, counts: tuple[int, int, int]) -> OwnMeansHandedOn:
    sent = hashlib.sha256(b"".join(item.data for item in stretch.items if item.sent_us))
    failed = [
        [item.mn, item.cn, item.qn, item.result.name.lower(), item.said[:200]]
        for item in stretch.items if item.result not in (Result.ACCEPTED, Result.WITHHELD)
    ]  # fmt: skip
    span = (stretch.kind, stretch.first, stretch.after, stretch.again)
    told, held = (own_rows.spans(of(stretch.items)) for of in (own_rows.arrived, own_rows.held))
    return OwnMeansHandedOn(destination.pk, *span, *counts, failed[:100], sent.hexdigest(), told, held)


def begin(destination: Destination, since: datetime) -> None:
    """Begin with the kinds that are chosen and not begun with, and forget those that are no longer chosen."""
    kept: dict[str, Any] = {kind: at for kind, at in destination.own_to.items() if kind in destination.own_means}
    if destination.own_means and not kept:
        destination.own_seq = last_seq() or 0
    for kind in destination.own_means:
        kept.setdefault(kind, floor(kind, microseconds(since)))
    destination.own_to = kept


def own_between(plan: Plan, kinds: Sequence[str], station: int, span: tuple[datetime, datetime]) -> list[Message]:
    """Own means of a station in a span that is asked for, where devices sent none."""
    first, after = (microseconds(at) for at in span)
    limited = replace(plan, homes={number: home for number, home in plan.homes.items() if number == station})
    return [told.message for kind in kinds for told in messages_between(limited, kind, first, after)]
