"""The last day of a time limit, in working or calendar days."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._emission import refusing
from qingyuan_science.calc.wording import both, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.errors import UnknownEntry, UnknownProcess
from qingyuan_science.standards.procedure.deadlines import (
    CALENDAR_DAY,
    HOUR,
    MONTH,
    OCLOCK,
    WORKING_DAY,
    YEAR,
    Calendar,
    TimeLimit,
    last_day,
    last_day_before,
    last_moment,
    time_limit,
    time_limits,
    working_days_between,
)
from qingyuan_science.standards.reading import Status

_UNIT_WORDS = {
    CALENDAR_DAY: Text("天", "days"),
    WORKING_DAY: Text("工作日", "working days"),
    MONTH: Text("个月", "months"),
    YEAR: Text("年", "years"),
    HOUR: Text("小时", "hours"),
    OCLOCK: Text("时", "o'clock"),
}
_CHINA = timezone(timedelta(hours=8))
_UNITS = {"day": CALENDAR_DAY, "working_day": WORKING_DAY, "month": MONTH}
_DAY = Field("day", Asked.DATE, Text("日期", "Day"))
_COUNTED = Source(
    "行政处罚法",
    Text("第85条", "article 85"),
    Text("工作日不含法定节假日；未核对原文", "working days; not checked against the text"),
    status=Status.UNVERIFIED,
)


def _steps() -> Text:
    """What procedures have which steps, by any day."""
    zh: dict[str, list[str]] = {}
    en: dict[str, list[str]] = {}
    for one in time_limits(date.max):
        zh.setdefault(f"{one.process_name.zh}（{one.process}）", []).append(f"{one.name.zh}（{one.step}）")
        en.setdefault(f"{one.process_name.en} ({one.process})", []).append(f"{one.name.en} ({one.step})")
    return Text(
        "；".join(f"{name}：{'、'.join(steps)}" for name, steps in zh.items()),
        "; ".join(f"{name}: {', '.join(steps)}" for name, steps in en.items()),
    )


@TOPICS
@dataclass(frozen=True)
class WorkingDays(Topic):
    """Find the last day of a time limit, given as a number or by the step of a procedure.

    Notes
    -----
    The day of the event is not counted. Holidays and weekends that are worked come with the question; without them only
    Saturdays and Sundays are off. A limit that ends on a day off is shown with the next working day beside it; one that
    is counted back from its event, such as the end of a permit, with the last working day before it.
    """

    code: ClassVar[str] = "working_days"
    title: ClassVar[Text] = Text("办理时限与工作日", "Time limits and working days")
    source: ClassVar[Source] = Source("行政处罚法、排污许可管理条例等", Text("时限", "time limits"))
    fields: ClassVar[tuple[Field, ...]] = (
        Field("start", Asked.DATE, Text("起算事件日期（当日不计）", "Day of the event, not counted")),
        Field("number", Asked.WHOLE, Text("天数或月数", "Number of days or months"), default=None),
        Field("unit", Asked.CHOICE, Text("单位", "Unit"), choices=tuple(_UNITS), default="working_day"),
        Field(
            "process", Asked.TEXT, Text("程序（代替天数）", "Procedure, instead of a number"), default="", hint=_steps()
        ),
        Field("step", Asked.TEXT, Text("环节", "Step"), default=""),
        Field(
            "at", Asked.TIME, Text("事件时刻（时限以小时计时）", "Time of the event, for limits in hours"), default=None
        ),
        Field("until", Asked.DATE, Text("统计至某日的工作日", "Count working days until"), default=None),
        Field("holidays", Asked.TABLE, Text("放假日期", "Holidays"), default=(), columns=(_DAY,)),
        Field("workdays", Asked.TABLE, Text("调休上班日期", "Weekends that are worked"), default=(), columns=(_DAY,)),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("2026-11-20（周五）起 5 个工作日", "5 working days from Friday 2026-11-20"),
            (Text("2026-11-27", "2026-11-27"),),
        ),
        Example(
            Text(
                "2026-09-28 起 5 个工作日，10-01 至 10-07 放假，10-10 上班",
                "from 2026-09-28, 1 to 7 October off, 10 October worked",
            ),
            (Text("9-29、9-30、10-8、10-9、10-10", "29 and 30 September, 8, 9 and 10 October"),),
        ),
        Example(
            Text("处罚：2026-11-22 立案，90 日内作出决定", "penalty filed on 2026-11-22: decision in 90 days"),
            (Text("2027-02-20（周六）", "2027-02-20, a Saturday"),),
        ),
        Example(
            Text("排污许可证 2026-12-31 届满，60 日前申请延续", "a permit ends on 2026-12-31: renewal 60 days before"),
            (Text("2026-11-01（周日），最迟工作日 10-30", "2026-11-01, a Sunday: on Friday 30 October at the latest"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {"start": "2026-11-20", "number": 5},
        {
            "start": "2026-09-28",
            "number": 5,
            "holidays": [{"day": f"2026-10-0{day}"} for day in range(1, 8)],
            "workdays": [{"day": "2026-10-10"}],
        },
        {"start": "2026-11-22", "process": "penalty", "step": "decision"},
        {"start": "2026-12-31", "process": "permit", "step": "renewal_request"},
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the last day, the next working day, and the working days counted.

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
        calendar = Calendar(
            frozenset(row["day"] for row in given["holidays"]), frozenset(row["day"] for row in given["workdays"])
        )
        if set(calendar.holidays) & set(calendar.workdays):
            raise BadQuestion("workdays", given["workdays"], "days that are not holidays too")
        result: dict[str, Any] = {}
        clauses: list[Source] = []
        number, unit, before = given["number"], _UNITS[given["unit"]], False
        if given["process"] or given["step"]:
            limit = _limit(given)
            number, unit, before = limit.limit, limit.unit, limit.before
            clauses.append(limit.source)
            result |= {"name": both(limit.name), "runs_from": both(limit.runs_from) if limit.runs_from else None}
            if unit in (HOUR, OCLOCK):
                until = last_moment(limit, _event(given, limit)).isoformat(timespec="minutes")
                return Answer(
                    {**result, "number": number, "unit": both(_UNIT_WORDS[unit]), "until": until}, once(clauses)
                )
        if number is None and given["until"] is None:
            raise BadQuestion("number", None, "a number, the step of a procedure, or a day to count until")
        if number is not None:
            with refusing("number", number):
                result |= {"number": number, "unit": both(_UNIT_WORDS[unit])}
                result |= (
                    _before(last_day_before(given["start"], number, unit), calendar)
                    if before
                    else _end(last_day(given["start"], number, unit, calendar), calendar)
                )
        if given["until"] is not None:
            with refusing("until", given["until"].isoformat()):
                result["working_days"] = working_days_between(given["start"], given["until"], calendar)
        notes = () if given["holidays"] else (_NO_HOLIDAYS,)
        return Answer(result, once((*clauses, _COUNTED)), notes)


_NO_HOLIDAYS = Text("未给出放假日期，仅排除周六、周日", "no holidays were given: only Saturdays and Sundays are off")


def _limit(given: Given) -> TimeLimit:
    """The time limit of the step that was asked for."""
    if given["number"] is not None:
        raise BadQuestion("number", given["number"], "either a number or the step of a procedure")
    try:
        return time_limit(given["process"], given["step"], given["start"])
    except UnknownProcess as error:
        raise BadQuestion("process", given["process"], str(error).partition("expected ")[2]) from error
    except UnknownEntry as error:
        raise BadQuestion("step", given["step"], str(error).partition("expected ")[2]) from error


def _event(given: Given, limit: TimeLimit) -> datetime:
    """When the event was; a limit to an hour of the clock needs its day only."""
    at: datetime | None = given["at"]
    if at is None and limit.unit == HOUR:
        raise BadQuestion("at", None, f"the time of the event, as the limit is {limit.limit} h")
    if at is not None and at.astimezone(_CHINA).date() != given["start"]:
        raise BadQuestion("at", at.isoformat(), f"a time on {given['start']} in China, the day of the event")
    return at or datetime.combine(given["start"], time(), _CHINA)


def _end(last: date, calendar: Calendar) -> dict[str, Any]:
    return {
        "last_day": last.isoformat(),
        "is_worked": calendar.is_worked(last),
        "next_worked_day": calendar.next_worked(last).isoformat(),
    }


def _before(last: date, calendar: Calendar) -> dict[str, Any]:
    """The end of a limit counted back from its event: a day off moves it to an earlier working day, never a later."""
    return {
        "last_day": last.isoformat(),
        "is_worked": calendar.is_worked(last),
        "last_worked_day": calendar.last_worked(last).isoformat(),
    }
