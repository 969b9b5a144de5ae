"""The transmission rate of an enterprise's outlets."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.judging.fact import FACTS
from qingyuan.judging.facts._deliveries import RateOfDelivery
from qingyuan_science.plugins import Source, Text
from qingyuan_science.series import Delivery


@FACTS
@dataclass(frozen=True)
class TransmissionRate(RateOfDelivery):
    """Hour means received of those that were due."""

    code: ClassVar[str] = "transmission_rate"
    title: ClassVar[Text] = Text("传输率", "Transmission rate")
    source: ClassVar[Source] = Source("污染物排放自动监测设备标记规则", "2022")
    came: ClassVar[Text] = Text("收到", "came")

    def counted(self, delivery: Delivery) -> int:
        """Those that came."""
        return delivery.received
