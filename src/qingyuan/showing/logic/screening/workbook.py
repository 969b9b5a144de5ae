"""What a run listed, as a workbook: the list, the evidence, and how it was run."""

import re
from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from qingyuan.judging.queries import ScreeningRun
from qingyuan.kit.clock import SHANGHAI
from qingyuan.showing.logic.screening.becoming import RowWords
from qingyuan.showing.logic.screening.words import (
    condition_words,
    head_words,
    needed_words,
    scope_words,
    subject_words,
    told,
)

WIDEST = 60
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # what a workbook cannot hold


def workbook(run: ScreeningRun, rows: Sequence[RowWords], address: Callable[[str], str]) -> bytes:
    """The three sheets; `address` makes the address of a page one that can be opened from anywhere."""
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)  # noqa: S101 a new workbook has one sheet of cells
    first.title = _("List")
    _fill(first, _list_head(run), (_list_row(one) for one in rows))
    shown = book.create_sheet(_("Evidence"))
    head = [_("Rank"), subject_words(run.definition), _("Fact"), _("In words"), _("What shows it"), _("Address")]
    _fill(shown, head, (line for one in rows for line in _evidence(one, address)))
    _fill(book.create_sheet(_("How it was run")), [_("Item"), _("What")], _about(run, len(rows), address))
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()


def _list_head(run: ScreeningRun) -> list[str]:
    numbers = [head_words(one) for one in run.definition["conditions"]]
    return [_("Rank"), subject_words(run.definition), _("Code"), _("Grid cell"), *numbers, _("Conditions met"),
            _("Beyond the thresholds"), _("Clue"), _("Case"), _("Outcome")]  # fmt: skip


def _list_row(one: RowWords) -> list[Any]:
    row = one.row
    return [
        row.rank, row.subject.title, row.subject.code, row.within.title,
        *(answer["value"] for answer in one.answers), row.met, round(row.beyond, 3),
        one.clue.pk if one.clue else None, one.case.number if one.case else None,
        one.outcome.words if one.outcome else None,
    ]  # fmt: skip


def _evidence(one: RowWords, address: Callable[[str], str]) -> Iterable[list[Any]]:
    who = [one.row.rank, one.row.subject.title]
    for answer in one.answers:
        said = [answer["title"], answer["sentence"]]
        for link in answer["links"] or [{"title": None, "href": ""}]:
            yield [*who, *said, link["title"], address(link["href"]) if link["href"] else None]


def _about(run: ScreeningRun, listed: int, address: Callable[[str], str]) -> Iterable[list[Any]]:
    given = run.definition
    yield [_("Screening"), told(given, "title")]
    yield [_("What is looked at"), scope_words(given)]
    for place, one in enumerate(given["conditions"], 1):
        yield [_("Condition %(number)d") % {"number": place}, condition_words(one)]
    yield [_("Conditions that must be met"), needed_words(given["needed"], len(given["conditions"]))]
    yield [_("Order"), _(
        "By conditions met; then by how far numbers lie beyond their thresholds, as a share of the larger of the two,"
        " added up over the conditions met; then by code."
    )]  # fmt: skip
    yield [_("Data from"), _time(run.span_start)]
    yield [_("Data before"), _time(run.span_end)]
    yield [_("Run by"), run.ran_by.name if run.ran_by else _("the timer")]
    yield [_("Run at, data as known then"), _time(run.known_at or run.started_at)]
    yield [_("Looked at"), run.looked_at]
    yield [_("In this list"), listed]
    yield [_("With a number that is not known"), run.unknown]
    for program, version in run.versions.items():
        yield [_("Version of %(program)s") % {"program": program}, version]
    yield [_("Address"), address(reverse("screened", kwargs={"run_id": run.pk}))]


def _time(at: Any) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M} (UTC+8)"


def _fill(sheet: Worksheet, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    widths = [len(one) for one in head]
    for line, values in enumerate([head, *rows], 1):
        for column, value in enumerate(values, 1):
            _put(sheet.cell(line, column), value)
            widths[column - 1] = max(widths[column - 1], len(str(value or "")))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    for place, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(place)].width = min(max(width * 1.4, 8), WIDEST)
    sheet.freeze_panes = "A2"


def _put(cell: Cell | Any, value: Any) -> None:
    """A number stays a number; a text stays a text whatever it begins with, so that nothing in it is computed."""
    if value is None or isinstance(value, int | float):
        cell.value = value
        if isinstance(value, float):
            cell.number_format = "#,##0.0##"  # shown as on the page; the cell keeps every digit
        return
    cell.value = _CONTROL.sub("", str(value))
    cell.data_type, cell.number_format, cell.quotePrefix = "s", "@", True
