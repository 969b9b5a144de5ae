"""Means of total suspended particles, benzo[a]pyrene, lead and NOx over a month, a quarter or a year."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

import numpy as np

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._air import DAY, UNDECIDED, edition_for, verdict
from qingyuan_science.calc.wording import figure, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.air.period import grade_limit
from qingyuan_science.standards.air.sampled import Sampling, longest_pause, period_of, sampling_of, thin_months
from qingyuan_science.standards.errors import UnknownEntry
from qingyuan_science.standards.limit_entries import Limit
from qingyuan_science.standards.reading import Status

_FACTORS = {"TSP": "a34001", "BaP": "a25044", "Pb": "a20044", "NOx": "a21002"}
_HOURS_OF_DAY = 24.0


def _lead(days: Sequence[int], value: float = 0.8) -> list[dict[str, Any]]:
    """Lead of a quarter, sampled on the same days of each of its months."""
    return [{"day": f"2026-{month:02}-{day:02}", "value": value} for month in (7, 8, 9) for day in days]


@TOPICS
@dataclass(frozen=True)
class AirSampledMeans(Topic):
    """Compute a mean of what the index leaves out, with what makes it valid, and hold it against its limit.

    Notes
    -----
    A day with too few hours is left out. A mean is compared only where it is valid; what the days come to is told all
    the same.
    """

    code: ClassVar[str] = "air_sampled_means"
    title: ClassVar[Text] = Text(
        "TSP、苯并[a]芘、铅、氮氧化物的月、季、年均值", "Means of TSP, benzo[a]pyrene, lead and NOx"
    )
    source: ClassVar[Source] = Source("GB 3095-2012, GB 3095-2026", Text("表2、表4", "Tables 2 and 4"))
    fields: ClassVar[tuple[Field, ...]] = (
        Field("item", Asked.CHOICE, Text("污染物", "Pollutant"), choices=tuple(_FACTORS)),
        Field("period", Asked.CHOICE, Text("时段", "Period"), choices=("month", "quarter", "year")),
        Field(
            "days",
            Asked.TABLE,
            Text("逐日浓度", "Daily concentrations"),
            columns=(
                DAY,
                Field("value", Asked.NUMBER, Text("日均浓度", "Daily mean"), "µg/m³", default=None),
                Field(
                    "hours",
                    Asked.NUMBER,
                    Text("采样或有效小时数", "Hours sampled or valid"),
                    "h",
                    default=_HOURS_OF_DAY,
                ),
            ),
        ),
        Field("grade", Asked.CHOICE, Text("功能区", "Grade"), choices=("1", "2"), default="2"),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                "2026 年三季度铅，每月 5 日、共 15 日，均为 0.8", "lead, third quarter of 2026: five days a month, 0.8"
            ),
            (Text("季均值有效，0.8，不超过 1", "valid; 0.8 keeps the limit of 1"),),
        ),
        Example(
            Text("同上，9 月只有 4 日", "the same with four days in September"),
            (
                Text(
                    "14 日，少于 15 日，且 9 月不足 5 日：季均值无效",
                    "14 days of 15, and September lacks one: no valid mean",
                ),
            ),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {"item": "Pb", "period": "quarter", "days": _lead((3, 9, 15, 21, 27))},
        {"item": "Pb", "period": "quarter", "days": _lead((3, 9, 15, 21, 27))[:-1]},
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the mean, what it needs and has, its limit, and the days beyond the limit of a day.

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
        days, span = _days(given)
        edition_for(span[1], "days")
        try:
            needs = sampling_of(given["item"], given["period"], span[1])
        except UnknownEntry as error:
            expected = "a time for which table 4 of GB 3095 says what a mean needs"
            raise BadQuestion("period", f"{given['item']} over a {given['period']}", expected) from error
        known = {day: value for day, (value, hours) in days.items() if value is not None and hours >= needs.hours}
        thin = thin_months(known, span, needs.a_month)
        valid = len(known) >= needs.days and not thin
        result: dict[str, Any] = {
            "first_day": span[0].isoformat(),
            "last_day": span[1].isoformat(),
            "days_had": len(known),
            "days_needed": needs.days,
            "days_left_out": sorted(day.isoformat() for day in days.keys() - known.keys()),
            "days_a_month_needed": needs.a_month or None,
            "thin_months": [{"month": one.strftime("%Y-%m"), "days_had": had} for one, had in thin],
            "longest_pause": longest_pause(known, span),
            "valid": valid,
        }
        limits = [needs.source]
        result |= _mean(given, list(known.values()), span[1], valid=valid, clauses=limits)
        result |= _of_days(given, known, limits)
        limits.append(
            Source(
                "GB/T 8170-2008", "4.3", Text("修约后比较", "compared after rounding"), status=Status.VERIFIED_SECONDARY
            )
        )
        return Answer(result, once(limits), tuple(_notes(needs, valid, result)))


def _days(given: Given) -> tuple[dict[date, tuple[float | None, float]], tuple[date, date]]:
    rows = given["days"]
    if not rows:
        raise BadQuestion("days", [], "at least one day")
    dates = [row["day"] for row in rows]
    if len(set(dates)) != len(dates):
        raise BadQuestion("days", "a day that stands twice", "each day once")
    for number, row in enumerate(rows):
        if row["value"] is not None and row["value"] < 0:
            raise BadQuestion(f"days[{number}].value", row["value"], "a concentration of at least 0")
        if not 0 <= row["hours"] <= _HOURS_OF_DAY:
            raise BadQuestion(f"days[{number}].hours", row["hours"], "0 to 24 hours")
    span = period_of(max(dates), given["period"])
    if min(dates) < span[0]:
        raise BadQuestion("days", f"{min(dates)} to {max(dates)}", f"days of one {given['period']}")
    return {row["day"]: (row["value"], row["hours"]) for row in rows}, span


def _limit(given: Given, averaging: str, day: date) -> Limit | None:
    try:
        return grade_limit(_FACTORS[given["item"]], averaging, given["grade"], day)
    except LookupError:
        return None


def _mean(given: Given, values: list[float], day: date, *, valid: bool, clauses: list[Source]) -> dict[str, Any]:
    """The mean rounded as its limit is printed, and the verdict where both are there."""
    if not values:
        return {"mean": None, "mean_in_full": None, "limit": None, "over": None, "multiple": None}
    limit, mean = _limit(given, given["period"], day), float(np.mean(values))
    if limit is None:
        return {"mean": figure(mean, 4), "mean_in_full": figure(mean, 6), "limit": None, "over": None, "multiple": None}
    clauses.append(limit.source)
    rounded, over, unknown = verdict(given["item"], mean, limit)
    over = over if valid else None
    clauses += [unknown] if unknown else []
    return {
        "mean": figure(rounded, limit.decimals),
        "mean_in_full": figure(mean, 6),
        "limit": limit.high,
        "over": over,
        "multiple": figure(float(limit.times_over(np.array([rounded]))[0]), 2) if over else None,
    }


def _of_days(given: Given, known: dict[date, float], clauses: list[Source]) -> dict[str, Any]:
    """The days beyond the limit of their own day, where there is one."""
    limits = {day: one for day in known if (one := _limit(given, "day", day)) is not None}
    if not limits:
        return {"daily_limit": None, "days_over": None, "days_undecided": None, "rate_over": None}
    clauses += [limits[day].source for day in sorted(limits)]
    told = [verdict(given["item"], known[day], one)[1] for day, one in limits.items()]
    over, undecided = (sum(one is kind for one in told) for kind in (True, None))
    return {
        "daily_limit": limits[max(limits)].high,
        "days_over": over,
        "days_undecided": undecided,
        "rate_over": None if undecided else figure(over * 100.0 / len(limits), 1),
    }


def _notes(needs: Sampling, valid: bool, result: dict[str, Any]) -> list[Text]:
    notes = []
    if result["days_undecided"] or (valid and result["limit"] is not None and result["over"] is None):
        notes.append(UNDECIDED)
    if not valid:
        notes.append(
            Text("达不到有效性规定的均值无效，不作评判", "a mean that misses the counts is invalid and not judged")
        )
    if needs.a_month:
        notes.append(
            Text(
                "标准要求采样日分布均匀，但未给出数值：请看最长未采样天数",
                "the standard asks for days evenly spread and gives no figure: see the longest pause",
            )
        )
    return notes
