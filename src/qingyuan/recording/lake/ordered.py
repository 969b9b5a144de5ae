"""The first readings of many channels in an order of their columns, out of files that are sorted by channel and time.

Polars reads the files piece by piece and keeps the first ones alone, so that the memory does not grow with the files.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from qingyuan.kit.lakes import Lake
from qingyuan.recording.lake.layout import COLUMNS, DAY_US, File, empty
from qingyuan.recording.lake.table import Snapshot, forget, snapshot

if TYPE_CHECKING:
    import polars as pl

FIRST, LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
Channels = Mapping[str, Collection[int]]  # of each kind
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Key:
    """A column by which readings are sorted; empty values come last."""

    column: str
    descending: bool = False


@dataclass(frozen=True)
class Bounds:
    """What every reading that is looked for has: its instant from `start` on and before `end`; of value and time of
    receipt the first and the last one that will do, None where any will.
    """

    start: datetime = FIRST
    end: datetime = LAST
    value: tuple[float | None, float | None] = (None, None)
    received: tuple[datetime | None, datetime | None] = (None, None)


@dataclass(frozen=True)
class Cell:
    """About how many readings lie in a span [µs]."""

    start: int
    end: int
    rows: float


def first(
    lake: Lake,
    channels: Channels,
    bounds: Bounds,
    order: Sequence[Key],
    *,
    after: Sequence[Any] | None,
    most: int,
    at_least: int,
) -> "pl.DataFrame":
    """The first readings within bounds that come after one with the values `after`; a column `kind` stands behind."""

    def read(files: Snapshot) -> "pl.DataFrame":
        found = _rows(lake, files, channels, bounds)
        if found is None:
            return nothing()
        if after is not None:
            found = found.filter(_after(order, after))
        names, descending = [key.column for key in order], [key.descending for key in order]
        return found.sort(names, descending=descending, nulls_last=True).head(most).collect(engine="streaming")

    return patient(lake, at_least, read)


def count(lake: Lake, channels: Channels, bounds: Bounds, *, at_least: int) -> int:
    """How many readings lie within bounds."""
    import polars as pl

    def read(files: Snapshot) -> int:
        found = _rows(lake, files, channels, bounds)
        return 0 if found is None else int(found.select(pl.len()).collect(engine="streaming").item())

    return patient(lake, at_least, read)


def cells(lake: Lake, channels: Channels, bounds: Bounds, *, at_least: int) -> list[Cell]:
    """Where readings of the channels lie, as far as each has as many as those beside it."""
    return [
        Cell(file.first_at, file.last_at + 1, file.rows * _share(file, channels[file.kind]))
        for file in _files(snapshot(lake, at_least), channels, bounds)
    ]


def scanned(lake: Lake, channels: Channels, bounds: Bounds, *, at_least: int) -> int:
    """How many readings have to be looked at to find those within bounds."""
    return sum(file.rows for file in _files(snapshot(lake, at_least), channels, bounds))


def patient(lake: Lake, at_least: int, read: Callable[[Snapshot], Answer]) -> Answer:
    """What is read of the files as known; once more by the log's newest word if one has been swept away."""
    try:
        return read(snapshot(lake, at_least))
    except FileNotFoundError:
        forget(lake)
        return read(snapshot(lake))


def _files(files: Snapshot, channels: Channels, bounds: Bounds) -> list[File]:
    span = _us(bounds.start), _us(bounds.end)
    return [file for kind, some in channels.items() if some for file in files.overlapping(kind, *span, some)]


def _share(file: File, channels: Collection[int]) -> float:
    within = sum(file.first_channel <= channel <= file.last_channel for channel in channels)
    return min(1.0, within / (file.last_channel - file.first_channel + 1))


def _rows(lake: Lake, files: Snapshot, channels: Channels, bounds: Bounds) -> "pl.LazyFrame | None":
    import polars as pl

    by_kind: dict[str, list[File]] = {}
    for file in _files(files, channels, bounds):
        by_kind.setdefault(file.kind, []).append(file)
    parts = []
    for kind, some in sorted(by_kind.items()):
        paths = [lake.path(file.path) for file in some]
        rows = pl.scan_parquet(paths, storage_options=lake.storage, hive_partitioning=False, glob=False)
        wanted = pl.Series(sorted(channels[kind]), dtype=pl.Int32)
        rows = rows.filter(pl.col("channel").is_between(wanted[0], wanted[-1]))
        rows = rows.filter(pl.col("channel").is_in(wanted.implode())) if len(wanted) > 1 else rows
        parts.append(_within(rows, bounds).select(*COLUMNS, kind=pl.lit(kind)))
    return pl.concat(parts) if parts else None


def _within(rows: "pl.LazyFrame", bounds: Bounds) -> "pl.LazyFrame":
    import polars as pl

    rows = rows.filter(pl.col("at") >= bounds.start, pl.col("at") < bounds.end)
    for name, (least, most) in (("value", bounds.value), ("received_at", bounds.received)):
        if least is not None:
            rows = rows.filter(pl.col(name) >= least)
        if most is not None:
            rows = rows.filter(pl.col(name) <= most)
    return rows


def _after(order: Sequence[Key], values: Sequence[Any]) -> "pl.Expr":
    """Rows that come after one with these values."""
    import polars as pl

    found = pl.lit(value=False)
    for key, value in reversed(list(zip(order, values, strict=True))):
        here = pl.col(key.column)
        if value is None:
            found = here.is_null() & found
        else:
            beyond = here < value if key.descending else here > value
            found = (beyond | here.is_null() | ((here == value) & found)).fill_null(value=True)
    return found


def nothing() -> "pl.DataFrame":
    """No readings, with the column of their kind."""
    import polars as pl

    return empty().with_columns(kind=pl.lit(""))


def _us(at: datetime) -> int:
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * DAY_US) + since.seconds * 1_000_000 + since.microseconds
