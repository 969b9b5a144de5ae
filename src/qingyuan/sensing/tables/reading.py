"""Observations out of the rows of a table, by its layout."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from openpyxl.utils import get_column_letter

from qingyuan.sensing.connector import Observed, Read
from qingyuan.sensing.errors import BadPayload
from qingyuan.sensing.tables.cells import Amount, BadAmount, amount, mark_of, word
from qingyuan.sensing.tables.layout import Column, Layout
from qingyuan.sensing.tables.moments import BadMoment, hour_of_day, moment
from qingyuan.sensing.tables.sheets import BrokenOff, Cell, Row, rows_of
from qingyuan.sensing.tables.workbooks import NO_VALUE, Formula
from qingyuan_science.series import Mark

LONGEST_TITLE = 120
EVERY_ROW = "*"  # stands for the name of every row, in a table of hours without a column of names


def titles_of(header: Row) -> list[str]:
    """The titles of the columns; a title that comes again carries its number, one that is empty its letter."""
    seen: dict[str, int] = {}
    titles = []
    for number, cell in enumerate(header, 1):
        title = " ".join(word(cell).split())[:LONGEST_TITLE] or f"[{get_column_letter(number)}]"
        seen[title] = seen.get(title, 0) + 1
        titles.append(title if seen[title] == 1 else f"{title} ({seen[title]})")
    return titles


def open_table(raw: bytes, layout: Layout) -> "Table":
    """A table with its header read, so that what is wrong with it as a whole is known.

    Raises
    ------
    BadPayload
        It cannot be read, or a column that the layout needs is not there.
    """
    rows = rows_of(raw, layout.sheet)
    header: Row = ()
    try:
        for _ in range(layout.header):
            header = next(rows, ())
    except BrokenOff as error:
        raise BadPayload(str(error)) from error
    titles = titles_of(header)
    places = {title: place for place, title in enumerate(titles)}
    needed = [layout.time, layout.hour, layout.station, layout.name, layout.value, layout.unit, layout.mark]
    if layout.shape != "long":
        needed = [layout.time, layout.hour, layout.station, layout.name, layout.mark, *_mapped(layout)]
    missing = [title for title in needed if title and title not in places]
    if missing:
        raise BadPayload(f"found columns {', '.join(titles) or 'none'}; expected also {', '.join(missing)}")
    return Table(rows, titles, layout)


def _mapped(layout: Layout) -> list[str]:
    """The titles that the layout gives a meaning; in a table of hours its other keys are names of rows."""
    if layout.shape == "hours":
        titles = [title for title, column in layout.columns.items() if column.hour is not None]
    else:
        titles = [title for title, column in layout.columns.items() if column.name]
    return titles + [column.mark for column in layout.columns.values()]


class Table(Read):
    """A table that is read as it is walked: `faults` is whole once `walk` has ended."""

    def __init__(self, rows: Iterator[Row], titles: list[str], layout: Layout) -> None:
        super().__init__()
        self.rows, self.titles, self.layout = rows, titles, layout
        self.number = layout.header
        self._places = {title: place for place, title in enumerate(titles)}
        keys = (layout.time, layout.hour, layout.station, layout.name, layout.unit, layout.mark)
        self._keys = [title for title in keys if title]
        self._zone = ZoneInfo(layout.zone)
        self._shift = layout.shift
        self._walkers: dict[str, Callable[[Row, datetime], Iterator[Observed]]] = {
            "long": self._long,
            "wide": self._wide,
            "hours": self._hours,
        }
        wanted = [(title, column) for title, column in layout.columns.items() if title in self._places]
        self._columns = [(self._places[title], column) for title, column in wanted if column.name]
        self._hour_columns = [(self._places[title], column) for title, column in wanted if column.hour is not None]

    def walk(self) -> Iterator[Observed]:
        """Every observation in turn; what is wrong with a row or a cell goes to `faults` and takes nothing with it."""
        walker, empty = self._walkers[self.layout.shape], True
        try:
            for row in self.rows:
                self.number += 1
                if self.number < self.layout.first or not any(word(cell) for cell in row):
                    continue
                empty = False
                if len(row) < len(self.titles):
                    short = f"row {self.number}: found {len(row)} cells, expected {len(self.titles)}"
                    self.faults.append(("ShortRow", short))
                at = self._time(row) if self._is_saved(row) else None
                if at is not None:
                    yield from walker(row, at)
        except BrokenOff as error:
            self.faults.append(("BrokenOff", f"row {self.number + 1}: {error}"))
        if empty and not self.faults:
            self.faults.append(("NoRows", "found no row below the header, expected at least one"))

    def _cell(self, row: Row, title: str) -> Cell:
        place = self._places.get(title, -1)
        return row[place] if 0 <= place < len(row) else None

    def _where(self, place: int) -> str:
        title = self.titles[place] if place < len(self.titles) else ""
        return f"{get_column_letter(place + 1)}{self.number} ({title})"

    def _fault(self, fault: str, title: str, detail: object) -> None:
        self.faults.append((fault, f"{self._where(self._places[title])}: {detail}"))

    def _is_saved(self, row: Row) -> bool:
        """Whether the cells that say what the row is about hold values, and no formulas without them."""
        bare = [title for title in self._keys if isinstance(self._cell(row, title), Formula)]
        for title in bare:
            self._fault("FormulaWithoutValue", title, NO_VALUE)
        return not bare

    def _time(self, row: Row) -> datetime | None:
        layout = self.layout
        title = layout.time
        try:
            found = moment(self._cell(row, title), layout.form)
            if layout.hour:
                title = layout.hour
                found = found.replace(hour=0, minute=0, second=0) + hour_of_day(self._cell(row, title))
        except (BadMoment, OverflowError) as error:
            self._fault("BadTime", title, error)
            return None
        if not date.min.year < found.year < date.max.year:  # a zone or an hour column would lead out of the calendar
            self._fault("BadTime", title, f"found year {found.year}, expected one in which anything is measured")
            return None
        return found

    def _instant(self, local: datetime) -> datetime:
        aware = local if local.tzinfo else local.replace(tzinfo=self._zone)
        return aware.astimezone(UTC) - self._shift

    def _station(self, row: Row) -> str | None:
        """The code of the row's station; empty where names say it themselves, None where it is left out."""
        if not self.layout.station:
            return self.layout.at
        given = word(self._cell(row, self.layout.station))
        code = self.layout.stations.get(given, given)
        if not given:
            self._fault("BadStation", self.layout.station, "found nothing, expected a station")
        return code or None

    def _long(self, row: Row, at: datetime) -> Iterator[Observed]:
        given = word(self._cell(row, self.layout.name))
        if not given:
            self._fault("BadName", self.layout.name, "found nothing, expected a name")
            return
        column = self.layout.columns.get(given, Column(name=given))
        unit = word(self._cell(row, self.layout.unit)) if self.layout.unit else ""
        station = self._station(row)
        if column.name and station is not None:
            meant = Column(column.name, unit or column.unit)
            yield from self._observed(row, (self._places[self.layout.value], meant), station, self._instant(at))

    def _wide(self, row: Row, at: datetime) -> Iterator[Observed]:
        station = self._station(row)
        if station is None:
            return
        instant = self._instant(at)
        for place_and_column in self._columns:
            yield from self._observed(row, place_and_column, station, instant)

    def _hours(self, row: Row, at: datetime) -> Iterator[Observed]:
        station = self._station(row)
        given = word(self._cell(row, self.layout.name)) if self.layout.name else EVERY_ROW
        named = self.layout.columns.get(given, Column(name=given if given != EVERY_ROW else ""))
        if station is None or not named.name:
            return
        day = at.replace(hour=0, minute=0, second=0)
        for place, column in self._hour_columns:
            meant = Column(named.name, named.unit or column.unit, column.mark)
            instant = self._instant(day + timedelta(hours=column.hour or 0))
            yield from self._observed(row, (place, meant), station, instant)

    def _observed(self, row: Row, cell: tuple[int, Column], station: str, at: datetime) -> Iterator[Observed]:
        place, column = cell
        mark_title = column.mark or self.layout.mark
        try:
            found = amount(row[place] if place < len(row) else None, self.layout.writing)
            mark = mark_of(self._cell(row, mark_title), self.layout.marks) if mark_title else ""
        except BadAmount as error:
            bare = place < len(row) and isinstance(row[place], Formula)
            self.faults.append(("FormulaWithoutValue" if bare else "BadCell", f"{self._where(place)}: {error}"))
            return
        value = found.value if found.below is None else self._below(place, found)
        letter = mark or found.mark
        if value is None and (not letter or letter == Mark.NORMAL):
            return
        name = f"{station}/{column.name}" if station else column.name
        yield Observed(
            name,
            at,
            value,
            mark=letter or Mark.NORMAL.value,
            kind=self.layout.period,
            unit=column.unit,
            where=self._where(place),
        )

    def _below(self, place: int, found: Amount) -> float | None:
        """What stands for a value below the limit of detection; it is noted either way."""
        limit = found.below or 0.0
        taken = limit / 2 if self.layout.below == "half" else None
        said = f"taken as half of it, {taken:g}" if taken is not None else "taken as missing"
        self.faults.append(("BelowDetection", f"{self._where(place)}: found a value below {limit:g}, {said}"))
        return taken


def head_of(raw: bytes, sheet: str, count: int) -> list[Row]:
    """The first rows of a file.

    Raises
    ------
    BadPayload
        It cannot be read.
    """
    found: list[Row] = []
    rows: Iterator[Row] = rows_of(raw, sheet)
    try:
        for row in rows:
            found.append(row)
            if len(found) == count:
                break
    except BrokenOff as error:
        raise BadPayload(str(error)) from error
    return found


def column_of(rows: Sequence[Row], place: int) -> list[Cell]:
    """One column of some rows, blank where a row is short."""
    return [row[place] if place < len(row) else None for row in rows]
