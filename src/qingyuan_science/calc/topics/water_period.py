"""A quarter or a year of surface water: the means of its months, judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._water import (
    PH_MEAN,
    ROUNDED,
    SAMPLES,
    alike,
    class_clauses,
    ph_notes,
    section_row,
    shares_words,
    told_clauses,
    values_of_sample,
)
from qingyuan_science.calc.wording import both, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.sourced import tables_of
from qingyuan_science.standards.water.classes import Judged, judge
from qingyuan_science.standards.water.sections import means_by_item, river_status, sections_for_shares, shares_of

_MONTHS_OF_QUARTER = 3
_Months = dict[str, list[dict[str, float]]]


@TOPICS
@dataclass(frozen=True)
class WaterPeriod(Topic):
    """Average the samples of each month, then the months of a quarter or a year, and judge each section.

    Notes
    -----
    A year needs eight months. The mean of a period is that of its months, however many samples a month has.
    """

    code: ClassVar[str] = "water_period"
    title: ClassVar[Text] = Text("断面季、年水质评价", "Surface water by section and quarter or year")
    source: ClassVar[Source] = Source("环办〔2011〕22号", Text("季、年均值", "means of quarters and years"))
    fields: ClassVar[tuple[Field, ...]] = (
        Field("period", Asked.CHOICE, Text("时段", "Period"), choices=("quarter", "year")),
        SAMPLES,
        PH_MEAN,
        ROUNDED,
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("氨氮 1 月 0.4、0.6，2 月 2.0", "ammonia nitrogen 0.4 and 0.6 in January, 2.0 in February"),
            (Text("季均 (0.5+2.0)/2 = 1.25，Ⅳ类", "quarter (0.5+2.0)/2 = 1.25, class IV"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "period": "quarter",
            "samples": [
                {"section": "甲", "day": "2026-01-05", "NH3-N": 0.4},
                {"section": "甲", "day": "2026-01-20", "NH3-N": 0.6},
                {"section": "甲", "day": "2026-02-06", "NH3-N": 2.0},
            ],
        },
    )

    def answer(self, given: Given) -> Answer:
        """Answer with one entry a period: sections with class and months, the shares, the status of five or more.

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
        if not given["samples"]:
            raise BadQuestion("samples", [], "at least one sample")
        periods: dict[str, dict[str, list[dict[str, Any]]]] = {}
        for row in given["samples"]:
            periods.setdefault(_label(row, given["period"]), {}).setdefault(row["section"], []).append(row)
        (table,) = tables_of("water/assessment", "periods")
        least = next(int(row["least"]) for row in table.rows if row["period"] == given["period"])
        results, clauses = [], [*class_clauses(rounded=given["rounded"]), table.source]
        for label, sections in sorted(periods.items()):
            result, used = _period(sections, given, least)
            results.append({"period": label, **result})
            clauses += used
        return Answer({"periods": results}, once(clauses), (*_notes(results, least), *ph_notes(given)))


def _label(row: dict[str, Any], period: str) -> str:
    year: int = row["day"].year
    return str(year) if period == "year" else f"{year}-Q{(row['day'].month - 1) // _MONTHS_OF_QUARTER + 1}"


def _period(sections: dict[str, list[dict[str, Any]]], given: Given, least: int) -> tuple[dict[str, Any], list[Source]]:
    by_hydrogen = given["ph_mean"] == "hydrogen"
    rows: list[dict[str, Any]] = []
    judgements: list[Judged] = []
    for section, taken in sections.items():
        body, target = alike(section, taken, "body"), alike(section, taken, "target")
        months: _Months = {}
        for row in taken:
            one = values_of_sample(row)
            months.setdefault(f"{row['day']:%Y-%m}", []).append(one)
        means = [means_by_item(several, ph_by_hydrogen=by_hydrogen) for several in months.values()]
        mean = means_by_item(means, ph_by_hydrogen=by_hydrogen)
        found = judge(mean, body, target, rounded=given["rounded"])  # type: ignore[arg-type]
        judgements.append(found)
        rows.append(
            section_row(section, taken, found, target) | {"months_counted": len(months), "valid": len(months) >= least}
        )
    classes = [one.code for one in judgements if one.code is not None]
    result: dict[str, Any] = {"sections": rows, "shares": shares_words(shares_of(classes)), "whole_status": None}
    clauses = list(told_clauses(judgements))
    if len(classes) >= sections_for_shares():
        status, source = river_status(shares_of(classes))
        result["whole_status"] = both(status)
        clauses.append(source)
    return result, clauses


def _notes(results: Sequence[dict[str, Any]], least: int) -> tuple[Text, ...]:
    thin = [f"{one['period']} {row['section']}" for one in results for row in one["sections"] if not row["valid"]]
    if not thin:
        return ()
    names = ", ".join(thin)
    return (
        Text(
            f"不足 {least} 个月，年均值仅供参考：{names}",
            f"fewer than {least} months, the mean is for orientation only: {names}",
        ),
    )
