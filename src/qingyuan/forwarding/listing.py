"""The packets behind the numbers of a platform above: handed on, not arrived, too old, withheld, waiting."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, overload

from django.db.models import QuerySet, Sum

from qingyuan.forwarding.logic import late, reading
from qingyuan.forwarding.logic.choosing import plan_of
from qingyuan.forwarding.logic.keeping import end_of
from qingyuan.forwarding.models import Destination, Run, Undelivered, Why
from qingyuan.forwarding.queries import RESULTS, details_of
from qingyuan.kit.queries import lines
from qingyuan.sensing.queries import RawPacket
from qingyuan_science.series import moment

COLUMNS = {
    "accepted": ("accepted", "corrected"),
    "corrected": ("corrected",),
    "refused": ("refused", "unanswered", "unwritable", "behind"),
    "left_out": ("too-old",),
    "withheld": ("withheld",),
}
"""What a column of `Run` counts: packets that ended so."""

ACCEPTED = "accepted"


@dataclass(frozen=True)
class Ended:
    """A packet that was settled, and how; `run` is None where it was sent again, or decoded after its turn."""

    packet: int
    number: int
    sent_at: datetime | None
    answered_at: datetime | None
    tries: int
    result: str
    run: int | None = None


class _OfRuns(Sequence[Ended]):
    """The packets of runs that one column of theirs counts, newest run first; only the runs of a slice are opened."""

    def __init__(self, runs: QuerySet[Run], column: str) -> None:
        self.column = column
        self.runs = runs.filter(**{f"{column}__gt": 0}).order_by("-pk")

    @cached_property
    def _length(self) -> int:
        return self.runs.aggregate(all=Sum(self.column))["all"] or 0

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int) -> Ended: ...
    @overload
    def __getitem__(self, place: slice) -> list[Ended]: ...
    def __getitem__(self, place: int | slice) -> Ended | list[Ended]:
        if isinstance(place, int):
            return self[place : place + 1][0]
        start, stop, _step = place.indices(len(self))
        found: list[Ended] = []
        passed = 0
        for number, count in self.runs.values_list("pk", self.column).iterator():
            if passed >= stop:
                break
            if passed + count > start:
                found += self._of(number)[max(0, start - passed) : stop - passed]
            passed += count
        return found

    def _of(self, number: int) -> list[Ended]:
        details = details_of(Run.objects.get(pk=number))
        return [one for row in details.tolist() if (one := _ended(row, number)).result in COLUMNS[self.column]]


class _Several(Sequence[Ended]):
    """Lists one after the other."""

    def __init__(self, *parts: Sequence[Ended]) -> None:
        self.parts = parts

    def __len__(self) -> int:
        return sum(len(part) for part in self.parts)

    @overload
    def __getitem__(self, place: int) -> Ended: ...
    @overload
    def __getitem__(self, place: slice) -> list[Ended]: ...
    def __getitem__(self, place: int | slice) -> Ended | list[Ended]:
        if isinstance(place, int):
            return self[place : place + 1][0]
        start, stop, _step = place.indices(len(self))
        found: list[Ended] = []
        for part in self.parts:
            found += part[max(0, start) : max(0, stop)]
            start, stop = start - len(part), stop - len(part)
        return found


def of_run(run: Run, column: str) -> Sequence[Ended]:
    """The packets that a column of a run counts.

    Parameters
    ----------
    run : Run
    column : str
        A key of `COLUMNS`.

    Returns
    -------
    sequence of Ended
        In their order.
    """
    return _OfRuns(Run.objects.filter(pk=run.pk), column)


def handed_on(one: Destination) -> Sequence[Ended]:
    """The packets that a platform above took: at a second try, after their turn, and of runs, each newest first.

    Parameters
    ----------
    one : Destination

    Returns
    -------
    sequence of Ended
        As many as `Destination.accepted` counts; slices read only what they show.
    """
    again = Undelivered.objects.filter(destination=one, delivered_at__isnull=False, number__gt=0)
    retried = [
        Ended(row.packet, row.number, None, row.delivered_at, row.tries, ACCEPTED)
        for row in again.order_by("-delivered_at", "-pk")
    ]
    told = lines(subject=f"destination/{one.pk}", acts=("LatePacketsHandedOn",)).values_list("detail", flat=True)
    came_late = [ended for detail in told for row in detail["packets"] if (ended := _ended(row)).result == ACCEPTED]
    return _Several(retried, came_late, _OfRuns(Run.objects.filter(destination=one), ACCEPTED))


def left_out(one: Destination) -> Sequence[Ended]:
    """The packets that had waited too long, and before them those that were too old when they were decoded late.

    Parameters
    ----------
    one : Destination

    Returns
    -------
    sequence of Ended
        Newest first. What was decoded late before its rows were kept is missing.
    """
    named = Undelivered.objects.filter(destination=one, why=Why.TOO_OLD, delivered_at=None).order_by("-pk")
    sizes = RawPacket.objects.in_bulk(list(named.values_list("packet", flat=True)))
    late_ones = [
        Ended(row.packet, number, None, None, 0, "too-old")
        for row in named if row.packet in sizes
        for number in range(1, sizes[row.packet].packets + 1)
    ]  # fmt: skip
    return _Several(late_ones, _OfRuns(Run.objects.filter(destination=one), "left_out"))


def corrected(one: Destination) -> Sequence[Ended]:
    """The packets of devices that went on in place of means computed here.

    Parameters
    ----------
    one : Destination

    Returns
    -------
    sequence of Ended
        Newest run first. What was settled before runs counted them is missing.
    """
    return _OfRuns(Run.objects.filter(destination=one), "corrected")


def withheld(one: Destination) -> Sequence[Ended]:
    """The packets that came enciphered, were withheld, and that nobody has let go since.

    Parameters
    ----------
    one : Destination

    Returns
    -------
    sequence of Ended
        Newest run first.
    """
    every = _OfRuns(Run.objects.filter(destination=one), "withheld")[:]
    rows = Undelivered.objects.filter(destination=one, packet__in={row.packet for row in every})
    entered = set(rows.values_list("packet", "number"))
    return [row for row in every if (row.packet, row.number) not in entered]


def waiting(one: Destination) -> Sequence[Ended]:
    """The packets that wait now: those decoded late, then those behind the last that is settled, oldest first.

    Parameters
    ----------
    one : Destination

    Returns
    -------
    sequence of Ended
        With no time and no result; a row of raw packets with several packets stands as often.
    """
    found = reading.those_waiting(plan_of(one), one.position, end_of(one))
    pairs = [(row.packet, 1) for row in late.those_waiting(one).only("packet")]
    pairs += [(packet, 1 + place) for packet, count in found for place in range(count)]
    return [Ended(packet, number, None, None, 0, "") for packet, number in pairs]


LISTS: dict[str, Callable[[Destination], Sequence[Ended]]] = {
    "accepted": handed_on,
    "left_out": left_out,
    "withheld": withheld,
    "waiting": waiting,
    "corrected": corrected,
}
"""The list behind each number of a platform above."""


def _ended(row: Sequence[Any], run: int | None = None) -> Ended:
    packet, number, sent, answered, tries, result = (int(one) for one in row)
    return Ended(packet, number, _instant(sent), _instant(answered), tries, RESULTS.get(result, ""), run)


def _instant(us: int) -> datetime | None:
    return moment(us) if us else None
