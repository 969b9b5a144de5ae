"""Bring each event to its handlers. The log is the queue: a handler reads on from the line that it handled last.

Lines are committed in the order of their numbers, because they take them at commit and in turns, so a handler that has
moved on to line n has seen every line before n. A handler's work and its step forward are one transaction: what it does
for a line is done exactly once. A line on which it fails is tried again and, after some attempts, set aside as a row.
What fails because there is no room on the disk is no line's fault, and waits until there is.
"""

import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any

import structlog
from django.db import connection, models, transaction

from qingyuan.kit import clock, metrics
from qingyuan.kit.errors import is_everybodys
from qingyuan.kit.events import Event
from qingyuan.kit.models import Entry, SetAside, Subscription

Handler = Callable[[Any], None]
ATTEMPTS = 5
BURST, LARGEST = 500, 50_000  # lines that are told together, and how large they may be together
CHUNK = 50  # lines that are read at a time
FAR_BEHIND = 1_000
_AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)  # what has not stumbled waits for nothing, whatever the clock says
_log = structlog.get_logger("loop")


@dataclass(frozen=True)
class Bound:
    """A handler with the acts that it takes up."""

    handler: Handler
    acts: tuple[str, ...]

    @property
    def gathers(self) -> bool:
        """Whether it can take up several lines at once, so that it gains by waiting for more of them."""
        return any(Event.known[act].joins is not Event.joins for act in self.acts)


_bound: dict[str, Bound] = {}
_left: dict[str, int] = {}  # where this process left each handler
_wary: dict[str, int] = {}  # up to which line a handler takes up one at a time, because it stumbled over several
_carries_on: ContextVar[bool] = ContextVar("carries_on", default=False)


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


def takers() -> dict[str, tuple[str, ...]]:
    """Names of the handlers that take up an act, by its name."""
    return {act: tuple(name for name, one in _bound.items() if act in one.acts) for act in Event.known}


def gathers(name: str) -> bool:
    """Whether a handler can take up several lines at once."""
    return _bound[name].gathers


def subscribe(**_: object) -> None:
    """Give every new handler its place at the end of the log; called after each migration, before processes run."""
    _left.clear()
    _wary.clear()
    head = Entry.objects.aggregate(head=models.Max("seq"))["head"] or 0
    for name in _bound:
        Subscription.objects.get_or_create(handler=name, defaults={"seq": head, "retry_at": _AT_ONCE})


class Step(IntEnum):
    """What came of looking for a handler's next line."""

    NOTHING = 0  # nothing waits, or another process is at it
    ONE = 1  # it took up the only line that waited
    ALL = 2  # it took up all of several that waited
    SOME = 3  # it took up something, and more may wait


def step(name: str) -> Step:
    """Let a handler take up its next line, with those behind it that can be told together with it."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        place = Subscription.objects.select_for_update(skip_locked=True).filter(handler=name).first()
        if place is None or place.retry_at > clock.now():
            return Step.NOTHING
        follows = outermost and _left.pop(name, None) == place.seq
        alone = bool(place.attempts) or not gathers(name) or place.seq < _wary.get(name, 0)
        with closing(_ahead(place, alone=alone)) as lines:
            first = next(lines, None)
            if first is None:
                _catch_up(place)
                if follows:
                    _left[name] = place.seq
                return Step.NOTHING
            done = _take_up(place, first, () if alone else lines, follows=follows)
            more = not done or next(lines, None) is not None
    if outermost and done:
        _left[name] = place.seq
    return Step.SOME if more else Step.ONE if place.seq == first.seq else Step.ALL


def _ahead(place: Subscription, *, alone: bool) -> Generator[Entry]:
    """The next lines of a handler in order; just enough to see that more wait where it takes up one `alone`."""
    ahead = Entry.objects.filter(seq__gt=place.seq, act__in=_bound[place.handler].acts).order_by("seq")
    if alone:
        yield from ahead[:2]
    else:
        yield from ahead.iterator(chunk_size=CHUNK)


def _take_up(place: Subscription, first: Entry, behind: Iterable[Entry], *, follows: bool) -> bool:
    """Hand a line to the handler, with those behind it that join it; False where it stumbles.

    Where it stumbles over several, they are taken up one by one, so that only the bad one is tried again and set aside.
    """
    last, carrying = first.seq, _carries_on.set(follows)
    try:
        with transaction.atomic():
            event, last = _told_together(first, behind)
            with metrics.HANDLED.labels(place.handler).time():
                _bound[place.handler].handler(event)
    except Exception as error:
        if is_everybodys(error):
            raise
        if last == first.seq:
            _stumble(place, first, error)
            place.save()
        else:
            _wary[place.handler] = last
            _log.warning("stumbled over several lines", handler=place.handler, seq=first.seq, last=last)
        return False
    finally:
        _carries_on.reset(carrying)
    place.seq, place.attempts = last, 0
    place.save()
    return True


def carries_on() -> bool:
    """Whether the handler at work was the last to take up a line of its own, in this very process.

    Then what it remembers of earlier lines is all that there was. False where it is called otherwise than by `step`.
    """
    return _carries_on.get()


def _told_together(first: Entry, behind: Iterable[Entry]) -> tuple[Event, int]:
    """The first event with as many of those behind it as join it, and the number of the last line it covers."""
    told, last = Event.known[first.act].from_detail(first.detail), first.seq
    later: list[Event] = []
    size = told.size
    for entry in behind:
        event = Event.known[entry.act].from_detail(entry.detail)
        size += event.size
        if not told.joins(event) or size > LARGEST:
            break
        later.append(event)
        last = entry.seq
        if len(later) == BURST:
            break
    return (told.together(later) if later else told), last


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
