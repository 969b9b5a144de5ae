"""What a failed check of a monitor makes invalid, and what stands in for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, ClassVar, Final

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._emission import refusing, within
from qingyuan_science.calc.wording import both, figure, once
from qingyuan_science.calc.words import word_for
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.emission.checks import InvalidTime, invalid_time, means_lost
from qingyuan_science.standards.emission.validity import Substitute, daily_substitute, hourly_substitute

_CHINA: Final = timezone(timedelta(hours=8))
_HOUR: Final = timedelta(hours=1)
_OF_GAS: Final = Text(
    "HJ 75-2017 原文未取得：表5 自上次有效校准起向前取值，据此推断失控时段自上次合格起算，须由人员核对原文后确认",
    "The text of HJ 75-2017 was not at hand: table 5 counts back from the last valid calibration, from which it is "
    "inferred that the time begins with the last passed check; a person has to confirm it from the text",
)
_NO_PASS_BEFORE: Final = Text(
    "没有上次合格的核查：不能确定向前无效到何时，只计核查不合格以后的时段",
    "No passed check before it is known: how far back data are invalid cannot be said; only the time after it counts",
)
_STILL_OPEN: Final = Text(
    "尚无下次合格的核查：无效时段至今未止", "No passed check since: the time that is invalid has not ended"
)
_EVENLY: Final = Text(
    "按一日内应得数据均匀分布计：无效部分超过四分之一的日，日均值无效",
    "Data are taken to be due evenly over a day: a day of which more than a quarter is invalid has no valid mean",
)


@TOPICS
@dataclass(frozen=True)
class FailedCheck(Topic):
    """Tell what a failed check, comparison or calibration makes invalid: all between the two passed ones around it.

    Notes
    -----
    Invalid data are kept and decide nothing. Only amounts are replaced, never a concentration or a flow.
    """

    code: ClassVar[str] = "failed_check"
    title: ClassVar[Text] = Text("核查或校准不合格的无效时段", "Data that a failed check makes invalid")
    source: ClassVar[Source] = Source("HJ 356-2019, HJ 75-2017", Text("6；表5", "clause 6; Table 5"))
    fields: ClassVar[tuple[Field, ...]] = (
        Field("medium", Asked.CHOICE, Text("介质", "Medium"), choices=("gas", "water")),
        Field("failed", Asked.TIME, Text("核查不合格的时刻", "When the check was not passed")),
        Field("last_passed", Asked.TIME, Text("上次合格的时刻", "The last check that was passed"), default=None),
        Field("next_passed", Asked.TIME, Text("下次合格的时刻", "The next check that was passed"), default=None),
        Field(
            "before",
            Asked.SERIES,
            Text(
                "上次合格以前有效小时（废气）或有效日（废水）的排放量，由远及近",
                "Amounts of valid hours (gas) or days (water) before the last passed check, oldest first",
            ),
            "kg",
            default=(),
        ),
        Field(
            "capture",
            Asked.NUMBER,
            Text("季度有效数据捕集率（废气替代）", "Capture rate of the quarter, for substitutes of gas"),
            "%",
            default=None,
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                "废水标样核查 11 月 9 日 10:00 合格、16 日 10:00 不合格、16 日 16:00 合格",
                "waste water: passed 9 Nov 10:00, failed 16 Nov 10:00, passed 16 Nov 16:00",
            ),
            (
                Text(
                    "9 日 10:00 至 16 日 16:00 无效，174 h；8 个日均值无效",
                    "invalid from 9 Nov 10:00 to 16 Nov 16:00, 174 h; 8 daily means",
                ),
            ),
        ),
        Example(
            Text(
                "烟气校准 8:00 合格、次日 8:00 不合格、10:15 合格；捕集率 95%",
                "flue gas: passed 08:00, failed 08:00 the next day, passed 10:15; captured 95 %",
            ),
            (Text("26 个小时无效，取此前最大值 3 kg/h：78 kg", "26 hours lost; the largest before, 3 kg/h: 78 kg"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "medium": "water",
            "last_passed": "2026-11-09T10:00:00+08:00",
            "failed": "2026-11-16T10:00:00+08:00",
            "next_passed": "2026-11-16T16:00:00+08:00",
        },
        {
            "medium": "gas",
            "last_passed": "2026-11-16T08:00:00+08:00",
            "failed": "2026-11-17T08:00:00+08:00",
            "next_passed": "2026-11-17T10:15:00+08:00",
            "before": [2.0, 3.0, 2.5],
            "capture": 95,
        },
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the time, its hours before and after the failed check, the means lost, and a substitute.

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
        medium = given["medium"]
        found = _found(given)
        begins, ends = found.begins or found.failed, found.ends
        lost = means_lost(medium, begins, ends) if ends else None
        result: dict[str, Any] = {
            "begins_at": _written(found.begins),
            "until": _written(ends),
            "hours_before_failed": figure((found.failed - begins) / _HOUR, 3) if found.begins else None,
            "hours_after_failed": figure((ends - found.failed) / _HOUR, 3) if ends else None,
            "hours_invalid": figure((ends - begins) / _HOUR, 3) if found.begins and ends else None,
            "hourly_means_lost": lost if medium == "gas" else None,
            "daily_means_lost": lost if medium == "water" else None,
        }
        substitute = _substitute(given, lost)
        if substitute is not None and lost is not None:
            result |= {
                "amount": figure(substitute.amount, 6),
                "whole_gap": figure(substitute.amount * lost, 6),
                "method": both(word_for(substitute.method)),
                "looked_at": substitute.of,
                "asked_for": substitute.asked,
            }
        clauses = (found.source, *((substitute.source,) if substitute else ()))
        return Answer(result, once(clauses), tuple(_notes(medium, found)))


def _found(given: Given) -> InvalidTime:
    """The time that is invalid, each order of checks refused by the field that breaks it."""
    failed, last, after = given["failed"], given["last_passed"], given["next_passed"]
    if last is not None and last >= failed:
        raise BadQuestion("last_passed", last.isoformat(), f"a time before {failed.isoformat()}")
    if after is not None and after <= failed:
        raise BadQuestion("next_passed", after.isoformat(), f"a time after {failed.isoformat()}")
    with refusing("failed", failed.isoformat()):
        return invalid_time(given["medium"], failed, last_passed=last, next_passed=after)


def _substitute(given: Given, lost: int | None) -> Substitute | None:
    """What stands in for each mean lost, where amounts from before the last passed check are given."""
    capture: float | None = given["capture"]
    if capture is not None:
        within("capture", capture, 0, 100)
    for value in given["before"]:
        within("before", value, 0)
    before = [value for value in given["before"] if value is not None]
    if not before or not lost:
        return None
    if given["last_passed"] is None:
        raise BadQuestion("last_passed", None, "the last passed check, before which the amounts were measured")
    if given["medium"] == "water":
        return daily_substitute(before)
    if capture is None:
        raise BadQuestion("capture", None, "the capture rate of the quarter, 0 to 100 %")
    with refusing("capture", capture):
        return hourly_substitute(capture, lost, before, "out_of_control")


def _notes(medium: str, found: InvalidTime) -> list[Text]:
    notes = [_OF_GAS] if medium == "gas" else []
    if found.begins is None:
        notes.append(_NO_PASS_BEFORE)
    if found.ends is None:
        notes.append(_STILL_OPEN)
    elif medium == "water":
        notes.append(_EVENLY)
    return notes


def _written(moment: datetime | None) -> str | None:
    return moment.astimezone(_CHINA).isoformat(timespec="minutes") if moment else None
