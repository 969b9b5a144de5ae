"""Ordinary series for hidden truths of tracing, what people would call a rise in them, and an incident to be traced.

Nothing here is taken from the tracers: levels have a course of the day and noise that follows itself, monitors miss
hours and send invalid ones, and a rise is what stands three deviations above the same hour of the days before.
"""

from dataclasses import dataclass

import numpy as np

from qingyuan_science.plugins import Text
from qingyuan_science.series import SECOND, Series
from qingyuan_science.trace import Candidate, Seen, Sight

HOUR = 3600 * SECOND
DAYS = 30
BEFORE = DAYS * 24  # hours of past that everything has
HOURS = BEFORE + 60  # within the last of which it happens
START = 1_790_784_000 * SECOND // HOUR * HOUR
_PERSISTENCE = 0.8
_DEVIATIONS = 3.0


@dataclass(frozen=True)
class Incident:
    """A rise, the sources on the register, the one that caused it, and in which order a rule of thumb names them."""

    tracer: str
    seen: Seen
    candidates: tuple[Candidate, ...]
    truth: str  # empty where the source is not on the register
    nearest: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """What is known of a source besides where it lies, as the truth makes it."""

    permitted: bool | None
    doubts: tuple[Text, ...]
    doubtful_share: float
    confirmed: int
    refuted: int


def named(code: str) -> Text:
    return Text(code, code)


def ordinary(random: np.random.Generator, count: int, level: np.ndarray, noise: float) -> np.ndarray:
    """Hour values of so many monitors without any incident, shape (count, HOURS)."""
    course = random.uniform(0.0, 0.3, (count, 1)) * np.cos(
        2.0 * np.pi * (np.arange(HOURS) - random.uniform(0.0, 24.0, (count, 1))) / 24.0
    )
    wander = random.normal(0.0, noise, (count, HOURS))
    wander[:, 1:] *= np.sqrt(1.0 - _PERSISTENCE**2)
    for hour in range(1, HOURS):
        wander[:, hour] += _PERSISTENCE * wander[:, hour - 1]
    value: np.ndarray = level[:, None] * np.exp(course + wander)
    return value


def disturbed(random: np.random.Generator, value: np.ndarray) -> None:
    """Put in what every works has now and then: some hours well above the ordinary that nobody sees further down."""
    for row in value:
        for start in random.integers(0, HOURS, random.poisson(4.0)):
            row[start : start + random.integers(1, 5)] *= 1.0 + random.exponential(1.0)


def sent(random: np.random.Generator, value: np.ndarray, unit: str, upto: int = HOURS) -> Series:
    """A series as a platform holds it: hours missing one by one and in a row, some marked invalid with odd values."""
    value, mark = value.copy(), np.full(HOURS, "N")
    faulty = random.random(HOURS) < 0.02
    value[faulty] *= random.choice([0.0, 10.0], faulty.sum())
    mark[faulty] = "D"
    kept = random.random(HOURS) >= 0.03
    for start in random.integers(0, HOURS, random.poisson(2.0)):
        kept[start : start + random.integers(3, 30)] = False
    kept[upto:] = False
    at = START + np.arange(HOURS) * HOUR
    return Series(at[kept], value[kept], mark[kept], unit, 3600.0)


def rise(ordinarily: np.ndarray, added: np.ndarray) -> tuple[int, int] | None:
    """First hour and the one after the last of the highest rise after the past.

    None where nobody would see any, or where most of it is not what the source added.
    """
    value = ordinarily + added
    past = value[:BEFORE].reshape(-1, 24)
    usual = np.median(past, axis=0)
    deviation = 1.4826 * np.median(np.abs(past - usual))
    expected = np.tile(usual, HOURS // 24 + 1)[:HOURS]
    above = (value - expected) / deviation
    peak = BEFORE + int(above[BEFORE:].argmax())
    first, after = peak, peak + 1
    while first > BEFORE and above[first - 1] > _DEVIATIONS:
        first -= 1
    while after < HOURS and above[after] > _DEVIATIONS:
        after += 1
    seen = above[peak] > _DEVIATIONS and after - first >= 2 and after < HOURS and first > BEFORE
    caused = added[first:after].sum() > 0.5 * (value - expected)[first:after].sum()
    return (first, after) if seen and caused else None


def sources(random: np.random.Generator, eager: np.ndarray, guilty: int, hidden: bool) -> list[Source]:
    """What is known of each source; permits, findings and visits tell more in some districts than in others."""
    telling, common = random.uniform(0.5, 0.95), random.uniform(0.2, 0.6)
    leaves = random.uniform(0.05, 0.35) + (0.15 if hidden else 0.0)
    chance = eager / eager.mean() * 0.3
    made = []
    for number in range(len(eager)):
        named_it = random.random() < (telling if number == guilty else common)
        share = float(random.choice([0.0, 0.0, random.uniform(0.0, 0.15)]))
        doubtful = random.random() < (leaves if number == guilty else share)
        visits = int(random.poisson(0.8))
        confirmed = int(random.binomial(visits, min(chance[number], 0.9)))
        doubts = (Text("治理设施未运行", "treatment was without power"),) if doubtful else ()
        known = named_it if random.random() < 0.8 else None
        made.append(Source(known, doubts, round(share * DAYS) / DAYS, confirmed, visits - confirmed))
    return made


def greatest_rise(incident: Incident) -> tuple[str, ...]:
    """The rule of thumb of greatest own rise: by the highest value when it should have passed, over the median."""
    place = {code: number for number, code in enumerate(incident.nearest)}
    rises = {one.code: _own_rise(incident.seen, one.own) for one in incident.candidates}
    return tuple(sorted(rises, key=lambda code: (-rises[code], place[code])))


def _own_rise(seen: Seen, own: tuple[Sight, ...]) -> float:
    if not own or not own[0].series.valid.any():
        return 0.0
    series, passed = own[0].series, own[0].travel_s * SECOND
    inside = series.valid & (series.at >= seen.start - passed - 2 * HOUR) & (series.at < seen.end - passed + 2 * HOUR)
    return float(series.value[inside].max() / np.median(series.value[series.valid])) if inside.any() else 0.0
