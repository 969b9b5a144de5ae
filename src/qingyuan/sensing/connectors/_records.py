"""Lists of other departments as they come: a table with titles, or JSON with one object a record."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from qingyuan.sensing.connector import BadPayload, Delivered, Payload, Plain, Read, Setting
from qingyuan.sensing.connectors import _values as values
from qingyuan.sensing.connectors._documents import load_json
from qingyuan.sensing.tables.cells import word
from qingyuan.sensing.tables.sheets import BrokenOff, Cell, Row, Separated, below_head, rows_of
from qingyuan_science.plugins import Text

FORM = "records"
MOST_BYTES = 64 * 1024 * 1024
MOST_CELLS = 40_000_000  # of a file of that size with short cells
HIGHEST_HEADER = 100


def _said(text: str) -> dict[str, str]:
    try:
        found = json.loads(text or "{}")
    except ValueError as error:
        raise ValueError(f"found no JSON ({error}), expected column codes with titles of the file") from error
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise ValueError(f"found {text[:60]!r}, expected column codes with titles of the file")
    return found


def _header(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= HIGHEST_HEADER:
        raise ValueError(f"found {text!r}, expected a whole number from 1 to {HIGHEST_HEADER}")
    return int(text)


LIST = Setting(
    "records",
    Text("数据清单编码", "Code of the data list"),
    Text("送来的是哪一份数据清单，如 electricity。", "Which data list is delivered, such as electricity."),
)
COLUMNS = Setting(
    "titles",
    Text("各列在文件中的标题", "Titles of the columns in the file"),
    Text(
        '与清单所列名称不同时：{"plate": "车牌"}；“-” 表示文件中没有该列。',
        'Where they differ from those of the list: {"plate": "number plate"}; “-” where the file has no such column.',
    ),
    default="{}",
    check=_said,
)
SHEET = Setting(
    "sheet", Text("工作表", "Sheet"), Text("Excel 文件的工作表；空为第一个。", "Of a workbook; the first when empty.")
)
HEADER = Setting(
    "header",
    Text("标题行", "Header row"),
    Text("标题所在的行。", "Where the titles stand."),
    default="1",
    check=_header,
)
RECORD_FIELDS = (LIST, COLUMNS, SHEET, HEADER)


def read_records(payload: Payload, settings: Mapping[str, str], items: str = "") -> Read:
    """What a payload says; `items` is where in a JSON document the list of records stands.

    Raises
    ------
    BadPayload
        No list is named, or the payload is neither a table nor JSON with objects.
    """
    if not settings[LIST.name]:
        raise BadPayload("found no code of a data list, expected one in the settings of the feed")
    is_json = payload.raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))
    table = Separated(payload.raw)
    titles, rows = _of_json(payload.raw, items) if is_json else _of_table(table, settings)
    if not titles:
        raise BadPayload("found no titles of columns, expected a head, or objects with names")
    said = _said(settings[COLUMNS.name])
    plain = None if is_json else partial(_plain, table, _header(settings[HEADER.name]))
    return Read(records=Delivered(settings[LIST.name], titles, said, rows, plain))


Rows = Iterator[tuple[int, Sequence[Cell]]]


def _of_table(table: Separated, settings: Mapping[str, str]) -> tuple[tuple[str, ...], Rows]:
    rows = rows_of(table, settings[SHEET.name], most_bytes=MOST_BYTES, most_cells=MOST_CELLS)
    header = _header(settings[HEADER.name])
    head: Row = ()
    try:
        for number in range(1, header + 1):
            head = next(rows, ())
            if not head and number == header:
                raise BadPayload(f"found no row {header}, expected the titles of the columns there")
    except BrokenOff as error:
        raise BadPayload(str(error)) from error
    return tuple(word(cell) for cell in head), _numbered(rows, header)


def _plain(table: Separated, header: int) -> Plain | None:
    found = below_head(table, header)
    return Plain(*found, header + 1) if found else None


def _numbered(rows: Iterator[Row], header: int) -> Rows:
    for number, row in enumerate(rows, header + 1):
        if any(cell not in (None, "") for cell in row):
            yield number, row


def _of_json(raw: bytes, items: str) -> tuple[tuple[str, ...], Rows]:
    document = load_json(raw, "a list of records, or an object with a list named records")
    path = items or ("records" if isinstance(document, dict) and "records" in document else "")
    try:
        found = values.at(document, path) if path else document
    except ValueError as error:
        raise BadPayload(f"list: {error}") from error
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise BadPayload(f"found {values.shown(found)}, expected a list of objects")
    titles = tuple(dict.fromkeys(name for one in found for name in one))
    return titles, ((number, [_cell(one.get(name)) for name in titles]) for number, one in enumerate(found, 1))


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, str | int | float):
        return value
    return json.dumps(value, ensure_ascii=False)
