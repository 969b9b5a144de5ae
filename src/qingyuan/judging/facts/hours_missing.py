"""Hours of missing data."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.judging.fact import FACTS, Asked, OverDays, Told
from qingyuan.judging.facts._deliveries import NONE_DUE, days_words, deliveries
from qingyuan.judging.facts._readings import link_to, words_of
from qingyuan_science.plugins import Source, Text


@FACTS
@dataclass(frozen=True)
class HoursMissing(OverDays):
    """Hour means that were due and did not come, at the channel that lacks the most."""

    code: ClassVar[str] = "hours_missing"
    title: ClassVar[Text] = Text("缺失小时数", "Hours of missing data")
    source: ClassVar[Source] = Source("污染物排放自动监测设备标记规则", "2022")
    validity: ClassVar[Text] = Text(
        "按时段涉及的整日统计；报备停运、断网的时段也算缺失。",
        "Counted over whole days; time reported as stopped or without network counts as missing too.",
    )
    unit: ClassVar[str] = "h"
    by_factor: ClassVar[bool] = True

    def over(self, asked: Asked) -> dict[int, Told]:
        """The most hours that one channel lacks."""
        found = {}
        for one, rows in deliveries(asked).items():
            due = [row for row in rows if row[1].due]
            if not due:
                found[one] = Told(None, NONE_DUE)
                continue
            lacking = sorted(due, key=lambda row: row[1].received - row[1].due)
            channel, worst = lacking[0]
            missing, where, window = worst.due - worst.received, words_of(channel), days_words(asked)
            sentence = Text(
                f"{where.zh} {window.zh}应传 {worst.due} 小时，缺 {missing} 小时",
                f"{where.en}: {missing} of {worst.due} hours due {window.en} are missing",
            )
            links = tuple(link_to(each, asked) for each, got in lacking[:5] if got.received < got.due)
            found[one] = Told(float(missing), sentence, links)
        return found
