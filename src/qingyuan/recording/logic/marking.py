"""What a mark must be, and what it touches."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.kit.clock import SHANGHAI
from qingyuan.kit.errors import BadInput
from qingyuan.places.queries import Station
from qingyuan.recording.models import MarkedSpan
from qingyuan_science.series import microseconds
from qingyuan_science.standards import Marking, UnknownMarking, marking, marking_deadline, markings

LONGEST = timedelta(days=31)
TOUCHED = {"r": timedelta(), "m": timedelta(minutes=10), "h": timedelta(hours=1), "d": timedelta(days=1)}
"""Kinds of readings that a mark changes, and how far before it a reading may start whose period reaches into it."""


def kind_of(code: str, station: Station) -> Marking:
    """The kind of mark of that name, if it may be given at the station.

    Raises
    ------
    BadInput
        There is none, or not for such a station.
    """
    fitting = [one.code for one in markings() if station.kind in one.stations]
    try:
        found = marking(code)
    except UnknownMarking:
        found = None
    if found is None or found.code not in fitting:
        expected = ", ".join(fitting) or "—"
        raise BadInput(
            _("Found mark “%(code)s”, expected one of: %(codes)s") % {"code": code, "codes": expected}, "code"
        )
    return found


def check_span(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Refuse a time that nobody can mark.

    Raises
    ------
    BadInput
        It ends before it starts, is too long, or has not begun.
    """
    if ends_at <= starts_at:
        raise BadInput(_("Expected an end after the start"), "ends_at")
    if ends_at - starts_at > LONGEST:
        raise BadInput(_("Expected at most %(days)d days in one mark") % {"days": LONGEST.days}, "ends_at")
    if starts_at > now:
        raise BadInput(_("Expected a start that is not in the future"), "starts_at")


def check_rule(kind: Marking, starts_at: datetime) -> None:
    """Refuse a mark of a rule that was not in force on the day of the data.

    Raises
    ------
    BadInput
        The time begins before the rule.
    """
    day = starts_at.astimezone(SHANGHAI).date()
    if not kind.holds_on(day):
        raise BadInput(
            _("Found %(day)s, expected a day from %(since)s on: %(document)s knows this mark only since then")
            % {"day": day.isoformat(), "since": kind.valid_from.isoformat(), "document": kind.document},
            "starts_at",
        )


def due_at(ends_at: datetime) -> datetime:
    """By when a time must be marked, which ends at an instant."""
    last_day = (ends_at - timedelta(microseconds=1)).astimezone(SHANGHAI).date()
    return datetime.combine(last_day + timedelta(days=1), time(), SHANGHAI) + marking_deadline()


def counts_until(station: Station, kind: Marking, starts_at: datetime, ends_at: datetime) -> datetime:
    """Up to when a new mark changes anything: its end, what one time may have, or the end of its group's yearly cap.

    Hours count in the year of China in which they lie.

    Raises
    ------
    BadInput
        The cap of the year in which it starts is used up before that year ends, and it goes on in the next.
    """
    ends_at = ends_at if kind.single is None else min(ends_at, starts_at + kind.single)
    if kind.cap is None:
        return ends_at
    year = starts_at.astimezone(SHANGHAI).year
    new_year = _begins(year + 1)
    until = min(ends_at, new_year, starts_at + _left(station, kind, kind.cap, year))
    if ends_at <= new_year:
        return until
    if until < new_year:
        raise BadInput(
            _("Found a time that goes on into %(next)s, expected one up to its first day and another from there on:"
              " the hours of %(year)s are used up before") % {"next": year + 1, "year": year},
            "ends_at",
        )  # fmt: skip
    return min(ends_at, new_year + _left(station, kind, kind.cap, year + 1))


def _left(station: Station, kind: Marking, cap: timedelta, year: int) -> timedelta:
    """What earlier marks of its group have left of a year's cap."""
    first, after = _begins(year), _begins(year + 1)
    codes = [one.code for one in markings() if one.group == kind.group]
    before = MarkedSpan.objects.filter(
        station=station, code__in=codes, withdrawn_at=None, starts_at__lt=after, counts_until__gt=first
    )
    spans = before.values_list("starts_at", "counts_until")
    used = sum((min(until, after) - max(start, first) for start, until in spans), timedelta())
    return max(cap - used, timedelta())


def _begins(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=SHANGHAI)


def spans(channels: Iterable[int], starts_at: datetime, ends_at: datetime, now: datetime) -> list[list[Any]]:
    """What of the readings a mark touches, as events tell it."""
    last = min(ends_at, now)
    return [
        [channel, kind, microseconds(starts_at - before), microseconds(last) - 1]
        for channel in channels
        for kind, before in TOUCHED.items()
        if starts_at < last
    ]


def chosen(station_channels: Sequence[int], asked: Sequence[int]) -> list[int]:
    """The channels asked for, all of the station's where none is.

    Raises
    ------
    BadInput
        One of them is not the station's.
    """
    strange = set(asked) - set(station_channels)
    if strange:
        raise BadInput(
            _("Found channels %(ids)s, expected channels of the station") % {"ids": sorted(strange)}, "factors"
        )
    return sorted(asked or station_channels)
