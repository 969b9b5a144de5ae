"""Share of days over the limit."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.judging.fact import FACTS
from qingyuan.judging.facts._readings import DAYS
from qingyuan.judging.facts.share_over_limit import ShareOverLimit
from qingyuan_science.plugins import Text


@FACTS
@dataclass(frozen=True)
class ShareOfDaysOverLimit(ShareOverLimit):
    """Of the judged days of a channel, the share whose mean lay beyond its limit; the greatest share counts."""

    code: ClassVar[str] = "share_of_days_over_limit"
    title: ClassVar[Text] = Text("超标天数占比", "Share of days over the limit")
    validity: ClassVar[Text] = Text(
        "只看已经结束并有日均值的日子。", "Only days that are over and have a day mean are looked at."
    )
    each: ClassVar[Text] = Text("日均值", "day means")

    @staticmethod
    def kinds() -> str:
        """Day means, sent or computed."""
        return DAYS
