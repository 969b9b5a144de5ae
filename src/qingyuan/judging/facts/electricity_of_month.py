"""What the power grid billed an enterprise for the newest month."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.judging.fact import FACTS, Asked, Fact, Told
from qingyuan.judging.facts._records import by_month, day_of, held_in, links_to, unknown
from qingyuan_science.plugins import Source, Text

LIST, COLUMN = "electricity", "energy"
TITLE = Text("企业用电量（按月）", "Electricity of enterprises by month")


@FACTS
@dataclass(frozen=True)
class ElectricityOfMonth(Fact):
    """The energy of all accounts of an enterprise in the newest month that the list has of it."""

    code: ClassVar[str] = "electricity_of_month"
    title: ClassVar[Text] = Text("最近一月用电量", "Electricity of the newest month")
    source: ClassVar[Source] = Source(
        "清源",
        Text("部门数据", "records of departments"),
        note=Text("供电公司用电量清单", "data list “electricity” of the power grid"),
    )
    validity: ClassVar[Text] = Text(
        "只计匹配到企业的用电户；自备电厂和转供电不在其中。",
        "Only accounts that were matched to the enterprise; own power plants and power passed on are not in it.",
    )
    unit: ClassVar[str] = "kWh"

    def measure(self, asked: Asked) -> dict[int, Told]:
        """The sum of its accounts."""
        held, links, day = held_in(asked, LIST, COLUMN), links_to(asked, LIST, TITLE), day_of(asked)
        told = {}
        for one in asked.enterprises:
            months = {month: energy for month, energy in by_month(held.get(one, [])).items() if month <= day}
            if not months:
                told[one] = unknown(TITLE)
                continue
            newest = max(months)
            words = Text(
                f"{newest:%Y-%m} 用电 {months[newest]:,.0f} kWh", f"{months[newest]:,.0f} kWh in {newest:%Y-%m}"
            )
            told[one] = Told(months[newest], words, links.get(one, ()))
        return told
