"""Reading a table before it is taken in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from qingyuan.sensing.connector import CONNECTORS, BadPayload, Observed
from qingyuan.sensing.tables.guessing import SCANNED, Guess, guess, look_again
from qingyuan.sensing.tables.layout import Layout, layout_of
from qingyuan.sensing.tables.reading import Table, head_of, open_table
from qingyuan.sensing.tables.sheets import BrokenOff, Row, rows_of, sheets_of

PREVIEWED_ROWS = 20


CHECKED_ROWS = 20_000


@dataclass
class TableLine:
    """One row of a table as it is read: its number, when it holds, and what it says by name."""

    number: int
    at: datetime
    said: dict[str, Observed] = field(default_factory=dict)


@dataclass
class TablePreview:
    """A table as it would be read: its first rows, and what is wrong in the rows that were looked at.

    `whole` says whether all rows were looked at; `observed` counts the observations in them.
    """

    titles: list[str]
    names: list[str] = field(default_factory=list)
    lines: list[TableLine] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)
    rows: int = 0
    observed: int = 0
    whole: bool = True


def guess_table(raw: bytes, sheet: str = "", said: Mapping[str, str] | None = None) -> Guess:
    """What the titles and first rows of a table suggest about its layout.

    Parameters
    ----------
    raw : bytes
        A CSV file or an Excel workbook.
    sheet : str
        The sheet of a workbook; the first when empty.
    said : mapping of str to str, optional
        Settings that a person gave already; then only what is measured and where is looked for.

    Returns
    -------
    Guess

    Raises
    ------
    BadPayload
        The file is no table that can be read.
    BadInput
        What was said is wrong.
    """
    rows = head_of(raw, sheet, SCANNED)
    return guess(rows) if said is None else look_again(rows, _layout(said))


def table_sheets(raw: bytes) -> list[str]:
    """The sheets of a workbook.

    Parameters
    ----------
    raw : bytes

    Returns
    -------
    list of str
        None for a CSV file.

    Raises
    ------
    BadPayload
        The workbook cannot be opened.
    """
    return sheets_of(raw)


def table_rows(raw: bytes, sheet: str = "") -> list[Row]:
    """All rows of a small table, blank ones included, so that the first has number 1.

    Parameters
    ----------
    raw : bytes
        A CSV file or an Excel workbook.
    sheet : str
        The sheet of a workbook; the first when empty.

    Returns
    -------
    list of sequence of cells

    Raises
    ------
    BadPayload
        It cannot be read to its end.
    """
    try:
        return list(rows_of(raw, sheet))
    except BrokenOff as error:
        raise BadPayload(str(error)) from error


def table_titles(raw: bytes, settings: Mapping[str, str]) -> list[str]:
    """The titles of the columns of a table.

    Parameters
    ----------
    raw : bytes
    settings : mapping of str to str
        As of the connector of tables.

    Returns
    -------
    list of str

    Raises
    ------
    BadPayload
        The file cannot be read, or lacks a column that the settings name.
    BadInput
        The settings are wrong.
    """
    return _table(raw, settings).titles


def preview_table(raw: bytes, settings: Mapping[str, str]) -> TablePreview:
    """Read the beginning of a table without storing anything.

    Parameters
    ----------
    raw : bytes
    settings : mapping of str to str
        As of the connector of tables.

    Returns
    -------
    TablePreview
        The first 20 rows that say something; the faults of the first 20,000.

    Raises
    ------
    BadPayload
        The file cannot be read, or lacks a column that the settings name.
    BadInput
        The settings are wrong.
    """
    table = _table(raw, settings)
    preview = TablePreview(table.titles, faults=table.faults)
    for observed in table.walk():
        preview.observed += 1
        _show(preview, table, observed)
        if table.number - table.layout.header >= CHECKED_ROWS:
            preview.whole = False
            break
    preview.rows = table.number - table.layout.first + 1
    return preview


def _table(raw: bytes, settings: Mapping[str, str]) -> Table:
    return open_table(raw, _layout(settings))


def _layout(settings: Mapping[str, str]) -> Layout:
    return layout_of(CONNECTORS.get("table").checked(settings))


def _show(preview: TablePreview, table: Table, observed: Observed) -> None:
    last = preview.lines[-1] if preview.lines else None
    if last is None or last.number != table.number:
        if len(preview.lines) == PREVIEWED_ROWS:
            return
        last = TableLine(table.number, observed.at)
        preview.lines.append(last)
    if observed.name not in preview.names:
        preview.names.append(observed.name)
    last.said[observed.name] = observed
