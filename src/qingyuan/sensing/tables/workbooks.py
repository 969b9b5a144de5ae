"""The cells of an Excel workbook with the values that it was saved with."""

from collections.abc import Iterator
from typing import Any

from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

EMPTY_TEXT = "str"  # type of a formula whose value is a text; such a text may be empty
NO_VALUE = "found a formula without a value, expected a value; save the file once in a spreadsheet program"


MOST_ROWS = 1_048_576  # of a sheet


class OutOfOrder(ValueError):
    """A row stands where no spreadsheet program writes it, so that it is not known which row it is."""


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
    """The rows of a sheet of a workbook that was opened for reading only, blank ones included.

    Raises
    ------
    OutOfOrder
        A row does not come after the one before it, or is beyond the last row that a sheet can have.
    """
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
        last = 0
        for place, row in cells.parse():
            if not last < place <= MOST_ROWS:
                raise OutOfOrder(f"found row {place} after row {last}, expected a later one, at most {MOST_ROWS}")
            for _blank in range(last + 1, place):
                yield ()
            yield sheet._get_row(row, values_only=True)
            last = place
