"""How good forecasts of the air quality index were."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._air import DAY, edition_for
from qingyuan_science.calc.wording import both, figure
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.air.editions import AirEdition
from qingyuan_science.standards.air.points import half_width, scoring_sources, short_range
from qingyuan_science.standards.air.scoring import Score, score
from qingyuan_science.standards.reading import Status


def _optional(name: str, zh: str, en: str) -> Field:
    return Field(name, Asked.NUMBER, Text(zh, en), "1", default=None)


def _named(name: str, zh: str, en: str) -> Field:
    return Field(name, Asked.TEXT, Text(zh, en), default="")


_INDICES = ("observed", "forecast", "low", "high", "at_issue", "usual")
_READ = "HJ 633-2026"
_RIVALS = (("persistence", "at_issue"), ("climatology", "usual"))
_HIGHEST = 500


@TOPICS
@dataclass(frozen=True)
class AirForecastScore(Topic):
    """Score forecasts by lead day under every rule at once, with persistence and climatology beside them.

    Notes
    -----
    No score means anything without its rule: the strict level and the one that a range may span differ by twenty points
    for the same forecasts. The rule is part of the question and is printed with the answer.
    """

    code: ClassVar[str] = "air_forecast_score"
    title: ClassVar[Text] = Text("空气质量预报评分", "Scores of air quality forecasts")
    source: ClassVar[Source] = Source(
        "HJ 633-2026", "5.1", note=Text("评分规则由本问给出", "the scoring rule is part of the question")
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            "forecasts",
            Asked.TABLE,
            Text("预报与实况", "Forecasts and observations"),
            columns=(
                DAY,
                Field("lead", Asked.WHOLE, Text("预报时效", "Lead"), "d"),
                _optional("observed", "实况 AQI", "Observed AQI"),
                _optional("forecast", "预报 AQI", "Forecast AQI"),
                _optional("low", "预报范围下限", "Least AQI published"),
                _optional("high", "预报范围上限", "Greatest AQI published"),
                _optional("at_issue", "起报时最近实况 AQI", "Latest AQI when it was issued"),
                _optional("usual", "起报时已知的同期常见 AQI", "Usual AQI of the season, as known when it was issued"),
                _named("primary", "预报首要污染物", "Forecast primary pollutant"),
                _named("observed_primary", "实况首要污染物", "Observed primary pollutant"),
                _named("at_issue_primary", "起报时最近实况首要污染物", "Latest primary pollutant when it was issued"),
                _named("usual_primary", "同期常见首要污染物", "Usual primary pollutant of the season"),
            ),
        ),
        Field("span", Asked.NUMBER, Text("未给范围时的半宽", "Half width where no range is given"), "1", default=15.0),
        Field(
            "span_by_level",
            Asked.YES_NO,
            Text("未给范围时的半宽按 AQI 分档", "Half width by the forecast AQI where no range is given"),
            default=False,
        ),
        Field("tolerance", Asked.NUMBER, Text("AQI 允许偏差", "Distance that counts as right"), "1", default=20.0),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("实况 105、80、130，预报 95、85、125", "observed 105, 80, 130; forecast 95, 85, 125"),
            (
                Text(
                    "严格级别 66.7%，跨级 100%；超 100 命中 50%，空报 0%",
                    "strict level 66.7 %, spanning 100 %; above 100: hit 50 %, false alarms 0 %",
                ),
            ),
        ),
        Example(
            Text("实况 98，提前 1、2、3 日预报 105、130、210", "observed 98; one, two, three days ahead 105, 130, 210"),
            (
                Text(
                    "105 差一个半级别，正确；130 差两个，210 差五个：33.3%，均偏高。级别得分 50、50、0，合 40；"
                    "误差得分 100、80、30，合 80",
                    "105 is one half level off and right, 130 two, 210 five: 33.3 %, the rest too high. Points for the "
                    "level 50, 50, 0, together 40; for the AQI 100, 80, 30, together 80",
                ),
            ),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "forecasts": [
                {"day": "2026-11-01", "lead": 1, "observed": 105, "forecast": 95, "at_issue": 80,
                 "primary": "PM2.5", "observed_primary": "PM2.5"},
                {"day": "2026-11-02", "lead": 1, "observed": 80, "forecast": 85, "at_issue": 105,
                 "primary": "PM2.5, NO2", "observed_primary": "NO2"},
                {"day": "2026-11-03", "lead": 1, "observed": 130, "forecast": 125, "at_issue": 80,
                 "primary": "PM10", "observed_primary": "PM2.5"},
            ],
        },
        {
            "forecasts": [
                {"day": "2026-11-02", "lead": 1, "observed": 98, "forecast": 105},
                {"day": "2026-11-02", "lead": 2, "observed": 98, "forecast": 130},
                {"day": "2026-11-02", "lead": 3, "observed": 98, "forecast": 210},
            ],
            "span_by_level": True,
        },
    )  # fmt: skip

    def answer(self, given: Given) -> Answer:
        """Answer with the scores of each lead day, of persistence and of climatology, and the rule in words.

        Parameters
        ----------
        given : mapping
            The fields of the question, read.

        Returns
        -------
        Answer

        Raises
        ------
        BadQuestion
            A value cannot be what its field asks for; names the field, what was found and expected.
        """
        rows = given["forecasts"]
        if not rows:
            raise BadQuestion("forecasts", [], "at least one forecast")
        for number, row in enumerate(rows):
            _possible(f"forecasts[{number}]", row)
        for name in ("span", "tolerance"):
            if given[name] < 0:
                raise BadQuestion(name, given[name], "0 or more")
        edition = edition_for(max(row["day"] for row in rows), "forecasts")
        leads = sorted({row["lead"] for row in rows})
        by_lead = [
            {"lead": lead, **_scores([row for row in rows if row["lead"] == lead], edition, given)} for lead in leads
        ]
        result = {"rule": both(_rule(given)), "leads": by_lead, "all": _scores(rows, edition, given)}
        if short := _short_range(by_lead):
            result["short_range"] = short
        return Answer(
            result,
            (edition.sources["categories"], _published(edition), *_rules(given, short)),
        )


def _possible(where: str, row: dict[str, Any]) -> None:
    """Refuse an index that there cannot be, a range the wrong way round, and a forecast of the past."""
    for name in _INDICES:
        if row[name] is not None and not 0 <= row[name] <= _HIGHEST:
            raise BadQuestion(f"{where}.{name}", row[name], f"an AQI of 0 to {_HIGHEST}")
    if row["low"] is not None and row["high"] is not None and row["low"] > row["high"]:
        raise BadQuestion(f"{where}.low", row["low"], f"no more than the greatest, {row['high']:g}")
    if row["lead"] < 0:
        raise BadQuestion(f"{where}.lead", row["lead"], "0 or more days ahead")


def _scores(rows: Sequence[dict[str, Any]], edition: AirEdition, given: Given) -> dict[str, Any]:
    seen, said, low, high = (_figures(rows, name) for name in ("observed", "forecast", "low", "high"))
    span, tolerance = _span(said, given), given["tolerance"]
    low, high = np.where(np.isnan(low), said - span, low), np.where(np.isnan(high), said + span, high)
    own = score(seen, said, (np.maximum(low, 0.0), high), edition, tolerance=tolerance)
    found: dict[str, Any] = {**_written(own), "primary_hit": _primary_hit(rows, "primary")}
    for title, name in _RIVALS:
        rival = np.where(np.isnan(said), np.nan, _figures(rows, name))  # the same pairs as the forecast
        if np.isnan(rival).all():
            continue
        span = _span(rival, given)
        base = score(seen, rival, (np.maximum(rival - span, 0.0), rival + span), edition, tolerance=tolerance)
        found[title] = _written(base)
        hit = _primary_hit(rows, f"{name}_primary")
        if hit is not None:
            found[title]["primary_hit"] = hit
    return found


def _span(said: NDArray[np.float64], given: Given) -> NDArray[np.float64]:
    """Half width of the range around each forecast."""
    return half_width(said) if given["span_by_level"] else np.full(said.shape, given["span"])


def _short_range(by_lead: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The points of one to three days ahead made one, each kind by itself; nothing where a lead is missing."""
    found = {}
    for name in ("primary_hit", "level_points", "value_points"):
        points = {one["lead"]: one[name] for one in by_lead if one[name] is not None}
        if (made := short_range(points)) is not None:
            found[name] = figure(made, 1)
    return found


def _published(edition: AirEdition) -> Source:
    status = Status.VERIFIED if edition.document == _READ else Status.UNVERIFIED
    return Source(edition.document, "5", Text("发布内容", "what is published"), status=status)


def _rules(given: Given, short: dict[str, Any]) -> Iterator[Source]:
    """Where the rules stand that a paper or a package lays down, those that were used."""
    sources = scoring_sources()
    yield from (sources[name] for name in ("half_levels", "level_points", "value_points"))
    if short:
        yield sources["short_range"]
    if given["span_by_level"]:
        yield sources["widths"]


def _figures(rows: Sequence[dict[str, Any]], name: str) -> NDArray[np.float64]:
    return np.array([np.nan if row[name] is None else row[name] for row in rows])


def _written(scored: Score) -> dict[str, Any]:
    return {name: figure(value, 0 if name == "forecasts" else 1) for name, value in asdict(scored).items()}


def _primary_hit(rows: Sequence[dict[str, Any]], name: str) -> float | None:
    counted = [row for row in rows if row[name] and row["observed_primary"] and (row["observed"] or 0) > 50]
    right = sum(bool(_names(row[name]) & _names(row["observed_primary"])) for row in counted)
    return figure(right * 100.0 / len(counted), 1) if counted else None


def _names(text: str) -> set[str]:
    return {part.strip() for part in text.replace("\uff0c", ",").replace("、", ",").split(",") if part.strip()}


def _rule(given: Given) -> Text:
    tolerance = given["tolerance"]
    span = Text("15、25 或 30", "15, 25 or 30") if given["span_by_level"] else Text(*(f"{given['span']:g}",) * 2)
    return Text(
        f"严格级别：预报值所在级别等于实况级别。跨级：发布范围（未给时为预报值±{span.zh}）所跨级别含实况级别。"
        f"AQI:|预报-实况|≤{tolerance:g}。范围：实况在发布范围内。命中率、空报率以 AQI>100 计。"
        "首要污染物：实况 AQI>50 时预报任一项命中。半级别：六级各分为二，相差不超过一个。"
        "级别得分：差 0、1、2 级为 100、50、25 分；误差得分：AQI 误差 25、50、100、150 以内为 100、80、60、30 分。",
        f"Strict level: the level of the forecast value is the observed one. Spanning: the published range (the value "
        f"± {span.en} where none is given) touches the observed level. "
        f"AQI: |forecast - observed| ≤ {tolerance:g}. Range: the "
        "observed AQI lies in it. Hit rate and false alarms: AQI > 100. Primary pollutant: any forecast one is "
        "observed, on days above 50. Half level: each of the six levels cut in two, no more than one off. Points for "
        "the level: 100, 50, 25 for 0, 1, 2 levels off; for the AQI: 100, 80, 60, 30 for an error up to 25, 50, 100, "
        "150.",
    )
