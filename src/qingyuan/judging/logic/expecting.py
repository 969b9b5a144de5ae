"""Warnings before a limit is passed, from forecasts: opened once, kept up to date, and over by themselves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any

from qingyuan.forecasting import queries as forecasting
from qingyuan.forecasting.queries import Forecast
from qingyuan.judging.events import FindingCleared, FindingGrew, FindingOpened
from qingyuan.judging.models import Finding, FindingState
from qingyuan.judging.queries import EXPECTED
from qingyuan.kit import clock, log
from qingyuan.recording import queries as recording
from qingyuan.sensing import limits
from qingyuan_science.detect import Severity
from qingyuan_science.plugins import Text
from qingyuan_science.series import Series, overlaid
from qingyuan_science.standards import Limit, limits_that_judge
from qingyuan_science.units import shown_as

AN_HOUR = timedelta(hours=1)
CALM_SHARE = 0.5  # of the chance from which people are warned, below which a warning is over; our own choice
SHOWN = timedelta(hours=12)  # of the values before that a warning shows
PASSING = "exceedance"
TITLE = Text("预计超标", "exceedance expected")


@dataclass(frozen=True)
class Expected:
    """What a forecast expects of a limit: how probably it is passed, by when, and how far."""

    forecast: Forecast
    limit: Limit
    chance: float
    until: datetime
    peak: int

    @property
    def peak_at(self) -> datetime:
        return self.forecast.starts_at + self.peak * AN_HOUR


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
        described = _described(found, shown[one.channel_id])
        if one.channel_id in open_rows:
            _keep(open_rows[one.channel_id], described)
        else:
            opened.append(_open(found, described))
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


def _described(found: Expected, shown: Series) -> dict[str, Any]:
    one, limit = found.forecast, found.limit
    says = _sentence(found)
    warns_from = one.rule.chance if one.rule else None
    values = zip(shown.at[shown.valid].tolist(), shown.value[shown.valid].tolist(), strict=True)
    evidence = [[at, value] for at, value in values]
    signs = [
        _sign(Text("超过限值的概率", "chance of passing the limit"), found.chance, warns_from, "1"),
        _sign(Text("预测中值", "median forecast"), one.value[found.peak], limit.high, one.unit),
        _sign(Text("80% 区间上限", "upper bound of the 80 % interval"), one.high[found.peak], limit.high, one.unit),
    ]  # fmt: skip
    return {
        "severity": Severity.NOTICE, "ended_at": found.until, "peak": one.value[found.peak], "unit": one.unit,
        "limit_low": limit.low, "limit_high": limit.high, "limit_code": limit.code,
        "limit_title_zh": limit.title.zh, "limit_title_en": limit.title.en, "standard": limit.standard,
        "clause_zh": f"{limit.standard} {limit.clause.zh}", "clause_en": f"{limit.standard} {limit.clause.en}",
        "times_over": 0.0, "confidence": found.chance, "sentence_zh": says.zh, "sentence_en": says.en,
        "evidence": evidence, "signs": signs,
        "parameters": {"chance": one.rule.chance, "within_hours": one.rule.within_hours} if one.rule else {},
        "edition": {
            "program": version("qingyuan"), "known_at": one.issued_at.isoformat(), "limits": [limit.code],
            "forecast": one.pk, "forecaster": f"{one.forecaster} {one.version}", "rule": one.rule_id,
        },
    }  # fmt: skip


def _sign(name: Text, value: float, high: float | None, unit: str) -> dict[str, Any]:
    return {"name_zh": name.zh, "name_en": name.en, "value": value, "low": None, "high": high, "unit": unit}


def _sentence(found: Expected) -> Text:
    """Place, chance, by when, limit and clause, forecast with interval, and what it rests on."""
    one, limit = found.forecast, found.limit
    station, name = one.channel.station, limits.factor_of(one.channel).short
    unit = shown_as(one.unit)
    until, peak_at, issued = (
        f"{moment.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}" for moment in (found.until, found.peak_at, one.issued_at)
    )
    bound = "–".join(f"{figure:g}" for figure in (limit.low, limit.high) if figure is not None)
    middle, low, high = (f"{figures[found.peak]:.3g}" for figures in (one.value, one.low, one.high))
    head = name.en if any(letter.isupper() for letter in name.en[:2]) else name.en[:1].upper() + name.en[1:]
    return Text(
        f"{station.title_zh} {name.zh}：预计 {until} 前小时值超过{limit.title.zh} {bound} {unit}"
        f"（{limit.standard} {limit.clause.zh}）的概率为 {found.chance:.0%}；{peak_at} 预测 {middle} {unit}，"
        f"80% 区间 {low}–{high} {unit}；{issued} 作出，{one.basis_zh}；此为预警，尚未超标",
        f"{head} at {station.title_en}: hour values pass the {limit.title.en} of {bound} {unit}"
        f" ({limit.standard} {limit.clause.en}) before {until} with a chance of {found.chance:.0%};"
        f" forecast for {peak_at}: {middle} {unit}, 80 % interval {low} to {high} {unit}; issued {issued},"
        f" {one.basis_en}; this is a warning, nothing is exceeded yet",
    )


def _open(found: Expected, described: dict[str, Any]) -> Finding:
    one = found.forecast
    name = limits.factor_of(one.channel).short
    english = f"{name.en} {TITLE.en}"
    row = Finding.objects.create(
        detector=EXPECTED, cause=EXPECTED, channel=one.channel, station=one.channel.station, kind="h",
        state=FindingState.OPEN, opened_at=clock.now(), started_at=one.issued_at,
        title_zh=f"{name.zh}{TITLE.zh}", title_en=english[:1].upper() + english[1:], **described,
    )  # fmt: skip
    log.write(
        FindingOpened(
            id=row.pk, detector=EXPECTED, channel=one.channel_id, station=one.channel.station.code,
            severity=row.severity, started_at=row.started_at.isoformat(),
            sentence_zh=row.sentence_zh, sentence_en=row.sentence_en,
        )
    )  # fmt: skip
    return row


def _keep(row: Finding, described: dict[str, Any]) -> None:
    """The newest forecast is told of; what grew is a line of the log, what shrank is not."""
    grew = described["confidence"] > row.confidence
    for name, value in described.items():
        setattr(row, name, value)
    row.save(update_fields=list(described))
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
