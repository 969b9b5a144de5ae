"""Hours of a stack over its limit while the air stood still."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from qingyuan.judging.fact import FACTS, Asked, Told
from qingyuan.judging.facts._ambient import Floats, ambient_stations, enterprises_asked, nearest, on_hours
from qingyuan.judging.facts._limits import NONE_JUDGED, Judged, OfLimits, judged
from qingyuan.judging.facts._readings import HOUR, HOURS, distinct, link_to, series_of
from qingyuan.places.queries import Station, StationKind
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import microseconds
from qingyuan_science.standards.factors import WIND_SPEED

NO_WIND = Text("15 km 内没有测风速的空气站", "no ambient station within 15 km measures the wind")


@FACTS
@dataclass(frozen=True)
class HoursOverInStillAir(OfLimits):
    """Hours in which a stack was over its limit while the wind at the nearest station was weak.

    An hour counts once for all stacks and factors.
    """

    code: ClassVar[str] = "hours_over_in_still_air"
    title: ClassVar[Text] = Text("静风时废气超标小时数", "Hours of stacks over the limit in still air")
    source: ClassVar[Source] = Source(
        "清源", Text("平台自定", "own figure"), note=Text("静风不利于扩散", "still air disperses least")
    )
    validity: ClassVar[Text] = Text(
        "风速取 15 km 内最近空气站，企业处可能不同。",
        "The wind is that of the nearest ambient station within 15 km; at the enterprise it may differ.",
    )
    unit: ClassVar[str] = "h"

    most_wind: float = parameter(1.5, "m/s", 0.2, 5.0, title=Text("风速低于", "The wind is below"))

    def over(self, asked: Asked) -> dict[int, Told]:
        """Count them."""
        found, owners, stations = judged(asked, HOURS), enterprises_asked(asked), ambient_stations(asked)
        near = {one: nearest(owners[one], stations, WIND_SPEED) for one in asked.enterprises}
        series = series_of(asked, [at.channels[WIND_SPEED] for at in near.values() if at is not None])
        told = {}
        for one in asked.enterprises:
            at = near[one]
            rows = [row for row in found[one] if row.channel.station.kind == StationKind.OUTLET_GAS]
            if at is None or not rows:
                told[one] = Told(None, NO_WIND if at is None else NONE_JUDGED)
            else:
                wind = on_hours(asked, series[at.channels[WIND_SPEED].pk], "m/s")
                told[one] = self._told(asked, rows, wind, at.station)
        return told

    def _told(self, asked: Asked, rows: Sequence[Judged], wind: Floats, place: Station) -> Told:
        still = np.flatnonzero(wind < self.most_wind) * HOUR + microseconds(asked.start)
        parts = [(row, np.intersect1d(row.series.at[row.beyond], still)) for row in rows]
        over, count = distinct(row.series.at[row.beyond] for row in rows), distinct(part for _row, part in parts)
        worst = sorted((one for one in parts if one[1].size), key=lambda one: -one[1].size)
        words = asked.words
        sentence = Text(
            f"{words.zh}废气超标 {over} 个小时，其中 {count} 个小时{place.title_zh}风速低于 {self.most_wind:g} m/s",
            f"{over} hours of stacks over the limit {words.en}, in {count} of them the wind at {place.title_en} was "
            f"below {self.most_wind:g} m/s",
        )
        return Told(float(count), sentence, tuple(link_to(row.channel, asked) for row, _part in worst[:5]))
