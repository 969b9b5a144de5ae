"""Share of hours over the limit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from qingyuan.judging.fact import FACTS, Asked, Told
from qingyuan.judging.facts._limits import Judged, OfLimits
from qingyuan.judging.facts._readings import link_to, words_of
from qingyuan_science.plugins import Source, Text


@FACTS
@dataclass(frozen=True)
class ShareOverLimit(OfLimits):
    """Of the judged hours of a channel, the share beyond its limit; the channel with the greatest share counts."""

    code: ClassVar[str] = "share_over_limit"
    title: ClassVar[Text] = Text("超标小时占比", "Share of hours over the limit")
    source: ClassVar[Source] = Source(
        "排污许可管理条例",
        Text("第二十九条", "article 29"),
        note=Text("修约：GB/T 8170-2008", "rounding: GB/T 8170-2008"),
    )
    validity: ClassVar[Text] = Text(
        "有效小时很少时占比没有意义，请同时要求传输有效率。",
        "With few valid hours a share means little: ask for the effective rate beside it.",
    )
    unit: ClassVar[str] = "%"
    decimals: ClassVar[int] = 1
    each: ClassVar[Text] = Text("小时", "hours")

    def of_one(self, asked: Asked, rows: Sequence[Judged]) -> Told:
        """The greatest share among the channels."""
        shares = [(100.0 * np.count_nonzero(row.beyond) / np.count_nonzero(row.counts), row) for row in rows]
        share, worst = max(shares, key=lambda one: (one[0], np.count_nonzero(one[1].counts)))
        where, window, each = words_of(worst.channel), asked.words, self.each
        over, looked = int(np.count_nonzero(worst.beyond)), int(np.count_nonzero(worst.counts))
        sentence = Text(
            f"{where.zh}{window.zh}有效{each.zh} {looked} 个，超标 {over} 个，占 {share:.1f}%",
            f"{where.en}: {over} of {looked} valid {each.en} {window.en} over the limit, {share:.1f}%",
        )
        return Told(float(share), sentence, (link_to(worst.channel, asked),))
