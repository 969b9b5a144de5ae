"""Rows of some files of a list in bulk, narrowed; files are told apart before any is opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from qingyuan.kit.clock import SHANGHAI
from qingyuan.kit.lakes import Lake
from qingyuan.sensing.journals.layout import FILE, KNOWN_FROM, KNOWN_TO, LAST, LINE, NAMING, types
from qingyuan.sensing.records.definition import Kind, ListDefinition

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Narrow:
    """Which rows are asked for: known at an instant (None: now), of days of China from the first to the last, naming
    enterprises so, with these values; `begins` is what the first column of the key begins with.
    """

    at: datetime | None = None
    days: tuple[date | None, date | None] = (None, None)
    namings: Sequence[int] | None = None
    without_namings: Sequence[int] | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    begins: tuple[str, str] | None = None
    place: tuple[int, int] | None = None  # delivery and line
    any_edition: bool = False

    @property
    def span(self) -> tuple[datetime | None, datetime | None]:
        """From which instant on and before which."""
        first, last = self.days
        start = datetime.combine(first, time(), SHANGHAI) if first else None
        return start, datetime.combine(last + timedelta(days=1), time(), SHANGHAI) if last else None


def scan(lake: Lake, definition: ListDefinition, paths: Sequence[str], narrow: Narrow) -> "pl.LazyFrame":
    """The rows of files that are asked for, with the columns of the list whatever edition a file is of."""
    import polars as pl

    rows = pl.scan_parquet(
        [lake.path(path) for path in paths], storage_options=lake.storage, hive_partitioning=False, glob=False,
        schema=types(definition), missing_columns="insert", extra_columns="ignore",
    )  # fmt: skip
    return rows.filter(*_conditions(definition, narrow))


def _conditions(definition: ListDefinition, narrow: Narrow) -> "list[pl.Expr]":
    import polars as pl

    found = []
    if narrow.namings is not None:
        wanted = pl.Series(sorted(narrow.namings), dtype=pl.Int64)
        if len(wanted):
            found.append(pl.col(NAMING).is_between(wanted[0], wanted[-1]))
        found.append(pl.col(NAMING).is_in(wanted.implode()) if len(wanted) != 1 else pl.col(NAMING) == wanted[0])
    if narrow.without_namings is not None:
        left = pl.Series(sorted(narrow.without_namings), dtype=pl.Int64)
        found.append(~pl.col(NAMING).is_in(left.implode()).fill_null(value=False))
    found += _of_days(definition, narrow)
    for code, value in narrow.values.items():
        found.append(pl.col(code).is_null() if value is None else pl.col(code) == value)
    if narrow.begins is not None:
        name, text = narrow.begins
        # between says the same, but is told from what a row group says of its rows
        found += [pl.col(name).is_between(pl.lit(text), pl.lit(text + LAST)), pl.col(name).str.starts_with(text)]
    if narrow.place is not None:
        found += [pl.col(FILE) == narrow.place[0], pl.col(LINE) == narrow.place[1]]
    if narrow.place is not None or narrow.any_edition:
        return found
    if narrow.at is None:
        found.append(pl.col(KNOWN_TO).is_null())
    else:
        found += [pl.col(KNOWN_FROM) <= narrow.at, pl.col(KNOWN_TO).is_null() | (pl.col(KNOWN_TO) > narrow.at)]
    return found


def _of_days(definition: ListDefinition, narrow: Narrow) -> "list[pl.Expr]":
    import polars as pl

    column, (first, last) = pl.col(definition.since), narrow.days
    match definition.column(definition.since).kind:
        case Kind.MOMENT:
            start, end = narrow.span
            return [*([column >= start] if start else []), *([column < end] if end else [])]
        case Kind.YEAR:
            return [*([column >= first.year] if first else []), *([column <= last.year] if last else [])]
        case Kind.MONTH:
            first = first.replace(day=1) if first else None
    return [*([column >= first] if first else []), *([column <= last] if last else [])]
