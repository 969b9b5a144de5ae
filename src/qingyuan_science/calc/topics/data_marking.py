"""What a mark on a time at an outlet does to its values, how much of it a year may have, and by when to set it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Any, ClassVar, Final

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._emission import DAY, within
from qingyuan_science.calc.wording import both, figure, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.marking import Marking, marking, marking_deadline, marking_sources, markings
from qingyuan_science.standards.reading import Status

_CHINA: Final = timezone(timedelta(hours=8))
_FALSE: Final = Source(
    "生态环境监测条例", Text("第二十五条", "article 25"), Text("虚假标记", "false marking"), status=Status.VERIFIED
)
_FALSE_SINCE: Final = date(2026, 1, 1)
_HOURS_OF_A_YEAR: Final = 8784.0


@TOPICS
@dataclass(frozen=True)
class DataMarking(Topic):
    """Tell whether the values of a marked time still decide, what is left of the yearly cap, and by when to mark.

    Notes
    -----
    Hours beyond the cap of the year, or beyond what one fault may have, are judged as if nothing were marked. A mark
    that is not true is data fraud.
    """

    code: ClassVar[str] = "data_marking"
    title: ClassVar[Text] = Text("自动监测数据标记", "Marks on monitoring data")
    source: ClassVar[Source] = Source(
        "污染物排放自动监测设备标记规则", Text("2022", "2022"), Text("据二手资料", "read at second hand")
    )
    fields: ClassVar[tuple[Field, ...]] = (
        DAY,
        Field("mark", Asked.CHOICE, Text("标记", "Mark"), choices=tuple(one.code for one in markings())),
        Field("hours", Asked.NUMBER, Text("本次标记时长", "Hours marked"), "h", default=1.0),
        Field(
            "used", Asked.NUMBER, Text("本年同组已标记时长", "Hours of its group so far this year"), "h", default=0.0
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("焚烧炉启炉 6 小时，本年已用 58 小时", "incinerator start-up of 6 h, 58 h used this year"),
            (Text("上限 60 h：2 h 豁免，4 h 照常判定", "cap of 60 h: 2 h are exempt, 4 h are judged"),),
        ),
        Example(
            Text("设备校准 2 小时", "calibration of 2 h"),
            (Text("2 h 无效，不参与判定", "2 h are invalid and decide nothing"),),
        ),
        Example(
            Text("通讯中断 3 小时", "communication lost for 3 h"),
            (Text("补传后照常判定", "judged once they have been sent again"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {"day": "2026-11-20", "mark": "incinerator-start", "hours": 6, "used": 58},
        {"day": "2026-11-20", "mark": "calibration", "hours": 2},
        {"day": "2026-11-20", "mark": "link-lost", "hours": 3},
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the hours that are judged and those that are not, the cap, and the last moment to mark.

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
            A number is below nought or more than a year has, or the rule was not in force on the day; names the field.
        """
        for name in ("hours", "used"):
            within(name, given[name], 0.0, _HOURS_OF_A_YEAR)
        kind = marking(given["mark"])
        if not kind.holds_on(given["day"]):
            since = f"a day from {kind.valid_from} on, when {kind.document} came into force"
            raise BadQuestion("day", given["day"].isoformat(), since)
        exempt = _exempt(kind, given["hours"], given["used"])
        midnight = datetime.combine(given["day"] + timedelta(days=1), time(), _CHINA)
        result = {
            "mark": both(kind.title),
            "letter": kind.letter.value if kind.letter else None,
            "hours_not_judged": figure(exempt, 3),
            "hours_judged": figure(given["hours"] - exempt, 3),
            "cap_hours": figure(kind.cap / timedelta(hours=1), 1) if kind.cap else None,
            "single_hours": figure(kind.single / timedelta(hours=1), 1) if kind.single else None,
            "condition": both(kind.condition) if kind.condition else None,
            "mark_by": (midnight + marking_deadline()).isoformat(timespec="minutes"),
        }
        fraud = (_FALSE,) if given["day"] >= _FALSE_SINCE else ()
        return Answer(result, once((*marking_sources(kind), *fraud)))


def _exempt(kind: Marking, hours: float, used: float) -> float:
    """Hours that do not decide."""
    if kind.letter is None:
        return 0.0
    hour = timedelta(hours=1)
    single = hours if kind.single is None else min(hours, kind.single / hour)
    return single if kind.cap is None else min(single, max(0.0, kind.cap / hour - used))
