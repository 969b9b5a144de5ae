"""Hours in which an ambient station stood out while the wind came from the enterprise."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from qingyuan.judging.fact import FACTS, Asked, Link, OverDays, Told
from qingyuan.judging.facts._ambient import (
    AmbientStation,
    Floats,
    Wind,
    ambient_stations,
    beside_others,
    enterprises_asked,
    winds,
)
from qingyuan.judging.facts._readings import words_of
from qingyuan.places.geometry import distance
from qingyuan.places.queries import Enterprise
from qingyuan_science.plugins import Source, Text, parameter

NEAR_KM = 30.0  # how far the other stations may be away that a station is held against, as for neighbours of detectors
NO_STATION = Text(
    "周边没有既测该因子又有风向风速、且有两个对照站的空气站",
    "no ambient station around with this factor, wind, and two others to be held against",
)


@dataclass(frozen=True)
class _Seen:
    """One station: hours with wind from the enterprise, those of them that stood out, and the share of the others."""

    at: AmbientStation
    km: float
    windward: int
    high: int
    otherwise: float


@FACTS
@dataclass(frozen=True)
class HoursDownwindHigh(OverDays):
    """Hours in which an ambient station stood out among those around while the wind came from the enterprise.

    A station stands out where its value is so many times the median of the others within 30 km. The wind is the
    station's own, or that of the nearest station that measures it. The station with the most such hours counts.
    """

    code: ClassVar[str] = "hours_downwind_high"
    title: ClassVar[Text] = Text("下风向空气站偏高小时数", "Hours with a downwind station standing out")
    source: ClassVar[Source] = Source(
        "清源",
        Text("平台自定", "own figure"),
        note=Text("参见条件概率函数，Ashbaugh 等 1985", "cf. conditional probability function, Ashbaugh et al. 1985"),
    )
    validity: ClassVar[Text] = Text(
        "同一方向上的其他污染源、道路、地形和逆温也会如此；须与风向不来自该企业时的偏高比例对照。静风小时不计。",
        "Other sources, roads, terrain and inversions on the same side do this too: compare with the share of high "
        "hours when the wind came from elsewhere. Hours of still air do not count.",
    )
    unit: ClassVar[str] = "h"
    by_factor: ClassVar[bool] = True
    needs_factor: ClassVar[bool] = True

    within_km: int = parameter(5, "km", 1, 30, title=Text("空气站距企业不超过", "The station is at most so far away"))
    half_angle: int = parameter(30, "°", 5, 90, title=Text("风向偏差不超过", "The wind deviates at most by"))
    least_wind: float = parameter(1.0, "m/s", 0.5, 10.0, title=Text("风速不低于", "The wind is at least"))
    times: float = parameter(1.3, "1", 1.05, 5.0, title=Text("为其他站中位值的倍数", "Times the median of the others"))

    def over(self, asked: Asked) -> dict[int, Told]:
        """The hours of the station with the most of them."""
        beside = beside_others(asked, asked.factor, NEAR_KM) if ambient_stations(asked) else {}
        usable = [(one, ratio) for one, ratio in beside.values() if np.isfinite(ratio).any()]
        wind = winds(asked, [one for one, _ratio in usable])
        owners = enterprises_asked(asked)
        return {one: self._told(asked, owners[one], usable, wind) for one in asked.enterprises}

    def _told(
        self, asked: Asked, owner: Enterprise, usable: list[tuple[AmbientStation, Floats]], wind: dict[int, Wind]
    ) -> Told:
        seen = []
        for one, ratio in usable:
            km, bearing = distance(one.station, owner)
            if one.station.pk in wind and 0.0 < km <= self.within_km:
                seen.append(self._seen(one, km, ratio, self._from(wind[one.station.pk], bearing)))
        known = [one for one in seen if one.windward]
        if not seen:
            return Told(None, NO_STATION)
        if not known:
            return Told(
                0.0, Text(f"{asked.words.zh}没有来自该企业方向的风", f"no wind came from there {asked.words.en}")
            )
        known.sort(key=lambda one: (-one.high, one.km, one.at.station.code))
        links = tuple(Link.to_station(one.at.station, asked, asked.factor) for one in known[:5] if one.high)
        return Told(float(known[0].high), _sentence(asked, known[0]), links)

    def _from(self, wind: Wind, bearing: float) -> Floats:
        """1 for hours in which the wind came from a bearing, 0 from elsewhere; NaN where the air was still."""
        apart = np.abs((wind.from_deg - bearing + 180.0) % 360.0 - 180.0)
        known = np.isfinite(apart) & (wind.speed >= self.least_wind)
        return np.where(known, (apart <= self.half_angle).astype(float), np.nan)

    def _seen(self, one: AmbientStation, km: float, ratio: Floats, windward: Floats) -> _Seen:
        known, high = np.isfinite(ratio), ratio >= self.times
        here, there = known & (windward == 1.0), known & (windward == 0.0)
        share = float(high[there].mean()) if there.any() else np.nan
        return _Seen(one, km, int(here.sum()), int((here & high).sum()), share)


def _sentence(asked: Asked, one: _Seen) -> Text:
    words = words_of(one.at.channels[asked.factor])
    elsewhere = Text("", "")
    if np.isfinite(one.otherwise):
        elsewhere = Text(f"，其他风向时为 {one.otherwise:.0%}", f"; {one.otherwise:.0%} when it came from elsewhere")
    share = one.high / one.windward
    return Text(
        f"{asked.words.zh}风从该企业吹向 {one.km:.1f} km 外的{words.zh} {one.windward} 个小时，"
        f"其中 {one.high} 个小时高于周边站（{share:.0%}{elsewhere.zh}）",
        f"{asked.words.en} the wind blew from the enterprise towards {words.en}, {one.km:.1f} km away, for "
        f"{one.windward} hours; in {one.high} of them it stood out among the stations around "
        f"({share:.0%}{elsewhere.en})",
    )
