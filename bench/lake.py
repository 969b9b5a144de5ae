"""The history lake, measured on hourly readings of an imagined network, beside DuckDB on the same files.

    python bench/lake.py                                 200 million readings, two years: 0.6 GB, 3 minutes
    python bench/lake.py --rows 4.2e9 --years 10         4.2 thousand million: 11 GB of disk, 12 GB of memory, more
                                                         than an hour, most of it for making the readings up
    python bench/lake.py --rows 4.2e9 --years 10 --folder FOLDER           make it there year by year and keep it;
                                                         another time goes on where this one ended, or measures at once

Files are in the page cache when they are read, for both. Without a folder, what was written is deleted at the end.
"""

import argparse
import os
import resource
import shutil
import signal
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import numpy as np
from _hourly import Piece, rows, written
from _platform import platform

from qingyuan.kit.lakes import Lake
from qingyuan.recording.lake import layout, parts, table
from qingyuan.recording.lake.executors import executor, run, spread
from qingyuan.recording.lake.parts import DaySums
from qingyuan.recording.lake.reading import rows_of

Result = TypeVar("Result")
FIRST_YEAR = 2024
ASKED = 200
LONGEST_S = 3 * 3600
DAY = timedelta(days=1)
_YEAR = (
    'SELECT "at", value, mark FROM read_parquet(?, hive_partitioning = false)'
    ' WHERE channel = ? AND "at" >= ? AND "at" < ? ORDER BY "at"'
)
_DAY = (
    'SELECT channel, "at", value FROM read_parquet(?, hive_partitioning = false)'
    ' WHERE "at" >= ? AND "at" < ? ORDER BY channel, "at"'
)
_MEANS = (
    "CREATE TEMP TABLE means AS SELECT channel,"
    " CAST(floor((epoch_us(\"at\") + 28800000000) / 86400000000) AS int) AS day, avg(value) FILTER (mark = 'N') AS mean"
    " FROM read_parquet(?, hive_partitioning = false) GROUP BY ALL"
)


def main() -> None:
    """Make the lake, measure, print, delete."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=float, default=200e6)
    parser.add_argument("--years", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="where the lake is made and kept")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="qingyuan-bench-lake-"))
    lake = Lake(str(folder / "lake"))
    os.environ["QINGYUAN_LAKE"] = lake.root
    try:
        with platform():
            signal.alarm(LONGEST_S)
            channels = max(100, int(options.rows / 0.97 / options.years / 8766))
            fill(lake, channels, options.years)
            encodings(lake, channels)
            one_channel_one_year(lake, channels, options.years)
            one_day(lake)
            daily_means(lake)
    finally:
        if options.folder is None:
            shutil.rmtree(folder, ignore_errors=True)


def fill(lake: Lake, channels: int, years: int) -> None:
    """Write the lake in files as compaction leaves them, a commit a year, and say that its days are sealed."""
    begun = time.perf_counter()
    table.ensure(lake)
    there = {file.month[:4] for file in table.snapshot(lake).files}
    made = [year for year in range(FIRST_YEAR, FIRST_YEAR + years) if str(year) not in there]
    with executor() as workers:
        for year in made:
            table.commit(lake, list(chain.from_iterable(spread(written, _pieces(lake, year, channels), workers))))
    _say_sealed(years, table.snapshot(lake).version)
    files = table.snapshot(lake).files
    count, size = sum(file.rows for file in files), sum(file.size for file in files)
    print(f"{count:,} readings of {channels:,} channels in {len(files)} files, {size / 1e9:.2f} GB;", end=" ")
    print(f"{len(made)} years made up, written and committed in {time.perf_counter() - begun:.0f} s")
    print(f"bytes a reading: {size / count:.2f}  (aim: 3)", flush=True)


def _pieces(lake: Lake, year: int, channels: int) -> list[Piece]:
    step = layout.ROWS_A_FILE // 745
    return [
        Piece(lake, year, month, first, min(first + step, channels))
        for month in range(1, 13)
        for first in range(0, channels, step)
    ]


def _say_sealed(years: int, version: int) -> None:
    from qingyuan.recording.models import SealedDay

    first, after = date(FIRST_YEAR, 1, 1), date(FIRST_YEAR + years, 1, 1)
    days = [first + number * DAY for number in range((after - first).days)]
    now = datetime.now(UTC)
    SealedDay.objects.bulk_create(
        SealedDay(day=day, kind="h", rows=0, checksum="0" * 16, version=version, sealed_at=now) for day in days
    )


def encodings(lake: Lake, channels: int) -> None:
    """One month of some channels, encoded otherwise."""
    from deltalake import ColumnProperties, WriterProperties, write_deltalake

    def plain(encoding: str) -> Any:
        return ColumnProperties(dictionary_enabled=False, encoding=encoding)  # type: ignore[arg-type]

    chosen = layout.writer_properties().column_properties
    words = ColumnProperties(dictionary_enabled=True)
    level, packed = layout.ZSTD_LEVEL, plain("DELTA_BINARY_PACKED")
    tried: dict[str, tuple[dict[str, Any], int]] = {
        "as chosen": (chosen, level),
        "zstd level 3": (chosen, 3),
        "zstd level 12": (chosen, 12),
        "values split into byte streams": (chosen | {"value": plain("BYTE_STREAM_SPLIT")}, level),
        "values plain": (chosen | {"value": plain("PLAIN")}, level),
        "instants as dictionaries": (chosen | {"at": words}, level),
        "received_at as steps": (chosen | {"received_at": packed}, level),
        "received_at as dictionary": (chosen | {"received_at": words}, level),
    }
    for ranges in (False, True):
        month = rows(Piece(lake, FIRST_YEAR, 1, 0, min(channels, 1200), ranges=ranges)).sort("channel", "at")
        for what, (columns, level) in tried.items():
            with tempfile.TemporaryDirectory(dir=Path(lake.root).parent) as folder:
                properties = WriterProperties(
                    compression="ZSTD", compression_level=level, max_row_group_size=layout.ROWS_A_GROUP,
                    data_page_row_count_limit=layout.ROWS_A_GROUP, data_page_size_limit=16 * layout.ROWS_A_GROUP,
                    column_properties=columns,
                )  # fmt: skip
                write_deltalake(folder, month, writer_properties=properties)
                size = sum(path.stat().st_size for path in Path(folder).glob("*.parquet"))
            kind = "lowest, mean and highest" if ranges else "means alone"
            print(f"    {kind}, {what}: {size / len(month):.2f} bytes a reading", flush=True)


def one_channel_one_year(lake: Lake, channels: int, years: int) -> None:
    """A year of one channel after the other, through the door that pages and detectors use."""
    from qingyuan.recording.queries import window

    random = np.random.default_rng(1)
    asked = [
        (int(c), FIRST_YEAR + int(y))
        for c, y in zip(random.integers(0, channels, ASKED), random.integers(0, years, ASKED), strict=True)
    ]
    files = {
        year: [lake.path(file.path) for file in table.snapshot(lake).files if file.month.startswith(str(year))]
        for year in {year for _, year in asked}
    }
    duck = _duck()

    def ours(channel: int, year: int) -> int:
        return len(window(channel, "h", datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)).at)

    def theirs(channel: int, year: int) -> int:
        span = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
        return len(duck.execute(_YEAR, [files[year], channel, *span]).fetchnumpy()["at"])

    assert [ours(*one) for one in asked[:5]] == [theirs(*one) for one in asked[:5]]
    for name, read in (("window()", ours), ("DuckDB", theirs)):
        print(f"one channel, one year, {name}: {_quantiles(read, asked)}", flush=True)


def _quantiles(read: Callable[[int, int], int], asked: Sequence[tuple[int, int]]) -> str:
    spent = []
    for one in asked:
        begun = time.perf_counter()
        read(*one)
        spent.append((time.perf_counter() - begun) * 1000)
    return f"p50 {statistics.median(spent):.1f} ms, p99 {statistics.quantiles(spent, n=100)[98]:.1f} ms"


def one_day(lake: Lake) -> None:
    """One day of all channels."""
    first = datetime(FIRST_YEAR, 3, 17, tzinfo=UTC)
    span = round(first.timestamp() * 1e6), round((first + DAY).timestamp() * 1e6)
    files = table.snapshot(lake).overlapping("h", *span)
    begun = time.perf_counter()
    found = len(rows_of(lake, files, span=span, columns=("channel", "at", "value")))
    print(f"one day of all channels ({found:,} readings): {time.perf_counter() - begun:.2f} s;", end=" ")
    begun = time.perf_counter()
    theirs = _duck().execute(_DAY, [[lake.path(file.path) for file in files], first, first + DAY]).fetchnumpy()
    print(f"DuckDB: {time.perf_counter() - begun:.2f} s", flush=True)
    assert len(theirs["at"]) == found


def daily_means(lake: Lake) -> None:
    """Daily means of everything, by days of China; processor seconds tell more than the clock of a shared machine."""
    files = table.snapshot(lake).files
    count = sum(file.rows for file in files)

    def ours() -> DaySums:
        with executor() as workers:
            return parts.joined_sums(list(run(parts.day_sums, parts.parts_of(lake, table.snapshot(lake)), workers)))

    duck = _duck()

    def theirs() -> tuple[int, float]:
        duck.execute(_MEANS, [[lake.path(file.path) for file in files]])
        found = duck.execute("SELECT count(*), sum(mean) FROM means").fetchone()
        assert found is not None
        return found[0], found[1]

    print("daily means of the whole lake:", end=" ")
    sums = _timed("ours", ours, count)
    print(f"most memory of this process so far: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.1f} GB")
    days, total = _timed("DuckDB", theirs, count)
    with np.errstate(invalid="ignore"):
        mine = float(np.nansum(sums.total / sums.count))
    assert days == len(sums.day)
    assert abs(total - mine) < 1e-6 * mine


def _timed(name: str, work: Callable[[], Result], count: int) -> Result:
    begun, before = time.perf_counter(), _processor_seconds()
    found = work()
    wall, spent = time.perf_counter() - begun, _processor_seconds() - before
    print(
        f"{name} {wall:.1f} s, of processors {spent:.1f} s, {count / spent / 1e6:.0f} million readings a processor",
        end="",
    )
    cores = os.cpu_count() or 1
    print(f" second; 4.2e9 on {cores} free processors: {4.2e9 / count * spent / cores:.0f} s  (aim: 120 s)", flush=True)
    return found


def _processor_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _duck() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect()
    made.execute("SET temp_directory = ?", [str(Path(os.environ["QINGYUAN_LAKE"]).parent / "duckdb")])
    made.execute("SET parquet_metadata_cache = true")
    made.execute("SET TimeZone = 'UTC'")
    return made


if __name__ == "__main__":
    main()
