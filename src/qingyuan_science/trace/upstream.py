"""Upstream: the sources above a station, by what monitors showed while their water passed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.trace import TRACERS, Candidate, Evidence
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
