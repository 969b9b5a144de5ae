"""What a row of the lake looks like, and how its files are encoded (decision 0009 tells why, with figures)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import polars as pl

NUMBERS = ("value", "low", "high", "total")
KEY = ("channel", "at")
COLUMNS = (*KEY, *NUMBERS, "mark", "received_at")
PARTITIONS = ("kind", "month")
DAY_US = 86_400_000_000
ROWS_A_FILE = 8_000_000
ROWS_A_GROUP = 65_536
ZSTD_LEVEL = 7
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class File:
    """One Parquet file of the lake, sorted by (channel, at); instants in microseconds since 1970 UTC."""

    path: str
    size: int
    kind: str
    month: str
    rows: int
    first_channel: int
    last_channel: int
    first_at: int
    last_at: int


def month_of(at: int) -> str:
    """The UTC month of an instant [µs], as `2026-01`."""
    return f"{_EPOCH + timedelta(microseconds=at):%Y-%m}"


def instant(at: int) -> datetime:
    """An instant [µs] as people write it."""
    return _EPOCH + timedelta(microseconds=at)


def frame(columns: dict[str, NDArray[Any]]) -> "pl.DataFrame":
    """Rows from parallel arrays named like `COLUMNS`: NaN becomes missing, times [µs] become instants in UTC."""
    import polars as pl

    if not len(columns["at"]):
        return empty()
    times = pl.Datetime("us", "UTC")
    return pl.DataFrame(
        [
            pl.Series("channel", columns["channel"].astype(np.int32)),
            pl.Series("at", columns["at"].astype(np.int64)).cast(times),
            *(pl.Series(name, columns[name].astype(np.float64), nan_to_null=True) for name in NUMBERS),
            pl.Series("mark", columns["mark"].astype("U1"), dtype=pl.String),
            pl.Series("received_at", columns["received_at"].astype(np.int64)).cast(times),
        ]
    )


def empty() -> "pl.DataFrame":
    """No rows, with the lake's columns."""
    import polars as pl

    times = pl.Datetime("us", "UTC")
    floats = dict.fromkeys(NUMBERS, pl.Float64)
    return pl.DataFrame(schema={"channel": pl.Int32, "at": times, **floats, "mark": pl.String, "received_at": times})


def schema() -> Any:
    """The Delta schema of the lake, its two partition columns first."""
    from deltalake.schema import Field, PrimitiveType, Schema

    types = {"channel": "integer", "at": "timestamp", "mark": "string", "received_at": "timestamp"}
    columns = [Field(name, PrimitiveType("string"), nullable=False) for name in PARTITIONS]
    for name in COLUMNS:
        columns.append(Field(name, PrimitiveType(types.get(name, "double")), nullable=name in NUMBERS))
    return Schema(columns)


def writer_properties() -> Any:
    """How columns are encoded: steps between sorted whole numbers, dictionaries of rounded values, zstd over all.

    `received_at` is plain: the channels of a packet share it, so zstd finds one channel's run again in the next, as
    long as both are in one page.
    """
    from deltalake import ColumnProperties, WriterProperties

    steps = ColumnProperties(dictionary_enabled=False, encoding="DELTA_BINARY_PACKED", statistics_enabled="CHUNK")
    words = ColumnProperties(dictionary_enabled=True, statistics_enabled="NONE")
    plain = ColumnProperties(dictionary_enabled=False, encoding="PLAIN", statistics_enabled="NONE")
    columns = {name: steps if name in KEY else words for name in COLUMNS} | {"received_at": plain}
    return WriterProperties(
        compression="ZSTD", compression_level=ZSTD_LEVEL, max_row_group_size=ROWS_A_GROUP,
        data_page_row_count_limit=ROWS_A_GROUP, data_page_size_limit=16 * ROWS_A_GROUP, column_properties=columns,
    )  # fmt: skip


def checksums(rows: "pl.DataFrame") -> dict[int, tuple[int, int]]:
    """For each day (since 1970) how many rows it has, and a sum over them that any change of any bit of them moves.

    The sum is modulo 2^64 over a hash of each row, so it does not depend on their order, and the sums of two sets of
    rows are the sum of the whole.
    """
    if not len(rows):
        return {}
    at = rows["at"].to_physical().to_numpy()
    hashed = _mixed(rows["channel"].to_numpy().astype(np.uint64), at.view(np.uint64))
    for name in NUMBERS:
        hashed = _mixed(hashed, rows[name].fill_null(float("nan")).to_numpy().view(np.uint64))
    marks = rows["mark"].to_numpy().astype("S1").view(np.uint8).astype(np.uint64)
    hashed = _mixed(_mixed(hashed, marks), rows["received_at"].to_physical().to_numpy().view(np.uint64))
    days, member = np.unique(at // DAY_US, return_inverse=True)
    sums = np.zeros(len(days), dtype=np.uint64)
    np.add.at(sums, member, hashed)
    counts = np.bincount(member)
    return {int(day): (int(n), int(total)) for day, n, total in zip(days, counts, sums, strict=True)}


def _mixed(state: NDArray[np.uint64], added: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finishing steps of SplitMix64 (Steele, Lea, Flood 2014) over state and what is added."""
    mixed = (state * np.uint64(0x9E3779B97F4A7C15)) ^ (added + np.uint64(0x9E3779B97F4A7C15))
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    finished: NDArray[np.uint64] = mixed ^ (mixed >> np.uint64(31))
    return finished
