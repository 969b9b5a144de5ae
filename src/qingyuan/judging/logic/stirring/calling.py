"""Where a detector that need not wait for midnight has something to look at: an order that holds, or two meters."""

from collections.abc import Collection
from datetime import datetime

from qingyuan.judging.logic import written
from qingyuan.judging.logic.days import A_DAY
from qingyuan.kit import clock
from qingyuan.sensing.queries import Channel
from qingyuan_science.detect import DETECTORS, ORDERS, MeterRole, RecordKind
from qingyuan_science.series import microseconds

_BOTH = frozenset((MeterRole.PRODUCTION, MeterRole.TREATMENT))


def called_for(detectors: Collection[str], channels: Collection[Channel], day: datetime) -> dict[int, set[str]]:
    """The detectors that a day calls for at each channel, as known now; `day` is its midnight."""
    ordered = {code for code in detectors if DETECTORS.get(code).heeds_any(ORDERS)}
    metered = {code for code in detectors if code not in ordered and "electricity" in DETECTORS.get(code).needs}
    bound = _orders_that_bind(channels, day) if ordered else {}
    owners = _with_both_meters(channels, day) if metered else set()
    found = {one.pk: set(detectors) - ordered - metered for one in channels}
    for channel in channels:
        kinds = bound.get(channel.station_id, set())
        found[channel.pk] |= {code for code in ordered if DETECTORS.get(code).heeds_any(kinds)}
        if channel.station.enterprise_id in owners:
            found[channel.pk] |= metered
    return found


def _orders_that_bind(channels: Collection[Channel], day: datetime) -> dict[int, set[RecordKind]]:
    """Of each station, the kinds of orders that hold at some time of the day."""
    orders, now = written.orders_of(channels, (day, day + A_DAY)), clock.now()
    begin, end = microseconds(day), microseconds(day + A_DAY)
    stations = {one.station_id: one.station for one in channels}
    return {
        number: {one.kind for one in written.bound(orders, station, now) if one.start < end and one.end > begin}
        for number, station in stations.items()
    }


def _with_both_meters(channels: Collection[Channel], day: datetime) -> set[int]:
    """Enterprises with a meter of production and one of treatment."""
    owners = {one.station.enterprise_id for one in channels if one.station.enterprise_id}
    meters = written.meters_of(owners, day.astimezone(clock.SHANGHAI).date(), clock.now())
    return {owner for owner, several in meters.items() if {role for role, _channel in several} >= _BOTH}
