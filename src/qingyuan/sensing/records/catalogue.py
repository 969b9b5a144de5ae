"""Ready definitions of data lists, so that an administrator takes one over and types no columns."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.kit.errors import NotFound
from qingyuan.sensing.records.definition import Column, ListDefinition
from qingyuan_science.plugins import Text

REQUIRED, PERSONAL = "!", "*"


@dataclass(frozen=True)
class Entry:
    """One ready list: its code and title, which department usually delivers it, how often, and its columns."""

    code: str
    title: Text
    department: Text
    about: str
    every: str
    definition: ListDefinition


@cache
def entries() -> tuple[Entry, ...]:
    """All ready lists, in the order of the table."""
    table = files(__package__).joinpath("catalogue.toml").read_text(encoding="utf-8")
    return tuple(_entry(one) for one in tomllib.loads(table)["list"])


def entry(code: str) -> Entry:
    """The ready list of a code.

    Raises
    ------
    NotFound
        There is none.
    """
    for one in entries():
        if one.code == code:
            return one
    raise NotFound(_("The catalogue has no data list %(code)s.") % {"code": code})


def _entry(given: dict[str, Any]) -> Entry:
    names = given.get("names", {})
    columns = tuple(
        Column(code, zh, en, kind, unit, tuple(names.get(code, ())), PERSONAL in marks, REQUIRED in marks)
        for code, zh, en, kind, unit, marks in given["columns"]
    )
    definition = ListDefinition(
        columns, tuple(given["key"]), given.get("since", ""), given.get("until", ""), given.get("firm", {}),
        tuple(given.get("counted", ())), bool(given.get("journal", False)),
        tuple(given.get("otherwise", ())),
    )  # fmt: skip
    return Entry(
        given["code"], Text(*given["title"]), Text(*given["department"]), given["about"], given["every"],
        definition.checked(),
    )  # fmt: skip
