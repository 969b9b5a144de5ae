"""What a platform above is to be given next, in the order in which it was committed.

Raw packets have their numbers in the order of their commits, since whoever writes them takes turns on the chain of
segments first. So a number is a place in a queue: who has seen packet n has seen all before it.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from django.db import connection
from django.db.models import QuerySet

from qingyuan.forwarding.logic import anew, rewriting
from qingyuan.forwarding.logic.choosing import Plan, Sender
from qingyuan.forwarding.logic.covering import CameEnciphered, Cover
from qingyuan.forwarding.logic.ours import Mean, Ours
from qingyuan.forwarding.logic.window import Item, Result
from qingyuan.kit.queries import lines
from qingyuan.recording.queries import Stored, stored
from qingyuan.sensing.queries import Channel, PacketBytes, PacketState, RawPacket, packets_bytes
from qingyuan_science.hj212 import STANDARD, Dialect, Hj212Error, Message, encode
from qingyuan_science.series import microseconds, moment

ROWS = 500  # rows of packets that are read at a time
STRETCH = 20_000  # numbers that are looked through at a time
MOST_NAMED = 300  # devices; of more the database is not asked by their names
MOST_COUNTED = 100_000
_LAST = "SELECT max(id) FROM sensing_rawpacket"
_FEED = "feed:"
_MARKED_AGAIN = ("2025",)  # the editions with a mark for data that are sent again
_DATA_TIME = re.compile(rb"[;&,]\s*DataTime\s*=\s*(\d{14})", re.IGNORECASE)


class Writing(Protocol):
    """Writes a message, marked as sent again with `rf`: its MN, QN, CN and bytes."""

    def __call__(self, *, rf: bool) -> tuple[str, str, str, bytes]: ...


@dataclass(frozen=True)
class Sending:
    """How packets are handed on: what of ours went before, and whether the edition marks what is sent again."""

    ours: Ours | None
    rf: bool
    marks: bool

    def behind(self, station: int, cn: str, data_time: str, dialect: Dialect) -> bool:
        """Whether ours went before."""
        return self.ours is not None and self.ours.went(station, cn, data_time, dialect)

    def waits(self, station: int, cn: str, data_time: str, dialect: Dialect) -> bool:
        """Whether ours is on its way, so that it is not known yet whether it went before."""
        return self.ours is not None and self.ours.goes(station, cn, data_time, dialect)


@dataclass
class Row:
    """A row of raw packets on its way: how many of its items are not settled, and those that are.

    One that `waits` has yet to be made: it is a device's mean, and ours for the same period is on its way.
    """

    packet: int
    open: int = 0
    items: list[Item] = field(default_factory=list)
    waits: bool = False

    def settle(self, item: Item) -> None:
        """Take note that one of the items has ended."""
        self.open -= 1


@dataclass
class Batch:
    """Rows up to a number; those without items only say how far it was looked."""

    rows: list[Row]
    up_to: int


def next_rows(
    plan: Plan, after: int, *,
    not_before: datetime | None = None, until: datetime | None = None, on_their_way: Collection[Mean] = (),
) -> Batch:  # fmt: skip
    """The next packets that concern a platform above; what came before `not_before` is settled as too old.

    `until` is the end of its time: packets from then on are passed over. A mean of a device, and what is behind it,
    is left for later while ours of the same period is `on_their_way`.
    """
    last = _last()
    horizon = min(last, after + STRETCH)
    if horizon <= after:
        return Batch([], after)
    found = list(_wanted(plan, after, horizon)[:ROWS])
    up_to = found[-1].pk if len(found) == ROWS else horizon
    found = [one for one in found if concerns(plan, one) and (until is None or one.received_at < until)]
    late = [packet for packet in found if not_before is not None and packet.received_at < not_before]
    wanted = [packet for packet in found if not_before is None or packet.received_at >= not_before]
    rows = [_too_old(packet) for packet in late] + _rows(plan, wanted, Ours(plan, on_their_way))
    first = min((row.packet for row in rows if row.waits), default=None)
    up_to = up_to if first is None else first - 1
    rows = sorted((row for row in rows if row.items and row.packet <= up_to), key=lambda row: row.packet)
    return Batch([*rows, Row(up_to)], up_to)


def again(plan: Plan, packet: RawPacket) -> list[Item]:
    """The items of one row of packets, as they would be sent now; also where ours went before: somebody wants it."""
    return [item for row in _rows(plan, [packet], None) for item in row.items]


def those_of(plan: Plan, numbers: Sequence[int]) -> list[RawPacket]:
    """Which of some packets concern a platform above, as they are decoded now."""
    found = _chosen(plan, RawPacket.objects.filter(pk__in=list(numbers), state=PacketState.DECODED))
    return [one for one in found.order_by("pk") if concerns(plan, one)]


def late_rows(plan: Plan, packets: Sequence[RawPacket], on_their_way: Collection[Mean] = ()) -> list[Row]:
    """Rows of packets that were decoded late, marked as sent again where the edition has such a mark."""
    return _rows(plan, packets, Ours(plan, on_their_way), rf=plan.edition in _MARKED_AGAIN)


def concerns(plan: Plan, packet: RawPacket) -> bool:
    """Whether a packet is of a sender that concerns a platform above."""
    return _concerns(plan, packet.mn)


def passes(plan: Plan, packet: RawPacket) -> bool:
    """Whether a packet is handed on as it was received, and not made anew out of what is stored of it."""
    return packet.mn in plan.senders and _as_received(plan, packet)


def waiting(plan: Plan, after: int, until: datetime | None = None) -> tuple[int, datetime | None]:
    """About how many packets wait behind a number, and since when the oldest; at most 100,000 rows are looked at."""
    rows = _waiting(plan, after, until)
    return sum(packets for _, packets, _ in rows), rows[0][2] if rows else None


def those_waiting(plan: Plan, after: int, until: datetime | None = None) -> list[tuple[int, int]]:
    """The rows that `waiting` counts, in their order: the number of each, and how many packets it has."""
    return [(number, packets) for number, packets, _ in _waiting(plan, after, until)]


def _waiting(plan: Plan, after: int, until: datetime | None) -> list[tuple[int, int, datetime]]:
    found = _wanted(plan, after, _last())
    if until is not None:
        found = found.filter(received_at__lt=until)
    rows = found.values_list("pk", "packets", "received_at", "mn")[:MOST_COUNTED]
    return [(number, packets, at) for number, packets, at, mn in rows if _concerns(plan, mn)]


def number_before(at: datetime) -> int:
    """The number of the last packet that came before an instant."""
    first = RawPacket.objects.filter(received_at__gte=at).order_by("pk").values_list("pk", flat=True).first()
    return _last() if first is None else first - 1


def _last() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_LAST)
        return cursor.fetchone()[0] or 0


def _wanted(plan: Plan, after: int, horizon: int) -> QuerySet[RawPacket]:
    """Sound packets of the chosen devices with the chosen commands, and sound payloads of feeds."""
    there = RawPacket.objects.filter(pk__gt=after, pk__lte=horizon, state=PacketState.DECODED).order_by("pk")
    return _chosen(plan, there).order_by("pk")


def _chosen(plan: Plan, there: QuerySet[RawPacket]) -> QuerySet[RawPacket]:
    by_device = there.filter(cn__in=list(plan.commands))
    if len(plan.senders) <= MOST_NAMED:
        by_device = by_device.filter(mn__in=list(plan.senders))
    if not plan.homes or not plan.kinds:
        return by_device
    return by_device | there.filter(mn__startswith=_FEED)


def _concerns(plan: Plan, mn: str) -> bool:
    return mn in plan.senders or mn.startswith(_FEED)


def _rows(plan: Plan, packets: Sequence[RawPacket], ours: Ours | None, *, rf: bool = False) -> list[Row]:
    """The rows of some packets: as received where that can be, made anew out of stored values otherwise.

    With `ours`, means of devices that come after ours went are marked as sent again, or withheld.
    """
    how = Sending(ours, rf=rf, marks=plan.edition in _MARKED_AGAIN)
    received = [one for one in packets if passes(plan, one)]
    taken = {one.pk for one in received}
    rows = [_received(plan, one, how) for one in packets_bytes(received)]
    by_segment: dict[int, list[RawPacket]] = {}
    for one in packets:
        if one.pk not in taken:
            by_segment.setdefault(one.segment_id, []).append(one)
    if by_segment:
        channels = anew.channels_of(plan.homes)
        rows += [row for number, some in by_segment.items() for row in _made_anew(plan, (number, some), channels, how)]
    return sorted(rows, key=lambda row: row.packet)


def _as_received(plan: Plan, packet: RawPacket) -> bool:
    return plan.senders[packet.mn].as_received or packet.cn not in anew.KINDS_OF_COMMAND


@dataclass
class _Filling:
    """A row that is being filled with items."""

    packet: RawPacket
    at: int
    row: Row

    @classmethod
    def of(cls, packet: RawPacket) -> "_Filling":
        return cls(packet, microseconds(packet.received_at), Row(packet.pk))

    def add(self, number: int, write: Writing, how: Sending, *, behind: bool) -> None:
        """Add what a function writes; where it cannot be written, that is how it ended.

        `behind` says that it is a device's own mean, and ours went before.
        """
        if behind and how.ours is not None and how.ours.withholds:
            self.end(number, Result.BEHIND)
            return
        try:
            mn, qn, cn, data = write(rf=how.rf or (behind and how.marks))
        except CameEnciphered:
            self.end(number, Result.WITHHELD)
            return
        except Hj212Error as error:
            self.end(number, Result.UNWRITABLE, str(error))
            return
        item = Item(self.packet.pk, number, mn, qn, cn, data, self.at, self.row.settle, corrects=behind)
        self.row.items.append(item)
        self.row.open += 1

    def end(self, number: int, result: Result, said: str = "") -> None:
        """Add an item that has ended before it was sent."""
        item = Item(self.packet.pk, number, self.packet.mn, "", self.packet.cn, b"", self.at, self.row.settle)
        item.result, item.said = result, said
        self.row.items.append(item)


def _too_old(packet: RawPacket) -> Row:
    filling = _Filling.of(packet)
    for number in range(1, packet.packets + 1):
        filling.end(number, Result.TOO_OLD)
    return filling.row


def _received(plan: Plan, packet: PacketBytes, how: Sending) -> Row:
    """The frames of a row of packets, each with the header that the platform above knows."""
    filling, sender = _Filling.of(packet.packet), plan.senders[packet.packet.mn]
    try:
        frames = rewriting.frames_of(packet.raw, packet.packet.packets, sender)
    except Hj212Error as error:
        filling.end(1, Result.UNWRITABLE, str(error))
        return filling.row
    for number, frame in enumerate(frames, start=1):
        found = _DATA_TIME.search(frame.segment)
        told = found[1].decode() if found is not None else ""
        of = sender.station, packet.packet.cn, told, sender.dialect
        filling.row.waits |= how.waits(*of)
        behind = how.behind(*of)
        filling.add(number, partial(rewriting.written, frame, (sender, plan.cover), filling.at), how, behind=behind)
    return filling.row


def _made_anew(
    plan: Plan, of: tuple[int, Sequence[RawPacket]], channels: Mapping[int, Channel], how: Sending
) -> Iterator[Row]:
    """Messages out of the readings that came with the packets of one segment, by when these were received."""
    segment, packets = of
    spans = [span for line in lines(f"segment/{segment}", ("ReadingsAppended",)) for span in line.detail["spans"]]
    came = {microseconds(packet.received_at): packet for packet in packets}
    told: dict[int, list[Stored]] = {at: [] for at in came}
    for channel, kind, first, last in spans:
        if channel not in channels or anew.COMMAND_OF_KIND.get(kind) not in plan.commands:
            continue
        for one in stored([channel], kind, moment(first), moment(last) + timedelta(microseconds=1)):
            at = microseconds(one.received_at)
            if at in told:
                told[at].append(one)
    enciphered = _enciphered(plan, packets)
    stations = {home.mn: number for number, home in plan.homes.items()}
    for at, packet in came.items():
        filling = _Filling.of(packet)
        for number, message in enumerate(anew.messages(told[at], channels, plan.homes, plan.edition), start=1):
            named = replace(message, qn=rewriting.request_number(at, number))
            of_what = stations.get(message.mn, 0), message.cn, message.data_time or "", STANDARD
            filling.row.waits |= how.waits(*of_what)
            behind = how.behind(*of_what)
            write = partial(_as_frame, named, plan.cover, came_enciphered=packet.pk in enciphered)
            filling.add(number, write, how, behind=behind)
        yield filling.row


def _enciphered(plan: Plan, packets: Sequence[RawPacket]) -> set[int]:
    """Which of some packets came enciphered, by their bytes."""
    able = [one for one in packets if one.mn in plan.senders and plan.senders[one.mn].keys(one.mn)]
    return {one.packet.pk for one in packets_bytes(able) if _came_enciphered(plan.senders[one.packet.mn], one)}


def _came_enciphered(sender: Sender, packet: PacketBytes) -> bool:
    """Whether a frame of a row came enciphered; where it cannot be read any more, it may have."""
    try:
        return any(one.enciphered for one in rewriting.frames_of(packet.raw, packet.packet.packets, sender))
    except Hj212Error:
        return True


def _as_frame(message: Message, cover: Cover, *, came_enciphered: bool, rf: bool) -> tuple[str, str, str, bytes]:
    message = replace(message, rf=rf)
    key = cover.key_for(message.mn, message.cn, came_enciphered=came_enciphered)
    return message.mn, message.qn, message.cn, encode(message, cover.dialect, key)
