"""The one place that reads the wall clock; everything else is told what time it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
_wound: ContextVar[datetime | None] = ContextVar("wound", default=None)


def now() -> datetime:
    """The present instant, or the one that a test has wound the clock to. [UTC]"""
    return _wound.get() or datetime.now(UTC)


@contextmanager
def wound_to(instant: datetime) -> Iterator[None]:
    """Let `now()` answer `instant` inside the block (tests and rehearsals)."""
    token = _wound.set(instant)
    try:
        yield
    finally:
        _wound.reset(token)
