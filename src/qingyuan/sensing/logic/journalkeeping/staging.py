"""Rows of a delivery of a list in bulk as they will be stored: a frame with types, and what is wrong with the rest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qingyuan.sensing.connector import Delivered
from qingyuan.sensing.journals import typed
from qingyuan.sensing.journals.layout import LINE
from qingyuan.sensing.logic.recordkeeping.staging import FAULTS_KEPT, MORE, Typing
from qingyuan.sensing.models import DataList
from qingyuan.sensing.records.cells import BadValue
from qingyuan.sensing.records.definition import by_titles
from qingyuan.sensing.tables.sheets import BrokenOff

if TYPE_CHECKING:
    import polars as pl


@dataclass
class StagedJournal:
    """What a delivery would store: `frame` has the columns of the list and the line of each row."""

    of: DataList
    frame: "pl.DataFrame"
    seen: int = 0
    faulty: int = 0
    twice: int = 0
    faults: list[tuple[str, str]] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows could be read."""
        return len(self.frame)

    def fault(self, fault: str, detail: str, times: int = 1) -> None:
        """Rows that cannot be read; the first of them are told in words."""
        self.faulty += times
        if len(self.faults) < FAULTS_KEPT:
            self.faults.append((fault, detail))


def stage(known: DataList, delivered: Delivered) -> StagedJournal:
    """Read the rows of a delivery against the columns of its list.

    Raises
    ------
    BadPayload
        The file lacks a column without which nothing of it can be told.
    """
    typing = Typing.between(known, delivered)
    plain = delivered.plain() if delivered.plain is not None else None
    raw = typed.raw_rows(plain, len(delivered.titles)) if plain is not None else None
    found = _one_by_one(known, typing, delivered.rows) if raw is None else _together(known, typing, raw, delivered)
    _leave_out_repeated(found)
    if found.faulty > len(found.faults):
        found.faults.append((MORE, f"found {found.faulty - FAULTS_KEPT} more rows that cannot be read, expected none"))
    if not found.seen and not found.faults:
        found.faults.append(("NoRows", "found no row below the header, expected at least one"))
    return found


def _together(known: DataList, typing: Typing, raw: typed.Raw, delivered: Delivered) -> StagedJournal:
    import polars as pl

    defined = known.defined
    at = by_titles(defined, delivered.titles, delivered.said)
    read = typed.typed_rows(defined, raw.frame, at)
    found = StagedJournal(known, read.frame, raw.seen)
    told = read.bad.head(FAULTS_KEPT)
    for line, *cells in told.iter_rows():
        found.fault("BadRecord", f"row {line}: {_why(typing, cells)}")
    found.faulty += len(read.bad) - len(told)
    rest = _one_by_one(known, typing, iter(raw.odd))
    found.faulty, found.faults = found.faulty + rest.faulty, [*found.faults, *rest.faults][:FAULTS_KEPT]
    found.frame = pl.concat([found.frame, rest.frame]).sort(LINE) if len(rest.frame) else found.frame
    return found


def _why(typing: Typing, cells: Sequence[Any]) -> BadValue:
    try:
        values = typing.values(cells)
        typing.key(values)
        typing.span(values)
    except BadValue as error:
        return error
    return BadValue("found a row that cannot be read, expected one that can")


def _one_by_one(known: DataList, typing: Typing, rows: Iterator[tuple[int, Sequence[Any]]]) -> StagedJournal:
    kept: list[tuple[int, list[str]]] = []
    found = StagedJournal(known, typed.values_typed(known.defined, ()))
    try:
        for line, cells in rows:
            found.seen += 1
            try:
                values = typing.values(cells)
                typing.key(values)
            except BadValue as error:
                found.fault("BadRecord", f"row {line}: {error}")
                continue
            kept.append((line, values))
    except BrokenOff as error:
        found.fault("BrokenOff", str(error))
    found.frame = typed.values_typed(known.defined, kept)
    return found


def _leave_out_repeated(found: StagedJournal) -> None:
    """Of rows with the same key the first stands: the same again is left out, other values are a fault."""
    import polars as pl

    defined = found.of.defined
    keys, own = list(defined.key), [one.code for one in defined.columns]
    if found.frame.select(pl.struct(keys).hash().n_unique()).item() == len(found.frame):
        return
    is_first = found.frame.select(pl.struct(keys).is_first_distinct()).to_series()
    if is_first.all():
        return
    first, again = found.frame.filter(is_first), found.frame.filter(~is_first)
    same = again.join(first.select(own), on=own, how="semi", nulls_equal=True)
    other = again.join(first.select(own), on=own, how="anti", nulls_equal=True)
    found.frame, found.twice = first, len(same)
    for row in other.sort(LINE).head(FAULTS_KEPT).iter_rows(named=True):
        key = " ".join("…" if defined.column(code).personal else str(typed.said(defined.column(code), row[code]))
                       for code in keys)  # fmt: skip
        found.fault("BadRecord", f"row {row[LINE]}: found {key!r} twice with different values, expected once")
    found.faulty += max(0, len(other) - FAULTS_KEPT)
