"""What stands in on one day without valid data, as a page shows it: the rule, and the periods it was taken from."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from django.urls import reverse

from qingyuan.kit import clock
from qingyuan.kit.clock import SHANGHAI
from qingyuan.sensing.queries import Channel
from qingyuan.showing.logic.emissions.substitutes import AN_HOUR, DAYS_BEFORE, PutIn, Stretch, put_in
from qingyuan.showing.logic.emissions.sums import A_DAY, medium_of
from qingyuan.showing.logic.environment.levels import clauses
from qingyuan_science.series import microseconds


def put_in_around(content: Channel, flow: Channel, day: date) -> PutIn | None:
    """What stands in during the month of a day, so that a gap is shown whole; None while the day is not over."""
    today = clock.now().astimezone(SHANGHAI).date()
    if day >= today:
        return None
    first = day.replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    return put_in([(content, flow)], first, min(after, today) - timedelta(days=1), today)[content.pk]


def gaps_of(content: Channel, filled: PutIn, day: date) -> list[dict[str, Any]]:
    """The gaps that touch a day, each with what stands in, why, and the way to what it was taken from."""
    return [_drawn(content, one) for one in filled.stretches if one.touches(day)]


def hours_put_in(filled: PutIn, day: date) -> dict[int, float]:
    """What stands in for each hour of a day [kg], by its start [µs]; empty where the rule goes by the day."""
    begins = datetime.combine(day, time(), SHANGHAI)
    return {
        microseconds(at): one.gap.substitute.amount
        for one in filled.stretches
        if one.step == AN_HOUR and one.gap.substitute is not None
        for at in map(one.at, range(one.gap.begin, one.gap.end))
        if begins <= at < begins + timedelta(days=1)
    }


def day_address(content: Channel, at: datetime) -> str:
    """The day that a period lies on, at the period's own row where it is an hour."""
    day = at.astimezone(SHANGHAI).date()
    own = reverse("emissions-day", kwargs={"code": content.station.code, "day": day.isoformat()})
    return f"{own}?factor={content.factor}"


def _drawn(content: Channel, one: Stretch) -> dict[str, Any]:
    gap, hourly = one.gap, one.step == AN_HOUR
    taken = None if gap.largest is None else one.at(gap.largest)
    began = one.at(gap.begin).astimezone(SHANGHAI).date()
    quarter = f"year={began.year}&part=Q{(began.month + 2) // 3}&factor={content.factor}"
    return {
        "hourly": hourly,
        "start": one.at(gap.begin),
        "is_older": gap.begin <= -DAYS_BEFORE[medium_of(content)] * (A_DAY if hourly else 1),
        "last": one.at(gap.end - 1),
        "length": gap.end - gap.begin,
        "capture": gap.capture,
        "quarter": f"{reverse('emissions-outlet', kwargs={'code': content.station.code})}?{quarter}#days",
        "substitute": gap.substitute,
        "clauses": clauses([gap.substitute.source]) if gap.substitute else [],
        "taken": taken,
        "taken_address": taken and _at_row(content, taken, hourly=hourly),
        "days": list(_looked_at(content, one)),
    }


def _at_row(content: Channel, at: datetime, *, hourly: bool) -> str:
    return day_address(content, at) + (f"#at-{microseconds(at)}" if hourly else "")


def _looked_at(content: Channel, one: Stretch) -> Iterator[dict[str, Any]]:
    """The periods that were looked at, by day, the newest first: how many, and the largest of them."""
    several = zip(map(one.at, one.gap.looked_at.tolist()), one.gap.amounts.tolist(), strict=True)
    by_day = groupby(reversed(list(several)), lambda pair: pair[0].astimezone(SHANGHAI).date())
    for day, found in by_day:
        of_day = list(found)
        yield {
            "day": day,
            "number": len(of_day),
            "largest": max(amount for _at, amount in of_day),
            "address": day_address(content, of_day[0][0]),
        }
