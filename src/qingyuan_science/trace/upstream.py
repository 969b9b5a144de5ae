"""Upstream: the sources above a station, by what monitors showed while their water passed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.trace import TRACERS, Candidate, Evidence, WorkedTrace
from qingyuan_science.trace._examples import above_a_section, nothing_watched
from qingyuan_science.trace._terms import Looking, passed
from qingyuan_science.trace._weighing import Found, Weighing


@TRACERS
@dataclass(frozen=True)
class Upstream(Weighing):
    """Rank the sources above a station along the reaches.

    Notes
    -----
    A monitor is looked at in the time in which the water passed it, and ranked among all stretches of that length in
    the days before. A section speaks for every source whose water passes it; a source that is not registered may sit
    above any set of sections, or right above the place.
    """

    code: ClassVar[str] = "upstream"
    along: ClassVar[str] = "water"
    title: ClassVar[Text] = Text("沿河溯源", "Upstream along the reaches")
    source: ClassVar[Source] = Source("Sellke, Bayarri & Berger 2001, Am. Stat. 55", "p. 62")
    validity: ClassVar[Text] = Text(
        "一次升高只有一个来源，河段和传播时间已知；面源、降雨和底泥释放不在其中，旁路排放在自身监控上看不到。",
        "One source a rise, with known reaches and travel times. It knows no run-off, rain or sediment; what by-passes "
        "a source's own monitor does not show there.",
    )
    examples: ClassVar[tuple[WorkedTrace, ...]] = (
        WorkedTrace(
            Text(
                "断面以上有两厂，电镀厂先升高，随后断面升高，再到本站；断面以下有养殖场",
                "two works above a section and a farm below it: the plating works rose first, then the section, then "
                "the station",
            ),
            (
                Text(
                    "三岔口断面氨氮在 2026-11-22 12:00 至 11-22 16:00 高于平常，最可能来自电镀厂（概率 97%）；"
                    "最有力的依据：电镀厂总排口在污染物经过的时段（2026-11-22 06:00 至 11-22 14:00）最高比平常高 33.3 "
                    "mg/L，此前 713 个同长时段中有 0 个达到（p = 0.0014）；"
                    "最有力的反证：该时段没有发现治理停运、数据可疑等情况（此前有此类情况的日子占 0%）；"
                    "此为线索，需现场核实",
                    "Ammonia nitrogen at Three Forks section was above what is usual from 2026-11-22 12:00 to 11-22 "
                    "16:00, most probably from the plating works (97%); the strongest reason for it: its main outlet "
                    "rose to 33.3 mg/L above what is usual when it passed (2026-11-22 06:00 to 11-22 14:00), which "
                    "none of 713 stretches of that length before reached (p = 0.0014); the strongest against it: "
                    "nothing was found in that time that hides or explains a discharge (on 0% of the days before); "
                    "this is a lead to be checked on site",
                ),
            ),
            above_a_section, ("plating", "dyeing", "farm"), True,
        ),
        WorkedTrace(
            Text(
                "同样的升高，三个来源都没有任何数据",
                "the same rise, and nothing known of three sources but that their water comes here",
            ),
            (
                Text(
                    "三岔口断面氨氮在 2026-11-22 12:00 至 11-22 16:00 高于平常，不能判断来源："
                    "没有任何数据能区分各污染源",
                    "Ammonia nitrogen at Three Forks section was above what is usual from 2026-11-22 12:00 to 11-22 "
                    "16:00; the source cannot be told: nothing that is known tells the sources apart",
                ),
            ),
            nothing_watched, ("dyeing", "farm", "plating"), False,
        ),
    )  # fmt: skip

    section_shape: float = parameter(
        0.08, "1", 0.02, 1.0,
        title=Text("途中断面 p 值的 Beta 形状（越小越可信）", "beta shape of p of sections (smaller is surer)"),
    )  # fmt: skip

    def on_the_way(
        self, looking: Looking, candidate: Candidate, candidates: Sequence[Candidate]
    ) -> tuple[Evidence, ...]:
        """Say what the sections on its way showed."""
        return passed(looking, candidate, self.section_shape)

    def unregistered(self, candidates: Sequence[Candidate], evidence: Found) -> float:
        """Take the mean over where it may sit: above each set of sections that somebody passes, or above none."""
        ways = {frozenset[str](): 0.0}
        for one in candidates:
            way = frozenset(sight.code for sight in one.passed)
            ways[way] = sum(found.log_likelihood for found in evidence[one.code] if found.code == "passed")
        most = max(ways.values())
        return most + math.log(sum(math.exp(one - most) for one in ways.values()) / len(ways))
