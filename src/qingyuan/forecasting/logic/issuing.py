"""Issuing forecasts: which channels have a new hour, what is said of each, and storing it with its hash."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import numpy as np
from django.db import transaction

from qingyuan.forecasting.events import ForecastsIssued
from qingyuan.forecasting.logic.watching import Watched, watched
from qingyuan.forecasting.models import Forecast, Issue, Standing
from qingyuan.forecasting.queries.channels import HORIZON, KINDS, OLDEST
from qingyuan.forecasting.told import digest, figures
from qingyuan.kit import log
from qingyuan.recording import queries as recording
from qingyuan.sensing.queries import Channel
from qingyuan_science.forecast import FORECASTERS, CannotForecast, Predicted
from qingyuan_science.plugins import PluginError, Text
from qingyuan_science.series import Series, microseconds, moment, overlaid

AT_ONCE = 500  # channels a run, so that one takes a few seconds
AN_HOUR = timedelta(hours=1)
USUAL = "seasonal"
_NO_RULE = Text("无适用的预测规则或限值", "no rule or limit applies")


def issue_due(now: datetime) -> int:
    """Forecast the channels of which a new hour is stored, the longest waiting first."""
    newest = _newest(now)
    due = _due(newest, now)
    if not due:
        return 0
    channels = list(Channel.objects.filter(pk__in=due).select_related("station").order_by("pk"))
    wanted = watched(channels, now, HORIZON)
    series = _series([one.channel.pk for one in wanted], now)
    made, refused = [], {}
    for one in wanted:
        try:
            made.append(_forecast(one, series[one.channel.pk], now))
        except CannotForecast as reason:
            refused[one.channel.pk] = reason.reason
        except PluginError as error:
            refused[one.channel.pk] = Text(str(error), str(error))
    with transaction.atomic():
        _store(made, now)
        _keep_standing(channels, newest, now, (made, refused))
    return len(made)


def _newest(now: datetime) -> dict[int, datetime]:
    """Begin of the newest stored hour of each channel that spoke of late."""
    ids = list(Channel.objects.values_list("pk", flat=True))
    found: dict[int, datetime] = {}
    for kind in KINDS:
        for channel, one in recording.latest(ids, kind, OLDEST + AN_HOUR).items():
            found[channel] = max(one.at, found.get(channel, one.at))
    return {channel: at for channel, at in found.items() if at >= now - OLDEST}


def _due(newest: dict[int, datetime], now: datetime) -> list[int]:
    looked = dict(Standing.objects.filter(channel__in=newest).values_list("channel", "newest_at"))
    due = [channel for channel, at in newest.items() if channel not in looked or looked[channel] < at]
    return sorted(due, key=lambda channel: (looked.get(channel, now - OLDEST), channel))[:AT_ONCE]


def _series(ids: Sequence[int], now: datetime) -> dict[int, Series]:
    """The hours that forecasters look back on, as sent, or where nothing was sent as computed here."""
    days = max(one.looks_back_days for one in FORECASTERS)
    parts = [recording.windows(ids, kind, now - timedelta(days=days) - OLDEST, now) for kind in KINDS]
    return {channel: overlaid([part[channel] for part in parts]) for channel in ids}


def _forecast(one: Watched, series: Series, now: datetime) -> Forecast:
    """The forecast of a channel, not yet stored; says nothing of hours that are over."""
    forecaster = FORECASTERS.get(one.rule.forecaster)()
    said = forecaster.forecast(series, HORIZON + int(OLDEST / AN_HOUR) + 1)
    over = int((now - moment(int(said.at[0]))) / AN_HOUR)
    hours = [moment(int(at)) for at in said.at]
    last = min(over + HORIZON, len(said))
    if last <= over:
        late = f"{int((now - moment(said.rests_on)) / AN_HOUR)}"
        raise CannotForecast(
            Text(f"最近有效小时值已是 {late} 小时前", f"the newest valid hour value is {late} hours old")
        )
    lows, highs, told = _bounds(one, hours, over)
    part = slice(over, last)
    return Forecast(
        channel=one.channel, rule=one.rule, issued_at=now, rests_on=moment(said.rests_on), starts_at=hours[over],
        newest=figures([_value_at(series, said.rests_on)])[0], unit=one.channel.unit,
        value=figures(said.value[part]), low=figures(said.low[part]), high=figures(said.high[part]),
        chance=figures(said.chances(lows, highs, over)[part]), usual=_usual(series, hours[over], last - over),
        limits=told, forecaster=forecaster.code, version=forecaster.version,
        basis_zh=said.basis.zh, basis_en=said.basis.en,
    )  # fmt: skip


def _value_at(series: Series, at: int) -> float:
    return float(series.value[np.searchsorted(series.at, at)])


def _bounds(
    one: Watched, hours: Sequence[datetime], over: int
) -> tuple[list[float], list[float], list[dict[str, object]]]:
    """Lowest and highest value allowed at each hour, and the limits that stand for it from which hour on."""
    lows, highs = [], []
    told: list[dict[str, object]] = []
    before: tuple[str, ...] | None = None
    for number, hour in enumerate(hours):
        held = one.at(hour)
        lows.append(max((limit.low for limit in held if limit.low is not None), default=float("nan")))
        highs.append(min((limit.high for limit in held if limit.high is not None), default=float("nan")))
        codes = tuple(limit.code for limit in held)
        if number >= over and codes != before:
            told += [
                {"from": number - over, "code": limit.code, "low": limit.low, "high": limit.high} for limit in held
            ]
            before = codes
    return lows, highs, told


def _usual(series: Series, first: datetime, count: int) -> list[float]:
    """What is usual at the hours, for the scores; nothing where it cannot be told."""
    try:
        said: Predicted = FORECASTERS.get(USUAL)().forecast(series, HORIZON + int(OLDEST / AN_HOUR) + 1)
    except (CannotForecast, PluginError):
        return []
    begin = int(np.searchsorted(said.at, microseconds(first)))
    return figures(said.value[begin : begin + count])


def _store(made: Sequence[Forecast], now: datetime) -> None:
    if not made:
        return
    issue = Issue.objects.create(issued_at=now, sha256=digest(made))
    for one in made:
        one.issue = issue
    Forecast.objects.bulk_create(made)
    channels = [one.channel_id for one in made]
    log.write(ForecastsIssued(id=issue.pk, issued_at=now.isoformat(), channels=channels, sha256=issue.sha256))


def _keep_standing(
    channels: Iterable[Channel],
    newest: dict[int, datetime],
    now: datetime,
    came: tuple[Sequence[Forecast], dict[int, Text]],
) -> None:
    made = {one.channel_id: one for one in came[0]}
    rows = []
    for channel in channels:
        why = came[1].get(channel.pk) or (None if channel.pk in made else _NO_RULE)
        rows.append(
            Standing(
                channel=channel, newest_at=newest[channel.pk], looked_at=now, forecast=made.get(channel.pk),
                watched=why is not _NO_RULE, why_zh=why.zh if why else "", why_en=why.en if why else "",
                chance_24=_chance(made.get(channel.pk), 24), chance_72=_chance(made.get(channel.pk), 72),
            )
        )  # fmt: skip
    names = ["newest_at", "looked_at", "forecast", "watched", "chance_24", "chance_72", "why_zh", "why_en"]
    Standing.objects.bulk_create(rows, update_conflicts=True, unique_fields=["channel"], update_fields=names)


def _chance(one: Forecast | None, hours: int) -> float | None:
    return one.chance[min(hours, len(one.chance)) - 1] if one else None
