"""Days over the limit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from qingyuan.judging.fact import FACTS, Asked, Told
from qingyuan.judging.facts._limits import Judged, OfLimits
from qingyuan.judging.facts._readings import DAYS, distinct, link_to, words_of
from qingyuan_science.plugins import Source, Text


@FACTS
@dataclass(frozen=True)
class DaysOverLimit(OfLimits):
    """Days of which at least one valid day mean lay beyond its limit; a day counts once for all outlets and factors."""

    code: ClassVar[str] = "days_over_limit"
    title: ClassVar[Text] = Text("超标天数", "Days over the limit")
    source: ClassVar[Source] = Source(
        "排污许可管理条例",
        Text("第二十九条", "article 29"),
        note=Text("修约:GB/T 8170-2008", "rounding: GB/T 8170-2008"),
    )
    validity: ClassVar[Text] = Text(
        "只看已经结束并有日均值的日子。", "Only days that are over and have a day mean are looked at."
    )
    unit: ClassVar[str] = "d"

    @staticmethod
    def kinds() -> str:
        """Day means, sent or computed."""
        return DAYS

    def of_one(self, asked: Asked, rows: Sequence[Judged]) -> Told:
        """Count the days, and name the channel with the most of them."""
        over = distinct(row.series.at[row.beyond] for row in rows)
        looked = distinct(row.series.at[row.counts] for row in rows)
        worst = sorted((row for row in rows if row.beyond.any()), key=lambda row: -int(np.count_nonzero(row.beyond)))
        window = asked.words
        if not worst:
            return Told(0.0, Text(f"{window.zh}判定 {looked} 天,日均值均未超标",
                                  f"none of {looked} day means {window.en} was over the limit"))  # fmt: skip
        most, count = words_of(worst[0].channel), int(np.count_nonzero(worst[0].beyond))
        sentence = Text(
            f"{window.zh}判定的 {looked} 天中 {over} 天日均值超标,最多为{most.zh}({count} 天)",
            f"{over} of {looked} days {window.en} were over the limit, most of them {most.en} ({count} d)",
        )
        return Told(float(over), sentence, tuple(link_to(row.channel, asked) for row in worst[:5]))
