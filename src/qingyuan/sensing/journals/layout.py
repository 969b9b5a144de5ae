"""What a file of a list in bulk looks like: its columns, their order and encodings."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from qingyuan.kit.clock import SHANGHAI
from qingyuan.kit.lakes import Lake, write_file
from qingyuan.sensing.records.definition import TAKEN, Kind, ListDefinition

if TYPE_CHECKING:
    import polars as pl

NAMING, FILE, LINE, KNOWN_FROM, KNOWN_TO = "_naming", "_file", "_line", "_known_from", "_known_to"
OWN = (NAMING, FILE, LINE, KNOWN_FROM, KNOWN_TO)
"""Columns of every list beside its own: who is named, from which delivery and row of it, and when it was known."""

MONTH = TAKEN
"""By which the files of a list are parted; columns of lists have other codes."""

MEANS = "_means"
"""Whether a row of a delivery means an enterprise: known while it is stored, and in no file."""

LAST = "\U0010ffff"
ROWS_A_FILE = 8_000_000
ROWS_A_GROUP = 131_072
ZSTD_LEVEL = 5
QUICK_LEVEL = 1  # of files that a night will put together: a third of the time, a tenth more room
_DELTA = {
    Kind.NUMBER: "double", Kind.DATE: "date", Kind.MONTH: "date", Kind.YEAR: "integer", Kind.MOMENT: "timestamp",
}  # fmt: skip
_OWN_DELTA = {NAMING: "long", FILE: "long", LINE: "integer", KNOWN_FROM: "timestamp", KNOWN_TO: "timestamp"}


@dataclass(frozen=True)
class Written:
    """One Parquet file: where it lies, and between what its rows lie; `lead` is the first column of the key."""

    path: str
    size: int
    sha256: str
    month: str
    rows: int
    ended: int
    first_at: datetime
    last_at: datetime
    first_naming: int | None
    last_naming: int | None
    first_lead: str
    last_lead: str
    first_delivery: int
    last_delivery: int


def types(definition: ListDefinition) -> "dict[str, pl.DataType]":
    """The type of each column of a file, those of the list before our own."""
    import polars as pl

    times = pl.Datetime("us", "UTC")
    known: dict[str, Any] = {
        Kind.NUMBER: pl.Float64(), Kind.DATE: pl.Date(), Kind.MONTH: pl.Date(), Kind.YEAR: pl.Int32(),
        Kind.MOMENT: times,
    }  # fmt: skip
    own = {NAMING: pl.Int64(), FILE: pl.Int64(), LINE: pl.Int32(), KNOWN_FROM: times, KNOWN_TO: times}
    return {one.code: known.get(one.kind, pl.String()) for one in definition.columns} | own


def schema(definition: ListDefinition) -> Any:
    """The same as a Delta table says it, the month that parts the files first."""
    from deltalake.schema import Field, PrimitiveType, Schema

    own = [Field(one.code, PrimitiveType(_DELTA.get(Kind(one.kind), "string"))) for one in definition.columns]
    ours = [Field(name, PrimitiveType(kind)) for name, kind in _OWN_DELTA.items()]
    return Schema([Field(MONTH, PrimitiveType("string")), *own, *ours])


def order(definition: ListDefinition) -> list[str]:
    """By what the rows of a file are sorted: who is named, what makes a row the same, and when it is of."""
    return [NAMING, *(code for code in definition.key if code != definition.since), definition.since]


def lead(definition: ListDefinition) -> str:
    """The first column of the key that does not say when."""
    return next((code for code in definition.key if code != definition.since), definition.since)


def month(definition: ListDefinition) -> "pl.Expr":
    """In which month of China a row is, as `2026-10`; of a whole year its January."""
    import polars as pl

    at = pl.col(definition.since)
    kind = definition.column(definition.since).kind
    if kind == Kind.YEAR:
        return at.cast(pl.String) + "-01"
    return (at.dt.offset_by("8h") if kind == Kind.MOMENT else at).dt.strftime("%Y-%m")


def instant(value: datetime | date | int) -> datetime:
    """When a value of the column that says when begins."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    day = value if isinstance(value, date) else date(value, 1, 1)
    return datetime.combine(day, time(), SHANGHAI)


def value_at(definition: ListDefinition, at: datetime) -> datetime | date | int:
    """The value of the column that says when, at its latest for what begins at an instant."""
    day = at.astimezone(SHANGHAI).date()
    match definition.column(definition.since).kind:
        case Kind.MOMENT:
            return at
        case Kind.YEAR:
            return day.year
    return day


def by_month(definition: ListDefinition, rows: "pl.DataFrame") -> "list[tuple[str, pl.DataFrame]]":
    """The rows of each month, in the order of the months; most deliveries are of one."""
    import polars as pl

    if not len(rows):
        return []
    at = pl.col(definition.since)
    ends = rows.select(pl.concat([at.min(), at.max()])).select(month(definition)).to_series().to_list()
    if ends[0] == ends[1]:
        return [(ends[0], rows)]
    parted = rows.with_columns(month(definition).alias(MONTH)).partition_by(MONTH, as_dict=True, include_key=False)
    return sorted(((str(name), part) for (name,), part in parted.items()), key=lambda one: one[0])


def written(
    lake: Lake, definition: ListDefinition, rows: "pl.DataFrame", *, quickly: bool = False
) -> Iterator[Written]:
    """Write rows as files, one or more a month, that belong to nothing until somebody says so.

    A month of more rows than a file takes is cut by time first, so that a day stays in few files.
    """
    level = QUICK_LEVEL if quickly else ZSTD_LEVEL
    for name, own in by_month(definition, rows):
        ordered = own.sort(definition.since) if len(own) > ROWS_A_FILE else own
        pieces = -(-len(own) // ROWS_A_FILE)
        for piece in ordered.iter_slices(-(-len(own) // pieces)):
            yield _written(lake, definition, name, piece, level=level)


def _written(lake: Lake, definition: ListDefinition, name: str, rows: "pl.DataFrame", *, level: int) -> Written:
    ordered = rows.sort(order(definition), nulls_last=True).select(list(types(definition)))
    path, size = write_file(lake, f"{MONTH}={name}", ordered, _properties(definition, level))
    at, leads, naming, file = (ordered[one] for one in (definition.since, lead(definition), NAMING, FILE))
    return Written(
        path, size, digest(lake, path), name, len(ordered), len(ordered) - ordered[KNOWN_TO].null_count(),
        instant(at.min()), instant(at.max()), naming.min(), naming.max(),  # type: ignore[arg-type]
        *_bounds(leads), file.min(), file.max(),  # type: ignore[arg-type]
    )  # fmt: skip


def _bounds(leads: "pl.Series") -> tuple[str, str]:
    """Between which texts the first column of the key lies; numbers are not in the order of their texts."""
    return ("", LAST) if leads.dtype.is_float() else (str(leads.min()), str(leads.max()))


def digest(lake: Lake, path: str) -> str:
    """SHA-256 of a file in a folder; empty of other storages, which answer for their own bytes."""
    if lake.folder is None:
        return ""
    with (lake.folder / path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _properties(definition: ListDefinition, level: int) -> Any:
    """Steps between sorted whole numbers and times, ends of texts that tell rows apart, which begin alike in their
    order, dictionaries of everything else; zstd over all.
    """
    import polars as pl
    from deltalake import ColumnProperties, WriterProperties

    steps = ColumnProperties(dictionary_enabled=False, encoding="DELTA_BINARY_PACKED", statistics_enabled="CHUNK")
    words = ColumnProperties(dictionary_enabled=True, statistics_enabled="CHUNK")
    ends = ColumnProperties(dictionary_enabled=False, encoding="DELTA_BYTE_ARRAY", statistics_enabled="CHUNK")
    stepped = {NAMING, LINE, *(one.code for one in definition.columns if one.kind == Kind.MOMENT)}
    told_apart = {code for code in definition.key if types(definition)[code] == pl.String()}
    own = {name: steps if name in stepped else ends if name in told_apart else words for name in types(definition)}
    return WriterProperties(
        compression="ZSTD", compression_level=level, max_row_group_size=ROWS_A_GROUP,
        data_page_row_count_limit=ROWS_A_GROUP, data_page_size_limit=16 * ROWS_A_GROUP,
        column_properties=own,
    )  # fmt: skip
