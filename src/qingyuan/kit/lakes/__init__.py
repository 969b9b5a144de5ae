"""Where tables of files lie (a lake), and how a file gets there safely. What is in them is told where it belongs."""

import os
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Lake:
    """A folder, or an address that `deltalake` knows (`s3://bucket/lake`), with the options to reach it."""

    root: str
    options: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def folder(self) -> Path | None:
        """The folder, where the lake lies in one."""
        return None if "://" in self.root else Path(self.root)

    def path(self, inside: str) -> str:
        """Address of a file from its path inside the lake."""
        return f"{self.root.rstrip('/')}/{inside}"

    def below(self, inside: str) -> "Lake":
        """A lake of its own in a folder of this one."""
        return Lake(self.path(inside), self.options)

    @property
    def storage(self) -> dict[str, str] | None:
        """The options as `deltalake` and Polars take them."""
        return dict(self.options) or None


def write_file(lake: Lake, folder: str, rows: "pl.DataFrame", properties: Any) -> tuple[str, int]:
    """Write rows as one Parquet file that belongs to nothing yet; answers its path inside the lake and its size.

    It is written as a small Delta table of its own, because that is the writer that sets encodings and reaches every
    storage; only its Parquet file is kept in mind.
    """
    from deltalake import DeltaTable, write_deltalake

    inside = f"{folder}/{uuid.uuid4().hex}"
    write_deltalake(
        lake.path(inside), rows, storage_options=lake.storage, writer_properties=properties, target_file_size=1 << 40
    )
    made = DeltaTable(lake.path(inside), storage_options=lake.storage).get_add_actions(flatten=True)
    paths, sizes = made.column("path").to_pylist(), made.column("size_bytes").to_pylist()
    if len(paths) != 1:
        raise RuntimeError(f"{len(paths)} files were written to {inside}, expected one")
    return f"{inside}/{paths[0]}", sizes[0]


def flush(lake: Lake, paths: Iterable[str]) -> None:
    """Put files of a folder, and the folders that name them, on disk; other storages answer when they have it safe."""
    if lake.folder is None:
        return
    folders = {lake.folder}
    for path in paths:
        file = lake.folder / path
        _sync(file)
        folders.update(parent for parent in file.parents if parent.is_relative_to(lake.folder))
    for folder in sorted(folders):
        _sync(folder)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
