"""Types of pollution told: ours before and after learning, beside a plain rule and the commonest class.

    python bench/pollution_type.py DATA

DATA is the folder with wwtp_melbourne_daily and wq_oddwater_rivers (or QINGYUAN_BENCH_DATA). First incidents of known
cause, made by mixing another water into a river (only the sewage is a measured one); then a real river, whose labels
say which anomalies are the sensor's. What was learned came from other draws and earlier days than what is scored.
"""

import argparse
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
from _pollution_cases import HOUR, UNIT, WATERS, Incident, incident, sewage_days

from qingyuan_science.assess.pollution import (
    PRIOR,
    TYPES,
    Case,
    Shape,
    Verdict,
    Weights,
    Window,
    assess,
    learned,
    observe,
    window_of,
)
from qingyuan_science.assess.pollution.signs import moved_factors
from qingyuan_science.series import Series, microseconds
from qingyuan_science.worlds import World

KINDS = (*WATERS, "sewage", "algae", "dilution", "fault")
SPLIT_DAY = "2017-07-01"  # sewage of earlier days is learned from, of later ones scored
TAUGHT, SCORED = (22, 110, 440), 1100
BINS = (0.0, 0.3, 0.5, 0.7, 0.9, 1.0001)
BY_LARGEST = {"w21003": "sewage", "w21011": "sewage", "w21001": "sewage", "w01018": "organic", "w01019": "organic",
              "w01014": "salt", "w01003": "runoff", "w01001": "acid_alkali", "w01009": "algae"}  # fmt: skip
LEVEL, CONDUCTIVITY, TURBIDITY = "w00000", "w01014", "w01003"
WORLD_EPOCH, WORLD_DAYS = datetime(2026, 10, 1, tzinfo=UTC), 30
FLOOD = 0.3  # rise of the water level [m] from which a flood brought the turbidity


def main() -> None:
    """Make the incidents, score them, then the real river."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", default=os.environ.get("QINGYUAN_BENCH_DATA"), help="folder of the data")
    given = parser.parse_args()
    if not given.data:
        print("skipped: name the folder of the data, or set QINGYUAN_BENCH_DATA")
        return
    made_incidents(Path(given.data))
    demo_world()
    real_river(Path(given.data) / "wq_oddwater_rivers/sandy.parquet")


def made_incidents(data: Path) -> None:
    """Incidents of all types in equal number; the share of each type that people meet is not known."""
    days = sewage_days(data)
    early = [water for day, water in days if day < SPLIT_DAY]
    late = [water for day, water in days if day >= SPLIT_DAY]
    taught = _draw(np.random.default_rng(1), max(TAUGHT), early)
    scored = _draw(np.random.default_rng(12), SCORED, late)
    print(f"{SCORED} incidents of {len(KINDS)} types in equal number, mixed into a simulated river (seed 12);")
    print(f"sewage is the measured inflow of {len(late)} days from {SPLIT_DAY} on, the other waters are simulated")
    print(f"{'':34}{'right':>7}{'named':>7}{'of named':>9}{'surprise':>9}{'off by':>8}")
    _rival("commonest class", scored, lambda _one: Counter(one.type for one in taught).most_common(1)[0][0])
    _rival("largest rise by its usual scatter", scored, _largest)
    for number in (0, *TAUGHT):
        weights = learned([_case(one) for one in taught[:number]]) if number else PRIOR
        _ours(f"ours, {number} settled cases" if number else "ours, first estimate", scored, weights)
    weights = learned([_case(one) for one in taught])
    for told, known in (("first estimate", PRIOR), (f"{len(taught)} cases", weights)):
        _by_type(told, scored, known)
        _calibration(told, scored, known)


def _draw(rng: np.random.Generator, number: int, sewage: Sequence[dict[str, float]]) -> list[Incident]:
    made: list[Incident] = []
    while len(made) < number:
        kind = KINDS[len(made) % len(KINDS)]
        water = sewage[int(rng.integers(len(sewage)))] if kind == "sewage" else None
        one = incident(rng, kind, water)
        if moved_factors(one.window) or one.window.shape not in (None, Shape.ORDINARY):  # else nothing would be found
            made.append(one)
    return made


def _case(one: Incident) -> Case:
    return Case(one.type, {sign.rule: sign.state for sign in observe(one.window) if sign.state}, one.window.kind)


def _verdict(one: Incident, weights: Weights) -> Verdict:
    return assess(observe(one.window), one.window.kind, weights)


def _largest(one: Incident) -> str:
    """The type that the factor with the largest move stands for."""
    moves = {code: abs(change.by) / max(change.scatter, 1e-9) for code, change in one.window.changes.items()}
    code = max((code for code in moves if code != "w00000"), key=lambda code: moves[code])
    return "metal" if code.startswith("w20") else BY_LARGEST.get(code, "organic")


def _rival(title: str, scored: Sequence[Incident], name: Callable[[Incident], str]) -> None:
    right = np.mean([name(one) == one.type for one in scored])
    print(f"{title:34}{right:7.1%}{1:7.1%}{right:9.1%}{'-':>9}{'-':>8}")


def _ours(title: str, scored: Sequence[Incident], weights: Weights) -> None:
    verdicts = [_verdict(one, weights) for one in scored]
    first = [verdict.ranked[0].type.code == one.type for one, verdict in zip(scored, verdicts, strict=True)]
    named = np.array([verdict.told is not None for verdict in verdicts])
    print(
        f"{title:34}{np.mean(first):7.1%}{named.mean():7.1%}{np.mean(np.array(first)[named]):9.1%}"
        f"{_surprise(scored, verdicts):9.2f}{_off(scored, verdicts):8.1%}"
    )


def _surprise(scored: Sequence[Incident], verdicts: Sequence[Verdict]) -> float:
    true = [
        next(ranked.probability for ranked in verdict.ranked if ranked.type.code == one.type)
        for one, verdict in zip(scored, verdicts, strict=True)
    ]
    return float(-np.mean(np.log(true)))


def _bins(scored: Sequence[Incident], verdicts: Sequence[Verdict]) -> list[tuple[float, float, int]]:
    """By bin of the first type's probability: its mean, how often it was right, how many."""
    p = np.array([verdict.ranked[0].probability for verdict in verdicts])
    right = np.array([v.ranked[0].type.code == one.type for one, v in zip(scored, verdicts, strict=True)])
    inside = [(p >= low) & (p < high) for low, high in pairwise(BINS)]
    return [(float(p[at].mean()), float(right[at].mean()), int(at.sum())) for at in inside if at.any()]


def _off(scored: Sequence[Incident], verdicts: Sequence[Verdict]) -> float:
    """Expected calibration error: by how much the probability is off, on average."""
    return sum(abs(said - was) * count for said, was, count in _bins(scored, verdicts)) / len(scored)


def _calibration(title: str, scored: Sequence[Incident], weights: Weights) -> None:
    verdicts = [_verdict(one, weights) for one in scored]
    told = [f"{said:.0%} said, {was:.0%} right (n {count})" for said, was, count in _bins(scored, verdicts)]
    print(f"calibration, {title}: {'; '.join(told)}")


def _by_type(title: str, scored: Sequence[Incident], weights: Weights) -> None:
    print(f"by type, {title}: right among all, share not named, and what it was taken for most often when wrong")
    for code in (one.code for one in TYPES):
        verdicts = [_verdict(one, weights) for one in scored if one.type == code]
        first = Counter(verdict.ranked[0].type.code for verdict in verdicts)
        unnamed = np.mean([verdict.told is None for verdict in verdicts])
        wrong = [f"{other} {count}" for other, count in first.most_common(3) if other != code][:2]
        print(f"  {code:14}{first[code] / len(verdicts):7.1%}{unnamed:7.1%}   {', '.join(wrong)}")


def demo_world() -> None:
    """The demo district: what its episodes are taken for. Its truth is who and what failed, not a type of water."""
    world = World(epoch=WORLD_EPOCH)
    taken: dict[str, list[Verdict]] = defaultdict(list)
    for episode in world.episodes(WORLD_EPOCH + timedelta(days=8), WORLD_EPOCH + timedelta(days=WORLD_DAYS)):
        station = world.station(episode.station)
        if station.kind not in ("outlet-water", "surface-water"):
            continue
        start = episode.start.replace(minute=0, second=0)
        span = (microseconds(start), microseconds(episode.end))
        around = (start - timedelta(days=8), episode.end + timedelta(hours=3))
        hours = {code: world.means(station, code, *around) for code in station.factors if code.startswith("w")}
        window = window_of(hours, span, episode.factors[0], kind=station.kind)
        taken[episode.kind].append(assess(observe(window), station.kind))
    print(f"\nthe demo district, {WORLD_DAYS - 8} days (seed of the demo): what its episodes are taken for")
    for kind, verdicts in sorted(taken.items()):
        first = Counter(verdict.ranked[0].type.code for verdict in verdicts)
        named = Counter(verdict.told.code for verdict in verdicts if verdict.told)
        told = ", ".join(f"{code} {count} ({named[code]} named)" for code, count in first.most_common(4))
        print(f"  {kind:18} n {len(verdicts):3}: {told}")


def real_river(path: Path) -> None:
    """Sandy Creek: is the sensor's anomaly told from the river's own; is runoff named without seeing the level."""
    table = pl.read_parquet(path).sort("Timestamp")
    at = np.array([microseconds(one.astimezone()) for one in table["Timestamp"].dt.replace_time_zone("UTC")])
    columns = {LEVEL: "Level", CONDUCTIVITY: "Cond", TURBIDITY: "Tur"}
    series = {
        code: Series(at, table[name].to_numpy(), np.full(at.size, "N"), UNIT.get(code, "L/s"), None)
        for code, name in columns.items()
    }
    technical = np.any([table[f"label_{name}"].to_numpy() == 1 for name in columns.values()], axis=0)
    events = _events(series, at)
    print(f"\nSandy Creek, Queensland: {len(events)} times at which turbidity or conductivity left its usual value")
    rows = []
    for focus, span in events:
        inside = (at >= span[0]) & (at < span[1])
        level = series[LEVEL].value
        before = (at < span[0]) & (at >= span[0] - 48 * HOUR)
        flood = before.any() and level[inside].max() - np.median(level[before]) >= FLOOD
        truth = "fault" if technical[inside].mean() >= 0.5 else "flood" if flood else "other"
        whole = window_of(series, span, focus)
        blind = window_of({code: one for code, one in series.items() if code != LEVEL}, span, focus)
        rows.append((truth, whole, blind))
    for truth in ("fault", "flood", "other"):
        _of_truth(truth, [(whole, blind) for found, whole, blind in rows if found == truth])


def _of_truth(truth: str, windows: Sequence[tuple[Window, Window]]) -> None:
    for title, place in (("with the level", 0), ("level withheld", 1)):
        verdicts = [assess(observe(pair[place]), pair[place].kind) for pair in windows]
        first = Counter(verdict.ranked[0].type.code for verdict in verdicts)
        named = sum(verdict.told is not None for verdict in verdicts)
        counts = ", ".join(f"{code} {count}" for code, count in first.most_common(4))
        print(f"  truth {truth:6} n {len(windows):3}, {title}: {named:3} named; first place: {counts or '-'}")


def _events(series: dict[str, Series], at: np.ndarray) -> list[tuple[str, tuple[int, int]]]:
    """Times at which a signal is beyond three times its median of a week, or below a third of it."""
    found = []
    for code in (TURBIDITY, CONDUCTIVITY):
        value = series[code].value
        usual = np.array([np.median(value[max(0, n - 160) : n]) if n > 40 else np.nan for n in range(value.size)])
        odd = np.flatnonzero((value > 3 * usual) | (value < usual / 3))
        groups = np.split(odd, np.flatnonzero(np.diff(odd) > 8) + 1) if odd.size else []
        found += [(code, (int(at[one[0]]), int(at[one[-1]]) + HOUR)) for one in groups]
    return found


if __name__ == "__main__":
    main()
