"""The share of the flow that runs by night."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from qingyuan.judging.fact import FACTS, Asked, OverDays, Told
from qingyuan.judging.facts._readings import FLOW, channels_of, link_to, local_hours, series_of
from qingyuan.places.queries import StationKind
from qingyuan.sensing.queries import Channel
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import Series

LEAST_HOURS = 48  # our own choice: two days


@FACTS
@dataclass(frozen=True)
class NightFlowShare(OverDays):
    """Of an outlet's flow, the share that runs in the hours of the night; the outlet with the greatest share counts."""

    code: ClassVar[str] = "night_flow_share"
    title: ClassVar[Text] = Text("夜间流量占比", "Share of the flow by night")
    source: ClassVar[Source] = Source(
        "清源",
        Text("平台自定", "own figure"),
        note=Text("参见检测器“夜间异常排放”", "cf. the detector of new sources by night"),
    )
    validity: ClassVar[Text] = Text(
        "连续排放时，22 时至 6 时约占三分之一。", "A steady discharge has a third of its flow from 22 to 6 o'clock."
    )
    unit: ClassVar[str] = "%"
    decimals: ClassVar[int] = 1

    begins: int = parameter(22, "o'clock", 18, 24, title=Text("夜间开始", "The night begins"))
    ends: int = parameter(6, "o'clock", 1, 9, title=Text("夜间结束", "The night ends"))

    def over(self, asked: Asked) -> dict[int, Told]:
        """The greatest share among the outlets."""
        flows = {
            enterprise: [one for one in several if one.factor == FLOW.get(StationKind(one.station.kind))]
            for enterprise, several in channels_of(asked).items()
        }
        series = series_of(asked, [one for several in flows.values() for one in several])
        return {one: self._told(asked, flows[one], series) for one in asked.enterprises}

    def _told(self, asked: Asked, flows: list[Channel], series: dict[int, Series]) -> Told:
        shares = [(share, one) for one in flows if (share := self._share(series[one.pk])) is not None]
        if not shares:
            return Told(None, Text("没有足够的流量小时值", "too few hour means of a flow"))
        share, outlet = max(shares, key=lambda one: one[0])
        window, station = asked.words, outlet.station
        sentence = Text(
            f"{station.title_zh}{window.zh}有 {share:.1f}% 的流量在 {self.begins} 时至 {self.ends} 时",
            f"{station.title_en}: {share:.1f}% of the flow {window.en} ran from {self.begins} to {self.ends} o'clock",
        )
        return Told(share, sentence, (link_to(outlet, asked),))

    def _share(self, flow: Series) -> float | None:
        valid = flow.valid & (flow.value >= 0.0)
        total = float(flow.value[valid].sum())
        if np.count_nonzero(valid) < LEAST_HOURS or total <= 0.0:
            return None
        hours = local_hours(flow.at)
        night = valid & ((hours >= self.begins) | (hours < self.ends))
        return 100.0 * float(flow.value[night].sum()) / total
