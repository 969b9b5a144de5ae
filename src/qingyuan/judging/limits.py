"""Which limits bind a channel: the limits of the standards applied to its station, each cut to the days it binds."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

from qingyuan.kit import clock
from qingyuan.places.queries import AppliedStandard, StationKind
from qingyuan.sensing.queries import Channel
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
MEDIUM = {
    StationKind.OUTLET_WATER: "water",
    StationKind.SURFACE_WATER: "water",
    StationKind.OUTLET_GAS: "air_emission",
    StationKind.AMBIENT_AIR: "ambient_air",
    StationKind.POWER_METER: "electricity",
    StationKind.WORKING_CONDITIONS: "process",
}
_SAYING_NOTHING_OF_ONE_VALUE = {Averaging.DAY_MAX_8H, Averaging.QUARTER, Averaging.YEAR}


def factor_of(channel: Channel) -> Factor:
    """What the channel measures, with the unit and decimals of its medium."""
    return find_factor(channel.factor, medium=MEDIUM[StationKind(channel.station.kind)])


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
        if _knows(one.known, at) and _meets(one.valid, days)
        for limit in limits_for(factor, one.standard, one.level, None)
        if (cut := _cut(limit, one.valid)) is not None
        and cut.valid_from <= last
        and (cut.valid_to is None or first <= cut.valid_to)
    )


def nearest(limits: tuple[Limit, ...], kind: str) -> tuple[Limit, ...]:
    """The limits of the readings' own averaging time, or else those of the next longer one up to a month."""
    order = [averaging for averaging in Averaging if averaging not in _SAYING_NOTHING_OF_ONE_VALUE]
    for averaging in order[order.index(AVERAGING[kind]) :]:
        found = tuple(limit for limit in limits if limit.averaging is averaging)
        if found:
            return found
    return ()


def _knows(known: DateTimeTZRange, at: datetime) -> bool:
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
