"""What a warning says: the chance, by when, the limit with its clause, the forecast, and what it rests on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any

from qingyuan.forecasting.queries import Forecast
from qingyuan.kit import clock
from qingyuan.sensing import limits
from qingyuan_science.detect import Severity
from qingyuan_science.plugins import Text
from qingyuan_science.series import Averaging, Series
from qingyuan_science.standards import Limit
from qingyuan_science.units import shown_as

AN_HOUR = timedelta(hours=1)


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


def described(found: Expected, shown: Series) -> dict[str, Any]:
    """What the row of a warning says."""
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
    longer = limit.averaging is not Averaging.HOUR
    judged = Text(
        f"；该限值按{limit.averaging.label.zh}判定" if longer else "",
        f"; the limit applies to the {limit.averaging.label.en}" if longer else "",
    )
    return Text(
        f"{station.title_zh} {name.zh}：预计 {until} 前小时值超过{limit.title.zh} {bound} {unit}"
        f"（{limit.standard} {limit.clause.zh}）的概率为 {found.chance:.0%}；{peak_at} 预测 {middle} {unit}，"
        f"80% 区间 {low}–{high} {unit}；{issued} 作出，{one.basis_zh}{judged.zh}；此为预警，尚未超标",
        f"{head} at {station.title_en}: hour values pass the {limit.title.en} of {bound} {unit}"
        f" ({limit.standard} {limit.clause.en}) before {until} with a chance of {found.chance:.0%};"
        f" forecast for {peak_at}: {middle} {unit}, 80 % interval {low} to {high} {unit}; issued {issued},"
        f" {one.basis_en}{judged.en}; this is a warning, nothing is exceeded yet",
    )
