"""Bring each event to its handlers. The log is the queue: a handler reads on from the line that it handled last.

Lines are committed in the order of their numbers, because they take them at commit and in turns, so a handler that has
moved on to line n has seen every line before n. A handler's work and its step forward are one transaction: what it does
for a line is done exactly once. A line on which it fails is tried again and, after some attempts, set aside as a row.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from django.db import connection, models, transaction

from qingyuan.kit import clock, metrics
from qingyuan.kit.events import Event
from qingyuan.kit.models import Entry, SetAside, Subscription

Handler = Callable[[Any], None]
ATTEMPTS = 5
BURST = 100
FAR_BEHIND = 1_000
_log = structlog.get_logger("loop")


@dataclass(frozen=True)
class Bound:
    """A handler with the acts that it takes up."""

    handler: Handler
    acts: tuple[str, ...]


_bound: dict[str, Bound] = {}


def name_of(handler: Handler) -> str:
    """The handler's name as rows carry it, for example `judging.judge_readings`."""
    return f"{handler.__module__.removeprefix('qingyuan.').removesuffix('.api')}.{handler.__name__}"


def connect(loop: Mapping[type[Event], Sequence[Handler]]) -> None:
    """Take the map of the loop; called once when the platform starts."""
    _bound.clear()
    for event, handlers in loop.items():
        for handler in handlers:
            acts = _bound[name_of(handler)].acts if name_of(handler) in _bound else ()
            _bound[name_of(handler)] = Bound(handler, (*acts, event.__name__))


def handlers() -> tuple[str, ...]:
    """Names of all handlers."""
    return tuple(_bound)


def subscribe(**_: object) -> None:
    """Give every new handler its place at the end of the log; called after each migration, before processes run."""
    head = Entry.objects.aggregate(head=models.Max("seq"))["head"] or 0
    for name in _bound:
        Subscription.objects.get_or_create(handler=name, defaults={"seq": head, "retry_at": clock.now()})


def step(name: str) -> bool:
    """Let a handler take up its next line; False when nothing waits, or another process is at it."""
    with transaction.atomic():
        place = Subscription.objects.select_for_update(skip_locked=True).filter(handler=name).first()
        if place is None or place.retry_at > clock.now():
            return False
        ahead = Entry.objects.filter(seq__gt=place.seq, act__in=_bound[name].acts).order_by("seq")
        entries = list(ahead[: 1 if place.attempts else BURST])
        if not entries:
            _catch_up(place)
            return False
        try:
            with transaction.atomic():
                event, last = _told_together(entries)
                with metrics.HANDLED.labels(name).time():
                    _bound[name].handler(event)
        except Exception as error:  # noqa: BLE001 the door of the job runner; the reason becomes a row
            _stumble(place, entries[0], error)
        else:
            place.seq, place.attempts = last, 0
        place.save()
    return True


def _told_together(entries: Sequence[Entry]) -> tuple[Event, int]:
    """The first event with as many of those behind it as join it, and the number of the last line it covers."""
    events = [Event.known[entry.act].from_detail(entry.detail) for entry in entries]
    told, last = events[0], entries[0].seq
    for entry, event in zip(entries[1:], events[1:], strict=True):
        both = told.joined(event)
        if both is None:
            break
        told, last = both, entry.seq
    return told, last


def _stumble(place: Subscription, entry: Entry, error: Exception) -> None:
    place.attempts += 1
    _log.exception("handler failed", handler=place.handler, seq=entry.seq, attempt=place.attempts)
    place.retry_at = clock.now() + timedelta(seconds=0.2 * 2**place.attempts)
    if place.attempts >= ATTEMPTS:
        text = f"{type(error).__name__}: {error}"
        SetAside.objects.create(handler=place.handler, seq=entry.seq, error=text, at=clock.now())
        place.seq, place.attempts = entry.seq, 0


def _catch_up(place: Subscription) -> None:
    """Nothing for this handler up to the end: keep its place near the end, so that the next look is short."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(seq) FROM kit_entry")
        head = cursor.fetchone()[0] or 0
    if head - place.seq > FAR_BEHIND:
        place.seq = head - FAR_BEHIND
        place.save()


def run_until_quiet(patience: float = 60.0) -> int:
    """Let all handlers work in this thread until nothing waits; answers how many lines were taken up."""
    ends, count = time.monotonic() + patience, 0
    while any([step(name) for name in _bound]):
        count += 1
        if time.monotonic() > ends:
            raise TimeoutError(f"the loop still has work after {patience} s")
    return count
