"""The files of a list in bulk as a Delta table, for tools that read the lake by themselves."""

import json
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qingyuan.kit.lakes import Lake, flush
from qingyuan.sensing.journals.layout import MONTH, schema
from qingyuan.sensing.records.definition import ListDefinition

if TYPE_CHECKING:
    from deltalake import DeltaTable

KEPT_HOURS = 168  # how long files that were replaced stay, for readers that still know them


@dataclass(frozen=True)
class Listed:
    """A file as the Delta log tells of it."""

    path: str
    size: int
    month: str
    rows: int


def bring(lake: Lake, definition: ListDefinition, files: Collection[Listed]) -> int:
    """Bring the Delta log to these files by one commit, if it says otherwise; answers how many came and went."""
    from deltalake.transaction import RemoveAction

    table = _opened(lake, definition)
    wanted, listed = {one.path: one for one in files}, _listed(table)
    now_ms = int(time.time() * 1000)
    came = [_add(one, now_ms) for path, one in wanted.items() if path not in listed]
    went = [
        RemoveAction(path, True, now_ms, size=one.size, partition_values={MONTH: one.month})
        for path, one in listed.items() if path not in wanted
    ]  # fmt: skip
    if came or went:
        actions: list[Any] = [*came, *went]
        table.create_write_transaction(actions, "append", table.schema(), [MONTH])
        table.update_incremental()
        flush(lake, [f"_delta_log/{table.version():020}.json"])
    return len(came) + len(went)


def listed(lake: Lake) -> Mapping[str, Listed]:
    """The files that the Delta log names; none where there is no table yet."""
    from deltalake import DeltaTable

    if not DeltaTable.is_deltatable(lake.root, storage_options=lake.storage):
        return {}
    return _listed(DeltaTable(lake.root, storage_options=lake.storage))


def sweep(lake: Lake) -> int:
    """Delete files that no version of the last week knows; answers how many."""
    from deltalake import DeltaTable

    if not DeltaTable.is_deltatable(lake.root, storage_options=lake.storage):
        return 0
    table = DeltaTable(lake.root, storage_options=lake.storage)
    return len(table.vacuum(retention_hours=KEPT_HOURS, dry_run=False, full=True))


def _opened(lake: Lake, definition: ListDefinition) -> "DeltaTable":
    from deltalake import DeltaTable

    wanted = schema(definition)
    if not DeltaTable.is_deltatable(lake.root, storage_options=lake.storage):
        if lake.folder is not None:
            lake.folder.mkdir(parents=True, exist_ok=True)
        DeltaTable.create(lake.root, wanted, mode="ignore", partition_by=[MONTH], storage_options=lake.storage)
        flush(lake, [f"_delta_log/{0:020}.json"])
    table = DeltaTable(lake.root, storage_options=lake.storage)
    known = {one.name for one in table.schema().fields}
    missing = [one for one in wanted.fields if one.name not in known]
    if missing:
        table.alter.add_columns(missing)
    return table


def _listed(table: "DeltaTable") -> dict[str, Listed]:
    import polars as pl

    found = pl.DataFrame(table.get_add_actions(flatten=True))
    if not len(found):
        return {}
    rows = found.select("path", "size_bytes", f"partition.{MONTH}", "num_records").iter_rows()
    return {path: Listed(path, size, month, count) for path, size, month, count in rows}


def _add(one: Listed, now_ms: int) -> Any:
    from deltalake.transaction import AddAction

    stats = json.dumps({"numRecords": one.rows})
    return AddAction(one.path, one.size, {MONTH: one.month}, now_ms, True, stats)
