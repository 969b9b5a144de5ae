"""Rows out of the bytes of a CSV or Excel file, one at a time."""

import csv
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import chain, islice

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from qingyuan.sensing.errors import BadPayload
from qingyuan.sensing.tables.workbooks import OutOfOrder, rows_in

Cell = str | int | float | bool | datetime | date | time | timedelta | None
Row = Sequence[Cell]

MOST_BYTES = 50 * 1024 * 1024
MOST_CELLS = 1_000_000
MOST_UNPACKED = 1024 * 1024 * 1024  # an .xlsx of 50 MB unpacks to about half of this
DELIMITERS = (",", ";", "\t")
SAMPLED_LINES = 20
_PIECE = 1 << 16  # letters of which lines are made at once
_ZIP, _OLD_EXCEL = b"PK", b"\xd0\xcf\x11\xe0"
_CONTROLS = bytes({*range(0x20)} - {*range(0x09, 0x0E), 0x1B})  # no writer of tables puts these into a text
_END = "\0"  # a line that stands in no text: whoever reads it inside a cell has passed a mark that was never closed
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
# what openpyxl, zipfile and the XML parser raise on a damaged workbook
_BROKEN = (
    zipfile.BadZipFile, zlib.error, InvalidFileException, ValueError, LookupError, TypeError, AttributeError, OSError,
    EOFError, SyntaxError, RuntimeError, AssertionError, OverflowError,
)  # fmt: skip


class BrokenOff(Exception):
    """A file that began well cannot be read further."""


def is_workbook(raw: bytes) -> bool:
    """Whether the bytes are an Excel workbook (.xlsx)."""
    return raw.startswith(_ZIP)


def sheets_of(raw: bytes) -> list[str]:
    """The names of the sheets; none where the file is no workbook.

    Raises
    ------
    BadPayload
        The workbook cannot be opened.
    """
    if not is_workbook(raw):
        return []
    try:
        return list(_workbook(raw).sheetnames)
    except _BROKEN as error:
        raise _no_workbook(error) from error


class Separated:
    """A text with separators, decoded once, however often it is asked for its head or its rows."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    @cached_property
    def _decoded(self) -> tuple[str, str]:
        return _decoded(self.raw)

    @property
    def text(self) -> str:
        """Its letters, without a mark of their order."""
        return self._decoded[0]

    @property
    def in_utf8(self) -> bytes:
        """The same in UTF-8: its own bytes, where they are that already."""
        text, encoding = self._decoded
        return self.raw if encoding == "utf-8" else text.encode()

    @cached_property
    def delimiter(self) -> str:
        """What stands between its cells."""
        return _delimiter(self.text)

    def rows(self) -> Iterator[Row]:
        """Its rows; no more of the text is cut into lines than is walked."""
        return _csv_rows(csv.reader(chain(_lines_of(self.text, newline=""), [_END]), delimiter=self.delimiter))


def rows_of(
    raw: bytes | Separated, sheet: str = "", *, most_bytes: int | None = None, most_cells: int | None = None
) -> Iterator[Row]:
    """The rows of a file, blank ones included, so that the first has number 1.

    Raises
    ------
    BadPayload
        It is empty, too large, neither CSV nor .xlsx, or has no such sheet.
    BrokenOff
        It cannot be read further; raised while walking.
    """
    separated = raw if isinstance(raw, Separated) else Separated(raw)
    raw = separated.raw
    if not raw:
        raise BadPayload("found an empty file, expected a table")
    if len(raw) > (most := MOST_BYTES if most_bytes is None else most_bytes):
        raise BadPayload(f"found {len(raw):,} bytes, expected at most {most:,}")
    if raw.startswith(_OLD_EXCEL):
        raise BadPayload("found an Excel file of the old form (.xls), expected .xlsx or CSV")
    found = _of_workbook(raw, sheet) if is_workbook(raw) else separated.rows()
    return _counted(found, MOST_CELLS if most_cells is None else most_cells)


def below_head(separated: Separated, header: int) -> tuple[bytes, str] | None:
    """What stands below the head of a text with separators, in UTF-8, and the separator; None of a workbook, and where
    lines do not end as usual.
    """
    raw = separated.raw
    if is_workbook(raw) or raw.startswith(_OLD_EXCEL):
        return None
    text, delimiter = separated.text, separated.delimiter
    reader = csv.reader(_lines_of(text, newline=""), delimiter=delimiter)
    for _row in islice(reader, header):
        pass
    body = separated.in_utf8
    if b"\r" in body and body.count(b"\r") != body.count(b"\r\n"):
        return None
    place = 0
    for _line in range(reader.line_num):
        place = body.find(b"\n", place) + 1
        if not place:
            return b"", delimiter
    return body[place:], delimiter


def _lines_of(text: str, newline: str) -> Iterator[str]:
    """The lines of a text, with what ends them; `newline` as of `io.StringIO`."""
    place = 0
    while place < len(text):
        end = text.find("\n", place + _PIECE) + 1 or len(text)
        yield from io.StringIO(text[place:end], newline=newline)
        place = end


def _counted(rows: Iterator[Row], most: int) -> Iterator[Row]:
    cells = 0
    for row in rows:
        cells += len(row)
        if cells > most:
            raise BrokenOff(f"found more than {most:,} cells, expected fewer; import the rest as another file")
        yield row


def _csv_rows(reader: Iterator[list[str]]) -> Iterator[Row]:
    try:
        for row in reader:
            if row == [_END]:
                return
            if row and row[-1].endswith(_END):
                raise BrokenOff(
                    "found a quotation mark that is never closed, expected its end; what follows it was not read"
                )
            yield row
    except csv.Error as error:
        raise BrokenOff(f"found a line that is no CSV ({error}), expected cells between separators") from error


def _decoded(raw: bytes) -> tuple[str, str]:
    """The letters of a text, and in what they were written."""
    encodings = [encoding for bom, encoding in _BOMS if raw.startswith(bom)] or ["utf-8", "gb18030"]
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _holds_controls(raw if encoding != "utf-16" else text.encode()):
            return text, encoding
    raise BadPayload("found bytes that are no text in UTF-8 or GB 18030, expected CSV or .xlsx")


def _holds_controls(raw: bytes) -> bool:
    """Whether bytes below 32 stand there that mean nothing in a text; none is part of a longer letter."""
    return len(raw.translate(None, _CONTROLS)) < len(raw)


def _delimiter(text: str) -> str:
    """The delimiter by which most of the first lines have the same number of cells."""
    lines = [line for line in islice(_lines_of(text, newline="\n"), SAMPLED_LINES) if line.strip()]

    def regularity(delimiter: str) -> tuple[int, int]:
        try:
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if len(row) > 1)
        except csv.Error:
            return (0, 0)
        return max(((count, width) for width, count in widths.items()), default=(0, 0))

    return max(DELIMITERS, key=regularity)


def _of_workbook(raw: bytes, sheet: str) -> Iterator[Row]:
    try:
        book = _workbook(raw)
        names = list(book.sheetnames)
        if sheet and sheet not in names:
            raise BadPayload(f"found no sheet {sheet!r}, expected one of: {', '.join(names)}")
        found = book[sheet or names[0]]
        found.reset_dimensions()  # what a file says of its own size is often wrong
        rows = rows_in(found)
    except _BROKEN as error:
        raise _no_workbook(error) from error
    return _sheet_rows(rows)


def _sheet_rows(rows: Iterator[tuple[Cell, ...]]) -> Iterator[Row]:
    try:
        yield from rows
    except OutOfOrder as error:
        raise BrokenOff(str(error)) from error
    except _BROKEN as error:
        raise BrokenOff(f"found a damaged workbook ({type(error).__name__}: {error})") from error


def _workbook(raw: bytes):  # type: ignore[no-untyped-def]
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > MOST_UNPACKED:
        raise BadPayload(f"found a workbook of {unpacked:,} bytes unpacked, expected at most {MOST_UNPACKED:,}")
    return load_workbook(io.BytesIO(raw), read_only=True, data_only=True)


def _no_workbook(error: Exception) -> BadPayload:
    return BadPayload(f"found no workbook that can be opened ({type(error).__name__}: {error}), expected .xlsx or CSV")
