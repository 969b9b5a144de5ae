"""Readings of some channels in a span of time, out of few row groups of few files."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qingyuan.kit.lakes import Lake
from qingyuan.recording.lake.layout import COLUMNS, KEY, File, empty, instant
from qingyuan.recording.lake.table import forget, snapshot

if TYPE_CHECKING:
    import polars as pl

ROWS_A_PIECE = 50_000


@dataclass(frozen=True)
class Found:
    """Readings of one channel as parallel arrays, sorted by time [µs]; NaN where a value is missing."""

    at: NDArray[np.int64]
    value: NDArray[np.float64]
    mark: NDArray[np.str_]

    @classmethod
    def of(cls, rows: Sequence[tuple[int, float, str]]) -> "Found":
        """From (at, value, mark)."""
        at, value, mark = zip(*rows, strict=True) if rows else ((), (), ())
        return cls(np.array(at, dtype=np.int64), np.array(value, dtype=np.float64), np.array(mark, dtype="U1"))

    def over(self, below: "Found") -> "Found":
        """Both together; where both know an instant, this one's reading stands."""
        if not len(below.at) or not len(self.at):
            return self if len(self.at) else below
        rest = ~np.isin(below.at, self.at, assume_unique=True)
        at = np.concatenate([self.at, below.at[rest]])
        order = np.argsort(at, kind="stable")
        value = np.concatenate([self.value, below.value[rest]])[order]
        mark = np.concatenate([self.mark, below.mark[rest]])[order]
        return Found(at[order], value, mark)


NOTHING = Found.of(())


def series(lake: Lake, kind: str, channels: Sequence[int], span: tuple[int, int], *, at_least: int) -> dict[int, Found]:
    """What the lake holds of some channels from `span[0]` on and before `span[1]` [µs]; silent channels are left out.

    `at_least` is a version of the lake that must be seen.
    """
    wanted = ("channel", "at", "value", "mark")
    rows = patient(lake, kind, span, channels=channels, at_least=at_least, columns=wanted, ordered=False)
    channel, at, value = rows["channel"].to_numpy(), rows["at"].to_physical().to_numpy(), rows["value"].to_numpy()
    mark = _letters(rows["mark"])
    edges = np.append(np.flatnonzero(np.diff(channel, prepend=np.int32(-1)) != 0), len(channel))
    parts: dict[int, list[slice]] = defaultdict(list)
    for first, after in pairwise(edges.tolist()):
        parts[int(channel[first])].append(slice(first, after))
    return {one: _joined([Found(at[p], value[p], mark[p]) for p in several]) for one, several in parts.items()}


def _letters(marks: "pl.Series") -> NDArray[np.str_]:
    """One-letter marks as an array, without a Python object for each."""
    import polars as pl

    codes = marks.cast(pl.Binary).bin.reinterpret(dtype=pl.UInt8, endianness="little").to_numpy()
    return codes.astype(np.uint32).view("U1")


def _joined(parts: Sequence[Found]) -> Found:
    """What several files hold of one channel, in order of time; they mostly follow each other."""
    whole = parts[0]
    if len(parts) > 1:
        whole = Found(
            np.concatenate([one.at for one in parts]),
            np.concatenate([one.value for one in parts]),
            np.concatenate([one.mark for one in parts]),
        )
    if np.all(whole.at[1:] >= whole.at[:-1]):
        return whole
    order = np.argsort(whole.at, kind="stable")
    return Found(whole.at[order], whole.value[order], whole.mark[order])


def months(lake: Lake, kind: str, channel: int, span: tuple[int, int], *, at_least: int) -> list[tuple[int, int, int]]:
    """The months that may hold readings of a channel: first instant and the one after the last [µs], and into how many
    pieces to cut each so that a piece holds few readings, as far as the channel has as many as those beside it.
    """
    found: dict[str, tuple[int, int, int]] = {}
    for file in snapshot(lake, at_least).overlapping(kind, *span, [channel]):
        first, after, rows = found.get(file.month, (file.first_at, file.last_at + 1, 0))
        rows += file.rows // (file.last_channel - file.first_channel + 1)
        found[file.month] = (min(first, file.first_at), max(after, file.last_at + 1), rows)
    return [(first, after, rows // ROWS_A_PIECE + 1) for first, after, rows in found.values()]


def patient(
    lake: Lake,
    kind: str,
    span: tuple[int, int],
    *,
    channels: Sequence[int],
    at_least: int,
    columns: Sequence[str] = COLUMNS,
    ordered: bool = True,
) -> "pl.DataFrame":
    """Rows by the files as known; once more by the log's newest word if one of them has been swept away."""
    try:
        files = snapshot(lake, at_least).overlapping(kind, *span, channels)
        return rows_of(lake, files, span=span, channels=channels, columns=columns, ordered=ordered)
    except FileNotFoundError:
        forget(lake)
        files = snapshot(lake).overlapping(kind, *span, channels)
        return rows_of(lake, files, span=span, channels=channels, columns=columns, ordered=ordered)


def rows_of(
    lake: Lake,
    files: Sequence[File],
    *,
    span: tuple[int, int] | None = None,
    channels: Collection[int] | None = None,
    between: tuple[int, int] | None = None,
    columns: Sequence[str] = COLUMNS,
    ordered: bool = True,
) -> "pl.DataFrame":
    """Rows of these files, sorted by (channel, at).

    Parameters
    ----------
    lake : Lake
    files : sequence of File
    span : (int, int), optional
        From the first instant on, before the second [µs].
    channels : collection of int, optional
        Only these.
    between : (int, int), optional
        Only channels from the first to the last.
    columns : sequence of str
    ordered : bool
        False leaves file behind file, each sorted for itself.
    """
    import polars as pl

    if not files:
        return empty().select(columns)
    found = pl.scan_parquet(
        [lake.path(file.path) for file in files], storage_options=lake.storage, hive_partitioning=False, glob=False
    )
    if channels is not None and len(channels) == 1:
        found = found.filter(pl.col("channel") == pl.lit(next(iter(channels)), dtype=pl.Int32))
    elif channels is not None:
        found = found.filter(pl.col("channel").is_between(min(channels), max(channels)))
        found = found.filter(pl.col("channel").is_in(pl.Series(sorted(channels), dtype=pl.Int32).implode()))
    if between is not None and any(file.first_channel < between[0] or file.last_channel > between[1] for file in files):
        found = found.filter(pl.col("channel").is_between(*between))
    if span is not None and any(file.first_at < span[0] or file.last_at >= span[1] for file in files):
        found = found.filter(pl.col("at") >= instant(span[0]), pl.col("at") < instant(span[1]))
    rows = found.select(columns).collect()
    return rows.sort("channel", "at") if ordered and len(files) > 1 and set(KEY) <= set(columns) else rows
