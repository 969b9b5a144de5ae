"""The public data sets of the event bench, and how alarms are scored against their labels."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
JOINED_MINUTES = 60


@dataclass(frozen=True)
class Labelled:
    """Rows of signals with the rows at which something was wrong."""

    names: tuple[str, ...]
    rows: Floats
    wrong: Mask

    def part(self, which: slice) -> "Labelled":
        return Labelled(self.names, self.rows[which], self.wrong[which])

    def followed_by(self, other: "Labelled") -> "Labelled":
        return Labelled(self.names, np.vstack([self.rows, other.rows]), np.concatenate([self.wrong, other.wrong]))


@dataclass(frozen=True)
class Figures:
    """How alarms agree with labels."""

    f1: float
    precision: float
    recall: float
    found: int
    events: int
    false_blocks: int
    false_runs: int
    false_share: float
    missed_share: float
    delay: float

    def line(self, weeks: float, unit: str) -> str:
        return (
            f"F1 {self.f1:.3f} (P {self.precision:.2f} R {self.recall:.2f})  events {self.found}/{self.events}  "
            f"false blocks {self.false_blocks} ({self.false_blocks / weeks:.2f} a week; {self.false_runs} unjoined)  "
            f"FAR {100 * self.false_share:.1f} % MAR {100 * self.missed_share:.1f} %  delay {self.delay:g} {unit}"
        )


def runs(mask: Mask, joined: int = 0) -> list[tuple[int, int]]:
    """First row and row after the last of each run; runs no further apart than ``joined`` rows are one."""
    edges = np.diff(np.concatenate([[0], mask.astype(np.int8), [0]]))
    found: list[tuple[int, int]] = []
    for first, last in zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True):
        if found and first - found[-1][1] <= joined:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found


def figures(alarm: Mask, wrong: Mask, joined: int = 0) -> Figures:
    """Score alarms: a false block is a run of alarms that touches no labelled row."""
    hits, false, missed = (int(np.sum(part)) for part in (alarm & wrong, alarm & ~wrong, ~alarm & wrong))
    events = runs(wrong)
    delays = [int(np.argmax(alarm[first:last])) for first, last in events if alarm[first:last].any()]
    none = [sum(not wrong[first:last].any() for first, last in runs(alarm, apart)) for apart in (joined, 0)]
    return Figures(
        f1=2 * hits / max(1, 2 * hits + false + missed),
        precision=hits / max(1, hits + false),
        recall=hits / max(1, hits + missed),
        found=len(delays),
        events=len(events),
        false_blocks=none[0],
        false_runs=none[1],
        false_share=false / max(1, int(np.sum(~wrong))),
        missed_share=missed / max(1, int(np.sum(wrong))),
        delay=float(np.median(delays)) if delays else float("nan"),
    )


def gecco(path: Path) -> Labelled:
    """GECCO 2018 challenge: a drinking-water station by the minute."""
    return _labelled(pl.read_parquet(path), ("Time",), ("EVENT",))


def batadal(path: Path) -> Labelled:
    """BATADAL: the water network of C-Town by the hour."""
    frame = pl.read_parquet(path)
    label = "attack_true" if "attack_true" in frame.columns else "ATT_FLAG"
    wrong = frame[label].cast(pl.Int64).fill_null(0).to_numpy() > 0
    plain = _labelled(frame, ("DATETIME", "ATT_FLAG", "attack_true"), ())
    return Labelled(plain.names, plain.rows, wrong)


def skab(where: Path) -> Iterator[tuple[str, str, Labelled]]:
    """SKAB: experiments with a water loop by the second; a parquet of many, or a folder of parquet or csv files."""
    files = sorted(where.rglob("*.parquet")) + sorted(where.rglob("*.csv")) if where.is_dir() else [where]
    skipped = ("group", "file", "datetime", "changepoint")
    for path in files:
        if path.suffix == ".csv":
            frame = pl.read_csv(path, separator=";")
            if "anomaly" in frame.columns:
                yield path.parent.name, path.name, _labelled(frame, skipped, ("anomaly",))
            continue
        for (group, name), frame in pl.read_parquet(path).group_by("group", "file", maintain_order=True):
            yield str(group), str(name), _labelled(frame, skipped, ("anomaly",))


def river(path: Path) -> tuple[pl.DataFrame, Floats]:
    """A river of oddwater: level, conductivity and turbidity about every hour, with a type for each anomaly."""
    frame = pl.read_parquet(path)
    return frame, frame.select("Level", "Cond", "Tur").to_numpy().astype(np.float64)


def _labelled(frame: pl.DataFrame, skipped: tuple[str, ...], label: tuple[str, ...]) -> Labelled:
    names = tuple(name for name in frame.columns if name not in (*skipped, *label))
    rows = frame.select(names).cast(pl.Float64).to_numpy().astype(np.float64)
    wrong = np.zeros(len(rows), dtype=bool)
    if label:
        wrong = frame[label[0]].cast(pl.Float64).fill_null(0.0).to_numpy() > 0
    return Labelled(names, rows, wrong)
