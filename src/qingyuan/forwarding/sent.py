"""The messages that were made here and went up: means computed here, and answers about the past, with their bytes."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import overload

from django.db.models import QuerySet, Sum

from qingyuan.forwarding.events import MessagesKept, OwnMeansHandedOn
from qingyuan.forwarding.logic.covering import cover_of
from qingyuan.forwarding.logic.proving import fault_of_messages, unpacked
from qingyuan.forwarding.models import Asked, Destination, Sent
from qingyuan.forwarding.queries import RESULTS
from qingyuan.kit.queries import Entry, lines
from qingyuan.recording.queries import stored
from qingyuan.sensing.queries import Channel
from qingyuan_science.hj212 import Keys
from qingyuan_science.series import moment


@dataclass(frozen=True)
class Message:
    """A message that was made here, and how it ended; `at` is the start of the period of an own mean.

    `data` are the bytes that went out, empty where none could be written.
    """

    sent: int
    place: int
    station: int
    kind: str
    at: datetime | None
    mn: str
    cn: str
    qn: str
    sent_at: datetime | None
    answered_at: datetime | None
    tries: int
    result: str
    said: str
    data: bytes


OWN = {
    "accepted": ("accepted",),
    "refused": ("refused", "unanswered", "unwritable", "behind"),
    "withheld": ("withheld",),
    "count": tuple(RESULTS.values()),
}
"""What a column of `Sent` counts: messages that ended so."""


class _OfSent(Sequence[Message]):
    """The messages that one column of their rows counts, newest row first; only the rows of a slice are opened."""

    def __init__(self, rows: QuerySet[Sent], column: str, most: int | None = None) -> None:
        self.column, self.most = column, most
        self.rows = rows.filter(**{f"{column}__gt": 0}).order_by("-pk")

    @cached_property
    def _length(self) -> int:
        every = self.rows.aggregate(all=Sum(self.column))["all"] or 0
        return every if self.most is None else min(every, self.most)

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int) -> Message: ...
    @overload
    def __getitem__(self, place: slice) -> list[Message]: ...
    def __getitem__(self, place: int | slice) -> Message | list[Message]:
        if isinstance(place, int):
            return self[place : place + 1][0]
        start, stop, _step = place.indices(len(self))
        found: list[Message] = []
        passed = 0
        for number, count in self.rows.values_list("pk", self.column).iterator():
            if passed >= stop:
                break
            if passed + count > start:
                of = [one for one in messages_of(Sent.objects.get(pk=number)) if one.result in OWN[self.column]]
                found += of[max(0, start - passed) : stop - passed]
            passed += count
        return found


def messages_of(row: Sent) -> list[Message]:
    """The messages of a row, in their order.

    Parameters
    ----------
    row : Sent

    Returns
    -------
    list of Message
    """
    told = json.loads(unpacked(row))
    return [
        Message(
            row.pk, place, station, kind, _instant(at), mn, cn, qn, _instant(sent), _instant(answered), tries,
            RESULTS.get(result, ""), said, data.encode("latin-1"),
        )
        for place, (station, kind, at, mn, cn, qn, sent, answered, tries, result, said, data) in enumerate(told, 1)
    ]  # fmt: skip


def is_whole(row: Sent) -> bool:
    """Whether what is kept of a row still has the hash beside it, and those that its line of the log tells.

    Parameters
    ----------
    row : Sent

    Returns
    -------
    bool
    """
    sent = hashlib.sha256(b"".join(one.data for one in messages_of(row) if one.sent_at))
    told = _kept(row).first()
    return sent.digest() == bytes(row.sent_hash) and (told is None or fault_of_messages(row.pk, told.detail) is None)


def line_of(row: Sent) -> int | None:
    """The line of the log that tells the hash of what was sent together.

    Parameters
    ----------
    row : Sent

    Returns
    -------
    int or None
        Its number; None for answers about the past that were kept before there was such a line.
    """
    told = _kept(row)
    if row.asked_id is None and not told.exists():
        told = lines(f"destination/{row.destination_id}", acts=(OwnMeansHandedOn.__name__,))
        told = told.filter(detail__sent=bytes(row.sent_hash).hex())
    return told.values_list("seq", flat=True).first()


def _kept(row: Sent) -> QuerySet[Entry]:
    """The line of the log that was written with a row."""
    return lines(f"destination/{row.destination_id}", acts=(MessagesKept.__name__,)).filter(detail__row=row.pk)


def own_messages(one: Destination, column: str) -> Sequence[Message]:
    """The messages of own means that a number of a platform above counts.

    Parameters
    ----------
    one : Destination
    column : {"accepted", "refused", "withheld"}

    Returns
    -------
    sequence of Message
        Newest first. Those that were let go are no longer withheld; what went before its bytes were kept is missing.
    """
    rows = Sent.objects.filter(destination=one, asked=None)
    return _OfSent(rows, column, one.own_withheld if column == "withheld" else None)


def uploads(asked: Asked) -> Sequence[Message]:
    """The messages that went up in answer to a request about the past.

    Parameters
    ----------
    asked : Asked

    Returns
    -------
    sequence of Message
        Those of a request that was answered before bytes were kept are missing.
    """
    return _OfSent(Sent.objects.filter(asked=asked), "count")


def sent_row(one: Destination, number: int) -> Sent | None:
    """A row of messages that were made here for a platform above.

    Parameters
    ----------
    one : Destination
    number : int

    Returns
    -------
    Sent or None
    """
    return Sent.objects.filter(destination=one, pk=number).select_related("asked").first()


def told_channels(one: Message) -> list[Channel]:
    """The channels of which a message tells a mean that is computed here, as far as it still stands.

    Parameters
    ----------
    one : Message

    Returns
    -------
    list of Channel
        Empty for a message that is no own mean.
    """
    if not one.kind or one.at is None:
        return []
    found = {each.pk: each for each in Channel.objects.filter(station=one.station).select_related("station")}
    there = stored(list(found), one.kind, one.at, one.at + timedelta(milliseconds=1))
    return [found[number] for number in sorted({each.channel_id for each in there})]


def keys_of(one: Destination) -> Keys:
    """The keys with which what went up to a platform above can be read.

    Parameters
    ----------
    one : Destination

    Returns
    -------
    Keys
        Those of now and the ones before them.
    """
    return cover_of(one).keys


def _instant(us: int) -> datetime | None:
    return moment(us) if us else None
