"""Electricity: stopped treatment, breached emergency cuts and the state of production, from real meters.

States   running or idle of a steel factory, threshold from the first half, against its labels in the second (F1)
Cuts     a 24-hour cut on each day of the second half on which the factory runs, carried out, breached for 2 to 8 hours,
         and not carried out at all: share of orders told; beside ours, the rule "any quarter of an hour above what the
         pledge leaves of the usual full load", for a full stop above half of that load
Off      treatment switched off for 2 to 12 hours of production: share found, and leads a month on untouched meters;
         the treatment meter is made from production (a tenth of it, 30 minutes later, with 10 % noise): no public set
         has both; beside ours, the rule "treatment below a fifth of its mean"
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from _tampering import data_root, read

from qingyuan_science.detect import DETECTORS, Context, Finding, Meter, MeterRole, Record, RecordKind
from qingyuan_science.detect._power import usual_load
from qingyuan_science.plugins import Text
from qingyuan_science.series import CHINA_OFFSET, SECOND, Series, local_days
from qingyuan_science.standards import factor
from qingyuan_science.worlds.fraud import Span, cut, treatment_off

HOUR = 3600 * SECOND
DAY = 24 * HOUR
NAME = Text("电表", "the meter")
SHARES = (1.0, 0.5, 0.3)


@dataclass(frozen=True)
class Plant:
    """A factory's meter, the middle of its time, and which periods its labels call more than light load."""

    used: Series
    middle: int
    loaded: np.ndarray

    @property
    def end(self) -> int:
        return int(self.used.at[-1]) + self.used.period

    def judged(self, used: Series) -> Series:
        """Hours of the second half, to carry the findings; the detectors look at the meters."""
        at = np.arange(self.middle, self.end, HOUR)
        return Series(at, np.ones(at.size), np.full(at.size, "N"), "mg/m3", 3600.0)


def main() -> None:
    """Measure and print."""
    DETECTORS.load("qingyuan_science.detect")
    plant = read_plant(data_root())
    print(f"steel factory: {np.unique(local_days(plant.used.at)).size} days, learned and judged half each")
    states(plant)
    for share in SHARES:
        cuts(plant, share)
    treatment(plant)


def read_plant(root: Path) -> Plant:
    """The factory's meter from the data set."""
    rows = read(root, "elec_steel_factory_15min")
    if rows is None:
        sys.exit(0)
    at = rows["date"].dt.epoch("us").to_numpy() - CHINA_OFFSET
    order = np.argsort(at)
    used = Series(at[order], rows["Usage_kWh"].to_numpy()[order], np.full(at.size, "N"), "kWh", 900.0)
    loaded = (rows["Load_Type"].to_numpy() != "Light_Load")[order]
    days = np.unique(local_days(used.at))
    middle = int(days[days.size // 2].astype("datetime64[us]").astype(np.int64)) - CHINA_OFFSET
    return Plant(used, middle, loaded)


def states(plant: Plant) -> None:
    """F1 of running against the factory's own labels, and against a two-state split of the second half."""
    load = usual_load(plant.used, plant.middle)
    assert load is not None
    later = plant.used.at >= plant.middle
    running = plant.used.value[later] > load.running
    print(f"   states: threshold {load.running:.1f} kWh; F1 against Load_Type other than light"
          f" {f1(running, plant.loaded[later]):.3f}")  # fmt: skip
    own = np.log(plant.used.value[later])
    centre = np.array([own.min(), own.max()])
    for _ in range(50):
        near = np.abs(own[:, None] - centre).argmin(axis=1)
        centre = np.array([own[near == one].mean() for one in (0, 1)])
    print(f"           F1 against two clusters of the logarithm in the second half {f1(running, near == 1):.3f}")


def f1(found: np.ndarray, true: np.ndarray) -> float:
    return float(2 * (found & true).sum() / max(1, found.sum() + true.sum()))


def cuts(plant: Plant, share: float) -> None:
    """Cuts of one share on every day that the factory runs: carried out, breached for some hours, ignored."""
    random = np.random.default_rng(7)
    load = usual_load(plant.used, plant.middle)
    assert load is not None
    told: dict[str, list[tuple[bool, bool]]] = {"carried out": [], "breached": [], "ignored": []}
    for start in range(plant.middle + 2 * DAY, plant.end - 2 * DAY, DAY):
        order = Span(start, start + DAY)
        inside = (plant.used.at >= start) & (plant.used.at < start + DAY)
        if (plant.used.value[inside] > load.running).sum() < 40:
            continue  # the factory rests that day anyway
        breaches = {"carried out": None, "breached": breach_in(plant, order, random, load.running), "ignored": order}
        for what, breach in breaches.items():
            made = cut(plant.used, order, share, seed=start % 1000, breach=breach).series
            spans = breach_leads(plant, order, share, made)
            hit = bool(spans) if breach is None else any(a < breach.end and b > breach.start for a, b in spans)
            left = load.idle + (1.0 - share) * (load.full - load.idle) if share < 1.0 else 0.5 * load.full
            told[what].append((hit, bool((made.value[inside] > left).any())))
    print(f"   cut by {share:.0%}, {len(told['breached'])} orders: " + ", ".join(
        f"{what} {np.mean([one for one, _rule in hits]):.2f} (rule {np.mean([rule for _one, rule in hits]):.2f})"
        for what, hits in told.items()))  # fmt: skip


def breach_leads(plant: Plant, order: Span, share: float, made: Series) -> list[tuple[int, int]]:
    """From when to when the detector speaks."""
    record = Record(RecordKind.EMERGENCY_CUT, order.start, order.end, Text("预警", "warning"), share)
    around = context((Meter(MeterRole.PRODUCTION, NAME, made),), (record,))
    found = DETECTORS.get("emergency_cut")().findings(plant.judged(made), around)
    return [(one.start, one.end) for one in found]


def breach_in(plant: Plant, order: Span, random: np.random.Generator, running: float) -> Span:
    """Two to eight hours, after the grace time, in which production really ran."""
    inside = np.flatnonzero((plant.used.at >= order.start + 3 * HOUR) & (plant.used.at < order.end - 2 * HOUR))
    begins = [at for at in inside if (plant.used.value[at : at + 8] > running).all()]
    start = int(plant.used.at[random.choice(begins)]) if begins else order.start + 10 * HOUR
    return Span(start, min(order.end, start + int(random.integers(2, 9)) * HOUR))


def treatment(plant: Plant) -> None:
    """Treatment switched off in production, and left alone."""
    random = np.random.default_rng(11)
    drawn = 0.1 * np.append(plant.used.value[:2], plant.used.value[:-2]) * random.lognormal(0.0, 0.1, len(plant.used))
    honest = Series(plant.used.at, np.round(drawn, 2), plant.used.mark, "kWh", 900.0)
    months = (plant.end - plant.middle) / DAY / (365.25 / 12)
    told = stopped(plant, honest)
    spans, reported = list(stretches(plant, random)), honest
    for number, span in enumerate(spans):
        reported = treatment_off(reported, span, seed=number).series
    found = stopped(plant, reported)
    seen = np.mean([any(one.start < span.end and one.end > span.start for one in found) for span in spans])
    mean = float(honest.value[honest.at < plant.middle].mean())
    later = honest.at >= plant.middle
    low = later & (honest.value < 0.2 * mean)
    ruled = np.mean([(reported.value[span.positions(reported)] < 0.2 * mean).any() for span in spans])
    leads = int((low[1:] & ~low[:-1]).sum())
    print(f"   treatment off: {seen:.2f} of {len(spans)} found, {len(told) / months:.2f} leads a month untouched;"
          f" rule {ruled:.2f} found, {leads / months:.1f} leads a month")  # fmt: skip


def stretches(plant: Plant, random: np.random.Generator) -> Iterator[Span]:
    load = usual_load(plant.used, plant.middle)
    assert load is not None
    for start in range(plant.middle + DAY, plant.end - 2 * DAY, 3 * DAY):
        inside = np.flatnonzero((plant.used.at >= start) & (plant.used.at < start + DAY))
        begins = [at for at in inside if (plant.used.value[at : at + 8] > load.running).all()]
        if begins:
            begin = int(plant.used.at[random.choice(begins)])
            yield Span(begin, begin + int(random.integers(2, 13)) * HOUR)


def stopped(plant: Plant, treated: Series) -> list[Finding]:
    meters = (Meter(MeterRole.PRODUCTION, NAME, plant.used), Meter(MeterRole.TREATMENT, NAME, treated))
    return DETECTORS.get("treatment_off")().findings(plant.judged(treated), context(meters, ()))


def context(meters: tuple[Meter, ...], records: tuple[Record, ...]) -> Context:
    measured = factor("a21026", medium="air_emission")
    place = Text("钢厂", "the steel factory")
    return Context(place, measured, (), "hour", 1, electricity=meters, records=records)


if __name__ == "__main__":
    main()
