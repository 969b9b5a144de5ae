"""Tables of rules, each with the document, clause, days of validity and degree of verification that it comes with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.errors import BrokenTable, NoEdition
from qingyuan_science.standards.reading import Status, read_table

_OF_EDITION = ("document", "title", "valid_from")
_OF_TABLE = ("holds", "clause", "unit", "status", "rows")
_DEGREES: Final[dict[Status, str | Text]] = {
    Status.VERIFIED: "",
    Status.VERIFIED_SECONDARY: Text("据二手资料", "read at second hand"),
    Status.PARTLY: Text("部分核对原文", "partly checked against the text"),
    Status.UNVERIFIED: Text("未核对原文", "not checked against the text"),
}


@dataclass(frozen=True)
class SourcedTable:
    """One table of one edition.

    Parameters
    ----------
    key, document : str
        Short name of the edition, and number of the document with its year.
    title : Text
        Name of the document.
    clause : Text
        Table or clause.
    unit : str
        Unit of the figures, or units by item.
    status : Status
        How far the rows were checked.
    valid_from, valid_to : datetime.date
        First and last day in force; ``valid_to`` is None while there is no successor.
    rows : tuple of dict
        The rows as printed.
    more : dict
        What the edition and the table say beside that.
    """

    key: str
    document: str
    title: Text
    clause: Text
    unit: str
    status: Status
    valid_from: date
    valid_to: date | None
    rows: tuple[dict[str, Any], ...]
    more: dict[str, Any]

    def in_force(self, on: date) -> bool:
        """Tell whether the table holds on a day.

        Parameters
        ----------
        on : datetime.date
            Day of the data in China.

        Returns
        -------
        bool
            Whether the day lies between the first and the last day in force, both included.
        """
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    @property
    def source(self) -> Source:
        """Document and clause with their days in force, and a note where the rows are not checked against the text."""
        return source_of(self.document, self.clause, self.status, (self.valid_from, self.valid_to))


def source_of(
    document: str, clause: Text, status: Status, in_force: tuple[date | None, date | None] = (None, None)
) -> Source:
    """Name a clause in both languages, with how far it was checked.

    Parameters
    ----------
    document : str
        Number of the document.
    clause : Text
        Table or clause.
    status : Status
        How far it was checked.
    in_force : tuple of datetime.date or None
        First and last day in force, each None where it is not known or has no end yet.

    Returns
    -------
    Source
        What an answer names.

    Examples
    --------
    >>> source_of("GB 3838-2002", Text("表1", "Table 1"), Status.VERIFIED).clause
    Text(zh='表1', en='Table 1')
    """
    return Source(document, clause, _DEGREES[status], *in_force, status.value)


def row_source(table: SourcedTable, row: Mapping[str, Any]) -> Source:
    """Name the clause of one row, which may stand in another document or be less checked than its table.

    Another document has no days here: those of the table are not its own.

    Parameters
    ----------
    table : SourcedTable
    row : mapping
        One of its rows.

    Returns
    -------
    Source
    """
    clause = Text(*row["clause"]) if "clause" in row else table.clause
    document = row.get("document", table.document)
    ends = row.get("valid_from", table.valid_from), row.get("valid_to", table.valid_to)
    in_force = ends if document == table.document else (row.get("valid_from"), row.get("valid_to"))
    return source_of(document, clause, Status(row.get("status", table.status)), in_force)


@cache
def tables_of(name: str, holds: str) -> tuple[SourcedTable, ...]:
    """List the tables of a file that hold one thing, earliest edition first.

    Parameters
    ----------
    name : str
        Path of the file below the tables, without its ending.
    holds : str
        What the tables hold, for example ``breakpoints``.

    Returns
    -------
    tuple of SourcedTable

    Raises
    ------
    BrokenTable
        An entry lacks its document, clause, days, unit or degree of verification.
    """
    data = read_table(name)
    check_sourced(data, name)
    return tuple(
        _table(edition, table) for edition in data["edition"] for table in edition["table"] if table["holds"] == holds
    )


def table_on(name: str, holds: str, on: date) -> SourcedTable:
    """Return the table in force on a day.

    Parameters
    ----------
    name, holds : str
        As in `tables_of`.
    on : datetime.date
        Day of the data in China.

    Returns
    -------
    SourcedTable

    Raises
    ------
    NoEdition
        No edition holds on that day; says from when on one does.
    """
    tables = tables_of(name, holds)
    for table in tables:
        if table.in_force(on):
            return table
    first = min((table.valid_from for table in tables), default=None)
    raise NoEdition(f"{name} {holds}: found {on}, expected a day from {first} on")


def check_sourced(data: dict[str, Any], name: str) -> None:
    """Refuse a file in which an entry does not say where it comes from.

    Parameters
    ----------
    data : dict
        The file, as `read_table` gives it.
    name : str
        Its name, for the message.

    Raises
    ------
    BrokenTable
        Says which entry lacks what.
    """
    for edition in data.get("edition", []):
        _require(edition, _OF_EDITION, f"{name}: edition {edition.get('key', '?')}")
        for table in edition.get("table", []):
            _require(table, _OF_TABLE, f"{name}: {edition['document']} {table.get('holds', '?')}")
            Status(table["status"])


def _require(entry: dict[str, Any], wanted: tuple[str, ...], where: str) -> None:
    lacking = [key for key in wanted if not entry.get(key)]
    if lacking:
        raise BrokenTable(f"{where}: found nothing for {', '.join(lacking)}, expected every entry to say it")


def _table(edition: dict[str, Any], table: dict[str, Any]) -> SourcedTable:
    return SourcedTable(
        key=edition["key"],
        document=edition["document"],
        title=Text(*edition["title"]),
        clause=Text(*table["clause"]),
        unit=table["unit"],
        status=Status(table["status"]),
        valid_from=edition["valid_from"],
        valid_to=edition.get("valid_to"),
        rows=tuple(table["rows"]),
        more={key: value for key, value in {**edition, **table}.items() if key != "table"},
    )
