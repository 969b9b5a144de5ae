"""Hours over the limit."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.judging.fact import FACTS
from qingyuan.judging.facts._limits import TimesOverLimit
from qingyuan_science.plugins import Text


@FACTS
@dataclass(frozen=True)
class HoursOverLimit(TimesOverLimit):
    """Hours of which at least one valid mean lay beyond its limit; an hour counts once for all outlets and factors."""

    code: ClassVar[str] = "hours_over_limit"
    title: ClassVar[Text] = Text("超标小时数", "Hours over the limit")
    validity: ClassVar[Text] = Text(
        "限值按日均值判定的因子，小时超标只是预警。",
        "Where the limit is one for day means, an hour over it is a warning only.",
    )
    each: ClassVar[Text] = Text("个小时", "hours")
    unit: ClassVar[str] = "h"
