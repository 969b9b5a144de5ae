"""The figures of a month or a year of daily air values, against the limits of the year."""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

import numpy as np

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._air import DAY, DAY_COLUMNS, edition_for, of_report
from qingyuan_science.calc.wording import figure, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.air.editions import Item
from qingyuan_science.standards.air.index import rounded_concentration
from qingyuan_science.standards.air.period import grade_limit, percentile, percentile_shares, period_mean
from qingyuan_science.standards.air.running import least_counts

_FACTORS = {"SO2": "a21026", "NO2": "a21004", "PM10": "a34002", "PM2.5": "a34004", "CO": "a21005", "O3_8h": "a05024"}
_DAY_LIMIT = {"O3_8h": "day_max_8h"}
_NO_YEARLY_MEAN = ("CO", "O3_8h")
_FEBRUARY = 2


@TOPICS
@dataclass(frozen=True)
class AirPeriod(Topic):
    """Compute means, percentiles, exceedance days and validity of a month or a year.

    Notes
    -----
    The limits are those in force on the last day of the period; a day is beyond by those of its own day.
    """

    code: ClassVar[str] = "air_period"
    title: ClassVar[Text] = Text("空气质量月、年统计", "Air statistics of a month or a year")
    source: ClassVar[Source] = Source("HJ 663-2013, GB 3095-2026", Text("表4", "Table 4"))
    fields: ClassVar[tuple[Field, ...]] = (
        Field("period", Asked.CHOICE, Text("时段", "Period"), choices=("month", "year")),
        Field("days", Asked.TABLE, Text("逐日浓度", "Daily concentrations"), columns=(DAY, *DAY_COLUMNS)),
        Field("grade", Asked.CHOICE, Text("功能区", "Grade"), choices=("1", "2"), default="2"),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                "2026 年 11 月五天 PM2.5:20、40、61、80、30", "five days of November 2026, PM2.5 of 20, 40, 61, 80, 30"
            ),
            (
                Text(
                    "均值 46,2 天超标（60），天数不足 27，月均值无效",
                    "mean 46, two days beyond 60; fewer than 27 days: invalid",
                ),
            ),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "period": "month",
            "days": [
                {"day": f"2026-11-{day:02}", "PM2.5": value, "O3_8h": 100}
                for day, value in ((1, 20), (2, 40), (3, 61), (4, 80), (5, 30))
            ],
        },
    )

    def answer(self, given: Given) -> Answer:
        """Answer with one row an item.

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
        days = given["days"]
        if not days:
            raise BadQuestion("days", [], "at least one day")
        dates = [row["day"] for row in days]
        if len(set(dates)) != len(dates):
            raise BadQuestion("days", "a day that stands twice", "each day once")
        for row in days:
            of_report(
                {column.name: row[column.name] for column in DAY_COLUMNS},
                edition_for(row["day"], "days"),
                "day",
                "days",
            )
        last, year = max(dates), given["period"] == "year"
        if {(one.year, 0 if year else one.month) for one in dates} != {(last.year, 0 if year else last.month)}:
            raise BadQuestion("days", f"{min(dates)} to {last}", f"days of one {given['period']}")
        name = "days_of_year" if year else "days_of_february" if last.month == _FEBRUARY else "days_of_month"
        counts, sources = least_counts(last)
        needed, checked = counts[name], sources[name]
        shares, share_source = percentile_shares(last)
        items = {item.name: item for item in edition_for(last, "days").items["day"]}
        rows, clauses = [], [checked, share_source]
        for name in shares:
            values = np.array([np.nan if row[name] is None else row[name] for row in days])
            if not np.isnan(values).all():
                row, used = _row(items[name], values, dates, (shares[name], given["grade"]))
                rows.append({**row, "valid": row["days"] >= needed})
                clauses += used
        notes = [] if all(row["valid"] for row in rows) else [_too_few(needed)]
        if beside := [row["item"] for row in rows if row["item"] in _NO_YEARLY_MEAN]:
            notes.append(_not_of_table_4(beside))
        result = {"last_day": last.isoformat(), "days_needed": int(needed), "items": rows}
        return Answer(result, once(clauses), tuple(notes))


def _row(
    item: Item, values: np.ndarray[Any, np.dtype[np.float64]], dates: list[date], rule: tuple[float, str]
) -> tuple[dict[str, Any], list[Source]]:
    share, grade = rule
    factor, averaging = _FACTORS[item.name], _DAY_LIMIT.get(item.name, "day")
    limits = [grade_limit(factor, averaging, grade, day) for day in dates]
    known = ~np.isnan(values)
    rounded = rounded_concentration(values, item)
    of_day = np.array([limit.high or np.nan for limit in limits])
    over = int((rounded > of_day).sum())
    high = percentile(values, share)
    newest = limits[dates.index(max(dates))]
    row: dict[str, Any] = {
        "item": item.name,
        "days": int(known.sum()),
        "mean": figure(period_mean(values, item), item.decimals),
        "percentile": share,
        "percentile_value": figure(float(rounded_concentration([high], item)[0]), item.decimals),
        "daily_limit": newest.high,
        "days_over": over,
        "rate_over": figure(over * 100.0 / int(known.sum()), 1),
        "largest_multiple": figure(max(float(np.nanmax(rounded / of_day)) - 1.0, 0.0), 2),
    }
    clauses = [limit.source for limit in limits]
    if item.name not in _NO_YEARLY_MEAN:
        yearly = grade_limit(factor, "year", grade, max(dates))
        row["yearly_limit"] = yearly.high
        row["mean_over"] = bool(row["mean"] > (yearly.high or 0.0))
    row["percentile_over"] = bool(row["percentile_value"] > (newest.high or 0.0))
    return row, clauses


def _too_few(needed: float) -> Text:
    return Text(
        f"有效日数少于 {needed:.0f} 的项目，其均值按标准无效，仅供参考",
        f"items with fewer than {needed:.0f} valid days have no valid mean; the figures are for orientation only",
    )


def _not_of_table_4(items: list[str]) -> Text:
    names = "、".join(items)
    return Text(
        f"{names}：GB 3095 表4 只规定日或 8 小时的个数，月、年所需日数此处与其他项目相同",
        f"{', '.join(items)}: table 4 of GB 3095 counts their hours only; for months and years the days of the other "
        "items are asked for here",
    )
