"""What became of packets, durably: runs, packets that did not arrive, and how a destination stands."""

import base64
import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import numpy as np
import zstandard
from django.db import transaction
from django.db.models import F

from qingyuan.forwarding.events import DestinationCaughtUp, DestinationLags, MessagesKept, PacketsHandedOn
from qingyuan.forwarding.logic.window import Item, OwnItem, Result
from qingyuan.forwarding.models import Asked, Destination, Run, Sent, Undelivered, Why
from qingyuan.forwarding.queries import DETAIL
from qingyuan.kit import clock, log
from qingyuan_science.series import microseconds, moment

WHY = {Result.REFUSED: Why.REFUSED, Result.UNANSWERED: Why.UNANSWERED, Result.UNWRITABLE: Why.UNWRITABLE,
       Result.BEHIND: Why.BEHIND}  # fmt: skip
WHY_LATER = WHY | {Result.WITHHELD: Why.WITHHELD}  # the cursor only counts those: its runs name each
_IN_PLACE = 8  # of `RESULTS`: accepted, in place of a mean computed here
_COMPRESSOR = zstandard.ZstdCompressor(level=3)


class SomebodyElseHandsOn(Exception):
    """Another process has gone on with this destination: this one must stop."""


@dataclass
class Standing:
    """How a destination stands beside its position."""

    connected_at: datetime | None = None
    sent_us: int = 0
    answered_us: int = 0
    answer: str = ""
    trouble: str = ""
    rate: float = 0.0
    clock_offset_s: float | None = None


@transaction.atomic
def keep_run(destination: Destination, up_to: int, items: Sequence[Item]) -> None:
    """Settle everything up to a packet: the run with its proof, what did not arrive, and the new position.

    Raises
    ------
    SomebodyElseHandsOn
        The position is not where this process left it.
    """
    after = destination.position
    accepted = sum(item.result is Result.ACCEPTED for item in items)
    left_out = sum(item.result is Result.TOO_OLD for item in items)
    moved = Destination.objects.filter(pk=destination.pk, position=after).update(
        position=up_to, accepted=F("accepted") + accepted, left_out=F("left_out") + left_out,
        withheld=F("withheld") + sum(item.result is Result.WITHHELD for item in items),
        own_corrected=F("own_corrected") + sum(map(_corrected, items)),
    )  # fmt: skip
    if not moved:
        raise SomebodyElseHandsOn(f"{destination.code} is not at packet {after} any more")
    if items:
        _keep_details(destination, (after, up_to), items, (accepted, left_out))
    destination.position = up_to


def _keep_details(
    destination: Destination, between: tuple[int, int], items: Sequence[Item], counts: tuple[int, int]
) -> None:
    ordered = sorted(items, key=lambda item: (item.packet, item.number))
    details = detailed(ordered)
    sent = hashlib.sha256(b"".join(item.data for item in ordered if item.sent_us))
    refused = [item for item in ordered if item.result in WHY]
    first = min((item.sent_us for item in ordered if item.sent_us), default=0)
    run = Run.objects.create(
        destination=destination, after=between[0], up_to=between[1], began_at=_instant(first), ended_at=clock.now(),
        accepted=counts[0], refused=len(refused), left_out=counts[1], details=_COMPRESSOR.compress(details),
        withheld=sum(item.result is Result.WITHHELD for item in ordered), corrected=sum(map(_corrected, ordered)),
        details_hash=hashlib.sha256(details).digest(), sent_hash=sent.digest(),
    )  # fmt: skip
    Undelivered.objects.bulk_create(undelivered(destination, refused), ignore_conflicts=True)
    log.write(
        PacketsHandedOn(
            id=destination.pk, run=run.pk, after=run.after, up_to=run.up_to, accepted=run.accepted,
            refused=run.refused, left_out=run.left_out, details=run.details_hash.hex(), sent=run.sent_hash.hex(),
            withheld=run.withheld,
        )
    )  # fmt: skip


def detailed(items: Sequence[Item]) -> bytes:
    """What is kept of each packet, as a table of fixed rows."""
    details = np.array(detail_rows(items), DETAIL)
    details["result"][[place for place, item in enumerate(items) if _corrected(item)]] = _IN_PLACE
    return details.tobytes()


def _corrected(item: Item) -> bool:
    """Whether it was accepted in place of a mean computed here."""
    return item.corrects and item.result is Result.ACCEPTED


def detail_rows(items: Sequence[Item]) -> list[tuple[int, ...]]:
    """What is told of each packet."""
    return [
        (item.packet, item.number, item.sent_us, item.answered_us, item.tries, item.result.value) for item in items
    ]  # fmt: skip


@transaction.atomic
def keep_sent(destination: Destination, items: Sequence[OwnItem], asked: Asked | None = None) -> None:
    """Keep messages that were made here, with the bytes that went out, and say so in the log."""
    if not items:
        return
    told = [
        [item.station, item.kind, microseconds(item.at) if item.kind else 0, item.mn, item.cn, item.qn, item.sent_us,
         item.answered_us, item.tries, item.result.value, item.said[:200], item.data.decode("latin-1")]
        for item in items
    ]  # fmt: skip
    accepted = sum(item.result is Result.ACCEPTED for item in items)
    withheld = sum(item.result is Result.WITHHELD for item in items)
    details = json.dumps(told, ensure_ascii=False).encode()
    sent = hashlib.sha256(b"".join(item.data for item in items if item.sent_us))
    row = Sent.objects.create(
        destination=destination, asked=asked, at=clock.now(), count=len(items), accepted=accepted,
        refused=len(items) - accepted - withheld, withheld=withheld,
        messages=base64.b64encode(_COMPRESSOR.compress(details)).decode(), sent_hash=sent.digest(),
    )  # fmt: skip
    log.write(
        MessagesKept(
            id=destination.pk, row=row.pk, asked=row.asked_id or 0, messages=row.count, accepted=row.accepted,
            refused=row.refused, withheld=row.withheld, details=hashlib.sha256(details).hexdigest(),
            sent=sent.hexdigest(),
        )
    )  # fmt: skip


def undelivered(destination: Destination, items: Sequence[Item]) -> list[Undelivered]:
    """A row for each of those items that did not arrive."""
    return [
        Undelivered(
            destination=destination, packet=item.packet, number=item.number, mn=item.mn, cn=item.cn, qn=item.qn,
            why=WHY_LATER[item.result], said=item.said[:200], tries=item.tries, at=clock.now(),
        )
        for item in items if item.result in WHY_LATER
    ]  # fmt: skip


def end_of(destination: Destination) -> datetime | None:
    """The instant from which on nothing is handed on any more."""
    last = destination.valid.upper
    return datetime.combine(last, time(), clock.SHANGHAI).astimezone(UTC) if last else None


def to_send_again(destination: Destination, busy: Collection[int], *, withheld: bool) -> list[Undelivered]:
    """What somebody wants sent again, oldest first, but for what is on its way.

    What was withheld waits for a line that lets it out: one of older settings would withhold it again.
    """
    rows = Undelivered.objects.filter(destination=destination, again_at__isnull=False, delivered_at=None, number__gt=0)
    if not withheld:
        rows = rows.exclude(why=Why.WITHHELD)
    return list(rows.exclude(pk__in=list(busy)).order_by("pk")[:500])


@transaction.atomic
def keep_second_try(row: Undelivered, items: Sequence[Item]) -> None:
    """Keep how the sending again of a packet ended."""
    item = next((one for one in items if one.number == row.number), None)
    row.again_at = None
    if item is None:
        row.said = "it does not concern this platform any more"
    elif item.result is Result.ACCEPTED:
        row.delivered_at = moment(item.answered_us)
        row.tries += item.tries
        Destination.objects.filter(pk=row.destination_id).update(accepted=F("accepted") + 1)
    else:
        row.why, row.said = WHY_LATER.get(item.result, Why.UNANSWERED), item.said[:200]
        row.tries += item.tries
    row.save()


def note(destination: Destination, standing: Standing, waiting: tuple[int, datetime | None]) -> None:
    """Keep how a destination stands, and say so once when it lags for too long, or has caught up."""
    count, oldest = waiting
    now = clock.now()
    late = oldest is not None and now - oldest > timedelta(minutes=destination.lag_minutes)
    began, caught_up = late and destination.lagging_since is None, not late and destination.lagging_since is not None
    destination.lagging_since = (destination.lagging_since or now) if late else None
    values = {
        "waiting": count, "oldest_waiting_at": oldest, "rate": standing.rate, "connected_at": standing.connected_at,
        "trouble": standing.trouble, "looked_at": now, "lagging_since": destination.lagging_since,
    }  # fmt: skip
    told = {
        "sent_at": _instant(standing.sent_us), "answered_at": _instant(standing.answered_us),
        "answer": standing.answer[:200], "clock_offset_s": standing.clock_offset_s,
    }  # fmt: skip
    values |= {name: value for name, value in told.items() if value not in (None, "")}
    with transaction.atomic():
        Destination.objects.filter(pk=destination.pk).update(**values)
        if began and oldest is not None:
            log.write(
                DestinationLags(
                    destination.pk, destination.code, count, oldest.astimezone(UTC).isoformat(), standing.trouble
                )
            )
        if caught_up:
            log.write(DestinationCaughtUp(destination.pk, destination.code))


def _instant(us: int) -> datetime | None:
    return moment(us) if us else None
