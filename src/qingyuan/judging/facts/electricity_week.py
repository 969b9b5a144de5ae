"""How much more or less electricity an enterprise drew in the last week than usual, by its meters day by day."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import ClassVar

from qingyuan.judging.fact import FACTS, Asked, Fact, Told
from qingyuan.judging.facts._records import day_of, links_to, unknown
from qingyuan.sensing.queries.journals import sums_of_days
from qingyuan_science.plugins import Source, Text, parameter

LIST, COLUMN = "electricity_days", "energy"
TITLE = Text("用电量（按日）", "Electricity by meter and day")
DAYS = 7


@FACTS
@dataclass(frozen=True)
class ElectricityWeek(Fact):
    """The mean of the last seven days of the list against the median of the days before them."""

    code: ClassVar[str] = "electricity_week"
    title: ClassVar[Text] = Text("近七日用电量变化", "Change of the electricity of seven days")
    source: ClassVar[Source] = Source("Qingyuan", "records", note="data list in bulk “electricity_days” of the grid")
    validity: ClassVar[Text] = Text(
        "只计匹配到企业的电表；节假日、检修也会改变用电量。没有记录的日子按无数据计，不按零计。",
        "Only meters matched to the enterprise; holidays and maintenance change it too. A day without a row counts as"
        " unknown, not as nought.",
    )
    unit: ClassVar[str] = "%"
    before: int = parameter(
        28, "1", 7, 366, title=Text("与之前若干日的中位数相比", "Days before whose median it is held against")
    )

    def measure(self, asked: Asked) -> dict[int, Told]:
        """Per cent of the median; below nought where it drew less."""
        held, links, end = self._days(asked), links_to(asked, LIST, TITLE), day_of(asked)
        told = {}
        for one in asked.enterprises:
            days = held.get(one, {})
            last = max(days, default=end)
            week = [energy for day, energy in days.items() if day > last - timedelta(days=DAYS)]
            usual = median([energy for day, energy in days.items() if day <= last - timedelta(days=DAYS)] or [0.0])
            if usual <= 0:
                told[one] = unknown(TITLE)
                continue
            mean = sum(week) / len(week)
            change = 100 * (mean / usual - 1)
            words = Text(
                f"截至 {last} 的近七日日均用电 {mean:,.0f} kWh，为之前 {self.before} 日内中位数的 {100 + change:.0f}%",
                f"{mean:,.0f} kWh a day in the seven days to {last}, {100 + change:.0f}% of the median of the"
                f" {self.before} days before",
            )
            told[one] = Told(change, words, links.get(one, ()))
        return told

    def _days(self, asked: Asked) -> dict[int, dict[date, float]]:
        """The energy of each enterprise and day; one scan of the days that matter."""

        def fetch() -> dict[int, dict[date, float]]:
            end = day_of(asked)
            first = end - timedelta(days=self.before + 2 * DAYS)
            found: dict[int, dict[date, float]] = defaultdict(dict)
            for firm, day, energy, _rows in sums_of_days(LIST, asked.enterprises, COLUMN, (first, end)):
                found[firm][day] = energy
            return found

        return asked.once(("journal", LIST, COLUMN, self.before, asked.enterprises), fetch)
