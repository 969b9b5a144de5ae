"""The transmission rate of an enterprise's outlets."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.judging.fact import FACTS, Asked, Comparison, Told
from qingyuan.judging.facts._deliveries import NONE_DUE, OfDelivery, deliveries
from qingyuan.judging.facts._readings import link_to
from qingyuan_science.plugins import Source, Text
from qingyuan_science.series import together


@FACTS
@dataclass(frozen=True)
class TransmissionRate(OfDelivery):
    """Hour means received of those that were due, over all channels of the outlets together."""

    code: ClassVar[str] = "transmission_rate"
    title: ClassVar[Text] = Text("传输率", "Transmission rate")
    source: ClassVar[Source] = Source("污染物排放自动监测设备标记规则", "2022")
    validity: ClassVar[Text] = Text(
        "按时段涉及的整日统计,与“数据质量”页一致。", "Counted over whole days, as on the page Data quality."
    )
    unit: ClassVar[str] = "%"
    decimals: ClassVar[int] = 1
    usual: ClassVar[Comparison] = Comparison.AT_MOST

    def over(self, asked: Asked) -> dict[int, Told]:
        """Received of due."""
        found = {}
        for one, rows in deliveries(asked).items():
            whole = together(delivery for _channel, delivery in rows)
            if whole.transmission is None:
                found[one] = Told(None, NONE_DUE)
                continue
            rate, window = 100.0 * whole.transmission, asked.words
            worst = sorted(rows, key=lambda row: row[1].transmission if row[1].due else 2.0)[:3]
            sentence = Text(
                f"{window.zh}应传 {whole.due} 个小时值,收到 {whole.received} 个,传输率 {rate:.1f}%",
                f"{whole.received} of {whole.due} hour means due {window.en} came, {rate:.1f}%",
            )
            found[one] = Told(rate, sentence, tuple(link_to(channel, asked) for channel, _delivery in worst))
        return found
