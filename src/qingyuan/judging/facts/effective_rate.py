"""The effective transmission rate of an enterprise's outlets."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.judging.fact import FACTS, Asked
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

    def share(self, delivery: Delivery) -> float | None:
        """Valid of due."""
        return delivery.effective

    def words(self, asked: Asked, whole: Delivery) -> Text:
        """The rate with its numbers."""
        rate, window = 100.0 * (whole.effective or 0.0), asked.words
        return Text(
            f"{window.zh}应传 {whole.due} 个小时值,有效 {whole.valid} 个,传输有效率 {rate:.1f}%",
            f"{whole.valid} of {whole.due} hour means due {window.en} came and are valid, {rate:.1f}%",
        )
