"""Events in water quality, held against labels: ours beside linear prediction with BED, PCA T2+Q, isolation forest.

    python bench/events.py DATA [--gecco-test FILE] [--skab DIR] [--batadal-test FILE] [--river FILE]

DATA is the folder with wq_gecco2018, ad_skab, ics_batadal and wq_oddwater_rivers (or QINGYUAN_BENCH_DATA). The options
score other files of the same format with what was learned from DATA alone. The split is printed with each table. No
point adjustment: a labelled row counts as found only if there was an alarm at that very row.
"""

import argparse
import os
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from _event_data import JOINED_MINUTES, Floats, Labelled, Mask, batadal, figures, gecco, river, skab
from _event_rivals import RIVALS, rival_alarms
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from qingyuan_science.detect._events import Bounds, Settings, checked, learn

DRINKING_WATER = Settings(alarms_per_week=2.0, rows_per_week=10_080.0)
WINDOW = 120  # minutes
CHOSEN = " (settings such as windows were chosen on it)"
FLOWS = ("Fm", "Fm_2")
LOOP = Settings(
    alarms_per_week=1.0, rows_per_week=604_800.0, mean=10, vote=10, event_probability=0.7, time_out=10**9, rest=30,
    block=20, adapt=0, refresh=10**9, scatter=0.5,
)  # fmt: skip
LEARNED_SECONDS = 400
NETWORK = Settings(
    alarms_per_week=0.4, rows_per_week=168.0, vote=9, event_probability=0.7, time_out=10**9, rest=12, block=24,
    adapt=0, refresh=10**9, scatter=0.6827,
)  # fmt: skip
RIVER = Settings(
    alarms_per_week=0.2, rows_per_week=168.0, vote=1, time_out=10**9, rest=6, block=24, adapt=1_000, refresh=24,
)  # fmt: skip
RIVER_WINDOW, LATE = 5, 1.5
RIVER_BOUNDS = (Bounds(low=0.0), Bounds(low=0.0), Bounds(low=0.0))


def main() -> None:
    """Read what was asked for, score it, print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", default=os.environ.get("QINGYUAN_BENCH_DATA"), help="folder of the data")
    parser.add_argument("--gecco-test", type=Path)
    parser.add_argument("--skab", type=Path)
    parser.add_argument("--batadal-test", type=Path)
    parser.add_argument("--river", type=Path)
    given = parser.parse_args()
    if not given.data:
        print("skipped: name the folder of the data, or set QINGYUAN_BENCH_DATA")
        return
    begun, data = time.perf_counter(), Path(given.data)
    drinking_water(data / "wq_gecco2018/gecco2018_train.parquet", given.gecco_test)
    water_loop(data / "ad_skab/skab_valve1_valve2_free.parquet", given.skab)
    network(data / "ics_batadal", given.batadal_test)
    rivers([path for path in (data / "wq_oddwater_rivers/sandy.parquet", given.river) if path])
    print(f"{time.perf_counter() - begun:.0f} s")


def drinking_water(path: Path, test: Path | None) -> None:
    """GECCO 2018."""
    known = gecco(path)
    half = len(known.rows) // 2
    first, second = known.part(slice(0, half)), known.part(slice(half, None))
    splits = [("learned on the first half of the shared part, scored on the second", first, second)]
    splits.append(("learned on the second half, scored on the first (the earlier one)", second, first))
    if test:
        splits = [(f"learned on the whole shared part, scored on {test.name}", known, gecco(test))]
    for title, past, judged in splits:
        print(f"\nGECCO 2018, by the minute: {title}{'' if test else CHOSEN}")
        weeks = len(judged.rows) / DRINKING_WATER.rows_per_week
        counted = np.array([name not in FLOWS for name in past.names])
        watch = learn(DRINKING_WATER, past.rows, window=WINDOW, clean=~past.wrong, counted=counted)
        print(f"  promised {watch.promise.alarms_per_week:.2f} false alarms a week, from {watch.promise.blocks} blocks")
        alarms = {"ours": watch.push(judged.rows).alarm} | _rivals(past, judged, DRINKING_WATER)
        for name, alarm in alarms.items():
            print(f"  {name:24s}{figures(alarm, judged.wrong, JOINED_MINUTES).line(weeks, 'min')}")


def water_loop(path: Path, other: Path | None) -> None:
    """SKAB: each experiment is learned on its first 400 s, as the leaderboard does; counts are summed over files."""
    groups: dict[str, list[Labelled]] = {}
    for group, _, run in skab(path):
        groups.setdefault(group, []).append(run)
    orderly = groups.pop("anomaly-free", [])
    if other:
        for group, _, run in skab(other):
            groups.setdefault(f"{group} ({other.name})", []).append(run)
    print(f"\nSKAB, by the second: learned on the first {LEARNED_SECONDS} s of each file, scored on all of it")
    everything = [run for runs in groups.values() for run in runs]
    for group, runs in [*groups.items(), ("all of these", everything)]:
        print(f"  {group}: {len(runs)} files{_tuned(group)}")
        wrong = np.concatenate([run.wrong for run in runs])
        for name in ("ours", *RIVALS):
            alarm = np.concatenate([_loop_alarms(name, run) for run in runs])
            print(f"    {name:24s}{figures(alarm, wrong).line(len(wrong) / 604_800.0, 's')}")
    if orderly:
        print("  run without anomaly, cut into pieces of 1,100 s; share of seconds in alarm:")
        pieces = [orderly[0].part(slice(at, at + 1_100)) for at in range(0, len(orderly[0].rows) - 1_100, 1_100)]
        for name in ("ours", *RIVALS):
            share = np.mean([_loop_alarms(name, piece).mean() for piece in pieces])
            print(f"    {name:24s}{100 * share:.1f} %")


def _tuned(group: str) -> str:
    return CHOSEN if group in ("valve1", "valve2") else ""


def _loop_alarms(name: str, run: Labelled) -> Mask:
    past, orderly = run.rows[:LEARNED_SECONDS], np.ones(LEARNED_SECONDS, dtype=bool)
    if name == "ours":
        alarm = learn(LOOP, past, cap=50.0).push(run.rows[LEARNED_SECONDS:]).alarm
        return np.concatenate([~orderly, alarm])
    return rival_alarms(name, past, orderly, run.rows, LOOP)


def network(folder: Path, test: Path | None) -> None:
    """BATADAL."""
    normal, attacks = batadal(folder / "train1_normal.parquet"), batadal(folder / "train2_attacks.parquet")
    until = int(np.argmax(attacks.wrong)) - 24
    past, judged = normal.followed_by(attacks.part(slice(0, until))), attacks.part(slice(until, None))
    title = f"learned on train1 and the {until} h of train2 until a day before its first attack, scored on the rest"
    if test:
        past, judged = normal.followed_by(attacks), batadal(test)
        title = f"learned on train1 and train2 without its attacks, scored on {test.name}"
    print(f"\nBATADAL, by the hour: {title}{'' if test else CHOSEN}")
    watch = learn(NETWORK, past.rows, companions=True, cap=3.0, clean=~past.wrong)
    print(f"  promised {watch.promise.alarms_per_week:.2f} false alarms a week, from {watch.promise.blocks} blocks")
    alarms = {"ours": watch.push(judged.rows).alarm} | _rivals(past, judged, NETWORK)
    for name, alarm in alarms.items():
        print(f"  {name:24s}{figures(alarm, judged.wrong).line(len(judged.rows) / 168.0, 'h')}")


def rivers(paths: Iterable[Path]) -> None:
    """Anomalies of single sensors in a river: found by type, and false points."""
    for path in paths:
        frame, rows = river(path)
        learned = len(rows) // 4
        print(f"\noddwater {path.name}: learned on its first {learned} rows, scored on the other {len(rows) - learned}")
        seen, late = checked(rows, RIVER_BOUNDS), _late(frame["Timestamp"].cast(int).to_numpy())
        for at, name in enumerate(("Level", "Cond", "Tur")):
            types = frame[f"type_{name}"].cast(str).to_numpy()
            wrong = frame[f"label_{name}"].to_numpy() > 0
            flagged = _river_alarms(seen.rows[:, [at]], ~wrong, learned) | np.isnan(seen.rows[:, at]) | late
            flagged, types = flagged[learned:], types[learned:]
            found = {kind: flagged[types == kind] for kind in sorted(set(types.tolist())) if kind != "0"}
            line = "  ".join(f"{kind} {int(part.sum())}/{part.size}" for kind, part in found.items()) or "no anomalies"
            print(f"  {name:6s}{line}  false points {100 * flagged[types == '0'].mean():.2f} %")


def _late(at: NDArray[np.int64]) -> Mask:
    """Rows that come half as long again after the last one as rows have lately done, or later: values are missing."""
    steps = np.diff(at, prepend=at[0]).astype(np.float64)
    usual = np.full(at.size, np.inf)
    usual[24:] = np.median(sliding_window_view(steps[:-1], 24), axis=1)[: at.size - 24]
    return np.asarray(steps > LATE * usual)


def _river_alarms(column: Floats, clean: Mask, learned: int) -> Mask:
    level = np.log(np.maximum(column, 1e-3))
    watch = learn(RIVER, level[:learned], window=RIVER_WINDOW, cap=1e6, clean=clean[:learned])
    return np.concatenate([np.zeros(learned, dtype=bool), watch.push(level[learned:]).alarm])


def _rivals(past: Labelled, judged: Labelled, settings: Settings) -> dict[str, Mask]:
    return {name: rival_alarms(name, past.rows, ~past.wrong, judged.rows, settings) for name in RIVALS}


if __name__ == "__main__":
    main()
