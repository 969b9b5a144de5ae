"""Which channels are forecast, by which rule, and which limits each coming hour is held against."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from qingyuan.forecasting.models import ForecastRule
from qingyuan.kit import clock
from qingyuan.places.queries import AppliedStandard, PermitLimit, StationKind
from qingyuan.sensing import limits
from qingyuan.sensing.queries import Channel
from qingyuan_science.series import Averaging
from qingyuan_science.standards import Limit, StandardsError, limits_that_judge
from qingyuan_science.units import UnitError

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Watched:
    """A channel that is forecast, by its rule, with the limits that hold on each of the coming days."""

    channel: Channel
    rule: ForecastRule
    by_day: dict[date, tuple[Limit, ...]]

    def at(self, hour: datetime) -> tuple[Limit, ...]:
        """The limits that an hour is held against."""
        return self.by_day.get(hour.astimezone(clock.SHANGHAI).date(), ())


def watched(channels: Sequence[Channel], now: datetime, hours: int) -> list[Watched]:
    """Those of the channels that a rule wants and that a limit of concentrations binds on a coming day."""
    today = now.astimezone(clock.SHANGHAI).date()
    last = (now + timedelta(hours=hours)).astimezone(clock.SHANGHAI).date()
    rules = list(ForecastRule.objects.filter(valid__contains=today))
    applied, own = limits.of_stations({one.station_id for one in channels})
    found = []
    for channel in deciding(channels):
        rule = min((one for one in rules if _fits(one, channel)), key=_width, default=None)
        if rule is None or not rule.enabled:
            continue
        by_day = {
            day: held(channel, applied.get(channel.station_id, ()), own.get(channel.station_id, ()), day)
            for day in _days(today, last)
        }
        if any(by_day.values()):
            found.append(Watched(channel, rule, by_day))
    return found


def held(
    channel: Channel, applied: Iterable[AppliedStandard], own: Iterable[PermitLimit], day: date
) -> tuple[Limit, ...]:
    """The limits that hour values of a day are held against, in the channel's unit; none where units do not fit."""
    try:
        bound = limits.binding_of(channel, applied, day, day, own=own)
        return tuple(one.in_unit(channel.unit) for one in limits_that_judge(bound, Averaging.HOUR))
    except (StandardsError, UnitError):
        return ()


def deciding(channels: Sequence[Channel]) -> list[Channel]:
    """Without those of stacks as measured where the same is there as converted, for which the limits hold."""
    stacks = {one.station_id for one in channels if one.station.kind == StationKind.OUTLET_GAS}
    converted = set(Channel.objects.filter(station__in=stacks, basis="converted").values_list("station_id", "factor"))
    return [one for one in channels if one.basis == "converted" or (one.station_id, one.factor) not in converted]


def _fits(rule: ForecastRule, channel: Channel) -> bool:
    return (
        rule.station_id in (None, channel.station_id)
        and rule.station_kind in ("", channel.station.kind)
        and rule.factor in ("", channel.factor)
    )


def _width(rule: ForecastRule) -> tuple[bool, bool, bool, int]:
    """The narrowest place first, then the factor, then the newest rule."""
    return rule.station_id is None, not rule.factor, not rule.station_kind, -rule.pk


def _days(first: date, last: date) -> Iterable[date]:
    return (first + A_DAY * number for number in range((last - first).days + 1))
