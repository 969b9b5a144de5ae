"""Days over the limit."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.judging.fact import FACTS
from qingyuan.judging.facts._limits import TimesOverLimit
from qingyuan.judging.facts._readings import DAYS
from qingyuan_science.plugins import Text


@FACTS
@dataclass(frozen=True)
class DaysOverLimit(TimesOverLimit):
    """Days of which at least one valid day mean lay beyond its limit; a day counts once for all outlets and factors."""

    code: ClassVar[str] = "days_over_limit"
    title: ClassVar[Text] = Text("超标天数", "Days over the limit")
    validity: ClassVar[Text] = Text(
        "只看已经结束并有日均值的日子。", "Only days that are over and have a day mean are looked at."
    )
    each: ClassVar[Text] = Text("天", "days")
    unit: ClassVar[str] = "d"

    @staticmethod
    def kinds() -> str:
        """Day means, sent or computed."""
        return DAYS
