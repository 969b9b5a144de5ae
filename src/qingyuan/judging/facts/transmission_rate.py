"""The transmission rate of an enterprise's outlets."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.judging.fact import FACTS, Asked
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

    def share(self, delivery: Delivery) -> float | None:
        """Received of due."""
        return delivery.transmission

    def words(self, asked: Asked, whole: Delivery) -> Text:
        """The rate with its numbers."""
        rate, window = 100.0 * (whole.transmission or 0.0), asked.words
        return Text(
            f"{window.zh}应传 {whole.due} 个小时值,收到 {whole.received} 个,传输率 {rate:.1f}%",
            f"{whole.received} of {whole.due} hour means due {window.en} came, {rate:.1f}%",
        )
