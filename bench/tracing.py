"""Hit rates and honesty of every tracer where the truth is hidden from it, beside rules of thumb.

    python bench/tracing.py [../shared/data] [--tuned]

Rivers and air stations are made by physics that no tracer knows: see _traced_rivers.py, _traced_air.py and, for what
all series have in common, _traced_signals.py. Defaults of parameters were chosen on the half of the seeds
that is printed with `--tuned`; without it the other half is printed.

first, three   share of incidents with a source on the register whose source stands first, among the first three
Brier          sum of squared differences between probabilities (with that of an unknown source) and the truth; 0 to 2
named          share of the incidents in which a source was named; right: share of these in which it was the source
unknown        of the incidents from a source that is not on the register: nobody was named; that it is unknown was more
               probable than everything else together
monitors       the tracer with neither permits nor findings at the source nor visits, whose worth here is our own guess
reliability    of all probabilities told, in five bins: mean of what was told, and how often it was so

Rivals in the same run: the nearest source upstream or upwind, the greatest rise at an own monitor, chance.
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import _traced_air
import _traced_rivers
import numpy as np
from _traced_signals import Incident, greatest_rise

from qingyuan_science.trace import TRACERS, Traced, Tracer

SEEDS = range(20)
COUNT = 50  # incidents a seed
BINS = 5


@dataclass(frozen=True)
class Answer:
    """Codes in order, the probability of each and of none of them, and whether the first is named."""

    order: tuple[str, ...]
    chances: tuple[float, ...]
    unknown: float
    names: bool

    @classmethod
    def of(cls, said: Traced) -> "Answer":
        order = tuple(one.code for one in said.suspects)
        return cls(order, tuple(one.probability for one in said.suspects), said.unknown, said.cannot_tell is None)

    @classmethod
    def rule(cls, order: Sequence[str]) -> "Answer":
        """A rule of thumb names its first and doubts nothing."""
        return cls(tuple(order), (1.0, *(0.0 for _ in order[1:])), 0.0, True)

    @classmethod
    def chance(cls, order: Sequence[str], random: np.random.Generator) -> "Answer":
        """Any of them, or as often as one in five none."""
        return cls(tuple(random.permutation(order)), (0.8 / len(order),) * len(order), 0.2, True)


def main() -> None:
    """Print both tracers."""
    TRACERS.load("qingyuan_science.trace")
    come, speed, what = _traced_air.winds()
    seeds = [seed for seed in SEEDS if seed % 2 == ("--tuned" in sys.argv)]
    begun = time.process_time()
    rivers = [one for seed in seeds for one in _traced_rivers.incidents(seed, COUNT)]
    stations = [one for seed in seeds for one in _traced_air.incidents(seed, COUNT, (come, speed))]
    print(f"{len(seeds)} seeds of {COUNT} incidents each, made in {time.process_time() - begun:.0f} s; winds: {what}")
    for title, found in (("rivers", rivers), ("air", stations)):
        compare(title, found)


def compare(title: str, incidents: Sequence[Incident]) -> None:
    """Print a line for the tracer and each rival, and how far the tracer's probabilities hold."""
    tracer, random = TRACERS.get(incidents[0].tracer)(), np.random.default_rng(0)
    begun = time.process_time()
    told = answers(tracer, incidents)
    taken = 1000 * (time.process_time() - begun) / len(incidents)
    size = np.mean([len(one.candidates) for one in incidents])
    print(f"\n{title}: {len(incidents)} incidents, {size:.0f} sources on the register in the mean")
    print(
        f"   {'':<22}{'first':>7}{'three':>7}{'Brier':>7}{'named':>7}{'right':>7}{'unknown: not named':>20}{'told':>6}"
    )
    print(_line(f"{tracer.code} {tracer.version}", told, incidents) + f"   {taken:.0f} ms an incident")
    print(_line("monitors alone", alone(tracer, incidents), incidents))
    print(_line("nearest", [Answer.rule(one.nearest) for one in incidents], incidents))
    print(_line("greatest own rise", [Answer.rule(greatest_rise(one)) for one in incidents], incidents))
    print(_line("chance", [Answer.chance(one.nearest, random) for one in incidents], incidents))
    print("   reliability  " + "   ".join(_reliability(told, incidents)))


def answers(tracer: Tracer, incidents: Sequence[Incident]) -> list[Answer]:
    """What a tracer says of each."""
    return [Answer.of(tracer.trace(one.seen, one.candidates)) for one in incidents]


def alone(tracer: Tracer, incidents: Sequence[Incident]) -> list[Answer]:
    """What it says from monitors and wind only."""
    bare = replace(tracer, permit_odds=1.0, doubts_tell=0.0)
    return [
        Answer.of(
            bare.trace(one.seen, tuple(replace(who, confirmed=0, refuted=0, doubts=()) for who in one.candidates))
        )
        for one in incidents
    ]


def brier(answer: Answer, truth: str) -> float:
    """How far probabilities are from the truth; an empty one is a source that is not on the register."""
    so = [code == truth for code in answer.order]
    return float(
        sum((p - one) ** 2 for p, one in zip(answer.chances, so, strict=True)) + (answer.unknown - (not truth)) ** 2
    )


def _line(title: str, told: Sequence[Answer], incidents: Sequence[Incident]) -> str:
    pairs = list(zip(told, (one.truth for one in incidents), strict=True))
    known = [(one, truth) for one, truth in pairs if truth]
    missing = [one for one, truth in pairs if not truth]
    named = [(one, truth) for one, truth in pairs if one.names]
    right = [one.order[0] == truth for one, truth in named]
    figures = (
        np.mean([one.order[0] == truth for one, truth in known]),
        np.mean([truth in one.order[:3] for one, truth in known]),
        np.mean([brier(one, truth) for one, truth in pairs]),
        len(named) / len(pairs),
        np.mean(right) if right else np.nan,
    )
    silent, said = np.mean([not one.names for one in missing]), np.mean([_thinks_unknown(one) for one in missing])
    cells = "".join(f"{one:7.2f}" for one in figures)
    return f"   {title:<22}{cells}{silent:20.2f}{said:6.2f}"


def _thinks_unknown(answer: Answer) -> bool:
    return answer.unknown > 0.5


def _reliability(told: Sequence[Answer], incidents: Sequence[Incident]) -> list[str]:
    """For each bin: mean of the probabilities told, how often it was so, and of how many."""
    pairs = [
        pair
        for one, incident in zip(told, incidents, strict=True)
        for pair in (*zip(one.chances, (code == incident.truth for code in one.order), strict=True),
                     (one.unknown, not incident.truth))
    ]  # fmt: skip
    chance, so = np.array(pairs).T
    place = np.minimum((chance * BINS).astype(int), BINS - 1)
    return [
        f"{chance[place == one].mean():.2f}→{so[place == one].mean():.2f} ({(place == one).sum()})"
        for one in range(BINS)
        if (place == one).any()
    ]


if __name__ == "__main__":
    main()
