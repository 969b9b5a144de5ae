"""Means computed here that did not arrive above, as rows that can be sent again; and those that were withheld."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.db import transaction
from django.db.models import F

from qingyuan.forwarding.events import OwnMeansHandedOn
from qingyuan.forwarding.logic.choosing import Plan
from qingyuan.forwarding.logic.periods import length_of
from qingyuan.forwarding.logic.window import Key, OwnItem, Result
from qingyuan.forwarding.models import Destination, OwnUndelivered, Why
from qingyuan.kit import clock
from qingyuan.kit.queries import last_seq, lines
from qingyuan_science.series import microseconds, moment

AT_ONCE = 200
WHY = {
    Result.REFUSED: Why.REFUSED, Result.UNANSWERED: Why.UNANSWERED, Result.UNWRITABLE: Why.UNWRITABLE,
    Result.WITHHELD: Why.WITHHELD,
}  # fmt: skip
Span = list[int | str]  # station, kind, start of the first period, end of the last [µs]


def by_key(items: Iterable[OwnItem]) -> dict[Key, list[OwnItem]]:
    """The messages of each mean."""
    found: dict[Key, list[OwnItem]] = {}
    for item in items:
        found.setdefault(item.key, []).append(item)
    return found


def spans(keys: Iterable[Key]) -> list[Span]:
    """Means as stretches of periods that follow each other."""
    told: list[Span] = []
    end = 0
    for station, kind, at in sorted(keys):
        first = microseconds(at)
        if told and told[-1][:2] == [station, kind] and first == end:
            told[-1][3] = end = first + length_of(kind)
            continue
        end = first + length_of(kind)
        told.append([station, kind, first, end])
    return told


def arrived(items: Iterable[OwnItem]) -> list[Key]:
    """The means of which every message was accepted."""
    return [key for key, some in by_key(items).items() if all(one.result is Result.ACCEPTED for one in some)]


def held(items: Iterable[OwnItem]) -> list[Key]:
    """The means that were withheld."""
    return [key for key, some in by_key(items).items() if any(one.result is Result.WITHHELD for one in some)]


def settle(destination: Destination, items: Sequence[OwnItem], tried: Sequence[int]) -> None:
    """Keep what did not arrive as rows; of those tried again, what arrived, and those of which nothing is left to send.

    What is withheld the first time is only counted: the lines of the log name it.
    """
    known = {(row.station_id, row.kind, row.at): row for row in _concerned(destination, items, tried)}
    rows = by_key(items)
    for key, some in rows.items():
        worst = max(some, key=lambda one: one.result is not Result.ACCEPTED)
        row = known.get(key)
        if worst.result is Result.ACCEPTED and row is not None:
            row.delivered_at, row.again_at = moment(max(one.answered_us for one in some)), None
        elif worst.result is not Result.ACCEPTED and (row is not None or worst.result is not Result.WITHHELD):
            row = row or OwnUndelivered(destination=destination, station_id=key[0], kind=key[1], at=key[2])
            row.why, row.said, row.noted_at = WHY[worst.result], worst.said[:200], clock.now()
            row.delivered_at = row.again_at = None
        if row is not None:
            row.tries += max(one.tries for one in some)
            row.save()
    gone = [row.pk for key, row in known.items() if row.pk in set(tried) and key not in rows]
    OwnUndelivered.objects.filter(pk__in=gone).delete()  # the device has sent its own, or nothing is computed any more


def _concerned(destination: Destination, items: Sequence[OwnItem], tried: Sequence[int]) -> Iterator[OwnUndelivered]:
    yield from OwnUndelivered.objects.filter(destination=destination, pk__in=list(tried))
    times = {item.at for item in items}
    others = OwnUndelivered.objects.filter(destination=destination, at__in=times) if times else ()
    yield from (row for row in others if row.pk not in set(tried))


def to_send_again(destination: Destination, *, withheld: bool) -> list[OwnUndelivered]:
    """What somebody wants sent again; what was withheld only where the line lets it out now."""
    rows = OwnUndelivered.objects.filter(destination=destination, again_at__isnull=False, delivered_at=None)
    if not withheld:
        rows = rows.exclude(why=Why.WITHHELD)
    return list(rows.order_by("at", "pk")[:AT_ONCE])


def want_withheld(destination: Destination) -> int:
    """Want the means that were withheld so far sent; how many messages. The line enters them, a stretch at a time."""
    one = Destination.objects.select_for_update().get(pk=destination.pk)
    Destination.objects.filter(pk=one.pk).update(own_withheld=0, own_withheld_wanted=last_seq() or 0)
    idle = OwnUndelivered.objects.filter(destination=one, why=Why.WITHHELD, delivered_at=None, again_at=None)
    return one.own_withheld + idle.update(again_at=clock.now())


@transaction.atomic
def enter_withheld(destination: Destination, plan: Plan) -> None:
    """Enter the means that the next line of the log withheld, of those that are wanted, unless they arrived since."""
    begun = Destination.objects.filter(pk=destination.pk, own_withheld_to__lt=F("own_withheld_wanted"))
    one = begun.select_for_update(of=("self",)).first()
    waits = OwnUndelivered.objects.filter(destination=destination, again_at__isnull=False, delivered_at=None)
    if one is None or waits.exists():
        return
    told = lines(f"destination/{one.pk}", acts=(OwnMeansHandedOn.__name__,))
    wanted = told.filter(seq__gt=one.own_withheld_to, seq__lte=one.own_withheld_wanted, detail__withheld__gt=0)
    line = wanted.order_by("seq").first()
    if line is not None:
        secret = [number for number, home in plan.homes.items() if home.enciphers]
        since = told.filter(seq__gt=line.seq, detail__again=True, detail__accepted__gt=0)
        arrived = [span for later in since.iterator() for span in later.detail.get("told", ())]
        rows = [
            OwnUndelivered(
                destination=one, station_id=station, kind=kind, at=moment(at), why=Why.WITHHELD, noted_at=line.at,
                again_at=clock.now(),
            )
            for station, kind, at in _periods(line.detail, secret) if not _covered(arrived, station, kind, at)
        ]  # fmt: skip
        OwnUndelivered.objects.bulk_create(rows, ignore_conflicts=True)
    reached = one.own_withheld_wanted if line is None else line.seq
    Destination.objects.filter(pk=one.pk).update(own_withheld_to=reached)


def _covered(spans: Sequence[Span], station: int, kind: str, at: int) -> bool:
    return any(span[:2] == [station, kind] and int(span[2]) <= at < int(span[3]) for span in spans)


def _periods(told: Mapping[str, object], secret: Sequence[int]) -> Iterator[tuple[int, str, int]]:
    """The periods that a line says were withheld; of a line that does not name them, all in its span."""
    named = told.get("held") or [[station, told["kind"], told["first"], told["after"]] for station in secret]
    for station, kind, first, after in named if isinstance(named, list) else ():
        for at in range(first, after, length_of(kind)) if kind else ():
            yield station, kind, at
