"""Lake work as pure functions of one part: one kind, one month, one range of channels.

A part names everything that is needed, so that any process on any machine that reaches the lake's storage can take it.
What comes back is small, or files that belong to nothing until the caller commits them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qingyuan.kit.lakes import Lake
from qingyuan.recording.lake.layout import DAY_US, ROWS_A_FILE, File, checksums
from qingyuan.recording.lake.reading import rows_of
from qingyuan.recording.lake.table import Snapshot, write

if TYPE_CHECKING:
    import polars as pl

_AT_ONCE = 1 << 16  # rows; their columns stay in the processor's cache
_CHANNELS_JOINED = 4_000
CHINA_OFFSET_US = 8 * 3_600_000_000


@dataclass(frozen=True)
class Part:
    """The readings of one kind in one month of the channels from `first_channel` to `last_channel`."""

    lake: Lake
    kind: str
    month: str
    first_channel: int
    last_channel: int
    files: tuple[File, ...]

    def rows(self, *columns: str) -> "pl.DataFrame":
        """The readings, sorted by (channel, at)."""
        between = self.first_channel, self.last_channel
        if columns:
            return rows_of(self.lake, self.files, between=between, columns=columns)
        return rows_of(self.lake, self.files, between=between)


@dataclass(frozen=True)
class DaySums:
    """Sum and number of valid values of each channel on each day of China (UTC+8), parallel arrays in order.

    `day` counts from 1970-01-01. Where two parts hold halves of one day, the sums add up.
    """

    channel: NDArray[np.int32]
    day: NDArray[np.int32]
    total: NDArray[np.float64]
    count: NDArray[np.int32]


def parts_of(lake: Lake, known: Snapshot, kinds: Sequence[str] | None = None) -> list[Part]:
    """The whole lake, or some kinds of it, cut into parts of bounded size."""
    cut: list[Part] = []
    for kind, month in known.months():
        if kinds is None or kind in kinds:
            cut += parts_of_month(lake, known.of_month(kind, month))
    return cut


def parts_of_month(lake: Lake, files: Sequence[File]) -> list[Part]:
    """One month of one kind cut by channels: along its files where they do not overlap, else into equal ranges."""
    ordered = sorted(files, key=lambda file: file.first_channel)
    apart = all(one.last_channel < other.first_channel for one, other in pairwise(ordered))
    if apart:
        ranges = [(file.first_channel, file.last_channel) for file in ordered]
    else:
        lowest, highest = ordered[0].first_channel, max(file.last_channel for file in files)
        pieces = min(-(-sum(file.rows for file in files) // ROWS_A_FILE), highest - lowest + 1)
        edges = [lowest + (highest + 1 - lowest) * number // pieces for number in range(pieces + 1)]
        ranges = [(edge, following - 1) for edge, following in pairwise(edges)]
    return [
        Part(lake, files[0].kind, files[0].month, first, last, tuple(
            file for file in ordered if file.first_channel <= last and file.last_channel >= first
        ))
        for first, last in ranges
    ]  # fmt: skip


def day_checksums(part: Part) -> dict[int, tuple[int, int]]:
    """For each UTC day of the part (since 1970) the number of its rows and their checksum."""
    return checksums(part.rows())


def compacted(part: Part) -> list[File]:
    """The part written anew as one sorted file, or as few as the size of a file allows."""
    return write(part.lake, part.kind, part.rows())


def day_sums(part: Part) -> DaySums:
    """Sums of the valid values of each channel and day of China: what daily means are made of."""
    rows = part.rows("channel", "at", "value", "mark")
    return _added_up([_sums(piece) for piece in rows.iter_slices(_AT_ONCE)])


def _sums(rows: "pl.DataFrame") -> DaySums:
    channel, at = rows["channel"].to_numpy(), rows["at"].to_physical().to_numpy()
    value = rows["value"].to_numpy()
    valid = np.isfinite(value)
    valid &= (rows["mark"] == "N").to_numpy()
    day = (at + CHINA_OFFSET_US) // DAY_US
    starts = _starts(channel, day)
    total = np.add.reduceat(np.where(valid, value, 0.0), starts)
    count = np.add.reduceat(valid, starts, dtype=np.int32)
    return DaySums(channel[starts], day[starts].astype(np.int32), total, count)


def _added_up(sums: Sequence[DaySums]) -> DaySums:
    """Sums in order of (channel, day), one after the other; the halves of a day are neighbours."""
    whole = _one_after_the_other(sums)
    if not len(whole.channel):
        return whole
    starts = _starts(whole.channel, whole.day)
    total, count = np.add.reduceat(whole.total, starts), np.add.reduceat(whole.count, starts)
    return DaySums(whole.channel[starts], whole.day[starts], total, count)


def _one_after_the_other(sums: Sequence[DaySums]) -> DaySums:
    if len(sums) == 1:
        return sums[0]
    none = np.empty(0, dtype=np.int32)
    columns = zip(*(_columns(one) for one in (DaySums(none, none, np.empty(0), none), *sums)), strict=True)
    return DaySums(*(np.concatenate(column) for column in columns))


def _columns(sums: DaySums) -> tuple[NDArray[Any], ...]:
    return sums.channel, sums.day, sums.total, sums.count


def _starts(channel: NDArray[np.int32], day: NDArray[Any]) -> NDArray[np.intp]:
    return np.flatnonzero(np.append(True, (day[1:] != day[:-1]) | (channel[1:] != channel[:-1])))


def joined_sums(parts: Sequence[DaySums]) -> DaySums:
    """The sums of several parts in order of (channel, day), halves of a day added up.

    So many channels at a time that the memory holds little more than the sums twice.
    """
    own = [part for part in parts if len(part.channel)]
    last = max((int(part.channel[-1]) for part in own), default=-1)
    first = min((int(part.channel[0]) for part in own), default=0)
    edges = [*range(first, last + 1, _CHANNELS_JOINED), last + 1]
    return _one_after_the_other([_joined([_between(part, *span) for part in own]) for span in pairwise(edges)])


def _between(part: DaySums, first: int, after: int) -> DaySums:
    start, end = np.searchsorted(part.channel, [first, after])
    return DaySums(*(column[start:end] for column in _columns(part)))


def _joined(parts: Sequence[DaySums]) -> DaySums:
    whole = _one_after_the_other(parts)
    order = np.argsort(
        whole.channel.astype(np.int64) << 32 | whole.day, kind="stable"
    )  # quick where parts are in order
    return _added_up([DaySums(*(column[order] for column in _columns(whole)))])
