"""Rivers with a hidden source: a random tree, pulses carried by advection and dispersion, thinned by every inflow.

Travel times on the register err by a factor for the flow of the day and one for each reach. Some sources have no
monitor, some discharges go round it, and a fifth of them come from a source that is not on the register.
"""

from dataclasses import dataclass

import numpy as np
from _traced_signals import BEFORE, HOUR, HOURS, START, Incident, disturbed, named, ordinary, rise, sent, sources

from qingyuan_science.standards import factor
from qingyuan_science.trace import Candidate, Seen, Sight

_STEP = 600.0  # s, of the routing
_PER_HOUR = round(3600.0 / _STEP)
UNIT = "mg/L"


@dataclass(frozen=True)
class River:
    """Reaches, each of which flows into the node of its number's `below`; node 0 is the place.

    Reach k begins at section k where that is a node; those beyond the sections are headwaters.
    """

    below: np.ndarray
    length: np.ndarray  # m
    speed: np.ndarray  # m/s
    spread: np.ndarray  # m2/s, dispersion
    flow: np.ndarray  # m3/s
    told: np.ndarray  # factor by which the travel time on the register errs
    sections: int

    @classmethod
    def drawn(cls, random: np.random.Generator) -> "River":
        sections = int(random.integers(3, 9))
        below = [-1, *(int(random.integers(max(0, node - 4), node)) for node in range(1, sections + 1))]
        leaves = [node for node in range(1, sections + 1) if node not in below]
        below += leaves
        size = len(below)
        flow = random.lognormal(0.7, 0.6, size)
        for reach in sorted(range(1, size), key=lambda one: -one):
            flow[below[reach]] += flow[reach]
        told = random.lognormal(0.0, 0.25) * random.lognormal(0.0, 0.2, size)
        return cls(
            np.array(below), random.uniform(1500.0, 12000.0, size), random.uniform(0.25, 0.9, size),
            random.uniform(5.0, 60.0, size), flow, told, sections,
        )  # fmt: skip

    def way(self, reach: int) -> list[int]:
        """The reaches from one down to the place."""
        found = [reach]
        while self.below[found[-1]] > 0:
            found.append(int(self.below[found[-1]]))
        return found

    def travel(self, reach: int, left: float, *, told: bool) -> float:
        """From a place on a reach, of which so much is left, to the station. [s]"""
        way = self.way(reach)
        length = np.array([left, *self.length[way[1:]]])
        times = length / self.speed[way]
        return float((times * self.told[way]).sum() if told else times.sum())


def incidents(seed: int, count: int) -> list[Incident]:
    """So many incidents, each on a river of its own."""
    random = np.random.default_rng([seed, 1])
    return [_incident(random) for _ in range(count)]


def _incident(random: np.random.Generator) -> Incident:
    while True:
        river = River.drawn(random)
        size = int(random.integers(8, 31))
        lies = random.integers(1, len(river.below), size)
        left = random.uniform(0.02, 1.0, size) * river.length[lies]
        eager = random.gamma(1.0, 1.0, size)
        place = ordinary(random, 1, random.lognormal(0.0, 0.3, 1), 0.12)[0]
        for _ in range(20):
            guilty = int(random.choice(size, p=eager / eager.sum()))
            load = _load(random)
            added = _arrived(river, load, int(lies[guilty]), float(left[guilty]))[0]
            when = rise(place, added)
            if when is not None:
                return _told(random, river, (lies, left, eager), (guilty, load, place + added, when))


def _load(random: np.random.Generator) -> np.ndarray:
    """Discharge at each step. [g/s]"""
    load = np.zeros(HOURS * _PER_HOUR)
    start = int(random.integers((BEFORE - 24) * _PER_HOUR, (HOURS - 20) * _PER_HOUR))
    lasts = int(random.integers(1 * _PER_HOUR, 9 * _PER_HOUR))
    load[start : start + lasts] = random.lognormal(2.0, 1.0) * random.uniform(0.6, 1.4, lasts)
    return load


def _arrived(river: River, load: np.ndarray, reach: int, left: float) -> dict[int, np.ndarray]:
    """What a discharge adds at each node that its water passes, in hour values. [mg/L]"""
    found = {}
    for number, one in enumerate(river.way(reach)):
        load = _carried(load, left if number == 0 else float(river.length[one]), river, one)
        node = int(river.below[one])
        found[node] = load.reshape(-1, _PER_HOUR).mean(axis=1) / river.flow[node]
    return found


def _carried(load: np.ndarray, length: float, river: River, reach: int) -> np.ndarray:
    """Load at the end of a reach: convolved with the times of passage under advection and dispersion."""
    speed, spread = river.speed[reach], river.spread[reach]
    size = min(int(3.0 * length / speed / _STEP) + 20, len(load))
    time = (np.arange(size) + 0.5) * _STEP
    passage = (
        length
        / np.sqrt(4.0 * np.pi * spread * time**3)
        * np.exp(-((length - speed * time) ** 2) / (4.0 * spread * time))
    )
    total = passage.sum()
    kernel = passage / total if total > 0.0 else np.eye(1, size)[0]
    return np.convolve(load, kernel)[: len(load)]


def _told(random: np.random.Generator, river: River, lie: tuple, happened: tuple) -> Incident:
    """What the platform knows of it."""
    lies, left, eager = lie
    guilty, load, seen, (first, after) = happened
    size, hidden = len(lies), random.random() < 0.3
    passes = _arrived(river, load, int(lies[guilty]), float(left[guilty]))
    sections = _sections(random, river, passes, after)
    works = ordinary(random, size, random.lognormal(2.5, 0.5, size), 0.25)
    disturbed(random, works)
    if not hidden:
        works[guilty] += load.reshape(-1, _PER_HOUR).mean(axis=1) / random.lognormal(-1.0, 0.7)
    monitored = random.random(size) < 0.6
    known = sources(random, eager, guilty, hidden)
    candidates, away = [], {}
    for number in range(size):
        code, one = f"S{number:02d}", known[number]
        away[code] = river.travel(int(lies[number]), float(left[number]), told=True)
        own = (Sight(f"M{number:02d}", named(code), sent(random, works[number], UNIT, after), away[code]),)
        candidates.append(
            Candidate(
                code, named(code), own if monitored[number] else (),
                tuple(sections[node] for node in river.way(int(lies[number]))[1:]),
                permitted=one.permitted, doubts=one.doubts, doubtful_share=one.doubtful_share,
                confirmed=one.confirmed, refuted=one.refuted,
            )
        )  # fmt: skip
    truth = f"S{guilty:02d}"
    if random.random() < 0.2:
        candidates, truth = [one for one in candidates if one.code != truth], ""
    what = Seen(
        named("station"), factor("w21003"), sent(random, seen, UNIT, after),
        START + first * HOUR, START + after * HOUR,
    )  # fmt: skip
    nearest = sorted((one.code for one in candidates), key=lambda code: away[code])
    return Incident("upstream", what, tuple(candidates), truth, tuple(nearest))


def _sections(random: np.random.Generator, river: River, passes: dict[int, np.ndarray], upto: int) -> dict[int, Sight]:
    """What each section showed; a tenth of them have no values."""
    value = ordinary(random, river.sections + 1, random.lognormal(0.0, 0.3, river.sections + 1), 0.12)
    made = {}
    for node in range(1, river.sections + 1):
        series = sent(random, value[node] + passes.get(node, 0.0), UNIT, upto)
        series = series if random.random() < 0.9 else series.part(slice(0, 0))
        travel = river.travel(node, float(river.length[node]), told=True)
        made[node] = Sight(f"N{node}", named(f"section {node}"), series, travel)
    return made
