"""The effective transmission rate of an enterprise's outlets."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.judging.fact import FACTS
from qingyuan.judging.facts._deliveries import RateOfDelivery
from qingyuan_science.plugins import Source, Text
from qingyuan_science.series import Delivery


@FACTS
@dataclass(frozen=True)
class EffectiveRate(RateOfDelivery):
    """Transmission times validity: hour means that came and are valid, of those that were due."""

    code: ClassVar[str] = "effective_rate"
    title: ClassVar[Text] = Text("传输有效率", "Effective transmission rate")
    source: ClassVar[Source] = Source("污染物排放自动监测设备标记规则", "2022")
    came: ClassVar[Text] = Text("有效", "came and are valid")

    def counted(self, delivery: Delivery) -> int:
        """Those that are valid."""
        return delivery.valid
