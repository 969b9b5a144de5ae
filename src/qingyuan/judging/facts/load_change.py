"""How the discharge of a factor changed against the same length of time before."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from qingyuan.judging.fact import FACTS, Asked, OverDays, Told
from qingyuan.judging.facts._loads import OutletLoad, hours_in, loads
from qingyuan.judging.facts._readings import link_to
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import microseconds


@FACTS
@dataclass(frozen=True)
class LoadChange(OverDays):
    """Mean hourly mass of a factor against that of the same length of time before, over all outlets."""

    code: ClassVar[str] = "load_change"
    title: ClassVar[Text] = Text("排放量环比变化", "Change of the load")
    source: ClassVar[Source] = Source(
        "清源",
        Text("平台自定", "own figure"),
        note=Text("有效小时均值，本期与此前相比", "mean of the known hours, now against before"),
    )
    validity: ClassVar[Text] = Text(
        "按有效小时的平均值比较，故缺数不会显示为下降。",
        "Means of the known hours are compared, so that missing data do not look like a fall.",
    )
    unit: ClassVar[str] = "%"
    decimals: ClassVar[int] = 0
    by_factor: ClassVar[bool] = True
    needs_factor: ClassVar[bool] = True

    least_percent: float = parameter(
        50.0, "%", 1.0, 100.0, title=Text("至少需要的有效小时占比", "Share of hours that must be known")
    )

    def over(self, asked: Asked) -> dict[int, Told]:
        """The change over the outlets of which enough is known on both sides."""
        whole = asked.since(asked.start - asked.length)
        least = self.least_percent / 100.0 * hours_in(asked)
        return {one: _told(asked, rows, least) for one, rows in loads(whole).items()}


def _told(asked: Asked, rows: list[OutletLoad], least: float) -> Told:
    begins, now, before, known = microseconds(asked.start), 0.0, 0.0, []
    for row in rows:
        late = row.at >= begins
        if min(np.count_nonzero(late), np.count_nonzero(~late)) >= least:
            now, before = now + float(row.mass[late].mean()), before + float(row.mass[~late].mean())
            known.append(row)
    if not known or before <= 0.0:
        return Told(None, Text("此时段或之前同样长的时段数据不足", "too few hours, now or in the time before"))
    change, window = 100.0 * (now / before - 1.0), asked.words
    sentence = Text(
        f"{window.zh} {asked.factor} 平均每小时排放 {now:.3g} kg，"
        f"此前同样长时段为 {before:.3g} kg，变化 {change:+.0f}%",
        f"{now:.3g} kg of {asked.factor} an hour {window.en}, {before:.3g} kg in the same length of time before: "
        f"{change:+.0f}%",
    )
    return Told(change, sentence, tuple(link_to(row.channel, asked) for row in known[:5]))
