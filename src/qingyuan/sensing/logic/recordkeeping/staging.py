"""Rows of a delivery as they will be stored: typed, with key, time and enterprise, in the form that COPY takes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from qingyuan.sensing.connector import BadPayload, Delivered
from qingyuan.sensing.logic.recordkeeping.firms import Firms, Written
from qingyuan.sensing.models import DataList
from qingyuan.sensing.records.cells import BadValue, Reader, day_after, first_day, plain_code, reader_of
from qingyuan.sensing.records.definition import Column, Kind, by_titles
from qingyuan.sensing.tables.sheets import BrokenOff, Cell
from qingyuan.sensing.tables.workbooks import NO_VALUE

FAULTS_KEPT = 1000  # in words; all are counted, and all can be read again from the bytes
LONGEST_KEY = 300
BETWEEN = "\x1f"  # values; `str.split` takes it for a blank, so none has it inside
_ROWS_A_PIECE = 5000
NOTHING = "\\N"
MORE = "MoreFaults"


@dataclass
class Staged:
    """What a delivery would store: rows for COPY, those that no enterprise was found for, and what is wrong.

    `asked` are the ways of writing an enterprise that are not exact, numbered as the rows name them. `seen` counts the
    rows that were looked at, `whole` says whether those are all. `shown` are the first of them, as values.
    """

    of: DataList
    firms: Firms
    pieces: list[bytes] = field(default_factory=list)
    rows: int = 0
    seen: int = 0
    faulty: int = 0
    matched: int = 0
    twice: int = 0
    whole: bool = True
    faults: list[tuple[str, str]] = field(default_factory=list)
    asked: dict[str, tuple[int, Written]] = field(default_factory=dict)
    named: dict[tuple[str, ...], tuple[bool, str]] = field(default_factory=dict)
    shown: list[tuple[int, list[str]]] = field(default_factory=list)
    missing: list[Column] = field(default_factory=list)

    def fault(self, fault: str, detail: str) -> None:
        """One more row that cannot be read."""
        self.faulty += 1
        if len(self.faults) < FAULTS_KEPT:
            self.faults.append((fault, detail))

    def remember(self, named: tuple[str, ...], written: Written) -> tuple[bool, str]:
        """Whether an enterprise is meant by some values, and what a row for COPY says of it."""
        enterprise, how, ask = self.firms.find(written)
        asked = self.asked.setdefault(written.key, (len(self.asked), written))[0] if ask else NOTHING
        who = NOTHING if enterprise is None else enterprise
        self.named[named] = enterprise is not None, f"{who}\t{NOTHING if how is None else int(how)}\t{asked}"
        return self.named[named]


def stage(delivered: Delivered, *, most: int = 0, shows: int = 0) -> Staged:
    """Read the rows of a delivery against the columns of its list, all of them or the first `most`.

    Raises
    ------
    BadPayload
        There is no such list, or the file lacks a column without which nothing of it can be told.
    """
    known = DataList.objects.filter(code=delivered.list_code).first()
    if known is None:
        listed = ", ".join(DataList.objects.values_list("code", flat=True)) or "none"
        raise BadPayload(f"found data list {delivered.list_code!r}, expected one of: {listed}")
    typing = Typing.between(known, delivered)
    found = Staged(known, Firms.of(known), missing=typing.missing)
    _walk(delivered, typing, found, most=most, shows=shows)
    if found.faulty > len(found.faults):
        found.faults.append((MORE, f"found {found.faulty - FAULTS_KEPT} more rows that cannot be read, expected none"))
    if not found.seen and not found.faults:
        found.faults.append(("NoRows", "found no row below the header, expected at least one"))
    return found


def _walk(delivered: Delivered, typing: "Typing", found: Staged, *, most: int, shows: int) -> None:
    lines: list[str] = []
    keys: dict[str, str] = {}
    try:
        for number, row in delivered.rows:
            if most and found.seen == most:
                found.whole = False
                break
            found.seen += 1
            try:
                values = typing.values(row)
                line = _line(typing, values, keys, found)
            except BadValue as error:
                found.fault("BadRecord", f"row {number}: {error}")
                continue
            if len(found.shown) < shows:
                found.shown.append((number, values))
            if line is None:
                found.twice += 1
                continue
            found.rows += 1
            lines.append(f"{number}\t{line}\n")
            if len(lines) == _ROWS_A_PIECE:
                found.pieces.append("".join(lines).encode())
                lines.clear()
    except BrokenOff as error:
        found.fault("BrokenOff", str(error))
    found.pieces.append("".join(lines).encode())


def _line(typing: "Typing", values: list[str], keys: dict[str, str], found: Staged) -> str | None:
    """A row for COPY but for its number; None where the file says the same twice."""
    key = typing.key(values)
    joined = BETWEEN.join(values).rstrip(BETWEEN)
    before = keys.setdefault(key, joined)
    if before is not joined:
        if before == joined:
            return None
        raise BadValue(f"found {typing.key_words(values)} twice with different values, expected once")
    span = typing.span(values)
    named = tuple(values[place] for _part, place in typing.parts)
    is_matched, firm = found.named.get(named) or found.remember(named, typing.written(values))
    found.matched += is_matched
    if "\\" in joined:  # as COPY writes it; the key is made of values
        key, joined = key.replace("\\", "\\\\"), joined.replace("\\", "\\\\")
    return f"{key}\t{span}\t{firm}\t{joined}"


@dataclass
class Typing:
    """How the rows of one delivery become values of one list."""

    columns: Sequence[Column]
    readers: list[tuple[Reader, int]]
    width: int
    missing: list[Column]
    keys: tuple[int, ...]
    otherwise: tuple[int, ...]
    required: tuple[int, ...]
    since: int | None
    until: int | None
    parts: tuple[tuple[str, int], ...]
    spans: dict[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    def between(cls, known: DataList, delivered: Delivered) -> "Typing":
        """The columns of the list, found among the titles of the file.

        Raises
        ------
        BadPayload
            A column is missing that belongs to the key or may not be empty.
        """
        defined = known.defined
        at = by_titles(defined, delivered.titles, delivered.said)
        missing = [one for one in defined.columns if one.code not in at]
        needed = [one for one in missing if one.code in defined.needed]
        if needed:
            titles = ", ".join(filter(None, delivered.titles[:40]))
            names = ", ".join(f"{one.zh} ({one.code})" for one in needed)
            raise BadPayload(f"found columns {titles}; expected also {names}")
        places = defined.places
        readers = [(reader_of(one), at[one.code]) if one.code in at else (_absent, -1) for one in defined.columns]
        parts = tuple((part, places[code]) for part, code in defined.told_by.items())
        return cls(
            defined.columns, readers, len(delivered.titles), missing, tuple(places[one] for one in defined.key),
            tuple(places[one] for one in defined.otherwise),
            tuple(place for place, one in enumerate(defined.columns) if one.required),
            places.get(defined.since), places.get(defined.until), parts,
        )  # fmt: skip

    def values(self, row: Sequence[Cell]) -> list[str]:
        """The values of a row, in the order of the columns.

        Raises
        ------
        BadValue
            The row has more or fewer cells than titles, or a cell is not what its column means.
        """
        if len(row) != self.width:
            row = self._of_width(row)
        cells = [*row, None]
        try:
            values = [read(cells[place]) for read, place in self.readers]
        except BadValue as error:
            raise self._explained(cells) from error
        for place in self.required:
            if not values[place]:
                raise BadValue(f"{self.columns[place].zh}: found nothing, expected a value")
        return values

    def _of_width(self, row: Sequence[Cell]) -> Sequence[Cell]:
        found = len(row)
        while found > self.width and row[found - 1] in (None, ""):
            found -= 1
        if found != self.width:
            raise BadValue(f"found {found} cells, expected {self.width}")
        return row[:found]

    def _explained(self, cells: Sequence[Cell]) -> BadValue:
        """Which cell it is."""
        for column, (read, place) in zip(self.columns, self.readers, strict=True):
            try:
                read(cells[place])
            except BadValue as error:
                if column.personal and str(error) != NO_VALUE:  # persons' data do not belong into messages
                    return BadValue(f"{column.zh}: found a value that is not shown, expected one of kind {column.kind}")
                return BadValue(f"{column.zh}: {error}")
        return BadValue("found a row that cannot be read, expected one that can")

    def key(self, values: Sequence[str]) -> str:
        """What makes the record the same one again."""
        parts = [values[place] for place in self.keys]
        if not all(parts):
            parts = self._parts_otherwise(values)
        key = "|".join(parts)
        if len(key) > LONGEST_KEY:
            raise BadValue(f"found a key of {len(key)} letters, expected at most {LONGEST_KEY}")
        return key

    def _parts_otherwise(self, values: Sequence[str]) -> list[str]:
        """What tells the record where its key is empty: written alike, for names have no one way of writing."""
        if not self.otherwise or not values[self.otherwise[0]]:
            lacks = [place for place in (*self.keys, *self.otherwise[:1]) if not values[place]]
            empty = " / ".join(dict.fromkeys(self.columns[place].zh for place in lacks))
            raise BadValue(f"{empty}: found nothing, expected a value: it tells which record this is")
        return [plain_code(values[place]) for place in self.otherwise]

    def key_words(self, values: Sequence[str]) -> str:
        """The key for messages; what is personal in it is left out of them."""
        places = self.keys if all(values[place] for place in self.keys) else self.otherwise
        told = ["…" if self.columns[place].personal else values[place] for place in places]
        return repr(" ".join(told))

    def span(self, values: Sequence[str]) -> str:
        """From which day and before which day the record holds, as a row for COPY says it."""
        told = (
            values[self.since] if self.since is not None else "", values[self.until] if self.until is not None else ""
        )  # fmt: skip
        if told not in self.spans:
            self.spans[told] = self._span(values)
        return self.spans[told]

    def _span(self, values: Sequence[str]) -> str:
        since = first_day(values[self.since]) if self.since is not None else None
        until = self._until(values)
        if since and until and until <= since:
            raise BadValue(
                f"found an end {values[self.until or 0]} before the beginning {since}, expected one behind it"
            )
        return f"{_day(since)}\t{_day(until)}"

    def _until(self, values: Sequence[str]) -> date | None:
        if self.until is not None and values[self.until]:
            if self.columns[self.until].kind != Kind.DATE:
                return day_after(values[self.until])
            last = first_day(values[self.until])
            return last + timedelta(days=1) if last else None
        if self.since is not None and values[self.since]:
            return day_after(values[self.since])
        return None

    def written(self, values: Sequence[str]) -> Written:
        """How the record names its enterprise."""
        return Written(**{part: values[place] for part, place in self.parts})


def _absent(_cell: Cell) -> str:
    return ""


def _day(found: date | None) -> str:
    return found.isoformat() if found else NOTHING
