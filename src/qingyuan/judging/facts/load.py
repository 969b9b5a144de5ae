"""How much of a factor was discharged."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.judging.fact import FACTS, Asked, OverDays, Told
from qingyuan.judging.facts._loads import OutletLoad, hours_in, loads
from qingyuan.judging.facts._readings import link_to
from qingyuan_science.plugins import Source, Text, parameter


@FACTS
@dataclass(frozen=True)
class DischargedLoad(OverDays):
    """Mass of a factor over all outlets that measure it and their flow; hours that lack either add nothing."""

    code: ClassVar[str] = "load"
    title: ClassVar[Text] = Text("排放量", "Discharged load")
    source: ClassVar[Source] = Source(
        "HJ 212-2017", Text("附录 D", "annex D"), note="Σ concentration × flow of hour means"
    )
    validity: ClassVar[Text] = Text(
        "只加总浓度与流量都有效的小时，不做替代或外推；可能偏小。",
        "Only hours with a valid concentration and flow are added up, nothing is put in for the others; it may be low.",
    )
    unit: ClassVar[str] = "kg"
    decimals: ClassVar[int] = 1
    by_factor: ClassVar[bool] = True
    needs_factor: ClassVar[bool] = True

    least_percent: float = parameter(
        50.0, "%", 1.0, 100.0, title=Text("至少需要的有效小时占比", "Share of hours that must be known")
    )

    def over(self, asked: Asked) -> dict[int, Told]:
        """The sum over the outlets of which enough is known."""
        least = self.least_percent / 100.0 * hours_in(asked)
        return {one: _told(asked, [row for row in rows if row.at.size >= least]) for one, rows in loads(asked).items()}


def _told(asked: Asked, rows: list[OutletLoad]) -> Told:
    if not rows:
        return Told(None, Text("没有足够的浓度与流量小时值", "too few hours with concentration and flow"))
    total, hours, window = float(sum(row.mass.sum() for row in rows)), max(row.at.size for row in rows), asked.words
    sentence = Text(
        f"{window.zh} {asked.factor} 排放 {total:,.1f} kg（{len(rows)} 个排口，有效 {hours} 小时）",
        f"{total:,.1f} kg of {asked.factor} discharged {window.en} (outlets: {len(rows)}, hours known: {hours})",
    )
    most = sorted(rows, key=lambda row: -float(row.mass.sum()))
    return Told(total, sentence, tuple(link_to(row.channel, asked) for row in most[:5]))
