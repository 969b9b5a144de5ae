"""A year's emission against the quota of the permit."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._emission import refusing, within
from qingyuan_science.calc.wording import figure
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.emission.loads import Quota, quota_progress
from qingyuan_science.standards.reading import Status


@TOPICS
@dataclass(frozen=True)
class QuotaProgress(Topic):
    """Hold the emission of the year so far against the annual quota, and say for how many days the rest lasts."""

    code: ClassVar[str] = "quota_progress"
    title: ClassVar[Text] = Text("年许可排放量进度", "Progress of the annual quota")
    source: ClassVar[Source] = Source(
        "排污许可管理条例",
        Text("许可排放量", "permitted amount"),
        Text("未核对原文", "not checked against the text"),
        status=Status.UNVERIFIED,
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field("day", Asked.DATE, Text("统计截止日期", "Last day counted")),
        Field("quotas", Asked.NUMBERS, Text("年许可排放量", "Annual quota of each pollutant"), "t"),
        Field("emitted", Asked.NUMBERS, Text("年初至今排放量", "Emitted since the first of January"), "t"),
        Field("recent", Asked.NUMBERS, Text("近期排放量", "Emitted of late"), "t", default={}),
        Field("recent_days", Asked.WHOLE, Text("近期天数", "Days of late"), "d", default=30),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                "COD 年许可 36.5 t，至 2026-06-29 已排 18 t，近 30 天 3 t",
                "COD: quota 36.5 t, 18 t by 2026-06-29, 3 t in 30 days",
            ),
            (
                Text(
                    "余 18.5 t，每天 0.1 t，可排 185 天，正好至年末",
                    "18.5 t left at 0.1 t a day: 185 days, just to the year's end",
                ),
            ),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {"day": "2026-06-29", "quotas": {"COD": 36.5}, "emitted": {"COD": 18.0}, "recent": {"COD": 3.0}},
    )

    def answer(self, given: Given) -> Answer:
        """Answer with what is used and left of each quota, the rate, and the days that the rest lasts.

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
        if given["recent_days"] < 1:
            raise BadQuestion("recent_days", given["recent_days"], "1 or more")
        for field in ("emitted", "recent"):
            for name, value in given[field].items():
                if name not in given["quotas"]:
                    raise BadQuestion(f"{field}.{name}", value, "a pollutant with a quota")
        rows = []
        for name, quota in given["quotas"].items():
            emitted, late = given["emitted"].get(name), given["recent"].get(name)
            if quota is None or emitted is None:
                raise BadQuestion(f"emitted.{name}", emitted, "an amount for each quota")
            for field, amount in (("quotas", quota), ("emitted", emitted), ("recent", late)):
                within(f"{field}.{name}", amount, 0)
            with refusing(f"quotas.{name}", quota):
                progress = quota_progress(
                    quota, emitted, given["day"], [] if late is None else [late / given["recent_days"]]
                )
            rows.append(_row(name, progress))
        if not rows:
            raise BadQuestion("quotas", {}, "at least one quota")
        exceeding = [row["item"] for row in rows if row["early"]]
        return Answer({"exceeding_quota": exceeding, "items": rows}, (self.source,))


def _row(name: str, progress: Quota) -> dict[str, Any]:
    used_up = progress.used_up_on
    return {
        "item": name,
        "quota": figure(progress.quota, 6),
        "emitted": figure(progress.emitted, 6),
        "left": figure(progress.left, 6),
        "used": figure(progress.used, 1),
        "year_passed": figure(progress.passed, 1),
        "a_day": figure(progress.a_day, 6),
        "by_year_end": figure(progress.by_year_end, 6),
        "days_left": progress.days_left,
        "used_up_on": used_up.isoformat() if used_up else None,
        "early": round(progress.by_year_end - progress.quota, 9) > 0,
    }
