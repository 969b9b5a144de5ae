"""What is true: who discharged what, where and when, what it does downstream, and when devices are silent or serviced.

Time is divided into slots of three hours. Each slot has one episode, drawn from (seed, slot): any process at any time
works out the same schedule, without a memory. Even slots take stations of even number, odd slots those of odd number;
since no episode is longer than three hours, two can never meet at one station.

One more episode, the opening, belongs to the world's first start: it begins about two and a half hours before, so that
a platform which is started then has hour means above a limit to find at once. For a day before it nothing else happens
at its station.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np
from shapely import Point

from qingyuan_science.standards.factors import AMMONIA_NITROGEN, TOTAL_NITROGEN
from qingyuan_science.worlds.scene.channels import AMBIENT_AIR, FLOW, OUTLET_GAS, OUTLET_WATER, SURFACE_WATER, profile
from qingyuan_science.worlds.scene.district import District
from qingyuan_science.worlds.scene.stations import Station
from qingyuan_science.worlds.signals import noise
from qingyuan_science.worlds.signals.noise import Floats, Seconds
from qingyuan_science.worlds.signals.ordinary import CHINA, DAY, HOUR

SLOT = 3 * HOUR
LONGEST = 3 * HOUR
_RAMP = 600
_OPENING_STATION, _OPENING_FACTOR, _OPENING_MULTIPLIER = "QJ-W03", "w01018", 1.9
_OPENING_BEFORE, _OPENING_AFTER = 9_000, 6_000
_LOST_SHARE = 0.06
_DOWNSTREAM = {
    "w01018": ("w01019", 0.3),
    "w21003": ("w21003", 1.0),
    "w21011": ("w21011", 1.0),
    "w21001": ("w21001", 1.0),
}
"""Which factor of a river shows what an outlet sends, and how much: the permanganate index sees part of the COD."""


@dataclass(frozen=True)
class Episode:
    """One exceedance with a known cause.

    Parameters
    ----------
    start, end : datetime
        UTC; the first and the last ten minutes rise and fall.
    source : str or None
        Credit code of the enterprise that caused it; None where nobody in particular did.
    station : str
        Code of the station at which it exceeds.
    factors : tuple of str
        What exceeds.
    multiplier : float
        Height, as a multiple of the limit; of earthwork, which no limit binds, of the ordinary level. [1]
    kind : str
        "overload", "aeration-failure", "dosing-failure", "desulphurisation-failure", "denitrification-failure",
        "filter-damage", "hidden-discharge" (the enterprise's own outlet shows nothing), "photochemical" or "earthwork"
        (no source).
    """

    start: datetime
    end: datetime
    source: str | None
    station: str
    factors: tuple[str, ...]
    multiplier: float
    kind: str


@dataclass(frozen=True)
class Exposure:
    """What an episode adds to one factor at one station: at its own, or further down the river later and thinner.

    Parameters
    ----------
    station, factor : str
    start, end : datetime
        UTC; outside, nothing is added.
    ramp : float
        How long it rises and falls. [s]
    rise : float
        What it adds at its height. [unit of the factor]
    episode : Episode
    """

    station: str
    factor: str
    start: datetime
    end: datetime
    ramp: float
    rise: float
    episode: Episode

    def added(self, seconds: Seconds) -> Floats:
        """Give what is added at some times.

        Parameters
        ----------
        seconds : int64 array, shape (n,)
            Times since 1970-01-01 UTC. [s]

        Returns
        -------
        float array, shape (n,)
            [unit of the factor]
        """
        since, left = seconds - self.start.timestamp(), self.end.timestamp() - seconds
        return np.asarray(self.rise * np.clip(np.minimum(since, left) / self.ramp, 0.0, 1.0))


@dataclass(frozen=True)
class Interruption:
    """An hour in which a station tells nothing about the environment.

    Parameters
    ----------
    start, end : datetime
        UTC, a whole clock hour.
    station : str
    kind : str
        "maintenance" (values of check standards, flag M) or "lost" (nothing is ever sent).
    """

    start: datetime
    end: datetime
    station: str
    kind: str


@dataclass(frozen=True)
class Candidate:
    """An episode that may happen.

    Parameters
    ----------
    station : Station
    factors : tuple of str
    kind : str
    source : str or None
    """

    station: Station
    factors: tuple[str, ...]
    kind: str
    source: str | None


@dataclass(frozen=True)
class Reach:
    """How what flows past one place arrives at a station further down.

    Parameters
    ----------
    station : str
        Code of the station further down.
    delay : float
        Time of travel. [s]
    share : float
        What is left of a concentration after mixing. [1]
    """

    station: str
    delay: float
    share: float


Heights = dict[tuple[str, str], tuple[float, float]]
"""Limit and ordinary level of each factor at each station that an episode may lift."""


class Schedule:
    """The truth of one world.

    Parameters
    ----------
    seed : int
    epoch : datetime
        First start of the world.
    stations : tuple of Station
    district : District
    heights : dict of (station, factor) to (limit, level)
        For every factor with an upper limit. [unit]
    sources : dict of str to str
        For each river station with a hidden discharger, the discharger's credit code.
    """

    def __init__(
        self,
        seed: int,
        epoch: datetime,
        *,
        stations: tuple[Station, ...],
        district: District,
        heights: Heights,
        sources: dict[str, str],
    ) -> None:
        self._seed = seed
        self._stations = {station.code: station for station in stations}
        self._heights = heights
        self._candidates = tuple(_candidates(stations, heights, sources))
        self._reaches = {station.code: tuple(_reaches(station, stations, district)) for station in stations}
        delays = [reach.delay for reaches in self._reaches.values() for reach in reaches]
        self._memory = int(1.3 * max(delays, default=0)) + 2 * LONGEST
        self.opening = self._opening(int(epoch.timestamp()))
        self._slot = lru_cache(maxsize=4096)(self._drawn)

    def episodes(self, start: datetime, end: datetime) -> tuple[Episode, ...]:
        """List the episodes that touch a span.

        Parameters
        ----------
        start, end : datetime
            Aware.

        Returns
        -------
        tuple of Episode
            In order of their starts.
        """
        first, last = int((start.timestamp() - LONGEST) // SLOT), int((end.timestamp() + LONGEST) // SLOT)
        found = [episode for slot in range(first, last + 1) if (episode := self._slot(slot)) is not None]
        chosen = [episode for episode in (self.opening, *found) if episode.start < end and episode.end > start]
        return tuple(sorted(chosen, key=lambda episode: (episode.start, episode.station)))

    def exposures(self, station: str, start: datetime, end: datetime) -> tuple[Exposure, ...]:
        """List what episodes, near or upstream, add at a station in a span.

        Parameters
        ----------
        station : str
            Code.
        start, end : datetime
            Aware.

        Returns
        -------
        tuple of Exposure
            In order of their starts.
        """
        early = datetime.fromtimestamp(start.timestamp() - self._memory, UTC)
        every = (exposure for episode in self.episodes(early, end) for exposure in self._effects(episode))
        chosen = [one for one in every if one.station == station and one.start < end and one.end > start]
        return tuple(sorted(chosen, key=lambda one: (one.start, one.factor)))

    def interruptions(self, start: datetime, end: datetime) -> tuple[Interruption, ...]:
        """List the hours of maintenance and of loss that touch a span.

        Parameters
        ----------
        start, end : datetime
            Aware.

        Returns
        -------
        tuple of Interruption
            In order of their starts.
        """
        first, last = (int((at.timestamp() + CHINA) // DAY) for at in (start, end))
        found = [one for day in range(first, last + 1) for one in self._interruptions_of(day)]
        chosen = [one for one in found if one.start < end and one.end > start]
        return tuple(sorted(chosen, key=lambda one: (one.start, one.station, one.kind)))

    def _opening(self, epoch: int) -> Episode:
        station = self._stations[_OPENING_STATION]
        start = (epoch - _OPENING_BEFORE) // 60 * 60
        return Episode(
            _moment(start), _moment(epoch + _OPENING_AFTER), station.owner, station.code, (_OPENING_FACTOR,),
            _OPENING_MULTIPLIER, "overload",
        )  # fmt: skip

    def _drawn(self, slot: int) -> Episode | None:
        """The episode of a slot; None where it would meet the opening."""

        def draw(what: str) -> float:
            return noise.fraction(self._seed, "episode", slot, what)

        hour = slot * SLOT + HOUR * int(2 * draw("hour"))
        start = hour - 300 - int(1200 * draw("lead"))
        end = hour + HOUR * (1 + int(2 * draw("length"))) + 300 + int(1200 * draw("tail"))
        afternoon = 12 <= (hour + CHINA) % DAY // HOUR <= 15
        of_air = afternoon and draw("air") < 0.3
        candidates = [one for one in self._candidates if self._may(one, slot, of_air)]
        chosen = candidates[int(len(candidates) * draw("which"))]
        multiplier = round(1.4 + 1.5 * draw("multiplier") ** 2, 2)
        episode = Episode(
            _moment(start), _moment(end), chosen.source, chosen.station.code, chosen.factors, multiplier, chosen.kind
        )
        return None if self._meets_opening(episode) else episode

    @staticmethod
    def _may(candidate: Candidate, slot: int, of_air: bool) -> bool:
        if of_air:
            return candidate.kind == "photochemical"
        return candidate.kind != "photochemical" and candidate.station.number % 2 == slot % 2

    def _meets_opening(self, episode: Episode) -> bool:
        """Whether an episode would blur the opening: at its station, less than a day before or an hour after it."""
        opening = self.opening
        return (
            episode.station == opening.station
            and episode.start.timestamp() < opening.end.timestamp() + HOUR
            and episode.end.timestamp() > opening.start.timestamp() - DAY
        )

    def _effects(self, episode: Episode) -> Iterator[Exposure]:
        in_river = self._stations[episode.station].kind == SURFACE_WATER
        for factor, rise in self._rises(episode).items():
            yield Exposure(episode.station, factor, episode.start, episode.end, _RAMP, rise, episode)
            if factor not in _DOWNSTREAM:
                continue
            seen, part = (factor, 1.0) if in_river else _DOWNSTREAM[factor]
            for reach in self._reaches[episode.station]:
                yield _arrival(episode, reach, seen, rise * part * reach.share)

    def _rises(self, episode: Episode) -> dict[str, float]:
        """What the episode adds to each factor; ammonia is part of total nitrogen, which rises with it."""
        heights = {factor: self._heights[episode.station, factor] for factor in episode.factors}
        rises = {factor: episode.multiplier * limit - level for factor, (limit, level) in heights.items()}
        if AMMONIA_NITROGEN in rises:
            rises.setdefault(TOTAL_NITROGEN, rises[AMMONIA_NITROGEN])
        return rises

    def _interruptions_of(self, day: int) -> Iterator[Interruption]:
        midnight = day * DAY - CHINA
        stations = tuple(self._stations.values())
        serviced = stations[noise.choose(len(stations), self._seed, "maintenance", day)]
        hour = 9 + noise.choose(7, self._seed, "maintenance hour", day)
        service = Interruption(
            _moment(midnight + hour * HOUR), _moment(midnight + (hour + 1) * HOUR), serviced.code, "maintenance"
        )
        planned = [service]
        for station in stations:
            if noise.fraction(self._seed, "lost", station.code, day) < _LOST_SHARE and station is not serviced:
                start = midnight + noise.choose(24, self._seed, "lost hour", station.code, day) * HOUR
                planned.append(Interruption(_moment(start), _moment(start + HOUR), station.code, "lost"))
        for one in planned:
            if not any(episode.station == one.station for episode in self.episodes(one.start, one.end)):
                yield one


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _arrival(episode: Episode, reach: Reach, factor: str, rise: float) -> Exposure:
    """What is left of an episode further down: later, thinner, and drawn out by dispersion."""
    spread = 0.15 * reach.delay + _RAMP
    start = _moment(int(episode.start.timestamp() + reach.delay - spread / 2))
    end = _moment(int(episode.end.timestamp() + reach.delay + spread / 2))
    return Exposure(reach.station, factor, start, end, spread, rise, episode)


_WATER_KINDS = ((("w01018",), "overload"), (("w21003", "w21001"), "aeration-failure"), (("w21011",), "dosing-failure"))
_GAS_KINDS = (
    (("a21026",), "desulphurisation-failure"),
    (("a21002",), "denitrification-failure"),
    (("a34013",), "filter-damage"),
)


def _candidates(stations: tuple[Station, ...], heights: Heights, sources: dict[str, str]) -> Iterator[Candidate]:
    for station in stations:
        for factors, kind in {OUTLET_WATER: _WATER_KINDS, OUTLET_GAS: _GAS_KINDS}.get(station.kind, ()):
            limited = tuple(factor for factor in factors if (station.code, factor) in heights)
            if limited and limited[0] == factors[0]:
                yield Candidate(station, limited, kind, station.owner)
        if station.code in sources:
            yield Candidate(station, ("w21003", "w21011"), "hidden-discharge", sources[station.code])
        if station.kind == AMBIENT_AIR:
            yield Candidate(station, ("a05024",), "photochemical", None)


def _reaches(station: Station, stations: tuple[Station, ...], district: District) -> Iterator[Reach]:
    """The river stations below a station, by travel time and mixing."""
    if station.watercourse is None:
        return
    carried = _flow(station, district)
    for other in stations:
        delay = travel_time(station, other, district) if other.kind == SURFACE_WATER else None
        if delay is not None:
            yield Reach(other.code, delay, min(1.0, carried / _flow(other, district)))


def _flow(station: Station, district: District) -> float:
    """Mean discharge at a station. [m3/s]"""
    if station.kind == OUTLET_WATER:
        return profile(OUTLET_WATER, FLOW[OUTLET_WATER]).level * station.flow_scale / 1000
    return district.watercourse(station.watercourse or "").flow


def travel_time(station: Station, other: Station, district: District) -> float | None:
    """Tell how long water takes from one station to another.

    Parameters
    ----------
    station, other : Station
        The upper and the lower one.
    district : District

    Returns
    -------
    float or None
        None where it does not get there. [s]
    """
    own, course = district.watercourse(station.watercourse or ""), district.watercourse(other.watercourse or "")
    if course is own:
        return (other.chainage - station.chainage) * 1000 / own.speed if other.chainage > station.chainage else None
    mouth = float(course.course.project(Point(own.course.coords[-1])))
    if course.code != own.into or other.chainage <= mouth:
        return None
    return ((own.length - station.chainage) / own.speed + (other.chainage - mouth) / course.speed) * 1000
