"""How much more or less electricity an enterprise drew than usual, by the bills of the power grid."""

from dataclasses import dataclass
from statistics import median
from typing import ClassVar

from qingyuan.judging.fact import FACTS, Asked, Fact, Told
from qingyuan.judging.facts._records import by_month, day_of, held_in, links_to, unknown
from qingyuan.judging.facts.electricity_of_month import COLUMN, LIST, TITLE
from qingyuan_science.plugins import Source, Text, parameter


@FACTS
@dataclass(frozen=True)
class ElectricityChange(Fact):
    """The newest month against the median of the months before it."""

    code: ClassVar[str] = "electricity_change"
    title: ClassVar[Text] = Text("月用电量变化", "Change of the monthly electricity")
    source: ClassVar[Source] = Source(
        "清源",
        Text("部门数据", "records of departments"),
        note=Text("供电公司用电量清单", "data list “electricity” of the power grid"),
    )
    validity: ClassVar[Text] = Text(
        "季节性生产、检修也会改变用电量。", "Seasonal production and maintenance change it too."
    )
    unit: ClassVar[str] = "%"
    months: int = parameter(
        6, "1", 1, 36, title=Text("与之前几个月的中位数相比", "Months before whose median it is held against")
    )

    def measure(self, asked: Asked) -> dict[int, Told]:
        """Per cent of the median; below nought where it drew less."""
        held, links, day = held_in(asked, LIST, COLUMN), links_to(asked, LIST, TITLE), day_of(asked)
        told = {}
        for one in asked.enterprises:
            months = {month: energy for month, energy in by_month(held.get(one, [])).items() if month <= day}
            before = [months[month] for month in sorted(months)[-1 - self.months : -1]]
            usual = median(before) if before else 0.0
            if usual <= 0:
                told[one] = unknown(TITLE)
                continue
            newest = max(months)
            change = 100 * (months[newest] / usual - 1)
            words = Text(
                f"{newest:%Y-%m} 用电 {months[newest]:,.0f} kWh，为之前 {len(before)} 个月中位数的 {100 + change:.0f}%",
                f"{months[newest]:,.0f} kWh in {newest:%Y-%m}, {100 + change:.0f}% of the median of {len(before)}"
                " months before",
            )
            told[one] = Told(change, words, links.get(one, ()))
        return told
