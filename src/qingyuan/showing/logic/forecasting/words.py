"""A forecast as pages show it: its hours with limit and chance, and the highest of them."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.forecasting.queries import Forecast, Standing, forecaster_title, newest_forecast
from qingyuan.judging.queries import EXPECTED, Finding, FindingState, findings
from qingyuan.people.queries import User
from qingyuan.sensing.queries import Channel
from qingyuan.showing.logic.factors import measured, passed_words
from qingyuan.showing.wayback import reading_address
from qingyuan.showing.wording import said
from qingyuan_science.series import Averaging

AN_HOUR = timedelta(hours=1)
CURRENT_FOR = timedelta(hours=6)  # after that a forecast is no longer what is expected
MILLI = 1000


def current(channel: Channel, now: datetime) -> Forecast | None:
    """The newest forecast of a channel, unless it is too old to be what is expected now."""
    return newest_forecast(channel, now - CURRENT_FOR)


def as_chart(one: Forecast) -> dict[str, Any]:
    """The fan beyond the newest reading, as `web/islands/chart` reads it: instant [ms], median, low, high."""
    first = round(one.starts_at.timestamp() * MILLI)
    step = 3600 * MILLI
    columns = zip(one.value, one.low, one.high, strict=True)
    return {
        "name": _("forecast, median"),
        "band": _("80 % interval"),
        "issued": round(one.issued_at.timestamp() * MILLI),
        "points": [[first + number * step, *figures] for number, figures in enumerate(columns)],
    }


def hours_of(one: Forecast) -> list[dict[str, Any]]:
    """Every hour with its median, interval and chance, and whether the median passes its limit."""
    columns = zip(one.value, one.low, one.high, one.chance, strict=True)
    rows = []
    for number, (value, low, high, chance) in enumerate(columns):
        held = limits_at(one, number)
        rows.append(
            {
                "at": one.starts_at + number * AN_HOUR,
                "value": value,
                "low": low,
                "high": high,
                "chance": chance,
                "over": _over(value, held),
            }
        )
    return rows


def limits_at(one: Forecast, hour: int) -> list[dict[str, Any]]:
    """The limits that an hour of a forecast is held against."""
    begins = max((limit["from"] for limit in one.limits if limit["from"] <= hour), default=None)
    return [limit for limit in one.limits if limit["from"] == begins]


def _passes(value: float, limit: dict[str, Any]) -> bool:
    above = limit["high"] is not None and value > limit["high"]
    return above or (limit["low"] is not None and value < limit["low"])


def told(one: Forecast) -> dict[str, Any]:
    """What a forecast says about itself."""
    return {
        "number": one.pk,
        "issued_at": one.issued_at,
        "rests_on": one.rests_on,
        "forecaster": said(forecaster_title(one.forecaster)),
        "version": one.version,
        "basis": one.basis,
        "chance_24": one.chance[min(24, len(one.chance)) - 1],
        "hours": hours_of(one),
    }


def rows_of(viewer: User, found: Sequence[Standing], hours: int, now: datetime) -> list[dict[str, Any]]:
    """Channels of a list: chance within some hours, the highest hour, limit, and the warning that stands."""
    open_rows = findings(viewer).filter(
        detector=EXPECTED, state=FindingState.OPEN, channel__in=[one.channel_id for one in found]
    )
    warnings = {one.channel_id: one for one in open_rows}
    return [_row(one, hours, now, warnings.get(one.channel_id)) for one in found]


def _row(standing: Standing, hours: int, now: datetime, warning: Finding | None) -> dict[str, Any]:
    channel, one = standing.channel, standing.forecast
    address = reverse("station", kwargs={"code": channel.station.code})
    row: dict[str, Any] = {
        "station": channel.station,
        "words": measured(channel),
        "href": f"{address}?factor={channel.factor}&basis={channel.basis}&kind=h&range=3d",
        "warning": warning,
        "why": standing.why,
    }
    if one is None:
        return row
    until = min(hours, len(one.value))
    worst = max(range(until), key=lambda number: _beyond(one, number))
    peak = {name: getattr(one, name)[worst] for name in ("value", "low", "high")}
    return row | {
        "forecast": one,
        "over": _over(one.newest, limits_at(one, 0)),
        "origin": reading_address(channel.pk, "h", one.rests_on),
        "old": now - one.issued_at > CURRENT_FOR,
        "chance": one.chance[until - 1],
        "short": len(one.value) < hours,
        "until": one.starts_at + until * AN_HOUR,
        "peak": peak | {"at": one.starts_at + worst * AN_HOUR},
        "limits": [_bound(limit) for limit in limits_at(one, worst)],
    }


def _over(value: float, held: Iterable[dict[str, Any]]) -> str:
    """That an hour is over its limit, or above one for longer means."""
    passed = [averaging for limit in held if _passes(value, limit) for averaging in _averagings(limit)]
    return passed_words(passed, Averaging.HOUR)


def _beyond(one: Forecast, hour: int) -> float:
    """How far the interval of an hour lies beyond its limits, in units of the channel."""
    held = limits_at(one, hour)
    sides = [one.high[hour] - limit["high"] for limit in held if limit["high"] is not None]
    sides += [limit["low"] - one.low[hour] for limit in held if limit["low"] is not None]
    return max(sides, default=0.0)


def _bound(limit: dict[str, Any]) -> dict[str, str]:
    """The figure of a limit, and for which means it holds."""
    low, high = limit["low"], limit["high"]
    ends = f"{low:g}–{high:g}" if low is not None and high is not None else ""
    averaging = next((said(one.label) for one in _averagings(limit)), "")
    return {"figure": ends or (f"≤ {high:g}" if high is not None else f"≥ {low:g}"), "averaging": averaging}


def _averagings(limit: dict[str, Any]) -> list[Averaging]:
    """For which means a limit holds; its code names the averaging time."""
    parts = limit["code"].split(":")[1:]
    return [one for one in Averaging if one.value in parts]
