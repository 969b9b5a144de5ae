"""Whether a natural day of a waste incinerator is a violation, by its automatic data."""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._emission import (
    DAY,
    PERMIT,
    ROUNDED,
    Asking,
    bound,
    judged_row,
    notes_on,
    refused_items,
    refusing,
    within,
)
from qingyuan_science.calc.wording import figure, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.series import Averaging
from qingyuan_science.standards.emission.incinerators import day_items, furnace_of
from qingyuan_science.standards.sourced import tables_of

_ITEMS = {row["item"]: row["factor"] for row in tables_of("emission/incinerators", "days")[0].rows}
_DEGREES = (0.0, 2000.0)  # [°C]; beyond, a thermocouple is at fault


@TOPICS
@dataclass(frozen=True)
class IncineratorDay(Topic):
    """Judge a natural day of a municipal waste incinerator by its daily means and by the temperature of its furnace.

    Notes
    -----
    Daily means are those of the converted concentration, out of the hours that count after marking. Several pollutants
    beyond their limits on one natural day are one violation of the outlet. Of the furnace, means of five minutes in
    normal operation are given; more than five of them below 850 °C in the day are a violation.
    """

    code: ClassVar[str] = "incinerator_day"
    title: ClassVar[Text] = Text("生活垃圾焚烧厂日均值与炉温判定", "A day of a waste incinerator")
    source: ClassVar[Source] = Source("生态环境部令第10号", Text("超标与炉温判定", "judging emission and furnace"))
    fields: ClassVar[tuple[Field, ...]] = (
        DAY,
        Field(
            "means",
            Asked.NUMBERS,
            Text("折算浓度日均值", "Daily means of the converted concentrations"),
            "mg/m³",
            choices=tuple(_ITEMS),
            default={},
        ),
        Field(
            "furnace",
            Asked.SERIES,
            Text("正常运行时炉膛温度 5 分钟均值", "Means of five minutes of the furnace in normal operation"),
            "°C",
            default=(),
        ),
        PERMIT,
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("日均值：氮氧化物 255、颗粒物 20", "daily means: NOx 255, particulates 20"),
            (Text("氮氧化物超标 0.02 倍（255/250-1），当日违法", "NOx beyond 250 by 0.02: a violation"),),
        ),
        Example(
            Text("炉温 5 分钟均值 6 次低于 850 ℃", "six means of five minutes below 850 °C"),
            (Text("超过 5 次，当日违法", "more than five: a violation"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {"day": "2026-11-20", "means": {"NOx": 255, "particulates": 20}},
        {"day": "2026-11-20", "furnace": [849, 848, 845, 849.9, 840, 820, 850, 901]},
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the limit and verdict of each daily mean, the count of the furnace, and whether the day violates.

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
        means = {name: value for name, value in given["means"].items() if value is not None}
        if not means and not given["furnace"]:
            raise BadQuestion("means", dict(given["means"]), "at least one daily mean, or the furnace")
        refused_items({**given, "values": means}, "permit")
        rows, clauses, notes = _means(means, given)
        result: dict[str, Any] = {"violation": any(row["over"] for row in rows)}
        result |= {"over": [row["item"] for row in rows if row["over"]], "items": rows}
        if given["furnace"]:
            for place, one in enumerate(given["furnace"]):
                within(f"furnace[{place}]", one, *_DEGREES)
            with refusing("day", given["day"].isoformat()):
                furnace, source = furnace_of(given["furnace"], given["day"])
            if len(given["furnace"]) > furnace.most:
                raise BadQuestion("furnace", len(given["furnace"]), f"at most {furnace.most} means of one natural day")
            clauses.append(source)
            result |= {
                "violation": result["violation"] or furnace.over,
                "furnace_below": furnace.below,
                "furnace_allowed": furnace.allowed,
                "furnace_needed": figure(furnace.temperature, 0),
                "furnace_over": furnace.over,
            }
        return Answer(result, once(clauses), tuple(notes))


def _means(means: dict[str, float], given: Given) -> tuple[list[dict[str, Any]], list[Source], list[Text]]:
    """Each daily mean against its limit, with the clauses and what has to be said."""
    rows: list[dict[str, Any]] = []
    clauses: list[Source] = []
    notes: list[Text] = []
    ask = Asking("gas", "GB 18485", "incinerator", Averaging.DAY, _day_of_rule(given["day"]) if means else given["day"])
    for name, value in means.items():
        within(f"means.{name}", value, 0)
        found = bound(_ITEMS[name], ask, None, given["permit"].get(name))
        rows.append({**judged_row(name, value, found, ask.averaging), "item": name})
        clauses.extend(found.sources)
        notes.extend(one for one in notes_on(name, found, ask.averaging) if "start_stop_fault" not in one.en)
    return rows, [*clauses, *([day_items(given["day"])[1], ROUNDED] if means else [])], notes


def _day_of_rule(day: date) -> date:
    """The day, where the order was in force on it."""
    with refusing("day", day.isoformat()):
        day_items(day)
    return day
