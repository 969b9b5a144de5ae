"""Reads the tables of names, places and people beside this module."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from qingyuan_science.plugins import Text


@cache
def table(name: str) -> dict[str, Any]:
    """Read one table file.

    Parameters
    ----------
    name : str
        File name without its ending.

    Returns
    -------
    dict
        Its content.
    """
    text = files(__package__).joinpath("tables", f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def rows(name: str, section: str = "", key: str = "rows") -> list[dict[str, Any]]:
    """Read rows under column names.

    Parameters
    ----------
    name : str
        File name without its ending.
    section : str
        Section of the file; its top where left out.
    key : str
        Name of the list of rows.

    Returns
    -------
    list of dict
        One a row. Columns `zh` and `en` are joined under `title`.
    """
    block = table(name)[section] if section else table(name)
    named = [dict(zip(block["columns"], row, strict=True)) for row in block[key]]
    return [{**row, "title": Text(row["zh"], row["en"])} for row in named]
