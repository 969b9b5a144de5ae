"""The colour of a matter under a time limit, and when it turns."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.wording import figure, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.errors import NoEdition, OutsideRule
from qingyuan_science.standards.procedure.supervision import Lights, lights, reasons_to_stop, thresholds

_CHINA = timezone(timedelta(hours=8))
_REASONS = ("hearing", "notice", "monitoring", "appraisal")
_HOUR = timedelta(hours=1)
_ALL = 100.0
_LARGEST = 3650.0  # days, or percent of a term: more is a slip of the pen


def _at(name: str, zh: str, en: str, **more: Any) -> Field:
    return Field(name, Asked.TIME, Text(zh, en), **more)


@TOPICS
@dataclass(frozen=True)
class SupervisionColour(Topic):
    """Tell whether a matter is green, yellow or red, and when it turns.

    Notes
    -----
    No national rule gives figures. By shares it turns yellow when so much of its term is left and red when so much of
    the term has gone again beyond the end; by days, so many days before and beyond. Either may be given.
    """

    code: ClassVar[str] = "supervision_colour"
    title: ClassVar[Text] = Text("督办亮灯", "Colour of a matter under supervision")
    source: ClassVar[Source] = Source(
        "督办亮灯（业务做法）", Text("亮灯规则", "when it turns"), Text("未核对原文", "not checked against the text")
    )
    fields: ClassVar[tuple[Field, ...]] = (
        _at("begun", "起算时刻", "When the term began"),
        _at("due", "时限届满", "When it is due"),
        _at("at", "判定时刻（已办结的填办结时刻）", "As of when; when it was closed, where it was"),
        Field("rule", Asked.CHOICE, Text("亮灯规则", "Rule"), choices=("by_share", "by_days"), default="by_share"),
        Field(
            "yellow_left",
            Asked.NUMBER,
            Text("剩余多少时亮黄灯", "How much is left when it turns yellow"),
            "%, d",
            default=None,
        ),
        Field(
            "red_over",
            Asked.NUMBER,
            Text("超出多少时亮红灯", "How much has gone beyond the end when it turns red"),
            "%, d",
            default=None,
        ),
        Field(
            "stops",
            Asked.TABLE,
            Text("不计入时限的时间", "Time that does not count"),
            default=(),
            columns=(
                Field("reason", Asked.CHOICE, Text("原因", "Reason"), choices=_REASONS),
                _at("first", "起", "From"),
                _at("last", "止（留空为仍在停）", "To; empty while it stands still", default=None),
            ),
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("11-02 起 8 日，11-09 判定", "8 days from 2 November, as of the 9th"),
            (Text("已用 7 日，剩 1 日不足四分之一：黄灯", "7 used, 1 of 8 left, less than a quarter: yellow"),),
        ),
        Example(
            Text("同上，其间停 2 日待监测", "the same with the clock stopped for 2 days of monitoring"),
            (Text("已用 5 日，剩 3 日：绿灯，11-12 届满", "5 used, 3 left: green; due on the 12th"),),
        ),
        Example(
            Text("按天数规则，超期 1 小时", "by days, an hour beyond the end"),
            (Text("红灯", "red"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "begun": "2026-11-02T00:00:00+08:00",
            "due": "2026-11-10T00:00:00+08:00",
            "at": "2026-11-09T00:00:00+08:00",
        },
        {
            "begun": "2026-11-02T00:00:00+08:00",
            "due": "2026-11-10T00:00:00+08:00",
            "at": "2026-11-09T00:00:00+08:00",
            "stops": [
                {
                    "reason": "monitoring",
                    "first": "2026-11-04T00:00:00+08:00",
                    "last": "2026-11-06T00:00:00+08:00",
                }
            ],
        },
        {
            "begun": "2026-11-02T00:00:00+08:00",
            "due": "2026-11-10T00:00:00+08:00",
            "at": "2026-11-10T01:00:00+08:00",
            "rule": "by_days",
        },
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the colour, when it turns, and the time used, left and stopped.

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
        left, over, source = thresholds(given["rule"])
        turns = (_own(given, "yellow_left", left), _own(given, "red_over", over))
        begun, at = given["begun"], given["at"]
        if not begun < given["due"]:
            raise BadQuestion("due", given["due"].isoformat(), "a time after the term began")
        if at < begun:
            raise BadQuestion("at", at.isoformat(), "a time at or after the begin of the term")
        stops = [(row["first"], at if row["last"] is None else row["last"]) for row in given["stops"]]
        for number, (row, (first, last)) in enumerate(zip(given["stops"], stops, strict=True)):
            if first < begun or last < first:
                where = f"stops[{number}].{'first' if first < begun or row['last'] is None else 'last'}"
                raise BadQuestion(where, (first if where.endswith("first") else last).isoformat(), "a stop in the term")
        try:
            found = lights((begun, given["due"]), at, stops, rule=given["rule"], turns=turns)
        except OutsideRule as error:
            raise BadQuestion("begun", begun.isoformat(), str(error).partition("expected ")[2]) from error
        clauses = [source, *_stopping(given)]
        return Answer(_told(found, at), once(clauses), tuple(_notes(given, left, over)))


def _own(given: Given, name: str, usual: float) -> float:
    own = given[name]
    if own is None:
        return usual
    most = _ALL if given["rule"] == "by_share" and name == "yellow_left" else _LARGEST
    if not 0 <= own <= most:
        raise BadQuestion(name, own, f"0 to {most:g}")
    return float(own)


def _stopping(given: Given) -> Iterator[Source]:
    if given["stops"]:
        try:
            yield reasons_to_stop(given["begun"].astimezone(_CHINA).date())[1]
        except NoEdition as error:
            raise BadQuestion(
                "begun", given["begun"].isoformat(), "a day from 2010-03-01 on, where time stood"
            ) from error


def _told(found: Lights, at: datetime) -> dict[str, Any]:
    left = found.term - found.used
    return {
        "colour": found.colour,
        "due_at": _written(found.due),
        "yellow_from": _written(found.yellow_from),
        "red_from": _written(found.red_from),
        "overdue": at > found.due,
        "hours_used": figure(found.used / _HOUR, 2),
        "hours_left": figure(left / _HOUR, 2),
        "hours_stopped": figure(found.stopped / _HOUR, 2),
        "share_used": figure(found.used / found.term * _ALL, 1),
    }


def _written(moment: datetime) -> str:
    return moment.astimezone(_CHINA).isoformat(timespec="minutes")


def _notes(given: Given, left: float, over: float) -> Iterator[Text]:
    yield Text(
        "国家没有统一的亮灯阈值，以本地督办办法为准",
        "no national rule gives figures: the local rules hold",
    )
    if given["rule"] == "by_share" and given["red_over"] is None:
        yield Text(
            "所据资料只说时间过半亮红灯，此处按超出时限一半理解；如本地超期即红灯，请将“超出多少时亮红灯”填 0",
            "the source says red after half the time, read as half of it beyond the end; give 0 for what has gone "
            "beyond the end where any delay is red",
        )
    if given["yellow_left"] is not None or given["red_over"] is not None:
        unit = "%" if given["rule"] == "by_share" else " d"
        yield Text(
            f"按提问所给阈值，而非 {left:g}{unit}、{over:g}{unit}",
            f"by the figures of the question, not {left:g}{unit} and {over:g}{unit}",
        )
    if given["stops"]:
        yield Text(
            "停计时间按处罚程序的规定，其他程序须自行核对",
            "the clock stops by the rules on penalties: check others",
        )
