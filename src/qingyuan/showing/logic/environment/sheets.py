"""A table of figures to take away: as CSV, as Excel, and as JSON for programs."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from qingyuan.kit.errors import BadInput
from qingyuan.showing.logic.spreadsheets import not_computed
from qingyuan_science.plugins import Source

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Sheet:
    """Rows under heads; `keys` name the columns for programs."""

    name: str
    keys: Sequence[str]
    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]
    about: dict[str, Any] = field(default_factory=dict)
    clauses: Sequence[Source] = ()

    def taken_as(self, form: str) -> HttpResponse:
        """The file in the form that the address asks for, CSV without one."""
        written = {"": self.as_csv, "csv": self.as_csv, "xlsx": self.as_excel}.get(form)
        if written is None:
            raise BadInput(_("Found form “%(found)s”, expected csv or xlsx.") % {"found": form[:20]}, "form")
        return written()

    def as_csv(self) -> HttpResponse:
        """A file for a spreadsheet; the mark at its head lets Excel read it as UTF-8."""
        answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
        answer.headers["Content-Disposition"] = f'attachment; filename="{self.name}.csv"'
        writer = csv.writer(answer)
        writer.writerow(self.heads)
        writer.writerows([not_computed(_plain(value)) for value in row] for row in self.rows)
        return answer

    def as_excel(self) -> HttpResponse:
        """A workbook of two sheets: the figures, and the clauses by which they were made."""
        from openpyxl import Workbook  # not loaded by every page

        book = Workbook(write_only=True)
        sheet = book.create_sheet(_("Figures"))
        sheet.append(list(self.heads))
        for row in self.rows:
            sheet.append([not_computed(_plain(value)) for value in row])
        clauses = book.create_sheet(_("Clauses applied"))
        for clause in self.clauses:
            clauses.append([clause.document, clause.clause, clause.note])
        file = BytesIO()
        book.save(file)
        answer = HttpResponse(file.getvalue(), content_type=EXCEL)
        answer.headers["Content-Disposition"] = f'attachment; filename="{self.name}.xlsx"'
        return answer

    def as_json(self) -> JsonResponse:
        """The same for programs."""
        rows = [dict(zip(self.keys, map(_plain, row), strict=True)) for row in self.rows]
        clauses = [{"document": one.document, "clause": one.clause, "note": one.note} for one in self.clauses]
        return JsonResponse({**self.about, "rows": rows, "clauses": clauses})


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value.isoformat() if isinstance(value, date) else value
