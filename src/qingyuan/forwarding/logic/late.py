"""Packets that are decoded after the cursor has passed them: entered as rows, and handed on like what did not arrive.

A row is taken up only once the position has passed its packet, so it is certain what the cursor made of it: what lies
in a run has been handed on with the state of then, and what lies in none has not.
"""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Min, Q, QuerySet

from qingyuan.forwarding.events import LatePacketsHandedOn
from qingyuan.forwarding.logic import reading
from qingyuan.forwarding.logic.choosing import Plan, plan_of
from qingyuan.forwarding.logic.keeping import detail_rows, end_of, undelivered
from qingyuan.forwarding.logic.ours import Mean
from qingyuan.forwarding.logic.window import Item, Result
from qingyuan.forwarding.models import Destination, Run, Undelivered, Why
from qingyuan.forwarding.queries import details_of
from qingyuan.kit import clock, log
from qingyuan.sensing.queries import RawPacket
from qingyuan_science.series import moment

LATE = (Why.LATE, Why.GROWN)
AT_ONCE = 500  # rows that are taken up at a time
_NUMBERS = 5_000  # packets that are asked for in one query
_WHOLE = 0  # in place of the number of one of its packets: the whole row


def enter(late: Sequence[int], grown: Sequence[int]) -> None:
    """Enter packets for every platform above that they concern; those that are too old for one are counted there."""
    for destination in Destination.objects.select_related("cell").order_by("pk"):
        plan = plan_of(destination)
        for why, numbers in ((Why.LATE, late), (Why.GROWN, grown)):
            for place in range(0, len(numbers), _NUMBERS):
                _enter(destination, plan, why, numbers[place : place + _NUMBERS])


def _enter(destination: Destination, plan: Plan, why: Why, numbers: Sequence[int]) -> None:
    now = clock.now()
    found = [packet for packet in reading.those_of(plan, numbers) if _in_time(destination, packet.received_at)]
    keep = timedelta(hours=destination.keep_hours) if destination.keep_hours else None
    fresh = [packet for packet in found if keep is None or now - packet.received_at <= keep]
    rows = [
        Undelivered(
            destination=destination, packet=packet.pk, number=_WHOLE, mn=packet.mn, cn=packet.cn, qn="", why=why,
            at=now, again_at=now,
        )
        for packet in fresh
    ]  # fmt: skip
    in_time = {packet.pk for packet in fresh}
    newly_old = _name_too_old(destination, [packet for packet in found if packet.pk not in in_time])
    Undelivered.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=("destination", "packet", "number"),
        update_fields=("why", "again_at", "delivered_at"),
    )  # fmt: skip
    if found:  # what waits keeps a line open, also that of a platform whose time is over
        counts = {"left_out": F("left_out") + newly_old, "waiting": F("waiting") + len(fresh)}
        Destination.objects.filter(pk=destination.pk).update(**counts)


def _name_too_old(destination: Destination, packets: Sequence[RawPacket]) -> int:
    """Name those that are too old by now and were not entered before; how many packets they hold.

    What the cursor has not reached yet is left to it.
    """
    packets = [packet for packet in packets if packet.pk <= destination.position]
    numbers = [packet.pk for packet in packets]
    known = set(
        Undelivered.objects.filter(destination=destination, packet__in=numbers, number=_WHOLE)
        .values_list("packet", flat=True)
    )  # fmt: skip
    new = [packet for packet in packets if packet.pk not in known]
    now = clock.now()
    rows = [
        Undelivered(
            destination=destination, packet=packet.pk, number=_WHOLE, mn=packet.mn, cn=packet.cn, qn="",
            why=Why.TOO_OLD, at=now,
        )
        for packet in new
    ]  # fmt: skip
    Undelivered.objects.bulk_create(rows, ignore_conflicts=True)
    return sum(packet.packets for packet in new)


def _in_time(destination: Destination, received_at: datetime) -> bool:
    """Whether a packet came in the time in which it is handed on there."""
    end = end_of(destination)
    begin = datetime.combine(destination.valid.lower, time(), clock.SHANGHAI)
    return begin <= received_at and (end is None or received_at < end)


def waiting(destination: Destination) -> tuple[int, datetime | None]:
    """How many rows wait, and since when the oldest does."""
    found = those_waiting(destination)
    return found.count(), found.aggregate(since=Min("again_at"))["since"]


def those_waiting(destination: Destination) -> QuerySet[Undelivered]:
    """The rows that wait."""
    return Undelivered.objects.filter(destination=destination, why__in=LATE, again_at__isnull=False, delivered_at=None)


def take_up(
    destination: Destination, busy: Collection[int], on_their_way: Collection[Mean] = ()
) -> list[tuple[Undelivered, list[Item]]]:
    """The next rows with what is to be sent of each; rows of which there is nothing to send are taken out.

    A mean of a device waits while ours of the same period is `on_their_way`.
    """
    passed = those_waiting(destination).filter(packet__lte=destination.position).exclude(pk__in=list(busy))
    rows = list(passed.order_by("packet")[:AT_ONCE])
    if not rows:
        return []
    plan = plan_of(destination)  # of now: a device may have been adopted since the line looked
    packets = RawPacket.objects.in_bulk([row.packet for row in rows])
    handed_on = _in_runs(destination, sorted(packets))
    wanted = [
        packets[row.packet] for row in rows
        if row.packet in packets and reading.concerns(plan, packets[row.packet])
        and (row.packet not in handed_on or (row.why == Why.GROWN and not reading.passes(plan, packets[row.packet])))
    ]  # fmt: skip
    found = reading.late_rows(plan, wanted, on_their_way)
    later = {row.packet for row in found if row.waits}
    items = {row.packet: row.items for row in found if not row.waits}
    idle = [row.pk for row in rows if not items.get(row.packet) and row.packet not in later]
    Undelivered.objects.filter(_unchanged([row for row in rows if row.pk in set(idle)])).delete()
    return [(row, items[row.packet]) for row in rows if items.get(row.packet)]


def _in_runs(destination: Destination, numbers: Sequence[int]) -> set[int]:
    """Which of some packets the cursor has found something in."""
    if not numbers:
        return set()
    runs = Run.objects.filter(destination=destination, after__lt=numbers[-1], up_to__gte=numbers[0])
    there = {int(packet) for run in runs.iterator() for packet in details_of(run)["packet"]}
    return there.intersection(numbers)


def _unchanged(rows: Sequence[Undelivered]) -> Q:
    """Rows that were not entered anew since they were read."""
    wanted = Q(pk__in=[])
    for row in rows:
        wanted |= Q(pk=row.pk, again_at=row.again_at)
    return wanted


@transaction.atomic
def keep(destination: Destination, done: Sequence[tuple[Undelivered, list[Item]]]) -> None:
    """Keep how it ended: what did not arrive as rows of its own, all of it as a line of the log."""
    items = sorted((one for _, some in done for one in some), key=lambda one: (one.packet, one.number))
    Undelivered.objects.bulk_create(undelivered(destination, items), ignore_conflicts=True)
    for row, some in done:
        arrived = [one for one in some if one.result is Result.ACCEPTED]
        same = Undelivered.objects.filter(pk=row.pk, again_at=row.again_at)
        if not arrived:
            same.delete()
            continue
        told: dict[str, Any] = {"qn": arrived[0].qn, "tries": row.tries + max(one.tries for one in arrived)}
        same.update(again_at=None, delivered_at=moment(max(one.answered_us for one in arrived)), **told)
    accepted = sum(one.result is Result.ACCEPTED for one in items)
    Destination.objects.filter(pk=destination.pk).update(accepted=F("accepted") + accepted)
    sent = hashlib.sha256(b"".join(one.data for one in items if one.sent_us))
    log.write(
        LatePacketsHandedOn(destination.pk, accepted, [list(row) for row in detail_rows(items)], sent.hexdigest())
    )


def want_withheld(destination: Destination) -> int:
    """Want what the cursor has withheld so far sent; how many packets. The line enters them, a run at a time."""
    one = Destination.objects.select_for_update().get(pk=destination.pk)
    last = Run.objects.filter(destination=one).order_by("-pk").values_list("pk", flat=True).first()
    Destination.objects.filter(pk=one.pk).update(withheld=0, withheld_wanted=last or one.withheld_wanted)
    idle = Undelivered.objects.filter(destination=one, why=Why.WITHHELD, delivered_at=None, again_at=None)
    return one.withheld + idle.update(again_at=clock.now())


@transaction.atomic
def enter_withheld(destination: Destination) -> None:
    """Enter what was withheld in the next run of which it is wanted; what arrived since is left alone."""
    begun = Destination.objects.filter(pk=destination.pk, withheld_to__lt=F("withheld_wanted"))
    one = begun.select_for_update(of=("self",)).first()
    if one is None:
        return
    wanted = Run.objects.filter(destination=one, pk__gt=one.withheld_to, pk__lte=one.withheld_wanted, withheld__gt=0)
    run = wanted.order_by("pk").first()
    if run is not None:
        Undelivered.objects.bulk_create(_withheld_in(run), ignore_conflicts=True)
    Destination.objects.filter(pk=one.pk).update(withheld_to=one.withheld_wanted if run is None else run.pk)


def _withheld_in(run: Run) -> Iterator[Undelivered]:
    """A row for each packet that a run withheld and that did not arrive later, when more of it was stored."""
    now, details = clock.now(), details_of(run)
    held = details[details["result"] == Result.WITHHELD.value]
    packets = RawPacket.objects.in_bulk(held["packet"].tolist())
    later = Undelivered.objects.filter(destination=run.destination_id, packet__in=list(packets), number=_WHOLE)
    arrived = set(later.exclude(delivered_at=None).values_list("packet", flat=True))
    for number, place in zip(held["packet"].tolist(), held["number"].tolist(), strict=True):
        if number in packets and number not in arrived:
            yield Undelivered(
                destination_id=run.destination_id, packet=number, number=place, mn=packets[number].mn,
                cn=packets[number].cn, qn="", why=Why.WITHHELD, at=now, again_at=now,
            )  # fmt: skip


def finished(under_way: dict[int, tuple[Undelivered, list[Item]]]) -> Iterator[int]:
    """Numbers of the rows under way that have ended."""
    for number, (row, items) in under_way.items():
        if row.why in LATE and all(one.result for one in items):
            yield number
