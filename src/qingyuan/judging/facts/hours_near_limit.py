"""Share of hours just below the limit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from qingyuan.judging.fact import FACTS, Asked, Told
from qingyuan.judging.facts._limits import Judged, OfLimits
from qingyuan.judging.facts._readings import link_to, words_of
from qingyuan_science.plugins import Source, Text, parameter


@FACTS
@dataclass(frozen=True)
class HoursNearLimit(OfLimits):
    """Of the judged hours of a channel, the share within a strip below its maximum; the greatest share counts."""

    code: ClassVar[str] = "hours_near_limit"
    title: ClassVar[Text] = Text("贴近限值小时占比", "Share of hours just below the limit")
    source: ClassVar[Source] = Source(
        "清源",
        Text("平台自定", "own figure"),
        note=Text("参见检测器“数据贴限值或封顶”", "cf. the detector of values held at the limit"),
    )
    validity: ClassVar[Text] = Text(
        "平时就稳定运行在限值附近的设施也会如此，只是线索。",
        "A plant that honestly runs near its limit shows the same: a lead, no proof.",
    )
    unit: ClassVar[str] = "%"
    decimals: ClassVar[int] = 1

    strip_percent: float = parameter(
        5.0, "%", 0.5, 30.0, title=Text("限值之下多大范围算贴近", "How far below the limit counts as near")
    )

    def of_one(self, asked: Asked, rows: Sequence[Judged]) -> Told:
        """The greatest share among the channels."""
        bounded = [(row, row.counts & np.isfinite(row.share)) for row in rows]
        shares = [(self._near(row, known), int(known.sum()), row) for row, known in bounded if known.any()]
        if not shares:
            return Told(None, Text("没有设上限的因子", "no factor with a maximum"))
        near, looked, worst = max(shares, key=lambda one: one[0] / one[1])
        share, where, window = 100.0 * near / looked, words_of(worst.channel), asked.words
        sentence = Text(
            f"{where.zh}{window.zh}有 {near}/{looked} 个小时在限值之下 {self.strip_percent:g}% 以内，占 {share:.1f}%",
            f"{where.en}: {near} of {looked} hours {window.en} within {self.strip_percent:g}% below the limit, "
            f"{share:.1f}%",
        )
        return Told(share, sentence, (link_to(worst.channel, asked),))

    def _near(self, row: Judged, known: np.ndarray) -> int:
        inside = known & ~row.beyond & (row.share >= 1.0 - self.strip_percent / 100.0)
        return int(np.count_nonzero(inside))
