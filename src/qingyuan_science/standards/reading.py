"""Reading the data tables, and the words in which every entry says how far it is verified."""

import tomllib
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

from qingyuan_science.plugins import Text

_FOLDER = Path(__file__).parent / "tables"


class Status(StrEnum):
    """How far an entry was checked against the text of its standard."""

    VERIFIED = "verified"
    VERIFIED_SECONDARY = "verified_secondary"
    PARTLY = "partly"
    UNVERIFIED = "unverified"

    @property
    def caveat(self) -> Text | None:
        """What must be said when the entry decides something; None if it may decide alone."""
        return _CAVEATS.get(self)


_CAVEATS = {
    Status.VERIFIED_SECONDARY: Text("该限值仅经二手资料核对", "this limit was checked against secondary sources only"),
    Status.PARTLY: Text("该限值仅部分核对标准原文", "this limit was only partly checked against the standard"),
    Status.UNVERIFIED: Text("该限值尚未核对标准原文", "this limit has not been checked against the standard"),
}


def read_table(name: str) -> dict[str, Any]:
    """Read one table.

    Parameters
    ----------
    name : str
        Path of the file below the tables, without its ending.

    Returns
    -------
    dict[str, Any]
        The table; figures with a point come as `decimal.Decimal`, so that what is printed is kept.
    """
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"), parse_float=Decimal)


def read_folder(name: str) -> tuple[dict[str, Any], ...]:
    """Read every table of a folder.

    Parameters
    ----------
    name : str
        Name of the folder.

    Returns
    -------
    tuple[dict[str, Any], ...]
        The tables in the order of their file names, each as in `read_table`.
    """
    return tuple(read_table(f"{name}/{path.stem}") for path in sorted((_FOLDER / name).glob("*.toml")))
