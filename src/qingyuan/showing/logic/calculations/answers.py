"""The result of a calculation as blocks of facts and tables, whatever its topic."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.showing.logic.factors import unit_of
from qingyuan.showing.wording import cited, listed, named, said
from qingyuan_science.calc.words import word_for
from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards import Status
from qingyuan_science.standards.procedure.register import days_in_force

NAMES = ("section", "city", "month", "standard", "edition", "lead", "item")
COLOUR = "hex"
SHORT = 12  # letters that a cell keeps on one line
TOP, DEEPEST = 2, 6  # levels of headings
WORDED = ("class", "whole_class", "before", "after", "averaging", "level", "part", "medium", "kind", "colour")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)\+08:00")


@dataclass
class Block:
    """Facts, a table and further blocks under one title; the label tells equal titles of a page apart."""

    title: str
    label: str
    level: int
    facts: list[dict[str, Any]] = field(default_factory=list)
    heads: list[dict[str, Any]] = field(default_factory=list)
    rows: list[list[dict[str, Any]]] = field(default_factory=list)
    blocks: list["Block"] = field(default_factory=list)


def block_of(title: str, result: Mapping[str, Any], within: Block | None = None) -> Block:
    """One mapping of a result: plain values as facts, the rest as tables and blocks below."""
    block = _block(title, within)
    for name, value in result.items():
        if _is_plain(value):
            block.facts.append({"label": said(word_for(name)), **_shown(name, value)})
        elif isinstance(value, Mapping):
            block.blocks.append(block_of(said(word_for(name)), value, block))
        else:
            block.blocks += _of_rows(said(word_for(name)), value, block)
    return block


def clause_of(source: Source) -> dict[str, str]:
    """One clause as a reader needs it: where it stands, its days in force, and how far it was checked."""
    told = cited(source)
    first, last = days_in_force(source)
    days = {"first": f"{first:%Y-%m-%d}" if first else "", "last": f"{last:%Y-%m-%d}" if last else ""}
    held = ""
    if first and last:
        held = _("in force from %(first)s to %(last)s") % days
    elif first:
        held = _("in force from %(first)s on") % days
    checked = _("checked against the text") if source.status == Status.VERIFIED else ""
    return {
        "document": told.document,
        "clause": str(told.clause),
        "about": listed(part for part in (str(told.note), checked, held) if part),
    }


def _block(title: str, within: Block | None) -> Block:
    if within is None:
        return Block(title, title, TOP)
    return Block(title, f"{within.label} / {title}", min(within.level + 1, DEEPEST))


def _of_rows(title: str, rows: Sequence[Mapping[str, Any]], within: Block) -> list[Block]:
    """A table, or one block a row where rows hold more than plain values."""
    if all(_is_plain(value) for row in rows for value in row.values()):
        block = _block(title, within)
        names = list(dict.fromkeys(name for row in rows for name in row if name != "item" or "name" not in row))
        block.heads = [_head(name, [row.get(name) for row in rows]) for name in names]
        heads = dict(zip(names, block.heads, strict=True))
        block.rows = [[_shown(name, row.get(name)) | {"head": heads[name]["title"]} for name in names] for row in rows]
        return [block]
    return [block_of(named(title, _name_of(row, number)), row, within) for number, row in enumerate(rows, 1)]


def _head(name: str, values: Sequence[Any]) -> dict[str, Any]:
    """The head of a column: right where its numbers stand right."""
    known = [value for value in values if value is not None]
    return {"title": said(word_for(name)), "is_number": bool(known) and all(_is_number(value) for value in known)}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _name_of(row: Mapping[str, Any], number: int) -> str:
    return next((str(row[name]) for name in NAMES if name in row), str(number))


def _is_plain(value: object) -> bool:
    if isinstance(value, Mapping):
        return set(value) == {"zh", "en"}
    return not isinstance(value, list) or all(_is_plain(one) and not isinstance(one, list) for one in value)


def _shown(name: str, value: Any) -> dict[str, Any]:
    text = _worded(name, value) if isinstance(value, str) else _text(value)
    return {
        "text": text,
        "is_number": _is_number(value),
        "is_short": text is not None and len(text) <= SHORT,
        "colour": value if name == COLOUR else None,
    }


def _worded(name: str, value: str) -> str:
    """A text as people read it: choices by their words, units with raised figures, moments as elsewhere."""
    if name == "unit" and value != "dimensionless":
        return unit_of(value)
    if (moment := _MOMENT.fullmatch(value)) is not None:
        return f"{moment[1]} {moment[2]}"
    return said(word_for(value)) if name in (*WORDED, "unit") else value


def _text(value: Any) -> str | None:
    if value is None or value == []:
        return None
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        return said(Text(value["zh"], value["en"]))
    if isinstance(value, list):
        return ", ".join(_text(one) or "—" for one in value)
    return f"{value:.10g}" if isinstance(value, float) else str(value)
