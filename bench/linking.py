"""Lists of pollution sources put together: ours beside equal codes and names, and beside splink where it is installed.

    python bench/linking.py [--enterprises 83000] [--seed 1]
    python bench/linking.py --platform [--earlier]    through the doors of the platform, on a database of its own
    python bench/linking.py --without person,phone    as if lists had no such columns

The lists are drawn by `qingyuan_science.worlds.source_lists`, which knows of which enterprise every row really is. They
have the faults that it was told to give them, and no others: real lists have more kinds.
"""

import argparse
import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
from _linking_platform import build
from numpy.typing import NDArray

from qingyuan_science.linking import Linking, Records, asking, deduplicate
from qingyuan_science.worlds.source_lists import SourceLists, source_lists

Groups = NDArray[np.int64]
BINS = (0.0, 0.01, 0.1, 0.5, 0.9, 0.98, 0.999, 1.0001)


def main() -> None:
    """Draw the lists, put them together in each way, print how right each was."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--enterprises", type=int, default=83_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without", default="", help="columns that are left out, with commas between")
    parser.add_argument("--platform", action="store_true")
    parser.add_argument("--earlier", action="store_true", help="with --platform: only the columns lists had before")
    given = parser.parse_args()
    drawn = source_lists(given.enterprises, given.seed)
    sizes = ", ".join(f"{name} {len(rows):,}" for name, rows in drawn.rows.items())
    print(f"{given.enterprises:,} enterprises, {len(drawn.truth):,} rows: {sizes}; load {os.getloadavg()[0]:.1f}")
    if given.platform:
        through_the_platform(drawn, earlier=given.earlier)
        return
    left_out = set(filter(None, given.without.split(",")))
    tables = [
        {column: values for column, values in drawn.table(name).items() if column not in left_out}
        for name in drawn.rows
    ]
    began, worked = time.perf_counter(), time.process_time()
    found = deduplicate(tables)
    spent = f"{time.perf_counter() - began:.0f} s, {time.process_time() - worked:.0f} s of a processor"
    truth = np.array([drawn.truth[one] for one in found.records.ids])
    print(f"{'':28}{'precision':>10}{'recall':>8}{'enterprises':>13}")
    told("ours", found.group_of, truth, spent)
    chosen = asking(found)
    asked = np.array([at for one in chosen.questions for at in one.pairs], dtype=np.int64)
    told("ours, questions answered", decided_rightly(found, truth, asked), truth)
    told("ours, all doubts decided", decided_rightly(found, truth, found.queue), truth)
    for name, columns in (("equal codes", ("code",)), ("equal names", ("name",)), ("either", ("code", "name"))):
        told(name, equal(found.records, columns), truth)
    splink(found, truth)
    about(found, truth)


def told(name: str, groups: Groups, truth: Groups, more: str = "") -> None:
    """Print precision and recall over pairs of rows."""
    both = np.unique(np.stack((groups, truth), axis=1), axis=0, return_inverse=True)[1].reshape(-1)
    right, made, belong = (pairs_in(labels) for labels in (both, groups, truth))
    count = f"{len(np.unique(groups)):,}"
    print(f"{name:28}{right / max(1, made):10.4f}{right / belong:8.4f}{count:>13}  {more}")


def pairs_in(labels: Groups) -> int:
    """How many pairs of rows bear the same label."""
    sizes = np.unique(labels, return_counts=True)[1]
    return int((sizes * (sizes - 1) // 2).sum())


def equal(records: Records, columns: Sequence[str]) -> Groups:
    """Rows with an equal code or name, as written but for blanks, and what hangs together by them."""
    pairs: list[tuple[int, int]] = []
    for column in columns:
        first: dict[str, int] = {}
        for row in range(len(records)):
            if said := records.said(column, row):
                pairs.append((row, first.setdefault(said, row)))
    return hanging_together(np.arange(len(records)), pairs)


def hanging_together(groups: Groups, pairs: Iterable[Sequence[int]]) -> Groups:
    """Groups of rows after those of each pair were joined."""
    above = {int(label): int(label) for label in groups}

    def root(label: int) -> int:
        while above[label] != label:
            above[label] = above[above[label]]
            label = above[label]
        return label

    for one, other in pairs:
        above[root(int(groups[one]))] = root(int(groups[other]))
    return np.array([root(int(label)) for label in groups])


def through_the_platform(drawn: SourceLists, *, earlier: bool) -> None:
    """Deliver, build, and print how right the sources are and what people are asked."""
    for step, figures in build(drawn, earlier=earlier):
        if step == "delivered":
            print(f"delivered: {figures[0]:.0f} s of a processor; rows refused: {figures[1]}", flush=True)
        elif step == "built":
            (clock, own, postgres), counts, memory = figures
            print(f"built: {clock:.0f} s; of a processor {own:.0f} s here, {postgres:.0f} s PostgreSQL; {counts}")
            print(f"memory {memory / 1e9:.1f} GB, load {os.getloadavg()[0]:.1f}", flush=True)
        else:
            sources, truth, pairs = np.array(figures[0]), np.array(figures[1]), figures[2]
            print(f"{'':28}{'precision':>10}{'recall':>8}{'enterprises':>13}  rows {len(truth):,}")
            told("sources", sources, truth)
            row_of = {source: row for row, source in enumerate(figures[0])}
            for name, kept in (("questions answered", True), ("all doubts decided", False)):
                same = [pair for pair in pairs if pair[3] == pair[4] and (pair[0] or not kept)]
                right = [(row_of[one], row_of[other]) for _, one, other, *_ in same]
                told(name, hanging_together(sources, right), truth)
            for name, kept in (("asked", True), ("noted", False)):
                here = [pair for pair in pairs if bool(pair[0]) is kept]
                true = sum(pair[3] == pair[4] for pair in here)
                print(f"{name}: {len({pair[0] for pair in here}):,} questions, {len(here):,} pairs, {true:,} true")


def decided_rightly(found: Linking, truth: Groups, numbers: NDArray[np.int64]) -> Groups:
    """The groups after somebody who knows the truth has decided these pairs."""
    pairs = found.pairs[numbers]
    return hanging_together(found.group_of, pairs[truth[pairs[:, 0]] == truth[pairs[:, 1]]].tolist())


def splink(found: Linking, truth: Groups) -> None:
    """Let splink put the same rows together, with names and addresses taken apart for it."""
    python = os.environ.get("QINGYUAN_BENCH_SPLINK_PYTHON", "")
    if not python and importlib.util.find_spec("splink") is None:
        print("splink: not installed, so nothing to stand beside")
        return
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "lists.parquet", Path(folder) / "groups.parquet"
        parts_of(found.records).write_parquet(source)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        script = Path(__file__).with_name("_linking_splink.py")
        run = subprocess.run(
            [python or sys.executable, str(script), str(source), str(out)], capture_output=True, text=True, check=False
        )
        if run.returncode:
            print("splink: " + run.stderr.strip().splitlines()[-1])
            return
        took = json.loads(run.stdout.strip().splitlines()[-1])["seconds"]
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        group = dict(pl.read_parquet(out).iter_rows())
        number = {label: at for at, label in enumerate(sorted(set(group.values())))}
        labels = np.array([number[group[one]] for one in found.records.ids])
        told("splink", labels, truth, f"{took:.0f} s, {worked:.0f} s of a processor, names taken apart before")


def parts_of(records: Records) -> pl.DataFrame:
    """The rows with names, addresses and codes taken apart."""
    names, addresses = records.names, records.addresses
    columns: dict[str, list[object]] = {
        "id": list(records.ids),
        "code": [code or None for code in records.identity.written],
        "body": [name.core + name.business or None for name in names],
        "core": [name.core or None for name in names],
        "region": [name.regions[-1] if name.regions else None for name in names],
        "branch": [name.branch or "-" for name in names],
        "county": [one.divisions[-1] if one.divisions else None for one in addresses],
        "town": [one.town or None for one in addresses],
        "road": [one.road or None for one in addresses],
        "number": [one.number or None for one in addresses],
        "industry": [records.said("industry", row) or None for row in range(len(records))],
    }
    frame = pl.DataFrame(columns)
    return frame.with_columns(
        pl.Series("lon", records.lon).fill_nan(None), pl.Series("lat", records.lat).fill_nan(None)
    )


def about(found: Linking, truth: Groups) -> None:
    """Print what blocking missed, how true probabilities are, and what the queue holds."""
    same = truth[found.pairs[:, 0]] == truth[found.pairs[:, 1]]
    print(f"candidates: {len(found.pairs):,} pairs, {same.sum() / pairs_in(truth):.4f} of the true ones among them")
    chosen = asking(found)
    pairs = [at for one in chosen.questions for at in one.pairs]
    for name, here in (("asked", pairs), ("noted", chosen.noted)):
        print(f"{name}: {len(here):,} pairs, {same[here].mean() if len(here) else 0:.2f} of them true")
    print(f"questions: {len(chosen.questions):,}, worth {sum(one.gain for one in chosen.questions):,.0f} enterprises")
    chance = 1 / (1 + np.exp(-found.log_odds))
    for low, high in pairwise(BINS):
        here = (chance >= low) & (chance < high)
        if here.any():
            shares = f"told {chance[here].mean():.4f}, true {same[here].mean():.4f}"
            print(f"  told {low:g} to {min(high, 1):g}: {here.sum():,} pairs, {shares}")


if __name__ == "__main__":
    main()
