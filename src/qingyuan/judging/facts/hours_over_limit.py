"""Hours over the limit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from qingyuan.judging.fact import FACTS, Asked, Told
from qingyuan.judging.facts._limits import Judged, OfLimits
from qingyuan.judging.facts._readings import distinct, link_to, words_of
from qingyuan_science.plugins import Source, Text


@FACTS
@dataclass(frozen=True)
class HoursOverLimit(OfLimits):
    """Hours of which at least one valid mean lay beyond its limit; an hour counts once for all outlets and factors."""

    code: ClassVar[str] = "hours_over_limit"
    title: ClassVar[Text] = Text("超标小时数", "Hours over the limit")
    source: ClassVar[Source] = Source(
        "排污许可管理条例",
        Text("第二十九条", "article 29"),
        note=Text("修约:GB/T 8170-2008", "rounding: GB/T 8170-2008"),
    )
    validity: ClassVar[Text] = Text(
        "限值按日均值判定的因子,小时超标只是预警。",
        "Where the limit is one for day means, an hour over it is a warning only.",
    )
    unit: ClassVar[str] = "h"

    def of_one(self, asked: Asked, rows: Sequence[Judged]) -> Told:
        """Count the hours, and name the channel with the most of them."""
        over = distinct(row.series.at[row.beyond] for row in rows)
        looked = distinct(row.series.at[row.counts] for row in rows)
        worst = sorted((row for row in rows if row.beyond.any()), key=lambda row: -int(np.count_nonzero(row.beyond)))
        window = asked.words
        if not worst:
            return Told(
                0.0,
                Text(
                    f"{window.zh}判定 {looked} 个小时,均未超标",
                    f"none of {looked} hours {window.en} was over the limit",
                ),
            )
        most, count = words_of(worst[0].channel), int(np.count_nonzero(worst[0].beyond))
        sentence = Text(
            f"{window.zh}判定的 {looked} 个小时中 {over} 个超标,最多为{most.zh}({count} 小时)",
            f"{over} of {looked} hours {window.en} were over the limit, most of them {most.en} ({count} h)",
        )
        return Told(float(over), sentence, tuple(link_to(row.channel, asked) for row in worst[:5]))
