"""The span of time that a page looks at: it lives in the URL, so that a view can be sent to somebody."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan.kit.clock import SHANGHAI, check_day
from qingyuan.kit.errors import BadInput

RANGES = {
    "1h": (timedelta(hours=1), gettext_lazy("1 hour")),
    "6h": (timedelta(hours=6), gettext_lazy("6 hours")),
    "24h": (timedelta(hours=24), gettext_lazy("24 hours")),
    "3d": (timedelta(days=3), gettext_lazy("3 days")),
    "7d": (timedelta(days=7), gettext_lazy("7 days")),
    "30d": (timedelta(days=30), gettext_lazy("30 days")),
}
LONGEST = timedelta(days=400)


@dataclass(frozen=True)
class Span:
    """From an instant up to another; `range` names the preset that it came from."""

    start: datetime
    end: datetime
    range: str = ""

    @property
    def length(self) -> timedelta:
        return self.end - self.start


def asked(query: QueryDict, now: datetime, default: str) -> Span:
    """The span that an address asks for: `range=24h`, or `from` and `to` in ISO 8601 (Shanghai time without a zone)."""
    if query.get("from") or query.get("to"):
        end = instant(query.get("to", ""), "to") if query.get("to") else now
        start = instant(query.get("from", ""), "from") if query.get("from") else end - RANGES[default][0]
        if not timedelta() < end - start <= LONGEST:
            raise BadInput(
                _("Expected “from” before “to”, at most %(days)d days apart.") % {"days": LONGEST.days}, "from"
            )
        return Span(start, end)
    name = query.get("range") or default
    if name not in RANGES:
        known = ", ".join(RANGES)
        raise BadInput(
            _("Found range “%(found)s”, expected one of: %(known)s.") % {"found": name, "known": known}, "range"
        )
    return Span(now - RANGES[name][0], now, name)


def instant(text: str, field: str) -> datetime:
    """An instant as it is written in an address; Beijing time where no zone is said."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        message = _("Found time “%(found)s”, expected a form such as 2026-11-22T08:00.") % {"found": text}
        raise BadInput(message, field) from None
    check_day(found.date(), field)
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)


def day_in(text: str) -> date | None:
    """The day that an address names; None where it names none, or one that no row can have."""
    try:
        found = date.fromisoformat(text)
        check_day(found, "day")
    except (ValueError, BadInput):
        return None
    return found
