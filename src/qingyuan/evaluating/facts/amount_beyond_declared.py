"""How far a measured amount lies beyond what was declared."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.evaluating.facts._disclosed import NOTHING, Amount, amounts, link_to_disclosure
from qingyuan.judging.fact import FACTS, Asked, Fact, Link, Told
from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards import StandardsError, find_factor


@FACTS
@dataclass(frozen=True)
class AmountBeyondDeclared(Fact):
    """Of all declared amounts of the newest disclosure, the largest by which the measured one is greater."""

    code: ClassVar[str] = "amount_beyond_declared"
    title: ClassVar[Text] = Text("实测排放量超出披露量的比例", "Measured amount beyond the declared one")
    source: ClassVar[Source] = Source("生态环境部令第24号", Text("第十二条", "article 12"))
    validity: ClassVar[Text] = Text(
        "实测量只累计有效日，缺数的日子不计，因此偏小。",
        "Measured are the known days only, missing ones add nothing, so it is a lower bound.",
    )
    unit: ClassVar[str] = "%"
    decimals: ClassVar[int] = 1

    def measure(self, asked: Asked) -> dict[int, Told]:
        """The largest share, nought where nothing is beyond."""
        found = amounts(asked)
        return {one: _told(asked, found.get(one)) for one in asked.enterprises}


def _told(asked: Asked, rows: list[Amount] | None) -> Told:
    if rows is None:
        return Told(None, NOTHING)
    known = [one for one in rows if one.measured is not None]
    if not known:
        why = Text(
            "披露的污染物在该年度没有可比的实测排放量", "of no declared factor an amount was measured in its year"
        )
        return Told(None, why)
    worst = max(known, key=_beyond)
    share, name = _beyond(worst), factor_name(worst.factor)
    where = (
        Text(worst.station.title_zh, f"at {worst.station.title_en}")
        if worst.station
        else Text("全厂", "of all outlets")
    )
    sentence = Text(
        f"{worst.year} 年{where.zh} {name.zh} 披露 {worst.declared:,.1f} kg，实测 {worst.measured:,.1f} kg"
        f"（有效 {worst.days} 天），" + (f"超出 {share:.1f}%" if share > 0 else "未超出"),
        f"{name.en} {where.en} in {worst.year}: {worst.declared:,.1f} kg declared, {worst.measured:,.1f} kg measured "
        f"({worst.days} days known), " + (f"{share:.1f} % more" if share > 0 else "not more"),
    )
    links = (link_to_disclosure(worst.of), *(Link.to_station(one, asked) for one in worst.outlets[:3]))
    return Told(max(share, 0.0), sentence, links)


def _beyond(one: Amount) -> float:
    """How much more was measured, as a share of what was declared; of nothing declared, all of it. [%]"""
    measured = one.measured or 0.0
    if not one.declared:
        return 100.0 if measured else 0.0
    return 100.0 * (measured - one.declared) / one.declared


def factor_name(code: str) -> Text:
    """What people call a factor; its code where nobody knows it."""
    try:
        return find_factor(code).short
    except StandardsError:
        return Text(code, code)
