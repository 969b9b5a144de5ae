"""Bring each event to its handlers: one job a handler, deferred in the transaction that wrote the event."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from qingyuan.kit.events import Event

Handler = Callable[[Any], None]
_handlers: dict[str, dict[str, Handler]] = {}


def name_of(handler: Handler) -> str:
    """The handler's name as jobs carry it, for example `judging.judge_readings`."""
    return f"{handler.__module__.removeprefix('qingyuan.').removesuffix('.api')}.{handler.__name__}"


def connect(loop: Mapping[type[Event], Sequence[Handler]]) -> None:
    """Take the map of the loop; called once when the platform starts."""
    _handlers.clear()
    for event, handlers in loop.items():
        _handlers[event.__name__] = {name_of(handler): handler for handler in handlers}


def defer(seq: int, event: type[Event]) -> None:
    """Queue line `seq` of the log for every handler of its event, in the caller's transaction.

    Jobs of one handler run one at a time and in order, so that a handler never races with itself.
    """
    for handler in _handlers.get(event.__name__, ()):
        deliver.configure(lock=handler, queue="events").defer(seq=seq, handler=handler)


@app.task(name="kit.deliver", retry=RetryStrategy(max_attempts=8, exponential_wait=2))
def deliver(seq: int, handler: str) -> None:
    """Hand line `seq` of the log to `handler`; a failure is tried again and then kept as a failed job."""
    from qingyuan.kit.models import Entry

    entry = Entry.objects.get(seq=seq)
    event = Event.known[entry.act].from_detail(entry.detail)
    _handlers[entry.act][handler](event)
