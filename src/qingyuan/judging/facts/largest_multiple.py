"""The largest exceedance multiple of an hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import numpy as np

from qingyuan.judging.fact import FACTS, Asked, Told
from qingyuan.judging.facts._limits import Judged, OfLimits, most_looked
from qingyuan.judging.facts._readings import link_to, words_of
from qingyuan.kit.clock import SHANGHAI
from qingyuan_science.plugins import Source, Text
from qingyuan_science.series import moment


@FACTS
@dataclass(frozen=True)
class LargestMultiple(OfLimits):
    """The largest C/S - 1 of a valid hour beyond a maximum; nought where no hour is beyond."""

    code: ClassVar[str] = "largest_multiple"
    title: ClassVar[Text] = Text("最大超标倍数", "Largest exceedance multiple")
    source: ClassVar[Source] = Source("环办〔2011〕22号", "", note="C/S - 1")
    validity: ClassVar[Text] = Text(
        "pH 等有下限或范围的因子没有超标倍数，不计入。",
        "Factors with a minimum or a range, such as pH, have no multiple and are left out.",
    )
    unit: ClassVar[str] = "times over"
    decimals: ClassVar[int] = 2

    def of_one(self, asked: Asked, rows: Sequence[Judged]) -> Told:
        """The largest multiple, with its hour."""
        worst: tuple[float, int, Judged] | None = None
        for row in rows:
            over = np.flatnonzero(row.beyond & np.isfinite(row.share))
            if over.size:
                at = int(over[np.argmax(row.share[over])])
                if worst is None or float(row.share[at]) - 1.0 > worst[0]:
                    worst = float(row.share[at]) - 1.0, at, row
        window = asked.words
        if worst is None:
            none = Text(f"{window.zh}没有超过上限的有效小时", f"no valid hour {window.en} over a maximum")
            return Told(0.0, none, most_looked(asked, rows))
        multiple, at, row = worst
        value, begins = float(row.series.value[at]), moment(int(row.series.at[at]))
        where, said = words_of(row.channel), f"{begins.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        sentence = Text(
            f"{where.zh} {said} 小时均值 {value:g} {row.channel.unit}，超标 {multiple:.2f} 倍",
            f"{where.en}: hourly mean of {value:g} {row.channel.unit} at {said}, {multiple:.2f} times over the limit",
        )
        around = asked.since(begins - timedelta(hours=24))
        link = link_to(row.channel, Asked((), around.start, min(begins + timedelta(hours=25), asked.end)))
        return Told(multiple, sentence, (link,))
