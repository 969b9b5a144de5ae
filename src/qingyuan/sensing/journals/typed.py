"""Cells of a delivery as columns with types, many rows at once.

What most cells look like is told by one expression over a column. Only what differs goes, each text once, through the
reader of `sensing.records.cells`, so that both ways say the same of every cell.
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from qingyuan.kit.clock import SHANGHAI
from qingyuan.sensing.connector import Plain
from qingyuan.sensing.journals.layout import types
from qingyuan.sensing.records.cells import LONGEST, NOTHING, BadValue, reader_of
from qingyuan.sensing.records.definition import Column, Kind, ListDefinition

if TYPE_CHECKING:
    import polars as pl

_NUMBER = r"^-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{0,6}[1-9])?$"
_MOMENT = r"^(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$"
_ODD = {Kind.TEXT: r"[\s\x00-\x1f\x7f-\x9f]", Kind.CODE: r"[^0-9A-Z._:#*-]"}
Stored = str | float | int | date | datetime | None


@dataclass(frozen=True)
class Raw:
    """Rows of a text as they came, a column of texts for each title, numbered; `odd` are lines of another width."""

    frame: "pl.DataFrame"
    odd: list[tuple[int, list[str]]]
    seen: int


def raw_rows(plain: Plain, width: int) -> Raw | None:
    """The rows of a text with separators; None where quotes stand oddly, which are read one row after the other."""
    import polars as pl

    from qingyuan.sensing.journals.lines import lines  # takes numba

    body, names = plain.body, _names(width)
    if b"\0" in body:
        return None
    if not body.strip():
        return Raw(pl.DataFrame(schema=dict.fromkeys(["_line", *names], pl.String)), [], 0)
    found = lines(body, plain.delimiter)
    if found is None:
        return None
    starts, ends, between, some_blank = found
    try:
        frame = pl.read_csv(
            body, has_header=False, separator=plain.delimiter, quote_char='"' if b'"' in body else None,
            truncate_ragged_lines=True, schema=dict.fromkeys(names, pl.String), missing_columns="insert",
            empty_string_is_null=False,
        ).with_row_index("_line", offset=plain.first)  # fmt: skip
    except pl.exceptions.ComputeError:
        return None
    if len(frame) != len(ends):
        return None
    other = between != width - 1
    odd = [(plain.first + int(place), _cells(body[starts[place] : ends[place]], plain.delimiter))
           for place in np.flatnonzero(other)]  # fmt: skip
    odd = [(line, cells) for line, cells in odd if any(cells)]
    kept = frame.filter(pl.Series(~other)) if other.any() else frame
    if some_blank:
        kept = kept.filter(~pl.all_horizontal(pl.col(name).fill_null("") == "" for name in names))
    return Raw(kept, odd, len(kept) + len(odd))


def _cells(line: bytes, delimiter: str) -> list[str]:
    return next(csv.reader(io.StringIO(line.decode().rstrip("\r"), newline=""), delimiter=delimiter), [])


def _names(width: int) -> list[str]:
    return [str(place) for place in range(width)]


@dataclass(frozen=True)
class Typed:
    """Rows with the types of the lake, and those that cannot be read, as they came."""

    frame: "pl.DataFrame"
    bad: "pl.DataFrame"


def typed_rows(definition: ListDefinition, raw: "pl.DataFrame", at: dict[str, int]) -> Typed:
    """The columns of a list out of texts; `at` says in which of them each stands."""
    import polars as pl

    columns, bad = [], pl.repeat(value=False, n=len(raw), dtype=pl.Boolean, eager=True)
    for one in definition.columns:
        if one.code not in at:
            columns.append(pl.Series(one.code, [None] * len(raw), dtype=types(definition)[one.code]))
            continue
        found, wrong = _typed(one, raw[str(at[one.code])], types(definition)[one.code])
        columns.append(found.alias(one.code))
        bad = bad | wrong
        if one.required or one.code in definition.key:
            bad = bad | found.is_null()
    frame = pl.DataFrame(columns).with_columns(raw["_line"].cast(pl.Int32).alias("_line"))
    return Typed(frame.filter(~bad), raw.filter(bad)) if bad.any() else Typed(frame, raw.clear())


def values_typed(definition: ListDefinition, rows: Iterable[tuple[int, Sequence[str]]]) -> "pl.DataFrame":
    """The same out of values that were read cell by cell; each row with its line."""
    import polars as pl

    lines, columns = [], [[] for _one in definition.columns]  # type: ignore[var-annotated]
    for line, values in rows:
        lines.append(line)
        for column, value in zip(columns, values, strict=True):
            column.append(value)
    kinds = types(definition)
    found = {
        one.code: pl.Series([stored(one, value) for value in column], dtype=kinds[one.code])
        for one, column in zip(definition.columns, columns, strict=True)
    }
    return pl.DataFrame(found | {"_line": pl.Series(lines, dtype=pl.Int32)})


def stored(column: Column, value: str) -> Stored:
    """A value as `sensing.records` writes it, in the type of the lake."""
    if not value:
        return None
    match column.kind:
        case Kind.NUMBER:
            return float(value)
        case Kind.DATE:
            return date.fromisoformat(value)
        case Kind.MONTH:
            return date(int(value[:4]), int(value[5:]), 1)
        case Kind.YEAR:
            return int(value)
        case Kind.MOMENT:
            return datetime.fromisoformat(value).replace(tzinfo=SHANGHAI)
    return value


def said(column: Column, value: Any) -> str | None:
    """A value of the lake as `sensing.records` writes it."""
    if value is None:
        return None
    match column.kind:
        case Kind.NUMBER:
            return f"{value:.15g}"
        case Kind.DATE:
            return str(value.isoformat())
        case Kind.MONTH:
            return f"{value:%Y-%m}"
        case Kind.MOMENT:
            return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    return str(value)


def _typed(column: Column, cells: "pl.Series", dtype: "pl.DataType") -> "tuple[pl.Series, pl.Series]":
    """A column of texts with its type, and where it cannot be read."""
    import polars as pl

    cells = cells.fill_null("")
    quick = _QUICK.get(Kind(column.kind), _by_each)(cells, dtype, column)
    rest, found = quick
    if not rest.any():
        return found, rest
    texts = cells.filter(rest).unique()
    read, wrong = _read_each(column, texts.to_list())
    meant = pl.DataFrame({"text": texts, "value": pl.Series(read, dtype=dtype), "wrong": wrong})
    joined = pl.DataFrame({"text": cells}).join(meant, on="text", how="left", maintain_order="left")
    return joined["value"].zip_with(rest, found), joined["wrong"].fill_null(value=False)


def _read_each(column: Column, texts: Sequence[str]) -> tuple[list[Stored], list[bool]]:
    read, values, wrong = reader_of(column), [], []
    for text in texts:
        try:
            values.append(stored(column, read(text)))
            wrong.append(False)
        except BadValue:
            values.append(None)
            wrong.append(True)
    return values, wrong


_Quick = Callable[["pl.Series", "pl.DataType", Column], "tuple[pl.Series, pl.Series]"]


def _by_each(cells: "pl.Series", dtype: "pl.DataType", _column: Column) -> "tuple[pl.Series, pl.Series]":
    """Days, months and years: few texts, each read once."""
    import polars as pl

    return pl.repeat(value=True, n=len(cells), dtype=pl.Boolean, eager=True), pl.Series([None] * 1, dtype=dtype)


def _numbers(cells: "pl.Series", dtype: "pl.DataType", _column: Column) -> "tuple[pl.Series, pl.Series]":
    return ~cells.str.contains(_NUMBER), cells.cast(dtype, strict=False)


def _moments(cells: "pl.Series", dtype: "pl.DataType", _column: Column) -> "tuple[pl.Series, pl.Series]":
    import polars as pl

    found = cells.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
    found = found.dt.replace_time_zone("UTC").dt.offset_by("-8h")
    fits = pl.DataFrame({"cells": cells}).select(pl.col("cells").str.contains(_MOMENT)).to_series()
    return ~(fits & found.is_not_null()), found.cast(dtype)


def _words(cells: "pl.Series", _dtype: "pl.DataType", column: Column) -> "tuple[pl.Series, pl.Series]":
    odd = cells.str.contains(_ODD[Kind(column.kind)]) | cells.is_in(sorted(NOTHING)) | (cells.str.len_bytes() > LONGEST)
    return odd, cells


_QUICK: dict[Kind, _Quick] = {
    Kind.NUMBER: _numbers, Kind.MOMENT: _moments, Kind.TEXT: _words, Kind.CODE: _words,
}  # fmt: skip
