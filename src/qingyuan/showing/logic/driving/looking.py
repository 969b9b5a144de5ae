"""A drive as somebody looks at it: one factor, one response delay, and what follows from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput
from qingyuan.people.queries import User
from qingyuan.recording.queries import Drive, Driven, driven, measured_on
from qingyuan.sensing.queries import Channel
from qingyuan.showing.logic.driving.classes import Classes
from qingyuan.showing.logic.driving.winds import Beside, Spot, Wind, Winds
from qingyuan.showing.logic.factors import Measured, measured
from qingyuan_science.mobile import Peak, Peaks, Placed, Stop, mean_along, peaks, placed
from qingyuan_science.series import Series

LONGEST_DELAY_S = 600.0
MOST_PEAKS = 20
FIRST = ("a34004", "a24088", "a99054", "a34002")  # what a drive is looked at for, unless said otherwise


@dataclass(frozen=True)
class PeakSeen:
    """A peak with its number on the page, the wind then, and who lies upwind."""

    number: int
    peak: Peak
    wind: Wind | None
    upwind: list[Beside]

    @property
    def key(self) -> str:
        return str(self.peak.at)


class DriveLook:
    """A drive of the viewer's territory by one factor."""

    def __init__(self, viewer: User, drive: Drive, asked: Mapping[str, str]) -> None:
        self.viewer, self.drive = viewer, drive
        self.delay = _delay(asked.get("delay", ""))
        self._factor = asked.get("factor", "")

    @property
    def is_running(self) -> bool:
        """Whether it goes on, as far as is known."""
        return self.drive.is_running(clock.now())

    @cached_property
    def channels(self) -> list[Channel]:
        """What the monitor measures."""
        return list(measured_on(self.drive))

    @cached_property
    def channel(self) -> Channel | None:
        """What is looked at; None where nothing but positions came."""
        by_code = {one.factor: one for one in reversed(self.channels)}
        for code in (self._factor, *FIRST):
            if code in by_code:
                return by_code[code]
        return self.channels[0] if self.channels else None

    @cached_property
    def words(self) -> Measured | None:
        return measured(self.channel) if self.channel else None

    @cached_property
    def driven(self) -> Driven:
        return driven(self.viewer, self.drive)

    @cached_property
    def series(self) -> Series | None:
        return self.driven.series(self.channel, self.delay) if self.channel else None

    @cached_property
    def placed(self) -> Placed:
        """The readings where their air was drawn in."""
        nothing = Series(np.zeros(0, np.int64), np.zeros(0), np.zeros(0, "<U1"), "")
        return placed(self.series or nothing, self.driven.track, self.delay)

    @cached_property
    def classes(self) -> Classes:
        unit, decimals = (self.words.unit, self.words.decimals) if self.words else ("", 0)
        return Classes.of(self.placed.value, unit, decimals)

    @cached_property
    def stops(self) -> tuple[Stop, ...]:
        return self.driven.track.halts

    @cached_property
    def standing_out(self) -> Peaks:
        return peaks(self.placed)

    @cached_property
    def peaks(self) -> list[PeakSeen]:
        """The highest above their background, each with the wind then."""
        winds = Winds(self.viewer, self.drive.starts_at, self.drive.ends_at)
        seen = []
        for number, peak in enumerate(self.standing_out.found[:MOST_PEAKS], 1):
            spot = Spot(peak.lon, peak.lat, peak.at)
            wind = winds.at(spot)
            seen.append(PeakSeen(number, peak, wind, winds.upwind(spot, wind)))
        return seen

    @property
    def query(self) -> str:
        """What was asked, as part of an address."""
        factor = self.channel.factor if self.channel else ""
        return f"factor={factor}&delay={self.delay:g}"

    def means(self) -> dict[str, float]:
        """Mean over the way and over the readings, the middle of the background, and the largest. [unit]"""
        found = self.placed
        if not len(found):
            return dict.fromkeys(("along", "plain", "background", "largest"), float("nan"))
        return {
            "along": mean_along(found),
            "plain": float(found.value.mean()),
            "background": float(np.median(self.standing_out.background)),
            "largest": float(found.value.max()),
        }


def _delay(text: str) -> float:
    if not text:
        return 0.0
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0.0 <= found <= LONGEST_DELAY_S:
        wrong = {"found": text[:20], "most": f"{LONGEST_DELAY_S:g}"}
        raise BadInput(_("Found delay “%(found)s”, expected 0 to %(most)s seconds.") % wrong, "delay")
    return found
