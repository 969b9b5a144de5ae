"""The newest rows of a list in bulk: first when they are of and where they came from, then the rows themselves.

A file is sorted by whom it names, so its newest rows lie anywhere in it. To draw fifty of millions, three narrow
columns are read of all rows, and the others only of those that are drawn. Where few enterprises or the beginning of a
number are asked for, few row groups are opened anyway, and all columns are read at once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from qingyuan.kit.lakes import Lake
from qingyuan.sensing.journals.layout import FILE, LINE, instant
from qingyuan.sensing.journals.reading import Narrow, scan
from qingyuan.sensing.records.definition import ListDefinition

if TYPE_CHECKING:
    import polars as pl


FEW = 100  # ways of writing enterprises
MOST_LOOKED = 40_000_000  # rows among which a page looks for the few that fit


@dataclass(frozen=True)
class Lying:
    """A file, when the latest of its rows is of, and the last delivery that any of them came with."""

    path: str
    last_at: datetime
    last_delivery: int
    rows: int

    @property
    def most(self) -> tuple[datetime, int]:
        """In the order of rows, none of its own lies before this."""
        return self.last_at, self.last_delivery


@dataclass(frozen=True)
class Newest:
    """Which rows are wanted: `most` of those that fit, behind a place (when, delivery, line).

    `delivery` is the only one of which rows are wanted, where it is said.
    """

    narrow: Narrow
    most: int
    behind: tuple[Any, int, int] | None = None
    delivery: int | None = None

    @property
    def begins(self) -> tuple[datetime, int] | None:
        """Behind which instant and delivery a page begins, unless it is the first."""
        return (instant(self.behind[0]), self.behind[1]) if self.behind is not None else None

    @property
    def is_sieve(self) -> bool:
        """Whether so few rows may fit that all files would be opened for a page of them."""
        return self.narrow.begins is not None or bool(self.narrow.values)

    @property
    def is_narrow(self) -> bool:
        """Whether few rows fit, which lie together."""
        namings = self.narrow.namings
        return self.narrow.begins is not None or (namings is not None and len(namings) <= FEW)


def within_reach(files: Sequence[Lying], wanted: Newest) -> tuple[list[Lying], Lying | None]:
    """The files that one page opens, latest first, and the latest that is left for a later page.

    None is left unless few rows fit, and so that the next page begins further back than this one.
    """
    ordered = sorted(files, key=lambda one: one.most, reverse=True)
    looked, begins = 0, wanted.begins
    for number, one in enumerate(ordered):
        begins = begins or one.most
        if wanted.is_sieve and looked >= MOST_LOOKED and one.most < begins:
            return ordered[:number], one
        looked += one.rows
    return ordered, None


def newer_than(rows: "pl.DataFrame", since: str, place: tuple[Any, int]) -> "pl.DataFrame":
    """The rows newer than the latest that a file may hold, by when it is of and its delivery."""
    import polars as pl

    at, delivery = place
    return rows.filter((pl.col(since) > at) | ((pl.col(since) == at) & (pl.col(FILE) > delivery)))


def newest(lake: Lake, definition: ListDefinition, files: Sequence[Lying], wanted: Newest) -> "pl.DataFrame | None":
    """The newest rows that fit, newest first; None where there is none.

    Files are opened latest first, of the same instant those of later deliveries, and no further once so many rows are
    newer than all that the others can hold.
    """
    import polars as pl

    order = [definition.since, FILE, LINE]
    places: pl.DataFrame | None = None
    opened: list[str] = []
    for batch in _batches(sorted(files, key=lambda one: one.most, reverse=True)):
        oldest = places[order[0]][-1] if places is not None and len(places) == wanted.most else None
        if places is not None and oldest is not None and (instant(oldest), places[FILE][-1]) > batch[0].most:
            break
        paths = [one.path for one in batch]
        rows = _fitting(scan(lake, definition, paths, wanted.narrow), order, wanted)
        if oldest is not None:
            rows = rows.filter(pl.col(order[0]) >= oldest)
        own = rows if wanted.is_narrow else rows.select(order)
        found = own.top_k(wanted.most, by=order).collect(engine="streaming")
        if len(found):
            opened += paths
            found = found if places is None else pl.concat([places, found])
            places = found.sort(order, descending=True).head(wanted.most)
    if places is None or wanted.is_narrow:
        return places
    return _whole(lake, definition, opened, wanted, places=places)


def _batches(files: Sequence[Lying]) -> Iterator[list[Lying]]:
    """Ever more files at once: thousands are not opened one by one."""
    begin, size = 0, 1
    while begin < len(files):
        yield list(files[begin : begin + size])
        begin, size = begin + size, 2 * size


def _fitting(rows: "pl.LazyFrame", order: Sequence[str], wanted: Newest) -> "pl.LazyFrame":
    import polars as pl

    if wanted.delivery is not None:
        rows = rows.filter(pl.col(FILE) == wanted.delivery)
    if wanted.behind is None:
        return rows
    is_behind = pl.lit(value=False)
    for name, value in reversed(list(zip(order, wanted.behind, strict=True))):
        is_behind = (pl.col(name) < value) | ((pl.col(name) == value) & is_behind)
    return rows.filter(is_behind)


def _whole(
    lake: Lake, definition: ListDefinition, paths: Sequence[str], wanted: Newest, *, places: "pl.DataFrame"
) -> "pl.DataFrame":
    """All columns of the rows at some places; what a row group says of its rows keeps most of them closed."""
    import polars as pl

    order = [definition.since, FILE, LINE]
    between = [pl.col(name).is_between(places[name].min(), places[name].max()) for name in order]
    rows = scan(lake, definition, paths, wanted.narrow).filter(*between, pl.col(LINE).is_in(places[LINE].implode()))
    found = rows.join(places.lazy().select(FILE, LINE), on=[FILE, LINE], how="semi").collect()
    return found.sort(order, descending=True)
