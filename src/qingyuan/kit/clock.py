"""The one place that reads the wall clock, and the days that can be asked about."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta, timezone

from django.utils.translation import gettext as _

from qingyuan.kit.errors import BadInput

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2100, 12, 31)
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


def check_day(day: date, field: str = "") -> None:
    """Refuse a day on which nothing was measured yet, or will be for long.

    Raises
    ------
    BadInput
        The day is outside `FIRST_DAY` to `LAST_DAY`; `field` names what was asked.
    """
    if not FIRST_DAY <= day <= LAST_DAY:
        found = {"found": day.isoformat(), "first": FIRST_DAY.isoformat(), "last": LAST_DAY.isoformat()}
        raise BadInput(_("Found day “%(found)s”, expected one from %(first)s to %(last)s.") % found, field)
