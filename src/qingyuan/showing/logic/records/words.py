"""Records in words: values with what is personal in them masked, states of lists, evidence for an enterprise."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qingyuan.people.queries import User
from qingyuan.places.queries import Enterprise
from qingyuan.sensing.queries.journals import JournalRow
from qingyuan.sensing.queries.records import DataList, Record, sees_persons
from qingyuan.sensing.records.definition import Column, Kind
from qingyuan.showing.wording import said, sides

STATES: dict[str, tuple[str | Promise, str]] = {
    "silent": (_("Silent"), "warning"),
    "refused": (_("Rows refused"), "warning"),
    "never": (_("Nothing came yet"), "waiting"),
    "in-order": (_("In order"), "good"),
}
"""How a list stands, and the kind of its badge; the worst first."""
TROUBLED, TROUBLES = "troubled", frozenset({"silent", "refused"})  # the name in addresses, the states it stands for

IN_TABLE = 9  # columns that a table of records draws
_SHOWN_WHOLE = 2


@dataclass(frozen=True)
class Shown:
    """One value for a page; `hidden` where it is masked."""

    text: str
    is_number: bool = False
    hidden: bool = False
    title: str = ""


def masked(text: str) -> str:
    """A value of a person of which only the ends can be told."""
    if len(text) <= _SHOWN_WHOLE:
        return "＊" * len(text)
    end = text[-2:] if len(text) > 6 else text[-1:] if len(text) > 3 else ""
    return f"{text[0]}＊＊＊{end}"


def shown(column: Column, value: str | None, viewer: User) -> Shown:
    """A value as somebody may see it."""
    text = value or ""
    if column.personal and text and not sees_persons(viewer):
        return Shown(masked(text), hidden=True, title=said(column.title))
    return Shown(text, column.kind == Kind.NUMBER, title=said(column.title))


def values_shown(found: DataList, values: Sequence[str | None], viewer: User, most: int = 0) -> list[Shown]:
    """The values of a record, one for each column of its list or of the first of them."""
    columns = found.defined.columns[: most or None]
    padded = [*values, *[None] * len(columns)]
    return [shown(column, value, viewer) for column, value in zip(columns, padded, strict=False)]


def heads(found: DataList, most: int = 0) -> list[dict[str, Any]]:
    """The titles of a list's columns, with units."""
    return [
        {"code": one.code, "title": said(one.title), "unit": one.unit, "is_number": one.kind == Kind.NUMBER}
        for one in found.defined.columns[: most or None]
    ]


def record_rows(
    found: DataList, rows: Iterable[Record | JournalRow], viewer: User, most: int = IN_TABLE
) -> list[dict[str, Any]]:
    """Records for a table."""
    return [{"record": one, "cells": values_shown(found, one.values, viewer, most)} for one in rows]


def candidate_rows(candidates: Sequence[dict[str, Any]], firms: dict[int, Enterprise]) -> list[dict[str, Any]]:
    """Enterprises that a way of writing may mean, with the evidence of each."""
    return [
        {
            "firm": firms[one["enterprise"]], "score": one["score"],
            **sides(one["terms"]),
        }
        for one in candidates if one["enterprise"] in firms
    ]  # fmt: skip
