"""Where the lake lies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


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

    @property
    def storage(self) -> dict[str, str] | None:
        """The options as `deltalake` and Polars take them."""
        return dict(self.options) or None
