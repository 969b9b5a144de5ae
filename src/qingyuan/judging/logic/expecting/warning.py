"""Warnings that are opened once, kept up to date, and over by themselves."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction

from qingyuan.forecasting import queries as forecasting
from qingyuan.forecasting.events import ForecastsIssued
from qingyuan.forecasting.queries import Forecast
from qingyuan.judging.events import FindingCleared, FindingGrew, FindingOpened
from qingyuan.judging.logic.expecting.wording import Expected, described
from qingyuan.judging.logic.filing import after_symbol
from qingyuan.judging.models import Finding, FindingState
from qingyuan.judging.queries import EXPECTED
from qingyuan.kit import clock, log
from qingyuan.recording import queries as recording
from qingyuan.sensing import limits
from qingyuan_science.plugins import Text
from qingyuan_science.series import Series, overlaid
from qingyuan_science.standards import Limit, limits_that_judge

AN_HOUR = timedelta(hours=1)
CALM_SHARE = 0.5  # of the chance from which people are warned, below which a warning is over; our own choice
SHOWN = timedelta(hours=12)  # of the values before that a warning shows
PASSING = "exceedance"
TITLE = Text("预计超标", "exceedance expected")


@transaction.atomic
def judge_forecasts(event: ForecastsIssued) -> None:
    """Warn where a limit is likely to be passed, and end warnings whose forecasts fell (a handler of the loop).

    Parameters
    ----------
    event : ForecastsIssued

    Notes
    -----
    One warning stands for a channel at a time, and none while the limit is being passed. Doing it twice changes
    nothing.
    """
    expect(event.id)


@transaction.atomic
def end_warning(event: FindingOpened) -> None:
    """End the warning of an exceedance that has come (a handler of the loop).

    Parameters
    ----------
    event : FindingOpened
    """
    if event.detector == PASSING and event.channel is not None:
        end_expected(event.channel)


def expect(issue_id: int) -> list[Finding]:
    """Bring warnings in line with the forecasts of an issue; answers those that were opened."""
    forecasts = forecasting.forecasts_of_issue(issue_id)
    channels = [one.channel_id for one in forecasts]
    rows = Finding.objects.filter(channel__in=channels, kind="h").select_for_update(of=("self",))
    open_rows = {one.channel_id: one for one in rows.filter(detector=EXPECTED, state=FindingState.OPEN)}
    passing = set(rows.filter(detector=PASSING, state=FindingState.OPEN).values_list("channel", flat=True))
    put_aside = rows.filter(detector=EXPECTED, state=FindingState.DISMISSED)
    aside = set(put_aside.filter(ended_at__gt=min((one.issued_at for one in forecasts), default=clock.now()))
                .values_list("channel", flat=True))  # fmt: skip
    warning = [one for one in forecasts if _warns(one, one.channel_id in open_rows) and one.channel_id not in passing]
    for one in forecasts:
        if one.channel_id in open_rows and one not in warning:
            _clear(open_rows[one.channel_id])
    held = _held(warning)
    shown = _shown([one.channel_id for one in warning])
    opened = []
    for one in warning:
        found = _expected(one, held.get(one.pk, ()))
        if found is None or (one.channel_id in aside and one.channel_id not in open_rows):
            continue
        told = described(found, shown[one.channel_id])
        if one.channel_id in open_rows:
            _keep(open_rows[one.channel_id], told)
        else:
            opened.append(_open(found, told))
    return opened


def end_expected(channel_id: int) -> None:
    """A warning is over when what it warned of has come."""
    rows = Finding.objects.filter(channel=channel_id, detector=EXPECTED, state=FindingState.OPEN)
    for row in rows.select_for_update(of=("self",)):
        _clear(row)


def _warns(one: Forecast, stands: bool) -> bool:
    if one.rule is None or not one.chance:
        return False
    place = min(one.rule.within_hours, len(one.chance)) - 1
    return one.chance[place] >= one.rule.chance * (CALM_SHARE if stands else 1.0)


def _held(warning: Sequence[Forecast]) -> dict[int, tuple[Limit, ...]]:
    """The limits that hold on the days of each forecast, in the channel's unit."""
    applied, own = limits.of_stations({one.channel.station_id for one in warning})
    found = {}
    for one in warning:
        at = one.channel.station_id
        first, last = (
            moment.astimezone(clock.SHANGHAI).date()
            for moment in (one.starts_at, one.starts_at + len(one.value) * AN_HOUR)
        )
        bound = limits.binding_of(one.channel, applied.get(at, ()), first, last, own=own.get(at, ()))
        judging = limits_that_judge(bound, limits.AVERAGING["h"])
        found[one.pk] = tuple(limit.in_unit(one.unit) for limit in judging)
    return found


def _expected(one: Forecast, held: Iterable[Limit]) -> Expected | None:
    """The hour within the rule's time whose bound passes its limit furthest, and the limit."""
    if one.rule is None:
        return None
    within = min(one.rule.within_hours, len(one.value))
    worst: tuple[float, int, Limit] | None = None
    for limit in held:
        for place in range(within):
            day = (one.starts_at + place * AN_HOUR).astimezone(clock.SHANGHAI).date()
            if limit.valid_from <= day and (limit.valid_to is None or day <= limit.valid_to):
                beyond = _beyond(limit, one.low[place], one.high[place])
                if worst is None or beyond > worst[0]:
                    worst = beyond, place, limit
    if worst is None:
        return None
    return Expected(one, worst[2], one.chance[within - 1], one.starts_at + within * AN_HOUR, worst[1])


def _beyond(limit: Limit, low: float, high: float) -> float:
    """How far the bounds of an hour lie beyond a limit, as a multiple of it; negative inside."""
    sides = []
    if limit.high is not None:
        sides.append((high - limit.high) / max(abs(limit.high), 1e-9))
    if limit.low is not None:
        sides.append((limit.low - low) / max(abs(limit.low), 1e-9))
    return max(sides, default=-1.0)


def _shown(ids: Sequence[int]) -> dict[int, Series]:
    """The hours before, as sent or computed."""
    now = clock.now()
    parts = [recording.windows(ids, kind, now - SHOWN, now) for kind in "hH"]
    return {channel: overlaid([part[channel] for part in parts]) for channel in ids}


def _open(found: Expected, told: dict[str, Any]) -> Finding:
    one = found.forecast
    name = limits.factor_of(one.channel).short
    english = f"{name.en} {TITLE.en}"
    row = Finding.objects.create(
        detector=EXPECTED, cause=EXPECTED, channel=one.channel, station=one.channel.station, kind="h",
        state=FindingState.OPEN, opened_at=clock.now(), started_at=one.issued_at,
        title_zh=after_symbol(name.zh, TITLE.zh), title_en=english[:1].upper() + english[1:], **told,
    )  # fmt: skip
    log.write(
        FindingOpened(
            id=row.pk, detector=EXPECTED, channel=one.channel_id, station=one.channel.station.code,
            severity=row.severity, started_at=row.started_at.isoformat(),
            sentence_zh=row.sentence_zh, sentence_en=row.sentence_en,
        )
    )  # fmt: skip
    return row


def _keep(row: Finding, told: dict[str, Any]) -> None:
    """The newest forecast is told of; what grew is a line of the log, what shrank is not."""
    grew = told["confidence"] > row.confidence
    for name, value in told.items():
        setattr(row, name, value)
    row.save(update_fields=list(told))
    if grew:
        fact = FindingGrew(
            id=row.pk, severity=row.severity, ended_at=row.ended_at.isoformat(),
            sentence_zh=row.sentence_zh, sentence_en=row.sentence_en,
        )  # fmt: skip
        log.write(fact)


def _clear(row: Finding) -> None:
    row.state, row.cleared_at = FindingState.CLEARED, clock.now()
    row.ended_at = min(row.ended_at, row.cleared_at)
    row.save(update_fields=["state", "cleared_at", "ended_at"])
    log.write(FindingCleared(id=row.pk, ended_at=row.ended_at.isoformat(), corrected=False))
