"""The cells of an Excel workbook with the values that it was saved with."""

from collections.abc import Iterator
from typing import Any

from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

EMPTY_TEXT = "str"  # type of a formula whose value is a text; such a text may be empty
NO_VALUE = "found a formula without a value, expected a value; save the file once in a spreadsheet program"


class Formula(str):
    """A formula that was saved without its value: by a program that computes none."""

    __slots__ = ()


class _Cells(WorkSheetParser):
    """Tells a formula without a value from an empty cell, which the library does not."""

    def parse_cell(self, element: Any) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        if cell["value"] is None and cell["data_type"] != EMPTY_TEXT and element.find(FORMULA_TAG) is not None:
            cell["value"] = Formula("=" + (element.findtext(FORMULA_TAG) or ""))
        return cell


def rows_in(sheet: Any) -> Iterator[tuple[Any, ...]]:
    """The rows of a sheet of a workbook that was opened for reading only, blank ones included."""
    book = sheet.parent
    with sheet._get_source() as source:
        cells = _Cells(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        number = 1
        for place, row in cells.parse():
            for _blank in range(number, place):
                yield ()
            if place >= number:
                yield sheet._get_row(row, values_only=True)
            number = max(number, place + 1)
