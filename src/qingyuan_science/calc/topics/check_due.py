"""By when a monitor of flue gas is to be calibrated and verified again."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Final

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._emission import refusing
from qingyuan_science.calc.wording import both, figure
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.emission.checks import check_due, kinds_checked

_HOUR: Final = timedelta(hours=1)
_UNITS: Final = {"hour": ("小时", "hours"), "day": ("天", "days"), "month": ("个月", "months")}
_KINDS: Final = tuple(dict.fromkeys((*kinds_checked("calibration"), *kinds_checked("verification"))))


@TOPICS
@dataclass(frozen=True)
class CheckDue(Topic):
    """Tell by when a monitor of flue gas is to be calibrated or verified again, and whether that is overdue."""

    code: ClassVar[str] = "check_due"
    title: ClassVar[Text] = Text("烟气自动监测校准与校验期限", "When a flue gas monitor is due for a check")
    source: ClassVar[Source] = Source("HJ 75-2017", Text("11.2、11.3", "11.2, 11.3"))
    fields: ClassVar[tuple[Field, ...]] = (
        Field("check", Asked.CHOICE, Text("校准或校验", "Calibration or verification"),
              choices=("calibration", "verification")),
        Field("kind", Asked.CHOICE, Text("设备情形", "Kind of monitor"), choices=_KINDS),
        Field("last", Asked.TIME, Text("上次完成时刻", "When it was done last")),
        Field("at", Asked.TIME, Text("查看时刻", "As of"), default=None),
    )  # fmt: skip
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                "抽取式气态污染物监测无自动校准，11 月 9 日 10:00 校准，17 日 10:00 查看",
                "extractive, not calibrating itself, calibrated 9 Nov 10:00, looked at 17 Nov 10:00",
            ),
            (Text("7 天期限至 16 日 10:00，已超期 24 h", "seven days, until 16 Nov 10:00: 24 h overdue"),),
        ),
        Example(
            Text("具有自动校准功能，8 月 31 日校验", "calibrating itself, verified 31 August"),
            (Text("6 个月，至次年 2 月 28 日", "six months, until 28 February"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "check": "calibration",
            "kind": "extractive",
            "last": "2026-11-09T10:00:00+08:00",
            "at": "2026-11-17T10:00:00+08:00",
        },
        {"check": "verification", "kind": "automatic", "last": "2026-08-31T10:00:00+08:00"},
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the last moment, and whether it is past at the moment asked about.

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
            There is no such check of such a monitor, or it was done after the moment asked about; names the field.
        """
        last, at = given["last"], given["at"]
        if at is not None and at < last:
            raise BadQuestion("at", at.isoformat(), f"a time from {last.isoformat()} on")
        with refusing("kind", given["kind"]):
            due = check_due(given["kind"], last, given["check"])
        late = max((at - due.by) / _HOUR, 0.0) if at is not None else None
        result = {
            "term": both(Text(f"{due.every} {_UNITS[due.unit][0]}", f"{due.every} {_UNITS[due.unit][1]}")),
            "due_at": due.by.isoformat(timespec="minutes"),
            "overdue": None if at is None else at > due.by,
            "hours_overdue": figure(late, 3),
        }
        return Answer(result, (due.source,))
