"""Upwind: the sources around an air station, by the wind of the hours in which it was above the ordinary."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.trace import TRACERS, Candidate, Evidence, WorkedTrace
from qingyuan_science.trace._examples import around_a_station, in_calm
from qingyuan_science.trace._terms import NOTHING, Looking
from qingyuan_science.trace._weighing import Found, Weighing
from qingyuan_science.trace._wind import Wind, alignment, wind_of


@TRACERS
@dataclass(frozen=True)
class Upwind(Weighing):
    """Rank the sources around an air station by bearing and distance.

    Notes
    -----
    Each hour counts by its share in what was above the ordinary. A source that is not registered may lie anywhere, so
    that wind and distance say nothing about it.
    """

    code: ClassVar[str] = "upwind"
    along: ClassVar[str] = "air"
    title: ClassVar[Text] = Text("上风向溯源", "Upwind")
    source: ClassVar[Source] = Source("Mardia & Jupp 2000, Directional Statistics", "3.5.4")
    validity: ClassVar[Text] = Text(
        "一次升高只有一个来源，风在站点与污染源之间大致相同；街谷、山谷风、静风和区域传输时不可用。",
        "One source a rise, and about the same wind between it and the station. Not in street canyons, valley winds, "
        "calm, or where a whole region is polluted.",
    )
    examples: ClassVar[tuple[WorkedTrace, ...]] = (
        WorkedTrace(
            Text(
                "东风中扬尘升高：东西各一采石场，东边稍远有锅炉房，其烟囱一如平常",
                "dust in an easterly wind: a quarry to the east, one to the west, and further east a boiler house "
                "whose stack is as ever",
            ),
            (
                Text(
                    "河畔站 PM10 在 2026-11-22 09:00 至 11-22 13:00 高于平常，最可能来自东采石场（概率 91%）；"
                    "最有力的依据：位于 95° 方位，升高期间 4 小时有风，主要来自 92°，平均 3.1 m/s，与任意方位相比为 "
                    "6.6 倍；最有力的反证：无；此为线索，需现场核实",
                    "PM10 at Riverside station was above what is usual from 2026-11-22 09:00 to 11-22 13:00, most "
                    "probably from the east quarry (91%); the strongest reason for it: it lies at 95° and the wind "
                    "came mostly from 92° at 3.1 m/s in 4 hours of the rise, 6.6 times as probable as for any "
                    "bearing; the strongest against it: none; this is a lead to be checked on site",
                ),
            ),
            around_a_station, ("east", "west", "boiler"), True,
        ),
        WorkedTrace(
            Text(
                "静风中扬尘升高，两采石场距离相同",
                "dust in calm, and two quarries at the same distance",
            ),
            (
                Text(
                    "河畔站 PM10 在 2026-11-22 09:00 至 11-22 11:00 高于平常，不能判断来源：没有任何数据能区分各污染源",
                    "PM10 at Riverside station was above what is usual from 2026-11-22 09:00 to 11-22 11:00; the "
                    "source cannot be told: nothing that is known tells the sources apart",
                ),
            ),
            in_calm, ("east", "west"), False,
        ),
    )  # fmt: skip

    wind_width: float = parameter(
        20.0, "°", 5.0, 90.0, title=Text("风向与来源方位相差的标准差", "how far wind and bearing are apart (deviation)")
    )
    light_wind: float = parameter(
        2.0, "m/s", 0.5, 5.0, title=Text("低于此风速时偏差增大", "speed below which that grows")
    )
    calm: float = parameter(0.3, "m/s", 0.1, 2.0, title=Text("静风", "calm below"))
    astray: float = parameter(
        0.05, "1", 0.01, 0.9, title=Text("风向无效的概率", "chance that the wind there says nothing of the way it came")
    )
    near_m: float = parameter(
        1000.0, "m", 100.0, 50000.0, title=Text("稀释减半的距离", "distance at which half as many are seen")
    )

    def on_the_way(
        self, looking: Looking, candidate: Candidate, candidates: Sequence[Candidate]
    ) -> tuple[Evidence, ...]:
        """Say whether the wind came from there, and whether it lies near."""
        wind = wind_of(looking.seen, self.looks_back_days, self.calm)
        return self._bearing(wind, candidate), self._distance(wind, candidate, candidates)

    def unregistered(self, candidates: Sequence[Candidate], evidence: Found) -> float:
        """It may lie anywhere: nothing is more or less probable."""
        return NOTHING

    def _bearing(self, wind: Wind, candidate: Candidate) -> Evidence:
        if candidate.bearing is None:
            return Evidence(
                "wind", Text("方位未知，风向无从比较", "its bearing is not known: the wind says nothing"), NOTHING
            )
        if not wind.speed.size:
            none = Text(
                "升高期间静风或没有风的数据，不能排除", "calm or no wind known in that time: it cannot be excluded"
            )
            return Evidence("wind", none, NOTHING)
        ratio = alignment(wind, candidate.bearing, self.wind_width, self.light_wind)
        ratio = self.astray + (1.0 - self.astray) * ratio
        mean, speed = wind.mean
        return Evidence(
            "wind",
            Text(
                f"位于 {candidate.bearing:.0f}° 方位，升高期间 {wind.speed.size} 小时有风，主要来自 {mean:.0f}°，"
                f"平均 {speed:.1f} m/s，与任意方位相比为 {ratio:.2g} 倍",
                f"it lies at {candidate.bearing:.0f}° and the wind came mostly from {mean:.0f}° at {speed:.1f} m/s in "
                f"{wind.speed.size} hours of the rise, {ratio:.2g} times as probable as for any bearing",
            ),
            math.log(ratio),
        )

    def _distance(self, wind: Wind, candidate: Candidate, candidates: Sequence[Candidate]) -> Evidence:
        known = [one.distance_m for one in candidates if one.distance_m is not None]
        if candidate.distance_m is None or not wind.speed.size:
            none = Text("距离或风速未知，无从比较", "distance or wind is not known: this says nothing")
            return Evidence("distance", none, NOTHING)
        ran = float(wind.speed.mean()) * wind.hours * 3600.0
        weight = [self._reaches(one, ran) for one in known]
        ratio = self._reaches(candidate.distance_m, ran) * len(weight) / sum(weight)
        away, run = candidate.distance_m / 1000.0, ran / 1000.0
        return Evidence(
            "distance",
            Text(
                f"相距 {away:.1f} km，升高期间风行 {run:.0f} km，与各候选平均相比为 {ratio:.2g} 倍",
                f"{away:.1f} km away, while the wind ran {run:.0f} km: {ratio:.2g} times the mean of all candidates",
            ),
            math.log(ratio),
        )

    def _reaches(self, distance_m: float, ran: float) -> float:
        """How often a discharge at a distance is seen, beside one close by: it thins, and needs wind to come."""
        return 1.0 / ((1.0 + (distance_m / self.near_m) ** 2) * (1.0 + distance_m / ran))
