"""The Delta log: which files make up the lake. Files are written first; one commit then swaps them in."""

import json
import threading
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qingyuan.kit.lakes import Lake, flush, write_file
from qingyuan.recording.lake.errors import LakeBehind, LakeMissing
from qingyuan.recording.lake.layout import PARTITIONS, ROWS_A_FILE, File, instant, month_of, schema, writer_properties

if TYPE_CHECKING:
    import polars as pl
    from deltalake import DeltaTable

SEALING = "qingyuan.sealing"
KEPT_HOURS = 168  # how long files that were replaced stay, for readers that still know them


@dataclass(frozen=True)
class Snapshot:
    """The files of one version of the lake."""

    version: int
    files: tuple[File, ...]

    def overlapping(self, kind: str, first_at: int, after: int, channels: Collection[int] | None = None) -> list[File]:
        """Files that may hold readings of a kind, from `first_at` on and before `after` [µs], of some channels."""
        lowest, highest = (min(channels), max(channels)) if channels else (-(2**31), 2**31)
        return [
            file
            for file in self.files
            if file.kind == kind
            and file.first_at < after
            and file.last_at >= first_at
            and file.first_channel <= highest
            and file.last_channel >= lowest
        ]

    def of_month(self, kind: str, month: str) -> list[File]:
        """The files of one partition."""
        return [file for file in self.files if (file.kind, file.month) == (kind, month)]

    def months(self) -> list[tuple[str, str]]:
        """Every (kind, month) that has files."""
        return sorted({(file.kind, file.month) for file in self.files})


_known: dict[Lake, tuple[Snapshot, "DeltaTable"]] = {}
_turn = threading.RLock()  # an open table is moved on by one thread at a time


def snapshot(lake: Lake, at_least: int | None = None) -> Snapshot:
    """The lake's files: as known to this process if that is recent enough, else as its log says now."""
    known = _known.get(lake)
    if known is not None and at_least is not None and known[0].version >= at_least:
        return known[0]
    with _turn:
        known = _known.get(lake)
        table = _opened(lake) if known is None else known[1]
        if known is not None:
            table.update_incremental()
        if known is None or table.version() != known[0].version:
            known = Snapshot(table.version(), tuple(_files(table))), table
            _known[lake] = known
    if at_least is not None and known[0].version < at_least:
        raise LakeBehind(
            f"the lake at {lake.root} is at version {known[0].version}, expected {at_least} or later:"
            " an older copy lies there"
        )
    return known[0]


def forget(lake: Lake) -> None:
    """Read the log anew next time (another lake lies there now)."""
    _known.pop(lake, None)


def ensure(lake: Lake) -> None:
    """Make the lake where there is none yet."""
    from deltalake import DeltaTable

    if lake in _known or DeltaTable.is_deltatable(lake.root, storage_options=lake.storage):
        return
    if lake.folder is not None:
        lake.folder.mkdir(parents=True, exist_ok=True)
    DeltaTable.create(lake.root, schema(), mode="ignore", partition_by=list(PARTITIONS), storage_options=lake.storage)
    flush(lake, [f"_delta_log/{0:020}.json"])


def _opened(lake: Lake) -> "DeltaTable":
    from deltalake import DeltaTable
    from deltalake.exceptions import TableNotFoundError

    try:
        return DeltaTable(lake.root, storage_options=lake.storage)
    except TableNotFoundError as error:
        raise LakeMissing(f"no lake lies at {lake.root}; QINGYUAN_LAKE names the place") from error


def _files(table: "DeltaTable") -> Iterable[File]:
    import polars as pl

    found = pl.DataFrame(table.get_add_actions(flatten=True))
    if not len(found):
        return []
    rows = found.select(
        "path", "size_bytes", "partition.kind", "partition.month", "num_records", "min.channel", "max.channel",
        pl.col("min.at").dt.epoch("us"), pl.col("max.at").dt.epoch("us"),
    ).sort("partition.kind", "partition.month", "min.channel", "min.at", "path")  # fmt: skip
    return [File(*row) for row in rows.iter_rows()]


def write(lake: Lake, kind: str, rows: "pl.DataFrame") -> list[File]:
    """Write rows of one kind as files, one or more a month, that belong to nothing until they are committed.

    The rows are sorted by (channel, at) here.
    """
    import polars as pl

    written: list[File] = []
    months = rows.with_columns(month=pl.col("at").dt.strftime("%Y-%m")).partition_by("month", include_key=False)
    for month_rows in months:
        ordered = month_rows.sort("channel", "at")
        written += [_write(lake, kind, part) for part in ordered.iter_slices(ROWS_A_FILE)]
    return written


def _write(lake: Lake, kind: str, rows: "pl.DataFrame") -> File:
    at = rows["at"].to_physical()
    first_at, last_at = int(at.min()), int(at.max())  # type: ignore[arg-type]
    month = month_of(first_at)
    path, size = write_file(lake, f"kind={kind}/month={month}", rows, writer_properties())
    channel = rows["channel"]
    return File(path, size, kind, month, len(rows), int(channel[0]), int(channel[-1]), first_at, last_at)


def commit(
    lake: Lake, added: Sequence[File], removed: Sequence[File] = (), *, sealing: int | None = None, moved: bool = False
) -> int:
    """Swap files in one commit that is on disk when this returns; answers the version.

    `sealing` is written into the log with it, so that after a crash `landed` can tell. `moved` says that the rows are
    the same as before, only elsewhere.
    """
    from deltalake.transaction import CommitProperties, RemoveAction, Transaction

    snapshot(lake)
    table, now_ms = _known[lake][1], int(time.time() * 1000)
    actions: list[Any] = [_add(file, now_ms, changes=not moved) for file in added]
    for file in removed:
        values: dict[str, str | None] = {"kind": file.kind, "month": file.month}
        actions.append(RemoveAction(file.path, not moved, now_ms, size=file.size, partition_values=values))
    flush(lake, [file.path for file in added])
    properties = CommitProperties(app_transactions=[Transaction(SEALING, sealing)] if sealing is not None else None)
    table.create_write_transaction(actions, "append", table.schema(), list(PARTITIONS), commit_properties=properties)
    version = snapshot(lake).version
    flush(lake, [f"_delta_log/{version:020}.json"])
    return version


def landed(lake: Lake) -> int:
    """The number of the last sealing whose commit is in the log, 0 before the first."""
    snapshot(lake)
    return int(_known[lake][1].transaction_version(SEALING) or 0)


def sweep(lake: Lake) -> int:
    """Delete files that no version of the last week knows; answers how many."""
    snapshot(lake)
    gone = _known[lake][1].vacuum(retention_hours=KEPT_HOURS, dry_run=False, full=True)
    return len(gone)


def _add(file: File, now_ms: int, *, changes: bool) -> Any:
    from deltalake.transaction import AddAction

    stats = {
        "numRecords": file.rows,
        "minValues": {"channel": file.first_channel, "at": _stamp(file.first_at)},
        "maxValues": {"channel": file.last_channel, "at": _stamp(file.last_at)},
        "nullCount": {"channel": 0, "at": 0},
    }
    values = {"kind": file.kind, "month": file.month}
    return AddAction(file.path, file.size, values, now_ms, changes, json.dumps(stats))


def _stamp(at: int) -> str:
    return instant(at).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
