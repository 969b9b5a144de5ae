"""Work over the whole lake: the same numbers from processes of one machine and from a cluster."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from distributed import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.kit.lakes import Lake
from qingyuan.recording.lake import parts, table
from qingyuan.recording.lake.executors import executor, spread
from qingyuan.recording.lake.layout import COLUMNS, NUMBERS, checksums, frame
from qingyuan.recording.lake.parts import DaySums
from qingyuan.recording.lake.reading import rows_of
from qingyuan_science.series import Series, day_means

HOUR_US = 3_600_000_000
START = round(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1e6)
SOURCES = str(Path(__file__).resolve().parents[3] / "src")


def filled(lake: Lake, channels: int, hours: int) -> dict[int, Series]:
    """A lake of hourly values with gaps and marks; answers the series that it holds."""
    random = np.random.default_rng(7)
    table.ensure(lake)
    held, files = {}, []
    for channel in range(1, channels + 1):
        at = START + np.flatnonzero(random.random(hours) < 0.95).astype(np.int64) * HOUR_US
        value = np.round(random.normal(30, 5, len(at)), 1)
        value[random.random(len(at)) < 0.02] = np.nan
        mark = np.where(random.random(len(at)) < 0.9, "N", "D")
        held[channel] = Series(at, value, mark, "mg/L", 3600.0)
        rows = {"channel": np.full(len(at), channel), "at": at, "value": value, "mark": mark, "received_at": at}
        rows |= {name: np.full(len(at), np.nan) for name in NUMBERS[1:]}
        files += table.write(lake, "h", frame(rows))
    table.commit(lake, files)
    return held


@pytest.fixture
def scheduler() -> Iterator[str]:
    """A Dask cluster on the loopback address: a scheduler and two worker processes."""
    quiet = {**os.environ, "PYTHONPATH": SOURCES, "PYTHONWARNINGS": "ignore"}
    with ExitStack() as stack:

        def start(*arguments: str) -> subprocess.Popen[str]:
            command = [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]]
            process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=quiet)
            stack.callback(process.wait, 20)
            stack.callback(process.terminate)
            return process

        main = start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        assert main.stderr is not None
        stack.callback(main.stderr.close)
        address = next(found[0] for line in main.stderr if (found := re.findall(r"tcp://127\.0\.0\.1:\d+", line)))
        for _ in range(2):
            worker = start("worker", address, "--nthreads", "1", "--no-dashboard", "--no-nanny")
            assert worker.stderr is not None
            stack.callback(worker.stderr.close)
        with Client(address) as client:
            client.wait_for_workers(2, timeout=30)
            assert os.getpid() not in client.run(os.getpid).values()
        yield address


def test_daily_means_are_the_same_from_a_process_pool_a_cluster_and_the_series(tmp_path: Path, scheduler: str) -> None:
    lake = Lake(str(tmp_path))
    held = filled(lake, 6, 24 * 40)
    work = parts.parts_of(lake, table.snapshot(lake))
    assert len(work) == 12
    results: list[DaySums] = []
    for address in ("", scheduler):
        with executor(address, processes=2) as workers:
            results.append(parts.joined_sums(list(spread(parts.day_sums, work, workers))))
    here, cluster = results
    for name in ("channel", "day", "total", "count"):
        assert getattr(here, name).tobytes() == getattr(cluster, name).tobytes()
    for channel, series in held.items():
        expected, mine = day_means(series), here.channel == channel
        with np.errstate(invalid="ignore"):
            means = here.total[mine] / here.count[mine]
        np.testing.assert_allclose(means, expected.value, rtol=1e-12)
        assert here.count[mine].tolist() == (expected.samples if expected.samples is not None else []).tolist()


def test_a_month_in_overlapping_files_is_cut_into_parts_that_hold_each_row_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = Lake(str(tmp_path))
    filled(lake, 5, 48)
    rows = rows_of(lake, table.snapshot(lake).files)
    table.commit(lake, table.write(lake, "h", rows.with_columns(at=rows["at"] + timedelta(minutes=1))))
    monkeypatch.setattr(parts, "ROWS_A_FILE", 100)
    work = parts.parts_of(lake, table.snapshot(lake))
    assert len(work) == 5
    assert sum(len(part.rows()) for part in work) == 2 * len(rows)


value = st.one_of(st.none(), st.floats(allow_nan=False, width=64))
row = st.tuples(
    st.integers(0, 3), st.integers(0, 10**6), value, value, value, value, st.sampled_from("NDFT"),
    st.integers(0, 10**15),
)  # fmt: skip
Rows = list[tuple[object, ...]]


def as_columns(rows: Rows) -> list[np.ndarray]:
    """Rows as the columns of the lake, NaN where a number is missing."""
    filled_in = [[np.nan if cell is None else cell for cell in one] for one in rows]
    return [np.array(column) for column in zip(*filled_in, strict=True)]


@settings(max_examples=40, deadline=None)
@given(st.lists(row, min_size=1, max_size=40, unique_by=lambda one: one[:2]))
def test_every_bit_of_every_number_comes_back_from_a_file(tmp_path_factory: pytest.TempPathFactory, rows: Rows) -> None:
    lake = Lake(str(tmp_path_factory.mktemp("lake")))
    table.ensure(lake)
    columns = as_columns(rows)
    given_rows = frame(dict(zip(COLUMNS, columns, strict=True)))
    table.commit(lake, table.write(lake, "r", given_rows))
    found = rows_of(lake, table.snapshot(lake).files)
    expected = given_rows.sort("channel", "at")
    assert found.equals(expected)
    for name in NUMBERS:
        both = [one[name].fill_null(float("nan")).to_numpy().tobytes() for one in (found, expected)]
        assert both[0] == both[1]
    assert checksums(found) == checksums(given_rows)


@settings(max_examples=40, deadline=None)
@given(st.lists(row, min_size=2, max_size=20, unique_by=lambda one: one[:2]), st.data())
def test_a_checksum_sees_any_change_and_adds_up(rows: Rows, data: st.DataObject) -> None:
    columns = as_columns(rows)
    whole = frame(dict(zip(COLUMNS, columns, strict=True)))
    cut = data.draw(st.integers(1, len(rows) - 1))
    ((day, (count, total)),) = checksums(whole).items()
    halves = [checksums(whole[:cut])[day], checksums(whole[cut:])[day]]
    assert (count, total) == (sum(half[0] for half in halves), sum(half[1] for half in halves) % 2**64)
    number, column = data.draw(st.integers(0, len(rows) - 1)), data.draw(st.sampled_from(range(len(COLUMNS))))
    other = [one.copy() for one in columns]
    other[column][number] = {6: "X"}.get(column, 123_456_789)
    assert checksums(frame(dict(zip(COLUMNS, other, strict=True)))) != checksums(whole)
