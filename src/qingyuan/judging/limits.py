"""Which limits bind a channel: the limits of the standards applied to its station, each cut to the days it binds."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

from qingyuan.kit import clock
from qingyuan.places.queries import AppliedStandard
from qingyuan.sensing.queries import MEDIUM, Channel
from qingyuan_science.series import Averaging
from qingyuan_science.standards import Factor, Limit, find_factor, limits_for

AVERAGING = {
    "r": Averaging.REALTIME,
    "m": Averaging.MINUTE,
    "M": Averaging.MINUTE,
    "t": Averaging.TEN_MINUTE,
    "T": Averaging.TEN_MINUTE,
    "h": Averaging.HOUR,
    "H": Averaging.HOUR,
    "d": Averaging.DAY,
    "D": Averaging.DAY,
}


def factor_of(channel: Channel) -> Factor:
    """What the channel measures, with the unit and decimals of its medium."""
    return find_factor(channel.factor, medium=MEDIUM[channel.station.kind])


def binding(channel: Channel, first: date, last: date, known_at: datetime | None = None) -> tuple[Limit, ...]:
    """Limits of every averaging time that bind the channel on some day between two days, both included."""
    applied = AppliedStandard.objects.filter(station_id=channel.station_id).order_by("pk")
    return binding_of(channel, applied, first, last, known_at=known_at)


def binding_of(
    channel: Channel, applied: Iterable[AppliedStandard], first: date, last: date, *, known_at: datetime | None = None
) -> tuple[Limit, ...]:
    """The same from standards applied to its station that were read before, whenever valid or known."""
    at = known_at or clock.now()
    days = DateRange(first, last, "[]")
    factor = factor_of(channel)
    return tuple(
        cut
        for one in applied
        if knows(one.known, at) and _meets(one.valid, days)
        for limit in _limits(factor, one.standard, one.level)
        if (cut := _cut(limit, one.valid)) is not None
        and cut.valid_from <= last
        and (cut.valid_to is None or first <= cut.valid_to)
    )


@lru_cache(maxsize=4096)
def _limits(factor: Factor, standard: str, level: str) -> tuple[Limit, ...]:
    """Limits of every edition and averaging time; the tables are the same as long as the program runs."""
    return limits_for(factor, standard, level, None)


def knows(known: DateTimeTZRange, at: datetime) -> bool:
    """Whether something that is known for a time was known at an instant."""
    return (known.lower is None or known.lower <= at) and (known.upper is None or at < known.upper)


def _meets(valid: DateRange, days: DateRange) -> bool:
    return (valid.lower is None or valid.lower <= days.upper) and (valid.upper is None or days.lower < valid.upper)


def _cut(limit: Limit, valid: DateRange) -> Limit | None:
    """The limit on the days on which the standard binds; None where they do not meet."""
    begins = max(limit.valid_from, valid.lower or limit.valid_from)
    ends = [day for day in (limit.valid_to, valid.upper and valid.upper - timedelta(days=1)) if day]
    if ends and min(ends) < begins:
        return None
    return replace(limit, valid_from=begins, valid_to=min(ends) if ends else None)
